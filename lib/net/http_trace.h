/* What -v and -vv show of a request. */
#ifndef PAAS_NET_HTTP_TRACE_H
#define PAAS_NET_HTTP_TRACE_H

struct transfer;

/* After each try:
 *	paas api kubernetes GET '/api/v1/pods?limit=500'  # dev, 200, 12 ms, 3412 bytes
 * one can paste it; requests to no known system begin with their method. */
void http_trace_try(const struct transfer *transfer);

#endif

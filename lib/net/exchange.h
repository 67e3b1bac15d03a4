/* A request with its tries and redirects, for http_send and http_stream_open.  For lib/net only. */
#ifndef PAAS_NET_EXCHANGE_H
#define PAAS_NET_EXCHANGE_H

#include "net/transfer.h"

/* Runs until one transfer settles it, which is left in *ret: done, or with `is_stream` at its
 * headers (done when its status is 400 or more).  The caller releases *ret, also on failure; it
 * must stay where it is.  *request is changed by redirects. */
bool exchange_run(struct http *http, struct http_request *request, bool is_stream, struct arena *arena,
                  struct transfer *ret, struct error *err) must_use;
/* Status, headers and URL of a transfer; the body too when it is done. */
void exchange_put_response(const struct transfer *transfer, struct http_response *ret);

#endif

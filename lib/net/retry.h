/* When a request is sent again, and after how long.  Pure: no clock, no network. */
#ifndef PAAS_NET_RETRY_H
#define PAAS_NET_RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct http_policy;

/* Would repeating the request do no harm?  RFC 9110 9.2.2. */
bool retry_is_idempotent(const char *method);
/* Is this status one that time may cure?  500 only when the server asks for it. */
bool retry_is_for_status(int status, const char *retry_after);
/* Retry-After in milliseconds from now, -1 when absent or nonsense. Seconds or an HTTP date. */
int64_t retry_parse_after_ms(const char *retry_after, int64_t wall_ms);
/* Before try number `next_try` (2, 3, …): between 0 and the doubled base ("full jitter"), never
 * past the cap.  `random` is any 64 bits. */
int64_t retry_backoff_ms(const struct http_policy *policy, unsigned next_try, uint64_t random);

#endif

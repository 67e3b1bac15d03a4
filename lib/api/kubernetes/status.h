/* The Status object, in which the API server says what went wrong.
 *
 * It comes as the body of a failed request, or as the ERROR event of a watch that answered 200.
 * A body may as well be HTML of a proxy in between: then the HTTP status counts.
 */
#ifndef PAAS_API_KUBERNETES_STATUS_H
#define PAAS_API_KUBERNETES_STATUS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Texts are borrowed from the JSON they were read from; never NULL. */
struct kubernetes_status {
	int code;               /* 0 when it does not say */
	const char *reason;     /* "Conflict", "Expired", … */
	const char *message;
	const char *kind;       /* details.kind: empty when the route itself is unknown */
	int64_t retry_after_ms; /* 0 when it does not say */
};

/* False when `object` is no Status of a failure; *ret is then all empty. */
bool kubernetes_status_read(const json_t *object, struct kubernetes_status *ret);

/* What failed, as an error: the code by the table of client.h, why from the Status, else from the
 * first line of the body.  `what` is the request: "GET /api/v1/pods". */
void kubernetes_status_put(struct error *err, const char *what, int http_status, const char *body,
                           size_t length);
/* The same of a Status read already. */
void kubernetes_status_put_read(struct error *err, const char *what, int http_status,
                                const struct kubernetes_status *status);

#endif

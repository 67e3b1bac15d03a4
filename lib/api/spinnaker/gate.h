/* One Gate: requests, and what its answers mean.  Called from fibers.
 *
 * A stranger is answered with a redirect to a log-in page, never with 401, and some failures behind
 * Gate come as 200 without a body.  Both are told apart here, once.  Codes: ERROR_NOT_LOGGED_IN,
 * ERROR_FORBIDDEN (403), ERROR_NOT_FOUND (404), ERROR_INVALID_SPEC (400, 422), ERROR_RATE_LIMITED
 * (429), ERROR_UNREACHABLE (5xx and transport), ERROR_BAD_ANSWER.
 *
 * Source: spinnaker.md 1 and 2; Gate's OpenAPI description.
 */
#ifndef PAAS_API_SPINNAKER_GATE_H
#define PAAS_API_SPINNAKER_GATE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

struct gate;
struct http;
struct http_endpoint; /* net/http.h */

/* `url` may have a path ("https://acme.example/gate"), which stays.  Nothing is asked yet; the arena and the endpoint
 * outlive it. */
struct gate *gate_open(struct http *http, const struct http_endpoint *endpoint, const char *url, struct arena *arena)
	__attribute__((returns_nonnull));
void gate_close(struct gate *gate);

/* `path` begins with '/' and is escaped already.  *ret: new reference.  An empty 200 is asked again, then fails:
 * ERROR_BAD_ANSWER. */
bool gate_get(struct gate *gate, const char *path, json_t **ret, struct error *err) must_use;
/* With `body` (may be NULL).  *ret: new reference, or NULL for an answer without a body.  With `is_repeatable` a lost answer is asked for again. */
bool gate_send(struct gate *gate, const char *method, const char *path, const json_t *body, bool is_repeatable, json_t **ret,
               struct error *err) must_use;

/* "checkout of Ada" -> "checkout%20of%20Ada": one segment of a path, or a value of a query. */
const char *gate_escape(const char *text, struct arena *arena);

#endif

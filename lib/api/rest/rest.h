/* One system that is spoken to in JSON: paths below its address, and its failures in its own words.
 *
 *	scoped(json_release) json_t *answer = NULL;
 *	if (!rest_get(&rest, "/repos/acme/shop", arena, &answer, err))
 *		return false;
 *
 * Fails: ERROR_NOT_LOGGED_IN (401), ERROR_FORBIDDEN (403), ERROR_RATE_LIMITED (429, and GitHub's 403 with no requests
 * left; says until when, nothing waits), ERROR_NOT_FOUND (404, 410: systems say so of what the account may not see, too),
 * ERROR_UNREACHABLE (5xx), ERROR_BAD_ANSWER (all else), and as http_send.
 */
#ifndef PAAS_API_REST_REST_H
#define PAAS_API_REST_REST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct http;
struct http_endpoint;
struct http_header;

struct rest {
	struct http *http;
	const struct http_endpoint *endpoint;
	const char *url;            /* "https://ghe.acme.example/api/v3": its path stays, a final slash does not count */
	const char *name, *label;   /* "github", as `paas login` takes it; "GitHub" */
	const char *message;        /* the member of an error's body that says why */
	const struct http_header *headers; /* of every request */
	size_t n_headers;
};

/* `path` begins with '/'; what varies in it is escaped by the caller.  *ret is a new reference. */
bool rest_get(const struct rest *rest, const char *path, struct arena *arena, json_t **ret, struct error *err) must_use;
/* Sends `body` once: only what never left this machine is tried again.  *ret is a new reference. */
bool rest_post(const struct rest *rest, const char *path, const json_t *body, struct arena *arena, json_t **ret,
               struct error *err) must_use;
/* The items of a list over its pages (Link, rel="next", of the same origin only), at most `max`; `member` names the list
 * within an answer, NULL: the answer is the list.  *ret is a new reference. */
bool rest_get_list(const struct rest *rest, const char *path, const char *member, size_t max, struct arena *arena,
                   json_t **ret, struct error *err) must_use;
/* The last `max` bytes of a text, however long it is (256 MiB at most are read); redirects to another origin go without
 * credentials.  *ret is NUL-terminated. */
bool rest_get_tail(const struct rest *rest, const char *path, size_t max, struct arena *arena, const char **ret,
                   size_t *ret_length, struct error *err) must_use;

#endif

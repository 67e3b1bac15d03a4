/* One request to an endpoint of the sign-on server that takes a form and answers JSON (RFC 6749 5).
 * For lib/auth only.
 *
 * Sent once, on a connection of its own: over one that stood open, libcurl by itself repeats what
 * got no answer.
 */
#ifndef PAAS_AUTH_TOKEN_REQUEST_H
#define PAAS_AUTH_TOKEN_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "auth/grant.h"

struct token_request {
	const char *url;
	const char *what;                 /* "refreshing the login": for errors */
	const struct secret_piece *pieces; /* of the form */
	size_t n_pieces;
	bool is_repeatable; /* asking twice does no harm: a revocation */
};

struct token_answer {
	int status;
	json_t *body;        /* an object, or NULL: it was no JSON object */
	bool was_sent;       /* also on failure: the server may have acted on it */
	const char *error;   /* of a refusal: "invalid_grant", in the arena; "" when it says none */
	const char *description; /* hostile, without our secrets; "" when there is none */
};
/* For scoped(). */
void token_answer_release(struct token_answer *answer);

/* True with any answer.  Fails: ERROR_UNREACHABLE (err->retryable: nothing was sent), ERROR_BAD_ANSWER
 * (too large), ERROR_INTERRUPTED; ret->was_sent is set then too. */
bool token_request_send(struct http *http, const struct issuer *issuer, const struct token_request *request,
                        struct arena *arena, struct token_answer *ret, struct error *err) must_use;
/* Says why there are no tokens in it. */
bool token_answer_put_refusal(const struct token_answer *answer, const struct token_request *request,
                              const struct issuer *issuer, struct error *err);
/* The same of what the sign-on server said by another way; `otherwise` counts for words that are not known. */
struct refusal {
	const char *error, *description; /* hostile; "" where there is none */
	enum error_code otherwise;
};
bool refusal_put(const struct refusal *refusal, const char *what, const struct issuer *issuer, struct error *err);
/* Tokens out of an answer with status 200.  Fails: ERROR_BAD_ANSWER. */
bool token_answer_read(const struct token_answer *answer, struct arena *arena, struct granted *ret, struct error *err) must_use;
/* All of these: sends, and reads the tokens or the refusal. */
bool token_request_grant(struct http *http, const struct issuer *issuer, const struct token_request *request,
                         struct arena *arena, struct granted *ret, struct error *err) must_use;

/* A text member as a secret; NULL: absent, empty, or with other than visible ASCII letters. */
struct secret *token_answer_secret(const struct token_answer *answer, const char *key);

#endif

/* Tokens of registries' token services: asked for when a registry wants one, kept until they
 * expire, one request at a time for callers that want the same.
 * Source: distribution.github.io/distribution/spec/auth/token. */
#ifndef PAAS_API_OCI_TOKEN_H
#define PAAS_API_OCI_TOKEN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/secret.h"
#include "net/http.h"

struct oci_tokens;

/* Never NULL. */
struct oci_tokens *oci_tokens_new(struct http *http);
void oci_tokens_free(struct oci_tokens *tokens);

/* Who asks, and for what: strings are copied. */
struct oci_token_query {
	const struct http_endpoint *registry; /* origin, and credentials if any */
	const char *token_origin;  /* may see these credentials besides the registry; or NULL */
	const char *repository;    /* cached under origin and repository */
};
/* The token at hand, or NULL. Borrowed until oci_tokens_free. */
const struct secret *oci_token_find(struct oci_tokens *tokens, const struct oci_token_query *query);
/* Gets one by the challenge of a 401 (its WWW-Authenticate headers).  `rejected` is the token that
 * met the 401, or NULL: another one that has come since is taken without asking.  *ret as above;
 * NULL when the registry wants Basic credentials with each request instead.
 * Fails: ERROR_NOT_LOGGED_IN (refused, or a scheme we do not speak), ERROR_BAD_ANSWER (nonsense, a
 * realm on plain http), http_send's. */
bool oci_token_fetch(struct oci_tokens *tokens, const struct oci_token_query *query,
                     const struct http_response *refusal, const struct secret *rejected,
                     const struct secret **ret, struct error *err) must_use;

#endif

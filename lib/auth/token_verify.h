/* ID tokens: a JWT (RFC 7519) signed with a key that the issuer publishes (RFC 7517, 7518).
 *
 * The algorithm is the key's, never the token's: RS256, ES256, EdDSA; no "none", no HS256.
 * Unknown critical headers, doubled members and anything over 64 KiB are refused.
 */
#ifndef PAAS_AUTH_TOKEN_VERIFY_H
#define PAAS_AUTH_TOKEN_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"

/* What a token must say. */
struct token_expectation {
	const char *issuer, *audience; /* audience: our client id */
	const char *nonce;             /* NULL: none was sent */
	const char *subject;           /* NULL: whoever it is */
	int64_t now_ms;                /* wall */
	int64_t skew_ms;               /* 0: 60 s */
};

struct token_claims {
	const char *subject;  /* the identity; never empty */
	const char *name;     /* preferred_username, else a verified email, else the subject */
	const char *const *groups; /* of the claim asked for; may be none */
	size_t n_groups;
	bool groups_left_out; /* too many to be in the token (hasgroups, _claim_names) */
	int64_t expires_at_ms, issued_at_ms;
};

struct token_keyset;
/* Keys of a JWKS document; those of other kinds or uses are passed over.  Fails: ERROR_BAD_ANSWER. */
bool token_keyset_read(const char *json, size_t length, struct token_keyset **ret, struct error *err) must_use;
void token_keyset_free(struct token_keyset *keyset);
void token_keyset_release(struct token_keyset **keyset); /* for scoped() */

/* `groups_claim`: a dotted path ("realm_access.roles"), NULL: "groups".  Fails: ERROR_BAD_ANSWER (which rule was broken, and
 * "your clock is N s off" when it is only the time); *ret_unknown_key: no such key: fetch the keys again, once. */
bool token_verify(const struct secret *token, const struct token_keyset *keyset, const struct token_expectation *expected,
                  const char *groups_claim, struct arena *arena, struct token_claims *ret, bool *ret_unknown_key,
                  struct error *err) must_use;

/* What a token says of itself, unverified: for showing an expiry only. */
bool token_peek_expiry(const struct secret *token, int64_t *ret_expires_at_ms);
/* The same of its subject, of a token that was verified when it came; NULL: it has none. */
const char *token_peek_subject(const struct secret *token, struct arena *arena);

#endif

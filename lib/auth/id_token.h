/* An ID token that the sign-on server just gave: checked with the keys that it has now. */
#ifndef PAAS_AUTH_ID_TOKEN_H
#define PAAS_AUTH_ID_TOKEN_H

#include "auth/issuer.h"
#include "auth/token_verify.h"

/* What this token must say beside its issuer, its audience and its times; NULL: nothing. */
struct id_token_terms {
	const char *nonce;   /* of the log-in that it answers */
	const char *subject; /* of the token that it renews */
};

/* Keys rotate: when the token's is not among them they are fetched once more.  Fails: as issuer_fetch_keys and token_verify;
 * ERROR_BAD_ANSWER when there is no token. */
bool id_token_check(const struct issuer *issuer, const struct secret *id_token, const struct id_token_terms *terms,
                    struct arena *arena, struct token_claims *ret, struct error *err) must_use;

#endif

/* The keys of a JWKS document.  For lib/auth only; token_verify.h has what others need. */
#ifndef PAAS_AUTH_TOKEN_KEYSET_H
#define PAAS_AUTH_TOKEN_KEYSET_H

#include "auth/signature.h"
#include "auth/token_verify.h"

struct token_key {
	const char *id; /* kid; NULL: without */
	enum signature_algorithm algorithm;
	struct signature_key *key;
};

struct token_keyset {
	struct arena arena;
	struct token_key *keys;
	size_t n_keys;
};

#endif

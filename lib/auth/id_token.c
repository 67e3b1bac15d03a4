#include "auth/id_token.h"

#include "auth/credential_parts.h"
#include "base/clock.h"
#include "data/platform.h"

bool
id_token_check(const struct issuer *issuer, const struct secret *id_token, const struct id_token_terms *terms,
               struct arena *arena, struct token_claims *ret, struct error *err)
{
	const struct credential_options *process = credential_options();
	struct token_expectation expected = {.issuer = issuer->issuer, .audience = issuer->client_id, .nonce = terms->nonce,
	                                     .subject = terms->subject, .now_ms = clock_wall_ms()};
	bool is_unknown_key = true, is_good = false;
	if (id_token == NULL)
		return error_set(err, ERROR_BAD_ANSWER, "%s gave no ID token", issuer->issuer);
	for (int try = 0; try < 2 && is_unknown_key && !is_good; try++) {
		scoped(token_keyset_release) struct token_keyset *keys = NULL;
		if (!issuer_fetch_keys(process->http, issuer, arena, &keys, err))
			return false;
		is_unknown_key = false;
		is_good = token_verify(id_token, keys, &expected, process->sso->groups_claim, arena, ret, &is_unknown_key, err);
	}
	return is_good;
}

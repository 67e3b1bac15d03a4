/* Signing on: from "who is this?" to verified tokens in the store, and out again.
 *
 *	struct sign_on_choice choice = {.way = SIGN_ON_DEVICE, .show = show, .data = session};
 *	if (!sign_on(&choice, arena, &who, err))
 *		return false;
 */
#ifndef PAAS_AUTH_SIGN_ON_H
#define PAAS_AUTH_SIGN_ON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/token_verify.h"
#include "base/arena.h"
#include "base/error.h"

enum sign_on_way {
	SIGN_ON_DEVICE,  /* a code that is typed in any browser (RFC 8628) */
	SIGN_ON_BROWSER, /* a browser on this machine (RFC 8252) */
};

/* What the person needs to see; texts are the server's. */
struct sign_on_prompt {
	enum sign_on_way way;
	const char *issuer_host;
	const char *url;      /* to be opened */
	const char *full_url; /* with the code filled in; NULL: none */
	const char *code;     /* device only */
	int64_t expires_in_ms;
};

struct sign_on_choice {
	enum sign_on_way way;
	bool ask_again;       /* although the browser is still signed on: to be somebody else */
	int64_t deadline_ms;  /* of SIGN_ON_BROWSER; 0: 5 minutes */
	void (*show)(void *data, const struct sign_on_prompt *prompt);
	void *data;
};

struct signed_on {
	const char *issuer;
	struct token_claims claims;
	const char *scopes;  /* NULL: not said */
	bool can_renew;      /* there is a refresh token */
};

/* From a fiber, between credential_begin and credential_end.  The device way falls to a server without that grant:
 * ERROR_NOT_FOUND.  Fails as the grants (auth/grant.h), token_verify and token_store_put. */
bool sign_on(const struct sign_on_choice *choice, struct arena *arena, struct signed_on *ret, struct error *err) must_use;

/* Who is signed on, as the server sees it now.  True with `account` NULL when nobody is.  Tokens that are about to expire are renewed first.
 * Fails: ERROR_NOT_LOGGED_IN (to be signed on again), ERROR_UNREACHABLE, ERROR_BAD_ANSWER. */
struct sign_on_standing {
	const char *account, *scopes; /* scopes NULL: not said */
	const char *const *groups;
	size_t n_groups;
	int64_t expires_at_ms; /* of the tokens at hand; 0: not said */
	bool can_renew;
};
bool sign_on_ask(struct arena *arena, struct sign_on_standing *ret, struct error *err) must_use;

/* Revokes at the server, then forgets; forgotten also when the server could not be told: *ret_told false, with `err` saying
 * why.  *ret_was_on: whether there was anything. */
bool sign_off(struct arena *arena, bool *ret_was_on, bool *ret_told, struct error *err) must_use;

#endif

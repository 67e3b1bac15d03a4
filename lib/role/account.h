/* "Who am I?", asked of any system in the cheapest way it has; a credential is stored only after that.  And its end.
 *
 *	if (!account_ask(http, system, &credential, arena, &account, err))
 *		return false;
 */
#ifndef PAAS_ROLE_ACCOUNT_H
#define PAAS_ROLE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "role/systems.h"

struct http;

struct account {
	const char *name;      /* NULL: the system does not say */
	const char *scopes;    /* NULL: likewise */
	int64_t expires_at_ms; /* wall; 0: likewise */
};

/* Fails: ERROR_NOT_LOGGED_IN (not taken), ERROR_FORBIDDEN, ERROR_UNREACHABLE, ERROR_BAD_ANSWER (not that system). */
bool account_ask(struct http *http, const struct system *system, const struct credential *credential, struct arena *arena,
                 struct account *ret, struct error *err) must_use;

enum account_ending {
	ACCOUNT_ENDED,    /* nobody can use the credential any more */
	ACCOUNT_SHARED,   /* it is a program's, which others may use it for: left alone */
	ACCOUNT_LIVES_ON, /* the system takes no such wish from its bearer */
};
/* Ends the credential at its system.  Fails as account_ask; one that is not taken has ended. */
bool account_end(struct http *http, const struct system *system, const struct credential *credential, struct arena *arena,
                 enum account_ending *ret, struct error *err) must_use;

#endif

/* Who one is, system by system: which credential counts, where it comes from, and whether it is taken.
 *
 * All systems are asked at once, each for at most 20 s; one that does not answer is a row that says so.
 */
#ifndef PAAS_CORE_IDENTITY_IDENTITY_H
#define PAAS_CORE_IDENTITY_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/credential.h"
#include "base/arena.h"
#include "base/error.h"

struct http;
struct loop;
struct platform;

enum identity_state {
	IDENTITY_OK,        /* taken */
	IDENTITY_OPEN,      /* the system answers without a credential */
	IDENTITY_MISSING,   /* there is none, and the system wants one; or it cannot be read */
	IDENTITY_REFUSED,   /* not taken, or expired */
	IDENTITY_UNKNOWN,   /* the system did not answer */
};
/* "ok", "open", "missing", "refused", "unknown": in JSON too. */
const char *identity_state_name(enum identity_state state);

struct identity {
	const char *system;  /* "sso", "github", "kubernetes pro" */
	const char *account; /* NULL: nobody says */
	const char *scopes;  /* NULL: likewise */
	enum credential_source source;
	const char *detail;  /* the variable's name, "client certificate CN=ada"; NULL */
	int64_t expires_at_ms; /* wall; 0: not known */
	bool can_renew;      /* by itself: the expiry does not matter */
	bool shadows_stored; /* a variable or its file, while the store has one */
	enum identity_state state;
	struct error failure; /* unless OK or OPEN */
};

struct identities {
	struct identity *items;
	size_t count;
	const char **teams;  /* of the platform file, by the groups of the sign-on */
	size_t n_teams;
};

/* From a fiber, between credential_begin and credential_end.  `only`: this system alone; NULL: all.  Fails: ERROR_NOT_FOUND (no such
 * system), ERROR_INTERRUPTED, and as the store when it cannot be opened. */
bool identity_ask(struct loop *loop, struct http *http, const struct platform *platform, const char *only, struct arena *arena,
                  struct identities *ret, struct error *err) must_use;
/* The first that is missing or refused, or NULL. */
const struct identity *identity_lacking(const struct identities *identities);

#endif

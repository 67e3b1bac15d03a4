/* The credential of a system: from a variable, from the job's identity, or from the token store,
 * refreshed when it is about to expire.
 *
 *	scoped(credential_release) struct credential credential = {0};
 *	if (!credential_find(&(struct credential_system){.role = "scm", .provider = "github", .url = url}, arena, &credential, err))
 *		return false;
 *	request.endpoint = &(struct http_endpoint){.origin = credential.origin, .bearer = credential.token};
 *
 * A credential holds for its origin only.  A process has one user: what is found and unlocked serves
 * all of it.  One refresh serves every command that runs at that time: the store is locked and read
 * again before the sign-on server is asked, and a refresh token is marked as spent before it is sent,
 * so that it is never sent twice.  Calls are made from a fiber.
 */
#ifndef PAAS_AUTH_CREDENTIAL_H
#define PAAS_AUTH_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/issuer.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"
#include "store/token_entry.h"
#include "store/token_store.h"

struct granted;
struct http;
struct loop;
struct platform_role; /* data/platform.h */

/* ---- the process ---- */

struct credential_options {
	struct loop *loop;
	struct http *http;
	const struct platform_role *sso; /* NULL, or without a provider: the company has no sign-on */
	const struct token_keys *keys;
	bool without_renewal; /* this process may be ended at any time, and a renewal that is cut off ends the sign-on */
	/* Told of each token that a job's identity was exchanged for, before it is used: a CI log should mask it. NULL: nobody. */
	void (*obtained)(void *data, const struct secret *token);
	void *data;
};
/* Remembers what everything below works with; opens nothing. What it points to outlives
 * credential_end. */
void credential_begin(const struct credential_options *options);
void credential_end(void);
bool credential_has_begun(void);
/* The store, opened when first asked for. */
bool credential_store(struct token_store **ret, struct error *err) must_use;
/* What is to be said of it beside the result; NULL: nothing, or it was not read. */
const char *credential_store_warning(void);
/* Where people sign on.  Fails: ERROR_NOT_FOUND (the platform file names no sign-on), ERROR_INVALID_FILE (its authority). */
bool credential_issuer(struct arena *arena, struct issuer_choice *ret, struct error *err) must_use;

/* ---- one system ---- */

/* Whose credential. */
struct credential_system {
	const char *role;     /* "scm": the variable PAAS_TOKEN_SCM */
	const char *provider; /* "github": PAAS_TOKEN_GITHUB, and the entry's system in the store */
	const char *url;      /* as in the platform file: its origin counts */
	const char *const *variables; /* further ones, of the tool itself; NULL-terminated, or NULL */
	bool takes_pair;      /* a variable may hold "user:password" */
	bool takes_sign_on;   /* the ID token of the sign-on serves it: PAAS_TOKEN, PAAS_TOKEN_FILE, a job's identity, `paas login` */
};

enum credential_source { CREDENTIAL_NONE, CREDENTIAL_VARIABLE, CREDENTIAL_FILE, CREDENTIAL_WORKLOAD, CREDENTIAL_STORE };
/* "none", "variable", "file", "workload-identity", "store": in JSON too. */
const char *credential_source_name(enum credential_source source);

struct credential {
	enum credential_source source;
	const char *detail; /* the variable's name, the file, the job's kind; NULL */
	const char *origin, *account, *scopes; /* the last two may be NULL */
	enum token_kind kind;
	struct secret *token;  /* NULL when there is no credential */
	struct secret *second; /* the application key of a pair of keys; NULL */
	const char *certificate; /* PEM, of TOKEN_KIND_CERTIFICATE, whose token is the key; NULL */
	const char *subject;     /* of the certificate; NULL */
	int64_t expires_at_ms; /* 0: does not say */
};
/* For scoped(). */
void credential_release(struct credential *credential);

/* What there is: true with `source` CREDENTIAL_NONE when nothing is.  Fails: ERROR_NOT_LOGGED_IN (expired and not to be
 * refreshed; no key opens the store), ERROR_UNREACHABLE (the sign-on server), and as token_store_read. */
bool credential_find(const struct credential_system *system, struct arena *arena, struct credential *ret, struct error *err) must_use;
/* The system's own one in the store, whatever a variable says. */
bool credential_find_stored(const struct credential_system *system, struct arena *arena, struct credential *ret,
                            struct error *err) must_use;
/* After a 401: another one than `refused`, by at most one refresh.  Fails: ERROR_NOT_LOGGED_IN when there is no other. */
bool credential_renew(const struct credential_system *system, const struct secret *refused, struct arena *arena,
                      struct credential *ret, struct error *err) must_use;
/* Whether a variable, a file or the job's identity stands in for the sign-on. */
bool credential_is_stood_in(void);
/* The name of the variable that counts before all else; NULL: none does. */
const char *credential_variable_of(const struct credential_system *system, struct arena *arena);
/* Whether there is one. */
bool credential_is_in_variable(const struct credential_system *system);
/* Whether $PAAS_TOKEN_FILE counts for it where no other variable does. */
bool credential_is_in_file(const struct credential_system *system);
/* Whether the store holds one for it; false also when the store does not open. */
bool credential_is_stored(const struct credential_system *system);

/* What a grant gave, as the entry of the sign-on; `old`: what it renews, NULL for a log-in.  Borrows from its arguments. */
struct token_entry credential_entry_of(const char *origin, const char *account, const struct granted *granted,
                                       const struct token_entry *old);

#endif

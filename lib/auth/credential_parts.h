/* What the credential_*.c files share; nobody else includes it. */
#ifndef PAAS_AUTH_CREDENTIAL_PARTS_H
#define PAAS_AUTH_CREDENTIAL_PARTS_H

#include "auth/credential.h"

/* What credential_begin was told. */
const struct credential_options *credential_options(void);

/* ---- variables and files ---- */

/* The first variable, or file that a variable names, which holds a credential for `system`; false: none does.
 * Fails never: a file that cannot be read is said by `err` with *ret_is_broken. */
bool credential_from_variables(const struct credential_system *system, struct arena *arena, struct credential *ret,
                               bool *ret_is_broken, struct error *err) must_use;

/* ---- the store ---- */

/* Replaces the sign-on's tokens in the store by fresh ones, unless another process did meanwhile.  `refused`: an ID or access token that
 * a server did not take, NULL: none was.  *ret: the list that is in the store now; the caller's. */
bool credential_refresh(const char *origin, const struct secret *refused, struct arena *arena, struct token_list **ret,
                        struct error *err) must_use;
/* Whether the token of an entry will do for another minute. */
bool credential_is_fresh(const struct token_entry *entry);

#endif

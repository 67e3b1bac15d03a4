/* The keys of the emulated sign-on server, and the JWTs (RFC 7519) that they sign.
 *
 * Written from the standards, with GnuTLS: our client verifies with another library.
 */
#ifndef PAAS_SANDBOX_SSO_KEYS_H
#define PAAS_SANDBOX_SSO_KEYS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

struct sso_keys;

/* Reads RSA 2048 and EC P-256 keys from `folder` (sso-rsa.pem, sso-ec.pem), makes and keeps those
 * that are missing; NULL: keeps none.  Fails: ERROR_FAILED, ERROR_FILE, ERROR_INVALID_FILE. */
bool sso_keys_open(const char *folder, struct sso_keys **ret, struct error *err) must_use;
void sso_keys_free(struct sso_keys *keys);

/* RFC 7517; new reference. */
json_t *sso_keys_public(const struct sso_keys *keys);

/* Signs with `algorithm`, "RS256" or "ES256"; `claims` is stolen.  In `arena`; NULL when the library refuses. */
const char *sso_keys_sign(const struct sso_keys *keys, const char *algorithm, json_t *claims,
                          struct arena *arena);
/* The claims of a token that one of the keys has signed (new reference), or NULL. */
json_t *sso_keys_verify(const struct sso_keys *keys, const char *token);

/* Unpadded base64url (RFC 7515 2). */
const char *sso_base64url(const void *bytes, size_t length, struct arena *arena);

#endif

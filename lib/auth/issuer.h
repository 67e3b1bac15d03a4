/* The sign-on server: what it announces about itself (OIDC Discovery 1.0), and its keys (RFC 7517).
 *
 * Everything it says is checked: the issuer byte for byte, every endpoint https, sizes.  Plain http
 * is for a server on this machine alone: an issuer http://127.0.0.1, [::1] or localhost may announce
 * such endpoints; one that is https may not send us to plain http, not even here.
 */
#ifndef PAAS_AUTH_ISSUER_H
#define PAAS_AUTH_ISSUER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct http;
struct http_endpoint;
struct token_keyset; /* auth/token_verify.h */

/* What the platform file says of it. */
struct issuer_choice {
	const char *issuer;    /* "https://sso.acme.example/realms/x" */
	const char *client_id;
	const char *ca_pem;    /* NULL: the system's authorities and $PAAS_CA_FILE */
};

struct issuer {
	const char *issuer, *client_id, *ca_pem;
	const char *authorization_endpoint, *token_endpoint, *device_authorization_endpoint, *jwks_uri,
		*revocation_endpoint, *userinfo_endpoint, *end_session_endpoint; /* NULL: not announced */
	bool announces_iss;    /* authorization_response_iss_parameter_supported */
	bool supports_offline; /* "offline_access" is among the scopes, or scopes are not announced */
	bool supports_s256;    /* PKCE with S256 (RFC 7636), or methods are not announced */
};

/* Asks it.  Fails: ERROR_UNREACHABLE, ERROR_BAD_ANSWER (another issuer, no token endpoint, plain http, over 1 MiB). */
bool issuer_discover(struct http *http, const struct issuer_choice *choice, struct arena *arena,
                     struct issuer *ret, struct error *err) must_use;
/* What its document says; strings in `arena`.  Fails: ERROR_BAD_ANSWER. */
bool issuer_read(const char *json, size_t length, const struct issuer_choice *choice, struct arena *arena,
                 struct issuer *ret, struct error *err) must_use;
/* May we go there on this issuer's word?  `what` names it: "token_endpoint".  Fails: ERROR_BAD_ANSWER. */
bool issuer_check_url(const char *issuer, const char *url, const char *what, struct error *err) must_use;
/* For requests to `url`, one of its endpoints: its authority counts for all of them, credentials go along with none. */
bool issuer_put_endpoint(const struct issuer *issuer, const char *url, struct arena *arena, struct http_endpoint *ret,
                         struct error *err) must_use;
/* Its keys.  Fails as above. */
bool issuer_fetch_keys(struct http *http, const struct issuer *issuer, struct arena *arena,
                       struct token_keyset **ret, struct error *err) must_use;

#endif

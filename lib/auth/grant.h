/* How tokens are had from a sign-on server: OAuth 2.0 grants of a public client.
 *
 * Each call is made from a fiber and looks blocking.  A token request whose answer was lost is never
 * repeated: the server may have revoked what it had just issued (RFC 6749 10.5).
 */
#ifndef PAAS_AUTH_GRANT_H
#define PAAS_AUTH_GRANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/issuer.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"

struct http;
struct loop;

struct granted {
	struct secret *access_token;  /* never NULL */
	struct secret *refresh_token; /* NULL: none */
	struct secret *id_token;      /* NULL: none */
	const char *scopes;           /* as granted; NULL: as asked */
	int64_t expires_at_ms;        /* wall; 0: does not say */
};
/* For scoped(). */
void granted_release(struct granted *granted);

/* ---- device authorization (RFC 8628) ---- */

struct device_code {
	const char *user_code, *verification_uri, *verification_uri_complete; /* the last may be NULL; texts are hostile */
	int64_t expires_in_ms, interval_ms; /* absent: 10 min, 5 s; an interval is at least 1 s */
	int64_t due_ms; /* monotonic: when it expires */
	struct secret *device_code;
};
void device_code_release(struct device_code *code);
/* Fails: ERROR_NOT_FOUND (the server has no such endpoint), ERROR_FORBIDDEN (not to this client), ERROR_UNREACHABLE,
 * ERROR_BAD_ANSWER. */
bool grant_device_begin(struct http *http, const struct issuer *issuer, const char *scopes, struct arena *arena,
                        struct device_code *ret, struct error *err) must_use;
/* Polls until the person has decided; the waits follow the clock's rate.  Fails: ERROR_FORBIDDEN (denied), ERROR_TIMED_OUT
 * (the code expired), ERROR_NOT_LOGGED_IN (invalid_grant), ERROR_INTERRUPTED, ERROR_BAD_ANSWER, ERROR_UNREACHABLE (down
 * until the code expired). */
bool grant_device_wait(struct http *http, struct loop *loop, const struct issuer *issuer, const struct device_code *code,
                       struct arena *arena, struct granted *ret, struct error *err) must_use;

/* ---- authorization code with PKCE on a loopback port (RFC 8252, 7636, 9207) ---- */

struct code_flow;
/* Listens on 127.0.0.1 (else ::1), any free port, and makes state, nonce and verifier.  *ret_url: what the browser opens;
 * *ret_nonce: what the ID token must carry.  With "offline_access" among the scopes the person is asked for consent: without,
 * servers that go by the standard give no refresh token.  Fails: ERROR_NOT_FOUND (the server has no such endpoint, or no S256),
 * ERROR_FAILED. */
bool grant_code_begin(struct loop *loop, const struct issuer *issuer, const char *scopes, bool ask_again, struct arena *arena,
                      struct code_flow **ret, const char **ret_url, const char **ret_nonce, struct error *err) must_use;
/* Waits for the one answer, then closes the port and redeems the code.  Fails: ERROR_FORBIDDEN (denied),
 * ERROR_TIMED_OUT (nobody came for `deadline_ms`), ERROR_BAD_ANSWER (another issuer), ERROR_INTERRUPTED. */
bool grant_code_wait(struct http *http, struct code_flow *flow, int64_t deadline_ms, struct arena *arena,
                     struct granted *ret, struct error *err) must_use;
/* For scoped(). */
void grant_code_close(struct code_flow **flow);

/* ---- later ---- */

/* Fails: ERROR_NOT_LOGGED_IN (invalid_grant: to be logged in again; never tried twice), ERROR_UNREACHABLE with err->retryable when
 * nothing was sent; an answer that was lost is ERROR_UNREACHABLE too, and says so. A refresh token that is not in the answer stays the old one
 * (ret->refresh_token NULL). */
bool grant_refresh(struct http *http, const struct issuer *issuer, const struct secret *refresh_token, struct arena *arena,
                   struct granted *ret, struct error *err) must_use;
/* RFC 7009; `hint`: "refresh_token" or "access_token".  Fails: ERROR_NOT_FOUND (the server has no such endpoint),
 * ERROR_UNREACHABLE, ERROR_BAD_ANSWER; a token that it does not know is no failure, nor an access token that
 * it cannot end before its time. */
bool grant_revoke(struct http *http, const struct issuer *issuer, const struct secret *token, const char *hint,
                  struct arena *arena, struct error *err) must_use;
/* RFC 8693: another token for that of a workload. `subject_type`: "urn:ietf:params:oauth:token-type:jwt". */
bool grant_exchange(struct http *http, const struct issuer *issuer, const struct secret *subject, const char *subject_type,
                    const char *audience, struct arena *arena, struct granted *ret, struct error *err) must_use;

#endif

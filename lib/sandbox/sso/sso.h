/* The emulated sign-on server: an OpenID Connect provider for a handful of invented people.
 *
 * Written from OpenID Connect Core and Discovery 1.0, RFC 6749, 7009, 7636, 8252, 8628, 8693, 8707 (as
 * far as RFC 8693 needs it) and 9207, not from our client; an independent provider is the judge.
 * Everything is below one issuer, "https://localhost:PORT/realms/sandbox":
 *
 *	/.well-known/openid-configuration   /keys   /authorize   /interaction   /device_authorization
 *	/device   /token   /revoke   /userinfo
 *
 * Beside it /actions/id-token is what GitHub Actions gives a job: a token that says which job it is.
 * The sign-on server trusts these when they are for the audience "paas", and exchanges them.
 *
 * Clients are public and registered in state.c.  Refresh tokens rotate; one that comes a second
 * time, and a code that comes a second time, end the whole session, as providers do.
 */
#ifndef PAAS_SANDBOX_SSO_SSO_H
#define PAAS_SANDBOX_SSO_SSO_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct sso;
struct web_request;

struct sso_options {
	const char *folder;        /* where its keys are kept; NULL: nowhere; borrowed */
	bool asks;                 /* somebody has to approve; else a request is approved by itself */
	const char *job_token;     /* what a job shows to be told who it is; NULL: there are no jobs; borrowed */
	int64_t token_lifetime_ms; /* of access and ID tokens; 0: an hour */
};

struct sso *sso_new(const struct sso_options *options);
void sso_free(struct sso *sso);
/* "https://localhost:PORT". */
void sso_set_origin(struct sso *sso, const char *origin);
const char *sso_issuer(const struct sso *sso);

/* Answers a request at once. */
void sso_handle(struct sso *sso, struct web_request *request);

/* Approves or denies the request with that code; NULL: the last one that began to wait.  `person`:
 * who does it; NULL: ada.  *ret: what was decided (new reference).  Fails: ERROR_NOT_FOUND,
 * ERROR_USAGE (no such person). */
bool sso_decide(struct sso *sso, const char *user_code, const char *person, bool is_approved,
                json_t **ret, struct error *err) must_use;
/* What waits: [{"user_code", "client_id", "way"}], new reference. */
json_t *sso_waiting(const struct sso *sso);

/* Whether a bearer token of the Kubernetes API is an ID token of ours that still counts; *ret: whose. */
struct sso_identity {
	const char *name;          /* preferred_username */
	const char *const *groups; /* ended by NULL */
};
bool sso_authenticate(struct sso *sso, const char *token, struct arena *arena, struct sso_identity *ret);

/* Whose address an access token of ours that still counts is; NULL: nobody's. */
const char *sso_access_email(const struct sso *sso, const char *token);

/* From now on every access and ID token issued so far counts as expired, whatever it says; refresh
 * tokens go on.  false: those count again. */
void sso_expire_tokens(struct sso *sso, bool do_expire);

/* New reference, and back; false when it is no snapshot.  NULL: nothing is remembered. */
json_t *sso_snapshot(const struct sso *sso);
bool sso_restore(struct sso *sso, const json_t *snapshot);

#endif

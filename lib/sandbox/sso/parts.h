/* What the files of this folder share; nobody else includes it. */
#ifndef PAAS_SANDBOX_SSO_PARTS_H
#define PAAS_SANDBOX_SSO_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "sandbox/sso/keys.h"
#include "sandbox/sso/sso.h"
#include "web/form.h"

/* What it remembers is one JSON object, so that it can be kept and read back as it is:
 *
 *	requests  USER_CODE: way ("device", "browser"), client_id, scope, nonce, expires_at, decision
 *	          ("", "approved", "denied"), person; device: device_code, interval_s, polled_at, session
 *	          ("" until redeemed); browser: redirect_uri, state, challenge
 *	codes     CODE: client_id, redirect_uri, challenge, expires_at, session, is_used
 *	tokens    TOKEN: kind ("access", "refresh"), session, expires_at, generation, is_used
 *	sessions  ID: client_id, person, scope, nonce, auth_time, is_revoked
 *	generation, refused_below: tokens of an earlier generation than that count as expired
 *
 * Times are milliseconds since 1970. */
struct sso {
	struct sso_options options;
	char *origin, *issuer;
	struct sso_keys *keys; /* NULL until they are needed */
	json_t *state;
};

enum {
	INTERVAL_S = 1,
	SLOWER_BY_S = 5,              /* RFC 8628 3.5 */
	REQUEST_LIFETIME_MS = 600 * 1000,
	CODE_LIFETIME_MS = 60 * 1000,
	TOKEN_LIFETIME_MS = 3600 * 1000,
};
#define REFRESH_LIFETIME_MS (INT64_C(30) * 24 * 3600 * 1000)

/* ---- state.c ---- */

struct sso_client {
	const char *id;
	const char *name;      /* as pages show it */
	const char *algorithm; /* of its ID tokens */
};
struct sso_person {
	const char *name, *subject, *full_name, *email;
	const char *const *groups; /* ended by NULL */
};
/* NULL when there is none. */
const struct sso_client *sso_client_find(const char *id);
const struct sso_person *sso_person_find(const char *name);
extern const struct sso_person sso_people[];
extern const size_t sso_n_people;
/* The scopes it knows, separated by spaces. */
extern const char sso_scopes[];

/* The entry of a table above, borrowed; NULL when there is none. */
json_t *sso_get(const struct sso *sso, const char *table, const char *key);
/* Steals `entry`, returns it; the oldest of many is forgotten. */
json_t *sso_put(struct sso *sso, const char *table, const char *key, json_t *entry);
void sso_remove(struct sso *sso, const char *table, const char *key);
/* The request with that device code, or NULL. */
json_t *sso_find_device(const struct sso *sso, const char *device_code);

/* Members of an entry; "" and 0 where it has none. */
const char *sso_text(const json_t *entry, const char *member);
int64_t sso_number(const json_t *entry, const char *member);
bool sso_is(const json_t *entry, const char *member);
void sso_set_text(json_t *entry, const char *member, const char *text);
void sso_set_number(json_t *entry, const char *member, int64_t number);
bool sso_is_expired(const json_t *entry);

/* 256 random bits; "BCDF-GHJK", easy to read out (RFC 8628 6.1), and one that a person typed. */
const char *sso_new_secret(struct arena *arena);
const char *sso_new_user_code(const struct sso *sso, struct arena *arena);
const char *sso_user_code(const char *typed, struct arena *arena);

/* The id of a new session. */
const char *sso_new_session(struct sso *sso, const json_t *request, struct arena *arena);
void sso_revoke_session(struct sso *sso, const char *session);
/* The access or refresh token's entry when it counts. */
json_t *sso_live_token(const struct sso *sso, const char *kind, const char *token);

/* ---- a request on its way ---- */

struct sso_call {
	struct sso *sso;
	struct web_request *request;
	struct arena *arena;
	struct web_form form;  /* query or body */
};
/* NULL where it is absent or empty, which is the same (RFC 6749 3.1). */
const char *sso_param(const struct sso_call *call, const char *name);
/* The client that asks; NULL after having answered that there is none. */
const struct sso_client *sso_param_client(struct sso_call *call);
/* The scopes asked for that it knows; "openid" when none are given. */
const char *sso_param_scope(const struct sso_call *call);
bool sso_has_word(const char *words, const char *word);
/* Answers: never cached (RFC 6749 5.1); `body` is stolen. */
void sso_answer(struct sso_call *call, unsigned status, json_t *body);
void sso_fail(struct sso_call *call, unsigned status, const char *error, const char *description);
void sso_redirect(struct sso_call *call, unsigned status, const char *url);

/* ---- authorize.c, device.c, token.c ---- */

void sso_handle_authorize(struct sso_call *call);
void sso_handle_interaction(struct sso_call *call);
void sso_handle_device_authorization(struct sso_call *call);
void sso_handle_device(struct sso_call *call);
void sso_handle_token(struct sso_call *call);
void sso_handle_revoke(struct sso_call *call);
void sso_handle_userinfo(struct sso_call *call);

void sso_grant_device(struct sso_call *call, const struct sso_client *client);
void sso_grant_code(struct sso_call *call, const struct sso_client *client);
void sso_grant_refresh(struct sso_call *call, const struct sso_client *client);
void sso_grant_exchange(struct sso_call *call, const struct sso_client *client);
/* Answers with new tokens of the session. */
void sso_issue(struct sso_call *call, const char *session);

/* ---- claims.c ---- */

/* What time it is to those who read the dates in a token: at whatever rate a process runs, its clock
 * begins with the machine's, and that of a sandbox which has run fast for a while is far ahead. */
int64_t sso_date_ms(void);
/* What `scope` lets a client know of a person; new reference. */
json_t *sso_claims_of(const struct sso_person *person, const char *scope);
/* A JWT of ours; `claims` is stolen and gets iat, exp, jti, and iss when it has none.  NULL when keys cannot be had. */
const char *sso_sign(struct sso *sso, const char *algorithm, json_t *claims, struct arena *arena);
/* Claims of a JWT of that issuer of ours that counts, or NULL; new reference. */
json_t *sso_verify(struct sso *sso, const char *token, const char *issuer);
bool sso_have_keys(struct sso *sso);

/* ---- job.c ---- */

#define SSO_JOB_PATH "/actions/id-token"
void sso_handle_job(struct sso_call *call);
/* What somebody who trusts these jobs says of the one with that token; new reference, or NULL when it is none. */
json_t *sso_job_claims(struct sso *sso, const char *token);

/* ---- page.c ---- */

/* Text between tags or in quotes. */
void page_add(struct buf *page, const char *text);
void page_send(struct sso_call *call, unsigned status, const char *title, const struct buf *content);
/* A page that says one thing. */
void page_say(struct sso_call *call, unsigned status, const char *title, const char *sentence);
/* Asks the person about a request: what, for whom, yes or no; the form goes to `action`. */
void page_ask(struct sso_call *call, const char *user_code, const json_t *request, const char *action);
/* The decision that the form carries: false when it makes no sense, which is answered. */
bool page_read_decision(struct sso_call *call, json_t *request);

#endif

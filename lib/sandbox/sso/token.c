/* The token endpoint: issuing, code, refresh and exchange; revocation and userinfo. */
#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/sso/parts.h"
#include "web/server.h"

enum { VERIFIER_MIN = 43, VERIFIER_MAX = 128, HALF_HASH = crypto_hash_sha256_BYTES / 2 };

/* ---- issuing ---- */

static const char *
new_token(struct sso_call *call, const char *kind, const char *session, int64_t lifetime_ms)
{
	const char *token = sso_new_secret(call->arena);
	sso_put(call->sso, "tokens", token,
	        json_pack("{s:s, s:s, s:I, s:I}", "kind", kind, "session", session, "expires_at",
	                  (json_int_t)(clock_wall_ms() + lifetime_ms), "generation",
	                  (json_int_t)sso_number(call->sso->state, "generation")));
	return token;
}

/* OpenID Connect Core 2 and 3.1.3.6; the nonce stands in the first one only (12.2). */
static const char *
new_id_token(struct sso_call *call, json_t *session, const char *access_token)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	const struct sso_client *client = sso_client_find(sso_text(session, "client_id"));
	const struct sso_person *person = sso_person_find(sso_text(session, "person"));
	if (client == NULL || person == NULL)
		return NULL;
	json_t *claims = sso_claims_of(person, sso_text(session, "scope"));
	crypto_hash_sha256(hash, (const unsigned char *)access_token, strlen(access_token));
	json_object_set_new(claims, "aud", json_string(client->id));
	json_object_set_new(claims, "auth_time", json_integer(sso_number(session, "auth_time") / 1000));
	json_object_set_new(claims, "at_hash", json_string(sso_base64url(hash, HALF_HASH, call->arena)));
	if (sso_text(session, "nonce")[0] != '\0')
		json_object_set(claims, "nonce", json_object_get(session, "nonce"));
	json_object_del(session, "nonce");
	return sso_sign(call->sso, client->algorithm, claims, call->arena);
}

void
sso_issue(struct sso_call *call, const char *session_id)
{
	json_t *session = sso_get(call->sso, "sessions", session_id);
	const char *scope = sso_text(session, "scope");
	int64_t lifetime_ms = call->sso->options.token_lifetime_ms;
	const char *access_token = new_token(call, "access", session_id, lifetime_ms);
	json_t *answer = json_pack("{s:s, s:s, s:I, s:s}", "access_token", access_token, "token_type", "Bearer",
	                           "expires_in", (json_int_t)(lifetime_ms / 1000), "scope", scope);
	if (sso_has_word(scope, "offline_access"))
		json_object_set_new(answer, "refresh_token",
		                    json_string(new_token(call, "refresh", session_id, REFRESH_LIFETIME_MS)));
	if (sso_has_word(scope, "openid")) {
		const char *id_token = new_id_token(call, session, access_token);
		if (id_token == NULL) {
			json_decref(answer);
			sso_fail(call, 500, "server_error", "an ID token cannot be signed");
			return;
		}
		json_object_set_new(answer, "id_token", json_string(id_token));
	}
	sso_answer(call, 200, answer);
}

/* ---- authorization code ---- */

static bool
proves(const struct sso_call *call, const json_t *code)
{
	const char *verifier = sso_param(call, "code_verifier");
	size_t length = verifier != NULL ? strlen(verifier) : 0;
	unsigned char hash[crypto_hash_sha256_BYTES];
	if (length < VERIFIER_MIN || length > VERIFIER_MAX)
		return false;
	crypto_hash_sha256(hash, (const unsigned char *)verifier, length);
	return strcmp(sso_base64url(hash, sizeof hash, call->arena), sso_text(code, "challenge")) == 0;
}

void
sso_grant_code(struct sso_call *call, const struct sso_client *client)
{
	const char *text = sso_param(call, "code"), *uri = sso_param(call, "redirect_uri");
	json_t *code = text != NULL ? sso_get(call->sso, "codes", text) : NULL;
	if (text == NULL || uri == NULL) {
		sso_fail(call, 400, "invalid_request", "code or redirect_uri is missing");
	} else if (code == NULL || strcmp(sso_text(code, "client_id"), client->id) != 0) {
		sso_fail(call, 400, "invalid_grant", "no such code");
	} else if (sso_is(code, "is_used")) {
		sso_revoke_session(call->sso, sso_text(code, "session"));
		sso_fail(call, 400, "invalid_grant", "the code was used before");
	} else if (sso_is_expired(code) || strcmp(sso_text(code, "redirect_uri"), uri) != 0 || !proves(call, code)) {
		sso_fail(call, 400, "invalid_grant", "the code has expired, or was given to somebody else");
	} else {
		json_object_set_new(code, "is_used", json_true());
		sso_issue(call, sso_text(code, "session"));
	}
}

/* ---- refresh ---- */

/* Nothing but what was granted (RFC 6749 6). */
static bool
is_within(const struct sso_call *call, const char *granted)
{
	const char *asked = sso_param(call, "scope");
	while (asked != NULL && *asked != '\0') {
		size_t n = strcspn(asked, " ");
		if (n > 0 && !sso_has_word(granted, arena_strndup(call->arena, asked, n)))
			return false;
		asked += n + (asked[n] == ' ');
	}
	return true;
}

void
sso_grant_refresh(struct sso_call *call, const struct sso_client *client)
{
	const char *text = sso_param(call, "refresh_token");
	json_t *token = text != NULL ? sso_live_token(call->sso, "refresh", text) : NULL;
	const json_t *session = sso_get(call->sso, "sessions", sso_text(token, "session"));
	if (text == NULL) {
		sso_fail(call, 400, "invalid_request", "refresh_token is missing");
	} else if (token == NULL || strcmp(sso_text(session, "client_id"), client->id) != 0) {
		sso_fail(call, 400, "invalid_grant", "the refresh token is not known, has expired or was revoked");
	} else if (sso_is(token, "is_used")) {
		sso_revoke_session(call->sso, sso_text(token, "session"));
		sso_fail(call, 400, "invalid_grant", "the refresh token was used before");
	} else if (!is_within(call, sso_text(session, "scope"))) {
		sso_fail(call, 400, "invalid_scope", "more than was granted");
	} else {
		json_object_set_new(token, "is_used", json_true());
		sso_issue(call, sso_text(token, "session"));
	}
}

/* ---- exchange (RFC 8693) ---- */

static bool
is_subject_type(const char *type)
{
	return strcmp(type, "urn:ietf:params:oauth:token-type:jwt") == 0 ||
	       strcmp(type, "urn:ietf:params:oauth:token-type:id_token") == 0;
}

static json_t *
exchanged_claims(json_t *subject, const char *audience)
{
	static const char *const kept[] = {"sub", "name", "preferred_username", "email", "email_verified", "groups"};
	json_t *claims = json_pack("{s:s}", "aud", audience);
	for (size_t i = 0; i < array_length(kept); i++)
		if (json_object_get(subject, kept[i]) != NULL)
			json_object_set(claims, kept[i], json_object_get(subject, kept[i]));
	return claims;
}

void
sso_grant_exchange(struct sso_call *call, const struct sso_client *client)
{
	const char *text = sso_param(call, "subject_token"), *type = sso_param(call, "subject_token_type"),
		   *audience = sso_param(call, "audience");
	if (text == NULL || type == NULL || !is_subject_type(type)) {
		sso_fail(call, 400, "invalid_request", "subject_token is missing, or of a type that is not read");
		return;
	}
	if (audience != NULL && sso_client_find(audience) == NULL) {
		sso_fail(call, 400, "invalid_target", "no such audience");
		return;
	}
	json_t *subject = sso_verify(call->sso, text, call->sso->issuer);
	if (subject == NULL)
		subject = sso_job_claims(call->sso, text);
	const char *token = subject == NULL
	                            ? NULL
	                            : sso_sign(call->sso, client->algorithm,
	                                       exchanged_claims(subject, audience != NULL ? audience : client->id), call->arena);
	json_decref(subject);
	if (token == NULL)
		sso_fail(call, 400, "invalid_request", "the subject token is none of an issuer that is trusted, or has expired");
	else
		sso_answer(call, 200,
		           json_pack("{s:s, s:s, s:s, s:I}", "access_token", token, "issued_token_type",
		                     "urn:ietf:params:oauth:token-type:jwt", "token_type", "Bearer", "expires_in",
		                     (json_int_t)(call->sso->options.token_lifetime_ms / 1000)));
}

/* ---- the endpoints ---- */

static const struct {
	const char *type;
	void (*run)(struct sso_call *call, const struct sso_client *client);
} grants[] = {
	{"authorization_code", sso_grant_code},
	{"refresh_token", sso_grant_refresh},
	{"urn:ietf:params:oauth:grant-type:device_code", sso_grant_device},
	{"urn:ietf:params:oauth:grant-type:token-exchange", sso_grant_exchange},
};

void
sso_handle_token(struct sso_call *call)
{
	const char *type = sso_param(call, "grant_type");
	const struct sso_client *client = sso_param_client(call);
	if (client == NULL)
		return;
	for (size_t i = 0; type != NULL && i < array_length(grants); i++) {
		if (strcmp(grants[i].type, type) == 0) {
			grants[i].run(call, client);
			return;
		}
	}
	if (type == NULL)
		sso_fail(call, 400, "invalid_request", "grant_type is missing");
	else
		sso_fail(call, 400, "unsupported_grant_type", "no such grant");
}

/* RFC 7009: a token that is not known is as good as revoked. */
void
sso_handle_revoke(struct sso_call *call)
{
	const char *text = sso_param(call, "token");
	const struct sso_client *client = sso_param_client(call);
	if (client == NULL)
		return;
	if (text == NULL) {
		sso_fail(call, 400, "invalid_request", "token is missing");
		return;
	}
	const json_t *token = sso_get(call->sso, "tokens", text),
		     *session = sso_get(call->sso, "sessions", sso_text(token, "session"));
	bool is_refresh = strcmp(sso_text(token, "kind"), "refresh") == 0;
	if (session != NULL && strcmp(sso_text(session, "client_id"), client->id) != 0) {
		sso_fail(call, 400, "invalid_request", "another client's token");
		return;
	}
	if (is_refresh)
		sso_revoke_session(call->sso, sso_text(token, "session"));
	else
		sso_remove(call->sso, "tokens", text);
	web_respond(call->request, 200, "", 0);
}

/* RFC 6750 2.1 and 3.1. */
void
sso_handle_userinfo(struct sso_call *call)
{
	const char *header = web_header(call->request, "Authorization");
	bool is_bearer = header != NULL && strncasecmp(header, "Bearer ", 7) == 0;
	const json_t *token = is_bearer ? sso_live_token(call->sso, "access", header + 7) : NULL,
		     *session = sso_get(call->sso, "sessions", sso_text(token, "session"));
	const struct sso_person *person = sso_person_find(sso_text(session, "person"));
	if (person != NULL) {
		sso_answer(call, 200, sso_claims_of(person, sso_text(session, "scope")));
		return;
	}
	web_add_header(call->request, "WWW-Authenticate",
	               arena_printf(call->arena, "Bearer realm=\"%s\"%s", call->sso->issuer,
	                            is_bearer ? ", error=\"invalid_token\"" : ""));
	sso_fail(call, 401, is_bearer ? "invalid_token" : "invalid_request",
	         is_bearer ? "the token is not known, has expired or was revoked" : "no access token");
}

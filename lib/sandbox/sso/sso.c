#include "sandbox/sso/sso.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "sandbox/sso/parts.h"
#include "web/server.h"

#define REALM "/realms/sandbox"
enum { FORM_BYTES_MAX = 64 * 1024 };

/* ---- what a request says, and answers ---- */

const char *
sso_param(const struct sso_call *call, const char *name)
{
	const char *value = web_form_value(&call->form, name);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

const struct sso_client *
sso_param_client(struct sso_call *call)
{
	const char *id = sso_param(call, "client_id");
	const struct sso_client *client = id != NULL ? sso_client_find(id) : NULL;
	if (id == NULL)
		sso_fail(call, 400, "invalid_request", "client_id is missing");
	else if (client == NULL)
		sso_fail(call, 401, "invalid_client", "no such client");
	return client;
}

bool
sso_has_word(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = words; *at != '\0';) {
		size_t n = strcspn(at, " ");
		if (n == length && strncmp(at, word, n) == 0)
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

const char *
sso_param_scope(const struct sso_call *call)
{
	scoped(buf_release) struct buf known = BUF_INIT(256);
	const char *asked = sso_param(call, "scope");
	for (const char *at = sso_scopes; asked != NULL && *at != '\0';) {
		size_t n = strcspn(at, " ");
		const char *word = arena_strndup(call->arena, at, n);
		if (sso_has_word(asked, word))
			buf_printf(&known, "%s%s", known.length > 0 ? " " : "", word);
		at += n + (at[n] == ' ');
	}
	return asked != NULL ? arena_strdup(call->arena, known.bytes) : "openid";
}

void
sso_answer(struct sso_call *call, unsigned status, json_t *body)
{
	web_add_header(call->request, "Cache-Control", "no-store");
	web_respond_json(call->request, status, body);
}

void
sso_fail(struct sso_call *call, unsigned status, const char *error, const char *description)
{
	sso_answer(call, status, json_pack("{s:s, s:s}", "error", error, "error_description", description));
}

void
sso_redirect(struct sso_call *call, unsigned status, const char *url)
{
	web_add_header(call->request, "Cache-Control", "no-store");
	web_add_header(call->request, "Location", url);
	web_respond(call->request, status, "", 0);
}

/* ---- what it says of itself ---- */

static const char *
below(const struct sso_call *call, const char *path)
{
	return arena_printf(call->arena, "%s%s", call->sso->issuer, path);
}

static void
handle_discovery(struct sso_call *call)
{
	json_t *document = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "issuer", call->sso->issuer, "authorization_endpoint",
		below(call, "/authorize"), "device_authorization_endpoint", below(call, "/device_authorization"),
		"token_endpoint", below(call, "/token"), "revocation_endpoint", below(call, "/revoke"),
		"userinfo_endpoint", below(call, "/userinfo"), "jwks_uri", below(call, "/keys"),
		"authorization_response_iss_parameter_supported", 1);
	static const struct {
		const char *member, *values;
	} lists[] = {
		{"scopes_supported", sso_scopes},
		{"response_types_supported", "code"},
		{"response_modes_supported", "query"},
		{"grant_types_supported",
		 "authorization_code refresh_token urn:ietf:params:oauth:grant-type:device_code "
		 "urn:ietf:params:oauth:grant-type:token-exchange"},
		{"subject_types_supported", "public"},
		{"id_token_signing_alg_values_supported", "RS256 ES256"},
		{"token_endpoint_auth_methods_supported", "none"},
		{"revocation_endpoint_auth_methods_supported", "none"},
		{"code_challenge_methods_supported", "S256"},
		{"prompt_values_supported", "none login consent select_account"},
		{"claims_supported", "sub iss aud exp iat auth_time nonce at_hash jti name preferred_username email "
	                             "email_verified groups"},
	};
	for (size_t i = 0; i < array_length(lists); i++) {
		json_t *values = json_array();
		for (const char *at = lists[i].values; *at != '\0';) {
			size_t n = strcspn(at, " ");
			json_array_append_new(values, json_stringn(at, n));
			at += n + (at[n] == ' ');
		}
		json_object_set_new(document, lists[i].member, values);
	}
	web_respond_json(call->request, 200, document);
}

static void
handle_keys(struct sso_call *call)
{
	if (!sso_have_keys(call->sso))
		sso_fail(call, 500, "server_error", "its keys cannot be read");
	else
		web_respond_json(call->request, 200, sso_keys_public(call->sso->keys));
}

/* ---- routes ---- */

static const struct route {
	const char *method, *path;
	void (*handle)(struct sso_call *call);
} routes[] = {
	{"GET", "/.well-known/openid-configuration", handle_discovery},
	{"GET", "/keys", handle_keys},
	{"GET", "/authorize", sso_handle_authorize},
	{"POST", "/authorize", sso_handle_authorize},
	{"GET", "/interaction", sso_handle_interaction},
	{"POST", "/interaction", sso_handle_interaction},
	{"POST", "/device_authorization", sso_handle_device_authorization},
	{"GET", "/device", sso_handle_device},
	{"POST", "/device", sso_handle_device},
	{"POST", "/token", sso_handle_token},
	{"POST", "/revoke", sso_handle_revoke},
	{"GET", "/userinfo", sso_handle_userinfo},
	{"POST", "/userinfo", sso_handle_userinfo},
};

/* Query or body, each name once (RFC 6749 3.1); else answered. */
static bool
read_form(struct sso_call *call)
{
	const struct web_request *request = call->request;
	const char *query = strchr(request->target, '?');
	bool is_post = strcmp(request->method, "POST") == 0;
	const char *type = is_post && request->body_length > 0 ? web_header(request, "Content-Type") : NULL;
	const char *bytes = is_post ? request->body : query != NULL ? query + 1 : "";
	size_t length = is_post ? request->body_length : strlen(bytes);
	if (is_post && length > 0 && (type == NULL || strncasecmp(type, "application/x-www-form-urlencoded", 33) != 0))
		sso_fail(call, 400, "invalid_request", "only application/x-www-form-urlencoded bodies are read");
	else if (length > FORM_BYTES_MAX || !web_form_read(bytes, length, call->arena, &call->form))
		sso_fail(call, 400, "invalid_request", "this is no form");
	else if (web_form_repeats(&call->form))
		sso_fail(call, 400, "invalid_request", "a parameter stands there twice");
	else
		return true;
	return false;
}

void
sso_handle(struct sso *sso, struct web_request *request)
{
	struct sso_call call = {.sso = sso, .request = request, .arena = request->arena};
	bool is_below = strncmp(request->path, REALM, strlen(REALM)) == 0, has_path = false;
	if (strcmp(request->path, SSO_JOB_PATH) == 0) {
		if (read_form(&call))
			sso_handle_job(&call);
		return;
	}
	for (size_t i = 0; is_below && i < array_length(routes); i++) {
		if (strcmp(request->path + strlen(REALM), routes[i].path) != 0)
			continue;
		has_path = true;
		if (strcmp(request->method, routes[i].method) != 0)
			continue;
		if (read_form(&call))
			routes[i].handle(&call);
		return;
	}
	sso_fail(&call, has_path ? 405 : 404, "invalid_request", has_path ? "not with this method" : "no such page");
}

/* ---- decisions from elsewhere ---- */

static bool
is_waiting(const json_t *request)
{
	return !sso_is_expired(request) && sso_text(request, "decision")[0] == '\0';
}

json_t *
sso_waiting(const struct sso *sso)
{
	json_t *list = json_array(), *request;
	const char *code;
	json_object_foreach (json_object_get(sso->state, "requests"), code, request)
		if (is_waiting(request))
			json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "user_code", code, "client_id",
			                                      sso_text(request, "client_id"), "way",
			                                      sso_text(request, "way")));
	return list;
}

/* The one that is meant. */
static bool
choose(const struct sso *sso, const char *user_code, struct arena *arena, const char **ret, struct error *err)
{
	json_t *list = sso_waiting(sso);
	size_t count = json_array_size(list);
	const char *newest =
		count > 0 ? arena_strdup(arena, sso_text(json_array_get(list, count - 1), "user_code")) : NULL;
	json_decref(list);
	*ret = user_code != NULL ? sso_user_code(user_code, arena) : newest;
	if (*ret == NULL)
		return error_set(err, ERROR_NOT_FOUND, "nobody waits to be signed on");
	const json_t *request = sso_get(sso, "requests", *ret);
	return (request != NULL && is_waiting(request)) ||
	       error_set(err, ERROR_NOT_FOUND, "no request with the code \"%s\" waits", *ret);
}

bool
sso_decide(struct sso *sso, const char *user_code, const char *person, bool is_approved, json_t **ret,
           struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	const char *code, *name = person != NULL ? person : sso_people[0].name;
	if (sso_person_find(name) == NULL)
		return error_set(err, ERROR_USAGE, "nobody is named \"%s\"", name);
	if (!choose(sso, user_code, &arena, &code, err))
		return false;
	json_t *request = sso_get(sso, "requests", code);
	sso_set_text(request, "decision", is_approved ? "approved" : "denied");
	sso_set_text(request, "person", name);
	*ret = json_pack("{s:s, s:s, s:s}", "user_code", code, "person", name, "decision",
	                 sso_text(request, "decision"));
	return true;
}

void
sso_expire_tokens(struct sso *sso, bool do_expire)
{
	int64_t next = sso_number(sso->state, "generation") + 1;
	sso_set_number(sso->state, "generation", next);
	sso_set_number(sso->state, "refused_below", do_expire ? next : 0);
}

/* ---- life, state ---- */

static json_t *
new_state(void)
{
	return json_pack("{s:{}, s:{}, s:{}, s:{}, s:i, s:i}", "requests", "codes", "tokens", "sessions", "generation",
	                 0, "refused_below", 0);
}

static char *
join(const char *first, const char *second)
{
	scoped(buf_release) struct buf text = BUF_INIT(1024);
	buf_printf(&text, "%s%s", first, second);
	return buf_detach(&text);
}

struct sso *
sso_new(const struct sso_options *options)
{
	struct sso *sso = calloc(1, sizeof *sso);
	if (sso == NULL || sodium_init() < 0)
		abort();
	*sso = (struct sso){.options = *options, .state = new_state()};
	if (sso->options.token_lifetime_ms <= 0)
		sso->options.token_lifetime_ms = TOKEN_LIFETIME_MS;
	sso_set_origin(sso, "https://localhost");
	return sso;
}

void
sso_free(struct sso *sso)
{
	if (sso == NULL)
		return;
	sso_keys_free(sso->keys);
	json_decref(sso->state);
	free(sso->origin);
	free(sso->issuer);
	free(sso);
}

void
sso_set_origin(struct sso *sso, const char *origin)
{
	free(sso->origin);
	free(sso->issuer);
	sso->origin = join(origin, "");
	sso->issuer = join(origin, REALM);
}

const char *
sso_issuer(const struct sso *sso)
{
	return sso->issuer;
}

json_t *
sso_snapshot(const struct sso *sso)
{
	return json_deep_copy(sso->state);
}

bool
sso_restore(struct sso *sso, const json_t *snapshot)
{
	static const char *const tables[] = {"requests", "codes", "tokens", "sessions"};
	for (size_t i = 0; snapshot != NULL && i < array_length(tables); i++)
		if (!json_is_object(json_object_get(snapshot, tables[i])))
			return false;
	json_decref(sso->state);
	sso->state = snapshot != NULL ? json_deep_copy(snapshot) : new_state();
	return true;
}

/* Who asks, and how Gate wants to be told: not at all, by a session, or by name and password. */
#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "sandbox/spinnaker/parts.h"
#include "web/form.h"

enum { CREDENTIAL_BYTES = 512 };
#define COOKIE "SESSION"
#define ACCOUNT "sandbox"

/* What each way of signing on takes; without any, everybody is let in. */
static const struct way {
	const char *trouble;
	bool has_form, takes_basic, takes_bearer;
	bool has_page; /* where whoever is not known is sent; else he is refused */
} ways[] = {
	{"gate-x509", .has_page = false},
	{"gate-oauth2", .takes_bearer = true, .has_page = true},
	{"gate-ldap", .has_form = true, .takes_basic = true, .has_page = true},
	{"gate-basic", .has_form = true, .takes_basic = true, .has_page = true},
};

static const struct way *
way_of(const struct gate *gate)
{
	for (size_t i = 0; i < array_length(ways); i++)
		if (gate_is_broken(gate, ways[i].trouble))
			return &ways[i];
	return NULL;
}

/* ---- what a request shows ---- */

static bool
is_password(const struct gate *gate, const char *given)
{
	const char *token = gate->options.token;
	return strlen(given) == strlen(token) && sodium_memcmp(given, token, strlen(token)) == 0;
}

/* "Basic …" of the one account. */
static bool
shows_password(const struct gate_call *call)
{
	char text[CREDENTIAL_BYTES];
	size_t length;
	const char *header = web_header(call->request, "Authorization");
	if (header == NULL || strncasecmp(header, "Basic ", 6) != 0 ||
	    sodium_base642bin((unsigned char *)text, sizeof text - 1, header + 6, strlen(header + 6), NULL, &length, NULL,
	                      sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	text[length] = '\0';
	return strncmp(text, ACCOUNT ":", strlen(ACCOUNT ":")) == 0 && is_password(call->gate, text + strlen(ACCOUNT ":"));
}

/* Whom a bearer token is of; NULL without one that counts. */
static const char *
bearer(const struct gate_call *call)
{
	const struct gate_options *options = &call->gate->options;
	const char *header = web_header(call->request, "Authorization");
	if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
		return NULL;
	if (is_password(call->gate, header + 7))
		return ACCOUNT;
	return options->person(options->data, header + 7);
}

/* The cookie's value, NULL without one. */
static const char *
cookie(const struct gate_call *call)
{
	const char *at = web_header_list(call->request, "Cookie");
	while (at != NULL && *at != '\0') {
		at += strspn(at, " ;,");
		size_t length = strcspn(at, ";,");
		if (strncmp(at, COOKIE "=", strlen(COOKIE "=")) == 0)
			return arena_strndup(call->arena, at + strlen(COOKIE "="), length - strlen(COOKIE "="));
		at += length;
	}
	return NULL;
}

static const char *
session_user(const struct gate_call *call)
{
	const char *value = cookie(call);
	return value != NULL ? json_string_value(json_object_get(gate_table(call->gate, "sessions"), value)) : NULL;
}

/* ---- signing on ---- */

static void
begin_session(struct gate_call *call, const char *user)
{
	char id[IDENTIFIER_BYTES];
	json_t *sessions = gate_table(call->gate, "sessions");
	identifier_uuid(id);
	if (json_object_size(sessions) >= ENTRIES_MAX)
		json_object_del(sessions, json_object_iter_key(json_object_iter(sessions)));
	json_object_set_new(sessions, id, json_string(user));
	web_add_header(call->request, "Set-Cookie",
	               arena_printf(call->arena, COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Lax", id));
}

static void
redirect_to(struct gate_call *call, const char *url)
{
	web_add_header(call->request, "Location", url);
	web_add_header(call->request, "Content-Type", "text/html;charset=utf-8");
	web_respond(call->request, 302, "", 0);
}

static void
redirect(struct gate_call *call, const char *path)
{
	const char *host = web_header(call->request, "Host");
	redirect_to(call, arena_printf(call->arena, "https://%s%s", host != NULL ? host : "localhost", path));
}

static void
show_form(struct gate_call *call)
{
	static const char page[] = "<!doctype html>\n<html><title>Please sign in</title><form method=\"post\" action=\"/login\">"
	                           "<input name=\"username\"><input name=\"password\" type=\"password\"></form></html>\n";
	web_add_header(call->request, "Content-Type", "text/html;charset=utf-8");
	web_respond(call->request, 200, page, strlen(page));
}

/* Right or wrong, the answer is a redirect. */
static void
take_form(struct gate_call *call)
{
	struct web_form form;
	const struct web_request *request = call->request;
	bool is_form = web_form_read(request->body, request->body_length, call->arena, &form);
	const char *name = is_form ? web_form_value(&form, "username") : NULL;
	const char *password = is_form ? web_form_value(&form, "password") : NULL;
	if (name == NULL || password == NULL || strcmp(name, ACCOUNT) != 0 || !is_password(call->gate, password)) {
		redirect(call, "/login?error");
		return;
	}
	begin_session(call, ACCOUNT);
	redirect(call, "/");
}

/* With a bearer token it makes a session; without one the company's sign-on server is next. */
static void
take_bearer(struct gate_call *call)
{
	const char *user = bearer(call);
	if (user != NULL) {
		begin_session(call, user);
		redirect(call, "/");
	} else if (web_header(call->request, "Authorization") != NULL) {
		gate_fail(call, 401, "Invalid access token");
	} else {
		redirect_to(call, arena_printf(call->arena, "%s/authorize?client_id=gate&response_type=code",
		                               call->gate->issuer != NULL ? call->gate->issuer : ""));
	}
}

void
session_handle_login(struct gate_call *call)
{
	const struct way *way = way_of(call->gate);
	if (way == NULL || !way->has_page)
		gate_fail(call, 404, "No message available");
	else if (way->takes_bearer)
		take_bearer(call);
	else if (strcmp(call->request->method, "POST") == 0)
		take_form(call);
	else
		show_form(call);
}

void
session_handle_logout(struct gate_call *call)
{
	const char *value = cookie(call);
	if (value != NULL)
		json_object_del(gate_table(call->gate, "sessions"), value);
	redirect(call, "/auth/loggedOut");
}

/* ---- who asks ---- */

static const char *
known_user(struct gate_call *call, const struct way *way)
{
	const char *shown = web_client(call->request), *user = arena_strdup(call->arena, session_user(call));
	if (shown != NULL)
		return shown;
	if (user != NULL && gate_strikes(call->gate, "gate-renew", NULL)) {
		json_object_del(gate_table(call->gate, "sessions"), cookie(call));
		begin_session(call, user);
	}
	return user == NULL && way->takes_basic && shows_password(call) ? ACCOUNT : user;
}

bool
session_admit(struct gate_call *call)
{
	static const char *const open[] = {"/auth/user", "/health", "/login", "/auth/logout"};
	const struct way *way = way_of(call->gate);
	const char *claimed = web_header(call->request, "X-SPINNAKER-USER");
	call->user = way != NULL ? known_user(call, way) : claimed != NULL && strlen(claimed) < 200 && gate_is_text(claimed) ? claimed : "anonymous";
	for (size_t i = 0; call->user == NULL && i < array_length(open); i++)
		if (strcmp(call->request->path, open[i]) == 0)
			return true;
	if (call->user == NULL && way->has_page)
		redirect(call, "/login");
	else if (call->user == NULL)
		gate_fail(call, 403, "Access Denied");
	return call->user != NULL;
}

void
session_handle_user(struct gate_call *call)
{
	if (call->user == NULL)
		gate_answer_nothing(call, 200);
	else
		gate_answer(call, 200,
		            json_pack("{s:s, s:s, s:[], s:[s], s:b, s:b, s:b, s:b}", "email", call->user, "username", call->user,
		                      "roles", "allowedAccounts", call->gate->options.account, "enabled", 1,
		                      "accountNonExpired", 1, "accountNonLocked", 1, "credentialsNonExpired", 1));
}

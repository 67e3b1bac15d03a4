#include "api/spinnaker/session.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "net/http.h"

enum { COOKIES_MAX = 16, COOKIE_BYTES_MAX = 4096, ANSWER_MAX = 1024 * 1024 };

static const struct http_policy policy = {.tries = 2, .base_ms = 300, .cap_ms = 1000, .connect_ms = 5000,
                                          .idle_ms = 20000, .total_ms = 30000};

/* ---- cookies: of one host, so that domain and path do not matter ---- */

struct cookie {
	char *name;
	struct secret *value;
};

struct spinnaker_session {
	struct cookie cookies[COOKIES_MAX];
	size_t count;
};

static void
throw_away(struct cookie *cookie)
{
	free(cookie->name);
	secret_free(cookie->value);
}

static void
clear(struct spinnaker_session *session)
{
	for (size_t i = 0; i < session->count; i++)
		throw_away(&session->cookies[i]);
	session->count = 0;
}

void
spinnaker_session_release(struct spinnaker_session **session)
{
	if (*session == NULL)
		return;
	clear(*session);
	free(*session);
	*session = NULL;
}

static void
forget(struct spinnaker_session *session, const char *name, size_t length)
{
	for (size_t i = 0; i < session->count; i++) {
		struct cookie *cookie = &session->cookies[i];
		if (strlen(cookie->name) != length || memcmp(cookie->name, name, length) != 0)
			continue;
		throw_away(cookie);
		*cookie = session->cookies[--session->count];
		return;
	}
}

/* RFC 6265 4.1.1, without the quotes: what may stand in a Cookie header as it came. */
static bool
is_cookie_text(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] > '~' || text[i] == ';' || text[i] == ',')
			return false;
	return true;
}

/* "SESSION=MjQx; Path=/; HttpOnly": a later one of the same name counts, an empty one takes it away. */
static bool
take_cookie(struct spinnaker_session *session, const char *text)
{
	size_t length = strcspn(text, ";"), n_name = strcspn(text, "=");
	if (n_name == 0 || n_name >= length || length > COOKIE_BYTES_MAX || !is_cookie_text(text, length))
		return false;
	forget(session, text, n_name);
	if (length == n_name + 1 || session->count == COOKIES_MAX)
		return true;
	char *name = strndup(text, n_name);
	if (name == NULL)
		abort();
	session->cookies[session->count++] = (struct cookie){name, secret_new(text + n_name + 1, length - n_name - 1)};
	return true;
}

/* Out of memory that nobody guards, into some that is guarded. */
bool
spinnaker_session_take(struct spinnaker_session *session, const struct http_response *answer)
{
	bool has_some = false;
	for (size_t i = 0; i < answer->n_headers; i++) {
		const struct http_header *header = &answer->headers[i];
		if (strcmp(header->name, "set-cookie") != 0)
			continue;
		if (session != NULL && take_cookie(session, header->value))
			has_some = true;
		secret_wipe((char *)(uintptr_t)header->value, strlen(header->value));
	}
	return has_some;
}

struct secret *
spinnaker_session_cookies(const struct spinnaker_session *session)
{
	scoped(arena_release) struct arena scratch = {0};
	struct secret_piece pieces[COOKIES_MAX];
	if (session == NULL || session->count == 0)
		return NULL;
	for (size_t i = 0; i < session->count; i++)
		pieces[i] = (struct secret_piece){.text = arena_printf(&scratch, "%s%s=", i > 0 ? "; " : "", session->cookies[i].name),
		                                  .secret = session->cookies[i].value};
	return secret_compose(pieces, session->count);
}

/* ---- answers ---- */

static bool
is_redirect(const struct http_response *answer)
{
	return answer->status >= 300 && answer->status < 400;
}

/* Gate's own page, or that of a sign-on server. */
static bool
leads_to_login(const struct http_response *answer)
{
	static const char *const words[] = {"login", "oauth", "authorize", "saml", "signin"};
	const char *location = http_header_value(answer, "location");
	for (size_t i = 0; is_redirect(answer) && location != NULL && i < array_length(words); i++)
		if (strstr(location, words[i]) != NULL)
			return true;
	return false;
}

bool
spinnaker_answers_stranger(const struct http_response *answer)
{
	return answer->status == 401 || leads_to_login(answer);
}

static bool
refuse(const char *why, struct error *err)
{
	error_put(err, ERROR_NOT_LOGGED_IN, "Spinnaker does not take the credential: %s", why);
	return error_next(err, "paas login spinnaker");
}

/* What no log-in can help with. */
static bool
check(const struct http_response *answer, const char *path, struct error *err)
{
	if (answer->status == 403)
		return error_set(err, ERROR_FORBIDDEN, "Spinnaker: %s: HTTP 403", path);
	if (answer->status == 429)
		return error_set(err, ERROR_RATE_LIMITED, "Spinnaker: %s: HTTP 429", path);
	return answer->status < 500 || error_set(err, ERROR_UNREACHABLE, "Spinnaker: %s: HTTP %d", path, answer->status);
}

/* ---- asking ---- */

struct visit {
	struct http *http;
	const struct http_endpoint *endpoint;
	const char *url;
	struct arena *arena;
	struct spinnaker_session *session;
	bool is_nameless; /* without the endpoint's name and password: they were in vain, and go into the form */
};

/* `form`: what is posted; NULL: a GET. */
static bool
ask(struct visit *visit, const char *path, const struct secret *form, struct http_response *ret, struct error *err)
{
	static const struct http_header headers[] = {
		{"Accept", "application/json"}, {"X-RateLimit-App", "paas"}, {"Content-Type", "application/x-www-form-urlencoded"}};
	scoped(secret_release) struct secret *cookies = spinnaker_session_cookies(visit->session);
	struct http_endpoint inside;
	spinnaker_session_use(visit->endpoint, cookies, visit->arena, &inside);
	if (visit->is_nameless)
		inside.username = NULL;
	size_t length = strlen(visit->url);
	while (length > 0 && visit->url[length - 1] == '/')
		length--;
	struct http_request request = {
		.method = form != NULL ? "POST" : "GET", .url = arena_printf(visit->arena, "%.*s%s", (int)length, visit->url, path),
		.endpoint = &inside, .headers = headers, .n_headers = form != NULL ? 3 : 2, .secret_body = form, .is_private = true,
		.policy = &policy, .max_bytes = ANSWER_MAX,
	};
	if (!http_send(visit->http, &request, visit->arena, ret, err))
		return false;
	spinnaker_session_take(visit->session, ret);
	return check(ret, path, err);
}

/* Whether /auth/user, open to everybody, knows who asks.  An empty answer is one to a stranger. */
static bool
ask_user(struct visit *visit, bool *ret_is_known, struct error *err)
{
	struct http_response answer;
	if (!ask(visit, "/auth/user", NULL, &answer, err))
		return false;
	*ret_is_known = false;
	if (spinnaker_answers_stranger(&answer) || (answer.status == 200 && answer.length == 0))
		return true;
	if (answer.status != 200)
		return error_set(err, ERROR_BAD_ANSWER, "Spinnaker: /auth/user: HTTP %d: its address may be wrong", answer.status);
	json_t *user = json_loadb(answer.body, answer.length, JSON_REJECT_DUPLICATES, NULL);
	bool is_object = json_is_object(user);
	json_decref(user);
	*ret_is_known = is_object;
	return is_object || error_set(err, ERROR_BAD_ANSWER, "Spinnaker: /auth/user answers something else than JSON: its address may be wrong");
}

static bool
conclude(struct visit *visit, struct spinnaker_session **ret, struct error *err)
{
	bool is_known;
	if (!ask_user(visit, &is_known, err))
		return false;
	if (!is_known)
		return refuse("it answers as to somebody unknown", err);
	*ret = visit->session->count > 0 ? take(visit->session) : NULL;
	return true;
}

/* ---- the ways in ---- */

/* Gate's filter reads the token on the way to the log-in only; a proxy that reads it on every request sets no cookie. */
static bool
show_bearer(struct visit *visit, struct spinnaker_session **ret, struct error *err)
{
	struct http_response answer;
	if (!ask(visit, "/login", NULL, &answer, err))
		return false;
	return answer.status == 401 ? refuse("HTTP 401", err) : conclude(visit, ret, err);
}

/* "https://gate/login?error" and "https://gate/login": in vain. */
static bool
check_form(const struct http_response *answer, struct error *err)
{
	const char *location = is_redirect(answer) ? http_header_value(answer, "location") : NULL;
	size_t path = location != NULL ? strcspn(location, "?#;") : 0;
	if (answer->status == 401)
		return refuse("HTTP 401", err);
	if (answer->status == 404 || answer->status == 405)
		return refuse("it knows neither names and passwords on a request nor a form for them", err);
	if (path >= 6 && memcmp(location + path - 6, "/login", 6) == 0)
		return refuse("the name or the password is wrong", err);
	return true;
}

static bool
fill_form(struct visit *visit, struct spinnaker_session **ret, struct error *err)
{
	const struct http_endpoint *endpoint = visit->endpoint;
	const char *username = arena_printf(visit->arena, "username=%s&password=", http_escape(endpoint->username, visit->arena));
	const struct secret_piece pieces[] = {{.text = username, .secret = endpoint->password, .form = SECRET_AS_URL}};
	scoped(secret_release) struct secret *form = secret_compose(pieces, array_length(pieces));
	struct http_response answer;
	visit->is_nameless = true;
	return ask(visit, "/login", form, &answer, err) && check_form(&answer, err) && conclude(visit, ret, err);
}

static bool
show_password(struct visit *visit, struct spinnaker_session **ret, struct error *err)
{
	bool is_known;
	if (!ask_user(visit, &is_known, err))
		return false;
	clear(visit->session);
	if (!is_known)
		return fill_form(visit, ret, err);
	*ret = NULL;
	return true;
}

bool
spinnaker_session_begin(struct http *http, const struct http_endpoint *endpoint, const char *url, struct spinnaker_session **ret,
                        struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	if (endpoint->bearer == NULL && endpoint->username == NULL) {
		*ret = NULL;
		return true;
	}
	struct visit visit = {.http = http, .endpoint = endpoint, .url = url, .arena = &scratch,
	                      .session = calloc(1, sizeof *visit.session)};
	if (visit.session == NULL)
		abort();
	bool is_fine = endpoint->bearer != NULL ? show_bearer(&visit, ret, err) : show_password(&visit, ret, err);
	spinnaker_session_release(&visit.session);
	return is_fine;
}

void
spinnaker_session_use(const struct http_endpoint *endpoint, const struct secret *cookies, struct arena *arena,
                      struct http_endpoint *ret)
{
	*ret = *endpoint;
	if (cookies == NULL)
		return;
	struct http_secret_header *headers = arena_array(arena, struct http_secret_header, endpoint->n_secret_headers + 1);
	if (endpoint->n_secret_headers > 0)
		memcpy(headers, endpoint->secret_headers, endpoint->n_secret_headers * sizeof *headers);
	headers[endpoint->n_secret_headers] = (struct http_secret_header){"Cookie", NULL, cookies};
	ret->secret_headers = headers;
	ret->n_secret_headers = endpoint->n_secret_headers + 1;
	ret->username = NULL;
	ret->password = NULL;
}

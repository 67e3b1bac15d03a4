#include "role/account.h"

#include <jansson.h>
#include <string.h>

#include "api/oci/registry.h"
#include "api/spinnaker/session.h"
#include "base/clock.h"
#include "net/http.h"

enum { ANSWER_MAX = 256 * 1024 };

static const struct http_policy policy = {.tries = 2, .base_ms = 300, .cap_ms = 1000, .connect_ms = 5000,
                                          .idle_ms = 10000, .total_ms = 15000};

/* ---- how each is asked ---- */

static const struct question {
	const char *provider;
	const char *method, *path;         /* below the url */
	const char *header, *value;        /* one to add; NULL: none */
	const char *name;                  /* the member that says who, dotted; NULL: it does not say */
	const char *flag;                  /* a member that must be true: an answer of 200 may be a refusal */
	const char *scopes_header, *expiry_header;
} questions[] = {
	{"github", "GET", "/user", "Accept", "application/vnd.github+json", "login", NULL, "x-oauth-scopes",
	 "github-authentication-token-expiration"},
	{"github-actions", "GET", "/user", "Accept", "application/vnd.github+json", "login", NULL, "x-oauth-scopes",
	 "github-authentication-token-expiration"},
	{"travis", "GET", "/user", "Travis-API-Version", "3", "login", NULL, NULL, NULL},
	{"artifactory", "GET", "/api/system/version", NULL, NULL, NULL, NULL, NULL, NULL},
	{"oci", "GET", "/v2/", NULL, NULL, NULL, NULL, NULL, NULL},
	{"spinnaker", "GET", "/auth/user", "X-RateLimit-App", "paas", "username", NULL, NULL, NULL},
	{"prometheus", "GET", "/api/v1/status/buildinfo", NULL, NULL, NULL, NULL, NULL, NULL},
	{"datadog", "GET", "/api/v1/validate", NULL, NULL, NULL, "valid", NULL, NULL},
	{"elasticsearch", "GET", "/_security/_authenticate", NULL, NULL, "username", NULL, NULL, NULL},
	{"sumologic", "GET", "/v1/healthEvents?limit=1", NULL, NULL, NULL, NULL, NULL, NULL},
	{"jira", "GET", "/rest/api/2/myself", NULL, NULL, "name", NULL, NULL, NULL},
	{"slack", "POST", "/auth.test", NULL, NULL, "user", "ok", "x-oauth-scopes", NULL},
	{"kubernetes", "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "Content-Type", "application/json",
	 "status.userInfo.username", NULL, NULL, NULL},
};

static const char review[] = "{\"kind\":\"SelfSubjectReview\",\"apiVersion\":\"authentication.k8s.io/v1\"}";

static const struct question *
question_of(const char *provider)
{
	for (size_t i = 0; i < array_length(questions); i++)
		if (strcmp(questions[i].provider, provider) == 0)
			return &questions[i];
	return NULL;
}

/* "https://gate.acme.example/" + "/auth/user" */
static const char *
join(const char *url, const char *path, struct arena *arena)
{
	size_t length = strlen(url);
	while (length > 0 && url[length - 1] == '/')
		length--;
	return arena_printf(arena, "%.*s%s", (int)length, url, path);
}

/* ---- what it answers ---- */

static bool
refuse(const struct system *system, const char *why, struct error *err)
{
	return error_set(err, ERROR_NOT_LOGGED_IN, "%s does not take the credential: %s", system->label, why);
}

/* The company's sign-on is logged in to as a whole. */
static const char *
login_of(const struct system *system, struct arena *arena)
{
	return system->credential.takes_sign_on ? "paas login" : arena_printf(arena, "paas login %s", system->name);
}

/* What it answers to a stranger would sound as if a credential had been wrong. */
static bool
say_none(const struct system *system, struct arena *arena, struct error *err)
{
	error_put(err, ERROR_NOT_LOGGED_IN, "%s wants a credential, and there is none", system->label);
	return error_next(err, "%s", login_of(system, arena));
}

/* A login would change nothing while a variable counts before it. */
static void
put_way_out(const struct system *system, const struct credential *credential, bool is_answered, struct arena *arena, struct error *err)
{
	const char *login = login_of(system, arena);
	if (credential->source == CREDENTIAL_NONE && is_answered)
		(void)!say_none(system, arena, err);
	else if (credential->source == CREDENTIAL_VARIABLE)
		error_put_next(err, "put another token into $%s, or unset it and %s", credential->detail, login);
	else if (credential->source == CREDENTIAL_FILE)
		error_put_next(err, "put another token into the file of $PAAS_TOKEN_FILE, or unset it and %s", login);
	else
		error_put_next(err, "%s", login);
}

/* Gate, and proxies in front of others, answer a stranger with a redirect. */
static bool
is_sent_to_log_in(const struct http_response *answer)
{
	const char *location = http_header_value(answer, "location");
	return answer->status >= 300 && answer->status < 400 && location != NULL &&
	       (strstr(location, "login") != NULL || strstr(location, "oauth") != NULL || strstr(location, "authorize") != NULL);
}

static bool
check_status(const struct system *system, const struct http_response *answer, struct arena *arena, struct error *err)
{
	const char *captcha = http_header_value(answer, "x-authentication-denied-reason");
	const char *type = http_header_value(answer, "content-type");
	bool is_page = type != NULL && strncmp(type, "text/html", 9) == 0;
	if (captcha != NULL)
		return refuse(system, "it wants a captcha; sign in once in a browser before another try", err);
	if (answer->status == 401 || is_sent_to_log_in(answer))
		return refuse(system, arena_printf(arena, "HTTP %d", answer->status), err);
	if (answer->status == 403)
		return error_set(err, ERROR_FORBIDDEN, "%s: HTTP 403", system->label);
	if (answer->status != 200 && answer->status != 201)
		return error_set(err, answer->status >= 500 ? ERROR_UNREACHABLE : ERROR_BAD_ANSWER, "%s: HTTP %d", system->label,
		                 answer->status);
	return !is_page || error_set(err, ERROR_BAD_ANSWER, "%s answers with a web page: its address may be wrong", system->label);
}

/* "status.userInfo.username" */
static const char *
member(const json_t *object, const char *path)
{
	for (size_t length; path[0] != '\0'; path += length + (path[length] == '.')) {
		length = strcspn(path, ".");
		object = json_object_getn(object, path, length);
	}
	return json_string_value(object);
}

static bool
read_answer(const struct system *system, const struct question *question, const struct http_response *answer,
            struct arena *arena, struct account *ret, struct error *err)
{
	scoped(json_decrefp) json_t *body = json_loadb(answer->body, answer->length, JSON_REJECT_DUPLICATES, NULL);
	const char *anonymous = http_header_value(answer, "x-seraph-loginreason");
	if (!json_is_object(body) && answer->length > 0)
		return error_set(err, ERROR_BAD_ANSWER, "%s answers something else than JSON: its address may be wrong", system->label);
	if (body == NULL && question->name == NULL)
		return error_set(err, ERROR_BAD_ANSWER, "%s answers nothing at all: its address may be wrong", system->label);
	if (question->flag != NULL && !json_is_true(json_object_get(body, question->flag))) {
		const char *why = json_string_value(json_object_get(body, "error"));
		return refuse(system, why != NULL ? why : "it says so", err);
	}
	const char *name = question->name != NULL ? member(body, question->name) : NULL;
	if (question->name != NULL && (name == NULL || name[0] == '\0'))
		return refuse(system, anonymous != NULL ? anonymous : "it answers as to somebody unknown", err);
	const char *scopes = question->scopes_header != NULL ? http_header_value(answer, question->scopes_header) : NULL;
	const char *expiry = question->expiry_header != NULL ? http_header_value(answer, question->expiry_header) : NULL;
	int64_t expires_at_ms = expiry != NULL ? clock_parse_ms(expiry) : 0;
	*ret = (struct account){
		.name = name != NULL ? arena_strdup(arena, name) : NULL,
		.scopes = scopes != NULL ? arena_strdup(arena, scopes) : NULL,
		.expires_at_ms = expires_at_ms > 0 ? expires_at_ms : 0,
	};
	return true;
}

/* ---- asking ---- */

/* A registry answers a stranger and a friend alike until its token service was asked. */
static bool
ask_registry(struct http *http, const struct system *system, const struct http_endpoint *endpoint, struct arena *arena,
             struct http_response *ret, struct error *err)
{
	struct oci *oci = oci_open(http, endpoint, system->credential.url);
	bool is_fine = oci_request_raw(oci, &(struct oci_raw_request){.method = "GET", .path = "/v2/"}, arena, ret, err);
	oci_close(oci);
	return is_fine;
}

/* Gate reads a credential at its log-in alone. */
static bool
ask_gate(struct http *http, const struct system *system, struct http_request request, struct arena *arena,
         struct http_response *ret, struct error *err)
{
	scoped(spinnaker_session_release) struct spinnaker_session *session = NULL;
	struct http_endpoint inside;
	if (!spinnaker_session_begin(http, request.endpoint, system->credential.url, &session, err))
		return false;
	scoped(secret_release) struct secret *cookies = spinnaker_session_cookies(session);
	spinnaker_session_use(request.endpoint, cookies, arena, &inside);
	request.endpoint = &inside;
	return http_send(http, &request, arena, ret, err);
}

static bool
ask(struct http *http, const struct system *system, const struct question *question, const struct http_endpoint *endpoint,
    struct arena *arena, struct http_response *ret, struct error *err)
{
	bool is_review = strcmp(question->provider, "kubernetes") == 0;
	struct http_header header = {question->header, question->value};
	struct http_request request = {
		.method = question->method, .url = join(system->credential.url, question->path, arena), .endpoint = endpoint,
		.headers = &header, .n_headers = question->header != NULL, .policy = &policy, .max_bytes = ANSWER_MAX,
		.is_idempotent = true, .body = is_review ? review : NULL, .body_length = is_review ? sizeof review - 1 : 0,
	};
	if (strcmp(question->provider, "oci") == 0)
		return ask_registry(http, system, endpoint, arena, ret, err);
	if (strcmp(question->provider, "spinnaker") == 0)
		return ask_gate(http, system, request, arena, ret, err);
	return http_send(http, &request, arena, ret, err);
}

bool
account_ask(struct http *http, const struct system *system, const struct credential *credential, struct arena *arena,
            struct account *ret, struct error *err)
{
	const struct question *question = question_of(system->credential.provider);
	struct http_endpoint endpoint;
	struct http_response answer;
	if (question == NULL)
		return error_set(err, ERROR_NOT_FOUND, "%s cannot be asked who it takes us for", system->label);
	if (!systems_endpoint(system, credential, arena, &endpoint, err))
		return false;
	bool is_answered = ask(http, system, question, &endpoint, arena, &answer, err);
	if (is_answered && check_status(system, &answer, arena, err) && read_answer(system, question, &answer, arena, ret, err))
		return true;
	if (err->code == ERROR_NOT_LOGGED_IN)
		put_way_out(system, credential, is_answered, arena, err);
	return error_from(err, system->name, question->path, join(system->credential.url, question->path, arena));
}

/* ---- ending it ---- */

/* GitHub ends a token for the application that made it only, which has to show its secret; others know no such request. */
static const struct ending {
	const char *provider, *path; /* POST */
	const char *shared;          /* a member of who it is that only a program has */
	const char *flag;            /* must be true */
} endings[] = {{"slack", "/auth.revoke", "bot_id", "revoked"}};

static const struct ending *
ending_of(const char *provider)
{
	for (size_t i = 0; i < array_length(endings); i++)
		if (strcmp(endings[i].provider, provider) == 0)
			return &endings[i];
	return NULL;
}

static bool
has_member(const struct http_response *answer, const char *name)
{
	scoped(json_decrefp) json_t *body = json_loadb(answer->body, answer->length, JSON_REJECT_DUPLICATES, NULL);
	return json_object_get(body, name) != NULL;
}

static bool
revoke(struct http *http, const struct system *system, const struct ending *ending, const struct http_endpoint *endpoint,
       struct arena *arena, struct error *err)
{
	const struct question question = {.provider = system->credential.provider, .method = "POST", .path = ending->path,
	                                  .flag = ending->flag};
	struct http_response answer;
	struct account ignored;
	return ask(http, system, &question, endpoint, arena, &answer, err) && check_status(system, &answer, arena, err) &&
	       read_answer(system, &question, &answer, arena, &ignored, err);
}

static bool
end(struct http *http, const struct system *system, const struct ending *ending, const struct http_endpoint *endpoint,
    struct arena *arena, enum account_ending *ret, struct error *err)
{
	const struct question *question = question_of(system->credential.provider);
	struct http_response answer;
	struct account account;
	if (question == NULL)
		return error_set(err, ERROR_NOT_FOUND, "%s cannot be asked whose it is", system->label);
	if (!ask(http, system, question, endpoint, arena, &answer, err) || !check_status(system, &answer, arena, err) ||
	    !read_answer(system, question, &answer, arena, &account, err))
		return false;
	bool is_shared = has_member(&answer, ending->shared);
	if (!is_shared && !revoke(http, system, ending, endpoint, arena, err))
		return false;
	*ret = is_shared ? ACCOUNT_SHARED : ACCOUNT_ENDED;
	return true;
}

bool
account_end(struct http *http, const struct system *system, const struct credential *credential, struct arena *arena,
            enum account_ending *ret, struct error *err)
{
	const struct ending *ending = ending_of(system->credential.provider);
	struct http_endpoint endpoint;
	struct error why = {0};
	if (ending == NULL) {
		*ret = ACCOUNT_LIVES_ON;
		return true;
	}
	if (!systems_endpoint(system, credential, arena, &endpoint, err))
		return false;
	if (end(http, system, ending, &endpoint, arena, ret, &why))
		return true;
	if (why.code != ERROR_NOT_LOGGED_IN) {
		*err = why;
		return error_from(err, system->name, ending->path, join(system->credential.url, ending->path, arena));
	}
	*ret = ACCOUNT_ENDED;
	return true;
}

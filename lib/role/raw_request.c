#include "role/raw_request.h"

#include <string.h>
#include <strings.h>

#include "api/spinnaker/session.h"

enum { HEADERS_MAX = 40, ANSWER_MAX = 64 * 1024 * 1024 };

static const struct http_policy policy = {.tries = 2, .base_ms = 300, .cap_ms = 2000, .connect_ms = 5000, .idle_ms = 60000,
                                          .total_ms = 120000};

/* What a system wants of each request, unless the caller says otherwise. */
static const struct {
	const char *provider; /* NULL: all */
	struct http_header header;
} wanted[] = {
	{NULL, {"Accept", "application/json"}},
	{"travis", {"Travis-API-Version", "3"}},
	{"spinnaker", {"X-RateLimit-App", "paas"}},
};

static bool
is_given(const struct raw_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (strcasecmp(request->headers[i].name, name) == 0)
			return true;
	return false;
}

static size_t
put_headers(const struct system *system, const struct raw_request *request, struct http_header ret[static HEADERS_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < request->n_headers && count < HEADERS_MAX - array_length(wanted); i++)
		ret[count++] = request->headers[i];
	for (size_t i = 0; i < array_length(wanted); i++)
		if ((wanted[i].provider == NULL || strcmp(wanted[i].provider, system->credential.provider) == 0) &&
		    !is_given(request, wanted[i].header.name))
			ret[count++] = wanted[i].header;
	return count;
}

/* "https://ghe.acme.example/api/v3" and "/user", or "/api/v3/user" as a trace says it. */
static const char *
url_of(const struct system *system, const char *path, struct arena *arena)
{
	const char *url = system->credential.url, *host = strstr(url, "://");
	const char *base = host != NULL ? strchr(host + 3, '/') : NULL;
	size_t length = strlen(url), below;
	while (length > 0 && url[length - 1] == '/')
		length--;
	below = base != NULL && base < url + length ? (size_t)(url + length - base) : 0;
	bool has_base = below > 0 && strncmp(path, base, below) == 0 && (path[below] == '/' || path[below] == '?' || path[below] == '\0');
	return arena_printf(arena, "%.*s%s", (int)length, url, has_base ? path + below : path);
}

/* As a stranger nothing was done: the same once more, within a session. */
static bool
send_within_session(struct http *http, const struct system *system, const struct http_request *asked, struct arena *arena,
                    struct http_response *ret, struct error *err)
{
	scoped(spinnaker_session_release) struct spinnaker_session *session = NULL;
	struct http_request request = *asked;
	struct http_endpoint inside;
	if (!spinnaker_session_begin(http, asked->endpoint, system->credential.url, &session, err))
		return false;
	scoped(secret_release) struct secret *cookies = spinnaker_session_cookies(session);
	spinnaker_session_use(asked->endpoint, cookies, arena, &inside);
	request.endpoint = &inside;
	return http_send(http, &request, arena, ret, err);
}

static bool
send(struct http *http, const struct system *system, const struct http_request *request, struct arena *arena,
     struct http_response *ret, struct error *err)
{
	if (!http_send(http, request, arena, ret, err))
		return false;
	bool is_gate = strcmp(system->credential.provider, "spinnaker") == 0;
	if (!is_gate || !spinnaker_answers_stranger(ret))
		return true;
	return send_within_session(http, system, request, arena, ret, err);
}

bool
raw_request_send(struct http *http, const struct system *system, const struct raw_request *raw, struct arena *arena,
                 struct http_response *ret, struct error *err)
{
	scoped(credential_release) struct credential credential = {0};
	struct http_endpoint endpoint;
	struct http_header headers[HEADERS_MAX];
	if ((credential_has_begun() && !credential_find(&system->credential, arena, &credential, err)) ||
	    !systems_endpoint(system, &credential, arena, &endpoint, err))
		return false;
	const struct http_request request = {
		.method = raw->method, .url = url_of(system, raw->path, arena), .endpoint = &endpoint, .headers = headers,
		.n_headers = put_headers(system, raw, headers), .body = raw->body, .body_length = raw->length, .policy = &policy,
		.max_bytes = ANSWER_MAX,
	};
	return send(http, system, &request, arena, ret, err) || error_from(err, system->name, raw->path, request.url);
}

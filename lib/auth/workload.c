#include "auth/workload.h"

#include <stdlib.h>
#include <string.h>

#include "auth/strict_json.h"
#include "auth/token_request.h"
#include "auth/token_verify.h"
#include "base/clock.h"
#include "base/file.h"
#include "net/http.h"

enum { TOKEN_MAX = 64 * 1024, ANSWER_MAX = 256 * 1024, SKEW_MS = 60 * 1000 };
static const char url_variable[] = "ACTIONS_ID_TOKEN_REQUEST_URL", token_variable[] = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
static const char file_variable[] = "PAAS_WORKLOAD_TOKEN_FILE", usual_file[] = "/var/run/secrets/tokens/paas";

/* Set but empty counts as unset; NULL then. */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

enum workload_kind
workload_find(void)
{
	if (variable(file_variable) != NULL)
		return WORKLOAD_SERVICE_ACCOUNT;
	if (variable(url_variable) != NULL && variable(token_variable) != NULL)
		return WORKLOAD_GITHUB_ACTIONS;
	return file_exists(usual_file) ? WORKLOAD_SERVICE_ACCOUNT : WORKLOAD_NONE;
}

const char *
workload_name(enum workload_kind kind)
{
	static const char *const names[] = {
		[WORKLOAD_NONE] = "none", [WORKLOAD_GITHUB_ACTIONS] = "GitHub Actions", [WORKLOAD_SERVICE_ACCOUNT] = "service account"};
	return names[kind];
}

/* ---- GitHub Actions ---- */

static bool
put_missing_permission(struct error *err)
{
	return error_next(err, "give the job \"permissions: id-token: write\"; jobs of forks do not get it");
}

/* Of { "count": 1234, "value": "header.payload.signature" }. */
static bool
read_value(const struct http_response *answer, struct secret **ret, struct error *err)
{
	scoped(token_answer_release) struct token_answer body = {0};
	if (!strict_json_parse(answer->body, answer->length, "the answer of GitHub Actions", &body.body, err))
		return false;
	struct secret *value = token_answer_secret(&body, "value");
	if (value == NULL)
		return error_set(err, ERROR_BAD_ANSWER, "GitHub Actions answered without a token");
	*ret = value;
	return true;
}

static bool
judge_answer(const struct http_response *answer, struct secret **ret, struct error *err)
{
	if (answer->status == 200)
		return read_value(answer, ret, err);
	if (answer->status == 401 || answer->status == 403) {
		error_put(err, ERROR_NOT_LOGGED_IN, "GitHub Actions refuses a token of the job: HTTP %d", answer->status);
		return put_missing_permission(err);
	}
	return error_set(err, answer->status == 429 || answer->status >= 500 ? ERROR_UNREACHABLE : ERROR_BAD_ANSWER,
	                 "GitHub Actions: HTTP %d where a token of the job should be", answer->status);
}

static bool
ask_github(struct http *http, const char *audience, struct arena *arena, struct secret **ret, struct error *err)
{
	const char *url = variable(url_variable), *token = variable(token_variable);
	struct http_endpoint endpoint = {.system = "GitHub Actions"};
	struct http_response answer = {0};
	if (url == NULL || token == NULL) {
		error_put(err, ERROR_NOT_LOGGED_IN, "this job has no identity: %s is not set", url == NULL ? url_variable : token_variable);
		return put_missing_permission(err);
	}
	if (!http_origin_of(url, arena, &endpoint.origin, err))
		return error_doing(err, "reading %s", url_variable);
	if (strncmp(endpoint.origin, "https://", strlen("https://")) != 0)
		return error_set(err, ERROR_BAD_ANSWER, "%s is not https: %s", url_variable, endpoint.origin);
	scoped(secret_release) struct secret *bearer = secret_new(token, strlen(token));
	endpoint.bearer = bearer;
	struct http_request request = {
		.url = arena_printf(arena, "%s%caudience=%s", url, strchr(url, '?') == NULL ? '?' : '&', http_escape(audience, arena)),
		.endpoint = &endpoint, .is_private = true, .max_bytes = ANSWER_MAX,
	};
	if (!http_send(http, &request, arena, &answer, err))
		return error_doing(err, "asking GitHub Actions who this job is");
	bool ok = judge_answer(&answer, ret, err);
	if (answer.length > 0)
		secret_wipe((char *)(uintptr_t)answer.body, answer.length);
	return ok;
}

/* ---- service account ---- */

/* The kubelet writes a new one before the old expires: read at each use. */
static bool
read_file(struct secret **ret, struct error *err)
{
	const char *path = variable(file_variable) != NULL ? variable(file_variable) : usual_file;
	scoped(secret_release) struct secret *text = NULL;
	int64_t expires_at_ms;
	if (!file_read_secret(path, TOKEN_MAX, &text, err)) {
		if (err->code == ERROR_NOT_FOUND)
			error_put(err, ERROR_NOT_LOGGED_IN, "the file of the service account's token %s does not exist", path);
		return error_next(err, "mount a projected service account token there, or name its file: %s=FILE", file_variable);
	}
	scoped(secret_release) struct secret *token = secret_slice(text, 0, secret_length(text) - secret_newline(text));
	if (!token_peek_expiry(token, &expires_at_ms))
		return error_set(err, ERROR_NOT_LOGGED_IN, "%s holds no service account token", path);
	if (expires_at_ms + SKEW_MS < clock_wall_ms())
		return error_set(err, ERROR_NOT_LOGGED_IN, "the service account token in %s expired %lld s ago", path,
		                 (long long)((clock_wall_ms() - expires_at_ms) / 1000));
	*ret = take(token);
	return true;
}

bool
workload_token(struct http *http, enum workload_kind kind, const char *audience, struct arena *arena,
               struct secret **ret, struct error *err)
{
	switch (kind) {
	case WORKLOAD_GITHUB_ACTIONS:
		return ask_github(http, audience, arena, ret, err);
	case WORKLOAD_SERVICE_ACCOUNT:
		return read_file(ret, err);
	case WORKLOAD_NONE:
		break;
	}
	return error_set(err, ERROR_NOT_LOGGED_IN, "this machine gives its jobs no identity that is known");
}

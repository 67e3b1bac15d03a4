#include "sandbox/github/github.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "sandbox/github/parts.h"

#define ROOT "/api/v3"
#define FIRST_ID INT64_C(5100000000)

/* ---- routes ---- */

static void
handle_meta(struct github_call *call)
{
	github_answer(call, 200, json_pack("{s:b, s:s}", "verifiable_password_authentication", 1, "installed_version", "3.14.0"));
}

struct route {
	const char *method, *pattern;
	void (*handle)(struct github_call *call);
};
static const struct route routes[] = {
	{"GET", "/meta", handle_meta},
	{"GET", "/user", github_handle_user},
	{"GET", "/rate_limit", github_handle_rate_limit},
};

/* Below /repos/OWNER/NAME; the first that matches. */
static const struct route repository_routes[] = {
	{"GET", "", github_handle_repository},
	{"GET", "/commits", github_handle_commits},
	{"GET", "/commits/{+}/check-runs", github_handle_check_runs},
	{"GET", "/check-runs/{}", github_handle_check_run},
	{"GET", "/check-runs/{}/annotations", github_handle_annotations},
	{"GET", "/commits/{+}/status", github_handle_combined_status},
	{"GET", "/commits/{+}/statuses", github_handle_statuses},
	{"GET", "/commits/{+}", github_handle_commit},
	{"GET", "/compare/{+}", github_handle_compare},
	{"GET", "/branches", github_handle_branches},
	{"GET", "/branches/{+}/protection/required_status_checks", github_handle_required_checks},
	{"GET", "/branches/{+}", github_handle_branch},
	{"GET", "/rules/branches/{+}", github_handle_rules},
	{"GET", "/pulls", github_handle_pulls},
	{"GET", "/pulls/{}", github_handle_pull},
	{"GET", "/pulls/{}/commits", github_handle_pull_commits},
	{"POST", "/statuses/{}", github_handle_new_status},
	{"GET", "/deployments", github_handle_deployments},
	{"POST", "/deployments", github_handle_new_deployment},
	{"GET", "/deployments/{}", github_handle_deployment},
	{"GET", "/deployments/{}/statuses", github_handle_deployment_statuses},
	{"POST", "/deployments/{}/statuses", github_handle_new_deployment_status},
	{"GET", "/actions/workflows", github_handle_workflows},
	{"GET", "/actions/workflows/{}", github_handle_workflow},
	{"GET", "/actions/runs", github_handle_runs},
	{"GET", "/actions/runs/{}", github_handle_run},
	{"GET", "/actions/runs/{}/jobs", github_handle_jobs},
	{"GET", "/actions/runs/{}/artifacts", github_handle_artifacts},
	{"GET", "/actions/jobs/{}", github_handle_job},
	{"GET", "/actions/jobs/{}/logs", github_handle_job_log},
};

static void
run_route(struct github_call *call, const struct route *list, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(call->request->method, list[i].method) == 0 &&
		    path_matches(list[i].pattern, path, call->arena, call->params)) {
			list[i].handle(call);
			return;
		}
	}
	github_not_found(call);
}

/* ---- who asks ---- */

static bool
has_token(const struct github_call *call)
{
	static const char *const schemes[] = {"Bearer ", "bearer ", "token "};
	const char *value = web_header(call->request, "Authorization"), *token = call->github->options.token;
	for (size_t i = 0; value != NULL && i < array_length(schemes); i++) {
		size_t length = strlen(schemes[i]);
		if (strncmp(value, schemes[i], length) == 0 && strlen(value + length) == strlen(token) &&
		    sodium_memcmp(value + length, token, strlen(token)) == 0)
			return true;
	}
	return false;
}

/* False when it is refused for what it says of itself, which is answered. */
static bool
is_admitted(struct github_call *call)
{
	static const char forbidden[] = "Request forbidden by administrative rules. Please make sure your request has a "
	                                "User-Agent header (https://docs.github.com/rest).\n";
	const char *agent = web_header(call->request, "User-Agent"),
	           *version = web_header(call->request, "X-GitHub-Api-Version");
	bool is_version = version == NULL || strcmp(version, "2022-11-28") == 0;
	if (agent == NULL || agent[0] == '\0')
		github_answer_text(call, 403, "text/plain", forbidden, strlen(forbidden));
	else if (web_header(call->request, "Authorization") == NULL)
		github_refuse(call, 401, "Requires authentication");
	else if (!has_token(call))
		github_refuse(call, 401, "Bad credentials");
	else if (!is_version)
		github_refuse(call, 400, arena_printf(call->arena, "\"%s\" is not a supported version", version));
	else
		return github_count(call);
	return false;
}

/* ---- the request ---- */

/* "/repos/payments/checkout/pulls" → the repository, "/pulls"; NULL when there is none. */
static const char *
find_repository(struct github_call *call, const char *path)
{
	const char *name = path + strlen("/repos/");
	size_t length = strcspn(name, "/");
	if (name[length] == '/')
		length += 1 + strcspn(name + length + 1, "/");
	call->slug = arena_strndup(call->arena, name, length);
	call->repository = forge_repository(call->github->options.forge, call->slug);
	return call->repository != NULL ? name + length : NULL;
}

static void
handle_admitted(struct github_call *call)
{
	const char *path = call->request->path + strlen(ROOT), *rest;
	bool has_body = call->request->body_length > 0;
	call->body = has_body ? json_loadb(call->request->body, call->request->body_length, 0, NULL) : NULL;
	if (has_body && call->body == NULL)
		github_refuse(call, 400, "Problems parsing JSON");
	else if (has_body && !json_is_object(call->body))
		github_refuse(call, 422, "Invalid request.\n\nFor 'links/0/schema', this is not an object.");
	else if (strncmp(path, "/repos/", 7) != 0)
		run_route(call, routes, array_length(routes), path);
	else if ((rest = find_repository(call, path)) != NULL)
		run_route(call, repository_routes, array_length(repository_routes), rest);
	else
		github_not_found(call);
	json_decref(call->body);
}

void
github_handle(struct github *github, struct web_request *request)
{
	struct github_call call = {.github = github, .request = request, .arena = request->arena};
	forge_settle(github->options.forge);
	if (strncmp(request->path, GITHUB_LOGS_PATH, strlen(GITHUB_LOGS_PATH)) == 0)
		github_handle_stored_log(&call);
	else if (strncmp(request->path, ROOT "/", strlen(ROOT "/")) != 0)
		github_not_found(&call);
	else if (is_admitted(&call))
		handle_admitted(&call);
}

/* ---- life, state ---- */

static json_t *
new_state(void)
{
	return json_pack("{s:o, s:{}, s:I, s:i, s:i, s:b}", "statuses", github_seed_statuses(), "deployments", "last_id", (json_int_t)FIRST_ID,
	                 "used", 0, "reset_s", 0, "exhausted", 0);
}

struct github *
github_new(const struct github_options *options)
{
	struct github *github = calloc(1, sizeof *github);
	if (github == NULL || sodium_init() < 0)
		abort();
	*github = (struct github){.options = *options, .state = new_state()};
	github_set_origin(github, "https://localhost");
	return github;
}

void
github_free(struct github *github)
{
	if (github == NULL)
		return;
	json_decref(github->state);
	free(github->origin);
	free(github);
}

void
github_set_origin(struct github *github, const char *origin)
{
	free(github->origin);
	github->origin = strdup(origin);
	if (github->origin == NULL)
		abort();
}

void
github_exhaust(struct github *github, bool is_exhausted)
{
	json_object_set_new(github->state, "exhausted", json_boolean(is_exhausted));
}

json_t *
github_snapshot(const struct github *github)
{
	return json_deep_copy(github->state);
}

bool
github_restore(struct github *github, const json_t *snapshot)
{
	static const char *const tables[] = {"statuses", "deployments"};
	for (size_t i = 0; snapshot != NULL && i < array_length(tables); i++)
		if (!json_is_object(json_object_get(snapshot, tables[i])))
			return false;
	json_decref(github->state);
	github->state = snapshot != NULL ? json_deep_copy(snapshot) : new_state();
	return true;
}

/* GitHub Actions: the builds as runs of one workflow, their jobs, and the logs of these. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "sandbox/github/parts.h"

enum { LOG_BYTES_MAX = 64 * 1024, SIGNATURE_BYTES = 16 };
#define WORKFLOW_ID 98765432
#define FIRST_RUN INT64_C(17000000000)
#define LOG_LIFETIME_MS (60 * 1000)

int64_t
github_run_id(const json_t *build)
{
	return FIRST_RUN + 2 * member_number(build, "number");
}

int64_t
github_job_id(const json_t *build, size_t job)
{
	return 10 * github_run_id(build) + (int64_t)job;
}

/* ---- workflows ---- */

static json_t *
workflow(const struct github_call *call)
{
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", WORKFLOW_ID, "node_id", "W_98765432", "name", "CI",
	                 "path", ".github/workflows/ci.yml", "state", "active", "created_at", "2026-01-12T09:00:00Z",
	                 "updated_at", "2026-01-12T09:00:00Z", "url", github_repository_url(call, "/actions/workflows/%d", WORKFLOW_ID),
	                 "html_url", github_web_url(call, "/blob/main/.github/workflows/ci.yml"), "badge_url",
	                 github_web_url(call, "/workflows/CI/badge.svg"));
}

void
github_handle_workflows(struct github_call *call)
{
	github_answer_page(call, json_pack("[o]", workflow(call)), "workflows");
}

void
github_handle_workflow(struct github_call *call)
{
	if (github_param_number(call, 0) == WORKFLOW_ID || strcmp(call->params[0], "ci.yml") == 0)
		github_answer(call, 200, workflow(call));
	else
		github_not_found(call);
}

/* ---- runs ---- */

static json_t *
head_commit(const json_t *commit)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s}}", "id", member_text(commit, "sha"), "tree_id",
	                 member_text(commit, "sha"), "message", member_text(commit, "message"), "timestamp",
	                 member_text(commit, "date"), "author", "name", member_text(commit, "name"), "email",
	                 member_text(commit, "email"), "committer", "name", member_text(commit, "name"), "email",
	                 member_text(commit, "email"));
}

/* There is no completed_at: the end is the last update. */
static int64_t
updated_ms(const json_t *build, const struct forge_progress *progress)
{
	return strcmp(progress->status, "completed") == 0     ? progress->finished_ms
	       : strcmp(progress->status, "in_progress") == 0 ? progress->started_ms
	                                                      : member_number(build, "created_ms");
}

static void
add_addresses(const struct github_call *call, json_t *run, const json_t *build)
{
	static const char *const parts[] = {"jobs", "logs", "artifacts", "cancel", "rerun"};
	const char *url = github_repository_url(call, "/actions/runs/%lld", (long long)github_run_id(build));
	json_object_set_new(run, "url", json_string(url));
	json_object_set_new(run, "workflow_url",
	                    json_string(github_repository_url(call, "/actions/workflows/%d", WORKFLOW_ID)));
	json_object_set_new(run, "check_suite_url",
	                    json_string(github_repository_url(call, "/check-suites/%lld", (long long)github_run_id(build) + 1)));
	json_object_set_new(run, "html_url",
	                    json_string(github_web_url(call, "/actions/runs/%lld", (long long)github_run_id(build))));
	for (size_t i = 0; i < array_length(parts); i++)
		json_object_set_new(run, arena_printf(call->arena, "%s_url", parts[i]),
		                    json_string(arena_printf(call->arena, "%s/%s", url, parts[i])));
}

static json_t *
run_of(const struct github_call *call, const json_t *build)
{
	struct forge_progress progress = forge_build_progress(build);
	const json_t *commit = forge_commit(call->repository, member_text(build, "sha"));
	const char *message = member_text(commit, "message");
	json_t *run = json_pack(
		"{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:i, s:s, s:s, s:s?, s:i, s:I, s:o, s:o, s:o, s:o}", "id",
		(json_int_t)github_run_id(build), "name", progress.name, "node_id",
		arena_printf(call->arena, "WFR_%lld", (long long)github_run_id(build)), "head_branch",
		member_text(build, "branch"), "head_sha", member_text(build, "sha"), "path", ".github/workflows/ci.yml",
		"display_title", arena_strndup(call->arena, message, strcspn(message, "\n")), "run_number",
		(json_int_t)member_number(build, "number"), "run_attempt", 1, "event", member_text(build, "event"), "status",
		progress.status, "conclusion", progress.conclusion, "workflow_id", WORKFLOW_ID, "check_suite_id",
		(json_int_t)github_run_id(build) + 1, "created_at", github_time(member_number(build, "created_ms")),
		"run_started_at", github_time(member_number(build, "created_ms")), "updated_at",
		github_time(updated_ms(build, &progress)), "pull_requests", github_pulls_of(call, member_text(build, "sha")));
	json_object_set_new(run, "actor", github_user(call, member_text(commit, "login")));
	json_object_set_new(run, "triggering_actor", github_user(call, member_text(commit, "login")));
	json_object_set_new(run, "head_commit", head_commit(commit));
	json_object_set_new(run, "repository", github_repository(call));
	json_object_set_new(run, "head_repository", github_repository(call));
	add_addresses(call, run, build);
	return run;
}

/* `status` takes conclusions as well. */
static bool
is_run_asked_for(const struct github_call *call, const json_t *build)
{
	struct forge_progress progress = forge_build_progress(build);
	bool has_status = github_is_asked_for(call, "status", progress.status) ||
	                  (progress.conclusion != NULL && github_is_asked_for(call, "status", progress.conclusion));
	return has_status && github_is_asked_for(call, "head_sha", member_text(build, "sha")) &&
	       github_is_asked_for(call, "branch", member_text(build, "branch")) &&
	       github_is_asked_for(call, "event", member_text(build, "event"));
}

void
github_handle_runs(struct github_call *call)
{
	const json_t *builds = json_object_get(call->repository, "builds");
	json_t *list = json_array();
	for (size_t i = json_array_size(builds); i-- > 0;)
		if (is_run_asked_for(call, json_array_get(builds, i)))
			json_array_append_new(list, run_of(call, json_array_get(builds, i)));
	github_answer_page(call, list, "workflow_runs");
}

/* The build whose run has that number; NULL after having answered. */
static const json_t *
build_of(struct github_call *call, int64_t run_id)
{
	int64_t number = (run_id - FIRST_RUN) / 2;
	const json_t *build = run_id > FIRST_RUN && run_id % 2 == 0 ? forge_build_numbered(call->repository, number) : NULL;
	if (build == NULL)
		github_not_found(call);
	return build;
}

void
github_handle_run(struct github_call *call)
{
	const json_t *build = build_of(call, github_param_number(call, 0));
	if (build != NULL)
		github_answer(call, 200, run_of(call, build));
}

/* What a run keeps beside its log: nothing. */
void
github_handle_artifacts(struct github_call *call)
{
	if (build_of(call, github_param_number(call, 0)) != NULL)
		github_answer_page(call, json_array(), "artifacts");
}

/* ---- jobs ---- */

static json_t *
steps_of(const json_t *build, size_t job)
{
	struct forge_progress steps[FORGE_STEPS_MAX];
	size_t count = forge_job_steps(build, job, steps);
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		bool has_started = strcmp(steps[i].status, "queued") != 0;
		json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:I, s:o, s:o}", "name", steps[i].name, "status",
		                                      steps[i].status, "conclusion", steps[i].conclusion, "number",
		                                      (json_int_t)i + 1, "started_at",
		                                      has_started ? github_time(steps[i].started_ms) : json_null(), "completed_at",
		                                      steps[i].conclusion != NULL ? github_time(steps[i].finished_ms) : json_null()));
	}
	return list;
}

/* Unknown before one was found. */
static void
add_runner(json_t *job, bool is_known)
{
	json_t *runner = json_pack("{s:o, s:s?, s:o, s:s?}", "runner_id", is_known ? json_integer(1) : json_null(),
	                           "runner_name", is_known ? "sandbox-runner-1" : NULL, "runner_group_id",
	                           is_known ? json_integer(1) : json_null(), "runner_group_name",
	                           is_known ? "Default" : NULL);
	json_object_update(job, runner);
	json_decref(runner);
}

static json_t *
job_of(const struct github_call *call, const json_t *build, size_t number)
{
	struct forge_progress job = forge_job_progress(build, number);
	long long id = github_job_id(build, number), run = github_run_id(build);
	bool has_started = strcmp(job.status, "queued") != 0;
	int64_t created_ms = member_number(build, "created_ms");
	json_t *answer = json_pack("{s:I, s:s, s:I, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s?, s:o, s:o, s:o, s:s, s:s, s:o, s:s, s:[s]}",
	                 "id", (json_int_t)id, "node_id", arena_printf(call->arena, "J_%lld", id), "run_id", (json_int_t)run, "run_url",
	                 github_repository_url(call, "/actions/runs/%lld", run), "run_attempt", 1, "head_sha",
	                 member_text(build, "sha"), "head_branch", member_text(build, "branch"), "url",
	                 github_repository_url(call, "/actions/jobs/%lld", id), "html_url",
	                 github_web_url(call, "/actions/runs/%lld/job/%lld", run, id), "status", job.status, "conclusion",
	                 job.conclusion, "created_at", github_time(created_ms), "started_at",
	                 github_time(has_started ? job.started_ms : created_ms), "completed_at",
	                 job.conclusion != NULL ? github_time(job.finished_ms) : json_null(), "name", job.name,
	                 "workflow_name", "CI", "steps", steps_of(build, number), "check_run_url",
	                 github_repository_url(call, "/check-runs/%lld", id), "labels", "ubuntu-latest");
	add_runner(answer, has_started);
	return answer;
}

void
github_handle_jobs(struct github_call *call)
{
	const json_t *build = build_of(call, github_param_number(call, 0));
	json_t *list = json_array();
	if (build == NULL) {
		json_decref(list);
		return;
	}
	for (size_t job = 0; job < FORGE_JOBS; job++)
		json_array_append_new(list, job_of(call, build, job));
	github_answer_page(call, list, "jobs");
}

const json_t *
github_find_job(struct github_call *call, int64_t id, size_t *ret_job)
{
	*ret_job = (size_t)(id % 10);
	if (id <= 0 || *ret_job >= FORGE_JOBS) {
		github_not_found(call);
		return NULL;
	}
	return build_of(call, id / 10);
}

void
github_handle_job(struct github_call *call)
{
	size_t job;
	const json_t *build = github_find_job(call, github_param_number(call, 0), &job);
	if (build != NULL)
		github_answer(call, 200, job_of(call, build, job));
}

/* ---- logs: kept elsewhere, behind an address that is good for a minute ---- */

/* What makes the address ours. */
static const char *
sign(const struct github_call *call, const char *what)
{
	unsigned char digest[SIGNATURE_BYTES];
	char digits[2 * SIGNATURE_BYTES + 1];
	const char *token = call->github->options.token;
	crypto_generichash(digest, sizeof digest, (const unsigned char *)what, strlen(what), (const unsigned char *)token,
	                   strlen(token));
	return arena_strdup(call->arena, sodium_bin2hex(digits, sizeof digits, digest, sizeof digest));
}

void
github_handle_job_log(struct github_call *call)
{
	size_t job;
	const json_t *build = github_find_job(call, github_param_number(call, 0), &job);
	if (build == NULL)
		return;
	if (forge_job_progress(build, job).conclusion == NULL) {
		github_not_found(call); /* there is none before the end */
		return;
	}
	const char *what = arena_printf(call->arena, "%s/%lld?se=%lld", call->slug, (long long)github_job_id(build, job),
	                                (long long)clock_wall_ms() + LOG_LIFETIME_MS);
	web_add_header(call->request, "Location",
	               arena_printf(call->arena, "%s" GITHUB_LOGS_PATH "%s&sig=%s", call->github->origin, what, sign(call, what)));
	github_answer_text(call, 302, "text/plain", "", 0);
}

/* "payments/checkout/170000000020?se=…" of an address that is ours and still good; NULL else. */
static const char *
signed_name(const struct github_call *call)
{
	const char *target = call->request->target + strlen(GITHUB_LOGS_PATH), *end = strstr(target, "&sig="),
	           *until = web_query(call->request, "se");
	if (end == NULL || until == NULL || strtoll(until, NULL, 10) < clock_wall_ms())
		return NULL;
	const char *what = arena_strndup(call->arena, target, (size_t)(end - target));
	return strcmp(sign(call, what), end + strlen("&sig=")) == 0 ? what : NULL;
}

static void
send_log(struct github_call *call, int64_t id)
{
	scoped(buf_release) struct buf text = BUF_INIT(LOG_BYTES_MAX);
	size_t job;
	const json_t *build = github_find_job(call, id, &job);
	if (build == NULL)
		return;
	forge_log_github(call->repository, build, job, &text);
	web_add_header(call->request, "Content-Type", "text/plain; charset=utf-8");
	web_respond(call->request, 200, text.bytes, text.length);
}

void
github_handle_stored_log(struct github_call *call)
{
	static const char refusal[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code>"
	                              "<Message>Server failed to authenticate the request.</Message></Error>";
	const char *name = signed_name(call), *slash = name != NULL ? strrchr(name, '/') : NULL;
	if (slash == NULL) {
		web_add_header(call->request, "Content-Type", "application/xml");
		web_respond(call->request, 403, refusal, strlen(refusal));
		return;
	}
	call->slug = arena_strndup(call->arena, name, (size_t)(slash - name));
	call->repository = forge_repository(call->github->options.forge, call->slug);
	send_log(call, strtoll(slash + 1, NULL, 10));
}

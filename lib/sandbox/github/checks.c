/* Statuses, which anybody with a token writes, and check runs, which Actions makes of its jobs. */
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/github/parts.h"

enum { DESCRIPTION_MAX = 140, STATUSES_MAX = 1000 };
#define ACTIONS_APP_ID 15368

/* ---- statuses ---- */

static const char *
key_of(const struct github_call *call, const char *sha)
{
	return arena_printf(call->arena, "%s %s", call->slug, sha);
}

/* What a scanner outside has said of the seeded commits. */
static const struct seed_status {
	const char *sha, *state, *description, *time;
} seeds[] = {
	{"32883ace84591ba9d89399648fcccf127b3d0eff", "success", "no findings", "2026-01-12T09:18:00Z"},
	{"7e83b072231269eb4446ce955571d3bde2137c6e", "success", "no findings", "2026-01-13T13:45:00Z"},
	{"a2761926192884afb988d70e79bc075965799696", "success", "no findings", "2026-01-15T16:32:00Z"},
	{"0ce609639ef9354ea229b1946b7e2ec3a350e56b", "pending", "waits for a scanner", "2026-01-14T08:06:00Z"},
};

static json_t *
new_entry(int64_t id, const char *state, const char *context, const char *description, const char *target, const char *time)
{
	return json_pack("{s:I, s:s, s:s, s:s?, s:s?, s:s, s:s}", "id", (json_int_t)id, "state", state, "context", context,
	                 "description", description, "target_url", target, "created_at", time, "updated_at", time);
}

json_t *
github_seed_statuses(void)
{
	json_t *statuses = json_object();
	for (size_t i = 0; i < array_length(seeds); i++) {
		char key[80];
		snprintf(key, sizeof key, "payments/checkout %s", seeds[i].sha);
		json_t *entry = new_entry((int64_t)i + 1, seeds[i].state, "security/scan", seeds[i].description, NULL, seeds[i].time);
		json_object_set_new(statuses, key, json_pack("[o]", entry));
	}
	return statuses;
}

static json_t *
status_as_answer(const struct github_call *call, const char *sha, const json_t *entry)
{
	json_t *answer = json_copy((json_t *)(uintptr_t)entry);
	json_object_set_new(answer, "url", json_string(github_repository_url(call, "/statuses/%s", sha)));
	json_object_set_new(answer, "node_id", json_sprintf("SC_%lld", (long long)member_number(entry, "id")));
	json_t *creator = github_user(call, "ada");
	json_object_set(answer, "avatar_url", json_object_get(creator, "avatar_url"));
	json_object_set_new(answer, "creator", creator);
	return answer;
}

static const json_t *
statuses_of(const struct github_call *call, const char *sha)
{
	return json_object_get(json_object_get(call->github->state, "statuses"), key_of(call, sha));
}

/* The newest of each context; borrowed ones in a new list. */
static json_t *
latest_statuses(const struct github_call *call, const char *sha)
{
	json_t *list = json_array(), *seen = json_object(), *entry;
	size_t i;
	json_array_foreach (statuses_of(call, sha), i, entry) {
		const char *context = member_text(entry, "context");
		if (json_object_get(seen, context) != NULL)
			continue;
		json_object_set_new(seen, context, json_true());
		json_array_append(list, entry);
	}
	json_decref(seen);
	return list;
}

/* "pending" where there is none, too. */
static const char *
combined_state(const json_t *list)
{
	const json_t *entry;
	size_t i, successes = 0;
	json_array_foreach (list, i, entry) {
		const char *state = member_text(entry, "state");
		if (strcmp(state, "failure") == 0 || strcmp(state, "error") == 0)
			return "failure";
		successes += strcmp(state, "success") == 0;
	}
	return i > 0 && successes == i ? "success" : "pending";
}

void
github_handle_combined_status(struct github_call *call)
{
	const json_t *commit = github_param_commit(call, 0), *entry;
	size_t i;
	if (commit == NULL)
		return;
	const char *sha = member_text(commit, "sha");
	json_t *latest = latest_statuses(call, sha), *answers = json_array();
	json_array_foreach (latest, i, entry)
		json_array_append_new(answers, status_as_answer(call, sha, entry));
	github_answer(call, 200,
	              json_pack("{s:s, s:o, s:I, s:s, s:o, s:s, s:s}", "state", combined_state(latest), "statuses", answers,
	                        "total_count", (json_int_t)json_array_size(latest), "sha", sha, "repository",
	                        github_repository(call), "commit_url", github_repository_url(call, "/commits/%s", sha), "url",
	                        github_repository_url(call, "/commits/%s/status", sha)));
	json_decref(latest);
}

void
github_handle_statuses(struct github_call *call)
{
	const json_t *commit = github_param_commit(call, 0), *entry;
	json_t *answers = json_array();
	size_t i;
	if (commit == NULL) {
		json_decref(answers);
		return;
	}
	json_array_foreach (statuses_of(call, member_text(commit, "sha")), i, entry)
		json_array_append_new(answers, status_as_answer(call, member_text(commit, "sha"), entry));
	github_answer_page(call, answers, NULL);
}

static bool
is_status_state(const char *state)
{
	static const char *const states[] = {"error", "failure", "pending", "success"};
	for (size_t i = 0; i < array_length(states); i++)
		if (strcmp(states[i], state) == 0)
			return true;
	return false;
}

static size_t
count_of_context(const json_t *list, const char *context)
{
	const json_t *entry;
	size_t i, count = 0;
	json_array_foreach (list, i, entry)
		count += strcmp(member_text(entry, "context"), context) == 0;
	return count;
}

static void
add_status(struct github_call *call, const char *sha, const char *context)
{
	json_t *all = json_object_get(call->github->state, "statuses"), *list = json_object_get(all, key_of(call, sha));
	char time[CLOCK_TEXT_BYTES];
	json_t *entry = new_entry(github_new_id(call->github), github_body_text(call, "state", ""), context,
	                          github_body_text(call, "description", NULL), github_body_text(call, "target_url", NULL),
	                          clock_format(clock_wall_ms(), time));
	if (list == NULL) {
		list = json_array();
		json_object_set_new(all, key_of(call, sha), list);
	}
	json_array_insert_new(list, 0, entry);
	github_answer(call, 201, status_as_answer(call, sha, entry));
}

void
github_handle_new_status(struct github_call *call)
{
	const json_t *commit = github_param_commit(call, 0);
	if (commit == NULL)
		return;
	const char *sha = member_text(commit, "sha"), *context = github_body_text(call, "context", "default"),
	           *description = github_body_text(call, "description", "");
	if (!is_status_state(github_body_text(call, "state", "")))
		github_invalid(call, "Status", "state", "custom");
	else if (strlen(description) > DESCRIPTION_MAX)
		github_invalid(call, "Status", "description", "custom");
	else if (count_of_context(statuses_of(call, sha), context) >= STATUSES_MAX)
		github_refuse(call, 422, "This SHA and context has reached the maximum number of statuses.");
	else
		add_status(call, sha, context);
}

/* ---- check runs ---- */

static json_t *
output_of(const struct github_call *call, const struct forge_progress *job, int64_t id)
{
	bool failed = job->conclusion != NULL && strcmp(job->conclusion, "failure") == 0;
	return json_pack("{s:s?, s:s?, s:n, s:i, s:s}", "title", failed ? "make test failed" : NULL, "summary",
	                 failed ? "Process completed with exit code 2." : NULL, "text", "annotations_count", failed ? 1 : 0,
	                 "annotations_url", github_repository_url(call, "/check-runs/%lld/annotations", (long long)id));
}

/* The app that makes check runs of the jobs. */
static json_t *
app_of(const struct github_call *call)
{
	static const char time[] = "2018-07-30T09:30:17Z";
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:{s:s, s:s, s:s}, s:[s]}", "id", ACTIONS_APP_ID,
	                 "node_id", "A_15368", "slug", "github-actions", "name", "GitHub Actions", "description",
	                 "Automate your workflow from idea to production", "external_url", "https://help.github.com",
	                 "html_url", github_api_url(call, "/apps/github-actions"), "created_at", time, "updated_at", time,
	                 "owner", github_user(call, "payments"), "permissions", "checks", "write", "actions", "write",
	                 "statuses", "write", "events", "push");
}

static json_t *
check_run_of(const struct github_call *call, const json_t *build, size_t number)
{
	struct forge_progress job = forge_job_progress(build, number);
	long long id = github_job_id(build, number);
	const char *sha = member_text(build, "sha"),
	           *page = github_web_url(call, "/actions/runs/%lld/job/%lld", (long long)github_run_id(build), id);
	bool has_started = strcmp(job.status, "queued") != 0;
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:o, s:o, s:o, s:{s:I}, s:o, s:o}", "id",
	                 (json_int_t)id, "external_id", arena_printf(call->arena, "%lld", id), "name", job.name, "node_id", arena_printf(call->arena, "CR_%lld", id), "head_sha", sha, "url",
	                 github_repository_url(call, "/check-runs/%lld", id), "html_url", page, "details_url", page, "status",
	                 job.status, "conclusion", job.conclusion, "started_at",
	                 has_started ? github_time(job.started_ms) : json_null(), "completed_at",
	                 job.conclusion != NULL ? github_time(job.finished_ms) : json_null(), "output",
	                 output_of(call, &job, id), "check_suite", "id", (json_int_t)github_run_id(build) + 1, "app", app_of(call),
	                 "pull_requests", github_pulls_of(call, sha));
}

/* Of the commit: the last build, or with filter=all each. */
static bool
is_shown(const struct github_call *call, const json_t *builds, size_t at, const char *sha)
{
	if (strcmp(member_text(json_array_get(builds, at), "sha"), sha) != 0)
		return false;
	if (!github_is_asked_for(call, "filter", "latest"))
		return true;
	for (size_t i = at + 1; i < json_array_size(builds); i++)
		if (strcmp(member_text(json_array_get(builds, i), "sha"), sha) == 0)
			return false;
	return true;
}

void
github_handle_check_runs(struct github_call *call)
{
	const json_t *commit = github_param_commit(call, 0), *builds = json_object_get(call->repository, "builds");
	json_t *list = json_array();
	if (commit == NULL) {
		json_decref(list);
		return;
	}
	for (size_t i = json_array_size(builds); i-- > 0;) {
		const json_t *build = json_array_get(builds, i);
		for (size_t job = 0; job < FORGE_JOBS && is_shown(call, builds, i, member_text(commit, "sha")); job++) {
			struct forge_progress progress = forge_job_progress(build, job);
			if (github_is_asked_for(call, "check_name", progress.name) &&
			    github_is_asked_for(call, "status", progress.status))
				json_array_append_new(list, check_run_of(call, build, job));
		}
	}
	github_answer_page(call, list, "check_runs");
}

void
github_handle_check_run(struct github_call *call)
{
	size_t job;
	const json_t *build = github_find_job(call, github_param_number(call, 0), &job);
	if (build != NULL)
		github_answer(call, 200, check_run_of(call, build, job));
}

/* Where in the files the job found something. */
void
github_handle_annotations(struct github_call *call)
{
	size_t job;
	const json_t *build = github_find_job(call, github_param_number(call, 0), &job);
	if (build == NULL)
		return;
	struct forge_progress progress = forge_job_progress(build, job);
	json_t *list = json_array();
	if (progress.conclusion != NULL && strcmp(progress.conclusion, "failure") == 0)
		json_array_append_new(list, json_pack("{s:s, s:i, s:i, s:n, s:n, s:s, s:s, s:s, s:s, s:s}", "path", "tests/test_cart.py",
		                                      "start_line", 12, "end_line", 12, "start_column", "end_column",
		                                      "annotation_level", "failure", "title", "", "message", "assert 1 == 0",
		                                      "raw_details", "", "blob_href",
		                                      github_web_url(call, "/blob/%s/tests/test_cart.py", member_text(build, "sha"))));
	github_answer_page(call, list, NULL);
}

/* ---- both ---- */

json_t *
github_contexts(const struct github_call *call, const char *sha)
{
	json_t *states = json_object(), *latest = latest_statuses(call, sha);
	const json_t *entry, *build;
	size_t i;
	json_array_foreach (latest, i, entry)
		json_object_set_new(states, member_text(entry, "context"), json_string(member_text(entry, "state")));
	json_decref(latest);
	json_array_foreach (json_object_get(call->repository, "builds"), i, build) {
		for (size_t job = 0; job < FORGE_JOBS && strcmp(member_text(build, "sha"), sha) == 0; job++) {
			struct forge_progress progress = forge_job_progress(build, job);
			json_object_set_new(states, progress.name,
			                    json_string(progress.conclusion != NULL ? progress.conclusion : "pending"));
		}
	}
	return states;
}

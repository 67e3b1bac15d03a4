#include <inttypes.h>

#include "api/github/github.h"
#include "base/clock.h"
#include "data/json.h"

static const char *
copy(const json_t *value, const char *path, struct arena *arena)
{
	return arena_strdup(arena, json_text_or(value, path, ""));
}

static int64_t
time_at(const json_t *value, const char *path)
{
	const char *text = json_text_at(value, path);
	return text != NULL ? clock_parse_ms(text) : -1;
}

static struct github_run
read_run(const json_t *run, struct arena *arena)
{
	return (struct github_run){
		.id = json_int_at(run, "id", 0), .number = json_int_at(run, "run_number", 0),
		.workflow_id = json_int_at(run, "workflow_id", 0), .name = copy(run, "name", arena),
		.status = copy(run, "status", arena), .conclusion = copy(run, "conclusion", arena),
		.url = copy(run, "html_url", arena), .commit = copy(run, "head_sha", arena),
		.branch = copy(run, "head_branch", arena), .started_ms = time_at(run, "run_started_at"),
		.updated_ms = time_at(run, "updated_at"),
	};
}

bool
github_runs(const struct rest *rest, const char *slug, const char *commit, const char *branch, struct arena *arena,
            struct github_run **ret, size_t *ret_count, struct error *err)
{
	scoped(json_release) json_t *list = NULL;
	const char *path = arena_printf(arena, "/repos/%s/actions/runs?per_page=%d&%s=%s", slug, GITHUB_RUNS_MAX,
	                                commit != NULL ? "head_sha" : "branch",
	                                http_escape(commit != NULL ? commit : branch, arena));
	const json_t *run;
	size_t i;
	if (!rest_get_list(rest, path, "workflow_runs", GITHUB_RUNS_MAX, arena, &list, err))
		return false;
	*ret_count = json_array_size(list);
	*ret = arena_array(arena, struct github_run, *ret_count + 1);
	json_array_foreach(list, i, run)
		(*ret)[i] = read_run(run, arena);
	return true;
}

bool
github_jobs(const struct rest *rest, const char *slug, int64_t run, struct arena *arena, struct github_job **ret,
            size_t *ret_count, struct error *err)
{
	scoped(json_release) json_t *list = NULL;
	const char *path = arena_printf(arena, "/repos/%s/actions/runs/%" PRId64 "/jobs?filter=latest&per_page=100", slug, run);
	const json_t *job;
	size_t i;
	if (!rest_get_list(rest, path, "jobs", GITHUB_JOBS_MAX, arena, &list, err))
		return false;
	*ret_count = json_array_size(list);
	*ret = arena_array(arena, struct github_job, *ret_count + 1);
	json_array_foreach(list, i, job)
		(*ret)[i] = (struct github_job){
			.id = json_int_at(job, "id", 0), .name = copy(job, "name", arena), .status = copy(job, "status", arena),
			.conclusion = copy(job, "conclusion", arena), .url = copy(job, "html_url", arena)};
	return true;
}

bool
github_job_log(const struct rest *rest, const char *slug, int64_t job, size_t max, struct arena *arena, const char **ret,
               size_t *ret_length, struct error *err)
{
	const char *path = arena_printf(arena, "/repos/%s/actions/jobs/%" PRId64 "/logs", slug, job);
	return rest_get_tail(rest, path, max, arena, ret, ret_length, err);
}

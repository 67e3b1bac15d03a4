/* What there is, in the shapes of the API: minimal where another has it, standard by itself. */
#include <string.h>

#include "base/clock.h"
#include "sandbox/member.h"
#include "sandbox/travis/parts.h"

static json_t *
time_or_null(int64_t time_ms, bool is_there)
{
	char text[CLOCK_TEXT_BYTES];
	return is_there ? json_string(clock_format(time_ms, text)) : json_null();
}

static int64_t
travis_build_id(const json_t *build)
{
	return TRAVIS_FIRST_BUILD + member_number(build, "number");
}

int64_t
travis_job_id(const json_t *build, size_t job)
{
	return 10 * travis_build_id(build) + (int64_t)job;
}

const char *
travis_state_of(const struct forge_progress *progress)
{
	if (progress->conclusion != NULL)
		return strcmp(progress->conclusion, "success") == 0 ? "passed" : "failed";
	return strcmp(progress->status, "in_progress") == 0 ? "started" : "created";
}

json_t *
travis_minimal_repository(const struct travis_call *call)
{
	const char *slug = member_text(call->repository, "slug");
	long long id = member_number(call->repository, "id");
	return json_pack("{s:s, s:s, s:s, s:I, s:s, s:s}", "@type", "repository", "@href", arena_printf(call->arena, "/repo/%lld", id),
	                 "@representation", "minimal", "id", (json_int_t)id, "name", strchr(slug, '/') + 1, "slug", slug);
}

static json_t *
commit_of(const struct travis_call *call, const json_t *build)
{
	const json_t *commit = forge_commit(call->repository, member_text(build, "sha"));
	return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s}", "@type", "commit", "@representation", "minimal", "id",
	                 (json_int_t)travis_build_id(build), "sha", member_text(build, "sha"), "ref",
	                 arena_printf(call->arena, "refs/heads/%s", member_text(build, "branch")), "message",
	                 member_text(commit, "message"), "compare_url", "", "committed_at", member_text(commit, "date"));
}

static json_t *
minimal_job(const struct travis_call *call, const json_t *build, size_t job)
{
	long long id = travis_job_id(build, job);
	return json_pack("{s:s, s:s, s:s, s:I}", "@type", "job", "@href", arena_printf(call->arena, "/job/%lld", id),
	                 "@representation", "minimal", "id", (json_int_t)id);
}

static json_t *
minimal_build(const struct travis_call *call, const json_t *build)
{
	struct forge_progress progress = forge_build_progress(build);
	bool has_started = strcmp(progress.status, "queued") != 0, has_ended = progress.conclusion != NULL;
	long long seconds = (progress.finished_ms - progress.started_ms) / 1000;
	bool is_pull = strcmp(member_text(build, "event"), "pull_request") == 0;
	return json_pack("{s:s, s:s, s:s, s:I, s:o, s:s, s:o, s:s, s:n, s:o, s:o, s:o}", "@type", "build", "@href",
	                 arena_printf(call->arena, "/build/%lld", (long long)travis_build_id(build)), "@representation", "minimal",
	                 "id", (json_int_t)travis_build_id(build), "number",
	                 json_sprintf("%lld", (long long)member_number(build, "number")), "state", travis_state_of(&progress),
	                 "duration", has_ended ? json_integer(seconds) : json_null(), "event_type",
	                 member_text(build, "event"), "previous_state", "pull_request_number",
	                 is_pull ? json_integer(7) : json_null(), "started_at",
	                 time_or_null(progress.started_ms, has_started), "finished_at",
	                 time_or_null(progress.finished_ms, has_ended));
}

json_t *
travis_standard_job(const struct travis_call *call, const json_t *build, size_t job)
{
	struct forge_progress progress = forge_job_progress(build, job);
	bool has_started = strcmp(progress.status, "queued") != 0, has_ended = progress.conclusion != NULL;
	json_t *answer = minimal_job(call, build, job);
	json_t *more = json_pack("{s:s, s:b, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "@representation", "standard",
	                         "allow_failure", 0, "number",
	                         json_sprintf("%lld.%zu", (long long)member_number(build, "number"), job + 1), "state",
	                         travis_state_of(&progress), "started_at", time_or_null(progress.started_ms, has_started),
	                         "finished_at", time_or_null(progress.finished_ms, has_ended), "created_at",
	                         time_or_null(member_number(build, "created_ms"), true), "build",
	                         minimal_build(call, build), "repository", travis_minimal_repository(call), "commit",
	                         commit_of(call, build), "queue", "builds.sandbox");
	json_object_update(answer, more);
	json_decref(more);
	json_object_set_new(answer, "name", json_string(progress.name));
	return answer;
}

static bool
is_included(const struct travis_call *call, const char *what)
{
	const char *include = web_query(call->request, "include");
	return include != NULL && strstr(include, what) != NULL;
}

json_t *
travis_standard_build(const struct travis_call *call, const json_t *build)
{
	json_t *answer = minimal_build(call, build), *jobs = json_array();
	const char *branch = member_text(build, "branch");
	for (size_t job = 0; job < FORGE_JOBS; job++)
		json_array_append_new(jobs, is_included(call, "build.jobs") ? travis_standard_job(call, build, job)
		                                                            : minimal_job(call, build, job));
	json_t *more = json_pack("{s:s, s:o, s:{s:s, s:s, s:s, s:s}, s:n, s:o, s:o, s:[], s:b, s:o, s:{s:s, s:I, s:s}}",
	                         "@representation", "standard", "repository", travis_minimal_repository(call), "branch", "@type",
	                         "branch", "@href",
	                         arena_printf(call->arena, "/repo/%lld/branch/%s",
	                                      (long long)member_number(call->repository, "id"), branch),
	                         "@representation", "minimal", "name", branch, "tag", "commit", commit_of(call, build),
	                         "jobs", jobs, "stages", "private", 1, "updated_at",
	                         time_or_null(member_number(build, "created_ms"), true), "created_by", "@type", "user", "id",
	                         (json_int_t)1001, "login", "ada");
	json_object_update(answer, more);
	json_decref(more);
	return answer;
}

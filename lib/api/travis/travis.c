#include "api/travis/travis.h"

#include <inttypes.h>

#include "base/clock.h"
#include "data/json.h"

const struct http_header travis_headers[TRAVIS_HEADERS] = {{"Travis-API-Version", "3"}};

static const char *
copy(const json_t *value, const char *path, struct arena *arena)
{
	return arena_strdup(arena, json_text_or(value, path, ""));
}

/* Null until it is known. */
static int64_t
time_at(const json_t *value, const char *path)
{
	const char *text = json_text_at(value, path);
	return text != NULL ? clock_parse_ms(text) : -1;
}

bool
travis_builds(const struct rest *rest, const char *slug, const char *branch, size_t max, struct arena *arena,
              struct travis_build **ret, size_t *ret_count, struct error *err)
{
	scoped(json_release) json_t *answer = NULL;
	const char *filter = branch != NULL ? arena_printf(arena, "&branch.name=%s", http_escape(branch, arena)) : "";
	const char *path = arena_printf(arena, "/repo/%s/builds?sort_by=id:desc&event_type=push,pull_request&limit=%zu%s",
	                                http_escape(slug, arena), max, filter);
	const json_t *list, *build;
	size_t i;
	if (!rest_get(rest, path, arena, &answer, err))
		return false;
	list = json_list_at(answer, "builds");
	*ret_count = json_array_size(list) < max ? json_array_size(list) : max;
	*ret = arena_array(arena, struct travis_build, *ret_count + 1);
	json_array_foreach(list, i, build)
		if (i < *ret_count)
			(*ret)[i] = (struct travis_build){
				.id = json_int_at(build, "id", 0), .number = copy(build, "number", arena),
				.state = copy(build, "state", arena), .commit = copy(build, "commit.sha", arena),
				.branch = copy(build, "branch.name", arena), .started_ms = time_at(build, "started_at"),
				.finished_ms = time_at(build, "finished_at")};
	return true;
}

bool
travis_jobs(const struct rest *rest, int64_t build, struct arena *arena, struct travis_job **ret, size_t *ret_count,
            struct error *err)
{
	scoped(json_release) json_t *answer = NULL;
	const json_t *list, *job;
	size_t i;
	if (!rest_get(rest, arena_printf(arena, "/build/%" PRId64 "/jobs", build), arena, &answer, err))
		return false;
	list = json_list_at(answer, "jobs");
	*ret_count = json_array_size(list) < TRAVIS_JOBS_MAX ? json_array_size(list) : TRAVIS_JOBS_MAX;
	*ret = arena_array(arena, struct travis_job, *ret_count + 1);
	json_array_foreach(list, i, job)
		if (i < *ret_count)
			(*ret)[i] = (struct travis_job){.id = json_int_at(job, "id", 0), .number = copy(job, "number", arena),
			                                .state = copy(job, "state", arena)};
	return true;
}

bool
travis_job_log(const struct rest *rest, int64_t job, size_t max, struct arena *arena, const char **ret,
               size_t *ret_length, struct error *err)
{
	return rest_get_tail(rest, arena_printf(arena, "/job/%" PRId64 "/log.txt", job), max, arena, ret, ret_length, err);
}

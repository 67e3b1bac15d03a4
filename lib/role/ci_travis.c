#include <inttypes.h>
#include <string.h>

#include "api/travis/travis.h"
#include "base/number.h"
#include "role/ci_provider.h"

static const struct {
	const char *word;
	enum ci_state state;
} states[] = {
	{"created", CI_QUEUED}, {"queued", CI_QUEUED}, {"received", CI_QUEUED}, {"started", CI_RUNNING},
	{"passed", CI_PASSED}, {"failed", CI_FAILED}, {"errored", CI_FAILED}, {"canceled", CI_CANCELLED},
};

static enum ci_state
state_of(const char *word)
{
	for (size_t i = 0; i < array_length(states); i++)
		if (strcmp(states[i].word, word) == 0)
			return states[i].state;
	return CI_UNKNOWN;
}

/* Travis' own cloud has its pages elsewhere, below the name of where the repository is kept. */
static const char *
page_of(const struct ci *ci, int64_t build, struct arena *arena)
{
	const char *site = systems_web_origin(ci->connection.system, arena);
	bool is_cloud = strcmp(site, "https://api.travis-ci.com") == 0;
	return arena_printf(arena, "%s/%s/builds/%" PRId64, is_cloud ? "https://app.travis-ci.com/github" : site, ci->slug,
	                    build);
}

/* Travis does not find by commit: the newest builds of all branches are searched. */
static bool
find(struct ci *ci, const char *commit, const char *branch, struct arena *arena, struct ci_build *ret, bool *ret_found,
     struct error *err)
{
	struct travis_build *builds;
	size_t count;
	const struct travis_build *build = NULL;
	if (!travis_builds(&ci->connection.rest, ci->slug, branch, commit != NULL ? TRAVIS_BUILDS_MAX : 1, arena, &builds,
	                   &count, err))
		return false;
	for (size_t i = 0; i < count && build == NULL; i++)
		build = commit == NULL || strcmp(builds[i].commit, commit) == 0 ? &builds[i] : NULL;
	*ret_found = build != NULL;
	if (build != NULL)
		*ret = (struct ci_build){.id = arena_printf(arena, "%" PRId64, build->id), .number = build->number,
		                         .state = state_of(build->state), .word = build->state, .url = page_of(ci, build->id, arena),
		                         .commit = build->commit, .branch = build->branch, .started_ms = build->started_ms,
		                         .ended_ms = build->finished_ms};
	return true;
}

static int64_t
id_of(const char *text)
{
	uint64_t id = 0;
	struct error ignored;
	return number_parse_u64(text, 0, INT64_MAX, &id, &ignored) ? (int64_t)id : 0;
}

static bool
list_jobs(struct ci *ci, const struct ci_build *build, struct arena *arena, struct ci_job **ret, size_t *ret_count,
          struct error *err)
{
	struct travis_job *jobs;
	if (!travis_jobs(&ci->connection.rest, id_of(build->id), arena, &jobs, ret_count, err))
		return false;
	*ret = arena_array(arena, struct ci_job, *ret_count + 1);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = (struct ci_job){.id = arena_printf(arena, "%" PRId64, jobs[i].id), .name = jobs[i].number, .url = "",
		                            .state = state_of(jobs[i].state)};
	return true;
}

static bool
read_log(struct ci *ci, const struct ci_job *job, size_t max, struct arena *arena, const char **ret, size_t *ret_length,
         struct error *err)
{
	return travis_job_log(&ci->connection.rest, id_of(job->id), max, arena, ret, ret_length, err);
}

const struct ci_provider ci_travis = {"travis", "error_message", travis_headers, TRAVIS_HEADERS, find, list_jobs, read_log};

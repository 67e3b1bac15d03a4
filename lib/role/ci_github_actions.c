/* Each workflow of a commit has a run of its own; one build stands for all of them. */
#include <inttypes.h>
#include <string.h>

#include "api/github/github.h"
#include "base/number.h"
#include "role/ci_provider.h"

static const struct {
	const char *word;
	enum ci_state state;
} states[] = {
	{"queued", CI_QUEUED}, {"requested", CI_QUEUED}, {"waiting", CI_QUEUED}, {"pending", CI_QUEUED},
	{"in_progress", CI_RUNNING}, {"success", CI_PASSED}, {"neutral", CI_PASSED}, {"skipped", CI_PASSED},
	{"failure", CI_FAILED}, {"timed_out", CI_FAILED}, {"startup_failure", CI_FAILED}, {"action_required", CI_FAILED},
	{"cancelled", CI_CANCELLED}, {"stale", CI_CANCELLED},
};

/* The conclusion, once there is one. */
static const char *
word_of(const char *status, const char *conclusion)
{
	return strcmp(status, "completed") == 0 ? conclusion : status;
}

static enum ci_state
state_of(const char *word)
{
	for (size_t i = 0; i < array_length(states); i++)
		if (strcmp(states[i].word, word) == 0)
			return states[i].state;
	return CI_UNKNOWN;
}

/* ---- many runs, one build ---- */

/* A workflow that ran again for the same commit: only its last run counts, and the list is newest first. */
static bool
is_outdated(const struct github_run *runs, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (runs[i].workflow_id == runs[at].workflow_id && strcmp(runs[i].commit, runs[at].commit) == 0)
			return true;
	return false;
}

static const struct github_run *
worst_of(const struct github_run *runs, size_t count, const char *commit)
{
	static const int weights[] = {[CI_FAILED] = 6,    [CI_RUNNING] = 5, [CI_QUEUED] = 4,
	                              [CI_CANCELLED] = 3, [CI_UNKNOWN] = 2, [CI_PASSED] = 1};
	const struct github_run *worst = NULL;
	int most = 0;
	for (size_t i = 0; i < count; i++) {
		int weight = weights[state_of(word_of(runs[i].status, runs[i].conclusion))];
		if (weight <= most || strcmp(runs[i].commit, commit) != 0 || is_outdated(runs, i))
			continue;
		most = weight;
		worst = &runs[i];
	}
	return worst;
}

static bool
find(struct ci *ci, const char *commit, const char *branch, struct arena *arena, struct ci_build *ret, bool *ret_found,
     struct error *err)
{
	struct github_run *runs;
	size_t count;
	if (!github_runs(&ci->connection.rest, ci->slug, commit, branch, arena, &runs, &count, err))
		return false;
	const struct github_run *run = count > 0 ? worst_of(runs, count, commit != NULL ? commit : runs[0].commit) : NULL;
	*ret_found = run != NULL;
	if (run == NULL)
		return true;
	const char *word = word_of(run->status, run->conclusion);
	enum ci_state state = state_of(word);
	*ret = (struct ci_build){.id = arena_printf(arena, "%" PRId64, run->id),
	                         .number = arena_printf(arena, "%" PRId64, run->number), .state = state, .word = word,
	                         .url = run->url, .commit = run->commit, .branch = run->branch, .started_ms = run->started_ms,
	                         .ended_ms = ci_state_is_final(state) ? run->updated_ms : -1};
	return true;
}

/* ---- jobs ---- */

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
	struct github_job *jobs;
	if (!github_jobs(&ci->connection.rest, ci->slug, id_of(build->id), arena, &jobs, ret_count, err))
		return false;
	*ret = arena_array(arena, struct ci_job, *ret_count + 1);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = (struct ci_job){.id = arena_printf(arena, "%" PRId64, jobs[i].id), .name = jobs[i].name,
		                            .url = jobs[i].url, .state = state_of(word_of(jobs[i].status, jobs[i].conclusion))};
	return true;
}

static bool
read_log(struct ci *ci, const struct ci_job *job, size_t max, struct arena *arena, const char **ret, size_t *ret_length,
         struct error *err)
{
	return github_job_log(&ci->connection.rest, ci->slug, id_of(job->id), max, arena, ret, ret_length, err);
}

const struct ci_provider ci_github_actions = {"github-actions", "message", github_headers, GITHUB_HEADERS, find, list_jobs,
                                              read_log};

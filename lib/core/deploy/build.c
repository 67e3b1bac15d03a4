#include "core/deploy/build.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "data/repository.h"
#include "role/scm.h"

enum {
	FIRST_LOOK_MS = 2000,
	LAST_LOOK_MS = 10 * 1000,
	BEGIN_MS = 2 * 60 * 1000, /* a push becomes a build within seconds, where there is one at all */
	LIMIT_MS = 30 * 60 * 1000,
};

static bool
open_ci(const struct build_request *request, struct arena *arena, struct ci **ret, struct error *err)
{
	const char *slug;
	if (request->repository->commit == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the repository has no commit");
	return scm_slug(request->platform, request->repository, arena, &slug, err) &&
	       ci_open(request->http, request->platform, slug, arena, ret, err);
}

bool
build_look(const struct build_request *request, struct arena *arena, struct ci_build *ret, bool *ret_found,
           struct error *err)
{
	scoped(ci_close) struct ci *ci = NULL;
	return open_ci(request, arena, &ci, err) &&
	       ci_build_of_commit(ci, request->repository->commit, arena, ret, ret_found, err);
}

/* ---- to its end ---- */

/* What outlives a look is in `arena`, all else in `scratch`: a build of an hour is looked at 400 times. */
struct following {
	const struct build_request *request;
	struct ci *ci;
	struct arena scratch;
	struct ci_build build;
	bool is_found, is_over;
	int64_t began_ms, wait_ms;
};

/* A job that waits for the build which it is part of would wait for ever. */
static bool
check_not_ours(const struct ci_build *build, struct error *err)
{
	static const char *const variables[] = {"GITHUB_RUN_ID", "TRAVIS_BUILD_ID"};
	for (size_t i = 0; i < array_length(variables); i++) {
		const char *own = getenv(variables[i]);
		if (own == NULL || strcmp(own, build->id) != 0)
			continue;
		error_put(err, ERROR_CONFLICT, "build %s is the one that this command runs in: it cannot wait for itself",
		          build->number);
		return error_next(err, "deploy in a job that needs the one which makes the image, without --wait-for-build");
	}
	return true;
}

static bool
look(struct following *following, struct error *err)
{
	struct error failure;
	struct ci_build build;
	bool is_found;
	arena_reset(&following->scratch);
	if (!ci_build_of_commit(following->ci, following->request->repository->commit, &following->scratch, &build, &is_found,
	                        &failure)) {
		following->is_found = false;
		if (failure.retryable || failure.code == ERROR_RATE_LIMITED)
			return true;
		*err = failure;
		return false;
	}
	following->is_found = is_found;
	following->build = build;
	following->is_over = is_found && ci_state_is_final(build.state) && build.state != CI_UNKNOWN;
	if (following->request->told != NULL)
		following->request->told(following->request->data, is_found ? &build : NULL);
	return following->is_over || !is_found || check_not_ours(&build, err);
}

static bool
check_time(const struct following *following, bool was_found, struct error *err)
{
	char text[CLOCK_TEXT_BYTES];
	int64_t limit_ms = following->request->timeout_ms > 0 ? following->request->timeout_ms : LIMIT_MS;
	int64_t waited_ms = clock_monotonic_ms() - following->began_ms;
	const char *commit = following->request->repository->commit;
	if (!was_found && waited_ms >= BEGIN_MS && waited_ms < limit_ms) {
		error_put(err, ERROR_NOT_FOUND, "nothing began to build commit %.8s within %s", commit,
		          clock_format_duration(BEGIN_MS, text));
		return error_next(err, "git push, and look whether the CI builds this branch");
	}
	if (waited_ms < limit_ms)
		return true;
	error_put(err, ERROR_TIMED_OUT, "the build of commit %.8s is not over after %s", commit,
	          clock_format_duration(limit_ms, text));
	err->retryable = true;
	return error_next(err, "wait longer with --timeout, or look at it: paas status");
}

static bool
wait_for_end(struct following *following, struct error *err)
{
	bool was_found = false;
	following->began_ms = clock_monotonic_ms();
	following->wait_ms = FIRST_LOOK_MS;
	for (;;) {
		if (!look(following, err))
			return false;
		was_found |= following->is_found;
		if (following->is_over)
			return true;
		if (!check_time(following, was_found, err))
			return false;
		if (!fiber_sleep(following->request->loop, following->wait_ms))
			return error_set(err, ERROR_INTERRUPTED, "the build goes on");
		following->wait_ms = following->wait_ms * 3 / 2 < LAST_LOOK_MS ? following->wait_ms * 3 / 2 : LAST_LOOK_MS;
	}
}

static struct ci_build
copy_build(const struct ci_build *build, struct arena *arena)
{
	struct ci_build copy = *build;
	copy.id = arena_strdup(arena, build->id);
	copy.number = arena_strdup(arena, build->number);
	copy.word = arena_strdup(arena, build->word);
	copy.url = arena_strdup(arena, build->url);
	copy.commit = arena_strdup(arena, build->commit);
	copy.branch = arena_strdup(arena, build->branch);
	return copy;
}

bool
build_follow(const struct build_request *request, struct arena *arena, struct build_end *ret, struct error *err)
{
	struct following following = {.request = request};
	scoped(ci_close) struct ci *ci = NULL;
	if (!open_ci(request, arena, &ci, err))
		return false;
	following.ci = ci;
	bool is_fine = wait_for_end(&following, err);
	if (is_fine) {
		struct ci_job job;
		struct error ignored;
		const char *lines;
		bool has_failed = false;
		*ret = (struct build_end){.build = copy_build(&following.build, arena), .job = "", .lines = ""};
		if (ret->build.state == CI_FAILED &&
		    ci_failure(ci, &ret->build, BUILD_LOG_LINES, arena, &job, &lines, &has_failed, &ignored) && has_failed) {
			ret->job = job.name;
			ret->lines = lines;
		}
	}
	arena_release(&following.scratch);
	return is_fine;
}

/* ---- JSON ---- */

static json_t *
text_or_null(const char *text)
{
	return *text != '\0' ? json_string(text) : json_null();
}

static json_t *
time_or_null(int64_t time_ms)
{
	char text[CLOCK_TEXT_BYTES];
	return time_ms >= 0 ? json_string(clock_format(time_ms, text)) : json_null();
}

json_t *
build_to_json(const struct ci_build *build)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "state", ci_state_name(build->state), "word",
	                 text_or_null(build->word), "number", text_or_null(build->number), "url", text_or_null(build->url),
	                 "commit", text_or_null(build->commit), "branch", text_or_null(build->branch), "started_at",
	                 time_or_null(build->started_ms), "ended_at", time_or_null(build->ended_ms));
}

#include "cmd/deploy_build.h"

#include <string.h>

#include "cmd/command.h"
#include "cmd/deploy_view.h"
#include "core/deploy/build.h"
#include "data/platform.h"
#include "data/project.h"
#include "ui/ci.h"
#include "ui/neutral.h"
#include "ui/output.h"
#include "ui/progress.h"

enum { LOG_MAX = 256 * 1024 };

/* ---- asking only ---- */

/* Rewrites *failure: the registry's word stays, the build's is added. */
static void
add_word(struct error *failure, const char *word, const char *next)
{
	struct error before = *failure;
	error_put(failure, before.code, "%s; %s", before.why, word);
	if (*before.what != '\0')
		error_put_doing(failure, "%s", before.what);
	error_put_next(failure, "%s", next);
	error_put_source(failure, before.source.system, before.source.object, before.source.url);
}

/* An image whose tag has nothing to do with the commit is made by nobody knows which build. */
static bool
is_of_commit(const struct release *release)
{
	return release->commit != NULL && strstr(release->image, release->commit) != NULL;
}

/* "build 12 of commit c0ffee12 is running" */
static const char *
describe(const struct ci_build *build, const char *commit, struct arena *arena)
{
	bool has_ended = build->state == CI_PASSED || build->state == CI_FAILED;
	return arena_printf(arena, "build %s of commit %.8s %s %s", build->number, commit, has_ended ? "has" : "is",
	                    build->state == CI_UNKNOWN ? build->word : ci_state_name(build->state));
}

static void
tell_build(const struct deploy_job *job, const struct build_request *request, struct error *failure)
{
	struct arena *arena = job->session->arena;
	const char *commit = request->repository->commit;
	const char *waiting = arena_printf(arena, "paas deploy --env %s --wait-for-build", job->release.environment->name);
	struct ci_build build;
	struct error ignored;
	bool is_found;
	if (!is_of_commit(&job->release) || !build_look(request, arena, &build, &is_found, &ignored))
		return;
	if (!is_found) {
		add_word(failure, arena_printf(arena, "nothing builds commit %.8s so far", commit),
		         job->release.n_unpushed > 0 ? "git push, then paas deploy --wait-for-build" : waiting);
		return;
	}
	const char *word = describe(&build, commit, arena);
	if (!ci_state_is_final(build.state))
		add_word(failure, arena_printf(arena, "image not built yet: %s", word), waiting);
	else
		add_word(failure, word, build.url);
}

/* ---- following ---- */

struct view {
	const struct deploy_job *job;
	struct progress *progress;
	enum ci_state state; /* as told last in JSON */
	bool is_told;
};

static void
tell_progress(void *data, const struct ci_build *build)
{
	struct view *view = data;
	struct output *out = view->job->session->out;
	const char *commit = view->job->release.commit;
	struct error ignored;
	if (build == NULL) {
		progress_step(view->progress, "waiting for a build of commit %.8s", commit);
		return;
	}
	scoped(arena_release) struct arena scratch = {0};
	progress_step(view->progress, "%s", describe(build, commit, &scratch));
	if (!output_is_json(out) || (view->is_told && view->state == build->state))
		return;
	view->is_told = deploy_view_json(out, "build", build_to_json(build), &ignored); /* noticed with the result */
	view->state = build->state;
}

/* A log is not always text: what is no UTF-8 is told as the terminal would show it. */
static void
write_log(struct output *out, const struct build_end *end)
{
	scoped(buf_release) struct buf text = BUF_INIT(LOG_MAX);
	struct error ignored;
	neutral_add(&text, NEUTRAL_TEXT, end->lines, strlen(end->lines));
	(void)!deploy_view_json(out, "build-log", json_pack("{s:s, s:s, s:s}", "number", end->build.number, "job", end->job,
	                                                    "log", text.bytes), &ignored); /* noticed with the result */
}

static void
print_log(const struct deploy_job *job, const struct build_end *end)
{
	struct output *out = job->session->out;
	char token[CI_TOKEN_BYTES];
	if (*end->lines == '\0')
		return;
	if (output_is_json(out)) {
		write_log(out, end);
		return;
	}
	output_print(out, "the end of job %s:\n", end->job);
	ci_stop_commands(out, token);
	output_print_text(out, end->lines, strlen(end->lines));
	ci_resume_commands(out, token);
}

static bool
refuse(const struct deploy_job *job, const struct build_end *end, struct error *failure)
{
	const struct ci_build *build = &end->build;
	error_put(failure, ERROR_FAILED, "build %s of commit %.8s %s%s%s", build->number, job->release.commit,
	          build->state == CI_CANCELLED ? "was cancelled" : "failed", *end->job != '\0' ? ": job " : "", end->job);
	return error_next(failure, "%s", build->url);
}

static bool
follow(struct deploy_job *job, struct build_request *request, struct error *failure)
{
	struct session *session = job->session;
	struct view view = {.job = job, .progress = progress_new(session->out, session->loop, session->arena)};
	struct build_end end;
	request->told = tell_progress;
	request->data = &view;
	ci_group_begin(session->out, arena_printf(session->arena, "waiting for the build of %.8s", job->release.commit));
	bool is_fine = build_follow(request, session->arena, &end, failure);
	progress_end(view.progress);
	ci_group_end(session->out);
	if (!is_fine)
		return error_doing(failure, "waiting for the image %s", job->release.image);
	if (end.build.state != CI_PASSED) {
		print_log(job, &end);
		return refuse(job, &end, failure);
	}
	if (release_resolve(&job->release, session->http, session->platform, session->arena, failure))
		return true;
	add_word(failure, arena_printf(session->arena, "build %s has passed", end.build.number), end.build.url);
	return false;
}

bool
deploy_build_await(struct deploy_job *job, struct error *failure)
{
	struct session *session = job->session;
	struct build_request request = {.loop = session->loop, .http = session->http, .platform = session->platform,
	                                .timeout_ms = job->choice->timeout_ms};
	struct error why;
	bool is_asked = session->project->root != NULL && job->release.commit != NULL;
	if (!job->choice->waits_for_build) {
		if (is_asked && !job->given && project_repository(session->project, &request.repository, &why))
			tell_build(job, &request, failure);
		return false;
	}
	if (!is_asked) {
		add_word(failure, "without a git repository nobody knows its build", "build and push it, or deploy in its repository");
		return false;
	}
	if (!project_repository(session->project, &request.repository, &why)) {
		*failure = why;
		return false;
	}
	return follow(job, &request, failure);
}

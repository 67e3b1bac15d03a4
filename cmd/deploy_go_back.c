#include "cmd/deploy_go_back.h"

#include <string.h>

#include "cmd/command.h"
#include "cmd/deploy_run.h"
#include "cmd/settings_changes.h"
#include "data/error_json.h"
#include "data/platform.h"
#include "ui/output.h"

enum { RELEASES_MAX = 100 };

static bool
has_settings(const struct releases_view *view, const struct past_release *target, struct error *err)
{
	const char *where = view->located.environment->name;
	if (target->config != NULL)
		return true;
	error_put(err, ERROR_NOT_FOUND, "of %s only the image %s is known, not its settings", *target->deployment_id != '\0'
	          ? target->deployment_id : "that release", target->image);
	error_put_next(err, "deploy that image with the settings of now: paas deploy --env %s --image %s", where, target->image);
	return error_doing(err, "rolling %s back in %s", view->located.name, where);
}

bool
deploy_go_back_to(struct session *session, const struct releases_view *view, const char *application,
                  const struct past_release *target, const struct deploy_choice *choice, struct error *err)
{
	const struct past_release *current = history_current(&view->history);
	const struct release_given given = {.label = releases_label(target, session->arena), .image = target->image,
	                                    .digest = target->digest, .commit = target->commit, .config = target->config};
	struct deploy_job job = {.session = session, .choice = choice, .application = application, .given = &given};
	if (!has_settings(view, target, err))
		return false;
	if (!output_is_json(session->out)) {
		output_note(session->out, "rolling %s back in %s from %s to %s (%s)\n", view->located.name,
		            view->located.environment->name, current != NULL ? releases_label(current, session->arena) : "nothing",
		            given.label, given.image);
		settings_changes_say(session->out, current != NULL ? current->config : NULL, target->config, session->arena);
	}
	return deploy_run(&job, "rollback", err);
}

/* ---- after a failure ---- */

bool
deploy_goes_back(const struct deploy_job *job, const struct error *failure)
{
	bool is_bad = failure->code == ERROR_DEPLOY_UNHEALTHY || failure->code == ERROR_DEPLOY_FAILED;
	return job->choice->rolls_back && (is_bad || failure->code == ERROR_TIMED_OUT);
}

/* What the cluster has must be what failed: a pipeline may have ended before it, and somebody may have been faster. */
static bool
find_target(const struct deploy_job *job, const struct releases_view *view, const struct past_release **ret, struct error *err)
{
	const struct past_release *current = history_current(&view->history);
	const char *id = job->submission.deployment_id;
	if (current == NULL || id == NULL || strcmp(current->deployment_id, id) != 0)
		return error_set(err, ERROR_CONFLICT, "what %s has is not of this deployment", view->located.environment->name);
	return history_last_good(&view->history, ret, err);
}

static bool
go_back(const struct deploy_job *job, const struct releases_view *view, const struct past_release *target, struct error *err)
{
	const struct deploy_choice choice = {.timeout_ms = job->choice->timeout_ms, .settle_ms = job->choice->settle_ms,
	                                     .tolerated_restarts = job->choice->tolerated_restarts,
	                                     .replaces = job->submission.deployment_id, .is_one_of_several = true, .result_type = "rollback"};
	return deploy_go_back_to(job->session, view, job->application, target, &choice, err);
}

/* Not healthy in time and gone again: the operation failed.  Ctrl-C ends the command as ever: the rollback goes on. */
static void
complete(struct error *failure, bool is_back, const struct error *trouble)
{
	if (is_back && failure->code == ERROR_TIMED_OUT) {
		failure->code = ERROR_DEPLOY_UNHEALTHY;
		failure->retryable = false;
	}
	if (!is_back && trouble->code == ERROR_INTERRUPTED)
		*failure = *trouble;
}

static json_t *
answer(const struct past_release *target, bool is_back, const struct error *trouble, struct arena *arena)
{
	return json_pack("{s:s, s:s?, s:s?, s:o}", "outcome", is_back ? "succeeded" : target != NULL ? "failed" : "none", "release",
	                 target != NULL ? releases_label(target, arena) : NULL, "image", target != NULL ? target->image : NULL,
	                 "error", is_back ? json_null() : error_to_json(trouble));
}

json_t *
deploy_go_back(const struct deploy_job *job, struct error *failure)
{
	struct session *session = job->session;
	scoped(releases_close) struct releases_view view = {0};
	const struct past_release *target = NULL;
	struct error trouble = {0};
	if (!output_is_json(session->out))
		output_note(session->out, "%s failed: %s\n", failure->what, failure->why);
	bool is_found = releases_open(session, job->application, RELEASES_MAX, &view, &trouble) &&
	                find_target(job, &view, &target, &trouble);
	bool is_back = is_found && go_back(job, &view, target, &trouble);
	if (!is_back && trouble.code != ERROR_INTERRUPTED)
		output_warn(session->out, "%s: %s%s%s", is_found ? "rolling back failed, too" : "nothing was rolled back", trouble.why,
		            *trouble.next != '\0' ? "; next: " : "", trouble.next);
	complete(failure, is_back, &trouble);
	return answer(is_found ? target : NULL, is_back, &trouble, session->arena);
}

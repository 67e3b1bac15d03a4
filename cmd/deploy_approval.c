#include "cmd/deploy_approval.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "cmd/command.h"
#include "cmd/deploy_announce.h"
#include "core/deploy/approval.h"
#include "data/platform.h"
#include "role/cluster.h"
#include "ui/output.h"
#include "ui/progress.h"

enum { LOOK_AGAIN_MS = 2000 };

bool
deploy_approval_is_needed(const struct deploy_job *job)
{
	return job->release.environment->needs != NULL && job->pipeline == NULL && !job->choice->dry_run &&
	       !job->session->assume_yes && job->release.approver == NULL;
}

static bool
read_approval(const struct deploy_job *job, struct arena *arena, struct approval *ret, struct error *err)
{
	return approval_read(job->cluster->kubernetes, job->release.namespace, job->release.name, arena, ret, err);
}

/* One of before the present release was deployed has served, or was overtaken. */
static bool
is_fresh(const struct deploy_job *job, const struct approval *approval)
{
	return approval->decided_ms >= job->standing.deployed_ms &&
	       strcmp(approval->deployment_id, job->standing.deployment_id) != 0;
}

static bool
refuse_other(const struct deploy_job *job, const struct approval *approval, struct error *err)
{
	error_put(err, ERROR_CONFLICT, "another release waits for approval: %s%s%s", approval->image,
	          *approval->author != '\0' ? ", asked for by " : "", approval->author);
	return error_next(err, "have it decided with paas approve %s --env %s, or ask for this one instead with --force",
	                  job->release.name, job->release.environment->name);
}

/* *ret_asked: a request of this release stands. */
static bool
take_up(struct deploy_job *job, bool *ret_asked, struct error *err)
{
	scoped(approval_release) struct approval approval = {0};
	*ret_asked = false;
	if (!read_approval(job, job->session->arena, &approval, err))
		return false;
	bool is_ours = approval_is_of(&approval, &job->release);
	if (approval.state == APPROVAL_PENDING && !is_ours && !job->choice->force)
		return refuse_other(job, &approval, err);
	*ret_asked = is_ours && (approval.state == APPROVAL_PENDING ||
	                         (approval.state == APPROVAL_APPROVED && is_fresh(job, &approval)));
	if (*ret_asked)
		job->release.deployment_id = approval.deployment_id;
	return true;
}

static bool
ask(struct deploy_job *job, struct error *err)
{
	struct kubernetes *kubernetes = job->cluster->kubernetes;
	int64_t now_ms = kubernetes_server_time_ms(kubernetes);
	struct error ignored;
	const char *author = NULL;
	if (!kubernetes_who_am_i(kubernetes, job->session->arena, &author, &ignored))
		author = NULL;
	job->release.deployment_id = submit_new_id(now_ms, job->session->arena);
	if (!approval_request(kubernetes, &job->release, job->release.deployment_id, author, now_ms, err))
		return error_doing(err, "asking for approval");
	return true;
}

/* ---- waiting ---- */

static bool
put_waits(const struct deploy_job *job, struct error *err)
{
	error_put(err, ERROR_CONFLICT, "it waits for approval in %s", job->release.environment->name);
	return error_next(err, "paas approve %s --env %s", job->release.name, job->release.environment->name);
}

/* *ret_decided with `true`: approved. */
static bool
look(struct deploy_job *job, bool *ret_decided, struct error *err)
{
	scoped(approval_release) struct approval approval = {0};
	*ret_decided = false;
	if (!read_approval(job, job->session->arena, &approval, err))
		return err->retryable;
	bool is_ours = approval.state != APPROVAL_NONE && strcmp(approval.deployment_id, job->release.deployment_id) == 0;
	if (is_ours && approval.state == APPROVAL_PENDING)
		return true;
	if (is_ours && approval.state == APPROVAL_REJECTED)
		return error_set(err, ERROR_CANCELLED, "%s rejected it%s%s", *approval.decided_by != '\0' ? approval.decided_by : "somebody",
		                 *approval.message != '\0' ? ": " : "", approval.message);
	*ret_decided = true;
	if (is_ours) {
		job->release.approver = approval.decided_by;
		job->release.author = approval.author;
	}
	return true;
}

/* Whoever approves hands it over, too: then the request is gone, and the Application is ours. */
static bool
wait_for_decision(struct deploy_job *job, struct error *err)
{
	struct session *session = job->session;
	bool is_decided = false, goes_on = look(job, &is_decided, err);
	bool may_wait = job->choice->waits || (session->can_prompt && !session->in_ci);
	int64_t since_ms = clock_monotonic_ms();
	if (!goes_on || is_decided)
		return goes_on;
	deploy_announce_waiting(job);
	if (!may_wait || job->choice->detach)
		return put_waits(job, err);
	struct progress *progress = progress_new(session->out, session->loop, session->arena);
	while (goes_on && !is_decided) {
		progress_step(progress, "waiting for approval: paas approve %s --env %s", job->release.name,
		              job->release.environment->name);
		bool is_late = job->choice->timeout_ms > 0 && clock_monotonic_ms() - since_ms >= job->choice->timeout_ms;
		goes_on = is_late ? error_set(err, ERROR_TIMED_OUT, "nobody has approved it")
		          : fiber_sleep(session->loop, LOOK_AGAIN_MS) ? look(job, &is_decided, err)
		                                                      : error_set(err, ERROR_INTERRUPTED, "the request stays");
	}
	progress_end(progress);
	return goes_on;
}

bool
deploy_approval_get(struct deploy_job *job, struct error *err)
{
	bool is_asked;
	return take_up(job, &is_asked, err) && (is_asked || ask(job, err)) && wait_for_decision(job, err);
}

void
deploy_approval_finish(const struct deploy_job *job)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(approval_release) struct approval approval = {0};
	struct error ignored;
	if (job->release.deployment_id != NULL && read_approval(job, &arena, &approval, &ignored) &&
	    approval.state != APPROVAL_NONE && strcmp(approval.deployment_id, job->release.deployment_id) == 0)
		approval_forget(job->cluster->kubernetes, &approval);
}

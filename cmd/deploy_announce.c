#include "cmd/deploy_announce.h"

#include <string.h>

#include "cmd/command.h"
#include "cmd/deploy_pipeline.h"
#include "core/deploy/announce.h"
#include "core/deploy/pending.h"
#include "data/platform.h"
#include "data/project.h"
#include "ui/neutral.h"
#include "ui/output.h"

enum { TEXT_MAX_BYTES = 1000 };

static void
note_failure(void *data, const char *target, const struct error *err)
{
	struct output *out = data;
	output_note(out, "%s was not told of this deployment: %s%s%s\n", target, err->why, *err->next != '\0' ? "; next: " : "",
	            err->next);
}

/* Fills in who is told by which means, and tells them. */
static void
tell(struct session *session, struct announcement *announcement, enum announce_stage stage, const char *text)
{
	struct error ignored;
	if (announcement->environment->n_announce == 0)
		return;
	announcement->loop = session->loop;
	announcement->http = session->http;
	announcement->platform = session->platform;
	if (session->project->root != NULL &&
	    !project_repository(session->project, &announcement->repository, &ignored))
		announcement->repository = NULL;
	/* It may quote the last words of a container, which need not be text. */
	scoped(buf_release) struct buf line = BUF_INIT(TEXT_MAX_BYTES);
	neutral_add(&line, NEUTRAL_LINE, text, strlen(text));
	announce(announcement, stage, line.bytes, note_failure, session->out);
}

static void
tell_of(const struct deploy_job *job, enum announce_stage stage, const char *text)
{
	const struct release *release = &job->release;
	const char *id = job->submission.deployment_id != NULL ? job->submission.deployment_id : release->deployment_id;
	struct announcement announcement = {
		.environment = release->environment, .name = release->name, .team = release->team, .commit = release->commit,
		.deployment_id = id, .url = deploy_pipeline_url(job), .is_ours = !job->is_joined};
	if (!job->choice->dry_run && id != NULL && !deploy_job_runs_already(job))
		tell(job->session, &announcement, stage, text);
}

void
deploy_announce_begin(const struct deploy_job *job)
{
	const struct release *release = &job->release;
	tell_of(job, ANNOUNCE_BEGUN,
	     arena_printf(job->session->arena, "deploying %s to %s", release->image, release->environment->name));
}

void
deploy_announce_waiting(const struct deploy_job *job)
{
	const struct release *release = &job->release;
	tell_of(job, ANNOUNCE_WAITING, arena_printf(job->session->arena, "%s waits for approval in %s: %s", release->name,
	                                            release->environment->name, release->image));
}

void
deploy_announce_end(const struct deploy_job *job, const struct error *failure)
{
	const struct release *release = &job->release;
	struct arena *arena = job->session->arena;
	bool has_failed = failure != NULL && strcmp(job->outcome, "failed") == 0;
	if (failure != NULL && deploy_pipeline_waits(job))
		deploy_announce_waiting(job);
	else if (failure == NULL)
		tell_of(job, ANNOUNCE_SUCCEEDED, arena_printf(arena, "%s is healthy in %s: %s", release->name,
		                                           release->environment->name, release->image));
	else
		tell_of(job, has_failed ? ANNOUNCE_FAILED : ANNOUNCE_UNCLEAR,
		     arena_printf(arena, "%s in %s: %s (%s): %s", release->name, release->environment->name, job->outcome,
		                  release->image, failure->why));
}

void
deploy_announce_decision(struct session *session, const struct deploy_decision *decision)
{
	const struct pending *pending = decision->pending;
	const char *id = pending->run.id != NULL ? pending->run.deployment_id : pending->approval.deployment_id;
	struct announcement announcement = {
		.environment = pending->environment, .name = decision->name, .team = decision->team,
		.commit = *pending->commit != '\0' ? pending->commit : NULL, .deployment_id = id,
		.url = pending->run.id != NULL ? pending->run.url : NULL};
	if (pending->environment == NULL || *id == '\0')
		return;
	const char *by = *decision->by != '\0' ? decision->by : "somebody", *where = pending->environment->name;
	if (decision->is_approved)
		tell(session, &announcement, ANNOUNCE_BEGUN,
		     arena_printf(session->arena, "deploying %s to %s, approved by %s", pending->image, where, by));
	else
		tell(session, &announcement, ANNOUNCE_FAILED,
		     arena_printf(session->arena, "%s in %s: %s rejected %s%s%s", decision->name, where, by, pending->image,
		                  decision->message != NULL ? ": " : "", decision->message != NULL ? decision->message : ""));
}

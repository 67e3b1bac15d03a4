#include "cmd/deploy_announce.h"

#include <string.h>

#include "cmd/command.h"
#include "core/deploy/announce.h"
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

static void
tell(const struct deploy_job *job, enum announce_stage stage, const char *text)
{
	struct session *session = job->session;
	const struct release *release = &job->release;
	struct announcement announcement = {
		.loop = session->loop, .http = session->http, .platform = session->platform, .environment = release->environment,
		.name = release->name, .team = release->team, .commit = release->commit,
		.deployment_id = job->submission.deployment_id, .is_ours = !job->is_joined};
	struct error ignored;
	if (release->environment->n_announce == 0 || job->choice->dry_run || announcement.deployment_id == NULL ||
	    deploy_job_runs_already(job))
		return;
	if (session->project->root != NULL &&
	    !project_repository(session->project, &announcement.repository, &ignored))
		announcement.repository = NULL;
	/* It may quote the last words of a container, which need not be text. */
	scoped(buf_release) struct buf line = BUF_INIT(TEXT_MAX_BYTES);
	neutral_add(&line, NEUTRAL_LINE, text, strlen(text));
	announce(&announcement, stage, line.bytes, note_failure, session->out);
}

void
deploy_announce_begin(const struct deploy_job *job)
{
	const struct release *release = &job->release;
	tell(job, ANNOUNCE_BEGUN,
	     arena_printf(job->session->arena, "deploying %s to %s", release->image, release->environment->name));
}

void
deploy_announce_end(const struct deploy_job *job, const struct error *failure)
{
	const struct release *release = &job->release;
	struct arena *arena = job->session->arena;
	bool has_failed = failure != NULL && strcmp(job->outcome, "failed") == 0;
	if (failure == NULL)
		tell(job, ANNOUNCE_SUCCEEDED, arena_printf(arena, "%s is healthy in %s: %s", release->name,
		                                           release->environment->name, release->image));
	else
		tell(job, has_failed ? ANNOUNCE_FAILED : ANNOUNCE_UNCLEAR,
		     arena_printf(arena, "%s in %s: %s (%s): %s", release->name, release->environment->name, job->outcome,
		                  release->image, failure->why));
}

/* From a release that is prepared to one that is in the cluster's hands, or a pipeline's. */
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "cmd/command.h"
#include "cmd/deploy_approval.h"
#include "cmd/deploy_direct.h"
#include "cmd/deploy_job.h"
#include "cmd/deploy_pipeline.h"
#include "cmd/deploy_view.h"
#include "core/deploy/record.h"
#include "core/deploy/shipped.h"
#include "data/platform.h"
#include "data/repository.h"
#include "role/cluster.h"
#include "ui/output.h"
#include "ui/progress.h"

enum { COMMITS_MAX = 20 };

/* ---- what ships ---- */

static void
find_commits(struct deploy_job *job)
{
	const struct shipped_request request = {
		.http = job->session->http, .platform = job->session->platform, .project = job->session->project,
		.from = job->standing.commit, .to = job->release.commit, .max = COMMITS_MAX};
	struct shipped shipped = shipped_find(&request, job->session->arena);
	job->commits = shipped.commits;
	job->n_commits = shipped.count;
}

static void
say_commits(const struct deploy_job *job)
{
	struct output *out = job->session->out;
	for (size_t i = 0; i < job->n_commits; i++)
		output_note(out, "  %.8s %s\n", job->commits[i].commit, job->commits[i].title ? job->commits[i].title : "");
	if (job->n_commits == COMMITS_MAX)
		output_note(out, output_is_accessible(out) ? "and older ones\n" : "  … and older ones\n");
}

static json_t *
commits_to_json(const struct deploy_job *job)
{
	json_t *list = json_array();
	for (size_t i = 0; i < job->n_commits; i++)
		json_array_append_new(list, json_pack("{s:s, s:s?}", "commit", job->commits[i].commit, "title",
		                                      job->commits[i].title));
	return list;
}

bool
deploy_job_runs_already(const struct deploy_job *job)
{
	return job->is_joined && !job->standing.is_under_way && !deploy_pipeline_runs(job) &&
	       !(job->direct && direct_count_changes(job->direct));
}

static bool
say_release(const struct deploy_job *job, struct error *err)
{
	const struct release *release = &job->release;
	struct output *out = job->session->out;
	if (job->is_quiet)
		return true;
	if (output_is_json(out))
		return deploy_view_json(
			out, "release",
			json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:s, s:b, s:b, s:s?, s:o, s:o*}", "name", release->name,
		                  "environment", release->environment->name, "namespace", release->namespace, "image",
		                  release->image, "digest", release->digest, "commit", release->commit, "deployment_id",
		                  job->submission.deployment_id, "joined", job->is_joined, "dry_run", job->choice->dry_run,
		                  "previous_image", *job->standing.image ? job->standing.image : NULL,
		                  "commits", commits_to_json(job), "objects",
		                  job->direct ? direct_to_json(job->direct) : NULL), err);
	if (!job->choice->dry_run && !deploy_job_runs_already(job))
		output_note(out, "%s %s to %s (namespace %s): deployment %s\n", job->is_joined ? "following" : "deploying",
		            release->image, release->environment->name, release->namespace, job->submission.deployment_id);
	if (job->direct && !job->choice->dry_run && !deploy_job_runs_already(job))
		deploy_direct_say(job);
	say_commits(job);
	return true;
}

/* ---- after somebody else ---- */

enum { LOOK_AGAIN_MS = 2000, WAIT_LIMIT_MS = 30 * 60 * 1000, OVERTAKEN_MAX = 5 };

/* Whether somebody wrote the Application since we looked. */
static bool
look_again(struct deploy_job *job, bool *ret_moved, struct error *err)
{
	struct standing now;
	if (!deploy_job_look(job, &now, err))
		return false;
	*ret_moved = strcmp(standing_version(&now), standing_version(&job->standing)) != 0;
	standing_release(&job->standing);
	job->standing = now;
	return true;
}

static bool
has_waited_enough(const struct deploy_job *job, int64_t since_ms, struct error *err)
{
	char limit[CLOCK_TEXT_BYTES];
	int64_t limit_ms = job->choice->timeout_ms > 0 ? job->choice->timeout_ms : WAIT_LIMIT_MS;
	if (clock_monotonic_ms() - since_ms < limit_ms)
		return false;
	error_put(err, ERROR_TIMED_OUT, "deployment %s is still under way after %s; ours has not begun",
	          job->standing.deployment_id, clock_format_duration(limit_ms, limit));
	error_put_next(err, "paas status %s --env %s", job->release.name, job->release.environment->name);
	return true;
}

/* A cluster that is out of reach for a moment ends no wait. */
static bool
wait_a_turn(struct deploy_job *job, struct error *err)
{
	struct error failure;
	bool has_moved;
	if (!fiber_sleep(job->session->loop, LOOK_AGAIN_MS))
		return error_set(err, ERROR_INTERRUPTED, "nothing was changed");
	if (look_again(job, &has_moved, &failure) || failure.retryable)
		return true;
	*err = failure;
	return false;
}

static bool
wait_for_others(struct deploy_job *job, struct error *err)
{
	struct session *session = job->session;
	int64_t since_ms = clock_monotonic_ms();
	struct progress *progress = progress_new(session->out, session->loop, session->arena);
	bool goes_on = true;
	while (goes_on && job->standing.is_under_way) {
		progress_step(progress, "waiting for deployment %s of %s%s%s", job->standing.deployment_id,
		              job->standing.image, *job->standing.author ? " by " : "", job->standing.author);
		goes_on = !has_waited_enough(job, since_ms, err) && wait_a_turn(job, err);
	}
	progress_end(progress);
	return goes_on;
}

/* ---- handing it over ---- */

static bool
decide(struct deploy_job *job, enum submit_plan *ret, struct error *err)
{
	struct kubernetes *kubernetes = job->cluster->kubernetes;
	const struct deploy_choice *choice = job->choice;
	for (;;) {
		bool is_under_way = job->standing.is_under_way;
		int64_t now_ms = kubernetes_server_time_ms(kubernetes);
		if (job->direct ? direct_decide(job->direct, now_ms, choice->force, ret, err)
		                : submit_decide(&job->release, &job->standing, now_ms, choice->force, ret, err))
			return true;
		if (!choice->waits || !is_under_way || choice->dry_run || !wait_for_others(job, err))
			return false;
	}
}

/* For a rollback to it, which the cluster would have no settings for. */
static void
keep_record(const struct deploy_job *job)
{
	const struct release *release = &job->release;
	const struct record_entry entry = {
		.deployment_id = job->submission.deployment_id, .image = release->image, .digest = release->digest,
		.commit = release->commit, .author = job->submission.author, .at_ms = job->submission.started_ms,
		.config = release->config};
	struct error failure;
	if (!record_write(job->cluster->kubernetes, release->namespace, release->name, &entry, &job->standing, &failure))
		output_warn(job->session->out, "this release is not recorded, so nobody can roll back to it, unless the next deploy records it: %s", failure.why);
}

/* The Application is the lock: what was decided holds for the one that was looked at. */
static bool
submit_once(struct deploy_job *job, bool *ret_overtaken, struct error *err)
{
	const struct deploy_choice *choice = job->choice;
	struct error failure;
	bool has_moved = false;
	if (submit(job->cluster->kubernetes, &job->release, &job->standing, choice->force, choice->dry_run,
	           job->session->arena, &job->submission, &failure)) {
		if (!choice->dry_run)
			keep_record(job);
		return true;
	}
	if (job->submission.is_overtaken && !look_again(job, &has_moved, err))
		return false;
	if (has_moved && !strcmp(job->standing.deployment_id, job->submission.deployment_id))
		return true; /* our own, and its answer was lost */
	*ret_overtaken = has_moved;
	*err = failure;
	return false;
}

/* Whoever approves a release may have handed it over, too. */
static bool
is_handed_over(struct deploy_job *job, bool *ret, struct error *err)
{
	bool has_moved;
	if (!look_again(job, &has_moved, err))
		return false;
	*ret = !strcmp(job->standing.deployment_id, job->release.deployment_id);
	if (*ret)
		job->submission = (struct submission){.deployment_id = job->release.deployment_id,
		                                      .started_ms = job->standing.deployed_ms};
	return true;
}

static bool
submit_approved(struct deploy_job *job, bool *ret_overtaken, struct error *err)
{
	bool is_done = false;
	if (deploy_approval_is_needed(job) && (!deploy_approval_get(job, err) || !is_handed_over(job, &is_done, err)))
		return false;
	if (is_done)
		return true;
	if (deploy_approval_is_needed(job))
		return error_set(err, ERROR_CANCELLED, "the request for approval was withdrawn");
	if (!submit_once(job, ret_overtaken, err))
		return false;
	deploy_approval_finish(job);
	return true;
}

static bool
try_to_hand_over(struct deploy_job *job, bool *ret_overtaken, struct error *err)
{
	enum submit_plan plan;
	*ret_overtaken = false;
	if (!decide(job, &plan, err))
		return false;
	job->is_joined = plan == SUBMIT_JOIN;
	if (job->is_joined && job->direct)
		return deploy_direct_hand_over(job, plan, ret_overtaken, err);
	if (job->is_joined) {
		job->submission = (struct submission){.deployment_id = job->standing.deployment_id,
		                                      .started_ms = job->standing.deployed_ms};
		return true;
	}
	find_commits(job);
	job->previous_id = *job->standing.deployment_id ? arena_strdup(job->session->arena, job->standing.deployment_id)
	                                                : NULL;
	if (job->pipeline)
		return deploy_pipeline_start(job, err);
	return job->direct ? deploy_direct_hand_over(job, plan, ret_overtaken, err) : submit_approved(job, ret_overtaken, err);
}

/* A run of the same release, which may not have come to the cluster yet, is taken up. */
static bool
take_up_run(struct deploy_job *job, bool *ret_joined, struct error *err)
{
	*ret_joined = false;
	if (!job->pipeline || !deploy_pipeline_join(job, ret_joined, err))
		return !job->pipeline;
	job->is_joined |= *ret_joined;
	return true;
}

bool
deploy_job_hand_over(struct deploy_job *job, struct error *err)
{
	bool is_overtaken = true, is_taken_up;
	if (!take_up_run(job, &is_taken_up, err))
		return false;
	if (is_taken_up)
		return say_release(job, err);
	for (int attempt = 0; attempt < OVERTAKEN_MAX && is_overtaken; attempt++) {
		bool has_moved;
		if (try_to_hand_over(job, &is_overtaken, err))
			return say_release(job, err);
		if (is_overtaken && job->direct && !look_again(job, &has_moved, err))
			return false;
	}
	return false;
}

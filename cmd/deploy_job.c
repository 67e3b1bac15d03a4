#include "cmd/deploy_job.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "cmd/command.h"
#include "cmd/deploy_build.h"
#include "cmd/deploy_direct.h"
#include "cmd/deploy_pipeline.h"
#include "cmd/deploy_view.h"
#include "core/deploy/watch.h"
#include "data/platform.h"
#include "role/cluster.h"
#include "ui/ci.h"
#include "ui/output.h"

/* ---- before ---- */

static bool
check_platform(const struct deploy_job *job, struct error *err)
{
	const struct session *session = job->session;
	const struct release *release = &job->release;
	if (job->choice->direct && release->environment->needs && !session->assume_yes && !job->choice->dry_run) {
		error_put(err, ERROR_CONFLICT, "environment %s needs %s", release->environment->name,
		          release->environment->needs);
		return error_next(err, "have it approved, then say so with --yes");
	}
	return true;
}

static void
say_tree(const struct deploy_job *job)
{
	const struct release *release = &job->release;
	struct output *out = job->session->out;
	if (release->n_changed)
		output_warn(out, "%zu changed file%s not committed: the image cannot have %s", release->n_changed,
		            release->n_changed == 1 ? " is" : "s are", release->n_changed == 1 ? "it" : "them");
	if (release->n_unpushed)
		output_warn(out, "%zu commit%s not pushed: no build can have %s", release->n_unpushed,
		            release->n_unpushed == 1 ? " is" : "s are", release->n_unpushed == 1 ? "it" : "them");
}

/* A release is more than its tag: what was tested there is what has to come here. */
static bool
check_digest(const struct deploy_job *job, struct error *err)
{
	const struct release_given *given = job->given;
	if (!given || !*given->digest || job->choice->force || !strcmp(given->digest, job->release.digest))
		return true;
	error_put(err, ERROR_CONFLICT, "tag %s now names %s, but %s had %s", given->image, job->release.digest, given->label,
	          given->digest);
	return error_next(err, "push that image again under a tag of its own, or take the new one with --force");
}

/* Without the digest one can still deploy; without the image one cannot. */
static bool
resolve(struct deploy_job *job, struct error *err)
{
	struct session *session = job->session;
	struct error failure;
	if (release_resolve(&job->release, session->http, session->platform, session->arena, &failure) ||
	    (failure.code == ERROR_NOT_FOUND && deploy_build_await(job, &failure)))
		return check_digest(job, err);
	if (job->choice->waits_for_build || failure.code == ERROR_NOT_FOUND || failure.code == ERROR_USAGE ||
	    failure.code == ERROR_INTERRUPTED) {
		*err = failure;
		return false;
	}
	output_warn(session->out, "the registry does not tell the digest of %s, so nobody can tell whether the tag moves: %s",
	            job->release.image, failure.why);
	return true;
}

static void
say_problem(const struct deploy_job *job, const struct problem *problem)
{
	struct output *out = job->session->out;
	const char *text = problem_format(problem, job->session->arena);
	const char *fix = problem->fix ? problem->fix : "";
	if (problem->severity == PROBLEM_ERROR)
		output_note(out, *fix ? "%s\n  fix: %s\n" : "%s%s\n", text, fix);
	else if (problem->severity == PROBLEM_WARNING)
		output_warn(out, "%s:%u:%u: %s%s%s", problem->file, problem->line, problem->column, problem->message,
		            *fix ? "; fix: " : "", fix);
}

/* Of the file.  Errors stop the deploy: JSON tells all of them in a line of their own. */
static bool
say_problems(const struct deploy_job *job, struct error *err)
{
	const struct problems *problems = &job->release.problems;
	for (size_t i = 0; i < problems->count; i++)
		say_problem(job, &problems->items[i]);
	if (!problems->n_errors || !output_is_json(job->session->out))
		return true;
	json_t *list = json_array();
	for (size_t i = 0; i < problems->count; i++)
		json_array_append_new(list, problem_to_json(&problems->items[i]));
	return deploy_view_json(job->session->out, "problems", json_pack("{s:s, s:o}", "name", job->release.name, "problems",
	                                                          list), err);
}

static bool
find_release(struct deploy_job *job, const struct release_request *request, struct error *err)
{
	struct error late;
	if (job->given)
		return release_take(request, job->given, job->session->arena, &job->release, err);
	bool is_found = release_find(request, job->session->arena, &job->release, err);
	return say_problems(job, is_found ? err : &late) && is_found;
}

bool
deploy_job_look(struct deploy_job *job, struct standing *ret, struct error *err)
{
	const struct release *release = &job->release;
	if (job->choice->direct)
		return deploy_direct_look(job, ret, err);
	if (standing_read(job->cluster->kubernetes, release->namespace, release->name, job->session->arena, ret, err)) {
		ret->is_under_way &= job->choice->replaces == NULL || strcmp(ret->deployment_id, job->choice->replaces) != 0;
		return true;
	}
	if (err->code == ERROR_NOT_FOUND)
		error_put_next(err, "paas deploy --env %s --direct", release->environment->name);
	return false;
}

bool
deploy_job_prepare(struct deploy_job *job, struct error *err)
{
	struct session *session = job->session;
	struct release_request request = {.platform = session->platform, .project = session->project,
	                                  .settings = session->settings, .file = job->choice->file,
	                                  .application = job->application};
	if (!find_release(job, &request, err) || !check_platform(job, err))
		return false;
	say_tree(job);
	return resolve(job, err) &&
	       cluster_open(session->http, job->release.environment->cluster, session->arena, &job->cluster, err) &&
	       deploy_job_look(job, &job->standing, err) && (job->choice->direct || deploy_pipeline_prepare(job, err));
}

/* ---- following ---- */

static bool
follow_in_cluster(struct deploy_job *job, struct error *err)
{
	struct session *session = job->session;
	int64_t server_ms = kubernetes_server_time_ms(job->cluster->kubernetes);
	struct deploy_view view;
	struct follow_plan plan = {
		.name = job->release.name,
		.environment = job->release.environment->name,
		.deployment_id = job->submission.deployment_id,
		.previous_id = job->previous_id,
		.system = arena_printf(session->arena, "kubernetes %s", job->cluster->name),
		.image_is_resolved = job->release.digest != NULL,
		.started_ms = job->submission.started_ms >= 0 ? job->submission.started_ms : server_ms,
		.watched_ms = server_ms,
		.limit_ms = job->choice->timeout_ms,
		.operator_limit_ms = job->direct ? 0 : job->release.operator_limit_ms,
		.is_direct = job->direct != NULL,
		.settle_ms = job->choice->settle_ms,
		.tolerated_restarts = (unsigned)job->choice->tolerated_restarts,
	};
	struct watch_request request = {.loop = session->loop, .kubernetes = job->cluster->kubernetes,
	                                .namespace = job->release.namespace, .name = job->release.name,
	                                .is_direct = job->direct != NULL, .server_ms = server_ms, .told = deploy_view_tick, .data = &view};
	job->follow = follow_new(&plan);
	ci_group_begin(session->out, arena_printf(session->arena, "following %s in %s", job->release.name,
	                                          job->release.environment->name));
	deploy_view_begin(&view, job->release.name, session->out, session->loop, session->arena);
	bool is_fine = watch_deployment(&request, job->follow, err);
	deploy_view_end(&view);
	ci_group_end(session->out);
	if (!is_fine) {
		error_put(err, ERROR_INTERRUPTED, "the deployment of %s to %s goes on", job->release.name,
		          job->release.environment->name);
		error_put_next(err, "paas status %s --env %s --watch", job->release.name, job->release.environment->name);
	}
	return is_fine;
}

bool
deploy_job_follow(struct deploy_job *job, struct error *err)
{
	bool is_deployed = true;
	if (!deploy_pipeline_runs(job))
		return follow_in_cluster(job, err);
	if (!deploy_pipeline_follow(job, &is_deployed, err))
		return false;
	if (!is_deployed)
		return true;
	if (!follow_in_cluster(job, err))
		return false;
	return follow_deployment(job->follow)->outcome != OUTCOME_SUCCEEDED || deploy_pipeline_finish(job, err);
}

void
deploy_job_release(struct deploy_job *job)
{
	deploy_pipeline_release(job);
	follow_free(job->follow);
	standing_release(&job->standing);
	if (job->direct)
		direct_release(job->direct);
	cluster_close(&job->cluster);
	release_release(&job->release);
}

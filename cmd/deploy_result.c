#include <string.h>

#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/deploy_announce.h"
#include "cmd/deploy_ci.h"
#include "cmd/deploy_direct.h"
#include "cmd/deploy_go_back.h"
#include "cmd/deploy_job.h"
#include "cmd/deploy_pipeline.h"
#include "cmd/deploy_view.h"
#include "cmd/findings.h"
#include "core/deploy/routes.h"
#include "core/deploy/watch.h"
#include "data/error_json.h"
#include "data/json.h"
#include "data/platform.h"
#include "role/cluster.h"
#include "ui/ci.h"
#include "ui/output.h"

static struct deploy_report
report_of(const struct deploy_job *job)
{
	const struct release *release = &job->release;
	return (struct deploy_report){
		.name = release->name,
		.environment = release->environment->name,
		.image = release->image,
		.digest = release->digest,
		.deployment_id = job->submission.deployment_id,
		.outcome = job->outcome,
		.is_one_of_several = job->choice->is_one_of_several,
	};
}

/* ---- the outcome ---- */

static bool
check_images(const struct deploy_job *job, struct error *err)
{
	const char *pod, *running;
	const struct release *release = &job->release;
	if (!release->digest ||
	    !watch_finds_foreign_image(job->follow, release->platform_digests, release->n_platform_digests, &pod, &running))
		return true;
	error_put(err, ERROR_DEPLOY_UNHEALTHY, "pod %s runs %s, but %s is %s", pod, running, release->image,
	          release->digest);
	return error_next(err, "deploy under a tag of its own: nodes keep an image they have under the old one");
}

/* The pipeline's word and the cluster's together. */
static bool
judge(const struct deploy_job *job, struct error *err)
{
	if (!job->follow)
		return deploy_pipeline_judge(job, err);
	const struct deployment *deployment = follow_deployment(job->follow);
	if (deployment->outcome == OUTCOME_SUCCEEDED)
		return check_images(job, err) && (!job->pipeline || deploy_pipeline_judge(job, err));
	error_put(err, deployment->error, "%s", deployment->reason);
	if (deployment->next)
		error_put_next(err, "%s", deployment->next);
	return false;
}

/* Healthy pods of another image are no success. */
static const char *
outcome_name(const struct deploy_job *job, const struct error *failure)
{
	if (!job->follow && failure)
		return failure->code == ERROR_TIMED_OUT ? follow_outcome_name(OUTCOME_TIMED_OUT)
		       : failure->code == ERROR_CONFLICT || failure->code == ERROR_CANCELLED ? follow_outcome_name(OUTCOME_STOPPED)
		                                                                             : follow_outcome_name(OUTCOME_FAILED);
	enum follow_outcome outcome = job->follow ? follow_deployment(job->follow)->outcome : OUTCOME_SUCCEEDED;
	return follow_outcome_name(failure && outcome == OUTCOME_SUCCEEDED ? OUTCOME_FAILED : outcome);
}

/* The last line of one; of several it is one line each. */
static const char *
result_type(const struct deploy_job *job)
{
	if (job->choice->result_type != NULL)
		return job->choice->result_type;
	return job->choice->is_one_of_several ? "application" : "result";
}

static json_t *
result_to_json(const struct deploy_job *job, const struct error *failure)
{
	json_t *result = job->follow ? deployment_to_json(follow_deployment(job->follow)) : json_object();
	json_object_set_new(result, "outcome", json_string(job->outcome));
	json_object_set_new(result, "name", json_string(job->release.name));
	json_object_set_new(result, "environment", json_string(job->release.environment->name));
	json_object_set_new(result, "image", job->release.image ? json_string(job->release.image) : json_null());
	json_object_set_new(result, "deployment_id",
	                    job->submission.deployment_id ? json_string(job->submission.deployment_id) : json_null());
	json_t *run = deploy_pipeline_to_json(job);
	if (run)
		json_object_set_new(result, "pipeline", run);
	if (failure)
		json_object_set_new(result, "error", error_to_json(failure));
	return result;
}

static bool
write_result(const struct deploy_job *job, const struct error *failure, struct error *err)
{
	return deploy_view_json(job->session->out, result_type(job), result_to_json(job, failure), err);
}

static void
print_success(const struct deploy_job *job)
{
	struct output *out = job->session->out;
	char took[CLOCK_TEXT_BYTES];
	if (!job->follow) {
		output_print(out, "the pipeline succeeded; no step of it handed %s to %s, so nothing was followed in the cluster\n",
		             job->release.name, job->release.environment->name);
		return;
	}
	const struct deployment *deployment = follow_deployment(job->follow);
	clock_format_duration(deployment->now_ms - deployment->started_ms, took);
	if (deploy_job_runs_already(job))
		output_print(out, "nothing to do: %s in %s runs %s already (%lld pods ready)\n", job->release.name,
		             job->release.environment->name, job->release.image, (long long)deployment->progress.available);
	else
		output_print(out, "%s%s is healthy in %s%s: %lld pods run %s, after %s\n", output_style(out, STYLE_GOOD),
		             job->release.name, job->release.environment->name, output_style(out, STYLE_PLAIN),
		             (long long)deployment->progress.available, job->release.image, took);
}

static void
print_failure(const struct deploy_job *job, const struct error *failure)
{
	struct output *out = job->session->out;
	char token[CI_TOKEN_BYTES];
	if (!job->follow)
		return;
	const struct deployment *deployment = follow_deployment(job->follow);
	ci_stop_commands(out, token);
	for (size_t i = 0; i < deployment->findings.count; i++)
		findings_print_beside(out, &deployment->findings.items[i], failure);
	for (size_t i = 0; i < deployment->n_operator_lines; i++)
		output_print(out, "operator: %s\n", deployment->operator_lines[i]);
	if (deployment->old_serves)
		output_print(out, "the previous release still serves\n");
	ci_resume_commands(out, token);
}

static void
say_routes(const struct deploy_job *job)
{
	const struct release *release = &job->release;
	bool runs = follow_deployment(job->follow)->progress.desired > 0;
	const char *trouble = runs ? routes_look(job->cluster->kubernetes, release->namespace, release->name,
	                                         job->session->arena) : NULL;
	if (trouble)
		output_warn(job->session->out, "%s", trouble);
}

/* What was found is told in full before the pods that show it go. */
static void
roll_back(struct deploy_job *job, struct error *failure)
{
	struct output *out = job->session->out;
	struct error late;
	if (output_is_json(out) && !deploy_view_json(out, "attempt", result_to_json(job, failure), &late))
		return;
	scoped(json_release) json_t *rollback = deploy_go_back(job, failure);
	const char *became = json_text_or(rollback, "outcome", "none");
	job->outcome = strcmp(became, "succeeded") == 0 ? "rolled-back" : job->outcome;
	struct deploy_report report = report_of(job);
	report.failure = failure;
	deploy_ci_rollback(out, became, &report);
	if (!output_is_json(out))
		return;
	json_t *result = result_to_json(job, failure);
	json_object_set(result, "rollback", rollback);
	(void)!deploy_view_json(out, result_type(job), result, &late);
}

/* For people and programs. */
static bool
tell(struct deploy_job *job, const struct error *failure, struct error *err)
{
	struct error late;
	if (output_is_json(job->session->out))
		return (failure != NULL && deploy_goes_back(job, failure)) ||
		       write_result(job, failure, failure == NULL ? err : &late);
	if (failure == NULL)
		print_success(job);
	else
		print_failure(job, failure);
	return true;
}

bool
deploy_job_conclude(struct deploy_job *job, struct error *err)
{
	struct error failure;
	struct deploy_report report = report_of(job);
	bool is_fine = judge(job, &failure) && (!job->direct || deploy_direct_prune(job, &failure));
	if (is_fine && job->follow)
		say_routes(job);
	if (is_fine && job->pipeline)
		deploy_pipeline_say_cautions(job);
	if (!is_fine)
		error_put_doing(&failure, "deploying %s to %s", job->release.name, job->release.environment->name);
	report.deployment = job->follow ? follow_deployment(job->follow) : NULL;
	report.failure = is_fine ? NULL : &failure;
	report.outcome = job->outcome = outcome_name(job, report.failure);
	deploy_ci_end(job->session->out, &report);
	bool is_told = tell(job, report.failure, err);
	deploy_announce_end(job, report.failure);
	if (is_fine)
		return is_told;
	if (deploy_goes_back(job, &failure))
		roll_back(job, &failure);
	*err = failure;
	return false;
}

void
deploy_job_announce(struct deploy_job *job)
{
	job->outcome = job->choice->dry_run ? "dry-run" : "started";
	struct deploy_report report = report_of(job);
	deploy_ci_begin(job->session->out, &report);
	deploy_announce_begin(job);
}

/* What is known already need not be what the file says. */
static const char *
way_to_diff(const struct deploy_job *job)
{
	const char *where = job->release.environment->name;
	struct arena *arena = job->session->arena;
	return job->given != NULL ? arena_printf(arena, "; see what: paas diff --env %s %s %s", where, where, job->given->label)
	                          : arena_printf(arena, "; see what: paas diff --env %s", where);
}

bool
deploy_job_say_started(const struct deploy_job *job, struct error *err)
{
	struct output *out = job->session->out;
	const struct release *release = &job->release;
	struct deploy_report report = report_of(job);
	deploy_ci_end(out, &report);
	if (output_is_json(out))
		return write_result(job, NULL, err);
	if (!job->choice->dry_run)
		output_print(out, "not waiting for the outcome; follow it with: paas status %s --env %s --watch\n",
		             release->name, release->environment->name);
	else if (deploy_job_runs_already(job))
		output_print(out, "nothing was changed, and nothing would be: %s runs %s already\n",
		             release->environment->name, release->image);
	else
		output_print(out, "nothing was changed; it would %s %s to %s (namespace %s)%s\n",
		             job->is_joined ? "follow the deployment under way of" : "deploy", release->image,
		             release->environment->name, release->namespace, job->direct ? "" : way_to_diff(job));
	if (job->direct && job->choice->dry_run && !deploy_job_runs_already(job))
		deploy_direct_say(job);
	else if (job->direct && !job->choice->dry_run)
		deploy_direct_say_left(job);
	return true;
}

void
deploy_job_tell_refusal(struct deploy_job *job, struct error *err)
{
	struct error ignored;
	if (!job->release.name || !job->release.environment || err->code == ERROR_INTERRUPTED)
		return;
	job->outcome = "refused";
	struct deploy_report report = report_of(job);
	error_put_doing(err, "deploying %s to %s", job->release.name, job->release.environment->name);
	report.failure = err;
	deploy_ci_end(job->session->out, &report);
	if (job->choice->is_one_of_several && output_is_json(job->session->out))
		(void)!write_result(job, err, &ignored); /* told once more with the result of all */
}

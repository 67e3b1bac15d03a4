/* `paas restart`: new pods of the release that runs. */
#include "cmd/command.h"
#include "cmd/deploy_view.h"
#include "cmd/restart_job.h"
#include "core/deploy/release.h"
#include "data/error_json.h"
#include "data/platform.h"
#include "data/settings.h"
#include "role/cluster.h"
#include "ui/output.h"

static const char *app, *environment;
static bool detach, force;
static int64_t timeout_ms;

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "APP", .text = &app, .complete = "application",
	 .fallback = "that of this folder", .help = "application to restart"},
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment,
	 .complete = "environment", .fallback = "the first of the platform file", .help = "environment it runs in"},
	{.kind = OPTION_FLAG, .letter = 'd', .name = "detach", .flag = &detach, .help = "do not wait for the outcome"},
	{.kind = OPTION_DURATION, .name = "timeout", .value = "DURATION", .duration_ms = &timeout_ms,
	 .fallback = "30m", .help = "stop following after this time"},
	{.kind = OPTION_FLAG, .name = "force", .flag = &force, .help = "although a deployment is under way"},
	{.kind = OPTION_END},
};

static json_t *
describe(const struct restart_job *job)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "application", job->name, "environment", job->environment->name,
	                 "namespace", job->namespace, "image", job->restart.image, "deployment_id",
	                 job->restart.deployment_id, "replicas", (json_int_t)job->restart.replicas);
}

static bool
say_begun(const struct restart_job *job, struct error *err)
{
	struct output *out = job->session->out;
	if (output_is_json(out))
		return deploy_view_json(out, "restart", describe(job), err);
	output_note(out, "restarting %s in %s (namespace %s): %lld pods of %s\n", job->name, job->environment->name,
	            job->namespace, (long long)job->restart.replicas, job->restart.image);
	if (detach)
		output_print(out, "not waiting for the outcome; follow it with: paas status %s --env %s --watch\n", job->name,
		             job->environment->name);
	return true;
}

static bool
write_result(const struct restart_job *job, const struct error *failure, struct error *err)
{
	json_t *result = restart_job_to_json(job);
	json_object_set_new(result, "application", json_string(job->name));
	json_object_set_new(result, "environment", json_string(job->environment->name));
	if (failure != NULL)
		json_object_set_new(result, "error", error_to_json(failure));
	return deploy_view_json(job->session->out, "result", result, err);
}

static bool
follow_to_end(struct restart_job *job, struct error *err)
{
	struct error late;
	bool is_fine = detach || restart_job_follow(job, err);
	if (!output_is_json(job->session->out) || (!is_fine && err->code == ERROR_INTERRUPTED))
		return is_fine;
	return write_result(job, is_fine ? NULL : err, is_fine ? err : &late) && is_fine;
}

static bool
take_flags(struct session *session, struct error *err)
{
	if (timeout_ms == 0 && settings_duration_ms(session->settings, SETTING_TIMEOUT) > 0)
		timeout_ms = settings_duration_ms(session->settings, SETTING_TIMEOUT);
	return settings_set_flag(session->settings, SETTING_ENVIRONMENT_NAME, environment, err);
}

static bool
run(struct session *session, struct error *err)
{
	struct release release;
	struct release_request request = {.platform = session->platform, .project = session->project,
	                                  .settings = session->settings, .application = app};
	scoped(cluster_close) struct cluster *cluster = NULL;
	if (!take_flags(session, err) || !release_locate(&request, session->arena, &release, err) ||
	    !restart_job_check(session, release.environment, err) ||
	    !cluster_open(session->http, release.environment->cluster, session->arena, &cluster, err))
		return false;
	struct restart_job job = {.session = session, .environment = release.environment, .cluster = cluster,
	                          .namespace = release.namespace, .name = release.name, .force = force,
	                          .timeout_ms = timeout_ms};
	bool is_fine = restart_job_begin(&job, err) && say_begun(&job, err) && follow_to_end(&job, err);
	restart_job_release(&job);
	return is_fine;
}

static const struct command_example examples[] = {
	{"paas restart", "new pods of the application of this folder"},
	{"paas restart checkout --env dev", "in the environment dev"},
	{"paas restart --detach", "start it, and follow it later with paas status --watch"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-secrets(1)", "paas-vars(1)", "paas-status(1)", "paas-deploy(1)", NULL};

const struct command command_restart = {
	.name = "restart",
	.group = GROUP_SHIP,
	.summary = "Replace the pods of the release that runs",
	.description =
		"Starts new pods of the release that runs and ends the old ones, a few at a time, as a deploy does; no release "
		"changes. It annotates the pod template, as kubectl rollout restart does, and follows the rollout until the new "
		"pods are healthy or it is clear that they never will be; then it names the cause, the evidence and the next "
		"step. The pods from before go on serving when the new ones do not get ready.\n\n"
		"It is refused while a deployment is under way (exit status 6), as that brings new pods anyway, and in an "
		"environment that needs approval it wants --yes. A Deployment that is paused cannot be restarted; of one that is "
		"scaled to zero nothing starts.\n\n"
		"Ctrl-C stops following, not the restart. At a terminal the setting notify tells the end of a wait of more than "
		"30 s.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.streams = true,
	.run = run,
};

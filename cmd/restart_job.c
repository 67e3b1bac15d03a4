#include "cmd/restart_job.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/deploy_view.h"
#include "cmd/findings.h"
#include "core/deploy/watch.h"
#include "data/platform.h"
#include "data/settings.h"
#include "role/cluster.h"
#include "ui/ci.h"
#include "ui/notice.h"
#include "ui/output.h"

bool
restart_job_check(const struct session *session, const struct platform_environment *environment, struct error *err)
{
	if (environment->needs == NULL || session->assume_yes)
		return true;
	error_put(err, ERROR_CONFLICT, "environment %s needs %s", environment->name, environment->needs);
	return error_next(err, "have the restart approved, then say so with --yes");
}

static struct restart_request
request_of(const struct restart_job *job)
{
	return (struct restart_request){.kubernetes = job->cluster->kubernetes, .namespace = job->namespace,
	                                .name = job->name, .force = job->force};
}

bool
restart_job_begin(struct restart_job *job, struct error *err)
{
	struct restart_request request = request_of(job);
	if (restart_begin(&request, job->session->arena, &job->restart, err))
		return true;
	if (err->code == ERROR_NOT_FOUND)
		error_put_next(err, "paas deploy --env %s", job->environment->name);
	return error_doing(err, "restarting %s in %s", job->name, job->environment->name);
}

/* ---- following ---- */

static void
tell_nothing(void *data, const struct deployment *deployment)
{
	(void)data;
	(void)deployment;
}

static bool
watch(struct restart_job *job, struct error *err)
{
	struct session *session = job->session;
	struct kubernetes *kubernetes = job->cluster->kubernetes;
	bool is_silent = job->is_part && output_is_json(session->out);
	struct deploy_view view;
	struct watch_request request = {.loop = session->loop, .kubernetes = kubernetes, .namespace = job->namespace,
	                                .name = job->name, .is_restart = true,
	                                .server_ms = kubernetes_server_time_ms(kubernetes),
	                                .told = is_silent ? tell_nothing : deploy_view_tick, .data = &view};
	deploy_view_begin(&view, job->name, session->out, session->loop, session->arena);
	bool is_fine = watch_deployment(&request, job->follow, err);
	deploy_view_end(&view);
	if (is_fine)
		return true;
	error_put(err, ERROR_INTERRUPTED, "the restart of %s in %s goes on", job->name, job->environment->name);
	return error_next(err, "paas status %s --env %s --watch", job->name, job->environment->name);
}

/* ---- the outcome ---- */

static void
print_success(const struct restart_job *job)
{
	const struct deployment *deployment = follow_deployment(job->follow);
	struct output *out = job->session->out;
	char took[CLOCK_TEXT_BYTES];
	clock_format_duration(deployment->now_ms - deployment->started_ms, took);
	if (job->restart.replicas == 0)
		output_print(out, "%s in %s is scaled to zero: nothing runs, so nothing was started\n", job->name,
		             job->environment->name);
	else
		output_print(out, "%s%s is healthy in %s%s: %lld new pods run %s, after %s\n", output_style(out, STYLE_GOOD),
		             job->name, job->environment->name, output_style(out, STYLE_PLAIN),
		             (long long)deployment->progress.available, job->restart.image, took);
}

static void
print_failure(const struct restart_job *job, const struct error *failure)
{
	const struct deployment *deployment = follow_deployment(job->follow);
	struct output *out = job->session->out;
	char token[CI_TOKEN_BYTES];
	ci_stop_commands(out, token);
	for (size_t i = 0; i < deployment->findings.count; i++)
		findings_print_beside(out, &deployment->findings.items[i], failure);
	if (deployment->old_serves)
		output_print(out, "the pods from before the restart still serve\n");
	ci_resume_commands(out, token);
}

static bool
judge(const struct restart_job *job, struct error *err)
{
	const struct deployment *deployment = follow_deployment(job->follow);
	if (deployment->outcome == OUTCOME_SUCCEEDED)
		return true;
	error_put(err, deployment->error, "%s", deployment->reason);
	if (deployment->next != NULL)
		error_put_next(err, "%s", deployment->next);
	return error_doing(err, "restarting %s in %s", job->name, job->environment->name);
}

bool
restart_job_follow(struct restart_job *job, struct error *err)
{
	struct session *session = job->session;
	struct restart_request request = request_of(job);
	struct notice notice;
	const char *system = arena_printf(session->arena, "kubernetes %s", job->cluster->name);
	struct follow_plan plan = restart_plan(&request, &job->restart, system);
	plan.environment = job->environment->name;
	plan.limit_ms = job->timeout_ms;
	job->follow = follow_new(&plan);
	notice_begin(&notice, session->out, session->loop, settings_text(session->settings, SETTING_NOTIFY),
	             "restart of %s in %s", job->name, job->environment->name);
	bool is_watched = watch(job, err), is_fine = is_watched && judge(job, err);
	notice_end(&notice, is_fine ? NULL : err);
	if (!is_watched || output_is_json(session->out))
		return is_fine;
	if (is_fine)
		print_success(job);
	else
		print_failure(job, err);
	return is_fine;
}

json_t *
restart_job_to_json(const struct restart_job *job)
{
	if (job->follow == NULL)
		return json_pack("{s:s, s:s}", "outcome", "started", "deployment_id", job->restart.deployment_id);
	json_t *object = deployment_to_json(follow_deployment(job->follow));
	json_object_set_new(object, "deployment_id", json_string(job->restart.deployment_id));
	json_object_set_new(object, "image", json_string(job->restart.image));
	json_object_del(object, "operator");
	json_object_del(object, "operator_errors");
	return object;
}

void
restart_job_release(struct restart_job *job)
{
	follow_free(job->follow);
	job->follow = NULL;
}

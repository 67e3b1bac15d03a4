#include "cmd/application_values.h"

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "cmd/restart_job.h"
#include "cmd/values_input.h"
#include "cmd/values_view.h"
#include "core/configuration/environment_file.h"
#include "core/deploy/release.h"
#include "data/platform.h"
#include "data/settings.h"
#include "role/cluster.h"
#include "ui/ci.h"
#include "ui/output.h"

static const char *app, *environment, *from_file, *from_environment_file;
static struct text_list names;
static bool force, restarts, allow_empty;

#define ENVIRONMENT_OPTION \
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment, \
	 .complete = "environment", .fallback = "the first of the platform file", .help = "environment whose it is"}
#define APPLICATION_OPTION \
	{.kind = OPTION_TEXT, .letter = 'a', .name = "app", .value = "APP", .text = &app, .complete = "application", \
	 .fallback = "that of this folder", .help = "application whose it is"}
#define CHANGE_OPTIONS \
	{.kind = OPTION_FLAG, .name = "force", .flag = &force, \
	 .help = "take over what another manager (kubectl, …) has set"}, \
	{.kind = OPTION_FLAG, .name = "restart", .flag = &restarts, \
	 .help = "restart the application at once and follow that to its outcome"}

const struct option_spec values_list_options[] = {
	{.kind = OPTION_ARG, .name = "APP", .text = &app, .complete = "application",
	 .fallback = "that of this folder", .help = "application whose names are listed"},
	ENVIRONMENT_OPTION,
	{.kind = OPTION_END},
};

const struct option_spec values_set_options[] = {
	{.kind = OPTION_ARGS, .name = "NAME", .list = &names, .help = "what to set: one name, never a value"},
	APPLICATION_OPTION,
	ENVIRONMENT_OPTION,
	{.kind = OPTION_TEXT, .name = "from-file", .value = "FILE", .text = &from_file, .complete = "file",
	 .help = "take the bytes of this file as they are; - is standard input"},
	{.kind = OPTION_TEXT, .name = "from-env-file", .value = "FILE", .text = &from_environment_file,
	 .complete = "file", .help = "set all that its NAME=VALUE lines say; - is standard input"},
	{.kind = OPTION_FLAG, .name = "allow-empty", .flag = &allow_empty, .help = "an empty value is meant"},
	CHANGE_OPTIONS,
	{.kind = OPTION_END},
};

#define UNSET_OPTIONS(kind_of_name) \
	{ \
		{.kind = OPTION_ARGS, .name = "NAME", .list = &names, .is_required = true, .complete = (kind_of_name), \
		 .help = "what to take away"}, \
		APPLICATION_OPTION, \
		ENVIRONMENT_OPTION, \
		CHANGE_OPTIONS, \
		{.kind = OPTION_END}, \
	}
const struct option_spec values_secret_unset_options[] = UNSET_OPTIONS("secret");
const struct option_spec values_variable_unset_options[] = UNSET_OPTIONS("variable");

/* ---- where ---- */

struct job {
	struct session *session;
	const struct values_form *form;
	struct release release;
	struct cluster *cluster;
};

static void
job_release(struct job *job)
{
	cluster_close(&job->cluster);
}

static bool
locate(struct job *job, struct error *err)
{
	struct session *session = job->session;
	struct release_request request = {.platform = session->platform, .project = session->project,
	                                  .settings = session->settings, .application = app};
	if (!settings_set_flag(session->settings, SETTING_ENVIRONMENT_NAME, environment, err))
		return false;
	return release_locate(&request, session->arena, &job->release, err) &&
	       (!restarts || restart_job_check(session, job->release.environment, err));
}

static bool
open_cluster(struct job *job, struct error *err)
{
	return cluster_open(job->session->http, job->release.environment->cluster, job->session->arena, &job->cluster, err);
}

static struct values_place
place_of(const struct job *job)
{
	int64_t now_ms = kubernetes_server_time_ms(job->cluster->kubernetes);
	return (struct values_place){.form = job->form, .application = job->release.name,
	                             .environment = job->release.environment->name, .namespace = job->release.namespace,
	                             .now_ms = now_ms > 0 ? now_ms : clock_wall_ms()};
}

static bool
doing(const struct job *job, const char *verb, struct error *err)
{
	return error_doing(err, "%s %ss of %s in %s", verb, job->form->noun, job->release.name,
	                   job->release.environment->name);
}

/* That the way into the pods cannot be told is no failure of what was asked for. */
static const struct delivery *
look_at_delivery(const struct job *job, struct delivery *ret)
{
	struct session *session = job->session;
	struct error failure;
	if (delivery_read(job->cluster->kubernetes, job->form, job->release.namespace, job->release.name, session->arena, ret,
	                  &failure))
		return ret;
	output_warn(session->out, "the pods of %s cannot be read, so nobody can tell whether they need a restart: %s",
	            job->release.name, failure.why);
	return NULL;
}

/* ---- list ---- */

bool
values_run_list(const struct values_form *form, struct session *session, struct error *err)
{
	scoped(job_release) struct job job = {.session = session, .form = form};
	scoped(values_release) struct values values = {0};
	struct delivery delivery;
	if (!locate(&job, err))
		return false;
	if (!open_cluster(&job, err) || !values_read(job.cluster->kubernetes, form, job.release.namespace, job.release.name,
	                                             session->arena, &values, err))
		return doing(&job, "listing", err);
	const struct delivery *known = look_at_delivery(&job, &delivery);
	struct values_place place = place_of(&job);
	return values_view_list(session->out, &place, &values, known, err);
}

/* ---- set and unset ---- */

static bool
restart_now(const struct job *job, json_t **ret, struct error *err)
{
	struct restart_job restart = {.session = job->session, .environment = job->release.environment,
	                              .cluster = job->cluster, .namespace = job->release.namespace,
	                              .name = job->release.name, .is_part = true};
	bool is_begun = restart_job_begin(&restart, err);
	bool is_fine = is_begun && restart_job_follow(&restart, err);
	if (is_begun && output_is_json(job->session->out))
		*ret = restart_job_to_json(&restart);
	restart_job_release(&restart);
	return is_fine;
}

/* With --restart of an application that is not there yet, the first deploy does it. */
static bool
conclude(const struct job *job, const struct values_place *place, struct values_written *written, struct error *err)
{
	struct error late;
	json_t *restart = NULL;
	written->restarts = restarts && (written->delivery == NULL || written->delivery->is_deployed);
	values_view_written(job->session->out, place, written);
	bool is_fine = !written->restarts || restart_now(job, &restart, err);
	if (!output_is_json(job->session->out))
		return is_fine;
	return values_view_json(job->session->out, place, written, restart, is_fine ? err : &late) && is_fine;
}

static bool
write_all(struct job *job, const struct value_change *changes, size_t n_changes, struct error *err)
{
	struct values_change change = {.loop = job->session->loop, .form = job->form, .namespace = job->release.namespace,
	                               .name = job->release.name, .changes = changes, .n_changes = n_changes, .force = force};
	struct values_written written = {.changes = changes, .n_changes = n_changes};
	struct delivery delivery;
	bool is_setting = n_changes > 0 && changes[0].value != NULL;
	if (!values_change_check(&change, err))
		return false;
	if (!open_cluster(job, err) || !values_write(job->cluster->kubernetes, &change, job->session->arena, &written.is_new,
	                                             &written.set_ms, err)) {
		if (err->code == ERROR_NOT_FOUND)
			error_put_next(err, "paas %s list %s --env %s", job->form->command, job->release.name,
			               job->release.environment->name);
		return doing(job, is_setting ? "setting" : "unsetting", err);
	}
	written.delivery = look_at_delivery(job, &delivery);
	struct values_place place = place_of(job);
	return conclude(job, &place, &written, err);
}

bool
values_run_set(const struct values_form *form, struct session *session, struct error *err)
{
	scoped(job_release) struct job job = {.session = session, .form = form};
	struct values_input input = {.names = &names, .file = from_file, .environment_file = from_environment_file,
	                             .may_be_empty = allow_empty};
	struct value_change *changes = NULL;
	size_t n_changes = 0;
	if (!values_input_check(&input, form, err) || !locate(&job, err))
		return false;
	bool is_read = values_input_read(session, &input, form, &changes, &n_changes, err);
	for (size_t i = 0; is_read && form == &values_secret && i < n_changes; i++)
		ci_add_mask(changes[i].value);
	bool is_fine = is_read &&
	               write_all(&job, changes, n_changes, err);
	value_changes_release(changes, n_changes);
	return is_fine;
}

bool
values_run_unset(const struct values_form *form, struct session *session, struct error *err)
{
	scoped(job_release) struct job job = {.session = session, .form = form};
	struct value_change *changes = arena_array(session->arena, struct value_change, names.count);
	for (size_t i = 0; i < names.count; i++)
		changes[i].name = names.items[i];
	return locate(&job, err) && write_all(&job, changes, names.count, err);
}

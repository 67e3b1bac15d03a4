/* Spinnaker's pipelines as the role's. */
#include <string.h>
#include <strings.h>

#include "api/spinnaker/cause.h"
#include "api/spinnaker/control.h"
#include "api/spinnaker/gate.h"
#include "api/spinnaker/pipeline.h"
#include "data/json.h"
#include "role/cd_provider.h"
#include "role/cd_spinnaker_run.h"
#include "role/systems.h"

static void *
open_tool(struct http *http, const struct http_endpoint *endpoint, const struct system *system, const char *web,
          struct arena *arena)
{
	struct spinnaker_tool *tool = arena_new(arena, struct spinnaker_tool);
	*tool = (struct spinnaker_tool){.gate = gate_open(http, endpoint, system->credential.url, arena), .url = system->credential.url,
	                      .web = web, .kept = json_array()};
	return tool;
}

static void
close_tool(void *data)
{
	struct spinnaker_tool *tool = data;
	gate_close(tool->gate);
	json_decref(tool->kept);
}

/* ---- what is stored ---- */

/* A judgment among the stages: where it stands does not matter, the pipeline's author put it there. */
static bool
has_judgment(const json_t *config)
{
	const json_t *stage;
	size_t i;
	json_array_foreach (json_list_at(config, "stages"), i, stage)
		if (strcmp(json_text_or(stage, "type", ""), "manualJudgment") == 0)
			return true;
	return false;
}

static bool
find_pipeline(void *data, const char *application, const char *name, struct arena *arena, struct cd_pipeline *ret,
              struct error *err)
{
	struct spinnaker_tool *tool = data;
	struct spinnaker_pipeline *native = arena_new(arena, struct spinnaker_pipeline);
	if (!spinnaker_pipeline_find(tool->gate, application, name, arena, native, err))
		return false;
	json_array_append_new(tool->kept, native->json);
	*ret = (struct cd_pipeline){.id = native->id, .name = native->name, .application = native->application,
	                            .needs_approval = has_judgment(native->json), .native = native};
	return true;
}

static bool
check_parameter(const struct cd_pipeline *pipeline, const struct spinnaker_parameter *parameter, const char *value,
                struct error *err)
{
	if (value == NULL && parameter->is_required) {
		error_put(err, ERROR_INVALID_SPEC, "the pipeline %s wants the parameter %s, which a deploy does not know",
		          pipeline->name, parameter->name);
		return error_next(err, "give it a default in the pipeline");
	}
	if (value == NULL || spinnaker_parameter_takes(parameter, value))
		return true;
	error_put(err, ERROR_INVALID_SPEC, "the pipeline %s takes only the listed values of %s, and \"%s\" is none", pipeline->name,
	          parameter->name, value);
	return error_next(err, "add it to the options of that parameter");
}

static bool
check_pipeline(const struct cd_pipeline *pipeline, const json_t *parameters, struct error *err)
{
	const struct spinnaker_pipeline *native = pipeline->native;
	if (native->is_disabled) {
		error_put(err, ERROR_CONFLICT, "the pipeline %s is disabled", pipeline->name);
		return error_next(err, "have it enabled again: whoever disabled it had a reason");
	}
	for (size_t i = 0; i < native->n_parameters; i++) {
		const char *value = json_string_value(json_object_get(parameters, native->parameters[i].name));
		if (!check_parameter(pipeline, &native->parameters[i], value, err))
			return false;
	}
	return true;
}

static bool
reads_parameter(const struct cd_pipeline *pipeline, const char *name, struct arena *arena)
{
	return spinnaker_pipeline_reads(pipeline->native, name, arena);
}

/* ---- what runs ---- */

/* A ULID, of old versions a UUID: no application is called so. */
static bool
looks_like_run(const char *text)
{
	size_t length = strlen(text);
	return (length == 26 && strspn(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == length) ||
	       (length == 36 && strspn(text, "0123456789abcdefABCDEF-") == length);
}

static bool
start(void *data, const struct cd_pipeline *pipeline, const json_t *parameters, const char *correlation_id,
      struct arena *arena, const char **ret_id, struct error *err)
{
	struct spinnaker_tool *tool = data;
	return spinnaker_pipeline_start(tool->gate, pipeline->native, parameters, correlation_id, arena, ret_id, err);
}

static bool
read_run(void *data, const char *id, struct arena *arena, struct cd_run *ret, struct error *err)
{
	struct spinnaker_tool *tool = data;
	struct spinnaker_execution *execution = arena_new(arena, struct spinnaker_execution);
	if (!spinnaker_execution_read(tool->gate, id, arena, execution, err))
		return false;
	spinnaker_run_put(tool, execution, arena, ret);
	spinnaker_run_put_children(tool, arena, ret);
	return true;
}

static bool
list_runs(void *data, const struct cd_query *query, struct arena *arena, struct cd_run **ret, size_t *ret_count,
          struct error *err)
{
	struct spinnaker_tool *tool = data;
	const struct spinnaker_query native = {.application = query->application, .pipeline = query->pipeline,
	                                       .is_running = query->is_running, .is_expanded = true, .limit = query->limit};
	struct spinnaker_execution *executions;
	if (!spinnaker_execution_search(tool->gate, &native, arena, &executions, ret_count, err))
		return false;
	*ret = arena_array(arena, struct cd_run, *ret_count + 1);
	for (size_t i = 0; i < *ret_count; i++)
		spinnaker_run_put(tool, &executions[i], arena, &(*ret)[i]);
	for (size_t i = 0; i < *ret_count && query->is_running && query->application != NULL; i++)
		spinnaker_run_put_children(tool, arena, &(*ret)[i]);
	return true;
}

/* ---- why ---- */

static void
put_cause(const struct spinnaker_cause *cause, const char *child, struct arena *arena, struct cd_cause *ret)
{
	const char **texts = arena_array(arena, const char *, SPINNAKER_CAUSES_MAX + 1);
	for (size_t i = 0; i < cause->n_texts; i++)
		texts[i] = cause->texts[i];
	const char *step = child == NULL            ? arena_strdup(arena, cause->stage)
	                   : *cause->stage == '\0' ? arena_strdup(arena, child)
	                                           : arena_printf(arena, "%s: %s", child, cause->stage);
	*ret = (struct cd_cause){.step = step, .texts = texts};
}

/* The stage that waited for another pipeline says less than that pipeline. */
static void
look_into_child(struct spinnaker_tool *tool, const char *id, struct arena *arena, struct cd_cause *ret)
{
	for (int depth = 0; depth < SPINNAKER_CHILD_DEPTH_MAX && *id != '\0'; depth++) {
		scoped(spinnaker_execution_release) struct spinnaker_execution child = {0};
		struct spinnaker_cause cause;
		struct error ignored;
		if (!spinnaker_execution_read(tool->gate, id, arena, &child, &ignored) ||
		    !spinnaker_cause_find(&child, arena, &cause) || (cause.n_texts == 0 && *cause.child_id == '\0'))
			return;
		put_cause(&cause, child.pipeline, arena, ret);
		id = arena_strdup(arena, cause.child_id);
	}
}

static bool
find_cause(void *data, const struct cd_run *run, struct arena *arena, struct cd_cause *ret)
{
	struct spinnaker_cause cause;
	if (!spinnaker_cause_find(spinnaker_run_execution(run), arena, &cause))
		return false;
	put_cause(&cause, NULL, arena, ret);
	look_into_child(data, cause.child_id, arena, ret);
	return true;
}

/* ---- what a person may do ---- */

static bool
judge(void *data, const struct cd_run *run, const struct cd_step *step, const struct cd_judgment *judgment,
      struct arena *arena, bool *ret_approved, const char **ret_user, struct error *err)
{
	struct spinnaker_tool *tool = data;
	const char *word;
	const char *id = *step->run_id != '\0' ? step->run_id : run->id;
	if (!spinnaker_judge(tool->gate, id, step->id, judgment->is_approved, judgment->input, arena, &word, ret_user, err))
		return false;
	*ret_approved = strcasecmp(word, "continue") == 0;
	return true;
}

static bool
cancel(void *data, const char *id, const char *reason, struct arena *arena, enum cd_state *ret, struct error *err)
{
	struct spinnaker_tool *tool = data;
	enum spinnaker_status status;
	if (!spinnaker_cancel(tool->gate, id, reason, arena, &status, err))
		return false;
	*ret = spinnaker_run_state(status);
	return true;
}

const struct cd_provider cd_spinnaker = {
	.open = open_tool, .close = close_tool, .find_pipeline = find_pipeline, .check_pipeline = check_pipeline,
	.reads_parameter = reads_parameter, .looks_like_run = looks_like_run, .start = start, .read = read_run, .list = list_runs,
	.find_cause = find_cause, .judge = judge, .cancel = cancel,
};

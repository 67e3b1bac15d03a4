/* Tasks: orchestrations of one or a few jobs, among them what Gate changes applications with. */
#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "sandbox/spinnaker/parts.h"

enum { PIPELINE_BYTES = 256 * 1024 };

/* ---- jobs ---- */

const char *
job_upsert_application(struct stage_run *run)
{
	json_t *application = json_object_get(run->context, "application");
	if (tree_text(application, "name")[0] == '\0') {
		stage_except(run, "IllegalArgumentException", "An application requires a name");
		return "TERMINAL";
	}
	config_put_application(run->gate, json_deep_copy(application));
	return "SUCCEEDED";
}

const char *
job_delete_application(struct stage_run *run)
{
	const json_t *application = config_find_application(run->gate, tree_text(run->context, "application.name"));
	if (application != NULL) {
		const char *name = arena_strdup(&run->arena, tree_text(application, "name"));
		json_object_del(gate_table(run->gate, "applications"), name);
	}
	return "SUCCEEDED";
}

/* The pipeline comes as base64 of its JSON. */
const char *
job_save_pipeline(struct stage_run *run)
{
	size_t length = 0;
	const char *given = tree_text(run->context, "pipeline"), *user = tree_text(run->execution, "authentication.user");
	char *text = arena_alloc(&run->arena, PIPELINE_BYTES);
	json_t *pipeline = NULL;
	if (sodium_base642bin((unsigned char *)text, PIPELINE_BYTES, given, strlen(given), NULL, &length, NULL,
	                      sodium_base64_VARIANT_ORIGINAL) == 0)
		pipeline = json_loadb(text, length, 0, NULL);
	const char *why = pipeline == NULL ? "pipeline context must be a base64-encoded string"
	                                   : config_save(run->gate, pipeline, false, user, &run->arena);
	json_decref(pipeline);
	if (why == NULL)
		return "SUCCEEDED";
	stage_except(run, "IllegalArgumentException", why);
	return "TERMINAL";
}

/* ---- making one ---- */

void
task_handle_create(struct gate_call *call)
{
	char id[IDENTIFIER_BYTES];
	const json_t *jobs = json_object_get(call->body, "job");
	json_t *stages = json_array(), *job;
	size_t i;
	json_array_foreach (jobs, i, job)
		json_array_append_new(stages, stage_make(job, i, true));
	json_t *execution = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:I, s:b, s:s, s:{s:s, s:[s]}, s:s, s:{s:s, s:s}, s:[], s:o}", "type", "ORCHESTRATION",
		"id", identifier_ulid(id), "application", tree_text(call->body, "application"), "name",
		tree_text(call->body, "description"), "description", tree_text(call->body, "description"), "buildTime",
		(json_int_t)clock_wall_ms(), "canceled", 0, "status", "NOT_STARTED", "authentication", "user", call->user,
		"allowedAccounts", call->gate->options.account, "origin", "api", "trigger", "type", "manual", "user", call->user,
		"systemNotifications", "stages", stages);
	if (json_array_size(jobs) == 0) {
		json_decref(execution);
		gate_fail_behind(call, 400, "POST", "http://orca:8083/ops", "No jobs were given");
		return;
	}
	execution_keep(call->gate, execution);
	gate_answer(call, 200, json_pack("{s:o}", "ref", json_sprintf("/tasks/%s", id)));
}

/* ---- looking ---- */

/* What its stages know, as a list. */
static json_t *
variables(const json_t *execution)
{
	json_t *list = json_array(), *stage, *value;
	const char *key;
	size_t i;
	json_array_foreach (json_object_get(execution, "stages"), i, stage)
		json_object_foreach (json_object_get(stage, "context"), key, value)
			json_array_append_new(list, json_pack("{s:s, s:O}", "key", key, "value", value));
	return list;
}

static json_t *
view(const json_t *execution)
{
	static const char *const copied[] = {"id", "name", "application", "status", "buildTime", "startTime", "endTime"};
	json_t *task = json_object(), *steps = json_array(), *stage;
	size_t i;
	for (i = 0; i < array_length(copied); i++)
		if (json_object_get(execution, copied[i]) != NULL)
			json_object_set(task, copied[i], json_object_get(execution, copied[i]));
	json_array_foreach (json_object_get(execution, "stages"), i, stage)
		json_array_extend(steps, json_object_get(stage, "tasks"));
	json_object_set_new(task, "variables", variables(execution));
	json_object_set_new(task, "steps", steps);
	json_object_set(task, "execution", tree_loose(execution));
	return task;
}

void
task_handle_one(struct gate_call *call)
{
	const json_t *execution = execution_find(call->gate, call->words[0]);
	if (execution == NULL)
		gate_fail(call, 404, "Task not found (id: %s)", call->words[0]);
	else
		gate_answer(call, 200, view(execution));
}

void
task_handle_application(struct gate_call *call)
{
	const char *id;
	json_t *execution, *list = json_array();
	json_object_foreach (gate_table(call->gate, "executions"), id, execution)
		if (strcmp(tree_text(execution, "type"), "ORCHESTRATION") == 0 &&
		    strcasecmp(tree_text(execution, "application"), call->words[0]) == 0)
			json_array_append_new(list, view(execution));
	gate_answer(call, 200, list);
}

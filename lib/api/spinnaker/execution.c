#include "api/spinnaker/execution.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/spinnaker/gate.h"
#include "api/spinnaker/stage_order.h"
#include "base/buf.h"
#include "data/json.h"

/* ---- statuses ---- */

static const struct status_row {
	const char *name;
	bool is_complete, is_good;
} status_rows[] = {
	[SPINNAKER_UNKNOWN] = {"", false, false},
	[SPINNAKER_NOT_STARTED] = {"NOT_STARTED", false, false},
	[SPINNAKER_BUFFERED] = {"BUFFERED", false, false},
	[SPINNAKER_RUNNING] = {"RUNNING", false, false},
	[SPINNAKER_PAUSED] = {"PAUSED", false, false},
	[SPINNAKER_SUSPENDED] = {"SUSPENDED", false, false},
	[SPINNAKER_REDIRECT] = {"REDIRECT", false, false},
	[SPINNAKER_SUCCEEDED] = {"SUCCEEDED", true, true},
	[SPINNAKER_SKIPPED] = {"SKIPPED", true, true},
	[SPINNAKER_FAILED_CONTINUE] = {"FAILED_CONTINUE", true, false},
	[SPINNAKER_TERMINAL] = {"TERMINAL", true, false},
	[SPINNAKER_CANCELED] = {"CANCELED", true, false},
	[SPINNAKER_STOPPED] = {"STOPPED", true, false},
};

enum spinnaker_status
spinnaker_status_of(const char *word)
{
	for (size_t i = 1; i < array_length(status_rows); i++)
		if (strcmp(status_rows[i].name, word) == 0)
			return (enum spinnaker_status)i;
	return SPINNAKER_UNKNOWN;
}

const char *
spinnaker_status_name(enum spinnaker_status status)
{
	return status_rows[status].name;
}

bool
spinnaker_is_complete(enum spinnaker_status status)
{
	return status_rows[status].is_complete;
}

bool
spinnaker_is_good(enum spinnaker_status status)
{
	return status_rows[status].is_good;
}

/* ---- stages ---- */

const json_t *
spinnaker_context(const struct spinnaker_stage *stage, const char *key)
{
	return json_object_get(json_object_get(stage->json, "context"), key);
}

/* Old pipelines have numbers for references. */
static const char *
reference_of(const json_t *stage, struct arena *arena)
{
	const json_t *reference = json_object_get(stage, "refId");
	if (json_is_integer(reference))
		return arena_printf(arena, "%lld", (long long)json_integer_value(reference));
	const char *text = json_string_value(reference);
	return text != NULL ? text : "";
}

static const char *
running_task(const json_t *stage)
{
	const json_t *task;
	size_t i;
	json_array_foreach (json_list_at(stage, "tasks"), i, task)
		if (strcmp(json_text_or(task, "status", ""), "RUNNING") == 0)
			return json_text_or(task, "name", "");
	return "";
}

static struct spinnaker_stage
stage_of(const json_t *json, struct arena *arena)
{
	const char *word = json_text_or(json, "status", "");
	return (struct spinnaker_stage){
		.id = json_text_or(json, "id", ""), .reference = reference_of(json, arena), .type = json_text_or(json, "type", ""),
		.name = json_text_or(json, "name", json_text_or(json, "type", "")), .parent = json_text_or(json, "parentStageId", ""),
		.status = spinnaker_status_of(word), .word = word, .started_ms = json_int_at(json, "startTime", 0),
		.ended_ms = json_int_at(json, "endTime", 0), .task = running_task(json), .json = json,
	};
}

static void
read_stages(struct spinnaker_execution *execution, struct arena *arena)
{
	const json_t *list = json_list_at(execution->json, "stages"), *json;
	size_t i, count = json_array_size(list);
	if (count > SPINNAKER_STAGES_MAX)
		count = SPINNAKER_STAGES_MAX;
	execution->stages = arena_array(arena, struct spinnaker_stage, count + 1);
	json_array_foreach (list, i, json)
		if (i < count && json_is_object(json))
			execution->stages[execution->n_stages++] = stage_of(json, arena);
	stage_order(execution->stages, execution->n_stages, arena);
}

/* ---- executions ---- */

void
spinnaker_execution_release(struct spinnaker_execution *execution)
{
	json_decref(execution->json);
	execution->json = NULL;
}

bool
spinnaker_execution_of(json_t *json, struct arena *arena, struct spinnaker_execution *ret, struct error *err)
{
	const char *id = json_text_at(json, "id"), *word = json_text_or(json, "status", "");
	if (id == NULL || *id == '\0') {
		json_decref(json);
		return error_set(err, ERROR_BAD_ANSWER, "Gate answered something else than an execution");
	}
	*ret = (struct spinnaker_execution){
		.id = id, .application = json_text_or(json, "application", ""), .pipeline = json_text_or(json, "name", ""),
		.pipeline_id = json_text_or(json, "pipelineConfigId", ""), .status = spinnaker_status_of(word), .word = word,
		.built_ms = json_int_at(json, "buildTime", 0), .started_ms = json_int_at(json, "startTime", 0),
		.ended_ms = json_int_at(json, "endTime", 0), .is_canceled = json_bool_at(json, "canceled", false),
		.canceled_by = json_text_or(json, "canceledBy", ""),
		.cancellation_reason = json_text_or(json, "cancellationReason", ""),
		.user = json_text_or(json, "trigger.user", json_text_or(json, "authentication.user", "")),
		.correlation_id = json_text_or(json, "trigger.correlationId", ""), .json = json,
	};
	read_stages(ret, arena);
	return true;
}

bool
spinnaker_execution_read(struct gate *gate, const char *id, struct arena *arena, struct spinnaker_execution *ret,
                         struct error *err)
{
	json_t *json = NULL;
	return gate_get(gate, arena_printf(arena, "/pipelines/%s", gate_escape(id, arena)), &json, err) &&
	       spinnaker_execution_of(json, arena, ret, err);
}

/* ---- searching ---- */

static const char *
base64_of(const json_t *value, struct arena *arena)
{
	const char *text = json_write(value, arena);
	size_t size = sodium_base64_encoded_len(strlen(text), sodium_base64_VARIANT_ORIGINAL);
	return sodium_bin2base64(arena_alloc(arena, size), size, (const unsigned char *)text, strlen(text),
	                         sodium_base64_VARIANT_ORIGINAL);
}

static const char *
search_path(const struct spinnaker_query *query, struct arena *arena)
{
	scoped(buf_release) struct buf path = BUF_INIT(4096);
	buf_printf(&path, "/applications/%s/executions/search?size=%u&expand=%s",
	           query->application != NULL ? gate_escape(query->application, arena) : "*", query->limit, query->is_expanded ? "true" : "false");
	if (query->pipeline != NULL)
		buf_printf(&path, "&pipelineName=%s", gate_escape(query->pipeline, arena));
	if (query->is_running)
		buf_add_text(&path, "&statuses=NOT_STARTED,BUFFERED,RUNNING,PAUSED,SUSPENDED");
	if (query->correlation_id != NULL) {
		scoped(json_release) json_t *trigger = json_pack("{s:s}", "correlationId", query->correlation_id);
		buf_printf(&path, "&trigger=%s", gate_escape(base64_of(trigger, arena), arena));
	}
	return arena_strdup(arena, path.bytes);
}

bool
spinnaker_execution_search(struct gate *gate, const struct spinnaker_query *query, struct arena *arena,
                           struct spinnaker_execution **ret, size_t *ret_count, struct error *err)
{
	scoped(json_release) json_t *list = NULL;
	json_t *json;
	size_t i, count = 0;
	if (!gate_get(gate, search_path(query, arena), &list, err))
		return false;
	if (!json_is_array(list))
		return error_set(err, ERROR_BAD_ANSWER, "Gate answered something else than a list of executions");
	struct spinnaker_execution *executions = arena_array(arena, struct spinnaker_execution, json_array_size(list) + 1);
	json_array_foreach (list, i, json) {
		struct error ignored; /* one that makes no sense hides no other */
		count += spinnaker_execution_of(json_incref(json), arena, &executions[count], &ignored);
	}
	*ret = executions;
	*ret_count = count;
	return true;
}

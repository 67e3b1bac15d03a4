/* The stage pipeline: it starts another, and waits for that unless told otherwise. */
#include <string.h>

#include "sandbox/spinnaker/parts.h"

enum { GENERATIONS_MAX = 20, LOOK_AGAIN_MS = 500 };

/* Each carries its parent whole: a pipeline that starts itself would fill the memory, which Orca leaves to its operators. */
static bool
is_too_deep(const json_t *execution)
{
	int generations = 0;
	while (execution != NULL && generations <= GENERATIONS_MAX) {
		execution = tree_get(execution, "trigger.parentExecution");
		generations++;
	}
	return generations > GENERATIONS_MAX;
}

/* New reference. */
static json_t *
make_trigger(const struct stage_run *run)
{
	const json_t *execution = run->execution, *given = json_object_get(run->context, "pipelineParameters");
	return json_pack("{s:s, s:s, s:o, s:[], s:[], s:[], s:b, s:b, s:b, s:b, s:o, s:s, s:s, s:s, s:s, s:s}", "type", "pipeline",
	                 "user", tree_text(execution, "authentication.user"), "parameters",
	                 json_is_object(given) ? json_deep_copy(given) : json_object(), "artifacts", "notifications",
	                 "resolvedExpectedArtifacts", "rebake", 0, "dryRun", 0, "strategy", 0, "isPipeline", 1,
	                 "parentExecution", json_deep_copy(execution), "parentPipelineId", tree_text(execution, "id"),
	                 "parentPipelineName", tree_text(execution, "name"), "parentPipelineApplication",
	                 tree_text(execution, "application"), "parentPipelineStageId", tree_text(run->stage, "id"),
	                 "parentStatus", execution_status(execution));
}

static const char *
refuse(struct stage_run *run, const char *why)
{
	stage_except(run, "IllegalArgumentException", why);
	return "TERMINAL";
}

const char *
child_start(struct stage_run *run)
{
	char id[IDENTIFIER_BYTES];
	const char *app = tree_text(run->context, "application"), *pipeline = tree_text(run->context, "pipeline");
	const json_t *config = config_find(run->gate, app[0] != '\0' ? app : tree_text(run->execution, "application"), pipeline);
	if (config == NULL)
		return refuse(run, arena_printf(&run->arena, "The referenced pipeline %s cannot be found.", pipeline));
	if (is_too_deep(run->execution))
		return refuse(run, "Pipelines start each other without end");
	identifier_ulid(id);
	const char *why = trigger_start_child(run->gate, id, config, make_trigger(run), &run->arena);
	if (why != NULL)
		return refuse(run, why);
	json_object_set_new(run->context, "executionId", json_string(id));
	json_object_set_new(run->context, "executionName", json_string(tree_text(config, "name")));
	return "SUCCEEDED";
}

/* What the first stage that failed says, as one line of this stage. */
static void
except_of_child(struct stage_run *run, const json_t *child)
{
	json_t *stage;
	size_t i;
	json_array_foreach (json_object_get(child, "stages"), i, stage) {
		const char *error = json_string_value(json_array_get(tree_get(stage, "context.exception.details.errors"), 0));
		if (error == NULL || !status_is_complete(execution_status(stage)))
			continue;
		stage_except(run, "PipelineFailedException",
		             arena_printf(&run->arena, "Exception in child pipeline stage (%s: %s): %s", tree_text(child, "name"),
		                          tree_text(stage, "name"), error));
		tree_set(run->context, "exception.source",
		         json_pack("{s:s, s:s, s:s, s:i}", "executionId", tree_text(child, "id"), "stageId", tree_text(stage, "id"),
		                   "stageName", tree_text(stage, "name"), "stageIndex", (int)i));
		return;
	}
}

const char *
child_monitor(struct stage_run *run)
{
	const json_t *wait = json_object_get(run->context, "waitForCompletion");
	const json_t *child = execution_find(run->gate, tree_text(run->context, "executionId"));
	const char *status = child != NULL ? execution_status(child) : "NOT_STARTED";
	if (json_is_false(wait))
		return "SUCCEEDED";
	json_object_set_new(run->context, "status", json_string(status));
	run->again_ms = LOOK_AGAIN_MS;
	if (!status_is_complete(status))
		return "RUNNING";
	if (strcmp(status, "SUCCEEDED") == 0)
		return "SUCCEEDED";
	except_of_child(run, child);
	return "TERMINAL";
}

void
child_cancel(struct gate *gate, const json_t *stage)
{
	json_t *child = execution_find(gate, tree_text(stage, "context.executionId"));
	if (strcmp(tree_text(stage, "type"), "pipeline") != 0 || child == NULL || tree_bool(child, "canceled") ||
	    status_is_complete(execution_status(child)))
		return;
	json_object_set_new(child, "canceled", json_true());
	json_object_set_new(child, "canceledBy", json_string("parent pipeline"));
	gate_wake(gate);
}

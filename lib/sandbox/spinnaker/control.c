/* Orders to what runs.  Most answer nothing, whatever came of them. */
#include <string.h>

#include "base/clock.h"
#include "sandbox/spinnaker/parts.h"

static bool
is_now(const json_t *item, const char *status)
{
	return item != NULL && strcmp(execution_status(item), status) == 0;
}

/* ---- the whole ---- */

void
control_handle_cancel(struct gate_call *call)
{
	json_t *execution = execution_find(call->gate, call->words[0]);
	if (execution != NULL && !status_is_complete(execution_status(execution))) {
		bool is_slow = gate_strikes(call->gate, "gate-lag", tree_text(execution, "application"));
		json_object_set_new(execution, "canceled", json_true());
		json_object_set_new(execution, "canceledBy", json_string(call->user));
		if (gate_query(call, "reason", NULL) != NULL)
			json_object_set_new(execution, "cancellationReason", json_string(gate_query(call, "reason", "")));
		json_object_set_new(execution_due(call->gate, execution), "cancel",
		                    json_integer(clock_wall_ms() + (is_slow ? LAG_MS : 0)));
		gate_wake(call->gate);
	}
	gate_answer_nothing(call, 200);
}

static void
set_running(json_t *items, const char *before, const char *after)
{
	json_t *item;
	size_t i;
	json_array_foreach (items, i, item) {
		if (!is_now(item, before))
			continue;
		execution_set_status(item, after);
		set_running(json_object_get(item, "tasks"), before, after);
	}
}

void
control_handle_pause(struct gate_call *call)
{
	json_t *execution = execution_find(call->gate, call->words[0]);
	if (is_now(execution, "RUNNING")) {
		execution_set_status(execution, "PAUSED");
		set_running(json_object_get(execution, "stages"), "RUNNING", "PAUSED");
		json_object_set_new(execution, "paused", json_pack("{s:s, s:I}", "pausedBy", call->user, "pauseTime",
		                                                   (json_int_t)clock_wall_ms()));
	}
	gate_answer_nothing(call, 200);
}

void
control_handle_resume(struct gate_call *call)
{
	json_t *execution = execution_find(call->gate, call->words[0]);
	if (is_now(execution, "PAUSED")) {
		execution_set_status(execution, "RUNNING");
		set_running(json_object_get(execution, "stages"), "PAUSED", "RUNNING");
		tree_set(execution, "paused.resumedBy", json_string(call->user));
		tree_set(execution, "paused.resumeTime", json_integer(clock_wall_ms()));
		json_object_clear(execution_due(call->gate, execution));
		gate_wake(call->gate);
	}
	gate_answer_nothing(call, 200);
}

/* Only what is complete goes. */
void
control_handle_delete(struct gate_call *call)
{
	const json_t *execution = execution_find(call->gate, call->words[0]);
	if (execution != NULL && status_is_complete(execution_status(execution))) {
		json_object_del(gate_table(call->gate, "due"), call->words[0]);
		json_object_del(gate_table(call->gate, "executions"), call->words[0]);
	}
	gate_answer_nothing(call, 200);
}

/* ---- a stage ---- */

/* The stage that the path names; NULL after having answered. */
static json_t *
find_stage(struct gate_call *call, json_t **ret_execution)
{
	*ret_execution = execution_find(call->gate, call->words[0]);
	json_t *stage = *ret_execution != NULL ? stage_find(*ret_execution, call->words[1]) : NULL;
	if (*ret_execution == NULL)
		gate_fail(call, 404, "Pipeline not found (id: %s)", call->words[0]);
	else if (stage == NULL)
		gate_answer_nothing(call, 200); /* Orca swallows what it does not find */
	return stage;
}

/* Whatever comes goes into the context, unlooked at. */
void
control_handle_patch(struct gate_call *call)
{
	json_t *execution, *stage = find_stage(call, &execution);
	if (stage == NULL)
		return;
	json_object_update(json_object_get(stage, "context"), call->body);
	tree_set(stage, "context.lastModifiedBy", json_string(call->user));
	json_object_set_new(stage, "lastModified",
	                    json_pack("{s:s, s:[s], s:I}", "user", call->user, "allowedAccounts",
	                              call->gate->options.account, "lastModifiedTime", (json_int_t)clock_wall_ms()));
	json_object_del(execution_due(call->gate, execution), call->words[1]);
	gate_wake(call->gate);
	gate_answer(call, 200, json_deep_copy(execution));
}

static json_t *
with_ref(const json_t *execution, const json_t *ref)
{
	json_t *stage;
	size_t i;
	json_array_foreach (json_object_get(execution, "stages"), i, stage)
		if (json_equal(json_object_get(stage, "refId"), ref))
			return stage;
	return NULL;
}

/* Whether `stage` comes after `first` in the graph, or is it. */
static bool
is_after(const json_t *execution, const json_t *stage, const json_t *first, size_t depth)
{
	json_t *required;
	size_t i;
	if (stage == first)
		return true;
	if (stage == NULL || depth == 0)
		return false;
	json_array_foreach (json_object_get(stage, "requisiteStageRefIds"), i, required)
		if (is_after(execution, with_ref(execution, required), first, depth - 1))
			return true;
	return false;
}

/* As it was before, with what its pipeline says of it now. */
static void
restart(struct gate_call *call, json_t *execution, json_t *stage)
{
	const json_t *config = json_object_get(gate_table(call->gate, "configs"), tree_text(execution, "pipelineConfigId"));
	const json_t *exception = tree_get(stage, "context.exception");
	json_t *details = json_pack("{s:s, s:I}", "restartedBy", call->user, "restartTime", (json_int_t)clock_wall_ms());
	json_t *stored, *fresh = NULL;
	size_t i;
	if (exception != NULL)
		json_object_set_new(details, "previousException", json_deep_copy(exception));
	json_array_foreach (json_object_get(config, "stages"), i, stored)
		if (json_equal(json_object_get(stored, "refId"), json_object_get(stage, "refId")))
			fresh = stage_make(stored, i, false);
	stage_reset(execution, stage);
	if (fresh != NULL)
		json_object_set(stage, "context", json_object_get(fresh, "context"));
	json_decref(fresh);
	tree_set(stage, "context.restartDetails", details);
}

/* The answer is from before. */
void
control_handle_restart(struct gate_call *call)
{
	enum { DEPTH_MAX = 100 };
	json_t *execution, *stage = find_stage(call, &execution), *other;
	size_t i;
	if (stage == NULL)
		return;
	stage = stage_lift(execution, stage);
	if (!status_is_complete(execution_status(stage)) && !is_now(stage, "NOT_STARTED")) {
		gate_answer_nothing(call, 200);
		return;
	}
	json_t *before = json_deep_copy(execution);
	json_array_foreach (json_object_get(execution, "stages"), i, other)
		if (is_after(execution, other, stage, DEPTH_MAX))
			restart(call, execution, other);
	execution_set_status(execution, "RUNNING");
	json_object_set_new(execution, "canceled", json_false());
	json_object_del(execution, "endTime");
	json_object_clear(execution_due(call->gate, execution));
	gate_wake(call->gate);
	gate_answer(call, 200, before);
}

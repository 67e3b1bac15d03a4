/* What runs: pipelines, and tasks as orchestrations, each brought forward stage by stage. */
#include <string.h>

#include "base/clock.h"
#include "sandbox/spinnaker/parts.h"

/* ---- status ---- */

bool
status_is_complete(const char *status)
{
	static const char *const complete[] = {"SUCCEEDED", "TERMINAL", "CANCELED", "STOPPED", "SKIPPED", "FAILED_CONTINUE"};
	for (size_t i = 0; i < array_length(complete); i++)
		if (strcmp(complete[i], status) == 0)
			return true;
	return false;
}

const char *
execution_status(const json_t *item)
{
	return tree_text(item, "status");
}

void
execution_set_status(json_t *item, const char *status)
{
	json_object_set_new(item, "status", json_string(status));
}

static bool
is_now(const json_t *item, const char *status)
{
	return strcmp(execution_status(item), status) == 0;
}

/* ---- what there is ---- */

json_t *
execution_find(const struct gate *gate, const char *id)
{
	return json_object_get(gate_table(gate, "executions"), id);
}

json_t *
execution_due(struct gate *gate, const json_t *execution)
{
	const char *id = tree_text(execution, "id");
	json_t *due = json_object_get(gate_table(gate, "due"), id);
	if (due == NULL)
		json_object_set_new(gate_table(gate, "due"), id, due = json_object());
	return due;
}

/* The oldest that is complete, else the oldest. */
static const char *
oldest(json_t *executions)
{
	const char *id;
	json_t *execution;
	json_object_foreach (executions, id, execution)
		if (status_is_complete(execution_status(execution)))
			return id;
	return json_object_iter_key(json_object_iter(executions));
}

json_t *
execution_keep(struct gate *gate, json_t *execution)
{
	json_t *executions = gate_table(gate, "executions");
	if (json_object_size(executions) >= EXECUTIONS_MAX) {
		scoped(arena_release) struct arena arena = {0};
		const char *id = arena_strdup(&arena, oldest(executions));
		json_object_del(gate_table(gate, "due"), id);
		json_object_del(executions, id);
	}
	json_object_set_new(executions, tree_text(execution, "id"), execution);
	gate_wake(gate);
	return execution;
}

/* ---- making one ---- */

/* Without any refId Orca runs the stages one after the other. */
static json_t *
make_stages(const json_t *config)
{
	json_t *stages = json_array(), *stage;
	bool is_in_line = true;
	size_t i;
	json_array_foreach (json_object_get(config, "stages"), i, stage)
		is_in_line = is_in_line && json_object_get(stage, "refId") == NULL;
	json_array_foreach (json_object_get(config, "stages"), i, stage)
		json_array_append_new(stages, stage_make(stage, i, is_in_line));
	return stages;
}

json_t *
execution_start(struct gate *gate, const char *id, const json_t *config, json_t *trigger)
{
	char made[IDENTIFIER_BYTES];
	const json_t *notifications = json_object_get(config, "notifications");
	json_t *execution = json_pack(
		"{s:s, s:s, s:s, s:s, s:I, s:b, s:b, s:b, s:i, s:s, s:{s:s, s:[s]}, s:s, s:o, s:s, s:o, s:{}, s:[], s:s, s:o}",
		"type", "PIPELINE", "id", id != NULL ? id : identifier_ulid(made), "application",
		tree_text(config, "application"), "name", tree_text(config, "name"), "buildTime", (json_int_t)clock_wall_ms(),
		"canceled", 0, "limitConcurrent", tree_bool(config, "limitConcurrent"), "keepWaitingPipelines",
		tree_bool(config, "keepWaitingPipelines"), "maxConcurrentExecutions", 0, "status", "NOT_STARTED",
		"authentication", "user", tree_text(trigger, "user"), "allowedAccounts", gate->options.account, "origin", "api",
		"trigger", trigger, "pipelineConfigId", tree_text(config, "id"), "notifications",
		json_is_array(notifications) ? json_deep_copy(notifications) : json_array(), "initialConfig",
		"systemNotifications", "spelEvaluator", "v4", "stages", make_stages(config));
	if (gate_strikes(gate, "gate-startup", tree_text(config, "application")))
		execution_fail(execution, "Unmatched expected artifact ExpectedArtifact(id=ea-image) could not be resolved.");
	return execution_keep(gate, execution);
}

void
execution_fail(json_t *execution, const char *why)
{
	execution_set_status(execution, "TERMINAL");
	json_object_set_new(execution, "canceled", json_true());
	json_object_set_new(execution, "canceledBy", json_string("system"));
	json_object_set_new(execution, "cancellationReason", json_sprintf("Failed on startup: %s", why));
}

/* ---- beginning and ending ---- */

static void
end(struct gate *gate, json_t *execution, const char *status, int64_t now_ms)
{
	json_t *stage;
	size_t i;
	json_array_foreach (json_object_get(execution, "stages"), i, stage) {
		if (!is_now(stage, "RUNNING") && !is_now(stage, "PAUSED"))
			continue;
		stage_end(stage, "CANCELED", now_ms);
		child_cancel(gate, stage);
	}
	execution_set_status(execution, status);
	json_object_set_new(execution, "endTime", json_integer(now_ms));
}

static void
supersede(struct gate *gate, json_t *execution, int64_t now_ms)
{
	json_object_set_new(execution, "canceled", json_true());
	json_object_set_new(execution, "canceledBy", json_string("spinnaker"));
	json_object_set_new(execution, "cancellationReason",
	                    json_string("This execution was queued but a newer queued execution superceded it. "
	                                "This pipeline is configured to automatically skip waiting executions."));
	end(gate, execution, "CANCELED", now_ms);
}

/* Whether it waits behind another of its pipeline; *ret_is_newest: none was queued after it. */
static bool
has_to_wait(const struct gate *gate, const json_t *execution, bool *ret_is_newest)
{
	const char *id, *config = tree_text(execution, "pipelineConfigId");
	json_t *other;
	bool is_after = false, has_to_wait = false;
	*ret_is_newest = true;
	json_object_foreach (gate_table(gate, "executions"), id, other) {
		if (strcmp(tree_text(other, "pipelineConfigId"), config) != 0)
			continue;
		if (is_after && is_now(other, "NOT_STARTED"))
			*ret_is_newest = false;
		has_to_wait = has_to_wait || is_now(other, "RUNNING") || is_now(other, "PAUSED");
		is_after = is_after || other == execution;
	}
	return has_to_wait;
}

/* Whether it runs now. */
static bool
begin(struct gate *gate, json_t *execution, int64_t now_ms)
{
	bool is_newest;
	if (tree_bool(execution, "limitConcurrent")) {
		if (has_to_wait(gate, execution, &is_newest))
			return false;
		if (!is_newest && !tree_bool(execution, "keepWaitingPipelines")) {
			supersede(gate, execution, now_ms);
			return false;
		}
	}
	execution_set_status(execution, "RUNNING");
	json_object_set_new(execution, "startTime", json_integer(now_ms));
	return true;
}

/* ---- stages ---- */

static bool
is_top_level(const json_t *stage)
{
	return json_object_get(stage, "parentStageId") == NULL;
}

/* Whether what stands before it in the graph has let it through.  Old pipelines number their stages. */
static bool
is_ready(const json_t *execution, const json_t *stage)
{
	json_t *required, *other;
	size_t i, j;
	json_array_foreach (json_object_get(stage, "requisiteStageRefIds"), i, required) {
		bool is_through = false;
		json_array_foreach (json_object_get(execution, "stages"), j, other)
			if (json_equal(json_object_get(other, "refId"), required))
				is_through = is_now(other, "SUCCEEDED") || is_now(other, "SKIPPED") || is_now(other, "FAILED_CONTINUE");
		if (!is_through)
			return false;
	}
	return true;
}

/* Each that can takes a step; the next time to look.  *ret_has_ended: one is complete now. */
static int64_t
step_stages(struct gate *gate, json_t *execution, int64_t now_ms, bool *ret_has_ended)
{
	int64_t next_ms = INT64_MAX;
	json_t *stages = json_object_get(execution, "stages");
	*ret_has_ended = false;
	for (size_t i = 0; i < json_array_size(stages); i++) {
		json_t *stage = json_array_get(stages, i);
		if (!is_top_level(stage) || !(is_now(stage, "RUNNING") || (is_now(stage, "NOT_STARTED") && is_ready(execution, stage))))
			continue;
		int64_t due_ms = stage_step(gate, execution, stage, now_ms);
		next_ms = due_ms < next_ms ? due_ms : next_ms;
		*ret_has_ended = *ret_has_ended || status_is_complete(execution_status(stage));
	}
	return next_ms;
}

/* What it has come to; NULL: it goes on. */
static const char *
outcome(const json_t *execution)
{
	bool is_open = false, is_stopped = false, has_to_fail = false, is_left = false;
	json_t *stage;
	size_t i;
	json_array_foreach (json_object_get(execution, "stages"), i, stage) {
		if (!is_top_level(stage))
			continue;
		if (is_now(stage, "TERMINAL") || is_now(stage, "CANCELED"))
			return execution_status(stage);
		is_open = is_open || is_now(stage, "RUNNING");
		is_left = is_left || is_now(stage, "NOT_STARTED");
		is_stopped = is_stopped || is_now(stage, "STOPPED");
		has_to_fail = has_to_fail ||
		              (is_now(stage, "STOPPED") && tree_bool(stage, "context.completeOtherBranchesThenFail"));
	}
	if (is_open || (is_left && !is_stopped))
		return NULL;
	return has_to_fail ? "TERMINAL" : "SUCCEEDED";
}

/* When a cancellation takes effect: at once, or later. */
static int64_t
cancel(struct gate *gate, json_t *execution, int64_t now_ms)
{
	int64_t due_ms = json_integer_value(json_object_get(execution_due(gate, execution), "cancel"));
	if (due_ms > now_ms && due_ms - now_ms <= LAG_MS)
		return due_ms;
	end(gate, execution, "CANCELED", now_ms);
	return now_ms;
}

int64_t
execution_step(struct gate *gate, json_t *execution, int64_t now_ms)
{
	bool has_ended = true;
	int64_t next_ms = INT64_MAX;
	if (status_is_complete(execution_status(execution)))
		return INT64_MAX;
	if (tree_bool(execution, "canceled"))
		return cancel(gate, execution, now_ms);
	if (is_now(execution, "NOT_STARTED") && !begin(gate, execution, now_ms))
		return INT64_MAX;
	if (!is_now(execution, "RUNNING"))
		return INT64_MAX;
	const char *status = NULL;
	while (has_ended && status == NULL) {
		next_ms = step_stages(gate, execution, now_ms, &has_ended);
		status = outcome(execution);
	}
	if (status == NULL)
		return next_ms;
	end(gate, execution, status, now_ms);
	json_object_del(gate_table(gate, "due"), tree_text(execution, "id"));
	return now_ms; /* whoever waits behind it is next */
}

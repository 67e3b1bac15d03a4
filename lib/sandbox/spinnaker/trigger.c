/* Starting a pipeline: at once through Orca, or by way of Echo, which takes anything. */
#include <string.h>

#include "base/clock.h"
#include "sandbox/spinnaker/parts.h"

/* ---- the trigger ---- */

/* The trigger as Orca keeps it: what came, with what it adds; new reference. */
static json_t *
make_trigger(const struct gate_call *call)
{
	static const char *const lists[] = {"artifacts", "notifications", "resolvedExpectedArtifacts"};
	static const char *const flags[] = {"rebake", "dryRun", "strategy"};
	json_t *trigger = json_is_object(call->body) ? json_deep_copy(call->body) : json_object();
	tree_set_default(trigger, "type", json_string("manual"));
	tree_set_default(trigger, "user", json_string(call->user));
	for (size_t i = 0; i < array_length(lists); i++)
		if (!json_is_array(json_object_get(trigger, lists[i])))
			json_object_set_new(trigger, lists[i], json_array());
	for (size_t i = 0; i < array_length(flags); i++)
		tree_set_default(trigger, flags[i], json_false());
	if (!json_is_object(json_object_get(trigger, "parameters")))
		json_object_set_new(trigger, "parameters", json_object());
	return trigger;
}

/* Fills in what has a default; the name of one that is missing, or NULL. */
static const char *
missing_parameter(const json_t *config, json_t *trigger)
{
	json_t *parameters = json_object_get(trigger, "parameters"), *declared;
	size_t i;
	json_array_foreach (json_object_get(config, "parameterConfig"), i, declared) {
		const char *name = tree_text(declared, "name");
		const json_t *fallback = json_object_get(declared, "default");
		bool is_required = tree_bool(declared, "required");
		if (json_object_get(parameters, name) != NULL)
			continue;
		if (is_required && (fallback == NULL || json_string_length(fallback) == 0))
			return name;
		if (fallback != NULL)
			json_object_set_new(parameters, name, json_deep_copy(fallback));
	}
	return NULL;
}

/* ---- at once ---- */

/* One of the same intent that is not complete yet. */
static json_t *
find_correlated(const struct gate *gate, const json_t *trigger)
{
	const char *id, *correlation = tree_text(trigger, "correlationId");
	json_t *execution;
	json_object_foreach (gate_table(gate, "executions"), id, execution)
		if (correlation[0] != '\0' && strcmp(tree_text(execution, "trigger.correlationId"), correlation) == 0 &&
		    !status_is_complete(execution_status(execution)))
			return execution;
	return NULL;
}

static void
answer_execution(struct gate_call *call, const json_t *execution)
{
	gate_answer(call, 202, json_pack("{s:o}", "ref", json_sprintf("/pipelines/%s", tree_text(execution, "id"))));
}

/* What Orca does not start it keeps as failed all the same. */
static void
refuse(struct gate_call *call, const json_t *config, json_t *trigger, const char *why)
{
	execution_fail(execution_start(call->gate, NULL, config, trigger), why);
	gate_fail_behind(call, 400, "POST", "http://orca:8083/orchestrate", why);
}

void
trigger_handle(struct gate_call *call)
{
	const json_t *config = config_find(call->gate, call->words[0], call->words[1]);
	if (config == NULL) {
		gate_fail(call, 404, "Unable to trigger pipeline (application: %s, pipelineNameOrId: %s). Error: "
		                     "Pipeline configuration not found (id: %s)", call->words[0], call->words[1], call->words[1]);
		return;
	}
	json_t *trigger = make_trigger(call);
	const json_t *correlated = find_correlated(call->gate, trigger);
	const char *missing = missing_parameter(config, trigger);
	if (correlated != NULL) {
		json_decref(trigger);
		answer_execution(call, correlated);
	} else if (tree_bool(config, "disabled")) {
		refuse(call, config, trigger, "Pipeline is disabled and cannot be started");
	} else if (missing != NULL) {
		refuse(call, config, trigger, arena_printf(call->arena, "Required parameter %s is missing", missing));
	} else {
		answer_execution(call, execution_start(call->gate, NULL, config, trigger));
	}
}

/* ---- by way of Echo ---- */

void
trigger_handle_v2(struct gate_call *call)
{
	char id[IDENTIFIER_BYTES], event[IDENTIFIER_BYTES];
	const json_t *config = config_find(call->gate, call->words[0], call->words[1]);
	json_t *starting = gate_table(call->gate, "starting");
	bool is_lost = config == NULL || gate_strikes(call->gate, "gate-never", call->words[0]);
	identifier_ulid(id);
	identifier_uuid(event);
	if (!is_lost && json_array_size(starting) < ENTRIES_MAX) {
		json_t *trigger = make_trigger(call);
		json_object_set_new(trigger, "eventId", json_string(event));
		json_object_set_new(trigger, "executionId", json_string(id));
		json_array_append_new(starting, json_pack("{s:I, s:s, s:s, s:o}", "at",
		                                          (json_int_t)clock_wall_ms() + APPEARS_AFTER_MS, "id", id, "config",
		                                          tree_text(config, "id"), "trigger", trigger));
		gate_wake(call->gate);
	}
	gate_answer(call, 202, json_pack("{s:s, s:o}", "eventId", event, "ref", json_sprintf("/pipelines/%s", id)));
}

const char *
trigger_start_child(struct gate *gate, const char *id, const json_t *config, json_t *trigger, struct arena *arena)
{
	json_t *starting = gate_table(gate, "starting");
	const char *missing = missing_parameter(config, trigger), *why = NULL;
	if (tree_bool(config, "disabled"))
		why = "Pipeline is disabled and cannot be started";
	else if (missing != NULL)
		why = arena_printf(arena, "Required parameter %s is missing", missing);
	else if (json_array_size(starting) >= ENTRIES_MAX)
		why = "There are too many executions";
	if (why == NULL)
		json_array_append_new(starting, json_pack("{s:I, s:s, s:s, s:O}", "at", (json_int_t)0, "id", id, "config",
		                                          tree_text(config, "id"), "trigger", trigger));
	json_decref(trigger);
	gate_wake(gate);
	return why;
}

/* One that is disabled, gone or not told all never appears. */
static void
start(struct gate *gate, const json_t *entry)
{
	const json_t *config = json_object_get(gate_table(gate, "configs"), tree_text(entry, "config"));
	json_t *trigger = json_deep_copy(json_object_get(entry, "trigger"));
	if (config != NULL && !tree_bool(config, "disabled") && missing_parameter(config, trigger) == NULL)
		execution_start(gate, tree_text(entry, "id"), config, trigger);
	else
		json_decref(trigger);
}

int64_t
trigger_step(struct gate *gate, int64_t now_ms)
{
	int64_t next_ms = INT64_MAX;
	json_t *starting = gate_table(gate, "starting");
	for (size_t i = 0; i < json_array_size(starting);) {
		const json_t *entry = json_array_get(starting, i);
		int64_t at_ms = tree_int(entry, "at");
		/* Far ahead is the time of a clock that ran faster. */
		if (at_ms <= now_ms || at_ms - now_ms > APPEARS_AFTER_MS) {
			start(gate, entry);
			json_array_remove(starting, i);
			continue;
		}
		next_ms = at_ms < next_ms ? at_ms : next_ms;
		i++;
	}
	return next_ms;
}

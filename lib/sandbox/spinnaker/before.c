/* What Orca itself puts before a stage: the hours in which it may run, and preconditions, each a stage of its own. */
#include <string.h>

#include "sandbox/spinnaker/parts.h"

static void
put(struct stage_run *run, json_t *config)
{
	json_t *before = stage_make(config, 0, false);
	json_object_set_new(before, "syntheticStageOwner", json_string("STAGE_BEFORE"));
	json_object_set_new(before, "parentStageId", json_string(tree_text(run->stage, "id")));
	json_array_append_new(json_object_get(run->execution, "stages"), before);
	json_decref(config);
}

/* What is checked stands in a context of its own, which is where people write why it failed. */
static void
put_precondition(struct stage_run *run, const json_t *precondition, size_t number)
{
	const char *kind = tree_text(precondition, "type");
	json_t *config = json_is_object(precondition) ? json_deep_copy(precondition) : json_object();
	tree_set(config, "type", json_string("checkPreconditions"));
	tree_set(config, "preconditionType", json_string(kind));
	tree_set(config, "name", json_sprintf("Check precondition (%s)", kind));
	tree_set(config, "refId", json_sprintf("%s<%zu", tree_text(run->stage, "refId"), number));
	put(run, config);
}

void
before_put(struct stage_run *run)
{
	size_t i, number = 1;
	json_t *precondition;
	if (tree_bool(run->context, STAGE_WINDOW)) {
		put(run, json_pack("{s:s, s:s, s:o, s:O*}", "type", STAGE_WINDOW, "name", "Restrict Execution During Time Window",
		                   "refId", json_sprintf("%s<1", tree_text(run->stage, "refId")), "restrictedExecutionWindow",
		                   json_object_get(run->context, "restrictedExecutionWindow")));
		number++;
	}
	if (strcmp(tree_text(run->stage, "type"), "checkPreconditions") == 0)
		json_array_foreach (json_object_get(run->context, "preconditions"), i, precondition)
			put_precondition(run, precondition, number++);
}

static json_t *
find(const json_t *execution, const json_t *stage, bool (*fits)(const json_t *before))
{
	json_t *other;
	size_t i;
	json_array_foreach (json_object_get(execution, "stages"), i, other)
		if (strcmp(tree_text(other, "parentStageId"), tree_text(stage, "id")) == 0 && fits(other))
			return other;
	return NULL;
}

static bool
is_open(const json_t *before)
{
	return !status_is_complete(execution_status(before));
}

static bool
is_in_the_way(const json_t *before)
{
	const char *status = execution_status(before);
	return strcmp(status, "TERMINAL") == 0 || strcmp(status, "STOPPED") == 0;
}

json_t *
before_open(const json_t *execution, const json_t *stage)
{
	return find(execution, stage, is_open);
}

json_t *
before_failed(const json_t *execution, const json_t *stage)
{
	return find(execution, stage, is_in_the_way);
}

/* By now the expression is what it came to; only one kind needs nothing but that. */
const char *
precondition_check(struct stage_run *run)
{
	const json_t *outcome = tree_get(run->context, "context.expression");
	const char *text = json_string_value(outcome);
	if (strcmp(tree_text(run->context, "preconditionType"), "expression") == 0)
		return json_is_true(outcome) || (text != NULL && strcmp(text, "true") == 0) ? "SUCCEEDED" : "TERMINAL";
	stage_except(run, "IllegalStateException",
	             arena_printf(&run->arena, "Unable to find any precondition task for: %s",
	                          tree_text(run->context, "preconditionType")));
	return "TERMINAL";
}

/* Executions as they are asked for: one, those of an application, of some pipelines, or of a search. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "data/pattern.h"
#include "sandbox/spinnaker/parts.h"

enum { FILTER_BYTES = 8 * 1024, LIMIT_MAX = 1000 };

/* Whether the word is in the list "a,b"; an empty list holds everything. */
static bool
is_listed(const char *list, const char *word)
{
	if (list == NULL)
		return true;
	for (size_t length; *list != '\0'; list += length + (list[length] == ',')) {
		length = strcspn(list, ",");
		if (strlen(word) == length && strncmp(list, word, length) == 0)
			return true;
	}
	return false;
}

/* ---- shapes ---- */

/* Without "expand" stages say neither what they were given nor what they did. */
static json_t *
shape(const json_t *execution, bool is_expanded)
{
	json_t *copy = json_deep_copy(execution), *stage;
	size_t i;
	if (is_expanded)
		return copy;
	json_array_foreach (json_object_get(copy, "stages"), i, stage) {
		json_object_set_new(stage, "context", json_object());
		json_object_set_new(stage, "outputs", json_object());
		json_object_set_new(stage, "tasks", json_array());
	}
	if (tree_get(copy, "trigger.parentExecution") != NULL)
		tree_set(copy, "trigger.parentExecution.stages", json_array());
	return copy;
}

/* A status that no version has had so far. */
static json_t *
in_other_words(struct gate *gate, json_t *execution)
{
	if (strcmp(execution_status(execution), "RUNNING") == 0 &&
	    gate_strikes(gate, "gate-word", tree_text(execution, "application")))
		execution_set_status(execution, "HIBERNATING");
	return execution;
}

void
look_handle_one(struct gate_call *call)
{
	const json_t *execution = execution_find(call->gate, call->words[0]);
	if (execution == NULL)
		gate_fail(call, 404, "Pipeline not found (id: %s)", call->words[0]);
	else if (gate_strikes(call->gate, "gate-empty", tree_text(execution, "application")))
		gate_answer_nothing(call, 200);
	else
		gate_answer(call, 200, in_other_words(call->gate, json_deep_copy(execution)));
}

/* ---- lists ---- */

struct choice {
	const char *app, *statuses, *configs; /* NULL: any */
	size_t limit;                         /* of each pipeline */
};

static bool
is_chosen(const struct choice *choice, const json_t *execution)
{
	return strcmp(tree_text(execution, "type"), "PIPELINE") == 0 &&
	       (choice->app == NULL || strcasecmp(tree_text(execution, "application"), choice->app) == 0) &&
	       is_listed(choice->statuses, execution_status(execution)) &&
	       (choice->configs == NULL || is_listed(choice->configs, tree_text(execution, "pipelineConfigId")));
}

/* Those chosen, newest first, no more than the limit of each pipeline; borrowed elements. */
static json_t *
choose(const struct gate *gate, const struct choice *choice)
{
	json_t *chosen = json_array(), *counts = json_object(), *newest = json_array(), *execution;
	const char *id;
	json_object_foreach (gate_table(gate, "executions"), id, execution)
		if (is_chosen(choice, execution))
			json_array_append(newest, execution);
	for (size_t i = json_array_size(newest); i-- > 0;) {
		execution = json_array_get(newest, i);
		const char *config = tree_text(execution, "pipelineConfigId");
		json_int_t count = json_integer_value(json_object_get(counts, config)) + 1;
		json_object_set_new(counts, config, json_integer(count));
		if ((size_t)count <= choice->limit)
			json_array_append(chosen, execution);
	}
	json_decref(counts);
	json_decref(newest);
	return chosen;
}

/* By startTime, where those that have none come first. */
static int
compare_starts(const void *left, const void *right)
{
	const json_t *const *a = left, *const *b = right;
	json_int_t x = tree_int(*a, "startTime"), y = tree_int(*b, "startTime");
	return (x > y) - (x < y);
}

static void
answer_list(struct gate_call *call, const struct choice *choice, bool is_expanded)
{
	json_t *chosen = choose(call->gate, choice), *list = json_array();
	size_t count = json_array_size(chosen);
	const json_t **sorted = arena_array(call->arena, const json_t *, count + 1);
	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(chosen, count - 1 - i);
	qsort(sorted, count, sizeof(const json_t *), compare_starts);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, shape(sorted[i], is_expanded));
	json_decref(chosen);
	gate_answer(call, 200, list);
}

static size_t
limit_of(const struct gate_call *call, long fallback)
{
	long limit = gate_query_number(call, "limit", fallback);
	return limit < LIMIT_MAX ? (size_t)limit : LIMIT_MAX;
}

void
look_handle_application(struct gate_call *call)
{
	answer_list(call,
	            &(struct choice){.app = call->words[0], .statuses = gate_query(call, "statuses", NULL),
	                             .limit = limit_of(call, 10)},
	            gate_query_is(call, "expand", true));
}

/* The ids of executions, or of pipelines; not both. */
void
look_handle_ids(struct gate_call *call)
{
	const char *ids = gate_query(call, "executionIds", NULL), *configs = gate_query(call, "pipelineConfigIds", NULL), *id;
	bool is_expanded = gate_query_is(call, "expand", true);
	json_t *list = json_array(), *execution;
	if (ids != NULL && configs != NULL) {
		json_decref(list);
		gate_fail(call, 400, "Only either pipelineConfigIds or executionIds can be specified");
	} else if (configs != NULL) {
		json_decref(list);
		answer_list(call,
		            &(struct choice){.configs = configs, .statuses = gate_query(call, "statuses", NULL),
		                             .limit = limit_of(call, 1)},
		            is_expanded);
	} else {
		json_object_foreach (gate_table(call->gate, "executions"), id, execution)
			if (ids != NULL && is_listed(ids, id))
				json_array_append_new(list, shape(execution, is_expanded));
		gate_answer(call, 200, list);
	}
}

/* ---- search ---- */

/* All of the text by a regular expression. */
static bool
fits(const char *expression, const char *text)
{
	scoped(arena_release) struct arena arena = {0};
	struct pattern *pattern;
	struct error ignored;
	if (!pattern_compile("trigger", arena_printf(&arena, "^(?:%s)$", expression), &pattern, &ignored))
		return false;
	bool is_match = pattern_matches(pattern, text, strlen(text));
	pattern_free(pattern);
	return is_match;
}

static bool
text_holds(const char *text, const char *wanted)
{
	return strcasecmp(text, wanted) == 0 || fits(wanted, text);
}

/* Whether all that is wanted is there: texts alike in any case, or by a regular expression. */
static bool
holds(const json_t *value, const json_t *wanted)
{
	const char *key;
	json_t *child, *other;
	size_t i, j;
	if (json_is_string(value) && json_is_string(wanted))
		return text_holds(json_string_value(value), json_string_value(wanted));
	if (value == NULL || json_typeof(value) != json_typeof(wanted))
		return false;
	json_object_foreach (tree_loose(wanted), key, child)
		if (!holds(json_object_get(value, key), child))
			return false;
	json_array_foreach (wanted, i, child) {
		bool is_there = false;
		json_array_foreach (value, j, other)
			is_there = is_there || holds(other, child);
		if (!is_there)
			return false;
	}
	return json_is_object(wanted) || json_is_array(wanted) || json_equal(value, wanted);
}

/* The filter of the trigger: base64 of JSON.  False: it makes no sense, which is answered. */
static bool
read_filter(struct gate_call *call, json_t **ret)
{
	char text[FILTER_BYTES];
	size_t length = 0;
	const char *given = gate_query(call, "trigger", NULL);
	*ret = NULL;
	if (given == NULL)
		return true;
	if (sodium_base642bin((unsigned char *)text, sizeof text, given, strlen(given), NULL, &length, NULL,
	                      sodium_base64_VARIANT_ORIGINAL) == 0)
		*ret = json_loadb(text, length, 0, NULL);
	if (*ret == NULL)
		gate_fail(call, 400, "Failed to parse encoded trigger");
	return *ret != NULL;
}

static bool
is_found(const struct gate_call *call, const json_t *execution, const json_t *filter)
{
	const char *pipeline = gate_query(call, "pipelineName", NULL), *event = gate_query(call, "eventId", NULL);
	json_int_t built_ms = tree_int(execution, "buildTime");
	return (pipeline == NULL || strcmp(tree_text(execution, "name"), pipeline) == 0) &&
	       is_listed(gate_query(call, "triggerTypes", NULL), tree_text(execution, "trigger.type")) &&
	       (event == NULL || strcmp(tree_text(execution, "trigger.eventId"), event) == 0) &&
	       built_ms >= strtoll(gate_query(call, "triggerTimeStartBoundary", "0"), NULL, 10) &&
	       built_ms <= strtoll(gate_query(call, "triggerTimeEndBoundary", "9223372036854775807"), NULL, 10) &&
	       (filter == NULL || holds(json_object_get(execution, "trigger"), filter));
}

void
look_handle_search(struct gate_call *call)
{
	json_t *filter, *list = json_array(), *execution;
	size_t i, position = 0, start = (size_t)gate_query_number(call, "startIndex", 0),
	          size = (size_t)gate_query_number(call, "size", 10);
	if (!read_filter(call, &filter)) {
		json_decref(list);
		return;
	}
	bool is_reversed = gate_query_is(call, "reverse", false), is_expanded = gate_query_is(call, "expand", false);
	json_t *all = choose(call->gate, &(struct choice){.app = strcmp(call->words[0], "*") == 0 ? NULL : call->words[0],
	                                                  .statuses = gate_query(call, "statuses", NULL),
	                                                  .limit = EXECUTIONS_MAX});
	size_t count = json_array_size(all);
	for (i = 0; i < count; i++) {
		execution = json_array_get(all, is_reversed ? count - 1 - i : i);
		if (!is_found(call, execution, filter))
			continue;
		if (position >= start && position - start < size)
			json_array_append_new(list, shape(execution, is_expanded));
		position++;
	}
	json_decref(all);
	json_decref(filter);
	gate_answer(call, 200, list);
}

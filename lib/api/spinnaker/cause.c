#include "api/spinnaker/cause.h"

#include <string.h>
#include <strings.h>

#include "data/json.h"

enum { TEXT_MAX_BYTES = 600 };
static const char generic[] = "Unexpected Task Failure";

/* ---- gathering ---- */

static void
add(struct spinnaker_cause *cause, struct arena *arena, const char *text)
{
	char cut[TEXT_MAX_BYTES];
	if (text == NULL || text[strspn(text, " \t\r\n")] == '\0' || cause->n_texts == SPINNAKER_CAUSES_MAX)
		return;
	error_copy_text(cut, sizeof cut, text + strspn(text, " \t\r\n"));
	for (size_t i = 0; i < cause->n_texts; i++)
		if (strstr(cause->texts[i], cut) != NULL)
			return;
	cause->texts[cause->n_texts++] = arena_strdup(arena, cut);
}

/* A string, or strings in a list: both occur where a list belongs. */
static void
add_all(struct spinnaker_cause *cause, struct arena *arena, const json_t *value)
{
	const json_t *item;
	size_t i;
	add(cause, arena, json_string_value(value));
	json_array_foreach (value, i, item)
		add(cause, arena, json_string_value(item));
}

static void
add_exception(struct spinnaker_cause *cause, struct arena *arena, const json_t *exception)
{
	const char *error = json_text_at(exception, "details.error");
	add_all(cause, arena, json_at(exception, "details.errors"));
	if (error != NULL && strcmp(error, generic) != 0)
		add(cause, arena, error);
}

/* ---- the places ---- */

/* With "ignore the failure" the stage has the exception of its last task, the tasks keep their own. */
static void
from_tasks(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *cause)
{
	const json_t *task;
	size_t i;
	json_array_foreach (json_list_at(stage->json, "tasks"), i, task)
		add_exception(cause, arena, json_at(task, "taskExceptionDetails.exception"));
}

static void
from_exception(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *cause)
{
	add_exception(cause, arena, spinnaker_context(stage, "exception"));
}

static const char *
kato_message(const json_t *task)
{
	const json_t *history = json_list_at(task, "history");
	const json_t *last = json_array_size(history) > 0 ? json_array_get(history, json_array_size(history) - 1) : NULL;
	return json_text_or(task, "exception.message", json_text_or(last, "status", NULL));
}

/* Clouddriver's own operations; kubectl's words come with newer ones. */
static void
from_kato(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *cause)
{
	const json_t *task, *output;
	size_t i, k;
	json_array_foreach (spinnaker_context(stage, "kato.tasks"), i, task) {
		if (!json_bool_at(task, "status.failed", false))
			continue;
		add(cause, arena, kato_message(task));
		json_array_foreach (json_list_at(task, "outputs"), k, output)
			add(cause, arena, json_text_at(output, "stdError"));
	}
}

static void
from_manifests(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *cause)
{
	const json_t *manifest, *message;
	size_t i, k;
	json_array_foreach (spinnaker_context(stage, "failedManifests"), i, manifest) {
		const char *name = json_text_or(manifest, "manifestName", "");
		json_array_foreach (spinnaker_context(stage, "messages"), k, message)
			if (*name != '\0' && json_is_string(message) && strstr(json_string_value(message), name) != NULL)
				add(cause, arena, json_string_value(message));
	}
}

static void
from_webhook(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *cause)
{
	const json_t *webhook = spinnaker_context(stage, "webhook");
	add(cause, arena, json_text_or(webhook, "monitor.error", json_text_at(webhook, "error")));
}

static void
from_job(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *cause)
{
	const json_t *job = spinnaker_context(stage, "jobStatus");
	add(cause, arena, json_text_at(job, "message"));
	add(cause, arena, json_text_at(job, "failureDetails"));
	add(cause, arena, json_text_at(job, "reason"));
}

static void
from_precondition(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *cause)
{
	add(cause, arena, json_text_at(spinnaker_context(stage, "context"), "failureMessage"));
}

static void
from_events(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *cause)
{
	const json_t *event;
	size_t i;
	json_array_foreach (spinnaker_context(stage, "events"), i, event)
		if (strcmp(json_text_or(event, "type", "Warning"), "Warning") == 0)
			add(cause, arena, json_text_at(event, "message"));
}

static void
from_expressions(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *cause)
{
	const json_t *entries, *entry;
	const char *expression;
	size_t i;
	json_object_foreach ((json_t *)(uintptr_t)spinnaker_context(stage, "expressionEvaluationSummary"), expression, entries)
		json_array_foreach (entries, i, entry)
			if (strcmp(json_text_or(entry, "level", ""), "ERROR") == 0)
				add(cause, arena, arena_printf(arena, "%s: %s", expression, json_text_or(entry, "description", "")));
}

/* Somebody said stop; who, and why. */
static void
from_judgment(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *cause)
{
	const char *word = json_string_value(spinnaker_context(stage, "judgmentStatus"));
	const char *input = json_string_value(spinnaker_context(stage, "judgmentInput"));
	const char *who = json_string_value(spinnaker_context(stage, "lastModifiedBy"));
	if (strcmp(stage->type, "manualJudgment") != 0 || word == NULL || strcasecmp(word, "stop") != 0)
		return;
	add(cause, arena, arena_printf(arena, "rejected by %s%s%s", who != NULL ? who : json_text_or(stage->json, "lastModified.user", "somebody"),
	                               input != NULL && *input != '\0' ? ": " : "", input != NULL ? input : ""));
}

static void (*const places[])(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *cause) = {
	from_judgment, from_tasks, from_exception, from_kato, from_manifests, from_webhook, from_job, from_precondition,
	from_events, from_expressions,
};

void
spinnaker_cause_of_stage(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *ret)
{
	const char *child = strcmp(stage->type, "pipeline") == 0 ? json_string_value(spinnaker_context(stage, "executionId")) : NULL;
	*ret = (struct spinnaker_cause){.stage = stage->name, .stage_id = stage->id, .child_id = child != NULL ? child : ""};
	for (size_t i = 0; i < array_length(places); i++)
		places[i](stage, arena, ret);
}

/* ---- which stage ---- */

/* TERMINAL says more than what stopped or went on; those who were cancelled only because of it say least. */
static unsigned
gravity(enum spinnaker_status status)
{
	static const enum spinnaker_status grave[] = {SPINNAKER_CANCELED, SPINNAKER_FAILED_CONTINUE, SPINNAKER_STOPPED,
	                                              SPINNAKER_TERMINAL};
	for (unsigned i = 0; i < array_length(grave); i++)
		if (grave[i] == status)
			return i + 1;
	return 0;
}

/* Graver, else deeper, else earlier: a stage above fails because of the one below. */
static bool
is_nearer_to_root(const struct spinnaker_stage *stage, const struct spinnaker_stage *other)
{
	unsigned ours = gravity(stage->status), theirs = gravity(other->status);
	if (ours != theirs)
		return ours > theirs;
	if (stage->depth != other->depth)
		return stage->depth > other->depth;
	return stage->ended_ms < other->ended_ms;
}

static bool
is_failed_on_startup(const struct spinnaker_execution *execution)
{
	return execution->is_canceled && strcmp(execution->canceled_by, "system") == 0;
}

/* The stage above may say what the one below does not. */
static void
add_from_above(const struct spinnaker_execution *execution, const struct spinnaker_stage *stage, struct arena *arena,
               struct spinnaker_cause *ret)
{
	for (size_t i = 0; i < execution->n_stages && ret->n_texts == 0; i++) {
		const struct spinnaker_stage *above = &execution->stages[i];
		if (*stage->parent == '\0' || strcmp(above->id, stage->parent) != 0 || above == stage)
			continue;
		struct spinnaker_cause cause;
		spinnaker_cause_of_stage(above, arena, &cause);
		cause.stage = stage->name;
		cause.stage_id = stage->id;
		*ret = cause;
	}
}

bool
spinnaker_cause_find(const struct spinnaker_execution *execution, struct arena *arena, struct spinnaker_cause *ret)
{
	const struct spinnaker_stage *root = NULL;
	for (size_t i = 0; i < execution->n_stages; i++) {
		const struct spinnaker_stage *stage = &execution->stages[i];
		if (gravity(stage->status) > 0 && (root == NULL || is_nearer_to_root(stage, root)))
			root = stage;
	}
	if (root == NULL || is_failed_on_startup(execution) || (execution->is_canceled && gravity(root->status) == 1)) {
		*ret = (struct spinnaker_cause){.stage = "", .stage_id = "", .child_id = ""};
		add(ret, arena, execution->cancellation_reason);
		return root != NULL || execution->is_canceled || gravity(execution->status) > 0;
	}
	spinnaker_cause_of_stage(root, arena, ret);
	add_from_above(execution, root, arena, ret);
	return true;
}

#include "core/deploy/follow_state.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/diagnose/evidence.h"
#include "core/diagnose/object.h"

struct follow *
follow_new(const struct follow_plan *plan)
{
	struct follow *follow = calloc(1, sizeof(*follow));
	if (!follow)
		abort();
	follow->plan = *plan;
	if (!plan->watched_ms)
		follow->plan.watched_ms = plan->started_ms;
	follow->plan.name = arena_strdup(&follow->memory, plan->name);
	follow->plan.deployment_id = arena_strdup(&follow->memory, plan->deployment_id);
	follow->plan.previous_id = arena_strdup(&follow->memory, plan->previous_id);
	follow->plan.environment = arena_strdup(&follow->memory, plan->environment);
	follow->plan.system = arena_strdup(&follow->memory, plan->system);
	for (size_t i = 0; i < OBSERVED_KINDS; i++)
		follow->objects[i] = json_object();
	follow->gone = json_object();
	follow->logs = json_object();
	follow->present = json_object();
	follow->pull_messages = json_object();
	follow->log_wishes = json_object();
	follow->log_restarts = json_object();
	follow->reread_ms = follow->doubt_ms = -1;
	follow->now = (struct deployment){.phase = "starting", .reason = "", .started_ms = plan->started_ms};
	follow->now.progress.waiting_for = "";
	return follow;
}

void
follow_free(struct follow *follow)
{
	if (!follow)
		return;
	for (size_t i = 0; i < OBSERVED_KINDS; i++)
		json_decref(follow->objects[i]);
	json_decref(follow->gone);
	json_decref(follow->logs);
	json_decref(follow->present);
	json_decref(follow->pull_messages);
	json_decref(follow->log_wishes);
	json_decref(follow->log_restarts);
	arena_release(&follow->scratch[0]);
	arena_release(&follow->scratch[1]);
	arena_release(&follow->memory);
	free(follow);
}

const struct deployment *
follow_deployment(const struct follow *follow)
{
	return &follow->now;
}

void
follow_note(struct follow *follow, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *note = arena_vprintf(follow_scratch(follow), format, args);
	va_end(args);
	for (size_t i = 0; i < follow->n_notes; i++)
		if (!strcmp(follow->notes[i], note))
			return;
	if (follow->n_notes < NOTES_MAX)
		follow->notes[follow->n_notes++] = arena_strdup(&follow->memory, note);
}

/* ---- intake ---- */

/* Versions are told in the order the server gives them; one that comes late is passed over. */
static bool
is_older(const json_t *object, const json_t *known)
{
	unsigned long long version = strtoull(object_word(object, "metadata.resourceVersion"), NULL, 10);
	return known && version < strtoull(object_word(known, "metadata.resourceVersion"), NULL, 10);
}

/* The kubelet forgets why a pull failed ("Back-off pulling image"); we do not. */
static void
keep_pull_messages(struct follow *follow, const json_t *pod)
{
	static const char *const lists[] = {"status.containerStatuses", "status.initContainerStatuses"};
	const json_t *status;
	size_t i;
	for (size_t list = 0; list < array_length(lists); list++)
		json_array_foreach(json_at(pod, lists[list]), i, status) {
			const char *message = object_word(status, "state.waiting.message");
			if (strcmp(object_word(status, "state.waiting.reason"), "ErrImagePull") || !*message)
				continue;
			char key[600];
			snprintf(key, sizeof(key), "%s/%s", object_name(pod), object_word(status, "name"));
			json_object_set_new(follow->pull_messages, key, json_string(message));
		}
}

void
follow_object(struct follow *follow, enum observed kind, const json_t *object)
{
	const char *uid = object_uid(object);
	if (!*uid || json_object_get(follow->gone, uid) ||
	    is_older(object, json_object_get(follow->objects[kind], uid)))
		return;
	json_object_set(follow->objects[kind], uid, (json_t *)(uintptr_t)object);
	if (kind == OBSERVED_POD)
		keep_pull_messages(follow, object);
	if (kind == OBSERVED_APPLICATION)
		follow->is_application_gone = false;
}

void
follow_gone(struct follow *follow, enum observed kind, const json_t *object)
{
	const char *uid = object_uid(object);
	json_object_set_new(follow->gone, uid, json_true());
	json_object_del(follow->objects[kind], uid);
	if (kind == OBSERVED_APPLICATION && !json_object_size(follow->objects[kind]))
		follow->is_application_gone = true;
}

/* Logs may hold any bytes; JSON text may not. */
static json_t *
json_string_of_bytes(const char *bytes, struct arena *arena)
{
	json_t *text = json_string(bytes);
	if (text)
		return text;
	char *ascii = arena_strdup(arena, bytes);
	for (char *at = ascii; *at; at++)
		if (*at & 0x80)
			*at = '?';
	return json_string(ascii);
}

void
follow_log(struct follow *follow, const char *pod, const char *container, const char *lines)
{
	char key[600];
	snprintf(key, sizeof(key), "%s/%s", pod, container);
	json_object_set(follow->log_restarts, key, json_object_get(follow->log_wishes, key));
	/* A run that has just begun has said nothing yet; what an earlier one said stays. */
	if (*lines || !json_object_get(follow->logs, key))
		json_object_set_new(follow->logs, key, json_string_of_bytes(lines, follow_scratch(follow)));
}

void
follow_present(struct follow *follow, const char *kind, const char *name, bool is_present)
{
	char key[400];
	snprintf(key, sizeof(key), "%s/%s", kind, name);
	json_object_set_new(follow->present, key, json_boolean(is_present));
}

void
follow_reread(struct follow *follow, int64_t at_ms)
{
	if (at_ms > follow->reread_ms)
		follow->reread_ms = at_ms;
}

void
follow_operator(struct follow *follow, const char *line)
{
	follow->operator_line = arena_strdup(&follow->memory, line);
}

void
follow_lost(struct follow *follow, int64_t at_ms, const struct error *trouble)
{
	if (!follow->is_lost)
		follow->lost_ms = at_ms;
	follow->is_lost = true;
	follow->trouble = *trouble;
}

void
follow_back(struct follow *follow, int64_t at_ms)
{
	(void)at_ms;
	if (follow->is_lost_told)
		follow_note(follow, "the connection to the cluster is back");
	follow->is_lost = follow->is_lost_told = false;
}

void
follow_blind(struct follow *follow, const struct error *trouble)
{
	follow->is_blind = true;
	follow->blindness = *trouble;
}

/* ---- as JSON ---- */

const char *
follow_outcome_name(enum follow_outcome outcome)
{
	static const char *const names[] = {"running", "succeeded", "failed", "stopped", "timed-out"};
	return names[outcome];
}

static json_t *
texts_to_json(const char *const *texts, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(texts[i]));
	return list;
}

json_t *
deployment_to_json(const struct deployment *deployment)
{
	const struct rollout_progress *progress = &deployment->progress;
	json_t *findings = json_array();
	for (size_t i = 0; i < deployment->findings.count; i++)
		json_array_append_new(findings, finding_to_json(&deployment->findings.items[i]));
	json_t *counts = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "desired", progress->desired, "updated",
	                           progress->updated, "ready", progress->ready, "available",
	                           progress->available, "old", progress->old, "restarts", progress->restarts);
	return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:o, s:b, s:I, s:o, s:o, s:o}", "outcome",
	                 follow_outcome_name(deployment->outcome), "phase", deployment->phase, "operator",
	                 operator_word_name(deployment->operator), "rollout",
	                 rollout_word_name(deployment->rollout), "reason",
	                 deployment->outcome == OUTCOME_NONE ? NULL : deployment->reason, "replicas", counts,
	                 "previous_release_serves", deployment->old_serves, "seconds",
	                 (json_int_t)((deployment->now_ms - deployment->started_ms) / 1000), "findings",
	                 findings, "notes", texts_to_json(deployment->notes, deployment->n_notes),
	                 "operator_errors",
	                 texts_to_json(deployment->operator_lines, deployment->n_operator_lines));
}

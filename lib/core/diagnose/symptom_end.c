/* How a container ended last: its exit, and who or what made it end. */
#include "core/diagnose/symptom.h"

#include <string.h>

#include "core/diagnose/object.h"

/* While a container waits or runs again, its end stands in lastState. */
static const json_t *
last_end(const json_t *status)
{
	const json_t *ended = json_at(status, "state.terminated");
	return ended ? ended : json_at(status, "lastState.terminated");
}

static const char *
log_of(const struct rollout_objects *objects, const json_t *pod, const char *container,
       struct arena *arena)
{
	const char *log = json_string_value(json_object_get(
		objects->logs, arena_printf(arena, "%s/%s", object_name(pod), container)));
	return log ? log : "";
}

/* An end that a probe or hook brought about is told as theirs, not as a crash. */
static const json_t *
killer(const struct rollout_objects *objects, const json_t *pod, const char *container,
       const json_t *ended, const char **ret_reason)
{
	static const struct { const char *reasons, *text, *reason; } killers[] = {
		{"FailedPostStartHook", NULL, "FailedPostStartHook"},
		{"Killing", "startup probe", "KilledByStartup"},
		{"Killing", "liveness probe", "KilledByLiveness"},
	};
	for (size_t i = 0; i < array_length(killers); i++) {
		const json_t *event = event_find(objects, pod, killers[i].reasons, killers[i].text, container);
		if (event && event_time(event) >= object_time(ended, "startedAt")) {
			*ret_reason = killers[i].reason;
			return event;
		}
	}
	return NULL;
}

static const char *
killer_words(const struct rollout_objects *objects, const json_t *pod, const char *container,
             const char *reason, const json_t *killing)
{
	const char *text = !strcmp(reason, "KilledByStartup")    ? "Startup probe failed"
	                   : !strcmp(reason, "KilledByLiveness") ? "Liveness probe failed"
	                                                         : NULL;
	const json_t *event = text ? event_find(objects, pod, "Unhealthy", text, container) : NULL;
	const char *message = object_word(event ? event : killing, "message");
	return event && strlen(message) > strlen(text) + 2 ? message + strlen(text) + 2 : message;
}

bool
symptom_of_end(const struct rollout_objects *objects, const json_t *pod, const json_t *status,
               bool is_init, struct symptoms *ret)
{
	const json_t *ended = last_end(status);
	const char *container = object_word(status, "name");
	if (!ended)
		return false;
	struct symptom *symptom = symptoms_add(ret, is_init ? PLACE_INIT_ENDED : PLACE_ENDED,
	                                       object_word(ended, "reason"), object_word(ended, "message"));
	symptom->pod = pod;
	symptom->container = container;
	symptom->exit_code = object_int(ended, "exitCode");
	symptom->restarts = object_int(status, "restartCount");
	symptom->at_ms = object_time(ended, "finishedAt");
	symptom->where = arena_printf(ret->arena, "pods/%s", object_name(pod));
	symptom->how = ended == json_at(status, "state.terminated") ? "state.terminated"
	                                                             : "lastState.terminated";
	const char *reason = NULL;
	const json_t *killing = strcmp(symptom->reason, "OOMKilled")
	                                ? killer(objects, pod, container, ended, &reason)
	                                : NULL;
	if (killing) {
		symptom->reason = reason;
		symptom->message = killer_words(objects, pod, container, reason, killing);
	} else if (text_has_any(symptom->message, "exec format error") ||
	           text_has_any(log_of(objects, pod, container, ret->arena), "exec format error")) {
		symptom->reason = "ExecFormatError";
	}
	return true;
}

/* Small questions asked of events, words and probes while symptoms are gathered. */
#include "core/diagnose/symptom.h"

#include <string.h>

#include "core/diagnose/object.h"

bool
words_have(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = words; length && at; at = strchr(at, '|')) {
		at += *at == '|';
		if (strcspn(at, "|") == length && !strncmp(at, word, length))
			return true;
	}
	return false;
}

bool
text_has_any(const char *text, const char *needles)
{
	char needle[80];
	for (const char *at = needles; *at;) {
		size_t length = strcspn(at, "|");
		if (length < sizeof(needle)) {
			memcpy(needle, at, length);
			needle[length] = 0;
			if (strcasestr(text, needle))
				return true;
		}
		at += length + (at[length] == '|');
	}
	return false;
}

static bool
is_about_container(const json_t *event, const char *container)
{
	/* "spec.containers{app}" */
	const char *path = object_word(event, "involvedObject.fieldPath");
	const char *open = strchr(path, '{');
	size_t length = strlen(container);
	return open && !strncmp(open + 1, container, length) && open[1 + length] == '}';
}

const json_t *
event_find(const struct rollout_objects *objects, const json_t *object, const char *reasons,
           const char *text, const char *container)
{
	const json_t *event, *newest = NULL;
	const char *key, *uid = object_uid(object);
	json_object_foreach((json_t *)(uintptr_t)objects->events, key, event) {
		if (strcmp(object_word(event, "involvedObject.uid"), uid) ||
		    !words_have(reasons, object_word(event, "reason")) ||
		    (text && !strcasestr(object_word(event, "message"), text)) ||
		    (container && !is_about_container(event, container)) ||
		    event_time(event) < objects->since_ms)
			continue;
		if (!newest || event_time(event) > event_time(newest))
			newest = event;
	}
	return newest;
}

const char *
probe_describe(const json_t *container, const char *probe, struct arena *arena)
{
	const json_t *spec = json_at(container, probe);
	const char *kind = json_at(spec, "httpGet") ? "httpGet" : "tcpSocket";
	const json_t *port = json_at(json_at(spec, kind), "port");
	if (json_at(spec, "exec"))
		return "its command";
	if (!port)
		return "probe";
	const char *name = json_is_string(port) ? json_string_value(port)
	                                        : arena_printf(arena, "%lld", (long long)json_integer_value(port));
	if (json_at(spec, "httpGet"))
		return arena_printf(arena, "GET :%s%s", name, object_word(spec, "httpGet.path"));
	return arena_printf(arena, "TCP :%s", name);
}

/* Longest time the startup probe gives, in seconds; 0 without one. */
static int64_t
startup_seconds(const json_t *container)
{
	const json_t *startup = json_at(container, "startupProbe");
	if (!startup)
		return 0;
	return object_int(startup, "initialDelaySeconds") +
	       json_int_at(startup, "failureThreshold", 3) * json_int_at(startup, "periodSeconds", 10);
}

int64_t
probe_readiness_window_ms(const json_t *container)
{
	const json_t *readiness = json_at(container, "readinessProbe");
	int64_t period = json_int_at(readiness, "periodSeconds", 10);
	int64_t timeout = json_int_at(readiness, "timeoutSeconds", 1);
	int64_t failures = json_int_at(readiness, "failureThreshold", 3);
	int64_t successes = json_int_at(readiness, "successThreshold", 1);
	int64_t delay = period + object_int(readiness, "initialDelaySeconds");
	int64_t startup = startup_seconds(container);
	if (!readiness || failures <= 1)
		return 0;
	if (startup)
		delay = startup > delay ? period : delay - startup;
	int64_t seconds = delay + timeout + (failures + successes - 3) * period + period / 2 + timeout;
	return seconds > 0 ? seconds * 1000 : 0;
}

/* Events as client-go's recorder writes them: repeated ones are counted, not added. */
#include <stdio.h>
#include <string.h>

#include "sandbox/world/parts.h"

static const char *const api_versions[KIND_COUNT] = {
#define _(constant, api_version, kind) api_version,
	WORLD_KINDS(_)
#undef _
};
static const char *const kind_names[KIND_COUNT] = {
#define _(constant, api_version, kind) kind,
	WORLD_KINDS(_)
#undef _
};

/* The same for the same event, so that its count is found again. */
static uint64_t
digest_of(const struct world_event *event, const char *message)
{
	const char *texts[] = {item_uid(event->about), event->reason, event->field_path, message};
	uint64_t hash = 14695981039346656037u;
	for (size_t i = 0; i < array_length(texts); i++) {
		for (const char *c = texts[i]; *c; c++)
			hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	}
	return hash;
}

static json_t *
involved_object(const struct world_event *event)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "kind", kind_names[event->kind],
	                           "namespace", item_namespace(event->about), "name",
	                           item_name(event->about), "uid", item_uid(event->about),
	                           "apiVersion", api_versions[event->kind], "resourceVersion",
	                           item_text(event->about, "metadata/resourceVersion"));
	if (*event->field_path)
		json_object_set_new(object, "fieldPath", json_string(event->field_path));
	return object;
}

/* The scheduler uses events.k8s.io/v1: eventTime, an action, and no first or last timestamp. */
static void
set_times(json_t *event, const char *component)
{
	if (!strcmp(component, "default-scheduler")) {
		item_set(event, "eventTime", item_now_micro());
		item_set(event, "firstTimestamp", json_null());
		item_set(event, "lastTimestamp", json_null());
		item_set_text(event, "action",
		                strcmp(item_text(event, "reason"), "Scheduled") ? "Scheduling" : "Binding");
		item_set_text(event, "reportingInstance", "default-scheduler-control-plane");
		item_set(event, "source", json_object());
		return;
	}
	item_set(event, "eventTime", json_null());
	item_set(event, "firstTimestamp", item_now());
	item_set(event, "lastTimestamp", item_now());
	item_set_integer(event, "count", 1);
}

static json_t *
new_event(const struct world_event *event, const char *name, const char *message)
{
	const char *namespace = item_namespace(event->about);
	json_t *made = json_pack("{s:{s:s, s:s}, s:o, s:s, s:s, s:s, s:s, s:s, s:{s:s}}", "metadata",
	                         "name", name, "namespace", *namespace ? namespace : "default",
	                         "involvedObject", involved_object(event), "reason", event->reason,
	                         "message", message, "type", event->type, "reportingComponent",
	                         event->component, "reportingInstance", event->host, "source",
	                         "component", event->component);
	if (*event->host)
		item_set_text(made, "source/host", event->host);
	set_times(made, event->component);
	return made;
}

/* Once more: the count rises; the scheduler's go into a series. */
static json_t *
counted_event(const json_t *old)
{
	json_t *event = world_copy(old);
	if (json_is_null(item_at(event, "lastTimestamp"))) {
		int64_t count = item_integer(event, "series/count", 1);
		item_set(event, "series", json_pack("{s:I, s:o}", "count", (json_int_t)count + 1,
		                                      "lastObservedTime", item_now_micro()));
		return event;
	}
	item_set(event, "lastTimestamp", item_now());
	item_set_integer(event, "count", item_integer(event, "count", 1) + 1);
	return event;
}

void
world_record_event(struct world *world, const struct world_event *event, const char *format, ...)
{
	enum { MESSAGE_MAX = 1024 };
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	va_list args;
	va_start(args, format);
	buf_vprintf(&message, format, args);
	va_end(args);
	char name[340];
	snprintf(name, sizeof(name), "%.230s.%016llx", item_name(event->about),
	         (unsigned long long)digest_of(event, message.bytes));
	const char *namespace = item_namespace(event->about);
	const json_t *old = world_get(world, KIND_EVENT, *namespace ? namespace : "default", name);
	world_put(world, KIND_EVENT, old ? counted_event(old) : new_event(event, name, message.bytes));
}

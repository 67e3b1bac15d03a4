#include "core/diagnose/object.h"

#include <string.h>

#include "base/clock.h"

const char *
object_word(const json_t *object, const char *path)
{
	return json_text_or(object, path, "");
}

int64_t
object_int(const json_t *object, const char *path)
{
	return json_int_at(object, path, 0);
}

bool
object_is_true(const json_t *object, const char *path)
{
	return json_bool_at(object, path, false);
}

int64_t
object_time(const json_t *object, const char *path)
{
	const char *text = json_text_at(object, path);
	return text ? clock_parse_ms(text) : -1;
}

const char *
object_name(const json_t *object)
{
	return object_word(object, "metadata.name");
}

const char *
object_uid(const json_t *object)
{
	return object_word(object, "metadata.uid");
}

const char *
object_label(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(json_at(object, "metadata.labels"), key));
}

const char *
object_annotation(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(json_at(object, "metadata.annotations"), key));
}

bool
object_is_leaving(const json_t *object)
{
	return json_text_at(object, "metadata.deletionTimestamp") != NULL;
}

bool
object_is_controlled_by(const json_t *object, const char *uid)
{
	const json_t *owner;
	size_t i;
	json_array_foreach(json_at(object, "metadata.ownerReferences"), i, owner)
		if (object_is_true(owner, "controller") && *uid && !strcmp(object_word(owner, "uid"), uid))
			return true;
	return false;
}

const json_t *
object_condition(const json_t *object, const char *type)
{
	const json_t *condition;
	size_t i;
	json_array_foreach(json_at(object, "status.conditions"), i, condition)
		if (!strcmp(object_word(condition, "type"), type))
			return condition;
	return NULL;
}

bool
object_has_condition(const json_t *object, const char *type, const char *status)
{
	return !strcmp(object_word(object_condition(object, type), "status"), status);
}

int64_t
event_time(const json_t *event)
{
	static const char *const paths[] = {"series.lastObservedTime", "lastTimestamp", "eventTime",
	                                    "firstTimestamp", "metadata.creationTimestamp"};
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int64_t at = object_time(event, paths[i]);
		if (at >= 0)
			return at;
	}
	return -1;
}

int64_t
event_count(const json_t *event)
{
	int64_t count = object_int(event, "series.count");
	if (count < 1)
		count = object_int(event, "count");
	return count < 1 ? 1 : count;
}

const char *
object_main_image(const json_t *owner, const char *name)
{
	const json_t *containers = json_list_at(owner, "spec.template.spec.containers"), *container;
	size_t i;
	json_array_foreach (containers, i, container)
		if (strcmp(json_text_or(container, "name", ""), name) == 0)
			return json_text_or(container, "image", "");
	return json_text_or(json_array_get(containers, 0), "image", "");
}

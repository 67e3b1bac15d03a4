#include "sandbox/world/item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { KEY_BYTES = 64 };

/* The first part of `path` in `ret`; returns what follows its slash, NULL at the last. */
static const char *
first_key(const char *path, char ret[static KEY_BYTES])
{
	const char *slash = strchr(path, '/');
	snprintf(ret, KEY_BYTES, "%.*s", (int)(slash ? (size_t)(slash - path) : strlen(path)), path);
	return slash ? slash + 1 : NULL;
}

json_t *
item_at(const json_t *object, const char *path)
{
	char key[KEY_BYTES];
	json_t *found = NULL;
	while (path) {
		path = first_key(path, key);
		object = found = json_object_get(object, key);
	}
	return found;
}

const char *
item_text(const json_t *object, const char *path)
{
	const char *text = json_string_value(item_at(object, path));
	return text ? text : "";
}

int64_t
item_integer(const json_t *object, const char *path, int64_t otherwise)
{
	const json_t *value = item_at(object, path);
	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

bool
item_flag(const json_t *object, const char *path)
{
	return json_is_true(item_at(object, path));
}

const char *
item_name(const json_t *object)
{
	return item_text(object, "metadata/name");
}

const char *
item_namespace(const json_t *object)
{
	return item_text(object, "metadata/namespace");
}

const char *
item_uid(const json_t *object)
{
	return item_text(object, "metadata/uid");
}

const char *
item_label(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(item_at(object, "metadata/labels"), key));
	return text ? text : "";
}

const char *
item_annotation(const json_t *object, const char *key)
{
	const json_t *annotations = item_at(object, "metadata/annotations");
	const char *text = json_string_value(json_object_get(annotations, key));
	return text ? text : "";
}

int64_t
item_time_ms(const json_t *object, const char *path)
{
	const char *text = item_text(object, path);
	return *text ? clock_parse_ms(text) : -1;
}

bool
item_is_terminating(const json_t *object)
{
	return *item_text(object, "metadata/deletionTimestamp");
}

const char *
item_controller_uid(const json_t *object)
{
	size_t i;
	json_t *owner;
	json_array_foreach(item_at(object, "metadata/ownerReferences"), i, owner) {
		if (item_flag(owner, "controller"))
			return item_text(owner, "uid");
	}
	return "";
}

bool
item_is_controlled_by(const json_t *object, const char *uid)
{
	return *uid && !strcmp(item_controller_uid(object), uid);
}

bool
item_matches(json_t *match_labels, const json_t *labels)
{
	if (!json_object_size(match_labels))
		return false;
	const char *key;
	json_t *value;
	json_object_foreach(match_labels, key, value) {
		if (!json_equal(value, json_object_get(labels, key)))
			return false;
	}
	return true;
}

void
item_set(json_t *object, const char *path, json_t *value)
{
	char key[KEY_BYTES];
	for (const char *rest; (rest = first_key(path, key)); path = rest) {
		json_t *next = json_object_get(object, key);
		if (!json_is_object(next)) {
			next = json_object();
			json_object_set_new(object, key, next);
		}
		object = next;
	}
	json_object_set_new(object, path, value);
}

void
item_set_text(json_t *object, const char *path, const char *value)
{
	item_set(object, path, json_string(value));
}

void
item_set_integer(json_t *object, const char *path, int64_t value)
{
	item_set(object, path, json_integer(value));
}

void
item_set_count(json_t *object, const char *path, int64_t value)
{
	const char *slash = strrchr(path, '/');
	if (value) {
		item_set_integer(object, path, value);
	} else if (slash) {
		char parent[KEY_BYTES];
		snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
		json_object_del(item_at(object, parent), slash + 1);
	}
}

static void
set_in_metadata(json_t *object, const char *map, const char *key, const char *value)
{
	if (!json_is_object(item_at(object, map)))
		item_set(object, map, json_object());
	json_object_set_new(item_at(object, map), key, json_string(value));
}

void
item_set_label(json_t *object, const char *key, const char *value)
{
	set_in_metadata(object, "metadata/labels", key, value);
}

void
item_set_annotation(json_t *object, const char *key, const char *value)
{
	set_in_metadata(object, "metadata/annotations", key, value);
}

json_t *
item_owner_reference(const json_t *owner, const char *api_version, const char *kind)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "apiVersion", api_version, "kind", kind,
	                 "name", item_name(owner), "uid", item_uid(owner), "controller", 1,
	                 "blockOwnerDeletion", 1);
}

json_t *
item_owner_references(const json_t *owner, const char *api_version, const char *kind)
{
	return json_pack("[o]", item_owner_reference(owner, api_version, kind));
}

json_t *
item_find(const json_t *list, const char *key, const char *text)
{
	size_t i;
	json_t *item;
	json_array_foreach(list, i, item) {
		if (!strcmp(item_text(item, key), text))
			return item;
	}
	return NULL;
}

json_t *
item_condition(const json_t *object, const char *type)
{
	return item_find(item_at(object, "status/conditions"), "type", type);
}

bool
item_condition_is(const json_t *object, const char *type, const char *status)
{
	const json_t *condition = item_condition(object, type);
	return condition && !strcmp(item_text(condition, "status"), status);
}

static void
set_or_remove(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
	else
		json_object_del(object, key);
}

void
item_condition_set(json_t *object, const char *type, const char *status, const char *reason,
                     const char *message, bool with_update_time)
{
	json_t *condition = item_condition(object, type);
	if (!condition) {
		if (!json_is_array(item_at(object, "status/conditions")))
			item_set(object, "status/conditions", json_array());
		condition = json_pack("{s:s}", "type", type);
		json_array_append_new(item_at(object, "status/conditions"), condition);
	}
	if (strcmp(item_text(condition, "status"), status) != 0)
		json_object_set_new(condition, "lastTransitionTime", item_now());
	if (with_update_time)
		json_object_set_new(condition, "lastUpdateTime", item_now());
	json_object_set_new(condition, "status", json_string(status));
	set_or_remove(condition, "reason", reason);
	set_or_remove(condition, "message", message);
}

void
item_condition_remove(json_t *object, const char *type)
{
	json_t *conditions = item_at(object, "status/conditions");
	for (size_t i = json_array_size(conditions); i-- > 0;) {
		if (!strcmp(item_text(json_array_get(conditions, i), "type"), type))
			json_array_remove(conditions, i);
	}
}

json_t *
item_now(void)
{
	char text[CLOCK_TEXT_BYTES];
	return json_string(clock_format(clock_wall_ms(), text));
}

json_t *
item_now_micro(void)
{
	char text[CLOCK_TEXT_BYTES];
	int64_t now_ms = clock_wall_ms();
	clock_format(now_ms, text);
	return json_sprintf("%.19s.%03d000Z", text, (int)(now_ms % 1000));
}

int64_t
item_share(const json_t *amount, int64_t total, bool round_up, int64_t otherwise)
{
	if (json_is_integer(amount))
		return json_integer_value(amount);
	const char *text = json_string_value(amount);
	if (!text)
		return otherwise;
	int64_t percent = strtoll(text, NULL, 10);
	return (percent * total + (round_up ? 99 : 0)) / 100;
}

int64_t
item_quantity_milli(const json_t *quantity)
{
	static const struct {
		const char *suffix;
		double factor;
	} units[] = {
		{"m", 1e-3}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"P", 1e15}, {"E", 1e18},
		{"Ki", 0x1p10}, {"Mi", 0x1p20}, {"Gi", 0x1p30}, {"Ti", 0x1p40}, {"Pi", 0x1p50}, {"Ei", 0x1p60},
	};
	if (json_is_number(quantity))
		return (int64_t)(json_number_value(quantity) * 1000);
	const char *text = json_string_value(quantity);
	if (!text)
		return 0;
	char *suffix;
	double value = strtod(text, &suffix);
	for (size_t i = 0; i < array_length(units); i++) {
		if (!strcmp(suffix, units[i].suffix))
			value *= units[i].factor;
	}
	return value > 9e15 ? INT64_MAX : (int64_t)(value * 1000 + 0.5);
}

#include "sandbox/kubernetes/field_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "sandbox/kubernetes/schema.h"
#include "sandbox/kubernetes/tree.h"

enum { PATH_MAX_BYTES = 4096 };

static bool
is_member(const json_t *node)
{
	return json_object_get(node, ".") != NULL;
}

static void
make_member(json_t *node)
{
	json_object_set_new(node, ".", json_object());
}

/* Adds the child unless it holds nothing; steals it. */
static void
put_child(json_t *set, const char *element, json_t *child)
{
	if (json_object_size(child) > 0)
		json_object_set_new(set, element, child);
	else
		json_decref(child);
}

/* ---- FieldsV1 ---- */

json_t *
field_set_from_v1(const json_t *fields)
{
	json_t *set = json_object();
	const char *element;
	json_t *child;
	json_object_foreach (tree_loose(fields), element, child) {
		json_t *node = strcmp(element, ".") == 0 ? json_object() : field_set_from_v1(child);
		if (strcmp(element, ".") != 0 && json_object_size(child) == 0)
			make_member(node);
		json_object_set_new(set, element, node);
	}
	return set;
}

json_t *
field_set_to_v1(const json_t *set)
{
	json_t *fields = json_object();
	const char *element;
	json_t *child;
	json_object_foreach (tree_loose(set), element, child) {
		bool is_lone = json_object_size(child) == 1 && is_member(child);
		json_object_set_new(fields, element, is_lone ? json_object() : field_set_to_v1(child));
	}
	return fields;
}

/* ---- elements ---- */

static json_t *
text_of(const char *prefix, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
	json_t *element = json_sprintf("%s%s", prefix, text);
	free(text);
	return element;
}

static json_t *
field_element(const char *name)
{
	return json_sprintf("f:%s", name);
}

static json_t *
item_element(const struct schema *schema, const json_t *item)
{
	if (schema->kind == SCHEMA_SET)
		return text_of("v:", item);
	scoped(tree_release) json_t *key = schema_item_key(schema, item);
	return text_of("k:", key);
}

/* ---- sets of values ---- */

static bool
is_ownable(const struct place *place)
{
	static const char *const top[] = {"apiVersion", "kind"};
	static const char *const metadata[] = {
		"name", "namespace", "generateName", "uid", "resourceVersion", "generation",
		"creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink",
		"managedFields"};
	bool is_top = place->up != NULL && place->up->up == NULL;
	bool is_metadata = !is_top && place->up != NULL && place->up->field != NULL &&
	                   place->up->up != NULL && place->up->up->up == NULL &&
	                   strcmp(place->up->field, "metadata") == 0;
	const char *const *names = is_top ? top : metadata;
	size_t n = is_top ? array_length(top) : is_metadata ? array_length(metadata) : 0;
	for (size_t i = 0; i < n; i++)
		if (place->field != NULL && strcmp(place->field, names[i]) == 0)
			return false;
	return true;
}

static json_t *value_set(const struct place *place, const json_t *value);

static void
add_field_sets(json_t *set, const struct place *place, const json_t *value)
{
	const char *name;
	json_t *child;
	json_object_foreach (tree_loose(value), name, child) {
		struct place below = {place, name, place->resource};
		if (!is_ownable(&below) || json_is_null(child))
			continue;
		scoped(tree_release) json_t *element = field_element(name);
		put_child(set, json_string_value(element), value_set(&below, child));
	}
}

static void
add_item_sets(json_t *set, const struct place *place, const struct schema *schema, const json_t *value)
{
	size_t i;
	json_t *item;
	json_array_foreach (value, i, item) {
		struct place below = {place, NULL, place->resource};
		scoped(tree_release) json_t *element = item_element(schema, item);
		json_t *node = schema->kind == SCHEMA_SET ? json_object() : value_set(&below, item);
		make_member(node);
		put_child(set, json_string_value(element), node);
	}
}

static json_t *
value_set(const struct place *place, const json_t *value)
{
	json_t *set = json_object();
	struct schema schema = schema_of(place, value);
	if (schema.kind == SCHEMA_MAP)
		add_field_sets(set, place, value);
	else if (schema.kind != SCHEMA_WHOLE)
		add_item_sets(set, place, &schema, value);
	bool is_empty = json_object_size(value) == 0 && json_array_size(value) == 0;
	if (schema.kind == SCHEMA_WHOLE || (is_empty && place->up != NULL))
		make_member(set);
	return set;
}

json_t *
field_set_of(const struct resource *resource, const json_t *object)
{
	return value_set(&(struct place){NULL, NULL, resource}, object);
}

/* ---- comparing ---- */

static void compare(const struct place *place, const json_t *before, const json_t *after,
                    json_t *changed, json_t *removed);

/* Compares what stands under one element, either side may be absent. */
static void
compare_below(const struct place *below, const char *element, const json_t *before,
              const json_t *after, json_t *changed, json_t *removed)
{
	json_t *child_changed = json_object(), *child_removed = json_object();
	if (json_is_null(before))
		before = NULL;
	if (json_is_null(after))
		after = NULL;
	if (before == NULL && after != NULL) {
		json_decref(child_changed);
		child_changed = value_set(below, after);
	} else if (before != NULL && after == NULL) {
		json_decref(child_removed);
		child_removed = value_set(below, before);
	} else if (before != NULL) {
		compare(below, before, after, child_changed, child_removed);
	}
	if (below->field == NULL && before == NULL && after != NULL)
		make_member(child_changed);
	if (below->field == NULL && before != NULL && after == NULL)
		make_member(child_removed);
	put_child(changed, element, child_changed);
	put_child(removed, element, child_removed);
}

static void
compare_maps(const struct place *place, const json_t *before, const json_t *after, json_t *changed,
             json_t *removed)
{
	scoped(tree_release) json_t *names = json_object();
	const char *name;
	json_t *value;
	json_object_update_missing(names, tree_loose(before));
	json_object_update_missing(names, tree_loose(after));
	json_object_foreach (names, name, value) {
		struct place below = {place, name, place->resource};
		scoped(tree_release) json_t *element = field_element(name);
		if (is_ownable(&below))
			compare_below(&below, json_string_value(element), json_object_get(before, name),
			              json_object_get(after, name), changed, removed);
	}
}

/* One direction at a time: items of `list` against their fellows in `other`. */
static void
compare_items(const struct place *place, const struct schema *schema, const json_t *list,
              const json_t *other, bool list_is_before, json_t *changed, json_t *removed)
{
	struct place below = {place, NULL, place->resource};
	size_t i;
	json_t *item;
	json_array_foreach (list, i, item) {
		scoped(tree_release) json_t *element = item_element(schema, item);
		scoped(tree_release) json_t *key = schema_item_key(schema, item);
		const json_t *fellow = json_array_get(other, schema_find_item(schema, other, key));
		if (fellow != NULL && !list_is_before)
			continue; /* compared on the way there */
		compare_below(&below, json_string_value(element), list_is_before ? item : fellow,
		              list_is_before ? fellow : item, changed, removed);
	}
}

static void
compare(const struct place *place, const json_t *before, const json_t *after, json_t *changed,
        json_t *removed)
{
	struct schema schema = schema_of(place, after), was = schema_of(place, before);
	if (json_equal(before, after))
		return;
	if (schema.kind == SCHEMA_MAP && was.kind == SCHEMA_MAP) {
		compare_maps(place, before, after, changed, removed);
	} else if (schema.kind == SCHEMA_LIST && was.kind == SCHEMA_LIST) {
		compare_items(place, &schema, before, after, true, changed, removed);
		compare_items(place, &schema, after, before, false, changed, removed);
	} else if (schema.kind == SCHEMA_SET && was.kind == SCHEMA_SET) {
		scoped(tree_release) json_t *old = value_set(place, before), *new = value_set(place, after);
		scoped(tree_release) json_t *more = field_set_minus(new, old), *less = field_set_minus(old, new);
		json_object_update(changed, more);
		json_object_update(removed, less);
	} else {
		make_member(changed);
	}
}

void
field_set_compare(const struct resource *resource, const json_t *before, const json_t *after,
                  json_t **ret_changed, json_t **ret_removed)
{
	*ret_changed = json_object();
	*ret_removed = json_object();
	compare(&(struct place){NULL, NULL, resource}, before, after, *ret_changed, *ret_removed);
}

/* ---- arithmetic ---- */

json_t *
field_set_union(const json_t *a, const json_t *b)
{
	json_t *set = json_deep_copy(a);
	json_object_update_recursive(set, tree_loose(b));
	return set;
}

json_t *
field_set_minus(const json_t *a, const json_t *b)
{
	json_t *set = json_object();
	const char *element;
	json_t *child;
	json_object_foreach (tree_loose(a), element, child) {
		const json_t *other = json_object_get(b, element);
		if (other == NULL)
			json_object_set_new(set, element, json_deep_copy(child));
		else if (strcmp(element, ".") != 0)
			put_child(set, element, field_set_minus(child, other));
	}
	return set;
}

json_t *
field_set_common(const json_t *a, const json_t *b)
{
	json_t *set = json_object();
	const char *element;
	json_t *child;
	json_object_foreach (tree_loose(a), element, child) {
		const json_t *other = json_object_get(b, element);
		if (other != NULL && strcmp(element, ".") == 0)
			make_member(set);
		else if (other != NULL)
			put_child(set, element, field_set_common(child, other));
	}
	return set;
}

bool
field_set_is_empty(const json_t *set)
{
	return json_object_size(set) == 0;
}

/* ---- paths ---- */

static void
print_element(struct buf *path, const char *element)
{
	const char *key;
	json_t *value;
	if (element[0] == 'f') {
		buf_printf(path, ".%s", element + 2);
	} else if (element[0] == 'v') {
		buf_printf(path, "[=%s]", element + 2);
	} else {
		scoped(tree_release) json_t *keys = json_loads(element + 2, 0, NULL);
		const char *separator = "[";
		json_object_foreach (keys, key, value) {
			scoped(tree_release) json_t *text = text_of("", value);
			buf_printf(path, "%s%s=%s", separator, key, json_string_value(text));
			separator = ",";
		}
		buf_add_char(path, ']');
	}
}

static void
each_below(const json_t *set, struct buf *path, void (*each)(void *data, const char *path),
           void *data)
{
	const char *element;
	json_t *child;
	json_object_foreach (tree_loose(set), element, child) {
		size_t length = path->length;
		if (strcmp(element, ".") == 0) {
			each(data, path->bytes);
			continue;
		}
		print_element(path, element);
		each_below(child, path, each, data);
		buf_truncate(path, length);
	}
}

void
field_set_each(const json_t *set, void (*each)(void *data, const char *path), void *data)
{
	scoped(buf_release) struct buf path = BUF_INIT(PATH_MAX_BYTES);
	each_below(set, &path, each, data);
}

/* ---- removing ---- */

static void remove_below(const struct place *place, json_t *value, const json_t *set,
                         const json_t *kept);

/* Whether the value under an element goes as a whole. */
static bool
goes_whole(const struct place *below, json_t *value, const json_t *child, const json_t *kept)
{
	if (kept == NULL && is_member(child))
		return true;
	remove_below(below, value, child, kept);
	bool is_empty = (json_is_object(value) && json_object_size(value) == 0) ||
	                (json_is_array(value) && json_array_size(value) == 0);
	return is_empty && below->up->up != NULL && !is_member(kept);
}

static bool
is_key_of_item(const struct place *place, const char *name)
{
	if (place->field != NULL || place->up == NULL)
		return false;
	scoped(tree_release) json_t *list = json_array();
	struct schema schema = schema_of(place->up, list);
	for (size_t i = 0; i < SCHEMA_KEYS_MAX && schema.keys[i] != NULL; i++)
		if (strcmp(schema.keys[i], name) == 0)
			return true;
	return false;
}

static void
remove_field(const struct place *place, json_t *map, const char *name, const json_t *child,
             const json_t *kept)
{
	struct place below = {place, name, place->resource};
	json_t *value = json_object_get(map, name);
	if (value != NULL && !is_key_of_item(place, name) && goes_whole(&below, value, child, kept))
		json_object_del(map, name);
}

static void
remove_item(const struct place *place, json_t *list, const char *element, const json_t *child,
            const json_t *kept)
{
	struct schema schema = schema_of(place, list);
	struct place below = {place, NULL, place->resource};
	size_t i;
	json_t *item;
	json_array_foreach (list, i, item) {
		scoped(tree_release) json_t *own = item_element(&schema, item);
		if (strcmp(json_string_value(own), element) != 0)
			continue;
		if (goes_whole(&below, item, child, kept))
			json_array_remove(list, i);
		return;
	}
}

static void
remove_below(const struct place *place, json_t *value, const json_t *set, const json_t *kept)
{
	const char *element;
	json_t *child;
	json_object_foreach (tree_loose(set), element, child) {
		const json_t *kept_below = json_object_get(kept, element);
		if (element[0] == 'f' && json_is_object(value))
			remove_field(place, value, element + 2, child, kept_below);
		else if (element[0] != '.' && json_is_array(value))
			remove_item(place, value, element, child, kept_below);
	}
}

void
field_set_remove_from(const struct resource *resource, json_t *object, const json_t *set,
                      const json_t *kept)
{
	remove_below(&(struct place){NULL, NULL, resource}, object, set, kept);
}

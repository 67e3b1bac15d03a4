#include "sandbox/kubernetes/patch.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "sandbox/kubernetes/schema.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/tree.h"

enum { POINTER_MAX = 1024 };

/* ---- JSON patch (RFC 6902), pointers (RFC 6901) ---- */

/* The next step of a pointer, "~1" and "~0" undone; NULL after the last. */
static const char *
next_step(const char *pointer, char step[static POINTER_MAX])
{
	size_t n = 0;
	if (*pointer != '/')
		return NULL;
	for (pointer++; *pointer != '\0' && *pointer != '/' && n < POINTER_MAX - 1; pointer++) {
		if (*pointer == '~' && (pointer[1] == '0' || pointer[1] == '1'))
			step[n++] = *++pointer == '0' ? '~' : '/';
		else
			step[n++] = *pointer;
	}
	step[n] = '\0';
	return pointer;
}

static json_t *
child_of(const json_t *parent, const char *step)
{
	char *end;
	if (!json_is_array(parent))
		return json_object_get(parent, step);
	unsigned long at = strtoul(step, &end, 10);
	return *end == '\0' && step[0] != '\0' ? json_array_get(parent, at) : NULL;
}

/* The parent of what the pointer names, and the last step; NULL when the way there is missing. */
static json_t *
walk(json_t *document, const char *pointer, char step[static POINTER_MAX])
{
	json_t *at = document;
	pointer = next_step(pointer, step);
	while (pointer != NULL && *pointer == '/' && at != NULL) {
		at = child_of(at, step);
		pointer = next_step(pointer, step);
	}
	return pointer == NULL ? NULL : at;
}

static bool
add_at(json_t *parent, const char *step, json_t *value)
{
	char *end;
	if (json_is_object(parent))
		return json_object_set(parent, step, value) == 0;
	if (strcmp(step, "-") == 0)
		return json_array_append(parent, value) == 0;
	unsigned long at = strtoul(step, &end, 10);
	return *end == '\0' && step[0] != '\0' && json_array_insert(parent, at, value) == 0;
}

static bool
remove_at(json_t *parent, const char *step)
{
	if (child_of(parent, step) == NULL)
		return false;
	return json_is_object(parent) ? json_object_del(parent, step) == 0
	                              : json_array_remove(parent, strtoul(step, NULL, 10)) == 0;
}

static bool
replace_at(json_t *parent, const char *step, json_t *value)
{
	if (child_of(parent, step) == NULL)
		return false;
	return json_is_object(parent) ? json_object_set(parent, step, value) == 0
	                              : json_array_set(parent, strtoul(step, NULL, 10), value) == 0;
}

static bool
run_operation(json_t *document, const json_t *operation)
{
	char step[POINTER_MAX], from_step[POINTER_MAX];
	const char *name = tree_text(operation, "op");
	json_t *parent = walk(document, tree_text(operation, "path"), step);
	json_t *from = walk(document, tree_text(operation, "from"), from_step);
	json_t *value = json_object_get(operation, "value");

	if (parent == NULL)
		return false;
	if (strcmp(name, "test") == 0)
		return json_equal(child_of(parent, step), value) || (value == NULL && child_of(parent, step) == NULL);
	if (strcmp(name, "remove") == 0)
		return remove_at(parent, step);
	if (strcmp(name, "copy") == 0 || strcmp(name, "move") == 0) {
		json_t *source = from == NULL ? NULL : child_of(from, from_step);
		scoped(tree_release) json_t *copy = json_deep_copy(source);
		if (copy == NULL || (name[0] == 'm' && !remove_at(from, from_step)))
			return false;
		return add_at(parent, step, copy);
	}
	scoped(tree_release) json_t *copy = json_deep_copy(value);
	if (copy == NULL)
		return false;
	if (strcmp(name, "replace") == 0)
		return replace_at(parent, step, copy);
	return strcmp(name, "add") == 0 && add_at(parent, step, copy);
}

bool
patch_json(const json_t *object, const json_t *operations, json_t **ret, json_t **ret_status)
{
	json_t *document = json_deep_copy(object), *operation;
	size_t i;
	if (!json_is_array(operations)) {
		json_decref(document);
		*ret_status = status_bad_request("a JSON patch is a list of operations");
		return false;
	}
	json_array_foreach (operations, i, operation) {
		if (run_operation(document, operation))
			continue;
		json_decref(document);
		*ret_status = status_new(422, "Invalid", NULL, NULL,
		                         "the server rejected our request due to an error in our request: "
		                         "operation %zu (%s %s) does not apply", i,
		                         tree_text(operation, "op"), tree_text(operation, "path"));
		return false;
	}
	*ret = document;
	return true;
}

/* ---- merge patch ---- */

json_t *
patch_merge(const json_t *object, const json_t *patch)
{
	const char *name;
	json_t *value;
	if (!json_is_object(patch))
		return json_deep_copy(patch);
	json_t *merged = json_is_object(object) ? json_copy(tree_loose(object)) : json_object();
	json_object_foreach (tree_loose(patch), name, value) {
		if (json_is_null(value))
			json_object_del(merged, name);
		else
			json_object_set_new(merged, name, patch_merge(json_object_get(object, name), value));
	}
	return merged;
}

/* ---- strategic merge patch ---- */

static json_t *strategic(const struct place *place, const json_t *old, const json_t *patch);

static bool
has_directive(const json_t *patch, const char *directive)
{
	return strcmp(tree_text(patch, "$patch"), directive) == 0;
}

/* Takes out of a list of scalars what $deleteFromPrimitiveList names. */
static void
delete_scalars(json_t *list, const json_t *gone)
{
	for (size_t i = json_array_size(list); i-- > 0;)
		if (tree_holds(gone, json_array_get(list, i)))
			json_array_remove(list, i);
}

static void
retain_keys(json_t *merged, const json_t *kept)
{
	void *iterator = json_object_iter(merged);
	while (iterator != NULL) {
		const char *name = json_object_iter_key(iterator);
		scoped(tree_release) json_t *key = json_string(name);
		iterator = json_object_iter_next(merged, iterator);
		if (!tree_holds(kept, key))
			json_object_del(merged, json_string_value(key));
	}
}

static void
run_directive(json_t *merged, const char *name, const json_t *value)
{
	static const char delete_prefix[] = "$deleteFromPrimitiveList/";
	if (strcmp(name, "$retainKeys") == 0)
		retain_keys(merged, value);
	else if (strncmp(name, delete_prefix, sizeof delete_prefix - 1) == 0) {
		const char *field = name + sizeof delete_prefix - 1;
		json_t *list = json_copy(json_object_get(merged, field));
		if (list != NULL) {
			delete_scalars(list, value);
			json_object_set_new(merged, field, list);
		}
	}
}

static json_t *
strategic_map(const struct place *place, const json_t *old, const json_t *patch)
{
	const char *name;
	json_t *value;
	bool is_fresh = has_directive(patch, "replace") || !json_is_object(old);
	json_t *merged = is_fresh ? json_object() : json_copy(tree_loose(old));
	json_object_foreach (tree_loose(patch), name, value) {
		struct place below = {place, name, place->resource};
		if (name[0] == '$')
			run_directive(merged, name, value);
		else if (json_is_null(value))
			json_object_del(merged, name);
		else
			json_object_set_new(merged, name,
			                    strategic(&below, is_fresh ? NULL : json_object_get(old, name), value));
	}
	return merged;
}

/* The item with the same merge key: the first of the list's keys alone. */
static size_t
find_by_merge_key(const char *merge_key, const json_t *list, const json_t *item)
{
	const json_t *wanted = json_object_get(item, merge_key);
	size_t i;
	json_t *candidate;
	json_array_foreach (list, i, candidate)
		if (wanted != NULL && json_equal(json_object_get(candidate, merge_key), wanted))
			break;
	return i;
}

static json_t *
strategic_list(const struct place *place, const struct schema *schema, const json_t *old,
               const json_t *patch)
{
	struct place below = {place, NULL, place->resource};
	bool is_fresh = false;
	size_t i;
	json_t *item;
	json_array_foreach (patch, i, item)
		is_fresh |= has_directive(item, "replace");
	json_t *merged = is_fresh || old == NULL ? json_array() : json_copy(tree_loose(old));
	json_array_foreach (patch, i, item) {
		size_t at = find_by_merge_key(schema->keys[0], merged, item);
		bool exists = at < json_array_size(merged);
		if (has_directive(item, "replace") && json_object_size(item) == 1)
			continue;
		if (has_directive(item, "delete"))
			exists ? json_array_remove(merged, at) : 0;
		else if (exists)
			json_array_set_new(merged, at, strategic(&below, json_array_get(merged, at), item));
		else
			json_array_append_new(merged, strategic(&below, NULL, item));
	}
	return merged;
}

static json_t *
strategic(const struct place *place, const json_t *old, const json_t *patch)
{
	struct schema schema = schema_of(place, patch);
	if (json_is_object(patch)) /* also maps that apply takes whole */
		return strategic_map(place, old, patch);
	if (schema.kind == SCHEMA_LIST)
		return strategic_list(place, &schema, old, patch);
	return schema.kind == SCHEMA_SET ? tree_unite(old, patch) : json_deep_copy(patch);
}

json_t *
patch_strategic(const struct resource *resource, const json_t *object, const json_t *patch)
{
	return strategic(&(struct place){NULL, NULL, resource}, object, patch);
}

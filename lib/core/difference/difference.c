#include "core/difference/difference.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/compiler.h"

enum { PATH_MAX_BYTES = 4096, FIRST_CAPACITY = 16, KEY_TEXT_BYTES = 32 };

/* jansson takes what it only reads without const. */
static json_t *
loose(const json_t *value)
{
	return (json_t *)(uintptr_t)value;
}

const char *
change_action_name(enum change_action action)
{
	static const char *const names[] = {[CHANGE_ADD] = "add", [CHANGE_REMOVE] = "remove", [CHANGE_SET] = "change"};
	return names[action];
}

/* ---- equality ---- */

static const json_t *
present(const json_t *value)
{
	return json_is_null(value) ? NULL : value;
}

static bool
is_plain(const json_t *value)
{
	return !json_is_object(value) && !json_is_array(value);
}

static bool
is_equal_plain(const json_t *before, const json_t *after)
{
	if (json_is_integer(before) && json_is_integer(after))
		return json_integer_value(before) == json_integer_value(after);
	if (json_is_number(before) && json_is_number(after))
		return json_number_value(before) == json_number_value(after);
	return json_equal(loose(before), loose(after)) != 0;
}

bool
difference_is_equal(const json_t *before, const json_t *after)
{
	scoped(arena_release) struct arena arena = {0};
	return difference_find(before, after, &arena).count == 0;
}

/* ---- the walk ---- */

struct walk {
	struct arena *arena;
	struct changes changes;
	struct change_step steps[CHANGE_DEPTH_MAX];
	size_t depth;
};

static void
add_key(struct buf *path, const char *key)
{
	static const char simple[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	if (*key != '\0' && key[strspn(key, simple)] == '\0')
		buf_printf(path, "%s%s", path->length > 0 ? "." : "", key);
	else
		buf_printf(path, "[%s]", key);
}

static const char *
path_of(const struct walk *walk)
{
	scoped(buf_release) struct buf path = BUF_INIT(PATH_MAX_BYTES);
	for (size_t i = 0; i < walk->depth; i++) {
		const struct change_step *step = &walk->steps[i];
		if (step->key == NULL)
			buf_printf(&path, "[%zu]", step->index);
		else if (step->field != NULL)
			buf_printf(&path, "[%s]", step->key);
		else
			add_key(&path, step->key);
	}
	return arena_strdup(walk->arena, path.bytes);
}

static void
note(struct walk *walk, enum change_action action, const json_t *before, const json_t *after)
{
	struct changes *changes = &walk->changes;
	if (changes->count == changes->capacity) {
		size_t capacity = changes->capacity == 0 ? FIRST_CAPACITY : 2 * changes->capacity;
		struct change *items = arena_array(walk->arena, struct change, capacity);
		if (changes->count > 0)
			memcpy(items, changes->items, changes->count * sizeof *items);
		changes->items = items;
		changes->capacity = capacity;
	}
	struct change_step *steps = arena_array(walk->arena, struct change_step, walk->depth + 1);
	memcpy(steps, walk->steps, walk->depth * sizeof *steps);
	changes->items[changes->count++] = (struct change){
		.action = action, .path = path_of(walk), .steps = steps, .n_steps = walk->depth, .before = before, .after = after};
}

static void compare(struct walk *walk, const json_t *before, const json_t *after);

static void
compare_at(struct walk *walk, struct change_step step, const json_t *before, const json_t *after)
{
	walk->steps[walk->depth++] = step;
	compare(walk, present(before), present(after));
	walk->depth--;
}

/* ---- maps ---- */

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
collect_keys(const json_t *map, const json_t *other, const char **keys, size_t *count)
{
	const char *key;
	json_t *value;
	json_object_foreach (loose(map), key, value)
		if (other == NULL || json_object_get(other, key) == NULL)
			keys[(*count)++] = key;
}

static void
compare_maps(struct walk *walk, const json_t *before, const json_t *after)
{
	size_t count = 0, room = json_object_size(before) + json_object_size(after);
	const char **keys = arena_array(walk->arena, const char *, room + 1);
	collect_keys(before, NULL, keys, &count);
	collect_keys(after, before, keys, &count);
	qsort(keys, count, sizeof *keys, by_text);
	for (size_t i = 0; i < count; i++)
		compare_at(walk, (struct change_step){.key = keys[i]}, json_object_get(before, keys[i]),
		           json_object_get(after, keys[i]));
}

/* ---- lists ---- */

/* What names an element, as text; NULL: nothing does. */
static const char *
key_text(const json_t *element, const char *field, struct arena *arena)
{
	const json_t *value = json_object_get(element, field);
	if (json_is_integer(value))
		return arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return json_string_value(value);
}

/* The keys of all elements when each has one of its own, else NULL. */
static const char **
keys_of(const json_t *list, const char *field, struct arena *arena)
{
	size_t count = json_array_size(list);
	const char **keys = arena_array(arena, const char *, count + 1), **sorted = arena_array(arena, const char *, count + 1);
	for (size_t i = 0; i < count; i++)
		if ((sorted[i] = keys[i] = key_text(json_array_get(list, i), field, arena)) == NULL)
			return NULL;
	qsort(sorted, count, sizeof *sorted, by_text);
	for (size_t i = 1; i < count; i++)
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			return NULL;
	return keys;
}

static size_t
index_of(const char *const *keys, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(keys[i], key) == 0)
			return i;
	return SIZE_MAX;
}

/* What both lists have stands in the same order. */
static bool
is_in_order(const char *const *before, size_t n_before, const char *const *after, size_t n_after)
{
	size_t last = 0;
	for (size_t i = 0; i < n_before; i++) {
		size_t at = index_of(after, n_after, before[i]);
		if (at == SIZE_MAX)
			continue;
		if (at < last)
			return false;
		last = at;
	}
	return true;
}

struct keyed {
	const char *field;
	const char **before, **after;
};

static bool
find_keys(const json_t *before, const json_t *after, struct arena *arena, struct keyed *ret)
{
	static const char *const fields[] = {"name", "mountPath", "containerPort", "path", "host", "secretName",
	                                     "topologyKey", "conditionType", "type", "port"};
	enum { KEYED_MAX = 2000 }; /* looked up one by one */
	if (json_array_size(before) > KEYED_MAX || json_array_size(after) > KEYED_MAX)
		return false;
	for (size_t i = 0; i < array_length(fields); i++) {
		*ret = (struct keyed){fields[i], keys_of(before, fields[i], arena), keys_of(after, fields[i], arena)};
		if (ret->before != NULL && ret->after != NULL &&
		    is_in_order(ret->before, json_array_size(before), ret->after, json_array_size(after)))
			return true;
	}
	return false;
}

/* First what stays or goes, then what comes, in its order: so can it be applied one by one. */
static void
compare_keyed(struct walk *walk, const struct keyed *keyed, const json_t *before, const json_t *after)
{
	size_t n_before = json_array_size(before), n_after = json_array_size(after);
	for (size_t i = 0; i < n_before; i++) {
		size_t at = index_of(keyed->after, n_after, keyed->before[i]);
		compare_at(walk, (struct change_step){keyed->before[i], keyed->field, i}, json_array_get(before, i),
		           at == SIZE_MAX ? NULL : json_array_get(after, at));
	}
	for (size_t i = 0; i < n_after; i++)
		if (index_of(keyed->before, n_before, keyed->after[i]) == SIZE_MAX)
			compare_at(walk, (struct change_step){keyed->after[i], keyed->field, i}, NULL, json_array_get(after, i));
}

static bool
has_containers(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!is_plain(json_array_get(list, i)))
			return true;
	return false;
}

static bool
has_null(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_is_null(json_array_get(list, i)))
			return true;
	return false;
}

static bool
is_equal_list(const json_t *before, const json_t *after)
{
	bool is_equal = json_array_size(before) == json_array_size(after);
	for (size_t i = 0; is_equal && i < json_array_size(before); i++)
		is_equal = is_equal_plain(json_array_get(before, i), json_array_get(after, i));
	return is_equal;
}

/* What goes is told from the end, so that the places of the others hold. */
static void
compare_by_place(struct walk *walk, const json_t *before, const json_t *after)
{
	size_t n_before = json_array_size(before), n_after = json_array_size(after);
	for (size_t i = 0; i < n_before && i < n_after; i++)
		compare_at(walk, (struct change_step){.index = i}, json_array_get(before, i), json_array_get(after, i));
	for (size_t i = n_before; i-- > n_after;)
		compare_at(walk, (struct change_step){.index = i}, json_array_get(before, i), NULL);
	for (size_t i = n_before; i < n_after; i++)
		compare_at(walk, (struct change_step){.index = i}, NULL, json_array_get(after, i));
}

static void
compare_lists(struct walk *walk, const json_t *before, const json_t *after)
{
	struct keyed keyed;
	/* A null has a place of its own, which a change at a path cannot say. */
	bool is_whole = (!has_containers(before) && !has_containers(after)) || has_null(before) || has_null(after);
	if (is_whole && !is_equal_list(before, after))
		note(walk, CHANGE_SET, before, after);
	else if (!is_whole && find_keys(before, after, walk->arena, &keyed))
		compare_keyed(walk, &keyed, before, after);
	else if (!is_whole)
		compare_by_place(walk, before, after);
}

static void
compare(struct walk *walk, const json_t *before, const json_t *after)
{
	bool may_descend = walk->depth < CHANGE_DEPTH_MAX;
	if (before == NULL && after == NULL)
		return;
	if (before == NULL)
		note(walk, CHANGE_ADD, NULL, after);
	else if (after == NULL)
		note(walk, CHANGE_REMOVE, before, NULL);
	else if (may_descend && json_is_object(before) && json_is_object(after))
		compare_maps(walk, before, after);
	else if (may_descend && json_is_array(before) && json_is_array(after))
		compare_lists(walk, before, after);
	else if (!is_equal_plain(before, after))
		note(walk, CHANGE_SET, before, after);
}

struct changes
difference_find(const json_t *before, const json_t *after, struct arena *arena)
{
	struct walk walk = {.arena = arena};
	compare(&walk, present(before), present(after));
	return walk.changes;
}

/* ---- applying ---- */

static size_t
find_element(const json_t *list, const struct change_step *step)
{
	scoped(arena_release) struct arena arena = {0};
	if (step->field == NULL)
		return step->index;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = key_text(json_array_get(list, i), step->field, &arena);
		if (text != NULL && strcmp(text, step->key) == 0)
			return i;
	}
	return SIZE_MAX;
}

static json_t *
step_into(json_t *value, const struct change_step *step)
{
	if (json_is_object(value))
		return json_object_get(value, step->key);
	return json_array_get(value, find_element(value, step));
}

static void
change_list(json_t *list, const struct change_step *step, const struct change *change)
{
	size_t at = find_element(list, step);
	if (change->action == CHANGE_ADD)
		json_array_insert_new(list, step->index, json_deep_copy(change->after));
	else if (change->action == CHANGE_REMOVE)
		json_array_remove(list, at);
	else
		json_array_set_new(list, at, json_deep_copy(change->after));
}

static void
change_map(json_t *map, const char *key, const struct change *change)
{
	if (change->action == CHANGE_REMOVE)
		json_object_del(map, key);
	else
		json_object_set_new(map, key, json_deep_copy(change->after));
}

json_t *
difference_apply(const json_t *before, const struct changes *changes)
{
	json_t *tree = json_deep_copy(before);
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->items[i];
		json_t *parent = tree;
		if (change->n_steps == 0) {
			json_decref(tree);
			tree = json_deep_copy(change->after);
			continue;
		}
		for (size_t step = 0; step + 1 < change->n_steps; step++)
			parent = step_into(parent, &change->steps[step]);
		const struct change_step *last = &change->steps[change->n_steps - 1];
		if (json_is_array(parent))
			change_list(parent, last, change);
		else
			change_map(parent, last->key, change);
	}
	return tree;
}

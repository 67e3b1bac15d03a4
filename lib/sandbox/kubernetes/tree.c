#include "sandbox/kubernetes/tree.h"

#include <stdlib.h>
#include <string.h>

static json_t *
step(const json_t *tree, const char *key, size_t length)
{
	if (json_is_array(tree))
		return json_array_get(tree, (size_t)strtoul(key, NULL, 10));
	return json_object_getn(tree, key, length);
}

json_t *
tree_get(const json_t *tree, const char *path)
{
	const json_t *at = tree;
	while (at != NULL && path[0] != '\0') {
		size_t length = strcspn(path, ".");
		at = step(at, path, length);
		path += length + (path[length] == '.');
	}
	return tree_loose(at);
}

const char *
tree_text(const json_t *tree, const char *path)
{
	const char *text = json_string_value(tree_get(tree, path));
	return text == NULL ? "" : text;
}

json_int_t
tree_int(const json_t *tree, const char *path)
{
	return json_integer_value(tree_get(tree, path));
}

bool
tree_bool(const json_t *tree, const char *path)
{
	return json_is_true(tree_get(tree, path));
}

/* The object that holds the last step of the path; with `make`, missing ones are made. */
static json_t *
parent_of(json_t *tree, const char **path, bool make)
{
	for (size_t length; tree != NULL && (*path)[length = strcspn(*path, ".")] == '.';) {
		json_t *next = step(tree, *path, length);
		if (next == NULL && make) {
			next = json_object();
			json_object_setn_new(tree, *path, length, next);
		}
		tree = next;
		*path += length + 1;
	}
	return tree;
}

void
tree_set(json_t *tree, const char *path, json_t *value)
{
	json_t *parent = parent_of(tree, &path, true);
	json_object_set_new(parent, path, value);
}

void
tree_set_default(json_t *tree, const char *path, json_t *value)
{
	if (tree_get(tree, path) == NULL)
		tree_set(tree, path, value);
	else
		json_decref(value);
}

void
tree_remove(json_t *tree, const char *path)
{
	json_t *parent = parent_of(tree, &path, false);
	if (parent != NULL)
		json_object_del(parent, path);
}

json_t *
tree_find(const json_t *list, const char *key, const char *text)
{
	size_t i;
	json_t *item;
	json_array_foreach (list, i, item)
		if (strcmp(tree_text(item, key), text) == 0)
			return item;
	return NULL;
}

bool
tree_holds(const json_t *list, const json_t *value)
{
	size_t i;
	json_t *item;
	json_array_foreach (list, i, item)
		if (json_equal(item, value))
			return true;
	return false;
}

json_t *
tree_unite(const json_t *old, const json_t *more)
{
	json_t *united = old == NULL ? json_array() : json_copy(tree_loose(old)), *item;
	size_t i;
	json_array_foreach (more, i, item)
		if (!tree_holds(united, item))
			json_array_append(united, item);
	return united;
}

void
tree_release(json_t **tree)
{
	json_decref(*tree);
}

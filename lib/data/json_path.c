#include "data/json_path.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- from text to tree ---- */

static struct json_node *
add_child(struct json_node *node, const char *key, size_t length, int64_t index, struct arena *arena)
{
	struct json_node **at = &node->children;
	for (; *at != NULL; at = &(*at)->sibling) {
		bool is_same = key == NULL ? (*at)->key == NULL && (*at)->index == index
		                           : (*at)->key != NULL && (*at)->key_length == length &&
		                                     memcmp((*at)->key, key, length) == 0;
		if (is_same)
			return *at;
	}
	*at = arena_new(arena, struct json_node);
	**at = (struct json_node){.key = key, .key_length = length, .index = index};
	return *at;
}

/* "[]" or "[2]" at *path. */
static struct json_node *
add_element(struct json_node *node, const char **path, struct arena *arena)
{
	int64_t index = (*path)[1] == ']' ? -1 : strtoll(*path + 1, NULL, 10);
	const char *end = strchr(*path, ']');
	assert(end != NULL);
	*path = end + 1;
	return add_child(node, NULL, 0, index, arena);
}

/* One key at *path, without its backslashes. */
static struct json_node *
add_key(struct json_node *node, const char **path, struct arena *arena)
{
	char *key = arena_alloc(arena, strlen(*path) + 1);
	size_t length = 0;
	for (; **path != '\0' && **path != '.' && **path != '['; (*path)++) {
		if (**path == '\\')
			(*path)++;
		key[length++] = **path;
	}
	return add_child(node, key, length, 0, arena);
}

static struct json_node *
add_path(struct json_node *node, const char *path, struct arena *arena)
{
	for (size_t n = 0; *path != '\0'; n++) {
		assert(n < JSON_PATH_MAX / 2);
		if (*path == '[')
			node = add_element(node, &path, arena);
		else
			node = add_key(node, &path, arena);
		if (*path == '.')
			path++;
	}
	return node;
}

struct json_node *
json_path_compile(const struct json_record *records, size_t n_records, struct json_opened *opened,
                  struct arena *arena)
{
	struct json_node *root = arena_new(arena, struct json_node);
	for (size_t i = 0; i < n_records; i++) {
		struct json_node *at = add_path(root, records[i].path, arena);
		opened[i].record = &records[i];
		assert(records[i].size > 0 || records[i].n_fields == 0);
		opened[i].values = records[i].size > 0 ? arena_alloc(arena, records[i].size) : NULL;
		at->opened = &opened[i];
		for (size_t j = 0; j < records[i].n_fields; j++) {
			struct json_node *leaf = add_path(at, records[i].fields[j].path, arena);
			assert(leaf != at && leaf->field == NULL);
			leaf->field = &records[i].fields[j];
			leaf->owner = &opened[i];
		}
	}
	return root;
}

/* ---- looking ---- */

struct json_node *
json_node_key(const struct json_node *node, const char *key, size_t length)
{
	for (struct json_node *child = node->children; child != NULL; child = child->sibling)
		if (child->key != NULL && child->key_length == length && memcmp(child->key, key, length) == 0)
			return child;
	return NULL;
}

struct json_node *
json_node_element(const struct json_node *node, int64_t index)
{
	for (struct json_node *child = node->children; child != NULL; child = child->sibling)
		if (child->key == NULL && (child->index < 0 || child->index == index))
			return child;
	return NULL;
}

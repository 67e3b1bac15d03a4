#include "sandbox/kubernetes/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/kubernetes/tree.h"

static int
compare_place(const json_t *object, const char *namespace, const char *name)
{
	int order = strcmp(tree_text(object, "metadata.namespace"), namespace);
	return order != 0 ? order : strcmp(tree_text(object, "metadata.name"), name);
}

size_t
shelf_search(const struct shelf *shelf, const char *namespace, const char *name)
{
	size_t low = 0, high = shelf->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_place(shelf->objects[middle], namespace, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
shelf_find(const struct shelf *shelf, const char *namespace, const char *name, size_t *ret)
{
	*ret = shelf_search(shelf, namespace, name);
	return *ret < shelf->count && compare_place(shelf->objects[*ret], namespace, name) == 0;
}

void
shelf_insert(struct shelf *shelf, size_t place, json_t *object)
{
	if (shelf->count == shelf->capacity) {
		shelf->capacity = shelf->capacity == 0 ? 16 : shelf->capacity * 2;
		shelf->objects = realloc(shelf->objects, shelf->capacity * sizeof *shelf->objects);
		if (shelf->objects == NULL)
			abort();
	}
	memmove(shelf->objects + place + 1, shelf->objects + place,
	        (shelf->count - place) * sizeof *shelf->objects);
	shelf->objects[place] = object;
	shelf->count++;
}

json_t *
shelf_take(struct shelf *shelf, size_t place)
{
	json_t *object = shelf->objects[place];
	shelf->count--;
	memmove(shelf->objects + place, shelf->objects + place + 1,
	        (shelf->count - place) * sizeof *shelf->objects);
	return object;
}

void
shelf_release(struct shelf *shelf)
{
	while (shelf->count > 0)
		json_decref(shelf_take(shelf, shelf->count - 1));
	free(shelf->objects);
}

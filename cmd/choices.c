#include "cmd/choices.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

static void
grow(struct choices *choices)
{
	size_t capacity = choices->capacity == 0 ? FIRST_CAPACITY : 2 * choices->capacity;
	struct choice *items = arena_array(choices->candidates->arena, struct choice, capacity);
	for (size_t i = 0; i < choices->count; i++)
		items[i] = choices->items[i];
	choices->items = items;
	choices->capacity = capacity;
}

void
choices_add(struct choices *choices, const char *value, const char *description)
{
	const char *current = choices->candidates->current;
	if (strncmp(value, current, strlen(current)) != 0)
		return;
	if (choices->count == choices->capacity)
		grow(choices);
	choices->items[choices->count] = (struct choice){value, description, choices->count};
	choices->count++;
}

static int
by_order(const struct choice *left, const struct choice *right)
{
	return (left->order > right->order) - (left->order < right->order);
}

static int
compare_names(const void *a, const void *b)
{
	const struct choice *left = a, *right = b;
	int difference = strcmp(left->value, right->value);
	return difference != 0 ? difference : by_order(left, right);
}

/* Several times the work of the above: of ten thousand pods it would be half of all. */
static int
compare_versions(const void *a, const void *b)
{
	const struct choice *left = a, *right = b;
	int difference = strverscmp(left->value, right->value);
	return difference != 0 ? difference : by_order(left, right);
}

void
choices_write(struct choices *choices)
{
	struct arena *arena = choices->candidates->arena;
	if (choices->count > 0)
		qsort(choices->items, choices->count, sizeof *choices->items,
		      choices->are_versions ? compare_versions : compare_names);
	for (size_t i = 0, next; i < choices->count; i = next) {
		const struct choice *first = &choices->items[i], *last = first;
		const char *description = first->description;
		for (next = i + 1; next < choices->count && strcmp(choices->items[next].value, first->value) == 0; next++) {
			if (strcmp(choices->items[next].description, last->description) == 0)
				continue;
			last = &choices->items[next];
			description = arena_printf(arena, "%s, %s", description, last->description);
		}
		candidates_add(choices->candidates, first->value, description);
	}
}

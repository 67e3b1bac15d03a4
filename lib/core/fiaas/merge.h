/* The user's config over the defaults, by FDD's rules.
 *
 * FDD validates against no schema: it walks both trees in parallel.  Absent and null take the
 * default; maps merge key by key; a list replaces the default list, and each of its items is merged
 * with the first default item; scalars are taken as they are.  Only containers are type-checked,
 * when they are read: so the order of reads is the order in which errors are found.
 *
 * Reads cannot fail one by one.  The first failure is kept in `struct merge` with its place; later
 * ones are ignored and reads go on with defaults.  Look at `failed` at the end.
 */
#ifndef PAAS_CORE_FIAAS_MERGE_H
#define PAAS_CORE_FIAAS_MERGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct merge {
	struct arena *arena;
	struct error *err; /* of the first failure: ERROR_INVALID_SPEC, source.object = "ports[0].name" */
	bool failed;
	/* For who wants all failures: called for each, in order (may repeat itself); NULL: nobody. */
	void (*each)(void *data, const char *path, const char *why);
	void *data;
};

/* One place in both trees; in the merge's arena. */
struct merged {
	struct merge *merge;
	const json_t *config;   /* what the user wrote; NULL: nothing */
	const json_t *defaults;
	const struct merged *parent;
	const char *key;        /* NULL: an item of a list */
	size_t index;
};

const struct merged *merged_root(struct merge *merge, const json_t *config, const json_t *defaults);

/* The map at `key`; a truthy value of another kind fails. */
const struct merged *merged_map(const struct merged *map, const char *key);
/* The list at `key`, likewise; its length and items. */
const struct merged *merged_list(const struct merged *map, const char *key);
size_t merged_count(const struct merged *list);
const struct merged *merged_item(const struct merged *list, size_t i);
/* The scalar or free-form map at `key`, never checked; NULL when neither tree has it. */
const json_t *merged_value(const struct merged *map, const char *key);
/* What the user wrote at `key`, as it is; NULL when absent or null. */
const json_t *merged_written(const struct merged *map, const char *key);
/* Whether the user wrote something truthy there. */
bool merged_is_given(const struct merged *map, const char *key);

/* Records a failure at `key` of `at` (NULL: `at` itself) unless there was one. Always false. */
bool merged_fail(const struct merged *at, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif

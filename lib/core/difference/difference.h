/* How one JSON tree becomes another: a list of changes, each at a path.  Pure.
 *
 * Maps are compared key by key.  Elements of a list belong together by a field that names them
 * (name, mountPath, containerPort, …), so that one more container is one change; lists without
 * such a field by place, and lists of plain values as a whole.  Numbers are equal by value, and null
 * is the same as absent.  The order is that of the paths: keys sorted, elements as they stand.
 */
#ifndef PAAS_CORE_DIFFERENCE_DIFFERENCE_H
#define PAAS_CORE_DIFFERENCE_DIFFERENCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum change_action { CHANGE_ADD, CHANGE_REMOVE, CHANGE_SET };

/* Into a map by `key`; into a list by the element whose `field` is `key`, else by `index`. */
struct change_step {
	const char *key;   /* NULL: by index */
	const char *field; /* NULL: of a map, or by index */
	size_t index;      /* in the list before; of what is added, in the list after */
};

struct change {
	enum change_action action;
	const char *path;  /* "spec.template.spec.containers[shop].image"; "" = the whole */
	const struct change_step *steps;
	size_t n_steps;
	const json_t *before, *after; /* borrowed from the trees; NULL: absent */
};

struct changes {
	struct change *items;
	size_t count, capacity;
};

enum { CHANGE_DEPTH_MAX = 64 }; /* what is nested deeper counts as one value */

/* Paths and steps are in `arena`, values in the trees, which must not change meanwhile. */
struct changes difference_find(const json_t *before, const json_t *after, struct arena *arena);
/* `before` with all changes made: equal to the tree after.  New reference. */
json_t *difference_apply(const json_t *before, const struct changes *changes);
/* Equal by the rules above. */
bool difference_is_equal(const json_t *before, const json_t *after);

/* "add", "remove", "change". */
const char *change_action_name(enum change_action action);

#endif

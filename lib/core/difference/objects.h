/* Objects before and after, with what changes in each: what `paas diff` answers. */
#ifndef PAAS_CORE_DIFFERENCE_OBJECTS_H
#define PAAS_CORE_DIFFERENCE_OBJECTS_H

#include "core/difference/difference.h"

enum object_action { OBJECT_SAME, OBJECT_CREATE, OBJECT_CHANGE, OBJECT_DELETE };
enum { OBJECT_ACTIONS = OBJECT_DELETE + 1 };

struct object_difference {
	const char *api_version, *kind, *name;
	enum object_action action;
	const char *reason;     /* why no server was asked; NULL: one was */
	const char *refusal;    /* what the server says against it; NULL: nothing */
	json_t *before, *after; /* without noise; owned; NULL: absent */
	struct changes changes; /* of these */
};

struct differences {
	struct object_difference *items;
	size_t count, capacity;
	const char **cautions; /* what the answer cannot know */
	size_t n_cautions;
	struct arena *arena;
};

/* Compares and fills in action, before, after, changes.  `before` or `after` may be NULL, not both;
 * with a reason both are compared locally, else they are both of the server. */
void object_compare(struct object_difference *object, const json_t *before, const json_t *after, struct arena *arena);
/* api_version, kind and name of it: generateName when it has no name yet. */
void object_describe(struct object_difference *object, const json_t *tree, struct arena *arena);

/* The list takes over what the object owns. */
void differences_add(struct differences *differences, const struct object_difference *object);
void differences_caution(struct differences *differences, const char *format, ...) printf_like(2, 3);
/* In the order in which the operator writes them: by kind, then by name. */
void differences_sort(struct differences *differences);
size_t differences_count(const struct differences *differences, enum object_action action);
/* Nothing is created, changed or deleted. */
bool differences_are_none(const struct differences *differences);
/* The first reason for comparing locally, or NULL. */
const char *differences_reason(const struct differences *differences);
void differences_release(struct differences *differences); /* for scoped() */

/* "same", "create", "change", "delete". */
const char *object_action_name(enum object_action action);
/* {"api_version", "kind", "name", "action", "compared", "reason", "refusal", "changes": [{"path", "action",
 * "before", "after", "is_secret"}]}, without secrets; new reference. */
json_t *object_to_json(const struct object_difference *object);

#endif

#include "core/difference/objects.h"

#include <stdlib.h>
#include <string.h>

#include "core/difference/hide.h"
#include "core/difference/noise.h"
#include "data/json.h"

enum { FIRST_CAPACITY = 16, CAUTIONS_MAX = 16 };

const char *
object_action_name(enum object_action action)
{
	static const char *const names[] = {[OBJECT_SAME] = "same", [OBJECT_CREATE] = "create", [OBJECT_CHANGE] = "change",
	                                    [OBJECT_DELETE] = "delete"};
	return names[action];
}

/* ---- one object ---- */

void
object_describe(struct object_difference *object, const json_t *tree, struct arena *arena)
{
	const char *name = json_text_at(tree, "metadata.name");
	object->api_version = arena_strdup(arena, json_text_or(tree, "apiVersion", ""));
	object->kind = arena_strdup(arena, json_text_or(tree, "kind", ""));
	object->name = name != NULL ? arena_strdup(arena, name)
	                            : arena_printf(arena, "%s*", json_text_or(tree, "metadata.generateName", ""));
}

void
object_compare(struct object_difference *object, const json_t *before, const json_t *after, struct arena *arena)
{
	bool is_local = object->reason != NULL && before != NULL && after != NULL;
	object->before = before != NULL ? noise_remove(before, is_local) : NULL;
	object->after = after != NULL ? noise_remove(after, is_local) : NULL;
	scoped(json_release) json_t *nothing = json_object();
	object->changes = noise_compare(object->kind, before != NULL ? object->before : nothing,
	                                after != NULL ? object->after : nothing, arena);
	if (before == NULL)
		object->action = OBJECT_CREATE;
	else if (after == NULL)
		object->action = OBJECT_DELETE;
	else
		object->action = object->changes.count > 0 ? OBJECT_CHANGE : OBJECT_SAME;
}

static json_t *
change_to_json(const char *kind, const struct change *change)
{
	scoped(shown_release) struct shown shown = change_hide(kind, change);
	return json_pack("{s:s, s:s, s:O?, s:O?, s:b}", "path", change->path, "action", change_action_name(change->action),
	                 "before", shown.before, "after", shown.after, "is_secret", shown.is_secret);
}

json_t *
object_to_json(const struct object_difference *object)
{
	json_t *changes = json_array();
	for (size_t i = 0; i < object->changes.count; i++)
		json_array_append_new(changes, change_to_json(object->kind, &object->changes.items[i]));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:o}", "api_version", object->api_version, "kind", object->kind,
	                 "name", object->name, "action", object_action_name(object->action), "compared",
	                 object->reason == NULL ? "server" : "locally", "reason", object->reason, "refusal", object->refusal,
	                 "changes", changes);
}

/* ---- all of them ---- */

void
differences_add(struct differences *differences, const struct object_difference *object)
{
	if (differences->count == differences->capacity) {
		size_t capacity = differences->capacity == 0 ? FIRST_CAPACITY : 2 * differences->capacity;
		struct object_difference *items = arena_array(differences->arena, struct object_difference, capacity);
		if (differences->count > 0)
			memcpy(items, differences->items, differences->count * sizeof *items);
		differences->items = items;
		differences->capacity = capacity;
	}
	differences->items[differences->count++] = *object;
}

void
differences_caution(struct differences *differences, const char *format, ...)
{
	va_list args;
	if (differences->cautions == NULL)
		differences->cautions = arena_array(differences->arena, const char *, CAUTIONS_MAX);
	if (differences->n_cautions == CAUTIONS_MAX)
		return;
	va_start(args, format);
	differences->cautions[differences->n_cautions++] = arena_vprintf(differences->arena, format, args);
	va_end(args);
}

static size_t
rank_of(const char *kind)
{
	static const char *const kinds[] = {"Application", "ServiceAccount", "RoleBinding", "Service", "Ingress",
	                                    "Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget"};
	size_t rank = 0;
	while (rank < array_length(kinds) && strcmp(kinds[rank], kind) != 0)
		rank++;
	return rank;
}

static int
by_rank(const void *a, const void *b)
{
	const struct object_difference *left = a, *right = b;
	size_t left_rank = rank_of(left->kind), right_rank = rank_of(right->kind);
	if (left_rank != right_rank)
		return left_rank < right_rank ? -1 : 1;
	return strcmp(left->name, right->name);
}

void
differences_sort(struct differences *differences)
{
	if (differences->count > 0)
		qsort(differences->items, differences->count, sizeof *differences->items, by_rank);
}

size_t
differences_count(const struct differences *differences, enum object_action action)
{
	size_t count = 0;
	for (size_t i = 0; i < differences->count; i++)
		count += differences->items[i].action == action;
	return count;
}

bool
differences_are_none(const struct differences *differences)
{
	return differences_count(differences, OBJECT_SAME) == differences->count;
}

const char *
differences_reason(const struct differences *differences)
{
	const char *reason = NULL;
	for (size_t i = 0; i < differences->count && reason == NULL; i++)
		reason = differences->items[i].reason;
	return reason;
}

void
differences_release(struct differences *differences)
{
	for (size_t i = 0; i < differences->count; i++) {
		json_decref(differences->items[i].before);
		json_decref(differences->items[i].after);
	}
	*differences = (struct differences){0};
}

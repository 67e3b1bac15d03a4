/* The algorithm is that of structured-merge-diff:
 *
 *	merged   = live with the values of config
 *	conflict = (fields that differ between live and merged) owned by another manager
 *	dropped  = (own fields last time) - (fields of config) - (fields of the others)
 *	result   = merged without dropped; own fields = fields of config
 *
 * Any other change gives what changed to its manager, and takes it and what is gone from all. */
#include "sandbox/kubernetes/apply.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/field_set.h"
#include "sandbox/kubernetes/schema.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"

/* ---- merging values ---- */

static json_t *merge(const struct place *place, const json_t *live, const json_t *config);

static json_t *
merge_maps(const struct place *place, const json_t *live, const json_t *config)
{
	json_t *merged = live == NULL ? json_object() : json_copy(tree_loose(live));
	const char *name;
	json_t *value;
	json_object_foreach (tree_loose(config), name, value) {
		struct place below = {place, name, place->resource};
		if (!json_is_null(value))
			json_object_set_new(merged, name, merge(&below, json_object_get(live, name), value));
	}
	return merged;
}

/* Appends config's items from *next up to and including `last`, merged with their fellows. */
static void
append_config(const struct place *place, const struct schema *schema, const json_t *live,
              const json_t *config, size_t *next, size_t last, json_t *merged)
{
	struct place below = {place, NULL, place->resource};
	for (; *next <= last && *next < json_array_size(config); ++*next) {
		json_t *item = json_array_get(config, *next);
		scoped(tree_release) json_t *key = schema_item_key(schema, item);
		json_t *fellow = json_array_get(live, schema_find_item(schema, live, key));
		json_array_append_new(merged, merge(&below, fellow, item));
	}
}

/* In config's order; items only live keep their place among the others. */
static json_t *
merge_lists(const struct place *place, const struct schema *schema, const json_t *live,
            const json_t *config)
{
	json_t *merged = json_array(), *item;
	size_t i, next = 0, n = json_array_size(config);
	json_array_foreach (live, i, item) {
		scoped(tree_release) json_t *key = schema_item_key(schema, item);
		size_t at = schema_find_item(schema, config, key);
		if (at == n)
			json_array_append(merged, item);
		else
			append_config(place, schema, live, config, &next, at, merged);
	}
	append_config(place, schema, live, config, &next, n, merged);
	return merged;
}

static json_t *
merge(const struct place *place, const json_t *live, const json_t *config)
{
	struct schema schema = schema_of(place, config);
	if (live != NULL && json_typeof(live) != json_typeof(config))
		live = NULL;
	switch (schema.kind) {
	case SCHEMA_MAP: return merge_maps(place, live, config);
	case SCHEMA_LIST: return merge_lists(place, &schema, live, config);
	case SCHEMA_SET: return tree_unite(live, config);
	case SCHEMA_WHOLE: break;
	}
	return json_deep_copy(config);
}

/* ---- managers: managedFields with fieldsV1 as sets ---- */

static json_t *
managers_of(const json_t *object)
{
	json_t *managers = json_array(), *entry;
	size_t i;
	json_array_foreach (tree_get(object, "metadata.managedFields"), i, entry) {
		json_t *manager = json_copy(entry);
		json_object_set_new(manager, "fieldsV1",
		                    field_set_from_v1(json_object_get(entry, "fieldsV1")));
		json_array_append_new(managers, manager);
	}
	return managers;
}

static void
store_managers(json_t *object, const json_t *managers)
{
	json_t *entries = json_array(), *manager;
	size_t i;
	json_array_foreach (managers, i, manager) {
		if (field_set_is_empty(json_object_get(manager, "fieldsV1")))
			continue;
		json_t *entry = json_copy(manager);
		json_object_set_new(entry, "fieldsV1", field_set_to_v1(json_object_get(manager, "fieldsV1")));
		json_array_append_new(entries, entry);
	}
	if (json_array_size(entries) > 0)
		tree_set(object, "metadata.managedFields", entries);
	else
		json_decref(entries);
}

static bool
is_manager(const json_t *entry, const struct apply *apply, const char *operation)
{
	return strcmp(tree_text(entry, "manager"), apply->manager) == 0 &&
	       strcmp(tree_text(entry, "operation"), operation) == 0 &&
	       strcmp(tree_text(entry, "subresource"), apply->subresource) == 0;
}

/* Borrowed; made when it is not there. */
static json_t *
find_manager(json_t *managers, const struct apply *apply, const char *operation)
{
	char api_version[RESOURCE_API_VERSION_BYTES];
	size_t i;
	json_t *entry;
	json_array_foreach (managers, i, entry)
		if (is_manager(entry, apply, operation))
			return entry;
	entry = json_pack("{s:s, s:s, s:s, s:s, s:{}}", "manager", apply->manager, "operation", operation,
	                  "apiVersion", resource_api_version(apply->resource, api_version), "fieldsType",
	                  "FieldsV1", "fieldsV1");
	if (apply->subresource[0] != '\0')
		json_object_set_new(entry, "subresource", json_string(apply->subresource));
	json_array_append_new(managers, entry);
	return entry;
}

/* Steals `set`; the time moves only with the set. */
static void
set_fields(json_t *manager, json_t *set, bool is_touched)
{
	char now[CLOCK_TEXT_BYTES];
	if (is_touched || !json_equal(set, json_object_get(manager, "fieldsV1")))
		json_object_set_new(manager, "time", json_string(clock_format(clock_wall_ms(), now)));
	json_object_set_new(manager, "fieldsV1", set);
}

static void
take_from_others(json_t *managers, const json_t *own, const json_t *set)
{
	size_t i;
	json_t *manager;
	json_array_foreach (managers, i, manager)
		if (manager != own)
			json_object_set_new(manager, "fieldsV1",
			                    field_set_minus(json_object_get(manager, "fieldsV1"), set));
}

static json_t *
union_of_others(const json_t *managers, const json_t *own)
{
	json_t *all = json_object(), *manager;
	size_t i;
	json_array_foreach (managers, i, manager) {
		if (manager == own)
			continue;
		json_t *more = field_set_union(all, json_object_get(manager, "fieldsV1"));
		json_decref(all);
		all = more;
	}
	return all;
}

/* Status is owned through the status subresource only, all else only outside of it. */
static void
keep_own_part(const struct apply *apply, json_t *set)
{
	if (strcmp(apply->subresource, "status") == 0) {
		json_t *status = json_incref(json_object_get(set, "f:status"));
		json_object_clear(set);
		if (status != NULL)
			json_object_set_new(set, "f:status", status);
	} else if (apply->resource->has_status) {
		json_object_del(set, "f:status");
	}
}

/* ---- conflicts ---- */

struct conflicts {
	struct buf *message;
	json_t *status, *entry;
	size_t n;
};

static void
print_manager(struct buf *text, const json_t *entry)
{
	const char *subresource = tree_text(entry, "subresource");
	buf_printf(text, "\"%s\"", tree_text(entry, "manager"));
	if (subresource[0] != '\0')
		buf_printf(text, " with subresource \"%s\"", subresource);
	if (strcmp(tree_text(entry, "operation"), "Update") == 0)
		buf_printf(text, " using %s", tree_text(entry, "apiVersion"));
}

static void
add_conflict(void *data, const char *path)
{
	struct conflicts *conflicts = data;
	scoped(buf_release) struct buf cause = BUF_INIT(1024);
	buf_add_text(&cause, "conflict with ");
	print_manager(&cause, conflicts->entry);
	status_add_cause(conflicts->status, "FieldManagerConflict", cause.bytes, path);
	buf_printf(conflicts->message, "\n- %s", path);
	conflicts->n++;
}

/* "Apply failed with 1 conflict: conflict with M: PATH", or every manager with its paths below. */
static void
word_message(json_t *status, const struct conflicts *conflicts)
{
	if (conflicts->n == 1)
		json_object_set_new(status, "message", json_sprintf(
			"Apply failed with 1 conflict: %s: %s", tree_text(status, "details.causes.0.message"),
			tree_text(status, "details.causes.0.field")));
	else
		json_object_set_new(status, "message",
		                    json_sprintf("Apply failed with %zu conflicts: %s", conflicts->n,
		                                 conflicts->message->bytes));
}

/* New reference to the 409, or NULL. */
static json_t *
find_conflicts(const json_t *managers, const json_t *own, const json_t *changed)
{
	scoped(buf_release) struct buf message = BUF_INIT(32 * 1024);
	json_t *status = status_new(409, "Conflict", NULL, NULL, "%s", "");
	struct conflicts conflicts = {.message = &message, .status = status};
	size_t i;
	json_array_foreach (managers, i, conflicts.entry) {
		scoped(tree_release) json_t *shared =
			field_set_common(json_object_get(conflicts.entry, "fieldsV1"), changed);
		if (conflicts.entry == own || field_set_is_empty(shared))
			continue;
		buf_printf(&message, "%sconflicts with ", conflicts.n == 0 ? "" : "\n");
		print_manager(&message, conflicts.entry);
		buf_add_char(&message, ':');
		field_set_each(shared, add_conflict, &conflicts);
	}
	if (conflicts.n > 0) {
		word_message(status, &conflicts);
		return status;
	}
	json_decref(status);
	return NULL;
}

/* ---- applying ---- */

/* What may be applied: no identity beyond the name, no half that is written elsewhere. */
static json_t *
intent_of(const struct apply *apply, const json_t *config)
{
	json_t *intent = json_copy(tree_loose(config));
	json_t *metadata = json_copy(json_object_get(config, "metadata"));
	static const char *const dropped[] = {"uid", "resourceVersion", "creationTimestamp",
	                                      "generation", "managedFields", "selfLink"};
	for (size_t i = 0; i < array_length(dropped); i++)
		json_object_del(metadata, dropped[i]);
	json_object_set_new(intent, "metadata", metadata);
	if (strcmp(apply->subresource, "status") == 0) {
		json_object_del(intent, "spec");
	} else if (apply->resource->has_status) {
		json_object_del(intent, "status");
	}
	return intent;
}

/* Takes out of `merged` what the manager no longer wants and nobody else owns. */
static void
drop_abandoned(const struct apply *apply, json_t *merged, const json_t *last, const json_t *wanted,
               const json_t *others)
{
	scoped(tree_release) json_t *abandoned = field_set_minus(last, wanted);
	scoped(tree_release) json_t *kept = field_set_union(wanted, others);
	field_set_remove_from(apply->resource, merged, abandoned, kept);
}

bool
apply_merge(const struct apply *apply, const json_t *live, const json_t *config, json_t **ret,
            json_t **ret_status)
{
	struct place top = {NULL, NULL, apply->resource};
	scoped(tree_release) json_t *intent = intent_of(apply, config);
	scoped(tree_release) json_t *shared = merge(&top, live, intent);
	scoped(tree_release) json_t *managers = managers_of(live);
	json_t *own = find_manager(managers, apply, "Apply");
	scoped(tree_release) json_t *wanted = field_set_of(apply->resource, intent);
	scoped(tree_release) json_t *changed = NULL, *removed = NULL;

	keep_own_part(apply, wanted);
	if (live != NULL)
		field_set_compare(apply->resource, live, shared, &changed, &removed);
	json_t *conflict = find_conflicts(managers, own, changed);
	if (conflict != NULL && !apply->force) {
		*ret_status = conflict;
		return false;
	}
	json_decref(conflict);
	take_from_others(managers, own, changed);
	scoped(tree_release) json_t *others = union_of_others(managers, own);
	json_t *merged = json_deep_copy(shared);
	drop_abandoned(apply, merged, json_object_get(own, "fieldsV1"), wanted, others);
	set_fields(own, json_incref(wanted), live == NULL || !json_equal(live, merged));
	store_managers(merged, managers);
	*ret = merged;
	return true;
}

void
apply_note_update(const struct apply *apply, const json_t *live, json_t *object)
{
	scoped(tree_release) json_t *managers = managers_of(object);
	scoped(tree_release) json_t *nothing = json_object();
	scoped(tree_release) json_t *changed = NULL, *removed = NULL;
	json_t *own = find_manager(managers, apply, "Update");

	field_set_compare(apply->resource, live == NULL ? nothing : live, object, &changed, &removed);
	keep_own_part(apply, changed);
	take_from_others(managers, own, changed);
	take_from_others(managers, NULL, removed);
	json_t *owned = field_set_union(json_object_get(own, "fieldsV1"), changed);
	set_fields(own, owned, !field_set_is_empty(changed));
	store_managers(object, managers);
}

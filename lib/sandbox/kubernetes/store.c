#include "sandbox/kubernetes/store.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/kubernetes/metadata.h"
#include "sandbox/kubernetes/shelf.h"
#include "sandbox/kubernetes/tree.h"

enum { HISTORY_MAX = 10000 };

/* A change not yet told to the listeners. */
struct pending {
	struct store_change change;
	struct pending *next;
};

struct store {
	struct shelf *shelves;  /* one a resource, in the order of the table */
	uint64_t version, oldest; /* oldest: history holds every change after it */
	struct store_change *history; /* ring of HISTORY_MAX, holding references */
	size_t history_start, history_count;
	struct pending *first_pending, **last_pending;
	bool is_telling;
	struct store_listener *listeners, *next_listener; /* next: the one to be called */
};

static void *
checked(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

static const char *
name_of(const json_t *object)
{
	return tree_text(object, "metadata.name");
}

static const char *
namespace_of(const json_t *object)
{
	return tree_text(object, "metadata.namespace");
}

static const struct resource *
kind_of(const json_t *object)
{
	return resource_of_kind(tree_text(object, "apiVersion"), tree_text(object, "kind"));
}

static struct shelf *
shelf_of(const struct store *store, const struct resource *resource)
{
	return &store->shelves[resource - resources];
}

/* ---- changes ---- */

static struct store_change
change_hold(const struct store_change *change)
{
	struct store_change held = *change;
	held.object = json_incref((json_t *)(uintptr_t)change->object);
	held.before = json_incref((json_t *)(uintptr_t)change->before);
	return held;
}

static void
change_drop(struct store_change *change)
{
	json_decref((json_t *)(uintptr_t)change->object);
	json_decref((json_t *)(uintptr_t)change->before);
}

static void
history_drop_oldest(struct store *store)
{
	struct store_change *change = &store->history[store->history_start];
	store->oldest = change->version;
	change_drop(change);
	store->history_start = (store->history_start + 1) % HISTORY_MAX;
	store->history_count--;
}

static void
history_add(struct store *store, const struct store_change *change)
{
	if (store->history_count == HISTORY_MAX)
		history_drop_oldest(store);
	size_t end = (store->history_start + store->history_count++) % HISTORY_MAX;
	store->history[end] = change_hold(change);
}

static void
tell_listeners(struct store *store, const struct store_change *change)
{
	for (struct store_listener *at = store->listeners; at != NULL; at = store->next_listener) {
		store->next_listener = at->next;
		at->changed(at, change);
	}
	store->next_listener = NULL;
}

/* Tells everything pending; a change made by a listener joins the end of the queue. */
static void
tell_pending(struct store *store)
{
	if (store->is_telling)
		return;
	store->is_telling = true;
	while (store->first_pending != NULL) {
		struct pending *pending = store->first_pending;
		store->first_pending = pending->next;
		if (store->first_pending == NULL)
			store->last_pending = &store->first_pending;
		tell_listeners(store, &pending->change);
		change_drop(&pending->change);
		free(pending);
	}
	store->is_telling = false;
}

static void
record_change(struct store *store, const struct store_change *change)
{
	struct pending *pending = checked(calloc(1, sizeof *pending));
	history_add(store, change);
	pending->change = change_hold(change);
	*store->last_pending = pending;
	store->last_pending = &pending->next;
	tell_pending(store);
}

/* ---- life ---- */

struct store *
store_new(void)
{
	struct store *store = checked(calloc(1, sizeof *store));
	store->shelves = checked(calloc(n_resources, sizeof *store->shelves));
	store->history = checked(calloc(HISTORY_MAX, sizeof *store->history));
	store->last_pending = &store->first_pending;
	/* Not from zero: a resource version of 0 has a meaning of its own in requests. */
	store->version = store->oldest = 1000;
	return store;
}

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	while (store->history_count > 0)
		history_drop_oldest(store);
	for (size_t i = 0; i < n_resources; i++)
		shelf_release(&store->shelves[i]);
	free(store->history);
	free(store->shelves);
	free(store);
}

/* ---- put ---- */

static void
set_identity(const struct resource *resource, json_t *object)
{
	char api_version[RESOURCE_API_VERSION_BYTES];
	tree_set(object, "apiVersion", json_string(resource_api_version(resource, api_version)));
	tree_set(object, "kind", json_string(resource->kind));
}

const json_t *
store_put(struct store *store, const struct resource *resource, json_t *object)
{
	struct shelf *shelf = shelf_of(store, resource);
	size_t place;
	bool exists = shelf_find(shelf, namespace_of(object), name_of(object), &place);
	json_t *before = exists ? shelf->objects[place] : NULL;

	set_identity(resource, object);
	if (!exists)
		metadata_complete_new(resource, object);
	else
		metadata_complete_replacement(resource, before, object);
	if (exists && json_equal(before, object)) {
		json_decref(object);
		return before;
	}
	metadata_set_version(object, ++store->version);
	if (exists)
		shelf->objects[place] = object;
	else
		shelf_insert(shelf, place, object);
	record_change(store, &(struct store_change){
		.type = exists ? STORE_MODIFIED : STORE_ADDED, .version = store->version,
		.resource = resource, .object = object, .before = before});
	json_decref(before);
	return object;
}

/* ---- delete ---- */

static bool
is_owned_by(const json_t *object, const char *uid)
{
	return tree_find(tree_get(object, "metadata.ownerReferences"), "uid", uid) != NULL;
}

/* Takes the object off its shelf and tells; its last form carries the version of its end. */
static void
remove_at(struct store *store, const struct resource *resource, size_t place)
{
	json_t *before = shelf_take(shelf_of(store, resource), place);
	json_t *last = json_copy(before);
	json_object_set_new(last, "metadata", json_copy(json_object_get(before, "metadata")));
	metadata_set_version(last, ++store->version);
	record_change(store, &(struct store_change){
		.type = STORE_DELETED, .version = store->version, .resource = resource,
		.object = last, .before = before});
	json_decref(last);
	json_decref(before);
}

struct condemned {
	const char *uid;       /* objects owned by it, */
	const char *namespace; /* or everything in this namespace */
};

static bool
is_condemned(const struct condemned *condemned, const json_t *object)
{
	return is_owned_by(object, condemned->uid) ||
	       (condemned->namespace != NULL &&
	        strcmp(namespace_of(object), condemned->namespace) == 0);
}

static void
delete_condemned(struct store *store, const struct condemned *condemned)
{
	for (size_t i = 0; i < n_resources; i++) {
		struct shelf *shelf = &store->shelves[i];
		for (size_t at = 0; at < shelf->count;) {
			const json_t *object = shelf->objects[at];
			if (!is_condemned(condemned, object)) {
				at++;
				continue;
			}
			char *namespace = checked(strdup(namespace_of(object)));
			char *name = checked(strdup(name_of(object)));
			store_delete(store, &resources[i], namespace, name);
			at = shelf_search(shelf, namespace, name);
			free(namespace);
			free(name);
		}
	}
}

bool
store_delete(struct store *store, const struct resource *resource, const char *namespace,
             const char *name)
{
	size_t place;
	struct shelf *shelf = shelf_of(store, resource);
	if (!shelf_find(shelf, namespace, name, &place))
		return false;
	json_t *object = json_incref(shelf->objects[place]);
	remove_at(store, resource, place);
	bool is_namespace = strcmp(resource->kind, "Namespace") == 0;
	delete_condemned(store, &(struct condemned){
		.uid = tree_text(object, "metadata.uid"),
		.namespace = is_namespace ? name_of(object) : NULL});
	json_decref(object);
	return true;
}

/* ---- reading ---- */

const json_t *
store_get(const struct store *store, const struct resource *resource, const char *namespace,
          const char *name)
{
	size_t place;
	const struct shelf *shelf = shelf_of(store, resource);
	return shelf_find(shelf, namespace, name, &place) ? shelf->objects[place] : NULL;
}

void
store_each(struct store *store, const struct resource *resource, const char *namespace,
           bool (*each)(void *data, const json_t *object), void *data)
{
	struct shelf *shelf = shelf_of(store, resource);
	bool everywhere = namespace == NULL || namespace[0] == '\0';
	size_t at = everywhere ? 0 : shelf_search(shelf, namespace, "");
	bool more = true;

	while (more && at < shelf->count) {
		json_t *object = json_incref(shelf->objects[at]);
		if (!everywhere && strcmp(namespace_of(object), namespace) != 0) {
			json_decref(object);
			return;
		}
		more = each(data, object);
		/* `each` may have put or deleted: go on after the name it was given. */
		if (at < shelf->count && shelf->objects[at] == object)
			at++;
		else if (shelf_find(shelf, namespace_of(object), name_of(object), &at))
			at++;
		json_decref(object);
	}
}

uint64_t
store_version(const struct store *store)
{
	return store->version;
}

uint64_t
store_oldest_version(const struct store *store)
{
	return store->oldest;
}

void
store_compact(struct store *store)
{
	while (store->history_count > 0)
		history_drop_oldest(store);
	store->oldest = store->version;
}

/* ---- listening ---- */

void
store_listen(struct store *store, struct store_listener *listener)
{
	struct store_listener **end = &store->listeners;
	while (*end != NULL)
		end = &(*end)->next;
	listener->next = NULL;
	*end = listener;
}

void
store_unlisten(struct store *store, struct store_listener *listener)
{
	if (store->next_listener == listener)
		store->next_listener = listener->next;
	for (struct store_listener **at = &store->listeners; *at != NULL; at = &(*at)->next) {
		if (*at == listener) {
			*at = listener->next;
			return;
		}
	}
}

bool
store_replay(struct store *store, const struct resource *resource, uint64_t version,
             void (*each)(void *data, const struct store_change *change), void *data)
{
	if (version < store->oldest)
		return false;
	for (size_t i = 0; i < store->history_count; i++) {
		const struct store_change *change =
			&store->history[(store->history_start + i) % HISTORY_MAX];
		if (change->resource == resource && change->version > version)
			each(data, change);
	}
	return true;
}

/* ---- snapshots: {"version": N, "objects": [object, …]} ---- */

json_t *
store_snapshot(const struct store *store)
{
	json_t *objects = json_array();
	for (size_t i = 0; i < n_resources; i++)
		for (size_t at = 0; at < store->shelves[i].count; at++)
			json_array_append_new(objects, json_deep_copy(store->shelves[i].objects[at]));
	return json_pack("{s:I, s:o}", "version", (json_int_t)store->version, "objects", objects);
}

static bool
is_restorable(const json_t *object)
{
	return kind_of(object) != NULL &&
	       name_of(object)[0] != '\0';
}

bool
store_restore(struct store *store, const json_t *snapshot)
{
	const json_t *objects = json_object_get(snapshot, "objects");
	json_int_t version = json_integer_value(json_object_get(snapshot, "version"));
	size_t i;
	json_t *object;

	if (!json_is_array(objects) || version < 0)
		return false;
	json_array_foreach (objects, i, object)
		if (!is_restorable(object))
			return false;
	store->is_telling = true; /* nobody acts on a world half restored */
	for (i = 0; i < n_resources; i++)
		while (store->shelves[i].count > 0)
			remove_at(store, &resources[i], store->shelves[i].count - 1);
	if (store->version < (uint64_t)version)
		store->version = (uint64_t)version;
	json_array_foreach (objects, i, object)
		store_put(store, kind_of(object), json_deep_copy(object));
	store->is_telling = false;
	store_compact(store);
	tell_pending(store);
	return true;
}

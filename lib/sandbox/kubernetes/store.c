#include "sandbox/kubernetes/store.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { HISTORY_MAX = 10000 };

/* One kind's objects in order of namespace and name. */
struct shelf {
	json_t **objects; /* owned references */
	size_t count, capacity;
};

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
text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text == NULL ? "" : text;
}

static const json_t *
metadata_of(const json_t *object)
{
	return json_object_get(object, "metadata");
}

/* ---- shelves ---- */

static struct shelf *
shelf_of(const struct store *store, const struct resource *resource)
{
	return &store->shelves[resource - resources];
}

static int
compare_place(const json_t *object, const char *namespace, const char *name)
{
	const json_t *metadata = metadata_of(object);
	int order = strcmp(text_at(metadata, "namespace"), namespace);
	return order != 0 ? order : strcmp(text_at(metadata, "name"), name);
}

/* The place of the first object not before (namespace, name). */
static size_t
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

/* The place of the object itself; false when absent. */
static bool
shelf_find(const struct shelf *shelf, const char *namespace, const char *name, size_t *ret)
{
	*ret = shelf_search(shelf, namespace, name);
	return *ret < shelf->count && compare_place(shelf->objects[*ret], namespace, name) == 0;
}

static void
shelf_insert(struct shelf *shelf, size_t place, json_t *object)
{
	if (shelf->count == shelf->capacity) {
		shelf->capacity = shelf->capacity == 0 ? 16 : shelf->capacity * 2;
		shelf->objects = checked(realloc(shelf->objects, shelf->capacity * sizeof *shelf->objects));
	}
	memmove(shelf->objects + place + 1, shelf->objects + place,
	        (shelf->count - place) * sizeof *shelf->objects);
	shelf->objects[place] = object;
	shelf->count++;
}

static json_t *
shelf_take(struct shelf *shelf, size_t place)
{
	json_t *object = shelf->objects[place];
	shelf->count--;
	memmove(shelf->objects + place, shelf->objects + place + 1,
	        (shelf->count - place) * sizeof *shelf->objects);
	return object;
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
	for (size_t i = 0; i < n_resources; i++) {
		while (store->shelves[i].count > 0)
			json_decref(shelf_take(&store->shelves[i], store->shelves[i].count - 1));
		free(store->shelves[i].objects);
	}
	free(store->history);
	free(store->shelves);
	free(store);
}

/* ---- put ---- */

static void
set_text(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, json_string(text));
}

static void
set_version(json_t *metadata, uint64_t version)
{
	char text[24];
	snprintf(text, sizeof text, "%llu", (unsigned long long)version);
	set_text(metadata, "resourceVersion", text);
}

static void
set_new_uid(json_t *metadata)
{
	unsigned char b[16];
	char text[37];
	randombytes_buf(b, sizeof b);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(text, sizeof text,
	         "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
	         b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
	set_text(metadata, "uid", text);
}

/* Whether they differ outside of metadata, and of status where that is written apart. */
static bool
is_desire_changed(const struct resource *resource, const json_t *before, json_t *after)
{
	const char *key;
	json_t *value;
	size_t ignored_before = 1, ignored_after = 1;

	json_object_foreach (after, key, value) {
		if (strcmp(key, "metadata") == 0)
			continue;
		if (resource->has_status && strcmp(key, "status") == 0)
			ignored_after++;
		else if (!json_equal(value, json_object_get(before, key)))
			return true;
	}
	if (resource->has_status && json_object_get(before, "status") != NULL)
		ignored_before++;
	return json_object_size(before) - ignored_before != json_object_size(after) - ignored_after;
}

static void
complete_new(const struct resource *resource, json_t *metadata)
{
	char now[CLOCK_TEXT_BYTES];
	if (text_at(metadata, "uid")[0] == '\0')
		set_new_uid(metadata);
	if (text_at(metadata, "creationTimestamp")[0] == '\0')
		set_text(metadata, "creationTimestamp", clock_format(clock_wall_ms(), now));
	if (resource->group[0] != '\0' && json_object_get(metadata, "generation") == NULL)
		json_object_set_new(metadata, "generation", json_integer(1));
}

/* What the server alone decides is carried over from what is stored. */
static void
complete_replacement(const struct resource *resource, const json_t *before, json_t *object,
                     json_t *metadata)
{
	static const char *const kept[] = {"uid", "creationTimestamp", "resourceVersion"};
	const json_t *old = metadata_of(before);
	json_int_t generation = json_integer_value(json_object_get(old, "generation"));

	for (size_t i = 0; i < array_length(kept); i++)
		set_text(metadata, kept[i], text_at(old, kept[i]));
	if (resource->group[0] != '\0')
		json_object_set_new(metadata, "generation",
		                    json_integer(generation + is_desire_changed(resource, before, object)));
}

static json_t *
complete_identity(const struct resource *resource, json_t *object)
{
	char api_version[RESOURCE_API_VERSION_BYTES];
	json_t *metadata = json_object_get(object, "metadata");
	set_text(object, "apiVersion", resource_api_version(resource, api_version));
	set_text(object, "kind", resource->kind);
	return metadata;
}

const json_t *
store_put(struct store *store, const struct resource *resource, json_t *object)
{
	struct shelf *shelf = shelf_of(store, resource);
	json_t *metadata = complete_identity(resource, object);
	size_t place;
	bool exists = shelf_find(shelf, text_at(metadata, "namespace"), text_at(metadata, "name"), &place);
	json_t *before = exists ? shelf->objects[place] : NULL;

	if (!exists)
		complete_new(resource, metadata);
	else
		complete_replacement(resource, before, object, metadata);
	if (exists && json_equal(before, object)) {
		json_decref(object);
		return before;
	}
	set_version(metadata, ++store->version);
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
	size_t i;
	json_t *owner;
	json_array_foreach (json_object_get(metadata_of(object), "ownerReferences"), i, owner)
		if (strcmp(text_at(owner, "uid"), uid) == 0)
			return true;
	return false;
}

/* Takes the object off its shelf and tells; its last form carries the version of its end. */
static void
remove_at(struct store *store, const struct resource *resource, size_t place)
{
	json_t *before = shelf_take(shelf_of(store, resource), place);
	json_t *last = json_copy(before);
	json_object_set_new(last, "metadata", json_copy(json_object_get(before, "metadata")));
	set_version(json_object_get(last, "metadata"), ++store->version);
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
	        strcmp(text_at(metadata_of(object), "namespace"), condemned->namespace) == 0);
}

static void
delete_condemned(struct store *store, const struct condemned *condemned)
{
	for (size_t i = 0; i < n_resources; i++) {
		struct shelf *shelf = &store->shelves[i];
		for (size_t at = 0; at < shelf->count;) {
			const json_t *metadata = metadata_of(shelf->objects[at]);
			if (!is_condemned(condemned, shelf->objects[at])) {
				at++;
				continue;
			}
			char *namespace = checked(strdup(text_at(metadata, "namespace")));
			char *name = checked(strdup(text_at(metadata, "name")));
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
		.uid = text_at(metadata_of(object), "uid"),
		.namespace = is_namespace ? text_at(metadata_of(object), "name") : NULL});
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
		const json_t *metadata = metadata_of(object);
		if (!everywhere && strcmp(text_at(metadata, "namespace"), namespace) != 0) {
			json_decref(object);
			return;
		}
		more = each(data, object);
		/* `each` may have put or deleted: go on after the name it was given. */
		if (at < shelf->count && shelf->objects[at] == object)
			at++;
		else if (shelf_find(shelf, text_at(metadata, "namespace"), text_at(metadata, "name"), &at))
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
	return resource_of_kind(text_at(object, "apiVersion"), text_at(object, "kind")) != NULL &&
	       text_at(metadata_of(object), "name")[0] != '\0';
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
		store_put(store, resource_of_kind(text_at(object, "apiVersion"), text_at(object, "kind")),
		          json_deep_copy(object));
	store->is_telling = false;
	store_compact(store);
	tell_pending(store);
	return true;
}

/* An informer: objects kept up to date (cycle.h).  Told are the differences to what was known.
 *
 * What is known of an object is its metadata, by "namespace/name": enough to tell what vanished.
 */
#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/cycle.h"
#include "api/kubernetes/list.h"
#include "base/fiber.h"

struct kubernetes_informer {
	struct cycle cycle;
	struct kubernetes_query query; /* texts in arena */
	struct arena arena;
	void (*told)(void *data, const struct kubernetes_event *event);
	void *data;
	struct fiber *fiber;
	json_t *known;         /* "namespace/name" → metadata */
	json_t *listed;        /* the same, of a list under way; else NULL */
	json_t *object;        /* of the event that is being read; else NULL */
	bool is_synced;
};

/* ---- telling ---- */

static void
tell(struct kubernetes_informer *informer, enum kubernetes_event_type type, json_t *object,
     const struct error *trouble)
{
	struct kubernetes_event event = {.type = type, .resource = informer->query.resource, .object = object};
	if (trouble != NULL)
		event.trouble = *trouble;
	informer->told(informer->data, &event);
}

static void
tell_connection(struct cycle *cycle, enum kubernetes_event_type type, const struct error *trouble)
{
	tell((struct kubernetes_informer *)cycle, type, NULL, trouble);
}

/* ---- what is known ---- */

static const char *
metadata_text(const json_t *metadata, const char *key)
{
	const char *text = json_string_value(json_object_get(metadata, key));
	return text != NULL ? text : "";
}

static const char *
key_of(const json_t *metadata, struct arena *arena)
{
	return arena_printf(arena, "%s/%s", metadata_text(metadata, "namespace"), metadata_text(metadata, "name"));
}

static void
remember(json_t *known, const char *key, json_t *object)
{
	json_t *metadata = json_object_get(object, "metadata");
	json_object_del(metadata, "managedFields");
	json_object_set(known, key, metadata);
}

/* Tells DELETED of an object of which only the metadata is left. */
static void
tell_vanished(struct kubernetes_informer *informer, json_t *metadata)
{
	const struct kubernetes_resource *resource = informer->query.resource;
	scoped(json_decrefp) json_t *object = json_pack("{s:s, s:O}", "kind", resource->kind, "metadata", metadata);
	tell(informer, KUBERNETES_DELETED, object, NULL);
}

static bool
is_same(const json_t *a, const json_t *b, const char *key)
{
	return strcmp(metadata_text(a, key), metadata_text(b, key)) == 0;
}

/* An object that is there now: new, changed, or another one under the same name. */
static void
tell_present(struct kubernetes_informer *informer, const char *key, json_t *object)
{
	json_t *metadata = json_object_get(object, "metadata");
	json_t *before = json_object_get(informer->known, key);
	if (before != NULL && is_same(before, metadata, "uid")) {
		if (!is_same(before, metadata, "resourceVersion"))
			tell(informer, KUBERNETES_MODIFIED, object, NULL);
		return;
	}
	if (before != NULL)
		tell_vanished(informer, before);
	tell(informer, KUBERNETES_ADDED, object, NULL);
}

/* ---- list ---- */

static void
begin_list(void *data)
{
	struct kubernetes_informer *informer = data;
	json_decref(informer->listed);
	informer->listed = json_object();
}

/* What was told is known at once: the list may begin again. */
static void
add_listed(void *data, json_t *item)
{
	struct kubernetes_informer *informer = data;
	scoped(arena_release) struct arena scratch = {0};
	const char *key = key_of(json_object_get(item, "metadata"), &scratch);
	tell_present(informer, key, item);
	remember(informer->known, key, item);
	remember(informer->listed, key, item);
}

/* What is known and was not listed; what was listed is what is known. */
static void
end_list(struct kubernetes_informer *informer)
{
	const char *key;
	json_t *metadata;
	json_object_foreach(informer->known, key, metadata) {
		if (json_object_get(informer->listed, key) == NULL)
			tell_vanished(informer, metadata);
	}
	json_decref(informer->known);
	informer->known = informer->listed;
	informer->listed = NULL;
}

static bool
list_anew(struct cycle *cycle, struct error *err)
{
	struct kubernetes_informer *informer = (struct kubernetes_informer *)cycle;
	const struct list_reader reader = {.begun = begin_list, .item = add_listed, .data = informer};
	char version[sizeof cycle->version];
	if (!list_read_items(cycle->kubernetes, &informer->query, &reader, version, sizeof version, err))
		return false;
	cycle_back(cycle);
	end_list(informer);
	cycle_keep_version(cycle, version);
	if (!informer->is_synced)
		tell(informer, KUBERNETES_SYNCED, NULL, NULL);
	informer->is_synced = true;
	return true;
}

/* ---- watch ---- */

struct top {
	const char *type;
};
static const struct json_field top_fields[] = {{"type", JSON_FIELD_TEXT, offsetof(struct top, type)}};

static void
tell_present_or_gone(struct kubernetes_informer *informer, const char *type, json_t *object)
{
	scoped(arena_release) struct arena scratch = {0};
	const char *key = key_of(json_object_get(object, "metadata"), &scratch);
	if (strcmp(type, "ADDED") == 0 || strcmp(type, "MODIFIED") == 0) {
		tell_present(informer, key, object);
		remember(informer->known, key, object);
	} else if (strcmp(type, "DELETED") == 0 && json_object_get(informer->known, key) != NULL) {
		tell(informer, KUBERNETES_DELETED, object, NULL);
		json_object_del(informer->known, key);
	}
}

/* The type comes before or after it. */
static bool
keep_object(void *data, const void *record, struct error *err)
{
	const struct json_piece *piece = record;
	struct kubernetes_informer *informer = data;
	json_error_t problem;
	json_decref(informer->object);
	informer->object = json_loadb(piece->bytes, piece->length, 0, &problem);
	return informer->object != NULL ||
	       error_set(err, ERROR_BAD_ANSWER, "the watch of %s sent something that is no object: %s",
	                 informer->query.resource->plural, problem.text);
}

static bool
tell_event(void *data, const void *record, struct error *err)
{
	const struct top *top = record;
	struct kubernetes_informer *informer = data;
	struct kubernetes_status status;
	scoped(json_decrefp) json_t *object = take(informer->object);
	const json_t *metadata = json_object_get(object, "metadata");
	if (top->type != NULL && strcmp(top->type, "ERROR") == 0) {
		kubernetes_status_read(object, &status);
		return cycle_fail(&informer->cycle, &status, err);
	}
	if (top->type == NULL || !json_is_object(metadata))
		return error_set(err, ERROR_BAD_ANSWER, "the watch of %s sent something that is no event",
		                 informer->query.resource->plural);
	cycle_keep_version(&informer->cycle, metadata_text(metadata, "resourceVersion"));
	tell_present_or_gone(informer, top->type, object);
	return true;
}

static const struct json_record event_records[] = {
	{"object", NULL, 0, 0, keep_object, NULL},
	{"", top_fields, array_length(top_fields), sizeof(struct top), tell_event, NULL},
};

static void
forget_object(struct cycle *cycle)
{
	struct kubernetes_informer *informer = (struct kubernetes_informer *)cycle;
	json_decref(informer->object);
	informer->object = NULL;
}

/* ---- life ---- */

static void
run(void *data)
{
	cycle_run(data);
}

struct kubernetes_informer *
kubernetes_informer_start(struct kubernetes *kubernetes, const struct kubernetes_query *query,
                          void (*told)(void *data, const struct kubernetes_event *event), void *data)
{
	struct kubernetes_informer *informer = calloc(1, sizeof *informer);
	if (informer == NULL)
		abort();
	*informer = (struct kubernetes_informer){
		.cycle = {.kubernetes = kubernetes, .query = &informer->query, .list = list_anew, .records = event_records,
		          .n_records = array_length(event_records), .watch_begun = forget_object, .told = tell_connection},
		.query = *query, .told = told, .data = data, .known = json_object(),
	};
	informer->query.namespace = arena_strdup(&informer->arena, query->namespace);
	informer->query.label_selector = arena_strdup(&informer->arena, query->label_selector);
	informer->query.field_selector = arena_strdup(&informer->arena, query->field_selector);
	informer->fiber = fiber_start(fiber_loop(fiber_current()), run, &informer->cycle);
	return informer;
}

void
kubernetes_informer_stop(struct kubernetes_informer *informer)
{
	if (informer == NULL)
		return;
	fiber_cancel(informer->fiber);
	fiber_join(informer->fiber);
	json_decref(informer->known);
	json_decref(informer->listed);
	json_decref(informer->object);
	arena_release(&informer->arena);
	free(informer);
}

/* An informer: a list kept up to date.
 *
 *	list ──▶ watch from the list's version ──▶ end, reset, silence: watch again from the last version
 *	  ▲                                   └──▶ 410: the version is too old
 *	  └──────────────────────────────────────────┘  told are the differences to what was known
 *
 * What is known of an object is its metadata, by "namespace/name": enough to tell what vanished.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/call.h"
#include "api/kubernetes/frames.h"
#include "api/kubernetes/status.h"
#include "base/clock.h"
#include "base/fiber.h"

enum {
	BACK_OFF_MS = 800,
	BACK_OFF_MAX_MS = 30 * 1000,
	SETTLED_MS = 5000,         /* a watch that lived so long was a good one */
	SILENCE_MS = 150 * 1000,   /* bookmarks come each minute: this peer is dead */
	TIMEOUT_MIN_S = 300,
};

struct kubernetes_informer {
	struct kubernetes *kubernetes;
	struct kubernetes_query query; /* texts in arena */
	struct arena arena;
	void (*told)(void *data, const struct kubernetes_event *event);
	void *data;
	struct fiber *fiber;
	json_t *known;         /* "namespace/name" → metadata */
	char version[128];     /* where the next watch starts; "" = list first */
	bool is_synced, is_lost;
	unsigned failures;
	int64_t wait_ms;       /* asked for by the server */
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

/* Trouble is told once, until something works again. */
static void
tell_lost(struct kubernetes_informer *informer, const struct error *trouble)
{
	if (!informer->is_lost || !trouble->retryable)
		tell(informer, KUBERNETES_LOST, NULL, trouble);
	informer->is_lost = true;
}

static void
tell_back(struct kubernetes_informer *informer)
{
	if (informer->is_lost)
		tell(informer, KUBERNETES_BACK, NULL, NULL);
	informer->is_lost = false;
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
keep_version(struct kubernetes_informer *informer, const json_t *metadata)
{
	const char *version = metadata_text(metadata, "resourceVersion");
	if (version[0] != '\0' && strlen(version) < sizeof informer->version)
		memcpy(informer->version, version, strlen(version) + 1);
}

static void
tell_differences(struct kubernetes_informer *informer, json_t *items)
{
	json_t *now = json_object();
	const char *key;
	size_t i;
	json_t *item, *metadata;
	scoped(arena_release) struct arena scratch = {0};
	json_array_foreach(items, i, item) {
		key = key_of(json_object_get(item, "metadata"), &scratch);
		tell_present(informer, key, item);
		remember(now, key, item);
	}
	json_object_foreach(informer->known, key, metadata) {
		if (json_object_get(now, key) == NULL)
			tell_vanished(informer, metadata);
	}
	json_decref(informer->known);
	informer->known = now;
}

static bool
list_anew(struct kubernetes_informer *informer, struct error *err)
{
	scoped(json_decrefp) json_t *list = NULL;
	if (!kubernetes_list(informer->kubernetes, &informer->query, &list, err))
		return false;
	tell_back(informer);
	tell_differences(informer, json_object_get(list, "items"));
	keep_version(informer, json_object_get(list, "metadata"));
	if (!informer->is_synced)
		tell(informer, KUBERNETES_SYNCED, NULL, NULL);
	informer->is_synced = true;
	if (informer->version[0] == '\0')
		return error_set(err, ERROR_BAD_ANSWER, "the list of %s has no resourceVersion",
		                 informer->query.resource->plural);
	return true;
}

/* ---- watch ---- */

/* An ERROR event: a Status inside an answer that began as a success. */
static bool
read_trouble(struct kubernetes_informer *informer, const json_t *object, struct error *err)
{
	struct kubernetes_status status;
	kubernetes_status_read(object, &status);
	if (status.code == 410)
		informer->version[0] = '\0';
	informer->wait_ms = status.retry_after_ms;
	kubernetes_status_put_read(err, "watch", 500, &status);
	return false;
}

static bool
read_event(struct kubernetes_informer *informer, const char *bytes, size_t length, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	scoped(json_decrefp) json_t *event = json_loadb(bytes, length, 0, NULL);
	json_t *object = json_object_get(event, "object"), *metadata = json_object_get(object, "metadata");
	const char *type = metadata_text(event, "type");
	if (strcmp(type, "ERROR") == 0)
		return read_trouble(informer, object, err);
	if (!json_is_object(metadata))
		return error_set(err, ERROR_BAD_ANSWER, "the watch of %s sent something that is no event",
		                 informer->query.resource->plural);
	keep_version(informer, metadata);
	const char *key = key_of(metadata, &scratch);
	if (strcmp(type, "ADDED") == 0 || strcmp(type, "MODIFIED") == 0) {
		tell_present(informer, key, object);
		remember(informer->known, key, object);
	} else if (strcmp(type, "DELETED") == 0 && json_object_get(informer->known, key) != NULL) {
		tell(informer, KUBERNETES_DELETED, object, NULL);
		json_object_del(informer->known, key);
	}
	return true;
}

static bool
read_events(struct kubernetes_informer *informer, struct http_stream *stream, struct error *err)
{
	scoped(frames_release) struct frames frames = FRAMES_INIT;
	for (;;) {
		const char *bytes, *event;
		size_t length;
		if (!http_stream_read(stream, SILENCE_MS, &bytes, &length, err))
			return false;
		if (bytes == NULL) {
			error_put(err, ERROR_UNREACHABLE, "the watch of %s was silent for %d s",
			          informer->query.resource->plural, SILENCE_MS / 1000);
			err->retryable = true;
			return false;
		}
		if (length == 0)
			return true;
		if (!frames_add(&frames, bytes, length, err))
			return false;
		while (frames_next(&frames, &event, &length)) {
			if (!read_event(informer, event, length, err))
				return false;
		}
	}
}

/* Follows until the stream ends; true is the regular end. */
static bool
watch_once(struct kubernetes_informer *informer, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	struct http_response head;
	struct http_stream *stream = NULL;
	const char *parameters = arena_printf(
		&scratch, "watch=true&allowWatchBookmarks=true&resourceVersion=%s&timeoutSeconds=%u",
		http_escape(informer->version, &scratch), TIMEOUT_MIN_S + randombytes_uniform(TIMEOUT_MIN_S));
	struct kubernetes_call call = {
		.path = kubernetes_query_path(&informer->query, parameters, &scratch),
		.is_stream = true, .raw_status = true,
	};
	if (!kubernetes_call_open(informer->kubernetes, &call, &scratch, &head, &stream, err))
		return false;
	if (head.status == 410)
		informer->version[0] = '\0';
	if (head.status >= 300 || stream == NULL) {
		kubernetes_put_status(informer->kubernetes, &call, &head, &scratch, err);
		if (stream != NULL)
			http_stream_close(stream);
		return false;
	}
	tell_back(informer);
	bool ok = read_events(informer, stream, err);
	http_stream_close(stream);
	return ok;
}

/* ---- for ever ---- */

static bool
is_final(const struct error *trouble)
{
	switch ((int)trouble->code) {
	case ERROR_NOT_LOGGED_IN:
	case ERROR_FORBIDDEN:
	case ERROR_NOT_FOUND:
	case ERROR_INVALID_SPEC:
		return true;
	default:
		return false;
	}
}

/* Full jitter around 0.8 s, doubled up to 30 s; the server's wish wins. */
static bool
back_off(struct kubernetes_informer *informer, int64_t lived_ms)
{
	int64_t delay_ms = informer->wait_ms;
	informer->wait_ms = 0;
	if (lived_ms >= SETTLED_MS)
		informer->failures = 0;
	else if (delay_ms == 0) {
		unsigned shift = informer->failures < 6 ? informer->failures : 6;
		int64_t cap = (int64_t)BACK_OFF_MS << shift;
		if (cap > BACK_OFF_MAX_MS)
			cap = BACK_OFF_MAX_MS;
		delay_ms = cap / 2 + randombytes_uniform((uint32_t)cap);
		informer->failures++;
	}
	return fiber_sleep(fiber_loop(fiber_current()), delay_ms);
}

static void
follow(void *data)
{
	struct kubernetes_informer *informer = data;
	for (;;) {
		struct error trouble = {0};
		int64_t started = clock_monotonic_ms();
		bool must_list = informer->version[0] == '\0';
		bool ok = must_list ? list_anew(informer, &trouble) : watch_once(informer, &trouble);
		if (fiber_is_cancelled())
			return;
		if (ok && must_list)
			continue;
		if (is_final(&trouble)) {
			trouble.retryable = false;
			tell_lost(informer, &trouble);
			return;
		}
		bool has_expired = !must_list && informer->version[0] == '\0';
		if (has_expired && informer->failures++ == 0)
			continue;
		if (!ok && !has_expired) {
			trouble.retryable = true;
			tell_lost(informer, &trouble);
		}
		if (!back_off(informer, clock_monotonic_ms() - started))
			return;
	}
}

struct kubernetes_informer *
kubernetes_informer_start(struct kubernetes *kubernetes, const struct kubernetes_query *query,
                          void (*told)(void *data, const struct kubernetes_event *event), void *data)
{
	struct kubernetes_informer *informer = calloc(1, sizeof *informer);
	if (informer == NULL)
		abort();
	*informer = (struct kubernetes_informer){
		.kubernetes = kubernetes, .query = *query, .told = told, .data = data, .known = json_object(),
	};
	informer->query.namespace = arena_strdup(&informer->arena, query->namespace);
	informer->query.label_selector = arena_strdup(&informer->arena, query->label_selector);
	informer->query.field_selector = arena_strdup(&informer->arena, query->field_selector);
	informer->fiber = fiber_start(fiber_loop(fiber_current()), follow, informer);
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
	arena_release(&informer->arena);
	free(informer);
}

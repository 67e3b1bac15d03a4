/* Watches: one listener on the store for all, one stream a watch.
 *
 *	ADDED… (only without a version) → [BOOKMARK initial-events-end] → events ⟲ bookmarks → end
 *
 * Ends by timeoutSeconds, by a client that leaves or reads too slowly, or with an ERROR event. */
#include "sandbox/kubernetes/call.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/loop.h"
#include "base/number.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/tree.h"
#include "web/server.h"

enum { BOOKMARK_EVERY_MS = 60 * 1000, SHORTEST_S = 30 * 60, SPREAD_S = 30 * 60 };

struct watcher {
	struct call *call;
	struct selector selector;
	bool wants_bookmarks, has_columns; /* a table's columns are sent once */
	uint64_t version;                  /* everything up to here was told */
	struct loop_timer end, bookmark;
	struct watcher *next, **link;
};

/* ---- events ---- */

static void
send_event(struct watcher *watcher, const char *type, json_t *object)
{
	scoped(tree_release) json_t *event = json_pack("{s:s, s:o}", "type", type, "object", object);
	char *text = json_dumps(event, JSON_COMPACT);
	size_t length = strlen(text);
	text[length] = '\n';
	web_stream_push(watcher->call->request, text, length + 1);
	free(text);
}

static void
send_object(struct watcher *watcher, const char *type, const json_t *object)
{
	send_event(watcher, type, call_shape_object(watcher->call, object, !watcher->has_columns));
	watcher->has_columns = true;
}

static void
send_bookmark(struct watcher *watcher, bool ends_initial_events)
{
	char api_version[RESOURCE_API_VERSION_BYTES];
	const struct resource *resource = watcher->call->resource;
	scoped(tree_release) json_t *object =
		json_pack("{s:s, s:s, s:{s:o}}", "kind", resource->kind, "apiVersion",
	                  resource_api_version(resource, api_version), "metadata", "resourceVersion",
	                  json_sprintf("%llu", (unsigned long long)
	                               store_version(watcher->call->api->options.store)));
	if (ends_initial_events)
		json_object_set_new(tree_get(object, "metadata"), "annotations",
		                    json_pack("{s:s}", "k8s.io/initial-events-end", "true"));
	send_object(watcher, "BOOKMARK", object);
}

/* What left the selection is told as it was, with the version of the change. */
static void
send_left(struct watcher *watcher, const struct store_change *change)
{
	scoped(tree_release) json_t *last = json_copy(tree_loose(change->before));
	json_object_set_new(last, "metadata", json_copy(tree_get(last, "metadata")));
	tree_set(last, "metadata.resourceVersion",
	         json_incref(tree_get(change->object, "metadata.resourceVersion")));
	send_object(watcher, "DELETED", last);
}

static void
tell_watcher(void *data, const struct store_change *change)
{
	struct watcher *watcher = data;
	const char *namespace = watcher->call->namespace;
	if (change->resource != watcher->call->resource || change->version <= watcher->version)
		return;
	watcher->version = change->version;
	if (namespace[0] != '\0' &&
	    strcmp(tree_text(change->object, "metadata.namespace"), namespace) != 0)
		return;
	bool was_in = change->before != NULL && selector_matches(&watcher->selector, change->before);
	bool is_in = change->type != STORE_DELETED && selector_matches(&watcher->selector, change->object);
	if (was_in && change->type == STORE_DELETED)
		send_object(watcher, "DELETED", change->object);
	else if (was_in && !is_in)
		send_left(watcher, change);
	else if (is_in)
		send_object(watcher, was_in ? "MODIFIED" : "ADDED", change->object);
}

void
watch_tell(struct store_listener *listener, const struct store_change *change)
{
	struct kubernetes_api *api = listener->data;
	for (struct watcher *at = api->watchers, *next; at != NULL; at = next) {
		next = at->next;
		tell_watcher(at, change);
	}
}

/* ---- life ---- */

static void
forget(struct watcher *watcher)
{
	if (watcher->link == NULL)
		return; /* ended before; the API may be gone by now */
	struct loop *loop = watcher->call->api->options.loop;
	loop_timer_cancel(loop, &watcher->end);
	loop_timer_cancel(loop, &watcher->bookmark);
	*watcher->link = watcher->next;
	if (watcher->next != NULL)
		watcher->next->link = watcher->link;
	watcher->link = NULL;
}

static void
end(struct watcher *watcher)
{
	forget(watcher);
	web_stream_end(watcher->call->request);
}

static void
request_closed(struct web_request *request, bool is_complete)
{
	(void)is_complete;
	forget(request->data);
}

static void
time_is_up(struct loop_timer *timer)
{
	struct watcher *watcher = timer->data;
	if (watcher->wants_bookmarks)
		send_bookmark(watcher, false);
	end(watcher);
}

static void
bookmark_is_due(struct loop_timer *timer)
{
	struct watcher *watcher = timer->data;
	send_bookmark(watcher, false);
	loop_timer_set(watcher->call->api->options.loop, timer, BOOKMARK_EVERY_MS);
}

static void
fail(struct watcher *watcher, json_t *status)
{
	send_event(watcher, "ERROR", status);
	end(watcher);
}

static json_t *
too_old(const struct store *store, const char *version)
{
	return status_new(410, "Expired", NULL, NULL, "too old resource version: %s (%llu)", version,
	                  (unsigned long long)store_oldest_version(store));
}

void
kubernetes_api_expire_watches(struct kubernetes_api *api)
{
	while (api->watchers != NULL)
		fail(api->watchers, too_old(api->options.store, "1"));
}

void
kubernetes_api_end_watches(struct kubernetes_api *api)
{
	while (api->watchers != NULL)
		end(api->watchers);
}

size_t
kubernetes_api_open_watches(const struct kubernetes_api *api)
{
	size_t n = 0;
	for (const struct watcher *at = api->watchers; at != NULL; at = at->next)
		n++;
	return n;
}

/* ---- the request ---- */

static bool
send_if_selected(void *data, const json_t *object)
{
	struct watcher *watcher = data;
	if (selector_matches(&watcher->selector, object))
		send_object(watcher, "ADDED", object);
	return true;
}

/* The old path form names its one object: /watch/namespaces/NS/pods/NAME. */
static const char *
field_selector_of(const struct call *call)
{
	const char *fields = call_query(call, "fieldSelector");
	return call->name[0] == '\0' ? fields
	                             : arena_printf(call->arena, "metadata.name=%s", call->name);
}

static int64_t
duration_ms(const struct call *call)
{
	struct error ignored;
	const char *text = call_query(call, "timeoutSeconds");
	uint64_t seconds;
	if (text == NULL || !number_parse_u64(text, 1, 24 * 3600, &seconds, &ignored))
		seconds = SHORTEST_S + randombytes_uniform(SPREAD_S);
	return (int64_t)seconds * 1000;
}

static void
begin(struct watcher *watcher)
{
	struct call *call = watcher->call;
	struct kubernetes_api *api = call->api;
	watcher->next = api->watchers;
	watcher->link = &api->watchers;
	if (watcher->next != NULL)
		watcher->next->link = &watcher->next;
	api->watchers = watcher;
	watcher->end = (struct loop_timer){.fire = time_is_up, .data = watcher};
	watcher->bookmark = (struct loop_timer){.fire = bookmark_is_due, .data = watcher};
	loop_timer_set(api->options.loop, &watcher->end, duration_ms(call));
	if (watcher->wants_bookmarks)
		loop_timer_set(api->options.loop, &watcher->bookmark, BOOKMARK_EVERY_MS);
	call->request->data = watcher;
	call->request->closed = request_closed;
	web_add_header(call->request, "Content-Type", "application/json");
	web_add_header(call->request, "Cache-Control", "no-cache, private");
	web_stream_open(call->request, 200, UINT64_MAX);
}

static void
begin_from(struct watcher *watcher, const char *version)
{
	struct store *store = watcher->call->api->options.store;
	bool sends_initial = call_query_is_true(watcher->call, "sendInitialEvents");
	struct error ignored;
	uint64_t from = 0;
	begin(watcher);
	if (version != NULL && version[0] != '\0' &&
	    !number_parse_u64(version, 0, INT64_MAX, &from, &ignored)) {
		fail(watcher, status_bad_request("Invalid value: \"%s\": strconv.ParseUint", version));
		return;
	}
	if (from == 0 || sends_initial) {
		store_each(store, watcher->call->resource, watcher->call->namespace, send_if_selected, watcher);
		watcher->version = store_version(store);
		if (sends_initial && watcher->wants_bookmarks)
			send_bookmark(watcher, true);
		return;
	}
	watcher->version = from;
	if (!store_replay(store, watcher->call->resource, from, tell_watcher, watcher))
		fail(watcher, too_old(store, version));
}

void
watch_handle(struct call *call)
{
	struct watcher *watcher = arena_new(call->arena, struct watcher);
	const char *match = call_query(call, "resourceVersionMatch");
	json_t *status;
	watcher->call = call;
	watcher->wants_bookmarks = call_query_is_true(call, "allowWatchBookmarks");
	if (!selector_parse(call->resource, call_query(call, "labelSelector"), field_selector_of(call),
	                    call->arena, &watcher->selector, &status)) {
		call_fail(call, status);
	} else if (call_query_is_true(call, "sendInitialEvents") &&
	           (match == NULL || strcmp(match, "NotOlderThan") != 0)) {
		call_fail(call, status_new(422, "Invalid", NULL, NULL,
		                           "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: "
		                           "Forbidden: sendInitialEvents requires setting "
		                           "resourceVersionMatch to NotOlderThan"));
	} else {
		begin_from(watcher, call_query(call, "resourceVersion"));
	}
}

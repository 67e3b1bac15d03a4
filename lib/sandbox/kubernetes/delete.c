/* DELETE: at once, after a grace period, or when the last finalizer lets go. */
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/number.h"
#include "sandbox/kubernetes/call.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/tree.h"
#include "web/server.h"

static json_t *
check_preconditions(const struct call *call, const json_t *object, const json_t *options)
{
	static const char *const fields[][2] = {{"uid", "UID"}, {"resourceVersion", "ResourceVersion"}};
	for (size_t i = 0; i < array_length(fields); i++) {
		const char *wanted = tree_text(json_object_get(options, "preconditions"), fields[i][0]);
		const char *actual = tree_text(json_object_get(object, "metadata"), fields[i][0]);
		if (wanted[0] != '\0' && strcmp(wanted, actual) != 0)
			return status_new(409, "Conflict", call->resource, call->name,
			                  "Operation cannot be fulfilled on %s \"%s\": the %s in the "
			                  "precondition (%s) does not match the %s in record (%s). The object "
			                  "might have been deleted and then recreated", call->resource->plural,
			                  call->name, fields[i][1], wanted, fields[i][1], actual);
	}
	return NULL;
}

struct orphaning {
	struct store *store;
	const struct resource *resource;
	const char *uid;
};

/* Takes the owner off an object, so that it stays. */
static bool
orphan(void *data, const json_t *object)
{
	struct orphaning *orphaning = data;
	const json_t *owners = tree_get(object, "metadata.ownerReferences");
	json_t *changed = NULL;
	for (size_t i = json_array_size(owners); i-- > 0;) {
		if (strcmp(tree_text(json_array_get(owners, i), "uid"), orphaning->uid) != 0)
			continue;
		if (changed == NULL)
			changed = json_deep_copy(object);
		json_array_remove(tree_get(changed, "metadata.ownerReferences"), i);
	}
	if (changed != NULL)
		store_put(orphaning->store, orphaning->resource, changed);
	return true;
}

static void
orphan_all(struct store *store, const char *uid)
{
	for (size_t i = 0; i < n_resources; i++)
		store_each(store, &resources[i], NULL, orphan,
		           &(struct orphaning){.store = store, .resource = &resources[i], .uid = uid});
}

/* Seconds the object may still take: pods on nodes only. */
static json_int_t
grace_seconds(const struct call *call, const json_t *object, const json_t *options)
{
	struct error ignored;
	uint64_t asked;
	const char *query = call_query(call, "gracePeriodSeconds");
	const json_t *given = json_object_get(options, "gracePeriodSeconds");
	if (strcmp(call->resource->kind, "Pod") != 0 || tree_text(object, "spec.nodeName")[0] == '\0')
		return 0;
	if (query != NULL && number_parse_u64(query, 0, 86400, &asked, &ignored))
		return (json_int_t)asked;
	return given != NULL ? json_integer_value(given)
	                     : tree_int(object, "spec.terminationGracePeriodSeconds");
}

static void
mark_deleted(struct call *call, const json_t *object, json_int_t grace_s)
{
	char until[CLOCK_TEXT_BYTES];
	json_t *marked = json_deep_copy(object);
	tree_set_default(marked, "metadata.deletionTimestamp",
	                 json_string(clock_format(clock_wall_ms() + grace_s * 1000, until)));
	if (grace_s > 0)
		tree_set(marked, "metadata.deletionGracePeriodSeconds", json_integer(grace_s));
	call_answer_object(call, 200, store_put(call->api->options.store, call->resource, marked));
}

static void
delete_now(struct call *call, const json_t *object, const json_t *options)
{
	struct store *store = call->api->options.store;
	const char *policy = tree_text(options, "propagationPolicy");
	const char *query = call_query(call, "propagationPolicy");
	scoped(tree_release) json_t *last = json_incref(tree_loose(object));
	if (strcmp(query == NULL ? policy : query, "Orphan") == 0)
		orphan_all(store, tree_text(last, "metadata.uid"));
	store_delete(store, call->resource, call->namespace, call->name);
	scoped(tree_release) json_t *status =
		status_success(call->resource, call->name, tree_text(last, "metadata.uid"));
	call_answer(call, 200, status);
}

void
delete_object(struct call *call, const json_t *object, const json_t *options)
{
	json_int_t grace_s = grace_seconds(call, object, options);
	json_t *refusal = check_preconditions(call, object, options);
	const char *dry_run = tree_text(options, "dryRun.0");
	if (refusal != NULL)
		call_fail(call, refusal);
	else if (call_is_dry_run(call) || strcmp(dry_run, "All") == 0)
		call_answer_object(call, 200, object);
	else if (grace_s > 0 || json_array_size(tree_get(object, "metadata.finalizers")) > 0)
		mark_deleted(call, object, grace_s);
	else
		delete_now(call, object, options);
}

json_t *
delete_options(struct call *call)
{
	return call->request->body_length == 0 ? json_object() : call_parse_body(call);
}

void
delete_handle(struct call *call)
{
	const json_t *object = call_stored(call);
	scoped(tree_release) json_t *options = delete_options(call);
	if (options == NULL)
		return;
	if (object == NULL)
		call_fail(call, status_not_found(call->resource, call->name));
	else
		delete_object(call, object, options);
}

/* ---- deleting all ---- */

struct collection {
	struct call *call;
	struct selector selector;
	json_t *items;
};

static bool
delete_selected(void *data, const json_t *object)
{
	struct collection *collection = data;
	struct call *call = collection->call;
	if (!selector_matches(&collection->selector, object))
		return true;
	json_array_append(collection->items, tree_loose(object));
	if (!call_is_dry_run(call))
		store_delete(call->api->options.store, call->resource,
		             tree_text(object, "metadata.namespace"), tree_text(object, "metadata.name"));
	return true;
}

void
delete_collection_handle(struct call *call)
{
	struct collection collection = {.call = call};
	char api_version[RESOURCE_API_VERSION_BYTES];
	json_t *status;
	if (!selector_parse(call->resource, call_query(call, "labelSelector"),
	                    call_query(call, "fieldSelector"), call->arena, &collection.selector, &status)) {
		call_fail(call, status);
		return;
	}
	collection.items = json_array();
	store_each(call->api->options.store, call->resource, call->namespace, delete_selected, &collection);
	scoped(tree_release) json_t *list =
		json_pack("{s:o, s:s, s:{s:o}, s:o}", "kind", json_sprintf("%sList", call->resource->kind),
	                  "apiVersion", resource_api_version(call->resource, api_version), "metadata",
	                  "resourceVersion", json_sprintf("%llu", (unsigned long long)
	                                                  store_version(call->api->options.store)),
	                  "items", collection.items);
	call_answer(call, 200, list);
}

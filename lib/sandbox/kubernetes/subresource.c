/* The small subresources: scale of workloads, eviction of pods, tokens of service accounts, and the way
 * into containers, which nothing runs here. */
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/apply.h"
#include "sandbox/kubernetes/call.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/tree.h"
#include "web/server.h"

/* autoscaling/v1 Scale of a workload; PUT and merge PATCH set spec.replicas. */
void
scale_handle(struct call *call)
{
	const json_t *before = call_stored(call);
	if (before == NULL || tree_get(before, "spec.template") == NULL) {
		call_fail(call, before == NULL ? status_not_found(call->resource, call->name)
		                               : status_no_route());
		return;
	}
	scoped(tree_release) json_t *after = json_deep_copy(before);
	if (strcmp(call->request->method, "GET") != 0) {
		scoped(tree_release) json_t *body = call_parse_body(call);
		if (body == NULL)
			return;
		tree_set(after, "spec.replicas", json_integer(tree_int(body, "spec.replicas")));
		struct apply apply = {.resource = call->resource, .manager = call_field_manager(call),
		                      .subresource = call->subresource};
		apply_note_update(&apply, before, after);
		before = store_put(call->api->options.store, call->resource, json_incref(after));
	}
	scoped(tree_release) json_t *scale =
		json_pack("{s:s, s:s, s:{s:s, s:s, s:O, s:O}, s:{s:I}, s:{s:I}}", "kind", "Scale", "apiVersion",
	                  "autoscaling/v1", "metadata", "name", call->name, "namespace", call->namespace,
	                  "uid", tree_get(before, "metadata.uid"), "resourceVersion",
	                  tree_get(before, "metadata.resourceVersion"), "spec", "replicas",
	                  tree_int(before, "spec.replicas"), "status", "replicas",
	                  tree_int(before, "status.replicas"));
	call_answer(call, 200, scale);
}

/* Whether a budget of the namespace that selects the pod has nothing left to give. */
struct budget_search {
	const json_t *pod, *blocking;
};

static bool
find_blocking_budget(void *data, const json_t *budget)
{
	struct budget_search *search = data;
	const char *key;
	json_t *value;
	json_object_foreach (tree_get(budget, "spec.selector.matchLabels"), key, value)
		if (!json_equal(json_object_get(tree_get(search->pod, "metadata.labels"), key), value))
			return true;
	if (tree_get(budget, "status") != NULL && tree_int(budget, "status.disruptionsAllowed") <= 0)
		search->blocking = budget;
	return search->blocking == NULL;
}

void
eviction_handle(struct call *call)
{
	struct budget_search search = {.pod = call_stored(call)};
	scoped(tree_release) json_t *body = delete_options(call);
	if (body == NULL)
		return;
	if (search.pod == NULL) {
		call_fail(call, status_not_found(call->resource, call->name));
		return;
	}
	store_each(call->api->options.store, resource_find("policy", "v1", "poddisruptionbudgets"),
	           call->namespace, find_blocking_budget, &search);
	if (search.blocking != NULL) {
		json_t *status = status_new(429, "TooManyRequests", NULL, NULL,
		                            "Cannot evict pod as it would violate the pod's disruption budget.");
		status_add_cause(status, "DisruptionBudget",
		                 arena_printf(call->arena, "The disruption budget %s needs more healthy pods "
		                              "before it allows another", tree_text(search.blocking, "metadata.name")), "");
		call_fail(call, status);
	} else {
		delete_object(call, search.pod, json_object_get(body, "deleteOptions"));
	}
}

void
token_handle(struct call *call)
{
	char until[CLOCK_TEXT_BYTES];
	scoped(tree_release) json_t *request = call_parse_body(call);
	if (request == NULL)
		return;
	if (call_stored(call) == NULL) {
		call_fail(call, status_not_found(call->resource, call->name));
		return;
	}
	json_int_t seconds = tree_int(request, "spec.expirationSeconds");
	tree_set(request, "status", json_pack(
		"{s:o, s:s}", "token", json_sprintf("sandbox.%s.%s.%08x", call->namespace, call->name,
		                                    randombytes_random()),
		"expirationTimestamp",
		clock_format(clock_wall_ms() + (seconds == 0 ? 3600 : seconds) * 1000, until)));
	call_answer(call, 201, request);
}

void
inside_handle(struct call *call)
{
	if (call_stored(call) == NULL)
		call_fail(call, status_not_found(call->resource, call->name));
	else
		call_fail(call, status_new(501, "NotImplemented", call->resource, call->name,
		                           "pod %s of the sandbox has no process inside: %s goes nowhere", call->name,
		                           call->subresource));
}

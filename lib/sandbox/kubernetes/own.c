/* What a program of the sandbox's own does as a client: `kubectl apply`, without the request. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/call.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/tree.h"

#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

/* What was applied last, as the object tells; new reference, NULL when it does not. */
static json_t *
last_applied(const json_t *object)
{
	const char *text = json_string_value(json_object_get(tree_get(object, "metadata.annotations"), LAST_APPLIED));
	return text != NULL ? json_loads(text, 0, NULL) : NULL;
}

static void
note_applied(json_t *object, const json_t *applied)
{
	char *text = json_dumps(applied, JSON_COMPACT);
	if (text == NULL)
		abort();
	if (!json_is_object(tree_get(object, "metadata.annotations")))
		tree_set(object, "metadata.annotations", json_object());
	json_object_set_new(tree_get(object, "metadata.annotations"), LAST_APPLIED, json_string(text));
	free(text);
}

/* Three ways: what was applied and no longer is goes, what is applied now is set, the rest stays. */
static void
merge(json_t *live, const json_t *before, const json_t *now)
{
	const char *key;
	json_t *value;
	json_object_foreach (tree_loose(before), key, value)
		if (json_object_get(now, key) == NULL)
			json_object_del(live, key);
	json_object_foreach (tree_loose(now), key, value) {
		json_t *standing = json_object_get(live, key);
		if (json_is_object(value) && json_is_object(standing))
			merge(standing, json_object_get(before, key), value);
		else
			json_object_set_new(live, key, json_deep_copy(value));
	}
}

static void
apply(struct call *call, const json_t *object)
{
	const json_t *before = call_stored(call);
	const char *verb = before == NULL ? "create" : "patch";
	json_t *refusal = call_may(call, verb, call->resource->plural)
	                          ? NULL
	                          : call_forbidden(call, verb, call->resource->plural);
	if (refusal == NULL && before == NULL)
		refusal = write_check_namespace(call);
	if (refusal != NULL) {
		call_fail(call, refusal);
		return;
	}
	json_t *after = json_deep_copy(before != NULL ? before : object);
	if (before != NULL) {
		scoped(tree_release) json_t *applied = last_applied(before);
		merge(after, applied, object);
	}
	note_applied(after, object);
	write_commit(call, before == NULL ? 201 : 200, before, after, false);
}

/* kubectl's words for a failure. */
static const char *
explain(const struct call *call, bool is_new)
{
	const json_t *status = call->own_failure;
	const char *reason = tree_text(status, "reason"), *message = tree_text(status, "message");
	if (strcmp(reason, "Invalid") == 0)
		return arena_printf(call->arena, "%s", message);
	return arena_printf(call->arena, "Error from server (%s): error when %s \"STDIN\": %s", reason,
	                    is_new ? "creating" : "applying patch to", message);
}

bool
kubernetes_api_apply(struct kubernetes_api *api, const char *user, const json_t *object, struct arena *arena,
                     const char **ret_why)
{
	const char *kind = tree_text(object, "kind"), *version = tree_text(object, "apiVersion");
	const char *name = tree_text(object, "metadata.name"), *namespace = tree_text(object, "metadata.namespace");
	const struct kubernetes_api_user who = {.name = user};
	struct call call = {.api = api, .own_manager = "kubectl-client-side-apply", .arena = arena, .user = &who,
	                    .resource = resource_of_kind(version, kind), .name = name, .subresource = ""};
	if (call.resource == NULL || !call_serves(&call, call.resource)) {
		*ret_why = arena_printf(arena,
		                        "error: resource mapping not found for name: \"%s\" namespace: \"%s\" from \"STDIN\": "
		                        "no matches for kind \"%s\" in version \"%s\"\nensure CRDs are installed first",
		                        name, namespace, kind, version);
		return false;
	}
	call.namespace = !call.resource->is_namespaced ? "" : namespace[0] != '\0' ? namespace : "default";
	bool is_new = call_stored(&call) == NULL;
	apply(&call, object);
	if (call.own_failure == NULL)
		return true;
	*ret_why = explain(&call, is_new);
	json_decref(call.own_failure);
	return false;
}

/* Requests that change objects, all down one road:
 *
 *	body → next form → halves of spec and status → types → defaults → pruning → validation
 *	     → admission → (dry run: answer) → store */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/apply.h"
#include "sandbox/kubernetes/call.h"
#include "sandbox/kubernetes/decode.h"
#include "sandbox/kubernetes/default.h"
#include "sandbox/kubernetes/patch.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/tree.h"
#include "sandbox/kubernetes/validate.h"
#include "web/server.h"

static bool
is_status_call(const struct call *call)
{
	return strcmp(call->subresource, "status") == 0;
}

static struct apply
apply_of(const struct call *call)
{
	return (struct apply){.resource = call->resource, .manager = call_field_manager(call),
	                      .subresource = call->subresource,
	                      .force = call_query_is_true(call, "force")};
}

/* ---- the road ---- */

/* Spec and status are written apart: the half not asked for stays as it was. */
static void
keep_other_half(const struct call *call, const json_t *before, json_t *after)
{
	if (!call->resource->has_status)
		return;
	const char *key;
	json_t *value;
	if (!is_status_call(call)) {
		json_object_del(after, "status");
		if (before != NULL && json_object_get(before, "status") != NULL)
			json_object_set_new(after, "status", json_deep_copy(json_object_get(before, "status")));
		return;
	}
	scoped(tree_release) json_t *status = json_incref(json_object_get(after, "status"));
	scoped(tree_release) json_t *managed = json_incref(tree_get(after, "metadata.managedFields"));
	json_object_clear(after);
	json_object_foreach (tree_loose(before), key, value)
		json_object_set_new(after, key, json_deep_copy(value));
	if (status != NULL)
		json_object_set(after, "status", status);
	if (managed != NULL)
		tree_set(after, "metadata.managedFields", json_incref(managed));
}

/* What only the server writes, whatever the client sent. */
static void
keep_identity(const struct call *call, const json_t *before, json_t *after)
{
	static const char *const fields[] = {"uid", "creationTimestamp", "generation",
	                                     "deletionTimestamp", "deletionGracePeriodSeconds"};
	if (!json_is_object(json_object_get(after, "metadata")))
		json_object_set_new(after, "metadata", json_object());
	json_t *metadata = json_object_get(after, "metadata");
	for (size_t i = 0; i < array_length(fields); i++) {
		const json_t *value = json_object_get(json_object_get(before, "metadata"), fields[i]);
		json_object_del(metadata, fields[i]);
		if (value != NULL)
			json_object_set_new(metadata, fields[i], json_deep_copy(value));
	}
	json_object_set_new(metadata, "name", json_string(call->name));
	if (call->resource->is_namespaced)
		json_object_set_new(metadata, "namespace", json_string(call->namespace));
}

/* Maps and lists of metadata are stored without, when they are empty. */
static void
drop_empty(json_t *metadata)
{
	static const char *const fields[] = {"labels", "annotations", "finalizers", "ownerReferences"};
	for (size_t i = 0; i < array_length(fields); i++) {
		const json_t *value = json_object_get(metadata, fields[i]);
		if (value != NULL && json_object_size(value) == 0 && json_array_size(value) == 0)
			json_object_del(metadata, fields[i]);
	}
}

struct pruning {
	struct call *call;
	bool is_strict, warns;
	const char *faults;
};

static void
note_unknown(void *data, const char *path)
{
	struct pruning *pruning = data;
	struct arena *arena = pruning->call->arena;
	const char *text = arena_printf(arena, "unknown field \"%s\"", path);
	if (pruning->is_strict)
		pruning->faults = pruning->faults == NULL ? text
		                                          : arena_printf(arena, "%s, %s", pruning->faults, text);
	else if (pruning->warns)
		call_warn(pruning->call, text);
}

/* New reference to the 400, or NULL. */
static json_t *
prune(struct call *call, json_t *object)
{
	const char *mode = call_query(call, "fieldValidation");
	const struct resource *resource = call->resource;
	struct pruning pruning = {.call = call, .is_strict = mode != NULL && strcmp(mode, "Strict") == 0,
	                          .warns = mode == NULL || strcmp(mode, "Warn") == 0};
	validate_prune(resource, object, note_unknown, &pruning);
	if (pruning.faults == NULL)
		return NULL;
	return status_bad_request("%s in version \"%s\" cannot be handled as a %s: strict decoding error: %s",
	                          resource->kind, resource->version, resource->kind, pruning.faults);
}

static json_t *
admit(struct call *call, const json_t *object)
{
	char message[1024];
	unsigned code = 403;
	const struct kubernetes_api_options *options = &call->api->options;
	if (options->admit == NULL || is_status_call(call) ||
	    options->admit(options->data, call->resource, object, &code, message, sizeof message))
		return NULL;
	return status_new(code, code == 403 ? "Forbidden" : code == 400 ? "BadRequest" : "InternalError",
	                  call->resource, call->name, "%s", message);
}

/* What a dry run answers: as stored, but for the version. */
static void
answer_dry_run(struct call *call, unsigned code, const json_t *before, json_t *after)
{
	char now[CLOCK_TEXT_BYTES], api_version[RESOURCE_API_VERSION_BYTES];
	tree_set(after, "kind", json_string(call->resource->kind));
	tree_set(after, "apiVersion", json_string(resource_api_version(call->resource, api_version)));
	tree_set_default(after, "metadata.uid", json_string("00000000-0000-0000-0000-000000000000"));
	tree_set_default(after, "metadata.creationTimestamp",
	                 json_string(clock_format(clock_wall_ms(), now)));
	if (before != NULL)
		tree_set(after, "metadata.resourceVersion",
		         json_incref(tree_get(before, "metadata.resourceVersion")));
	call_answer_object(call, code, after);
}

/* Puts, or lets go what only its finalizers held. */
static void
store_and_answer(struct call *call, unsigned code, json_t *after)
{
	struct store *store = call->api->options.store;
	bool is_over = tree_get(after, "metadata.deletionTimestamp") != NULL &&
	               json_array_size(tree_get(after, "metadata.finalizers")) == 0 &&
	               tree_get(after, "metadata.deletionGracePeriodSeconds") == NULL;
	scoped(tree_release) json_t *now =
		json_incref(tree_loose(store_put(store, call->resource, json_incref(after))));
	if (is_over)
		store_delete(store, call->resource, call->namespace, call->name);
	call_answer_object(call, code, now);
}

/* From here on `after` is ours alone. */
void
write_commit(struct call *call, unsigned code, const json_t *before, json_t *after, bool is_tracked)
{
	scoped(tree_release) json_t *owned = json_deep_copy(after);
	struct apply apply = apply_of(call);
	json_decref(after);
	keep_other_half(call, before, owned);
	keep_identity(call, before, owned);
	json_t *refusal = decode_check(call->resource, owned);
	if (refusal == NULL) {
		default_object(call->resource, owned);
		drop_empty(json_object_get(owned, "metadata"));
		refusal = prune(call, owned);
	}
	if (refusal == NULL)
		refusal = validate_object(call->resource, before, owned);
	if (refusal == NULL)
		refusal = admit(call, owned);
	if (refusal != NULL) {
		call_fail(call, refusal);
		return;
	}
	if (!is_tracked)
		apply_note_update(&apply, before, owned);
	if (call_is_dry_run(call))
		answer_dry_run(call, code, before, owned);
	else
		store_and_answer(call, code, owned);
}

/* ---- reading one ---- */

void
read_handle(struct call *call)
{
	const json_t *object = call_stored(call);
	if (object == NULL)
		call_fail(call, status_not_found(call->resource, call->name));
	else
		call_answer_object(call, 200, object);
}

/* ---- creating ---- */

json_t *
write_check_namespace(const struct call *call)
{
	const struct resource *namespaces = resource_find("", "v1", "namespaces");
	if (!call->resource->is_namespaced)
		return NULL;
	const json_t *namespace = store_get(call->api->options.store, namespaces, "", call->namespace);
	if (namespace == NULL)
		return status_not_found(namespaces, call->namespace);
	if (strcmp(tree_text(namespace, "status.phase"), "Terminating") != 0)
		return NULL;
	return status_new(403, "Forbidden", call->resource, call->name,
	                  "%s \"%s\" is forbidden: unable to create new content in namespace %s because "
	                  "it is being terminated", call->resource->plural, call->name, call->namespace);
}

/* The body must be of the URL's kind and namespace, where it says them at all. */
static json_t *
check_body(const struct call *call, const json_t *body)
{
	char api_version[RESOURCE_API_VERSION_BYTES];
	const char *kind = tree_text(body, "kind"), *given = tree_text(body, "apiVersion");
	const char *namespace = tree_text(body, "metadata.namespace");
	resource_api_version(call->resource, api_version);
	if (!json_is_object(body) || (kind[0] != '\0' && strcmp(kind, call->resource->kind) != 0) ||
	    (given[0] != '\0' && strcmp(given, api_version) != 0))
		return status_bad_request("%s in version \"%s\" cannot be handled as a %s: no kind \"%s\" is "
		                          "registered for version \"%s\"", call->resource->kind,
		                          call->resource->version, call->resource->kind, kind, given);
	if (call->resource->is_namespaced && namespace[0] != '\0' &&
	    strcmp(namespace, call->namespace) != 0)
		return status_bad_request("the namespace of the provided object does not match the namespace "
		                          "sent on the request");
	return NULL;
}

static void
generate_name(struct call *call, json_t *body)
{
	static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
	const char *prefix = tree_text(body, "metadata.generateName");
	char suffix[6] = "";
	for (int i = 0; i < 5; i++)
		suffix[i] = letters[randombytes_uniform(sizeof letters - 1)];
	if (tree_text(body, "metadata.name")[0] == '\0' && prefix[0] != '\0')
		tree_set(body, "metadata.name", json_sprintf("%s%s", prefix, suffix));
	call->name = arena_strdup(call->arena, tree_text(body, "metadata.name"));
}

void
create_handle(struct call *call)
{
	json_t *body = call_parse_body(call);
	if (body == NULL)
		return;
	json_t *refusal = check_body(call, body);
	if (refusal == NULL && tree_text(body, "metadata.resourceVersion")[0] != '\0')
		refusal = status_bad_request("resourceVersion should not be set on objects to be created");
	if (refusal == NULL)
		generate_name(call, body);
	if (refusal == NULL)
		refusal = write_check_namespace(call);
	if (refusal == NULL && call->name[0] != '\0' && call_stored(call) != NULL)
		refusal = status_already_exists(call->resource, call->name);
	if (refusal != NULL) {
		json_decref(body);
		call_fail(call, refusal);
		return;
	}
	tree_remove(body, "metadata.managedFields");
	write_commit(call, 201, NULL, body, false);
}

/* ---- replacing ---- */

static json_t *
check_replacement(const struct call *call, const json_t *before, const json_t *body)
{
	const char *name = tree_text(body, "metadata.name"), *uid = tree_text(body, "metadata.uid");
	const char *version = tree_text(body, "metadata.resourceVersion");
	if (name[0] != '\0' && strcmp(name, call->name) != 0)
		return status_bad_request("the name of the object (%s) does not match the name on the URL (%s)",
		                          name, call->name);
	if (before == NULL)
		return status_not_found(call->resource, call->name);
	if (version[0] != '\0' && strcmp(version, tree_text(before, "metadata.resourceVersion")) != 0)
		return status_stale(call->resource, call->name);
	if (uid[0] != '\0' && strcmp(uid, tree_text(before, "metadata.uid")) != 0)
		return status_new(409, "Conflict", call->resource, call->name,
		                  "Operation cannot be fulfilled on %s \"%s\": StorageError: invalid object, "
		                  "Code: 4, Precondition failed: UID in precondition: %s, UID in object meta: %s",
		                  call->resource->plural, call->name, uid, tree_text(before, "metadata.uid"));
	if (version[0] == '\0' && resource_is_custom(call->resource)) {
		json_t *causes = json_array();
		status_collect(causes, "FieldValueInvalid", "metadata.resourceVersion",
		               "Invalid value: 0x0: must be specified for an update");
		return status_invalid(call->resource, call->name, causes);
	}
	return NULL;
}

void
update_handle(struct call *call)
{
	const json_t *before = call_stored(call);
	json_t *body = call_parse_body(call);
	if (body == NULL)
		return;
	json_t *refusal = check_body(call, body);
	if (refusal == NULL)
		refusal = check_replacement(call, before, body);
	if (refusal != NULL) {
		json_decref(body);
		call_fail(call, refusal);
		return;
	}
	if (tree_get(body, "metadata") == NULL)
		json_object_set_new(body, "metadata", json_object());
	if (tree_get(body, "metadata.managedFields") == NULL)
		tree_set(body, "metadata.managedFields", json_incref(tree_get(before, "metadata.managedFields")));
	write_commit(call, 200, before, body, false);
}

/* ---- patching ---- */

static json_t *
check_intent(const struct call *call, const json_t *config)
{
	const char *name = tree_text(config, "metadata.name");
	const char *manager = call_query(call, "fieldManager");
	if (manager == NULL || manager[0] == '\0')
		return status_new(422, "Invalid", NULL, NULL, "PatchOptions.meta.k8s.io \"\" is invalid: "
		                  "fieldManager: Required value: is required for apply patch");
	if (strlen(manager) > 128)
		return status_new(422, "Invalid", NULL, NULL, "PatchOptions.meta.k8s.io \"\" is invalid: "
		                  "fieldManager: Too long: may not be more than 128 bytes");
	if (tree_text(config, "kind")[0] == '\0' || tree_text(config, "apiVersion")[0] == '\0')
		return status_bad_request("Object 'Kind' is missing in the applied configuration");
	if (json_array_size(tree_get(config, "metadata.managedFields")) > 0)
		return status_bad_request("metadata.managedFields must be nil");
	if (strcmp(name, call->name) != 0)
		return status_bad_request("metadata.name: Invalid value: \"%s\": must match the name of the "
		                          "URL (%s)", name, call->name);
	return NULL;
}

static void
apply_patch(struct call *call, const json_t *before, json_t *config)
{
	struct apply apply = apply_of(call);
	const char *version = tree_text(config, "metadata.resourceVersion");
	json_t *after, *refusal = check_intent(call, config);
	if (refusal == NULL)
		refusal = prune(call, config); /* what is not stored is not owned */
	if (refusal == NULL && version[0] != '\0' &&
	    strcmp(version, tree_text(before, "metadata.resourceVersion")) != 0)
		refusal = status_stale(call->resource, call->name);
	if (refusal == NULL && before == NULL)
		refusal = is_status_call(call) ? status_not_found(call->resource, call->name)
		                               : write_check_namespace(call);
	if (refusal != NULL || !apply_merge(&apply, before, config, &after, &refusal))
		call_fail(call, refusal);
	else
		write_commit(call, before == NULL ? 201 : 200, before, after, true);
}

enum patch_type { PATCH_JSON, PATCH_MERGE, PATCH_STRATEGIC, PATCH_APPLY, PATCH_UNKNOWN };

static enum patch_type
patch_type_of(const struct call *call)
{
	static const char *const types[] = {
		[PATCH_JSON] = "application/json-patch+json", [PATCH_MERGE] = "application/merge-patch+json",
		[PATCH_STRATEGIC] = "application/strategic-merge-patch+json",
		[PATCH_APPLY] = "application/apply-patch+yaml"};
	const char *given = web_header(call->request, "Content-Type");
	for (size_t i = 0; given != NULL && i < array_length(types); i++)
		if (strncmp(given, types[i], strlen(types[i])) == 0 &&
		    !(i == PATCH_STRATEGIC && resource_is_custom(call->resource)))
			return (enum patch_type)i;
	return PATCH_UNKNOWN;
}

static void
other_patch(struct call *call, enum patch_type type, const json_t *before, const json_t *patch)
{
	json_t *after = NULL, *refusal = NULL;
	if (before == NULL)
		refusal = status_not_found(call->resource, call->name);
	else if (type != PATCH_JSON && !json_is_object(patch))
		refusal = status_bad_request("a patch of this type is an object");
	else if (type == PATCH_MERGE)
		after = patch_merge(before, patch);
	else if (type == PATCH_STRATEGIC)
		after = patch_strategic(call->resource, before, patch);
	else if (!patch_json(before, patch, &after, &refusal))
		after = NULL;
	if (refusal == NULL && strcmp(tree_text(after, "metadata.resourceVersion"),
	                              tree_text(before, "metadata.resourceVersion")) != 0)
		refusal = status_stale(call->resource, call->name);
	if (refusal == NULL) {
		write_commit(call, 200, before, after, false);
	} else {
		json_decref(after);
		call_fail(call, refusal);
	}
}

void
patch_handle(struct call *call)
{
	const json_t *before = call_stored(call);
	enum patch_type type = patch_type_of(call);
	if (type == PATCH_UNKNOWN) {
		call_fail(call, status_new(
			415, "UnsupportedMediaType", NULL, NULL, "the body of the request was in an unknown "
			"format - accepted media types include: application/json-patch+json, "
			"application/merge-patch+json, application/apply-patch+yaml%s",
			resource_is_custom(call->resource) ? "" : ", application/strategic-merge-patch+json"));
		return;
	}
	scoped(tree_release) json_t *patch = call_parse_body(call);
	if (patch == NULL)
		return;
	if (type == PATCH_APPLY)
		apply_patch(call, before, patch);
	else
		other_patch(call, type, before, patch);
}

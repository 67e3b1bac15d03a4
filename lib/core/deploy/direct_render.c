/* What is to be there: the operator's objects, with names, labels and an order of our own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/client.h"
#include "core/deploy/direct.h"
#include "core/diagnose/object.h"
#include "core/fiaas/render.h"
#include "core/fiaas/sha1.h"
#include "data/json.h"

const struct direct_kind direct_kinds[] = {
	{&kubernetes_service_accounts, true},
	{&kubernetes_role_bindings, true},
	{&kubernetes_services, false},
	{&kubernetes_deployments, false},
	{&kubernetes_ingresses, false},
	{&kubernetes_ingresses_v1beta1, true},
	{&kubernetes_autoscalers_v1, false},
	{&kubernetes_disruption_budgets, false},
};
const size_t n_direct_kinds = array_length(direct_kinds);

const struct direct_kind *
direct_kind_of(const json_t *object)
{
	const char *version = json_text_or(object, "apiVersion", ""), *kind = json_text_or(object, "kind", "");
	for (size_t i = 0; i < n_direct_kinds; i++) {
		const struct kubernetes_resource *resource = direct_kinds[i].resource;
		size_t length = strlen(resource->group);
		const char *rest = length && !strncmp(version, resource->group, length) && version[length] == '/'
		                           ? version + length + 1 : version;
		if (!strcmp(kind, resource->kind) && !strcmp(rest, resource->version) && (length > 0) == (rest != version))
			return &direct_kinds[i];
	}
	return NULL;
}

/* ---- names and labels ---- */

static const char *
hex(const unsigned char bytes[SHA1_BYTES], struct arena *arena)
{
	char text[2 * SHA1_BYTES + 1];
	for (size_t i = 0; i < SHA1_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return arena_strdup(arena, text);
}

/* The operator lets the server choose the names of RoleBindings and finds them again by their role;
 * what is applied needs a name, so it follows from the role, which cannot change either. */
static void
name_it(json_t *object, struct arena *arena)
{
	json_t *metadata = json_object_get(object, "metadata");
	const char *prefix = json_text_at(metadata, "generateName");
	unsigned char digest[SHA1_BYTES];
	if (!prefix || json_text_at(metadata, "name"))
		return;
	const char *role = arena_printf(arena, "%s/%s", json_text_or(object, "roleRef.kind", ""),
	                                json_text_or(object, "roleRef.name", ""));
	sha1(role, strlen(role), digest);
	json_object_set_new(metadata, "name", json_string(arena_printf(arena, "%s%.10s", prefix, hex(digest, arena))));
	json_object_del(metadata, "generateName");
}

static json_t *
put_in_order(json_t *objects)
{
	json_t *ordered = json_array(), *object;
	size_t at;
	for (size_t i = 0; i < n_direct_kinds; i++)
		json_array_foreach(objects, at, object)
			if (direct_kind_of(object) == &direct_kinds[i])
				json_array_append(ordered, object);
	return ordered;
}

/* ---- what the renderer reads from the cluster ---- */

static const json_t *
live_object(const struct direct *live, const struct kubernetes_resource *resource)
{
	for (size_t i = 0; live && i < live->count; i++)
		if (live->objects[i].resource == resource && live->objects[i].intent &&
		    !strcmp(live->objects[i].name, live->release->name))
			return live->objects[i].live;
	return NULL;
}

static json_t *
get(const struct direct *live, const struct kubernetes_resource *resource, const char *name)
{
	json_t *object = NULL;
	struct error ignored;
	return live && kubernetes_get(live->kubernetes, resource, live->release->namespace, name, &object, &ignored)
	               ? object : NULL;
}

/* Without a right to look, as the operator in a namespace without quotas. */
static bool
has_best_effort_quota(const struct direct *live)
{
	scoped(json_release) json_t *list = NULL;
	const json_t *quota, *scope;
	size_t i, j;
	struct error ignored;
	struct kubernetes_query query = {.resource = &kubernetes_resource_quotas,
	                                 .namespace = live ? live->release->namespace : NULL};
	if (!live || !kubernetes_list(live->kubernetes, &query, &list, &ignored))
		return false;
	json_array_foreach(json_at(list, "items"), i, quota)
		json_array_foreach(json_at(quota, "spec.scopes"), j, scope)
			if (json_is_string(scope) && !strcmp(json_string_value(scope), "NotBestEffort") &&
			    !strcmp(json_text_or(quota, "spec.hard.pods", ""), "0"))
				return true;
	return false;
}

bool
direct_render(const struct release *release, const char *deployment_id, const struct direct *live,
              struct arena *arena, json_t **ret, struct error *err)
{
	bool has_accounts = release->options.enable_service_account_per_app;
	scoped(json_release) json_t *account = has_accounts ? get(live, &kubernetes_service_accounts, "default") : NULL;
	scoped(json_release) json_t *objects = NULL;
	const struct fiaas_application application = {.name = release->name, .namespace = release->namespace,
	                                              .image = release->image, .deployment_id = deployment_id,
	                                              .config = release->config};
	const struct fiaas_cluster_state state = {
		.has_best_effort_quota = has_best_effort_quota(live),
		.live_replicas = (int)json_int_at(live_object(live, &kubernetes_deployments), "spec.replicas", 0),
		.live_service = live_object(live, &kubernetes_services),
		.default_image_pull_secrets = json_at(account, "imagePullSecrets"),
	};
	enum fiaas_outcome outcome;
	json_t *object;
	size_t i;
	if (!fiaas_render(&application, &release->options, &state, arena, &objects, &outcome, err))
		return error_next(err, "paas validate %s", release->spec_file);
	json_array_foreach(objects, i, object) {
		name_it(object, arena);
		json_object_set_new(json_object_get(json_object_get(object, "metadata"), "labels"), DIRECT_LABEL,
		                    json_string(release->name));
	}
	*ret = put_in_order(objects);
	return true;
}

/* ---- comparing ---- */

const char *
direct_fingerprint(const json_t *objects, struct arena *arena)
{
	unsigned char digest[SHA1_BYTES];
	char *text = json_dumps(objects, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		abort(); /* out of memory, as in the arena */
	sha1(text, strlen(text), digest);
	free(text);
	return hex(digest, arena);
}

/* What differs between any two deployments, and what the server counts. */
static void
strip(json_t *object)
{
	static const char *const counted[] = {"managedFields", "resourceVersion", "generation", "creationTimestamp",
	                                      "uid"};
	static const char *const noted[] = {SUBMIT_DIGEST, SUBMIT_COMMIT, SUBMIT_AUTHOR, SUBMIT_TIME, DIRECT_RELEASE,
	                                    DIRECT_CLAIM};
	static const char *const labelled[] = {"metadata.labels", "spec.template.metadata.labels"};
	json_t *metadata = json_at(object, "metadata"), *annotations = json_at(object, "metadata.annotations");
	json_object_del(object, "status");
	for (size_t i = 0; i < array_length(counted); i++)
		json_object_del(metadata, counted[i]);
	for (size_t i = 0; i < array_length(noted); i++)
		json_object_del(annotations, noted[i]);
	for (size_t i = 0; i < array_length(labelled); i++)
		json_object_del(json_at(object, labelled[i]), "fiaas/deployment_id");
	if (!json_object_size(annotations))
		json_object_del(metadata, "annotations");
}

bool
direct_differs(const json_t *a, const json_t *b)
{
	scoped(json_release) json_t *one = json_deep_copy(a);
	scoped(json_release) json_t *other = json_deep_copy(b);
	strip(one);
	strip(other);
	return !json_equal(one, other);
}

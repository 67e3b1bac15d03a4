/* What the server serves: /api, /apis (legacy and aggregated), /version, health. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/call.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/tree.h"
#include "web/server.h"

static json_t *
verbs(const struct resource *resource)
{
	bool is_read_only = strcmp(resource->group, "metrics.k8s.io") == 0;
	return is_read_only ? json_pack("[s, s]", "get", "list")
	                    : json_pack("[s, s, s, s, s, s, s, s]", "create", "delete",
	                                "deletecollection", "get", "list", "patch", "update", "watch");
}

/* "a,b" as ["a", "b"]. */
static json_t *
words(const char *text)
{
	json_t *list = json_array();
	while (text[0] != '\0') {
		size_t length = strcspn(text, ",");
		json_array_append_new(list, json_stringn(text, length));
		text += length + (text[length] == ',');
	}
	return list;
}

static const struct subresource {
	const char *kind, *name, *result_group, *result_version, *result_kind, *verb;
} subresources[] = {
	{"Pod", "log", "", "v1", "Pod", "get"},
	{"Pod", "eviction", "policy", "v1", "Eviction", "create"},
	{"Deployment", "scale", "autoscaling", "v1", "Scale", "get,patch,update"},
	{"ReplicaSet", "scale", "autoscaling", "v1", "Scale", "get,patch,update"},
	{"StatefulSet", "scale", "autoscaling", "v1", "Scale", "get,patch,update"},
	{"ServiceAccount", "token", "authentication.k8s.io", "v1", "TokenRequest", "create"},
};

/* Kinds that are asked, not stored. */
static const struct review {
	const char *group, *plural, *kind;
} reviews[] = {
	{"authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview"},
	{"authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview"},
	{"authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"},
};

/* Each group once, in order of preference; NULL after the last. */
static const char *
group_at(const struct call *call, size_t index)
{
	static const char *const review_groups[] = {"authorization.k8s.io", "authentication.k8s.io"};
	const char *last = NULL;
	for (size_t i = 0; i < n_resources; i++) {
		if (!call_serves(call, &resources[i]) || resources[i].group[0] == '\0' || (last != NULL && strcmp(last, resources[i].group) == 0))
			continue;
		last = resources[i].group;
		if (index-- == 0)
			return last;
	}
	return index < array_length(review_groups) ? review_groups[index] : NULL;
}

static const char *
version_of(const struct call *call, const char *group)
{
	for (size_t i = 0; i < n_resources; i++)
		if (strcmp(resources[i].group, group) == 0 && call_serves(call, &resources[i]))
			return resources[i].version;
	for (size_t i = 0; i < array_length(reviews); i++)
		if (strcmp(reviews[i].group, group) == 0)
			return "v1";
	return NULL;
}

/* ---- aggregated: everything in two answers ---- */

static json_t *
aggregated_subresources(const struct resource *resource)
{
	json_t *list = json_array();
	if (resource->has_status)
		json_array_append_new(list, json_pack(
			"{s:s, s:{s:s, s:s, s:s}, s:[s,s,s]}", "subresource", "status", "responseKind", "group",
			resource->group, "version", resource->version, "kind", resource->kind, "verbs", "get",
			"patch", "update"));
	for (size_t i = 0; i < array_length(subresources); i++) {
		const struct subresource *sub = &subresources[i];
		if (strcmp(sub->kind, resource->kind) == 0)
			json_array_append_new(list, json_pack(
				"{s:s, s:{s:s, s:s, s:s}, s:o}", "subresource", sub->name, "responseKind", "group",
				sub->result_group, "version", sub->result_version, "kind", sub->result_kind,
				"verbs", words(sub->verb)));
	}
	return list;
}

static json_t *
aggregated_resource(const struct resource *resource)
{
	return json_pack("{s:s, s:{s:s, s:s, s:s}, s:s, s:s, s:o, s:o, s:o, s:o}", "resource",
	                 resource->plural, "responseKind", "group", resource->group, "version",
	                 resource->version, "kind", resource->kind, "scope",
	                 resource->is_namespaced ? "Namespaced" : "Cluster", "singularResource",
	                 resource->singular, "verbs", verbs(resource), "shortNames",
	                 words(resource->short_names), "categories", words(resource->categories),
	                 "subresources", aggregated_subresources(resource));
}

static json_t *
aggregated_group(const struct call *call, const char *group)
{
	const char *version = version_of(call, group);
	json_t *list = json_array();
	for (size_t i = 0; i < n_resources; i++)
		if (strcmp(resources[i].group, group) == 0)
			json_array_append_new(list, aggregated_resource(&resources[i]));
	for (size_t i = 0; i < array_length(reviews); i++)
		if (strcmp(reviews[i].group, group) == 0)
			json_array_append_new(list, json_pack(
				"{s:s, s:{s:s, s:s, s:s}, s:s, s:s, s:[s]}", "resource", reviews[i].plural,
				"responseKind", "group", group, "version", version, "kind", reviews[i].kind,
				"scope", "Cluster", "singularResource", "", "verbs", "create"));
	return json_pack("{s:{s:s}, s:[{s:s, s:s, s:o}]}", "metadata", "name", group, "versions",
	                 "version", version, "freshness", "Current", "resources", list);
}

static void
answer_aggregated(struct call *call, bool is_core)
{
	scoped(tree_release) json_t *list =
		json_pack("{s:s, s:s, s:{}, s:[]}", "kind", "APIGroupDiscoveryList", "apiVersion",
	                  "apidiscovery.k8s.io/v2", "metadata", "items");
	json_t *items = json_object_get(list, "items");
	if (is_core)
		json_array_append_new(items, aggregated_group(call, ""));
	for (size_t i = 0; !is_core && group_at(call, i) != NULL; i++)
		json_array_append_new(items, aggregated_group(call, group_at(call, i)));
	char *text = json_dumps(list, JSON_COMPACT);
	web_add_header(call->request, "Content-Type",
	               "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
	web_respond(call->request, 200, text, strlen(text));
	free(text);
}

/* ---- legacy: a list of groups, then one of kinds for each ---- */

static json_t *
group_object(const struct call *call, const char *group)
{
	const char *version = version_of(call, group);
	json_t *served = json_pack("{s:o, s:s}", "groupVersion", json_sprintf("%s/%s", group, version),
	                           "version", version);
	return json_pack("{s:s, s:[O], s:o}", "name", group, "versions", served, "preferredVersion", served);
}

static json_t *
groups_object(const struct call *call)
{
	json_t *groups = json_array();
	for (size_t i = 0; group_at(call, i) != NULL; i++)
		json_array_append_new(groups, group_object(call, group_at(call, i)));
	return json_pack("{s:s, s:s, s:o}", "kind", "APIGroupList", "apiVersion", "v1", "groups", groups);
}

static void
add_legacy_resource(json_t *list, const struct resource *resource)
{
	json_array_append_new(list, json_pack(
		"{s:s, s:s, s:b, s:s, s:o, s:o, s:o}", "name", resource->plural, "singularName",
		resource->singular, "namespaced", resource->is_namespaced, "kind", resource->kind, "verbs",
		verbs(resource), "shortNames", words(resource->short_names), "categories",
		words(resource->categories)));
	if (resource->has_status)
		json_array_append_new(list, json_pack(
			"{s:o, s:s, s:b, s:s, s:[s,s,s]}", "name", json_sprintf("%s/status", resource->plural),
			"singularName", "", "namespaced", resource->is_namespaced, "kind", resource->kind,
			"verbs", "get", "patch", "update"));
	for (size_t i = 0; i < array_length(subresources); i++) {
		const struct subresource *sub = &subresources[i];
		if (strcmp(sub->kind, resource->kind) == 0)
			json_array_append_new(list, json_pack(
				"{s:o, s:s, s:b, s:s, s:s, s:s, s:o}", "name",
				json_sprintf("%s/%s", resource->plural, sub->name), "singularName", "",
				"namespaced", resource->is_namespaced, "group", sub->result_group, "version",
				sub->result_version, "kind", sub->result_kind, "verbs", words(sub->verb)));
	}
}

/* NULL when nothing is served under it. */
static json_t *
resources_object(const struct call *call, const char *group, const char *version)
{
	const char *served = version_of(call, group);
	json_t *list = json_array();
	if (served == NULL || strcmp(served, version) != 0) {
		json_decref(list);
		return NULL;
	}
	for (size_t i = 0; i < n_resources; i++)
		if (strcmp(resources[i].group, group) == 0)
			add_legacy_resource(list, &resources[i]);
	for (size_t i = 0; i < array_length(reviews); i++)
		if (strcmp(reviews[i].group, group) == 0)
			json_array_append_new(list, json_pack(
				"{s:s, s:s, s:b, s:s, s:[s]}", "name", reviews[i].plural, "singularName", "",
				"namespaced", false, "kind", reviews[i].kind, "verbs", "create"));
	return json_pack("{s:s, s:s, s:o, s:o}", "kind", "APIResourceList", "apiVersion", "v1",
	                 "groupVersion", group[0] == '\0' ? json_string(version)
	                                                  : json_sprintf("%s/%s", group, version),
	                 "resources", list);
}

static bool
answer_legacy(struct call *call)
{
	const char *path = call->request->path;
	char group[100], version[40];
	scoped(tree_release) json_t *answer = NULL;
	if (strcmp(path, "/api") == 0)
		answer = json_pack("{s:s, s:[s], s:[]}", "kind", "APIVersions", "versions", "v1",
		                   "serverAddressByClientCIDRs");
	else if (strcmp(path, "/apis") == 0)
		answer = groups_object(call);
	else if (strcmp(path, "/api/v1") == 0)
		answer = resources_object(call, "", "v1");
	else if (sscanf(path, "/apis/%99[^/]/%39[^/]", group, version) == 2 &&
	         strlen(path) == strlen("/apis//") + strlen(group) + strlen(version))
		answer = resources_object(call, group, version);
	else if (sscanf(path, "/apis/%99[^/]", group) == 1 &&
	         strlen(path) == strlen("/apis/") + strlen(group) && version_of(call, group) != NULL) {
		answer = group_object(call, group);
		tree_set(answer, "kind", json_string("APIGroup"));
		tree_set(answer, "apiVersion", json_string("v1"));
	}
	if (answer == NULL)
		return false;
	call_answer(call, 200, answer);
	return true;
}

/* ---- the rest ---- */

static void
answer_text(struct call *call, const char *type, const void *text, size_t length)
{
	web_add_header(call->request, "Content-Type", type);
	web_respond(call->request, 200, text, length);
}

static bool
answer_health(struct call *call)
{
	static const char *const paths[] = {"/readyz", "/livez", "/healthz"};
	for (size_t i = 0; i < array_length(paths); i++) {
		if (strcmp(call->request->path, paths[i]) != 0)
			continue;
		const char *text = call_query(call, "verbose") == NULL
			? "ok"
			: arena_printf(call->arena, "[+]ping ok\n[+]etcd ok\n%s check passed\n", paths[i] + 1);
		answer_text(call, "text/plain; charset=utf-8", text, strlen(text));
		return true;
	}
	return false;
}

static void
answer_version(struct call *call)
{
	scoped(tree_release) json_t *version =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "major", "1", "minor", "32",
	                  "gitVersion", "v1.32.4+sandbox", "gitCommit", "sandbox", "gitTreeState", "clean",
	                  "buildDate", "2026-01-01T00:00:00Z", "goVersion", "none", "compiler", "cc",
	                  "platform", "linux/amd64");
	call_answer(call, 200, version);
}

bool
discovery_handle(struct call *call)
{
	const char *path = call->request->path, *accept = web_header(call->request, "Accept");
	bool is_core = strcmp(path, "/api") == 0;
	if (strcmp(call->request->method, "GET") != 0)
		return false;
	if (strcmp(path, "/version") == 0) {
		answer_version(call);
		return true;
	}
	if (answer_health(call))
		return true;
	if (call->user == NULL)
		return false;
	if (openapi_handle(call))
		return true;
	if ((is_core || strcmp(path, "/apis") == 0) && accept != NULL &&
	    strstr(accept, "g=apidiscovery.k8s.io;v=v2;") != NULL) {
		answer_aggregated(call, is_core);
		return true;
	}
	return answer_legacy(call);
}

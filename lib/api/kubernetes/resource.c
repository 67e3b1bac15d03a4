/* The kinds of objects paas knows, and where they live. */
#include <string.h>
#include <strings.h>

#include "api/kubernetes/call.h"

/* _(name, group, version, plural, kind, is cluster scoped) */
#define RESOURCES(_) \
	_(pods, "", "v1", "pods", "Pod", false) \
	_(events, "", "v1", "events", "Event", false) \
	_(services, "", "v1", "services", "Service", false) \
	_(configmaps, "", "v1", "configmaps", "ConfigMap", false) \
	_(secrets, "", "v1", "secrets", "Secret", false) \
	_(namespaces, "", "v1", "namespaces", "Namespace", true) \
	_(nodes, "", "v1", "nodes", "Node", true) \
	_(service_accounts, "", "v1", "serviceaccounts", "ServiceAccount", false) \
	_(persistent_volume_claims, "", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", false) \
	_(deployments, "apps", "v1", "deployments", "Deployment", false) \
	_(replica_sets, "apps", "v1", "replicasets", "ReplicaSet", false) \
	_(ingresses, "networking.k8s.io", "v1", "ingresses", "Ingress", false) \
	_(autoscalers, "autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", false) \
	_(autoscalers_v1, "autoscaling", "v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", false) \
	_(ingresses_v1beta1, "extensions", "v1beta1", "ingresses", "Ingress", false) \
	_(role_bindings, "rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", false) \
	_(resource_quotas, "", "v1", "resourcequotas", "ResourceQuota", false) \
	_(disruption_budgets, "policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", false) \
	_(applications, "fiaas.schibsted.io", "v1", "applications", "Application", false) \
	_(application_statuses, "fiaas.schibsted.io", "v1", "application-statuses", "ApplicationStatus", false)

#define _(name, group, version, plural, kind, is_cluster_scoped) \
	const struct kubernetes_resource kubernetes_##name = {group, version, plural, kind, is_cluster_scoped};
RESOURCES(_)
#undef _

static const struct kubernetes_resource *const resources[] = {
#define _(name, ...) &kubernetes_##name,
	RESOURCES(_)
#undef _
};

static bool
is_of_version(const struct kubernetes_resource *resource, const char *api_version)
{
	size_t length = strlen(resource->group);
	if (length == 0)
		return strcmp(api_version, resource->version) == 0;
	return strncmp(api_version, resource->group, length) == 0 && api_version[length] == '/' &&
	       strcmp(api_version + length + 1, resource->version) == 0;
}

const struct kubernetes_resource *
kubernetes_resource_of_kind(const char *api_version, const char *kind)
{
	for (size_t i = 0; i < array_length(resources); i++) {
		const struct kubernetes_resource *resource = resources[i];
		if ((api_version == NULL || is_of_version(resource, api_version)) &&
		    (strcasecmp(kind, resource->kind) == 0 || strcmp(kind, resource->plural) == 0))
			return resource;
	}
	return NULL;
}

const char *
kubernetes_path(const struct kubernetes_resource *resource, const char *namespace, const char *name,
                const char *subresource, struct arena *arena)
{
	const char *path = resource->group[0] == '\0'
		? arena_printf(arena, "/api/%s", resource->version)
		: arena_printf(arena, "/apis/%s/%s", resource->group, resource->version);
	if (namespace != NULL && !resource->is_cluster_scoped)
		path = arena_printf(arena, "%s/namespaces/%s", path, http_escape(namespace, arena));
	path = arena_printf(arena, "%s/%s", path, resource->plural);
	if (name != NULL)
		path = arena_printf(arena, "%s/%s", path, http_escape(name, arena));
	if (subresource != NULL)
		path = arena_printf(arena, "%s/%s", path, http_escape(subresource, arena));
	return path;
}

#include "sandbox/kubernetes/store.h"

#include <stdio.h>
#include <string.h>

#include "base/compiler.h"

/* group, version, plural, singular, kind, short names, namespaced, status subresource, categories.
 * Order is preference: where two groups serve a plural, kubectl takes the first. */
const struct resource resources[] = {
	{"", "v1", "namespaces", "namespace", "Namespace", "ns", false, true, ""},
	{"", "v1", "nodes", "node", "Node", "no", false, true, ""},
	{"", "v1", "pods", "pod", "Pod", "po", true, true, "all"},
	{"", "v1", "services", "service", "Service", "svc", true, true, "all"},
	{"", "v1", "endpoints", "endpoints", "Endpoints", "ep", true, false, ""},
	{"", "v1", "configmaps", "configmap", "ConfigMap", "cm", true, false, ""},
	{"", "v1", "secrets", "secret", "Secret", "", true, false, ""},
	{"", "v1", "events", "event", "Event", "ev", true, false, ""},
	{"", "v1", "serviceaccounts", "serviceaccount", "ServiceAccount", "sa", true, false, ""},
	{"", "v1", "persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", "pvc", true, true, ""},
	{"", "v1", "persistentvolumes", "persistentvolume", "PersistentVolume", "pv", false, true, ""},
	{"", "v1", "resourcequotas", "resourcequota", "ResourceQuota", "quota", true, true, ""},
	{"", "v1", "limitranges", "limitrange", "LimitRange", "limits", true, false, ""},
	{"apps", "v1", "deployments", "deployment", "Deployment", "deploy", true, true, "all"},
	{"apps", "v1", "replicasets", "replicaset", "ReplicaSet", "rs", true, true, "all"},
	{"apps", "v1", "statefulsets", "statefulset", "StatefulSet", "sts", true, true, "all"},
	{"apps", "v1", "daemonsets", "daemonset", "DaemonSet", "ds", true, true, "all"},
	{"apps", "v1", "controllerrevisions", "controllerrevision", "ControllerRevision", "", true, false, ""},
	{"batch", "v1", "jobs", "job", "Job", "", true, true, "all"},
	{"batch", "v1", "cronjobs", "cronjob", "CronJob", "cj", true, true, "all"},
	{"autoscaling", "v1", "horizontalpodautoscalers", "horizontalpodautoscaler", "HorizontalPodAutoscaler", "hpa", true, true, "all"},
	{"policy", "v1", "poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget", "pdb", true, true, ""},
	{"networking.k8s.io", "v1", "ingresses", "ingress", "Ingress", "ing", true, true, ""},
	{"networking.k8s.io", "v1", "ingressclasses", "ingressclass", "IngressClass", "", false, false, ""},
	{"networking.k8s.io", "v1", "networkpolicies", "networkpolicy", "NetworkPolicy", "netpol", true, false, ""},
	{"extensions", "v1beta1", "ingresses", "ingress", "Ingress", "ing", true, true, ""},
	{"discovery.k8s.io", "v1", "endpointslices", "endpointslice", "EndpointSlice", "", true, false, ""},
	{"rbac.authorization.k8s.io", "v1", "roles", "role", "Role", "", true, false, ""},
	{"rbac.authorization.k8s.io", "v1", "rolebindings", "rolebinding", "RoleBinding", "", true, false, ""},
	{"rbac.authorization.k8s.io", "v1", "clusterroles", "clusterrole", "ClusterRole", "", false, false, ""},
	{"rbac.authorization.k8s.io", "v1", "clusterrolebindings", "clusterrolebinding", "ClusterRoleBinding", "", false, false, ""},
	{"scheduling.k8s.io", "v1", "priorityclasses", "priorityclass", "PriorityClass", "pc", false, false, ""},
	{"storage.k8s.io", "v1", "storageclasses", "storageclass", "StorageClass", "sc", false, false, ""},
	{"coordination.k8s.io", "v1", "leases", "lease", "Lease", "", true, false, ""},
	{"apiextensions.k8s.io", "v1", "customresourcedefinitions", "customresourcedefinition", "CustomResourceDefinition", "crd,crds", false, true, "api-extensions"},
	{"fiaas.schibsted.io", "v1", "applications", "application", "Application", "app,fa", true, true, ""},
	{"fiaas.schibsted.io", "v1", "application-statuses", "application-status", "ApplicationStatus", "status,appstatus,fs", true, false, ""},
	{"metrics.k8s.io", "v1beta1", "pods", "pod", "PodMetrics", "", true, false, ""},
	{"metrics.k8s.io", "v1beta1", "nodes", "node", "NodeMetrics", "", false, false, ""},
};
const size_t n_resources = array_length(resources);

const struct resource *
resource_find(const char *group, const char *version, const char *plural)
{
	for (size_t i = 0; i < n_resources; i++)
		if (strcmp(resources[i].plural, plural) == 0 && strcmp(resources[i].group, group) == 0 &&
		    strcmp(resources[i].version, version) == 0)
			return &resources[i];
	return NULL;
}

const struct resource *
resource_of_kind(const char *api_version, const char *kind)
{
	const char *slash = strchr(api_version, '/');
	size_t group_length = slash == NULL ? 0 : (size_t)(slash - api_version);
	const char *version = slash == NULL ? api_version : slash + 1;

	for (size_t i = 0; i < n_resources; i++)
		if (strcmp(resources[i].kind, kind) == 0 && strcmp(resources[i].version, version) == 0 &&
		    strlen(resources[i].group) == group_length &&
		    strncmp(resources[i].group, api_version, group_length) == 0)
			return &resources[i];
	return NULL;
}

const char *
resource_api_version(const struct resource *resource, char ret[static RESOURCE_API_VERSION_BYTES])
{
	snprintf(ret, RESOURCE_API_VERSION_BYTES, "%s%s%s", resource->group,
	         resource->group[0] == '\0' ? "" : "/", resource->version);
	return ret;
}

bool
resource_is_custom(const struct resource *resource)
{
	return strcmp(resource->group, "fiaas.schibsted.io") == 0;
}

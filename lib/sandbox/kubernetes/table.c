#include "sandbox/kubernetes/table.h"

#include <string.h>

#include "base/compiler.h"
#include "sandbox/kubernetes/cell.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"

struct column {
	const char *kind, *name, *type;
	int priority;                          /* 1 = only with -o wide */
	json_t *(*cell)(const json_t *object); /* or the value at */
	const char *path;
};

static const struct column columns[] = {
	{"Pod", "Name", "string", 0, cell_name, NULL},
	{"Pod", "Ready", "string", 0, cell_pod_ready, NULL},
	{"Pod", "Status", "string", 0, cell_pod_status, NULL},
	{"Pod", "Restarts", "string", 0, cell_pod_restarts, NULL},
	{"Pod", "Age", "string", 0, cell_age, NULL},
	{"Pod", "IP", "string", 1, NULL, "status.podIP"},
	{"Pod", "Node", "string", 1, NULL, "spec.nodeName"},
	{"Pod", "Nominated Node", "string", 1, NULL, "status.nominatedNodeName"},
	{"Pod", "Readiness Gates", "string", 1, NULL, "-"},
	{"Deployment", "Name", "string", 0, cell_name, NULL},
	{"Deployment", "Ready", "string", 0, cell_deployment_ready, NULL},
	{"Deployment", "Up-to-date", "integer", 0, NULL, "status.updatedReplicas"},
	{"Deployment", "Available", "integer", 0, NULL, "status.availableReplicas"},
	{"Deployment", "Age", "string", 0, cell_age, NULL},
	{"Deployment", "Containers", "string", 1, cell_containers, NULL},
	{"Deployment", "Images", "string", 1, cell_images, NULL},
	{"Deployment", "Selector", "string", 1, cell_match_labels, NULL},
	{"ReplicaSet", "Name", "string", 0, cell_name, NULL},
	{"ReplicaSet", "Desired", "integer", 0, NULL, "spec.replicas"},
	{"ReplicaSet", "Current", "integer", 0, NULL, "status.replicas"},
	{"ReplicaSet", "Ready", "integer", 0, NULL, "status.readyReplicas"},
	{"ReplicaSet", "Age", "string", 0, cell_age, NULL},
	{"ReplicaSet", "Containers", "string", 1, cell_containers, NULL},
	{"ReplicaSet", "Images", "string", 1, cell_images, NULL},
	{"ReplicaSet", "Selector", "string", 1, cell_match_labels, NULL},
	{"Service", "Name", "string", 0, cell_name, NULL},
	{"Service", "Type", "string", 0, NULL, "spec.type"},
	{"Service", "Cluster-IP", "string", 0, NULL, "spec.clusterIP"},
	{"Service", "External-IP", "string", 0, cell_service_external, NULL},
	{"Service", "Port(s)", "string", 0, cell_service_ports, NULL},
	{"Service", "Age", "string", 0, cell_age, NULL},
	{"Service", "Selector", "string", 1, cell_service_selector, NULL},
	{"Endpoints", "Name", "string", 0, cell_name, NULL},
	{"Endpoints", "Endpoints", "string", 0, cell_endpoints_addresses, NULL},
	{"Endpoints", "Age", "string", 0, cell_age, NULL},
	{"Ingress", "Name", "string", 0, cell_name, NULL},
	{"Ingress", "Class", "string", 0, cell_ingress_class, NULL},
	{"Ingress", "Hosts", "string", 0, cell_ingress_hosts, NULL},
	{"Ingress", "Address", "string", 0, cell_ingress_address, NULL},
	{"Ingress", "Ports", "string", 0, cell_ingress_ports, NULL},
	{"Ingress", "Age", "string", 0, cell_age, NULL},
	{"Event", "Last Seen", "string", 0, cell_event_last_seen, NULL},
	{"Event", "Type", "string", 0, NULL, "type"},
	{"Event", "Reason", "string", 0, NULL, "reason"},
	{"Event", "Object", "string", 0, cell_event_object, NULL},
	{"Event", "Subobject", "string", 1, NULL, "involvedObject.fieldPath"},
	{"Event", "Source", "string", 1, NULL, "source.component"},
	{"Event", "Message", "string", 0, cell_event_message, NULL},
	{"Event", "Count", "integer", 1, NULL, "count"},
	{"Event", "Name", "string", 1, cell_name, NULL},
	{"Node", "Name", "string", 0, cell_name, NULL},
	{"Node", "Status", "string", 0, cell_node_status, NULL},
	{"Node", "Roles", "string", 0, cell_node_roles, NULL},
	{"Node", "Age", "string", 0, cell_age, NULL},
	{"Node", "Version", "string", 0, NULL, "status.nodeInfo.kubeletVersion"},
	{"Namespace", "Name", "string", 0, cell_name, NULL},
	{"Namespace", "Status", "string", 0, NULL, "status.phase"},
	{"Namespace", "Age", "string", 0, cell_age, NULL},
	{"ConfigMap", "Name", "string", 0, cell_name, NULL},
	{"ConfigMap", "Data", "integer", 0, cell_data_count, NULL},
	{"ConfigMap", "Age", "string", 0, cell_age, NULL},
	{"Secret", "Name", "string", 0, cell_name, NULL},
	{"Secret", "Type", "string", 0, NULL, "type"},
	{"Secret", "Data", "integer", 0, cell_data_count, NULL},
	{"Secret", "Age", "string", 0, cell_age, NULL},
	{"ServiceAccount", "Name", "string", 0, cell_name, NULL},
	{"ServiceAccount", "Secrets", "integer", 0, cell_account_secrets, NULL},
	{"ServiceAccount", "Age", "string", 0, cell_age, NULL},
	{"PersistentVolumeClaim", "Name", "string", 0, cell_name, NULL},
	{"PersistentVolumeClaim", "Status", "string", 0, NULL, "status.phase"},
	{"PersistentVolumeClaim", "Volume", "string", 0, NULL, "spec.volumeName"},
	{"PersistentVolumeClaim", "Capacity", "string", 0, NULL, "status.capacity.storage"},
	{"PersistentVolumeClaim", "StorageClass", "string", 0, NULL, "spec.storageClassName"},
	{"PersistentVolumeClaim", "Age", "string", 0, cell_age, NULL},
	{"HorizontalPodAutoscaler", "Name", "string", 0, cell_name, NULL},
	{"HorizontalPodAutoscaler", "Reference", "string", 0, cell_autoscaler_reference, NULL},
	{"HorizontalPodAutoscaler", "Targets", "string", 0, cell_autoscaler_targets, NULL},
	{"HorizontalPodAutoscaler", "MinPods", "string", 0, NULL, "spec.minReplicas"},
	{"HorizontalPodAutoscaler", "MaxPods", "string", 0, NULL, "spec.maxReplicas"},
	{"HorizontalPodAutoscaler", "Replicas", "integer", 0, NULL, "status.currentReplicas"},
	{"HorizontalPodAutoscaler", "Age", "string", 0, cell_age, NULL},
	{"PodDisruptionBudget", "Name", "string", 0, cell_name, NULL},
	{"PodDisruptionBudget", "Min Available", "string", 0, NULL, "spec.minAvailable"},
	{"PodDisruptionBudget", "Max Unavailable", "string", 0, NULL, "spec.maxUnavailable"},
	{"PodDisruptionBudget", "Allowed Disruptions", "integer", 0, NULL, "status.disruptionsAllowed"},
	{"PodDisruptionBudget", "Age", "string", 0, cell_age, NULL},
	{"", "Name", "string", 0, cell_name, NULL},
	{"", "Age", "string", 0, cell_age, NULL},
};

/* The kind whose columns are used: its own, or "" for the two every object has. */
static const char *
columns_of(const char *kind)
{
	for (size_t i = 0; i < array_length(columns); i++)
		if (strcmp(columns[i].kind, kind) == 0)
			return kind;
	return "";
}

static json_t *
value_cell(const struct column *column, const json_t *object)
{
	const json_t *value = tree_get(object, column->path);
	if (strcmp(column->type, "integer") == 0)
		return json_integer(json_integer_value(value));
	if (json_is_integer(value))
		return json_sprintf("%lld", (long long)json_integer_value(value));
	return json_string(json_is_string(value) && json_string_length(value) > 0
	                           ? json_string_value(value) : "<none>");
}

json_t *
resource_table_new(const struct resource *resource, bool with_columns)
{
	const char *kind = columns_of(resource->kind);
	json_t *definitions = json_array();
	for (size_t i = 0; i < array_length(columns) && with_columns; i++)
		if (strcmp(columns[i].kind, kind) == 0)
			json_array_append_new(definitions, json_pack(
				"{s:s, s:s, s:s, s:s, s:i}", "name", columns[i].name, "type", columns[i].type,
				"format", strcmp(columns[i].name, "Name") == 0 ? "name" : "", "description", "",
				"priority", columns[i].priority));
	return json_pack("{s:s, s:s, s:{}, s:o, s:[]}", "kind", "Table", "apiVersion", "meta.k8s.io/v1",
	                 "metadata", "columnDefinitions", definitions, "rows");
}

void
resource_table_add_row(json_t *table, const struct resource *resource, const json_t *object,
              const char *include)
{
	const char *kind = columns_of(resource->kind);
	json_t *cells = json_array(), *row = json_pack("{s:o}", "cells", cells);
	for (size_t i = 0; i < array_length(columns); i++)
		if (strcmp(columns[i].kind, kind) == 0)
			json_array_append_new(cells, columns[i].cell != NULL ? columns[i].cell(object)
			                                                     : value_cell(&columns[i], object));
	if (include != NULL && strcmp(include, "Object") == 0)
		json_object_set(row, "object", tree_loose(object));
	else if (include == NULL || strcmp(include, "None") != 0)
		json_object_set_new(row, "object", json_pack(
			"{s:s, s:s, s:O}", "kind", "PartialObjectMetadata", "apiVersion", "meta.k8s.io/v1",
			"metadata", tree_get(object, "metadata")));
	json_array_append_new(json_object_get(table, "rows"), row);
}

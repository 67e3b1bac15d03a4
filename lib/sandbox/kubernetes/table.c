#include "sandbox/kubernetes/table.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"

enum { CELL_MAX = 4096 };

static json_t *
cell_of(const struct buf *text, const char *otherwise)
{
	return json_string(text->length == 0 ? otherwise : text->bytes);
}

/* ---- times: one or two units, as kubectl shows them ---- */

static json_t *
format_age(int64_t seconds)
{
	enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
	long long s = seconds < 0 ? 0 : seconds;
	if (s < 2 * MINUTE)
		return json_sprintf("%llds", s);
	if (s < 10 * MINUTE && s % MINUTE != 0)
		return json_sprintf("%lldm%llds", s / MINUTE, s % MINUTE);
	if (s < 3 * HOUR)
		return json_sprintf("%lldm", s / MINUTE);
	if (s < 8 * HOUR && s % HOUR / MINUTE != 0)
		return json_sprintf("%lldh%lldm", s / HOUR, s % HOUR / MINUTE);
	if (s < 2 * DAY)
		return json_sprintf("%lldh", s / HOUR);
	if (s < 8 * DAY && s % DAY / HOUR != 0)
		return json_sprintf("%lldd%lldh", s / DAY, s % DAY / HOUR);
	return json_sprintf("%lldd", s / DAY);
}

static json_t *
since(const char *time)
{
	int64_t at_ms = clock_parse_ms(time);
	return at_ms < 0 ? json_string("<unknown>") : format_age((clock_wall_ms() - at_ms) / 1000);
}

static json_t *
age(const json_t *object)
{
	return since(tree_text(object, "metadata.creationTimestamp"));
}

/* ---- cells shared by kinds ---- */

static json_t *
name(const json_t *object)
{
	return json_string(tree_text(object, "metadata.name"));
}

static json_t *
data_count(const json_t *object)
{
	return json_integer((json_int_t)(json_object_size(tree_get(object, "data")) +
	                                 json_object_size(tree_get(object, "binaryData"))));
}

/* "a=b,c=d" of a map. */
static json_t *
join_map(const json_t *map)
{
	scoped(buf_release) struct buf text = BUF_INIT(CELL_MAX);
	const char *key;
	json_t *value;
	json_object_foreach (tree_loose(map), key, value)
		buf_printf(&text, "%s%s=%s", text.length == 0 ? "" : ",", key, json_string_value(value));
	return cell_of(&text, "<none>");
}

/* "a,b" of one field of each item. */
static json_t *
join_items(const json_t *items, const char *path, const char *otherwise)
{
	scoped(buf_release) struct buf text = BUF_INIT(CELL_MAX);
	size_t i;
	json_t *item;
	json_array_foreach (items, i, item)
		buf_printf(&text, "%s%s", i == 0 ? "" : ",", tree_text(item, path));
	return cell_of(&text, otherwise);
}

static json_t *
containers(const json_t *object)
{
	return join_items(tree_get(object, "spec.template.spec.containers"), "name", "<none>");
}

static json_t *
images(const json_t *object)
{
	return join_items(tree_get(object, "spec.template.spec.containers"), "image", "<none>");
}

static json_t *
match_labels(const json_t *object)
{
	return join_map(tree_get(object, "spec.selector.matchLabels"));
}

/* ---- pods ---- */

static json_t *
pod_ready(const json_t *pod)
{
	size_t i, n_ready = 0;
	json_t *status;
	json_array_foreach (tree_get(pod, "status.containerStatuses"), i, status)
		n_ready += tree_bool(status, "ready");
	return json_sprintf("%zu/%zu", n_ready, json_array_size(tree_get(pod, "spec.containers")));
}

/* The first init container that is not done, as "Init:…"; NULL when all are. */
static json_t *
init_status(const json_t *pod)
{
	const json_t *statuses = tree_get(pod, "status.initContainerStatuses");
	size_t i;
	json_t *status;
	json_array_foreach (statuses, i, status) {
		const char *waiting = tree_text(status, "state.waiting.reason");
		const char *ended = tree_text(status, "state.terminated.reason");
		if (tree_get(status, "state.terminated") != NULL &&
		    tree_int(status, "state.terminated.exitCode") == 0)
			continue;
		if (ended[0] != '\0')
			return json_sprintf("Init:%s", ended);
		if (tree_get(status, "state.terminated") != NULL)
			return json_sprintf("Init:ExitCode:%lld",
			                    (long long)tree_int(status, "state.terminated.exitCode"));
		if (waiting[0] != '\0' && strcmp(waiting, "PodInitializing") != 0)
			return json_sprintf("Init:%s", waiting);
		return json_sprintf("Init:%zu/%zu", i, json_array_size(statuses));
	}
	return NULL;
}

static const char *
container_reason(const json_t *status)
{
	const char *waiting = tree_text(status, "state.waiting.reason");
	return waiting[0] != '\0' ? waiting : tree_text(status, "state.terminated.reason");
}

static json_t *
pod_status(const json_t *pod)
{
	const json_t *statuses = tree_get(pod, "status.containerStatuses");
	const char *reason = tree_text(pod, "status.reason");
	json_t *initialising = init_status(pod);
	if (reason[0] == '\0')
		reason = tree_text(pod, "status.phase");
	for (size_t i = json_array_size(statuses); i-- > 0;) {
		const char *why = container_reason(json_array_get(statuses, i));
		if (why[0] != '\0')
			reason = why;
	}
	if (tree_get(pod, "metadata.deletionTimestamp") != NULL) {
		json_decref(initialising);
		return json_string(strcmp(tree_text(pod, "status.reason"), "NodeLost") == 0 ? "Unknown"
		                                                                           : "Terminating");
	}
	return initialising != NULL ? initialising : json_string(reason);
}

static json_t *
pod_restarts(const json_t *pod)
{
	const char *last = "";
	json_int_t n = 0;
	size_t i;
	json_t *status;
	json_array_foreach (tree_get(pod, "status.containerStatuses"), i, status) {
		const char *ended = tree_text(status, "lastState.terminated.finishedAt");
		n += tree_int(status, "restartCount");
		if (strcmp(ended, last) > 0)
			last = ended;
	}
	if (n == 0 || last[0] == '\0')
		return json_sprintf("%lld", (long long)n);
	scoped(tree_release) json_t *ago = since(last);
	return json_sprintf("%lld (%s ago)", (long long)n, json_string_value(ago));
}

/* ---- workloads, services ---- */

static json_t *
deployment_ready(const json_t *object)
{
	return json_sprintf("%lld/%lld", (long long)tree_int(object, "status.readyReplicas"),
	                    (long long)tree_int(object, "spec.replicas"));
}

static json_t *
service_ports(const json_t *service)
{
	scoped(buf_release) struct buf text = BUF_INIT(CELL_MAX);
	size_t i;
	json_t *port;
	json_array_foreach (tree_get(service, "spec.ports"), i, port) {
		json_int_t node = tree_int(port, "nodePort");
		const char *protocol = tree_text(port, "protocol");
		buf_printf(&text, "%s%lld", i == 0 ? "" : ",", (long long)tree_int(port, "port"));
		if (node != 0)
			buf_printf(&text, ":%lld", (long long)node);
		buf_printf(&text, "/%s", protocol[0] == '\0' ? "TCP" : protocol);
	}
	return cell_of(&text, "<none>");
}

static json_t *
service_external(const json_t *service)
{
	const json_t *given = tree_get(service, "status.loadBalancer.ingress");
	if (strcmp(tree_text(service, "spec.type"), "LoadBalancer") == 0)
		return join_items(given, "ip", "<pending>");
	return json_string("<none>");
}

static json_t *
service_selector(const json_t *service)
{
	return join_map(tree_get(service, "spec.selector"));
}

static json_t *
ingress_class(const json_t *ingress)
{
	const char *class = tree_text(ingress, "spec.ingressClassName");
	return json_string(class[0] == '\0' ? "<none>" : class);
}

static json_t *
ingress_hosts(const json_t *ingress)
{
	return join_items(tree_get(ingress, "spec.rules"), "host", "*");
}

static json_t *
ingress_address(const json_t *ingress)
{
	const json_t *given = tree_get(ingress, "status.loadBalancer.ingress");
	bool has_ip = tree_text(given, "0.ip")[0] != '\0';
	return join_items(given, has_ip ? "ip" : "hostname", "");
}

static json_t *
ingress_ports(const json_t *ingress)
{
	return json_string(json_array_size(tree_get(ingress, "spec.tls")) > 0 ? "80, 443" : "80");
}

static json_t *
endpoints_addresses(const json_t *object)
{
	scoped(buf_release) struct buf text = BUF_INIT(CELL_MAX);
	size_t i, j, k;
	json_t *subset, *address, *port;
	json_array_foreach (tree_get(object, "subsets"), i, subset)
		json_array_foreach (tree_get(subset, "addresses"), j, address)
			json_array_foreach (tree_get(subset, "ports"), k, port)
				buf_printf(&text, "%s%s:%lld", text.length == 0 ? "" : ",",
				           tree_text(address, "ip"), (long long)tree_int(port, "port"));
	return cell_of(&text, "<none>");
}

/* ---- events, nodes, autoscalers ---- */

static const char *
event_time(const json_t *event)
{
	static const char *const paths[] = {"series.lastObservedTime", "lastTimestamp", "eventTime",
	                                    "firstTimestamp", "metadata.creationTimestamp"};
	for (size_t i = 0; i < array_length(paths); i++)
		if (tree_text(event, paths[i])[0] != '\0')
			return tree_text(event, paths[i]);
	return "";
}

static json_t *
event_last_seen(const json_t *event)
{
	return since(event_time(event));
}

static json_t *
event_object(const json_t *event)
{
	char kind[64];
	size_t i = 0;
	for (const char *at = tree_text(event, "involvedObject.kind"); *at != '\0' && i < sizeof kind - 1; at++)
		kind[i++] = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	kind[i] = '\0';
	return json_sprintf("%s/%s", kind, tree_text(event, "involvedObject.name"));
}

static json_t *
event_message(const json_t *event)
{
	return json_string(tree_text(event, "message"));
}

static json_t *
node_status(const json_t *node)
{
	size_t i;
	json_t *condition;
	const char *ready = "Unknown";
	json_array_foreach (tree_get(node, "status.conditions"), i, condition)
		if (strcmp(tree_text(condition, "type"), "Ready") == 0)
			ready = strcmp(tree_text(condition, "status"), "True") == 0 ? "Ready" : "NotReady";
	return json_sprintf("%s%s", ready,
	                    tree_bool(node, "spec.unschedulable") ? ",SchedulingDisabled" : "");
}

static json_t *
node_roles(const json_t *node)
{
	static const char prefix[] = "node-role.kubernetes.io/";
	scoped(buf_release) struct buf text = BUF_INIT(CELL_MAX);
	const char *key;
	json_t *value;
	json_object_foreach (tree_get(node, "metadata.labels"), key, value)
		if (strncmp(key, prefix, sizeof prefix - 1) == 0)
			buf_printf(&text, "%s%s", text.length == 0 ? "" : ",", key + sizeof prefix - 1);
	return cell_of(&text, "<none>");
}

static json_t *
autoscaler_reference(const json_t *object)
{
	return json_sprintf("%s/%s", tree_text(object, "spec.scaleTargetRef.kind"),
	                    tree_text(object, "spec.scaleTargetRef.name"));
}

static json_t *
autoscaler_targets(const json_t *object)
{
	json_int_t target = tree_int(object, "spec.targetCPUUtilizationPercentage");
	const json_t *now = tree_get(object, "status.currentCPUUtilizationPercentage");
	return now == NULL ? json_sprintf("cpu: <unknown>/%lld%%", (long long)target)
	                   : json_sprintf("cpu: %lld%%/%lld%%", (long long)json_integer_value(now),
	                                  (long long)target);
}

static json_t *
account_secrets(const json_t *account)
{
	return json_integer((json_int_t)json_array_size(tree_get(account, "secrets")));
}

/* ---- columns ---- */

struct column {
	const char *kind, *name, *type;
	int priority;                          /* 1 = only with -o wide */
	json_t *(*cell)(const json_t *object); /* or the value at */
	const char *path;
};

static const struct column columns[] = {
	{"Pod", "Name", "string", 0, name, NULL},
	{"Pod", "Ready", "string", 0, pod_ready, NULL},
	{"Pod", "Status", "string", 0, pod_status, NULL},
	{"Pod", "Restarts", "string", 0, pod_restarts, NULL},
	{"Pod", "Age", "string", 0, age, NULL},
	{"Pod", "IP", "string", 1, NULL, "status.podIP"},
	{"Pod", "Node", "string", 1, NULL, "spec.nodeName"},
	{"Pod", "Nominated Node", "string", 1, NULL, "status.nominatedNodeName"},
	{"Pod", "Readiness Gates", "string", 1, NULL, "-"},
	{"Deployment", "Name", "string", 0, name, NULL},
	{"Deployment", "Ready", "string", 0, deployment_ready, NULL},
	{"Deployment", "Up-to-date", "integer", 0, NULL, "status.updatedReplicas"},
	{"Deployment", "Available", "integer", 0, NULL, "status.availableReplicas"},
	{"Deployment", "Age", "string", 0, age, NULL},
	{"Deployment", "Containers", "string", 1, containers, NULL},
	{"Deployment", "Images", "string", 1, images, NULL},
	{"Deployment", "Selector", "string", 1, match_labels, NULL},
	{"ReplicaSet", "Name", "string", 0, name, NULL},
	{"ReplicaSet", "Desired", "integer", 0, NULL, "spec.replicas"},
	{"ReplicaSet", "Current", "integer", 0, NULL, "status.replicas"},
	{"ReplicaSet", "Ready", "integer", 0, NULL, "status.readyReplicas"},
	{"ReplicaSet", "Age", "string", 0, age, NULL},
	{"ReplicaSet", "Containers", "string", 1, containers, NULL},
	{"ReplicaSet", "Images", "string", 1, images, NULL},
	{"ReplicaSet", "Selector", "string", 1, match_labels, NULL},
	{"Service", "Name", "string", 0, name, NULL},
	{"Service", "Type", "string", 0, NULL, "spec.type"},
	{"Service", "Cluster-IP", "string", 0, NULL, "spec.clusterIP"},
	{"Service", "External-IP", "string", 0, service_external, NULL},
	{"Service", "Port(s)", "string", 0, service_ports, NULL},
	{"Service", "Age", "string", 0, age, NULL},
	{"Service", "Selector", "string", 1, service_selector, NULL},
	{"Endpoints", "Name", "string", 0, name, NULL},
	{"Endpoints", "Endpoints", "string", 0, endpoints_addresses, NULL},
	{"Endpoints", "Age", "string", 0, age, NULL},
	{"Ingress", "Name", "string", 0, name, NULL},
	{"Ingress", "Class", "string", 0, ingress_class, NULL},
	{"Ingress", "Hosts", "string", 0, ingress_hosts, NULL},
	{"Ingress", "Address", "string", 0, ingress_address, NULL},
	{"Ingress", "Ports", "string", 0, ingress_ports, NULL},
	{"Ingress", "Age", "string", 0, age, NULL},
	{"Event", "Last Seen", "string", 0, event_last_seen, NULL},
	{"Event", "Type", "string", 0, NULL, "type"},
	{"Event", "Reason", "string", 0, NULL, "reason"},
	{"Event", "Object", "string", 0, event_object, NULL},
	{"Event", "Subobject", "string", 1, NULL, "involvedObject.fieldPath"},
	{"Event", "Source", "string", 1, NULL, "source.component"},
	{"Event", "Message", "string", 0, event_message, NULL},
	{"Event", "Count", "integer", 1, NULL, "count"},
	{"Event", "Name", "string", 1, name, NULL},
	{"Node", "Name", "string", 0, name, NULL},
	{"Node", "Status", "string", 0, node_status, NULL},
	{"Node", "Roles", "string", 0, node_roles, NULL},
	{"Node", "Age", "string", 0, age, NULL},
	{"Node", "Version", "string", 0, NULL, "status.nodeInfo.kubeletVersion"},
	{"Namespace", "Name", "string", 0, name, NULL},
	{"Namespace", "Status", "string", 0, NULL, "status.phase"},
	{"Namespace", "Age", "string", 0, age, NULL},
	{"ConfigMap", "Name", "string", 0, name, NULL},
	{"ConfigMap", "Data", "integer", 0, data_count, NULL},
	{"ConfigMap", "Age", "string", 0, age, NULL},
	{"Secret", "Name", "string", 0, name, NULL},
	{"Secret", "Type", "string", 0, NULL, "type"},
	{"Secret", "Data", "integer", 0, data_count, NULL},
	{"Secret", "Age", "string", 0, age, NULL},
	{"ServiceAccount", "Name", "string", 0, name, NULL},
	{"ServiceAccount", "Secrets", "integer", 0, account_secrets, NULL},
	{"ServiceAccount", "Age", "string", 0, age, NULL},
	{"PersistentVolumeClaim", "Name", "string", 0, name, NULL},
	{"PersistentVolumeClaim", "Status", "string", 0, NULL, "status.phase"},
	{"PersistentVolumeClaim", "Volume", "string", 0, NULL, "spec.volumeName"},
	{"PersistentVolumeClaim", "Capacity", "string", 0, NULL, "status.capacity.storage"},
	{"PersistentVolumeClaim", "StorageClass", "string", 0, NULL, "spec.storageClassName"},
	{"PersistentVolumeClaim", "Age", "string", 0, age, NULL},
	{"HorizontalPodAutoscaler", "Name", "string", 0, name, NULL},
	{"HorizontalPodAutoscaler", "Reference", "string", 0, autoscaler_reference, NULL},
	{"HorizontalPodAutoscaler", "Targets", "string", 0, autoscaler_targets, NULL},
	{"HorizontalPodAutoscaler", "MinPods", "string", 0, NULL, "spec.minReplicas"},
	{"HorizontalPodAutoscaler", "MaxPods", "string", 0, NULL, "spec.maxReplicas"},
	{"HorizontalPodAutoscaler", "Replicas", "integer", 0, NULL, "status.currentReplicas"},
	{"HorizontalPodAutoscaler", "Age", "string", 0, age, NULL},
	{"PodDisruptionBudget", "Name", "string", 0, name, NULL},
	{"PodDisruptionBudget", "Min Available", "string", 0, NULL, "spec.minAvailable"},
	{"PodDisruptionBudget", "Max Unavailable", "string", 0, NULL, "spec.maxUnavailable"},
	{"PodDisruptionBudget", "Allowed Disruptions", "integer", 0, NULL, "status.disruptionsAllowed"},
	{"PodDisruptionBudget", "Age", "string", 0, age, NULL},
	{"", "Name", "string", 0, name, NULL},
	{"", "Age", "string", 0, age, NULL},
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

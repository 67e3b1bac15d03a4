#include "sandbox/kubernetes/cell.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/compiler.h"
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

json_t *
cell_age(const json_t *object)
{
	return since(tree_text(object, "metadata.creationTimestamp"));
}

/* ---- cells shared by kinds ---- */

json_t *
cell_name(const json_t *object)
{
	return json_string(tree_text(object, "metadata.name"));
}

json_t *
cell_data_count(const json_t *object)
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

json_t *
cell_containers(const json_t *object)
{
	return join_items(tree_get(object, "spec.template.spec.containers"), "name", "<none>");
}

json_t *
cell_images(const json_t *object)
{
	return join_items(tree_get(object, "spec.template.spec.containers"), "image", "<none>");
}

json_t *
cell_match_labels(const json_t *object)
{
	return join_map(tree_get(object, "spec.selector.matchLabels"));
}

/* ---- pods ---- */

json_t *
cell_pod_ready(const json_t *pod)
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

json_t *
cell_pod_status(const json_t *pod)
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

json_t *
cell_pod_restarts(const json_t *pod)
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

json_t *
cell_deployment_ready(const json_t *object)
{
	return json_sprintf("%lld/%lld", (long long)tree_int(object, "status.readyReplicas"),
	                    (long long)tree_int(object, "spec.replicas"));
}

json_t *
cell_service_ports(const json_t *service)
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

json_t *
cell_service_external(const json_t *service)
{
	const json_t *given = tree_get(service, "status.loadBalancer.ingress");
	if (strcmp(tree_text(service, "spec.type"), "LoadBalancer") == 0)
		return join_items(given, "ip", "<pending>");
	return json_string("<none>");
}

json_t *
cell_service_selector(const json_t *service)
{
	return join_map(tree_get(service, "spec.selector"));
}

json_t *
cell_ingress_class(const json_t *ingress)
{
	const char *class = tree_text(ingress, "spec.ingressClassName");
	return json_string(class[0] == '\0' ? "<none>" : class);
}

json_t *
cell_ingress_hosts(const json_t *ingress)
{
	return join_items(tree_get(ingress, "spec.rules"), "host", "*");
}

json_t *
cell_ingress_address(const json_t *ingress)
{
	const json_t *given = tree_get(ingress, "status.loadBalancer.ingress");
	bool has_ip = tree_text(given, "0.ip")[0] != '\0';
	return join_items(given, has_ip ? "ip" : "hostname", "");
}

json_t *
cell_ingress_ports(const json_t *ingress)
{
	return json_string(json_array_size(tree_get(ingress, "spec.tls")) > 0 ? "80, 443" : "80");
}

json_t *
cell_endpoints_addresses(const json_t *object)
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

json_t *
cell_event_last_seen(const json_t *event)
{
	return since(event_time(event));
}

json_t *
cell_event_object(const json_t *event)
{
	char kind[64];
	size_t i = 0;
	for (const char *at = tree_text(event, "involvedObject.kind"); *at != '\0' && i < sizeof kind - 1; at++)
		kind[i++] = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	kind[i] = '\0';
	return json_sprintf("%s/%s", kind, tree_text(event, "involvedObject.name"));
}

json_t *
cell_event_message(const json_t *event)
{
	return json_string(tree_text(event, "message"));
}

json_t *
cell_node_status(const json_t *node)
{
	const json_t *condition = tree_find(tree_get(node, "status.conditions"), "type", "Ready");
	const char *ready = condition == NULL                                     ? "Unknown"
	                    : strcmp(tree_text(condition, "status"), "True") == 0 ? "Ready"
	                                                                          : "NotReady";
	return json_sprintf("%s%s", ready,
	                    tree_bool(node, "spec.unschedulable") ? ",SchedulingDisabled" : "");
}

json_t *
cell_node_roles(const json_t *node)
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

json_t *
cell_autoscaler_reference(const json_t *object)
{
	return json_sprintf("%s/%s", tree_text(object, "spec.scaleTargetRef.kind"),
	                    tree_text(object, "spec.scaleTargetRef.name"));
}

json_t *
cell_autoscaler_targets(const json_t *object)
{
	json_int_t target = tree_int(object, "spec.targetCPUUtilizationPercentage");
	const json_t *now = tree_get(object, "status.currentCPUUtilizationPercentage");
	return now == NULL ? json_sprintf("cpu: <unknown>/%lld%%", (long long)target)
	                   : json_sprintf("cpu: %lld%%/%lld%%", (long long)json_integer_value(now),
	                                  (long long)target);
}

json_t *
cell_account_secrets(const json_t *account)
{
	return json_integer((json_int_t)json_array_size(tree_get(account, "secrets")));
}

/* ---- columns ---- */

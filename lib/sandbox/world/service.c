/* Endpoints and an EndpointSlice for every Service with a selector, an address for every Ingress. */
#include <stdio.h>
#include <string.h>

#include "sandbox/world/parts.h"

/* The number a target port stands for in `pod`, 0 when it names none. */
static int64_t
resolve_port(const json_t *pod, const json_t *target, int64_t otherwise)
{
	if (json_is_integer(target))
		return json_integer_value(target);
	const char *name = json_string_value(target);
	if (!name)
		return otherwise;
	size_t i;
	json_t *container;
	json_array_foreach(item_at(pod, "spec/containers"), i, container) {
		const json_t *port = item_find(item_at(container, "ports"), "name", name);
		if (port)
			return item_integer(port, "containerPort", 0);
	}
	return 0;
}

/* New reference. */
static json_t *
list_ports(const json_t *service, const json_t *pod)
{
	json_t *ports = json_array(), *port;
	size_t i;
	json_array_foreach(item_at(service, "spec/ports"), i, port) {
		const char *protocol = item_text(port, "protocol");
		int64_t number = resolve_port(pod, item_at(port, "targetPort"), item_integer(port, "port", 0));
		if (number)
			json_array_append_new(ports, json_pack("{s:s, s:I, s:s}", "name", item_text(port, "name"),
			                      "port", (json_int_t)number, "protocol", *protocol ? protocol : "TCP"));
	}
	return ports;
}

/* New reference: the pods a Service selects that have an address. */
static json_t *
list_selected(struct world *world, const json_t *service)
{
	scoped(json_decrefp) json_t *pods = world_list(world, KIND_POD, item_namespace(service), NULL);
	json_t *selected = json_array(), *pod;
	size_t i;
	json_array_foreach(pods, i, pod) {
		if (item_matches(item_at(service, "spec/selector"), item_at(pod, "metadata/labels")) &&
		    *item_text(pod, "status/podIP") && !item_is_terminating(pod))
			json_array_append(selected, pod);
	}
	return selected;
}

static json_t *
target_reference(const json_t *pod)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "kind", "Pod", "namespace", item_namespace(pod), "name",
	                 item_name(pod), "uid", item_uid(pod));
}

static void
put_endpoints(struct world *world, const json_t *service, const json_t *pods)
{
	json_t *ready = json_array(), *unready = json_array(), *pod;
	size_t i;
	json_array_foreach(pods, i, pod) {
		json_t *address = json_pack("{s:s, s:s, s:o}", "ip", item_text(pod, "status/podIP"), "nodeName",
		                            item_text(pod, "spec/nodeName"), "targetRef", target_reference(pod));
		json_array_append_new(item_condition_is(pod, "Ready", "True") ? ready : unready, address);
	}
	json_t *endpoints = json_pack("{s:{s:s, s:s}}", "metadata", "name", item_name(service), "namespace",
	                              item_namespace(service));
	if (json_array_size(pods)) {
		json_t *subset = json_pack("{s:o}", "ports", list_ports(service, json_array_get(pods, 0)));
		if (json_array_size(ready))
			json_object_set(subset, "addresses", ready);
		if (json_array_size(unready))
			json_object_set(subset, "notReadyAddresses", unready);
		json_object_set_new(endpoints, "subsets", json_pack("[o]", subset));
	}
	json_decref(ready);
	json_decref(unready);
	world_put(world, KIND_ENDPOINTS, endpoints);
}

static void
put_slice(struct world *world, const json_t *service, const json_t *pods)
{
	json_t *endpoints = json_array(), *pod;
	size_t i;
	json_array_foreach(pods, i, pod) {
		int is_ready = item_condition_is(pod, "Ready", "True");
		json_array_append_new(endpoints, json_pack("{s:[s], s:{s:b, s:b, s:b}, s:s, s:o}", "addresses",
		                      item_text(pod, "status/podIP"), "conditions", "ready", is_ready, "serving",
		                      is_ready, "terminating", 0, "nodeName", item_text(pod, "spec/nodeName"),
		                      "targetRef", target_reference(pod)));
	}
	json_t *ports = json_array_size(pods) ? list_ports(service, json_array_get(pods, 0)) : json_array();
	world_put(world, KIND_ENDPOINT_SLICE,
	          json_pack("{s:{s:o, s:s, s:{s:s}, s:o}, s:s, s:o, s:o}", "metadata", "name",
	                    json_sprintf("%s-%.5s", item_name(service), item_uid(service)), "namespace",
	                    item_namespace(service), "labels", "kubernetes.io/service-name",
	                    item_name(service), "ownerReferences",
	                    item_owner_references(service, "v1", "Service"), "addressType", "IPv4",
	                    "endpoints", endpoints, "ports", ports));
}

void
service_visit(struct world *world, const char *namespace, const char *name)
{
	const json_t *found = world_get(world, KIND_SERVICE, namespace, name);
	if (!found || !json_object_size(item_at(found, "spec/selector")))
		return;
	scoped(json_decrefp) json_t *service = json_incref((json_t *)(uintptr_t)found);
	scoped(json_decrefp) json_t *pods = list_selected(world, service);
	put_endpoints(world, service, pods);
	put_slice(world, service, pods);
}

/* The one ingress controller serves every class. */
void
ingress_visit(struct world *world, const char *namespace, const char *name)
{
	const json_t *found = world_get(world, KIND_INGRESS, namespace, name);
	if (!found || item_at(found, "status/loadBalancer/ingress"))
		return;
	json_t *changed = world_copy(found);
	item_set(changed, "status/loadBalancer", json_pack("{s:[{s:s}]}", "ingress", "ip", "10.0.0.100"));
	world_put(world, KIND_INGRESS, changed);
}

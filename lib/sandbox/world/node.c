/* Nodes: how many there are, and which of them has been lost. */
#include <stdio.h>
#include <string.h>

#include "sandbox/world/causes.h"
#include "sandbox/world/parts.h"
#include "sandbox/world/pod.h"

static json_t *
new_node(int number)
{
	json_t *node = json_pack(
		"{s:{s:o, s:{s:o, s:s, s:s, s:s}}, s:{}, s:{s:{s:s, s:s, s:s, s:s}, s:{s:s, s:s, s:s, s:s},"
		" s:[{s:s, s:o}], s:{s:s, s:s, s:s, s:s, s:s}}}",
		"metadata", "name", json_sprintf("node-%d", number), "labels", "kubernetes.io/hostname",
		json_sprintf("node-%d", number), "kubernetes.io/arch", "amd64", "kubernetes.io/os", "linux",
		"topology.kubernetes.io/zone", number % 2 ? "zone-a" : "zone-b", "spec", "status", "capacity",
		"cpu", "4", "memory", "16Gi", "pods", "110", "ephemeral-storage", "100Gi", "allocatable", "cpu",
		"3900m", "memory", "15Gi", "pods", "110", "ephemeral-storage", "90Gi", "addresses", "type",
		"InternalIP", "address", json_sprintf("10.0.0.%d", number), "nodeInfo", "architecture", "amd64",
		"operatingSystem", "linux", "kubeletVersion", "v1.32.0", "containerRuntimeVersion",
		"containerd://1.7.24", "osImage", "Debian GNU/Linux 12 (bookworm)");
	item_condition_set(node, "MemoryPressure", "False", "KubeletHasSufficientMemory",
	                     "kubelet has sufficient memory available", false);
	item_condition_set(node, "Ready", "True", "KubeletReady", "kubelet is posting ready status", false);
	return node;
}

static void
seed_namespace(struct world *world, const char *name)
{
	world_put(world, KIND_NAMESPACE,
	          json_pack("{s:{s:s, s:{s:s}}, s:{s:[s]}, s:{s:s}}", "metadata", "name", name, "labels",
	                    "kubernetes.io/metadata.name", name, "spec", "finalizers", "kubernetes", "status",
	                    "phase", "Active"));
}

void
world_seed(struct world *world, const char *namespace)
{
	enum { NODES = 3 };
	if (!world_get(world, KIND_NAMESPACE, "", namespace))
		seed_namespace(world, namespace);
	for (int number = 1; number <= NODES; number++) {
		char name[24];
		snprintf(name, sizeof(name), "node-%d", number);
		if (!world_get(world, KIND_NODE, "", name))
			world_put(world, KIND_NODE, new_node(number));
	}
}

bool
node_is_lost(const struct world *world, const char *name)
{
	const json_t *node = world_get(world, KIND_NODE, "", name);
	return node && item_condition_is(node, "Ready", "Unknown");
}

static bool
some_node_is_lost(const struct world *world)
{
	scoped(json_decrefp) json_t *nodes = world_list(world, KIND_NODE, NULL, NULL);
	size_t i;
	json_t *node;
	json_array_foreach(nodes, i, node) {
		if (item_condition_is(node, "Ready", "Unknown"))
			return true;
	}
	return false;
}

static void
set_ready(struct world *world, const json_t *node, bool is_ready)
{
	static const char *const taint = "node.kubernetes.io/unreachable";
	json_t *changed = world_copy(node);
	item_condition_set(changed, "Ready", is_ready ? "True" : "Unknown",
	                     is_ready ? "KubeletReady" : "NodeStatusUnknown",
	                     is_ready ? "kubelet is posting ready status"
	                              : "Kubelet stopped posting node status.", false);
	if (is_ready)
		json_object_del(item_at(changed, "spec"), "taints");
	else
		item_set(changed, "spec/taints", json_pack("[{s:s, s:s}]", "key", taint, "effect", "NoSchedule"));
	const json_t *now = world_put(world, KIND_NODE, changed);
	struct world_event event = {.about = now, .kind = KIND_NODE, .type = "Normal",
		.reason = is_ready ? "NodeReady" : "NodeNotReady", .component = "node-controller",
		.host = "", .field_path = ""};
	world_record_event(world, &event, "Node %s status is now: %s", item_name(now), event.reason);
}

/* One at a time: the others take over. */
void
node_lose(struct world *world, const char *name)
{
	const json_t *node = world_get(world, KIND_NODE, "", name);
	if (node && !some_node_is_lost(world))
		set_ready(world, node, false);
}

static bool
node_lost_is_armed(const struct world *world)
{
	const char *key;
	json_t *armed;
	json_object_foreach(world->armed, key, armed) {
		if (json_object_get(armed, "node-lost"))
			return true;
	}
	return false;
}

/* A kubelet that is back confirms the deletions that were waiting for it. */
static void
confirm_deletions(struct world *world, const char *node)
{
	scoped(json_decrefp) json_t *pods = world_list(world, KIND_POD, NULL, NULL);
	size_t i;
	json_t *pod;
	json_array_foreach(pods, i, pod) {
		if (item_is_terminating(pod) && !strcmp(item_text(pod, "spec/nodeName"), node))
			world_delete(world, KIND_POD, pod);
	}
}

void
node_recover_all(struct world *world)
{
	if (node_lost_is_armed(world))
		return;
	scoped(json_decrefp) json_t *nodes = world_list(world, KIND_NODE, NULL, NULL);
	size_t i;
	json_t *node;
	json_array_foreach(nodes, i, node) {
		if (!item_condition_is(node, "Ready", "Unknown"))
			continue;
		set_ready(world, node, true);
		confirm_deletions(world, item_name(node));
	}
}

/* The scheduler: filters nodes as the real one's plug-ins do, spreads by free cpu, and counts the
 * refusals in its words. */
#include <stdio.h>
#include <string.h>

#include "sandbox/world/parts.h"

struct refusals {
	int selector, taint, unschedulable, cpu, memory, pods;
	char taint_text[200];
};

struct room {
	int64_t cpu_milli, memory_milli, pods;
};

static void
add_requests(const json_t *pod, struct room *used)
{
	size_t i;
	json_t *container;
	json_array_foreach(item_at(pod, "spec/containers"), i, container) {
		used->cpu_milli += item_quantity_milli(item_at(container, "resources/requests/cpu"));
		used->memory_milli += item_quantity_milli(item_at(container, "resources/requests/memory"));
	}
	used->pods++;
}

static struct room
used_on(const json_t *pods, const char *node)
{
	struct room used = {0};
	size_t i;
	json_t *pod;
	json_array_foreach(pods, i, pod) {
		if (!strcmp(item_text(pod, "spec/nodeName"), node) &&
		    strcmp(item_text(pod, "status/phase"), "Failed") != 0)
			add_requests(pod, &used);
	}
	return used;
}

static bool
tolerates(const json_t *pod, const json_t *taint)
{
	size_t i;
	json_t *toleration;
	json_array_foreach(item_at(pod, "spec/tolerations"), i, toleration) {
		const char *key = item_text(toleration, "key");
		bool exists = !strcmp(item_text(toleration, "operator"), "Exists");
		if (*key && strcmp(key, item_text(taint, "key")) != 0)
			continue;
		if (exists || !strcmp(item_text(toleration, "value"), item_text(taint, "value")))
			return true;
	}
	return false;
}

static bool
taint_refuses(const json_t *pod, const json_t *node, struct refusals *refusals)
{
	size_t i;
	json_t *taint;
	json_array_foreach(item_at(node, "spec/taints"), i, taint) {
		if (!strcmp(item_text(taint, "effect"), "PreferNoSchedule") || tolerates(pod, taint))
			continue;
		snprintf(refusals->taint_text, sizeof(refusals->taint_text), "{%s: %s}",
		         item_text(taint, "key"), item_text(taint, "value"));
		return true;
	}
	return false;
}

/* The first plug-in that refuses counts. */
static bool
fits(const json_t *pod, const json_t *node, const struct room *used, const struct room *wanted,
     struct refusals *refusals)
{
	json_t *selector = item_at(pod, "spec/nodeSelector");
	if (item_flag(node, "spec/unschedulable"))
		return refusals->unschedulable++, false;
	if (taint_refuses(pod, node, refusals))
		return refusals->taint++, false;
	if (json_object_size(selector) && !item_matches(selector, item_at(node, "metadata/labels")))
		return refusals->selector++, false;
	const json_t *room = item_at(node, "status/allocatable");
	if (used->pods + 1 > item_quantity_milli(json_object_get(room, "pods")) / 1000)
		return refusals->pods++, false;
	bool has_cpu = used->cpu_milli + wanted->cpu_milli <= item_quantity_milli(json_object_get(room, "cpu"));
	bool has_memory = used->memory_milli + wanted->memory_milli <=
	                  item_quantity_milli(json_object_get(room, "memory"));
	refusals->cpu += !has_cpu;
	refusals->memory += !has_memory;
	return has_cpu && has_memory;
}

static void
explain(const struct refusals *refusals, int nodes, struct buf *ret)
{
	const struct {
		int count;
		const char *text, *more;
	} reasons[] = {
		{refusals->cpu, "Insufficient cpu", ""},
		{refusals->memory, "Insufficient memory", ""},
		{refusals->pods, "Too many pods", ""},
		{refusals->selector, "node(s) didn't match Pod's node affinity/selector", ""},
		{refusals->taint, "node(s) had untolerated taint ", refusals->taint_text},
		{refusals->unschedulable, "node(s) were unschedulable", ""},
	};
	const char *comma = "";
	buf_printf(ret, "0/%d nodes are available: ", nodes);
	for (size_t i = 0; i < array_length(reasons); i++) {
		if (!reasons[i].count)
			continue;
		buf_printf(ret, "%s%d %s%s", comma, reasons[i].count, reasons[i].text, reasons[i].more);
		comma = ", ";
	}
	bool by_room = refusals->cpu || refusals->memory || refusals->pods;
	buf_printf(ret, ". preemption: 0/%d nodes are available: %d %s.", nodes, nodes,
	           by_room ? "No preemption victims found for incoming pod"
	                   : "Preemption is not helpful for scheduling");
}

const json_t *
scheduler_choose(struct world *world, const json_t *pod, struct buf *ret_message)
{
	scoped(json_decrefp) json_t *nodes = world_list(world, KIND_NODE, NULL, NULL);
	scoped(json_decrefp) json_t *pods = world_list(world, KIND_POD, NULL, NULL);
	struct refusals refusals = {0};
	struct room wanted = {0};
	add_requests(pod, &wanted);
	const json_t *best = NULL;
	int64_t best_pods = 0;
	size_t i;
	json_t *node;
	json_array_foreach(nodes, i, node) {
		struct room used = used_on(pods, item_name(node));
		if (!fits(pod, node, &used, &wanted, &refusals))
			continue;
		if (!best || used.pods < best_pods) {
			best = node;
			best_pods = used.pods;
		}
	}
	if (!best)
		explain(&refusals, (int)json_array_size(nodes), ret_message);
	return best ? world_get(world, KIND_NODE, "", item_name(best)) : NULL;
}

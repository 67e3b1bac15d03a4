/* The ReplicaSet controller: as many pods as asked for, and what stands in the way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sandbox/world/causes.h"
#include "sandbox/world/parts.h"

enum { RETRY_MS = 2000 };

static bool
is_active(const json_t *pod)
{
	const char *phase = item_text(pod, "status/phase");
	return !item_is_terminating(pod) && strcmp(phase, "Failed") != 0 && strcmp(phase, "Succeeded") != 0;
}

/* New reference: those of the set's pods that count. */
static json_t *
list_active(struct world *world, const json_t *set)
{
	scoped(json_decrefp) json_t *pods =
		world_list(world, KIND_POD, item_namespace(set), item_uid(set));
	json_t *active = json_array();
	size_t i;
	json_t *pod;
	json_array_foreach(pods, i, pod) {
		if (is_active(pod))
			json_array_append(active, pod);
	}
	return active;
}

static struct world_event
set_event(const json_t *set, const char *type, const char *reason)
{
	return (struct world_event){.about = set, .kind = KIND_REPLICA_SET, .type = type, .reason = reason,
	                            .component = "replicaset-controller", .host = "", .field_path = ""};
}

/* What the API server's defaults and admission add to a pod. */
static json_t *
new_pod(struct world *world, const json_t *set)
{
	char suffix[6];
	world_random_name(world, suffix, 5);
	json_t *metadata = world_copy(item_at(set, "spec/template/metadata"));
	if (!metadata)
		metadata = json_object();
	json_object_del(metadata, "creationTimestamp");
	json_object_set_new(metadata, "name", json_sprintf("%s-%s", item_name(set), suffix));
	json_object_set_new(metadata, "generateName", json_sprintf("%s-", item_name(set)));
	json_object_set_new(metadata, "namespace", json_string(item_namespace(set)));
	json_object_set_new(metadata, "ownerReferences",
	                    item_owner_references(set, "apps/v1", "ReplicaSet"));
	json_t *pod = json_pack("{s:o, s:o, s:{s:s, s:s}}", "metadata", metadata, "spec",
	                        world_copy(item_at(set, "spec/template/spec")), "status", "phase",
	                        "Pending", "qosClass", "Burstable");
	admission_change(world, pod);
	return pod;
}

/* Makes one pod; when it is refused the words are in `refusal`. */
static bool
create_pod(struct world *world, const json_t *set, struct buf *refusal)
{
	json_t *pod = new_pod(world, set);
	if (admission_refuses(world, pod, refusal)) {
		json_decref(pod);
		struct world_event event = set_event(set, "Warning", "FailedCreate");
		world_record_event(world, &event, "Error creating: %s", refusal->bytes);
		return false;
	}
	struct world_event event = set_event(set, "Normal", "SuccessfulCreate");
	const json_t *made = world_put(world, KIND_POD, pod);
	world_record_event(world, &event, "Created pod: %s", item_name(made));
	return true;
}

/* Deletion starts with a mark; the kubelet removes the pod when its containers have stopped. */
static void
delete_pod(struct world *world, const json_t *set, const json_t *pod)
{
	json_t *changed = world_copy(pod);
	item_set(changed, "metadata/deletionTimestamp", item_now());
	item_set_integer(changed, "metadata/deletionGracePeriodSeconds",
	                   item_integer(pod, "spec/terminationGracePeriodSeconds", 30));
	struct world_event event = set_event(set, "Normal", "SuccessfulDelete");
	world_record_event(world, &event, "Deleted pod: %s", item_name(pod));
	world_put(world, KIND_POD, changed);
}

/* Which of two pods goes first: unassigned, pending, not ready, younger (ActivePodsWithRanks). */
static int
deletion_rank(const json_t *pod)
{
	return (*item_text(pod, "spec/nodeName") ? 1 : 0) +
	       (strcmp(item_text(pod, "status/phase"), "Running") ? 0 : 2) +
	       (item_condition_is(pod, "Ready", "True") ? 4 : 0);
}

static int
by_deletion(const void *left, const void *right)
{
	const json_t *const *a = left, *const *b = right;
	int difference = deletion_rank(*a) - deletion_rank(*b);
	if (difference)
		return difference;
	int64_t age = item_time_ms(*a, "metadata/creationTimestamp") -
	              item_time_ms(*b, "metadata/creationTimestamp");
	return age > 0 ? -1 : age < 0;
}

static void
delete_surplus(struct world *world, const json_t *set, const json_t *active, size_t surplus)
{
	size_t count = json_array_size(active);
	const json_t **pods = calloc(count, sizeof(*pods));
	if (!pods)
		abort();
	for (size_t i = 0; i < count; i++)
		pods[i] = json_array_get(active, i);
	qsort(pods, count, sizeof(*pods), by_deletion);
	for (size_t i = 0; i < surplus; i++)
		delete_pod(world, set, pods[i]);
	free(pods);
}

/* Milliseconds until a ready pod counts as available; 0 = it does. */
static int64_t
until_available_ms(const json_t *pod, int64_t min_ready_s)
{
	if (!min_ready_s)
		return 0;
	int64_t since_ms = item_time_ms(item_condition(pod, "Ready"), "lastTransitionTime");
	int64_t left_ms = since_ms + 1000 * min_ready_s - clock_wall_ms();
	return left_ms > 0 ? left_ms : 0;
}

static void
sync_counts(struct world *world, json_t *changed)
{
	scoped(json_decrefp) json_t *active = list_active(world, changed);
	int64_t ready = 0, available = 0;
	int64_t min_ready_s = item_integer(changed, "spec/minReadySeconds", 0);
	size_t i;
	json_t *pod;
	json_array_foreach(active, i, pod) {
		if (!item_condition_is(pod, "Ready", "True"))
			continue;
		ready++;
		int64_t left_ms = until_available_ms(pod, min_ready_s);
		if (left_ms)
			world_visit(world, WORKER_REPLICA_SET, item_namespace(changed), item_name(changed), left_ms);
		else
			available++;
	}
	int64_t count = (int64_t)json_array_size(active);
	item_set_integer(changed, "status/replicas", count);
	item_set_count(changed, "status/fullyLabeledReplicas", count);
	item_set_count(changed, "status/readyReplicas", ready);
	item_set_count(changed, "status/availableReplicas", available);
}

static void
sync_status(struct world *world, const json_t *set, const char *refusal)
{
	json_t *changed = world_copy(set);
	sync_counts(world, changed);
	item_set_integer(changed, "status/observedGeneration",
	                   item_integer(changed, "metadata/generation", 1));
	const json_t *failure = item_condition(changed, "ReplicaFailure");
	if (!*refusal)
		item_condition_remove(changed, "ReplicaFailure");
	else if (!failure)
		item_condition_set(changed, "ReplicaFailure", "True", "FailedCreate", refusal, false);
	world_put(world, KIND_REPLICA_SET, changed);
}

static void
create_missing(struct world *world, const json_t *set, int64_t missing, struct buf *refusal)
{
	for (; missing > 0; missing--) {
		if (!create_pod(world, set, refusal))
			break;
	}
	if (missing > 0)
		world_visit(world, WORKER_REPLICA_SET, item_namespace(set), item_name(set), RETRY_MS);
}

void
replica_set_visit(struct world *world, const char *namespace, const char *name)
{
	enum { REFUSAL_MAX = 1024 };
	const json_t *found = world_get(world, KIND_REPLICA_SET, namespace, name);
	if (!found || item_is_terminating(found))
		return;
	scoped(json_decrefp) json_t *set = json_incref((json_t *)(uintptr_t)found);
	scoped(json_decrefp) json_t *active = list_active(world, set);
	scoped(buf_release) struct buf refusal = BUF_INIT(REFUSAL_MAX);
	int64_t missing = item_integer(set, "spec/replicas", 1) - (int64_t)json_array_size(active);
	if (missing > 0)
		create_missing(world, set, missing, &refusal);
	else if (missing < 0)
		delete_surplus(world, set, active, (size_t)-missing);
	sync_status(world, set, refusal.bytes);
}

/* What a Deployment's status says: counts, and the conditions as pkg/controller/deployment has them. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "sandbox/world/rollout.h"

enum { NO_DEADLINE_S = 2147483647, DEFAULT_DEADLINE_S = 600 };

struct counts {
	int64_t replicas, updated, ready, available;
};

static struct counts
count(const struct rollout *rollout)
{
	return (struct counts){
		.replicas = rollout_sum(rollout->sets, "status/replicas"),
		.updated = item_integer(rollout->newest, "status/replicas", 0),
		.ready = rollout_sum(rollout->sets, "status/readyReplicas"),
		.available = rollout_sum(rollout->sets, "status/availableReplicas"),
	};
}

static bool
is_complete(const struct rollout *rollout, const struct counts *now)
{
	return now->updated == rollout->replicas && now->replicas == rollout->replicas &&
	       now->available == rollout->replicas;
}

bool
rollout_is_complete(const struct rollout *rollout)
{
	struct counts now = count(rollout);
	return is_complete(rollout, &now);
}

static bool
has_progressed(const json_t *deployment, const struct counts *now)
{
	int64_t updated = item_integer(deployment, "status/updatedReplicas", 0);
	int64_t old = item_integer(deployment, "status/replicas", 0) - updated;
	return now->updated > updated || now->replicas - now->updated < old ||
	       now->ready > item_integer(deployment, "status/readyReplicas", 0) ||
	       now->available > item_integer(deployment, "status/availableReplicas", 0);
}

static int64_t
deadline_ms(const struct rollout *rollout)
{
	return 1000 * item_integer(rollout->deployment, "spec/progressDeadlineSeconds", DEFAULT_DEADLINE_S);
}

/* When there was no progress for too long; comes back when that would be so. */
static bool
has_timed_out(const struct rollout *rollout, const json_t *condition)
{
	const char *reason = item_text(condition, "reason");
	if (!strcmp(reason, "ProgressDeadlineExceeded"))
		return true;
	if (!strcmp(reason, "NewReplicaSetAvailable"))
		return false;
	int64_t left_ms = item_time_ms(condition, "lastUpdateTime") + deadline_ms(rollout) - clock_wall_ms();
	if (left_ms > 0)
		world_visit(rollout->world, WORKER_DEPLOYMENT, item_namespace(rollout->deployment),
		            item_name(rollout->deployment), left_ms + 1000);
	return left_ms <= 0;
}

static void
sync_progressing(const struct rollout *rollout, json_t *changed, const struct counts *now)
{
	const json_t *condition = item_condition(changed, "Progressing");
	const char *reason = item_text(condition, "reason");
	char message[400];
	const char *set = item_name(rollout->newest);
	bool was_done = !strcmp(reason, "NewReplicaSetAvailable") && now->replicas == now->updated;
	if (deadline_ms(rollout) == 1000ll * NO_DEADLINE_S || was_done || !rollout->newest)
		return;
	if (is_complete(rollout, now)) {
		snprintf(message, sizeof(message), "ReplicaSet \"%s\" has successfully progressed.", set);
		item_condition_set(changed, "Progressing", "True", "NewReplicaSetAvailable", message, true);
	} else if (has_progressed(rollout->deployment, now)) {
		snprintf(message, sizeof(message), "ReplicaSet \"%s\" is progressing.", set);
		item_condition_set(changed, "Progressing", "True", "ReplicaSetUpdated", message, true);
	} else if (condition && has_timed_out(rollout, condition)) {
		if (!strcmp(reason, "ProgressDeadlineExceeded"))
			return;
		snprintf(message, sizeof(message), "ReplicaSet \"%s\" has timed out progressing.", set);
		item_condition_set(changed, "Progressing", "False", "ProgressDeadlineExceeded", message, true);
	}
}

static void
sync_conditions(const struct rollout *rollout, json_t *changed, const struct counts *now)
{
	bool is_enough = now->available >= rollout->replicas - rollout->max_unavailable;
	const char *status = is_enough ? "True" : "False";
	if (!item_condition_is(changed, "Available", status))
		item_condition_set(changed, "Available", status,
		                     is_enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
		                     is_enough ? "Deployment has minimum availability."
		                               : "Deployment does not have minimum availability.", true);
	sync_progressing(rollout, changed, now);
	const json_t *failure = item_condition(rollout->newest, "ReplicaFailure");
	if (!failure)
		item_condition_remove(changed, "ReplicaFailure");
	else if (strcmp(item_text(item_condition(changed, "ReplicaFailure"), "message"),
	                item_text(failure, "message")) != 0)
		item_condition_set(changed, "ReplicaFailure", "True", item_text(failure, "reason"),
		                     item_text(failure, "message"), true);
}

static void
sync_paused(json_t *changed, bool is_paused)
{
	const char *reason = item_text(item_condition(changed, "Progressing"), "reason");
	bool says_paused = !strcmp(reason, "DeploymentPaused");
	if (is_paused && !says_paused)
		item_condition_set(changed, "Progressing", "Unknown", "DeploymentPaused",
		                     "Deployment is paused", true);
	else if (!is_paused && says_paused)
		item_condition_set(changed, "Progressing", "Unknown", "DeploymentResumed",
		                     "Deployment is resumed", true);
}

void
rollout_sync_status(const struct rollout *rollout)
{
	struct counts now = count(rollout);
	json_t *changed = world_copy(rollout->deployment);
	bool is_paused = item_flag(changed, "spec/paused");
	if (rollout->newest)
		item_set_annotation(changed, ROLLOUT_REVISION, item_annotation(rollout->newest, ROLLOUT_REVISION));
	sync_paused(changed, is_paused);
	if (!is_paused)
		sync_conditions(rollout, changed, &now);
	item_set_integer(changed, "status/observedGeneration",
	                   item_integer(changed, "metadata/generation", 1));
	item_set_count(changed, "status/replicas", now.replicas);
	item_set_count(changed, "status/updatedReplicas", now.updated);
	item_set_count(changed, "status/readyReplicas", now.ready);
	item_set_count(changed, "status/availableReplicas", now.available);
	int64_t missing = rollout_sum(rollout->sets, "spec/replicas") - now.available;
	item_set_count(changed, "status/unavailableReplicas", missing > 0 ? missing : 0);
	world_put(rollout->world, KIND_DEPLOYMENT, changed);
}

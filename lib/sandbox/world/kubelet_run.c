/* A started container: probes, crashes, back-off, and what takes pods away. */
#include <stdio.h>
#include <string.h>

#include "sandbox/world/operator_status.h"
#include "sandbox/world/pod.h"

enum { MESSAGE_MAX = 1024, CRASH_MS = 800, LATE_CRASH_MS = 4000, SOON_MS = 1000, EVICTION_MS = 300000 };

static int64_t
running_ms(const struct pod_life *life)
{
	return clock_wall_ms() - item_integer(life->record, "started_ms", 0);
}

/* Ends and back-off. */

int64_t
kubelet_end(struct pod_life *life, const char *reason, const char *message, int exit_code)
{
	pod_set_terminated(pod_main_status(life), reason, message, exit_code);
	json_object_del(life->record, "is_waiting");
	pod_refresh(life);
	pod_go(life, POD_BACK_OFF);
	return SOON_MS;
}

static void
wait_in_back_off(struct pod_life *life, int64_t delay_ms)
{
	const char *name = pod_main_name(life);
	json_t *status = pod_main_status(life);
	const json_t *end = item_at(status, "state/terminated");
	if (end)
		item_set(status, "lastState", json_pack("{s:O}", "terminated", end));
	char message[400];
	snprintf(message, sizeof(message), "back-off %llds restarting failed container=%s pod=%s_%s(%s)",
	         (long long)delay_ms / 1000, name, item_name(life->pod), item_namespace(life->pod),
	         item_uid(life->pod));
	pod_set_waiting(status, "CrashLoopBackOff", message);
	pod_event(life, name, true, "BackOff", "Back-off restarting failed container %s in pod %s_%s(%s)",
	          name, item_name(life->pod), item_namespace(life->pod), item_uid(life->pod));
	json_object_set_new(life->record, "is_waiting", json_true());
	pod_refresh(life);
}

/* The first restart comes at once, later ones after a growing wait. */
int64_t
kubelet_back_off(struct pod_life *life)
{
	json_t *status = pod_main_status(life);
	int64_t restarts = item_integer(status, "restartCount", 0);
	if (restarts && !item_flag(life->record, "is_waiting")) {
		int64_t delay_ms = kubelet_back_off_ms(restarts - 1);
		wait_in_back_off(life, delay_ms);
		return delay_ms;
	}
	json_object_del(life->record, "is_waiting");
	pod_count_restart(status);
	pod_event(life, pod_main_name(life), false, "Pulled",
	          "Container image \"%s\" already present on machine",
	          item_text(status, "image"));
	pod_go(life, POD_START);
	return 1;
}

/* Probes. */

static int64_t
probe_ms(const struct pod_life *life, const char *probe, const char *field, int64_t otherwise_s)
{
	char path[64];
	snprintf(path, sizeof(path), "%s/%s", probe, field);
	return 1000 * item_integer(pod_main_container(life->pod), path, otherwise_s);
}

/* One failed probe; true when it was the one too many. */
static bool
probe_fails(struct pod_life *life, const struct world_cause *cause, const char *probe)
{
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	cause_write(&message, cause->message, life->pod);
	pod_event(life, pod_main_name(life), true, "Unhealthy", "%s", message.bytes);
	int64_t failures = item_integer(life->record, "probes", 0) + 1;
	json_object_set_new(life->record, "probes", json_integer(failures));
	return failures >= probe_ms(life, probe, "failureThreshold", 3) / 1000;
}

static int64_t
killed_by_probe(struct pod_life *life, const struct world_cause *cause, const char *probe)
{
	const char *name = pod_main_name(life);
	pod_event(life, name, false, "Killing", "Container %s failed %s probe, will be restarted", name, probe);
	pod_log(life, name, "received SIGTERM\n");
	return kubelet_end(life, cause->reason, "", cause->exit_code);
}

/* How life goes on when nothing is wrong: started, ready, measured. */

static void
measure(struct pod_life *life)
{
	json_t *containers = json_array();
	size_t i;
	json_t *container;
	json_array_foreach(item_at(life->pod, "spec/containers"), i, container) {
		json_array_append_new(containers, json_pack("{s:s, s:{s:s, s:s}}", "name",
		                      item_text(container, "name"), "usage", "cpu", "12m", "memory", "48Mi"));
	}
	json_t *metrics = json_pack("{s:{s:s, s:s, s:O?}, s:o, s:s, s:o}", "metadata", "name",
	                            item_name(life->pod), "namespace", item_namespace(life->pod),
	                            "labels", item_at(life->pod, "metadata/labels"), "timestamp",
	                            item_now(), "window", "15s", "containers", containers);
	if (life->world->kinds[KIND_POD_METRICS])
		world_put(life->world, KIND_POD_METRICS, metrics);
	else
		json_decref(metrics);
}

static void
become_ready(struct pod_life *life)
{
	json_t *status = pod_main_status(life);
	if (item_flag(status, "ready"))
		return;
	item_set(status, "started", json_true());
	item_set(status, "ready", json_true());
	pod_refresh(life);
	measure(life);
}

/* Milliseconds until the first readiness probe may succeed. */
static int64_t
until_ready_ms(const struct pod_life *life)
{
	const json_t *probe = item_at(pod_main_container(life->pod), "readinessProbe");
	if (!probe)
		return 0;
	int64_t left_ms = probe_ms(life, "readinessProbe", "initialDelaySeconds", 0) + 200 - running_ms(life);
	return left_ms > 0 ? left_ms : 0;
}

/* What goes wrong meanwhile: each returns 0 when it has nothing to say. */

/* A late crash waits until the operator has called the deployment a success, and some more; -1 =
 * not ready yet. */
static int64_t
until_late_crash_ms(struct pod_life *life)
{
	const char *app = item_label(life->pod, "app"), *id = item_label(life->pod, "fiaas/deployment_id");
	if (!item_flag(pod_main_status(life), "ready"))
		return -1;
	if (*id && strcmp(operator_result(life->world, item_namespace(life->pod), app, id), "SUCCESS") != 0)
		return SOON_MS;
	if (item_flag(life->record, "is_doomed"))
		return 0;
	json_object_set_new(life->record, "is_doomed", json_true());
	return LATE_CRASH_MS;
}

static int64_t
meet_exit(struct pod_life *life)
{
	const struct world_cause *cause = cause_of_pod(life->world, life->pod, CAUSE_EXIT);
	int64_t struck = item_integer(life->record, "struck", 0);
	if (!cause || (cause->strikes && struck >= cause->strikes))
		return 0;
	bool is_late = !strcmp(cause->name, "success-then-crash");
	int64_t left_ms = is_late ? until_late_crash_ms(life) : CRASH_MS - running_ms(life);
	if (left_ms > 0)
		return left_ms;
	if (is_late && left_ms < 0)
		return 0;
	json_object_set_new(life->record, "struck", json_integer(struck + 1));
	pod_log(life, pod_main_name(life), cause->log);
	return kubelet_end(life, cause->reason, cause->message, cause->exit_code);
}

static int64_t
meet_hook(struct pod_life *life)
{
	const struct world_cause *cause = cause_of_pod(life->world, life->pod, CAUSE_HOOK);
	if (!cause)
		return 0;
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	cause_write(&message, cause->message, life->pod);
	const char *name = pod_main_name(life);
	pod_event(life, name, true, cause->reason, "%s", message.bytes);
	pod_event(life, name, false, "Killing", "%s", cause->reason);
	int64_t delay_ms = kubelet_end(life, "Error", "", cause->exit_code);
	json_t *status = pod_main_status(life);
	item_set(status, "lastState", json_deep_copy(item_at(status, "state")));
	pod_set_waiting(status, "PostStartHookError", message.bytes);
	return delay_ms;
}

static int64_t
meet_startup_probe(struct pod_life *life)
{
	const struct world_cause *cause = cause_of_pod(life->world, life->pod, CAUSE_STARTUP_PROBE);
	if (!cause)
		return 0;
	int64_t period_ms = probe_ms(life, "startupProbe", "periodSeconds", 10);
	if (running_ms(life) < period_ms / 2)
		return period_ms / 2;
	return probe_fails(life, cause, "startupProbe") ? killed_by_probe(life, cause, "startup") : period_ms;
}

static int64_t
meet_readiness_probe(struct pod_life *life)
{
	const struct world_cause *cause = cause_of_pod(life->world, life->pod, CAUSE_READINESS_PROBE);
	if (!cause)
		return 0;
	item_set(pod_main_status(life), "started", json_true());
	int64_t left_ms = until_ready_ms(life);
	if (left_ms)
		return left_ms;
	probe_fails(life, cause, "readinessProbe");
	return probe_ms(life, "readinessProbe", "periodSeconds", 10);
}

/* A program that hangs from its start: never ready, killed again and again. */
static int64_t
meet_liveness_probe(struct pod_life *life)
{
	const struct world_cause *cause = cause_of_pod(life->world, life->pod, CAUSE_LIVENESS_PROBE);
	if (!cause)
		return 0;
	int64_t period_ms = probe_ms(life, "livenessProbe", "periodSeconds", 10);
	int64_t left_ms = probe_ms(life, "livenessProbe", "initialDelaySeconds", 10) - running_ms(life);
	if (left_ms > 0)
		return left_ms;
	return probe_fails(life, cause, "livenessProbe") ? killed_by_probe(life, cause, "liveness") : period_ms;
}

/* Pods that are taken away once they have run for a moment: marked first, then deleted. */

static int64_t
meet_eviction(struct pod_life *life)
{
	const struct world_cause *cause = cause_of_pod(life->world, life->pod, CAUSE_EVICTION);
	if (!cause)
		return 0;
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	cause_write(&message, cause->message, life->pod);
	pod_set_terminated(pod_main_status(life), "Error",
	                   "The container could not be located when the pod was terminated", 137);
	pod_refresh(life);
	item_set_text(life->pod, "status/phase", "Failed");
	item_set_text(life->pod, "status/reason", cause->reason);
	item_set_text(life->pod, "status/message", message.bytes);
	item_condition_set(life->pod, "DisruptionTarget", "True", "TerminationByKubelet", message.bytes, false);
	pod_event(life, "", true, "Evicted", "%s", message.bytes);
	cause_struck(life->world, item_namespace(life->pod), item_label(life->pod, "app"), cause);
	pod_go(life, POD_ENDED);
	return SOON_MS;
}

static int64_t
meet_disruption(struct pod_life *life)
{
	const struct world_cause *cause = cause_of_pod(life->world, life->pod, CAUSE_DISRUPTION);
	if (!cause || item_is_terminating(life->pod))
		return 0;
	if (!item_condition(life->pod, "DisruptionTarget")) {
		item_condition_set(life->pod, "DisruptionTarget", "True", cause->reason, cause->message, false);
		return SOON_MS;
	}
	if (!strcmp(cause->name, "preempted"))
		pod_event(life, "", false, "Preempted", "Preempted by pod 5f8c on node %s",
		          item_text(life->pod, "spec/nodeName"));
	item_set(life->pod, "metadata/deletionTimestamp", item_now());
	item_set_integer(life->pod, "metadata/deletionGracePeriodSeconds", 30);
	cause_struck(life->world, item_namespace(life->pod), item_label(life->pod, "app"), cause);
	return SOON_MS;
}

/* The node controller's view of a pod whose kubelet is silent: not ready, then to be deleted, and
 * there for ever, since nobody confirms. */
static int64_t
meet_lost_node(struct pod_life *life)
{
	const char *node = item_text(life->pod, "spec/nodeName");
	if (!cause_of_pod(life->world, life->pod, CAUSE_NODE_LOST))
		return 0;
	node_lose(life->world, node);
	if (!node_is_lost(life->world, node))
		return 0;
	if (!json_object_get(life->record, "is_lost")) {
		json_object_set_new(life->record, "is_lost", json_true());
		item_condition_set(life->pod, "Ready", "False", NULL, NULL, false);
		pod_event(life, "", true, "NodeNotReady", "Node is not ready");
		return EVICTION_MS;
	}
	item_condition_set(life->pod, "DisruptionTarget", "True", "DeletionByTaintManager",
	                     "Taint manager: deleting due to NoExecute taint", false);
	item_set(life->pod, "metadata/deletionTimestamp", item_now());
	return -1;
}

static int64_t
meet_trouble(struct pod_life *life, int64_t (*const *troubles)(struct pod_life *), size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t delay_ms = troubles[i](life);
		if (delay_ms)
			return delay_ms;
	}
	return 0;
}

/* What the application writes when it has started well: once each start. */
static void
greet(struct pod_life *life)
{
	json_t *started = json_object_get(life->record, "started_ms");
	if (json_equal(json_object_get(life->record, "greeted_ms"), started))
		return;
	json_object_set(life->record, "greeted_ms", started);
	pod_log(life, pod_main_name(life), "starting {app}\nlistening on :8080\n");
}

int64_t
kubelet_run(struct pod_life *life)
{
	static int64_t (*const before_ready[])(struct pod_life *) = {
		meet_hook, meet_startup_probe, meet_liveness_probe, meet_readiness_probe,
	};
	static int64_t (*const after_ready[])(struct pod_life *) = {
		meet_eviction, meet_disruption, meet_lost_node,
	};
	if (json_object_get(life->record, "is_lost") &&
	    !node_is_lost(life->world, item_text(life->pod, "spec/nodeName")))
		json_object_del(life->record, "is_lost");
	int64_t delay_ms = meet_exit(life);
	if (delay_ms)
		return delay_ms;
	delay_ms = meet_trouble(life, before_ready, array_length(before_ready));
	if (delay_ms)
		return delay_ms;
	greet(life);
	delay_ms = until_ready_ms(life);
	if (delay_ms)
		return delay_ms;
	bool was_ready = item_flag(pod_main_status(life), "ready");
	become_ready(life);
	if (!was_ready)
		return SOON_MS;
	pod_refresh(life);
	delay_ms = meet_trouble(life, after_ready, array_length(after_ready));
	return delay_ms ? delay_ms : -1;
}

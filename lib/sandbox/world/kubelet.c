/* From a new pod to a started container: scheduling, volumes, init containers, start.
 *
 * Each step either goes on, after the time it takes, or meets an armed cause (or what is really
 * missing in the store), says so as the kubelet does, and tries again later.
 */
#include <stdio.h>
#include <string.h>

#include "sandbox/world/pod.h"

enum {
	MESSAGE_MAX = 1024,
	SCHEDULE_MS = 40, SANDBOX_MS = 250, INIT_MS = 600, START_MS = 120,
	RETRY_SCHEDULE_MS = 5000, RETRY_NODE_MS = 10000,
};

int64_t
kubelet_back_off_ms(int64_t tries)
{
	int64_t delay_ms = 10000;
	for (; tries > 0 && delay_ms < 300000; tries--)
		delay_ms *= 2;
	return delay_ms < 300000 ? delay_ms : 300000;
}

/* Scheduling. */

static int64_t
not_scheduled(struct pod_life *life, const char *reason, const char *message)
{
	item_condition_set(life->pod, "PodScheduled", "False", reason, message, false);
	if (strcmp(reason, "SchedulingGated") != 0)
		pod_event(life, "", true, "FailedScheduling", "%s", message);
	return RETRY_SCHEDULE_MS;
}

static int64_t
bind(struct pod_life *life, const char *node)
{
	json_object_del(item_at(life->pod, "spec"), "schedulingGates");
	item_set_text(life->pod, "spec/nodeName", node);
	item_condition_set(life->pod, "PodScheduled", "True", NULL, NULL, false);
	pod_go(life, POD_ADMIT);
	return SCHEDULE_MS;
}

static int64_t
schedule(struct pod_life *life)
{
	scoped(json_decrefp) json_t *chosen = json_string(item_text(life->pod, "spec/nodeName"));
	if (*json_string_value(chosen))
		return bind(life, json_string_value(chosen));
	if (cause_of_pod(life->world, life->pod, CAUSE_GATED))
		return not_scheduled(life, "SchedulingGated",
		                     "Scheduling is blocked due to non-empty scheduling gates");
	if (strcmp(item_text(life->pod, "spec/schedulerName"), "default-scheduler") != 0)
		return -1;
	const struct world_cause *cause = cause_of_pod(life->world, life->pod, CAUSE_SCHEDULING);
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	if (cause) {
		cause_write(&message, cause->message, life->pod);
		return not_scheduled(life, cause->reason, message.bytes);
	}
	const json_t *node = scheduler_choose(life->world, life->pod, &message);
	if (!node)
		return not_scheduled(life, "Unschedulable", message.bytes);
	pod_event(life, "", false, "Scheduled", "Successfully assigned %s/%s to %s",
	          item_namespace(life->pod), item_name(life->pod), item_name(node));
	return bind(life, item_name(node));
}

/* On the node. */

static void
list_containers(struct pod_life *life, const char *spec, const char *statuses, const char *reason)
{
	size_t i;
	json_t *container;
	json_array_foreach(item_at(life->pod, spec), i, container)
		pod_set_waiting(pod_status_of(life, statuses, item_text(container, "name")), reason, "");
}

static int64_t
admit(struct pod_life *life)
{
	const char *node = item_text(life->pod, "spec/nodeName");
	const struct world_cause *cause = cause_of_pod(life->world, life->pod, CAUSE_NODE_REFUSES);
	item_set(life->pod, "status/startTime", item_now());
	if (cause) {
		scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
		cause_write(&message, cause->message, life->pod);
		item_set_text(life->pod, "status/phase", "Failed");
		item_set_text(life->pod, "status/reason", cause->reason);
		item_set_text(life->pod, "status/message", message.bytes);
		pod_event(life, "", true, cause->reason, "%s", message.bytes);
		cause_struck(life->world, item_namespace(life->pod), item_label(life->pod, "app"), cause);
		pod_go(life, POD_ENDED);
		return 1;
	}
	bool has_init = json_array_size(item_at(life->pod, "spec/initContainers"));
	list_containers(life, "spec/initContainers", "initContainerStatuses", "PodInitializing");
	list_containers(life, "spec/containers", "containerStatuses",
	                has_init ? "PodInitializing" : "ContainerCreating");
	item_set(life->pod, "status/hostIP",
	           json_sprintf("10.0.0.%c", node[0] ? node[strlen(node) - 1] : '1'));
	item_condition_set(life->pod, "PodReadyToStartContainers", "False", NULL, NULL, false);
	pod_refresh(life);
	pod_go(life, POD_MOUNT);
	return SCHEDULE_MS;
}

/* The first volume whose ConfigMap or Secret is needed and does not exist. */
static bool
volume_is_missing(struct pod_life *life, struct buf *ret)
{
	size_t i;
	json_t *volume;
	json_array_foreach(item_at(life->pod, "spec/volumes"), i, volume) {
		const char *map = item_text(volume, "configMap/name");
		const char *secret = item_text(volume, "secret/secretName");
		const char *namespace = item_namespace(life->pod);
		bool is_missing = (*map && !item_flag(volume, "configMap/optional") &&
		                   !world_get(life->world, KIND_CONFIG_MAP, namespace, map)) ||
		                  (*secret && !item_flag(volume, "secret/optional") &&
		                   !world_get(life->world, KIND_SECRET, namespace, secret));
		if (!is_missing)
			continue;
		buf_printf(ret, "MountVolume.SetUp failed for volume \"%s\" : %s \"%s\" not found",
		           item_text(volume, "name"), *map ? "configmap" : "secret", *map ? map : secret);
		return true;
	}
	return false;
}

static int64_t
mount_volumes(struct pod_life *life)
{
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	const struct world_cause *sandbox = cause_of_pod(life->world, life->pod, CAUSE_SANDBOX);
	const struct world_cause *volume = cause_of_pod(life->world, life->pod, CAUSE_MOUNT);
	if (sandbox || volume) {
		cause_write(&message, (sandbox ? sandbox : volume)->message, life->pod);
		pod_event(life, "", true, (sandbox ? sandbox : volume)->reason, "%s", message.bytes);
		return RETRY_NODE_MS;
	}
	if (volume_is_missing(life, &message)) {
		pod_event(life, "", true, "FailedMount", "%s", message.bytes);
		return RETRY_NODE_MS;
	}
	item_condition_set(life->pod, "PodReadyToStartContainers", "True", NULL, NULL, false);
	uint64_t *random = &life->world->random;
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	json_t *ip = json_sprintf("10.244.%u.%u", (unsigned)(*random >> 32) % 4, (unsigned)(*random >> 40) % 250 + 2);
	item_set(life->pod, "status/podIPs", json_pack("[{s:O}]", "ip", ip));
	item_set(life->pod, "status/podIP", ip);
	pod_go(life, POD_INIT);
	return SANDBOX_MS;
}

/* Init containers, one after the other. */

static int64_t
init_backs_off(struct pod_life *life, json_t *status, int64_t restarts)
{
	const char *name = item_text(status, "name"), *pod = item_name(life->pod);
	const char *namespace = item_namespace(life->pod), *uid = item_uid(life->pod);
	int64_t delay_ms = kubelet_back_off_ms(restarts - 1);
	item_set(status, "lastState", json_deep_copy(item_at(status, "state")));
	char message[400];
	snprintf(message, sizeof(message), "back-off %llds restarting failed container=%s pod=%s_%s(%s)",
	         (long long)delay_ms / 1000, name, pod, namespace, uid);
	pod_set_waiting(status, "CrashLoopBackOff", message);
	pod_event(life, name, true, "BackOff", "Back-off restarting failed container %s in pod %s_%s(%s)",
	          name, pod, namespace, uid);
	return delay_ms;
}

/* Runs, ends badly, waits, runs again. */
static int64_t
init_fails(struct pod_life *life, json_t *status, const struct world_cause *cause)
{
	const char *name = item_text(status, "name");
	int64_t restarts = item_integer(status, "restartCount", 0);
	const json_t *end = item_at(status, "state/terminated");
	if (item_at(status, "state/running")) {
		pod_log(life, name, cause->log);
		pod_set_terminated(status, cause->reason, "", cause->exit_code);
		return 1000;
	}
	if (end && restarts)
		return init_backs_off(life, status, restarts);
	if (end || restarts) {
		pod_count_restart(status);
		pod_log_turn(life, name);
	}
	pod_event(life, name, false, "Started", "Started container %s", name);
	pod_set_running(status);
	return INIT_MS;
}

static int64_t
run_init(struct pod_life *life)
{
	const struct world_cause *cause = cause_of_pod(life->world, life->pod, CAUSE_INIT);
	size_t i;
	json_t *container;
	json_array_foreach(item_at(life->pod, "spec/initContainers"), i, container) {
		json_t *status = pod_status_of(life, "initContainerStatuses", item_text(container, "name"));
		const json_t *end = item_at(status, "state/terminated");
		if (end && !item_integer(end, "exitCode", 1))
			continue;
		int64_t delay_ms = INIT_MS;
		if (cause) {
			delay_ms = init_fails(life, status, cause);
		} else if (item_at(status, "state/running")) {
			pod_set_terminated(status, "Completed", "", 0);
			item_set(status, "ready", json_true());
		} else {
			pod_event(life, item_text(status, "name"), false, "Started", "Started container %s",
			          item_text(status, "name"));
			pod_set_running(status);
		}
		pod_refresh(life);
		return delay_ms;
	}
	pod_go(life, POD_PULL);
	pod_refresh(life);
	return 1;
}

/* The start. */

static bool
key_is_missing(struct pod_life *life, const json_t *reference, bool is_secret, struct buf *ret)
{
	const char *name = item_text(reference, "name"), *key = item_text(reference, "key");
	const char *namespace = item_namespace(life->pod);
	if (!reference || item_flag(reference, "optional"))
		return false;
	const json_t *found =
		world_get(life->world, is_secret ? KIND_SECRET : KIND_CONFIG_MAP, namespace, name);
	if (!found)
		buf_printf(ret, "%s \"%s\" not found", is_secret ? "secret" : "configmap", name);
	else if (*key && !json_object_get(item_at(found, "data"), key))
		buf_printf(ret, "couldn't find key %s in %s %s/%s", key, is_secret ? "Secret" : "ConfigMap",
		           namespace, name);
	return ret->length > 0;
}

static bool
environment_is_missing(struct pod_life *life, struct buf *ret)
{
	const json_t *container = pod_main_container(life->pod);
	size_t i;
	json_t *variable;
	json_array_foreach(item_at(container, "env"), i, variable) {
		if (key_is_missing(life, item_at(variable, "valueFrom/configMapKeyRef"), false, ret) ||
		    key_is_missing(life, item_at(variable, "valueFrom/secretKeyRef"), true, ret))
			return true;
	}
	json_array_foreach(item_at(container, "envFrom"), i, variable) {
		if (key_is_missing(life, item_at(variable, "configMapRef"), false, ret) ||
		    key_is_missing(life, item_at(variable, "secretRef"), true, ret))
			return true;
	}
	return false;
}

static int64_t
config_refused(struct pod_life *life, const char *reason, const char *message)
{
	pod_event(life, pod_main_name(life), true, "Failed", "Error: %s", message);
	pod_set_waiting(pod_main_status(life), reason, message);
	pod_refresh(life);
	return RETRY_NODE_MS;
}

static void
run_all(struct pod_life *life)
{
	size_t i;
	json_t *container;
	json_array_foreach(item_at(life->pod, "spec/containers"), i, container) {
		const char *name = item_text(container, "name");
		json_t *status = pod_status_of(life, "containerStatuses", name);
		if (item_at(status, "state/running"))
			continue;
		char id[33];
		world_random_name(life->world, id, 32);
		item_set(status, "containerID", json_sprintf("containerd://%s", id));
		if (container != pod_main_container(life->pod))
			item_set(status, "ready", json_true());
		if (!*item_text(status, "imageID"))
			item_set_text(status, "imageID", item_text(container, "image"));
		pod_set_running(status);
		pod_event(life, name, false, "Created", "Created container %s", name);
		pod_event(life, name, false, "Started", "Started container %s", name);
	}
}

static int64_t
start(struct pod_life *life)
{
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	const struct world_cause *config = cause_of_pod(life->world, life->pod, CAUSE_CONFIG);
	if (config) {
		cause_write(&message, config->message, life->pod);
		return config_refused(life, config->reason, message.bytes);
	}
	if (environment_is_missing(life, &message))
		return config_refused(life, "CreateContainerConfigError", message.bytes);
	/* Now, so that the new run's log begins when its state is seen: before, the last run's is the present one. */
	pod_log_turn(life, pod_main_name(life));
	const struct world_cause *cause = cause_of_pod(life->world, life->pod, CAUSE_START);
	if (cause) {
		cause_write(&message, cause->message, life->pod);
		pod_event(life, pod_main_name(life), false, "Created", "Created container %s",
		          pod_main_name(life));
		pod_event(life, pod_main_name(life), true, "Failed", "Error: %s", message.bytes);
		return kubelet_end(life, cause->reason, message.bytes, cause->exit_code);
	}
	run_all(life);
	json_object_set_new(life->record, "started_ms", json_integer(clock_wall_ms()));
	json_object_set_new(life->record, "probes", json_integer(0));
	pod_refresh(life);
	pod_go(life, POD_RUN);
	return START_MS;
}

static int64_t
ended(struct pod_life *life)
{
	(void)life;
	return -1;
}

int64_t
kubelet_step(struct pod_life *life, enum pod_step step)
{
	static int64_t (*const steps[POD_STEPS])(struct pod_life *) = {
		[POD_SCHEDULE] = schedule, [POD_ADMIT] = admit, [POD_MOUNT] = mount_volumes,
		[POD_INIT] = run_init, [POD_PULL] = kubelet_pull, [POD_START] = start, [POD_RUN] = kubelet_run,
		[POD_BACK_OFF] = kubelet_back_off, [POD_ENDED] = ended,
	};
	return steps[step](life);
}

/* What a pod's status says: container states, conditions, phase. */
#include <stdio.h>
#include <string.h>

#include "sandbox/world/pod.h"

static json_t *
spec_of(const struct pod_life *life, const char *list, const char *name)
{
	bool is_init = !strcmp(list, "initContainerStatuses");
	return item_find(item_at(life->pod, is_init ? "spec/initContainers" : "spec/containers"), "name", name);
}

json_t *
pod_status_of(struct pod_life *life, const char *list, const char *name)
{
	char path[64];
	snprintf(path, sizeof(path), "status/%s", list);
	if (!json_is_array(item_at(life->pod, path)))
		item_set(life->pod, path, json_array());
	json_t *statuses = item_at(life->pod, path), *status = item_find(statuses, "name", name);
	if (status)
		return status;
	status = json_pack("{s:s, s:s, s:s, s:i, s:b, s:b, s:{}, s:{}}", "name", name, "image",
	                   item_text(spec_of(life, list, name), "image"), "imageID", "", "restartCount", 0,
	                   "ready", 0, "started", 0, "state", "lastState");
	json_array_append_new(statuses, status);
	return status;
}

const char *
pod_main_name(const struct pod_life *life)
{
	return item_text(pod_main_container(life->pod), "name");
}

json_t *
pod_main_status(struct pod_life *life)
{
	return pod_status_of(life, "containerStatuses", pod_main_name(life));
}

void
pod_set_waiting(json_t *status, const char *reason, const char *message)
{
	json_t *waiting = json_pack("{s:s}", "reason", reason);
	if (*message)
		json_object_set_new(waiting, "message", json_string(message));
	item_set(status, "state", json_pack("{s:o}", "waiting", waiting));
	item_set(status, "ready", json_false());
	item_set(status, "started", json_false());
}

void
pod_set_running(json_t *status)
{
	item_set(status, "state", json_pack("{s:{s:o}}", "running", "startedAt", item_now()));
}

void
pod_set_terminated(json_t *status, const char *reason, const char *message, int exit_code)
{
	const char *started = item_text(status, "state/running/startedAt");
	json_t *end = json_pack("{s:i, s:s, s:o, s:o, s:s}", "exitCode", exit_code, "reason", reason,
	                        "startedAt", *started ? json_string(started) : item_now(), "finishedAt",
	                        item_now(), "containerID", item_text(status, "containerID"));
	if (*message)
		json_object_set_new(end, "message", json_string(message));
	item_set(status, "state", json_pack("{s:o}", "terminated", end));
	item_set(status, "ready", json_false());
	item_set(status, "started", json_false());
}

void
pod_count_restart(json_t *status)
{
	const json_t *end = item_at(status, "state/terminated");
	if (end)
		item_set(status, "lastState", json_pack("{s:O}", "terminated", end));
	item_set_integer(status, "restartCount", item_integer(status, "restartCount", 0) + 1);
}

/* Conditions. */

/* "[app sidecar]": those of `list` that are not `ready`. */
static size_t
write_unready(const json_t *pod, const char *list, const char *field, struct buf *ret)
{
	size_t count = 0, i;
	json_t *status;
	json_array_foreach(item_at(pod, list), i, status) {
		if (!item_flag(status, field))
			buf_printf(ret, count++ ? " %s" : "[%s", item_text(status, "name"));
	}
	if (count)
		buf_add_char(ret, ']');
	return count;
}

static bool
gates_are_open(const json_t *pod, const char **ret_closed)
{
	size_t i;
	json_t *gate;
	json_array_foreach(item_at(pod, "spec/readinessGates"), i, gate) {
		*ret_closed = item_text(gate, "conditionType");
		if (!item_condition_is(pod, *ret_closed, "True"))
			return false;
	}
	return true;
}

static void
refresh_readiness(json_t *pod)
{
	enum { TEXT_MAX = 400 };
	scoped(buf_release) struct buf unready = BUF_INIT(TEXT_MAX);
	const char *closed = "";
	bool has_statuses = json_array_size(item_at(pod, "status/containerStatuses"));
	size_t count = write_unready(pod, "status/containerStatuses", "ready", &unready);
	char message[TEXT_MAX + 40];
	if (count || !has_statuses) {
		snprintf(message, sizeof(message), "containers with unready status: %s", unready.bytes);
		item_condition_set(pod, "ContainersReady", "False", "ContainersNotReady", message, false);
		item_condition_set(pod, "Ready", "False", "ContainersNotReady", message, false);
		return;
	}
	item_condition_set(pod, "ContainersReady", "True", NULL, NULL, false);
	if (gates_are_open(pod, &closed)) {
		item_condition_set(pod, "Ready", "True", NULL, NULL, false);
		return;
	}
	snprintf(message, sizeof(message),
	         "corresponding condition of pod readiness gate \"%s\" does not exist.", closed);
	item_condition_set(pod, "Ready", "False", "ReadinessGatesNotReady", message, false);
}

static bool
init_is_done(const json_t *pod)
{
	size_t i;
	json_t *status;
	size_t wanted = json_array_size(item_at(pod, "spec/initContainers"));
	const json_t *statuses = item_at(pod, "status/initContainerStatuses");
	json_array_foreach(statuses, i, status) {
		const json_t *end = item_at(status, "state/terminated");
		if (!end || item_integer(end, "exitCode", 1))
			return false;
	}
	return json_array_size(statuses) >= wanted;
}

static void
refresh_initialized(json_t *pod)
{
	enum { TEXT_MAX = 400 };
	if (init_is_done(pod)) {
		item_condition_set(pod, "Initialized", "True", NULL, NULL, false);
		return;
	}
	scoped(buf_release) struct buf names = BUF_INIT(TEXT_MAX);
	write_unready(pod, "status/initContainerStatuses", "ready", &names);
	char message[TEXT_MAX + 40];
	snprintf(message, sizeof(message), "containers with incomplete status: %s", names.bytes);
	item_condition_set(pod, "Initialized", "False", "ContainersNotInitialized", message, false);
}

static bool
some_container_has_run(const json_t *pod)
{
	size_t i;
	json_t *status;
	json_array_foreach(item_at(pod, "status/containerStatuses"), i, status) {
		if (item_at(status, "state/running") || item_at(status, "state/terminated") ||
		    item_at(status, "lastState/terminated"))
			return true;
	}
	return false;
}

void
pod_refresh(struct pod_life *life)
{
	json_t *pod = life->pod;
	if (!*item_text(pod, "spec/nodeName"))
		return;
	refresh_initialized(pod);
	refresh_readiness(pod);
	item_set_text(pod, "status/phase", some_container_has_run(pod) ? "Running" : "Pending");
}

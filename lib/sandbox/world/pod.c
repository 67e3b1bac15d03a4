#include "sandbox/world/pod.h"

#include <stdio.h>
#include <string.h>

enum { STOP_MS = 600, LOG_LINES_MAX = 2000 };

json_t *
pod_main_container(const json_t *pod)
{
	const json_t *containers = item_at(pod, "spec/containers");
	json_t *named = item_find(containers, "name", item_label(pod, "app"));
	return named ? named : json_array_get(containers, 0);
}

/* The record. */

/* What is armed now goes with the pod for its life. */
static json_t *
armed_causes(const struct world *world, const json_t *pod)
{
	json_t *marked = json_object();
	for (size_t i = 0; i < n_world_causes; i++) {
		if (cause_is_armed(world, item_namespace(pod), item_label(pod, "app"), world_causes[i].name))
			json_object_set_new(marked, world_causes[i].name, json_true());
	}
	return marked;
}

/* A pod that comes with a life of its own (written by somebody as it is) is left as it is. */
static json_t *
record_of(struct world *world, const json_t *pod)
{
	json_t *record = json_object_get(world->pods, item_uid(pod));
	if (record)
		return record;
	const char *phase = item_text(pod, "status/phase");
	bool is_new = !*phase || !strcmp(phase, "Pending");
	record = json_pack("{s:i, s:I, s:o, s:{}, s:{}}", "step", is_new ? POD_SCHEDULE : POD_ENDED, "due",
	                   (json_int_t)0,
	                   "causes", armed_causes(world, pod), "logs", "previous_logs");
	json_object_set_new(world->pods, item_uid(pod), record);
	return record;
}

void
pod_go(struct pod_life *life, enum pod_step step)
{
	json_object_set_new(life->record, "step", json_integer(step));
}

/* Events and logs. */

void
pod_event(struct pod_life *life, const char *container, bool is_warning, const char *reason,
          const char *format, ...)
{
	enum { MESSAGE_MAX = 1024 };
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	va_list args;
	va_start(args, format);
	buf_vprintf(&message, format, args);
	va_end(args);
	char field_path[120] = "";
	if (*container)
		snprintf(field_path, sizeof(field_path), "spec.containers{%s}", container);
	bool is_scheduler = !strcmp(reason, "Scheduled") || !strcmp(reason, "FailedScheduling");
	struct world_event event = {.about = life->pod, .kind = KIND_POD,
		.type = is_warning ? "Warning" : "Normal", .reason = reason,
		.component = is_scheduler ? "default-scheduler" : "kubelet",
		.host = is_scheduler ? "" : item_text(life->pod, "spec/nodeName"), .field_path = field_path};
	world_record_event(life->world, &event, "%s", message.bytes);
}

static json_t *
log_of(struct pod_life *life, const char *container)
{
	json_t *logs = json_object_get(life->record, "logs");
	json_t *lines = json_object_get(logs, container);
	if (!lines) {
		lines = json_array();
		json_object_set_new(logs, container, lines);
	}
	return lines;
}

void
pod_log(struct pod_life *life, const char *container, const char *text)
{
	enum { TEXT_MAX = 8192 };
	scoped(buf_release) struct buf filled = BUF_INIT(TEXT_MAX);
	cause_write(&filled, text, life->pod);
	json_t *lines = log_of(life, container);
	int64_t now_ms = clock_wall_ms();
	for (const char *line = filled.bytes, *end; (end = strchr(line, '\n')); line = end + 1) {
		json_array_append_new(lines, json_pack("{s:I, s:s%}", "time_ms", (json_int_t)now_ms++, "text",
		                                       line, (size_t)(end - line)));
	}
	while (json_array_size(lines) > LOG_LINES_MAX)
		json_array_remove(lines, 0);
}

void
pod_log_turn(struct pod_life *life, const char *container)
{
	json_object_set(json_object_get(life->record, "previous_logs"), container, log_of(life, container));
	json_object_set_new(json_object_get(life->record, "logs"), container, json_array());
}

/* The end. */

void
pod_remove(struct pod_life *life)
{
	life->is_gone = true;
	world_delete(life->world, KIND_POD, life->pod);
}

/* Its deletion was asked for: containers stop, then the pod goes. */
static int64_t
stop(struct pod_life *life)
{
	if (json_object_get(life->record, "is_lost"))
		return -1;
	bool runs = !strcmp(item_text(life->pod, "status/phase"), "Running");
	if (!runs || item_flag(life->record, "is_stopping")) {
		pod_remove(life);
		return -1;
	}
	json_object_set_new(life->record, "is_stopping", json_true());
	const char *container = item_text(pod_main_container(life->pod), "name");
	pod_event(life, container, false, "Killing", "Stopping container %s", container);
	size_t i;
	json_t *status;
	json_array_foreach(item_at(life->pod, "status/containerStatuses"), i, status)
		item_set(status, "ready", json_false());
	pod_refresh(life);
	return STOP_MS;
}

/* One visit. */

static int64_t
take_step(struct pod_life *life)
{
	enum { STEPS_A_VISIT = 10 };
	int64_t delay_ms = 0;
	for (int i = 0; i < STEPS_A_VISIT && !delay_ms && !life->is_gone; i++)
		delay_ms = kubelet_step(life, (enum pod_step)item_integer(life->record, "step", 0));
	return delay_ms ? delay_ms : 1;
}

static void
visit(struct pod_life *life)
{
	bool must_stop = item_is_terminating(life->pod);
	if (must_stop && !json_object_get(life->record, "must_stop")) {
		json_object_set_new(life->record, "must_stop", json_true());
		json_object_set_new(life->record, "due", json_integer(0));
	}
	int64_t due_ms = item_integer(life->record, "due", 0), now_ms = clock_wall_ms();
	if (due_ms < 0)
		return;
	int64_t delay_ms = due_ms - now_ms;
	if (delay_ms <= 0) {
		delay_ms = must_stop ? stop(life) : take_step(life);
		if (life->is_gone)
			return;
		due_ms = delay_ms < 0 ? -1 : now_ms + delay_ms;
		json_object_set_new(life->record, "due", json_integer(due_ms));
	}
	if (delay_ms >= 0)
		world_visit(life->world, WORKER_POD, item_namespace(life->pod), item_name(life->pod), delay_ms);
}

void
pod_visit(struct world *world, const char *namespace, const char *name)
{
	const json_t *found = world_get(world, KIND_POD, namespace, name);
	if (!found)
		return;
	scoped(json_decrefp) json_t *before = json_incref((json_t *)(uintptr_t)found);
	scoped(json_decrefp) json_t *record = json_incref(record_of(world, before));
	struct pod_life life = {.world = world, .pod = world_copy(before), .record = record};
	visit(&life);
	if (life.is_gone)
		json_decref(life.pod);
	else
		world_put(world, KIND_POD, life.pod);
}

#include "core/diagnose/symptom.h"

#include <string.h>

#include "core/diagnose/object.h"

enum {
	RECENT_END_MS = 15 * 60 * 1000, /* a crash that long ago still counts while a container runs */
	SCHEDULER_DUE_MS = 30 * 1000,
	NODE_GRACE_MS = 30 * 1000,
};

struct symptom *
symptoms_add(struct symptoms *symptoms, enum symptom_place place, const char *reason,
             const char *message)
{
	if (symptoms->count == symptoms->capacity) {
		size_t capacity = symptoms->capacity ? symptoms->capacity * 2 : 32;
		struct symptom *items = arena_array(symptoms->arena, struct symptom, capacity);
		if (symptoms->count)
			memcpy(items, symptoms->items, symptoms->count * sizeof(*items));
		symptoms->items = items;
		symptoms->capacity = capacity;
	}
	struct symptom *symptom = &symptoms->items[symptoms->count++];
	*symptom = (struct symptom){.place = place, .reason = reason, .message = message,
	                            .container = "", .object = "", .exit_code = -1, .at_ms = -1,
	                            .count = 1, .where = "", .how = ""};
	return symptom;
}

static struct symptom *
add_of_pod(struct symptoms *ret, const json_t *pod, enum symptom_place place, const char *reason,
           const char *message, const char *how)
{
	struct symptom *symptom = symptoms_add(ret, place, reason, message);
	symptom->pod = pod;
	symptom->where = arena_printf(ret->arena, "pods/%s", object_name(pod));
	symptom->how = how;
	return symptom;
}

static struct symptom *
add_of_event(struct symptoms *ret, const json_t *pod, enum symptom_place place, const json_t *event)
{
	const char *reason = object_word(event, "reason");
	struct symptom *symptom = add_of_pod(ret, pod, place, reason, object_word(event, "message"),
	                                     arena_printf(ret->arena, "event %s", reason));
	symptom->at_ms = event_time(event);
	symptom->count = event_count(event);
	return symptom;
}

/* ---- the ReplicaSet: were pods made at all? ---- */

static void
collect_template(const struct rollout_objects *objects, const struct rollout_view *view,
                 struct symptoms *ret)
{
	const json_t *progressing = object_condition(objects->deployment, "Progressing");
	if (view->replica_set || strcmp(object_word(progressing, "reason"), "ReplicaSetCreateError"))
		return;
	struct symptom *symptom = symptoms_add(ret, PLACE_TEMPLATE, "ReplicaSetCreateError",
	                                       object_word(progressing, "message"));
	symptom->where = arena_printf(ret->arena, "deployments/%s", object_name(objects->deployment));
	symptom->how = "condition Progressing";
	symptom->at_ms = object_time(progressing, "lastUpdateTime");
}

static void
collect_admission(const struct rollout_objects *objects, const struct rollout_view *view,
                  struct symptoms *ret)
{
	const json_t *set = view->replica_set, *failure;
	if (!set || object_int(set, "status.replicas") >= object_int(set, "spec.replicas"))
		return;
	struct symptom *symptom = NULL;
	failure = object_has_condition(set, "ReplicaFailure", "True")
	                  ? object_condition(set, "ReplicaFailure")
	                  : NULL;
	const json_t *event = event_find(objects, set, "FailedCreate", NULL, NULL);
	if (failure) {
		symptom = symptoms_add(ret, PLACE_ADMISSION, object_word(failure, "reason"),
		                       object_word(failure, "message"));
		symptom->how = "condition ReplicaFailure";
		symptom->at_ms = object_time(failure, "lastTransitionTime");
	} else if (event) {
		symptom = symptoms_add(ret, PLACE_ADMISSION, "FailedCreate", object_word(event, "message"));
		symptom->how = "event FailedCreate";
		symptom->at_ms = event_time(event);
		symptom->count = event_count(event);
	}
	if (symptom)
		symptom->where = arena_printf(ret->arena, "replicasets/%s", object_name(set));
}

/* ---- a pod without a node ---- */

static void
collect_claims(const struct rollout_objects *objects, const json_t *pod, struct symptoms *ret)
{
	const json_t *volume, *claim;
	const char *uid;
	size_t i;
	json_array_foreach(json_at(pod, "spec.volumes"), i, volume) {
		const char *name = json_text_at(volume, "persistentVolumeClaim.claimName");
		json_object_foreach((json_t *)(uintptr_t)objects->claims, uid, claim) {
			if (!name || strcmp(object_name(claim), name))
				continue;
			const json_t *event = event_find(objects, claim, "ProvisioningFailed|FailedBinding", NULL, NULL);
			struct symptom *symptom = NULL;
			if (!strcmp(object_word(claim, "status.phase"), "Lost"))
				symptom = add_of_pod(ret, pod, PLACE_CLAIM, "Lost", "", "phase of its claim");
			else if (event && strcmp(object_word(claim, "status.phase"), "Bound"))
				symptom = add_of_event(ret, pod, PLACE_CLAIM, event);
			if (symptom)
				symptom->object = name;
		}
	}
}

static void
collect_unseen_pod(const struct rollout_objects *objects, const json_t *pod, struct symptoms *ret)
{
	const char *scheduler = object_word(pod, "spec.schedulerName");
	bool is_usual = !*scheduler || !strcmp(scheduler, "default-scheduler");
	int64_t created_ms = object_time(pod, "metadata.creationTimestamp");
	int64_t due_ms = is_usual ? SCHEDULER_DUE_MS : SCHEDULER_DUE_MS / 6;
	if (created_ms < 0 || objects->now_ms - created_ms < due_ms ||
	    event_find(objects, pod, "FailedScheduling|Scheduled", NULL, NULL))
		return;
	add_of_pod(ret, pod, PLACE_SCHEDULING, "NoScheduler", "", "no condition PodScheduled")->object =
		is_usual ? "default-scheduler" : scheduler;
}

static void
collect_scheduling(const struct rollout_objects *objects, const json_t *pod, struct symptoms *ret)
{
	collect_claims(objects, pod, ret);
	const json_t *scheduled = object_condition(pod, "PodScheduled");
	if (!scheduled) {
		collect_unseen_pod(objects, pod, ret);
		return;
	}
	const char *message = object_word(scheduled, "message");
	const json_t *event = event_find(objects, pod, "FailedScheduling", NULL, NULL);
	if (!*message && event)
		message = object_word(event, "message");
	struct symptom *symptom = add_of_pod(ret, pod, PLACE_SCHEDULING, object_word(scheduled, "reason"),
	                                     message, "condition PodScheduled");
	symptom->at_ms = event ? event_time(event) : object_time(scheduled, "lastTransitionTime");
	const json_t *gate = json_array_get(json_at(pod, "spec.schedulingGates"), 0);
	if (gate)
		symptom->object = object_word(gate, "name");
}

/* ---- the pod as a whole ---- */

static bool
node_is_lost(const struct rollout_objects *objects, const json_t *pod)
{
	const char *node_name = object_word(pod, "spec.nodeName"), *uid;
	const json_t *node;
	if (!strcmp(object_word(pod, "status.phase"), "Unknown") ||
	    !strcmp(object_word(pod, "status.reason"), "NodeLost"))
		return true;
	json_object_foreach((json_t *)(uintptr_t)objects->nodes, uid, node)
		if (*node_name && !strcmp(object_name(node), node_name))
			return object_has_condition(node, "Ready", "Unknown");
	return false;
}

static bool
collect_end_of_pod(const struct rollout_objects *objects, const json_t *pod, struct symptoms *ret)
{
	const json_t *disruption = object_has_condition(pod, "DisruptionTarget", "True")
	                                   ? object_condition(pod, "DisruptionTarget")
	                                   : NULL;
	bool is_failed = !strcmp(object_word(pod, "status.phase"), "Failed");
	const char *reason = object_word(pod, "status.reason");
	if (node_is_lost(objects, pod)) {
		add_of_pod(ret, pod, PLACE_POD, "NodeLost", object_word(pod, "status.message"),
		           "condition Ready of its node");
		return true;
	}
	if (is_failed && *reason) {
		add_of_pod(ret, pod, PLACE_POD, reason, object_word(pod, "status.message"), "status.reason");
		return true;
	}
	if (disruption)
		add_of_pod(ret, pod, PLACE_POD, object_word(disruption, "reason"),
		           object_word(disruption, "message"), "condition DisruptionTarget");
	return disruption || is_failed;
}

static bool
is_past_grace(const struct rollout_objects *objects, const json_t *pod)
{
	int64_t due_ms = object_time(pod, "metadata.deletionTimestamp");
	return due_ms >= 0 && objects->now_ms > due_ms + NODE_GRACE_MS;
}

/* ---- a pod on its node, before its containers ---- */

static bool
is_starting(const json_t *pod)
{
	const json_t *status;
	size_t i;
	if (strcmp(object_word(pod, "status.phase"), "Pending"))
		return false;
	json_array_foreach(json_at(pod, "status.containerStatuses"), i, status)
		if (words_have("ContainerCreating|PodInitializing", object_word(status, "state.waiting.reason")))
			return true;
	return !json_array_size(json_at(pod, "status.containerStatuses"));
}

static void
collect_startup(const struct rollout_objects *objects, const json_t *pod, struct symptoms *ret)
{
	static const char *const reasons[] = {"FailedAttachVolume", "FailedMount", "FailedCreatePodSandBox"};
	for (size_t i = 0; is_starting(pod) && i < array_length(reasons); i++) {
		const json_t *event = event_find(objects, pod, reasons[i], NULL, NULL);
		if (event)
			add_of_event(ret, pod, PLACE_STARTUP, event);
	}
}

/* ---- containers ---- */

static const char *
pull_message(const struct rollout_objects *objects, const json_t *pod, const json_t *status,
             struct arena *arena)
{
	const char *message = object_word(status, "state.waiting.message");
	const char *container = object_word(status, "name");
	/* "Back-off pulling image X" says nothing; newer kubelets repeat the reason in it. */
	if (*message && (strncmp(message, "Back-off pulling image", 22) || strstr(message, "Err")))
		return message;
	const json_t *event = event_find(objects, pod, "Failed", "Failed to pull image", container);
	if (!event)
		event = event_find(objects, pod, "FailedToRetrieveImagePullSecret", NULL, NULL);
	if (event)
		return object_word(event, "message");
	const char *kept = json_string_value(json_object_get(
		objects->pull_messages, arena_printf(arena, "%s/%s", object_name(pod), container)));
	return kept ? kept : message;
}

static void
collect_waiting(const struct rollout_objects *objects, const json_t *pod, const json_t *status,
                struct symptoms *ret)
{
	const char *reason = object_word(status, "state.waiting.reason");
	if (words_have("ContainerCreating|PodInitializing|CrashLoopBackOff", reason) || !*reason)
		return;
	bool is_pull = words_have("ErrImagePull|ImagePullBackOff", reason);
	const char *message = is_pull ? pull_message(objects, pod, status, ret->arena)
	                              : object_word(status, "state.waiting.message");
	struct symptom *symptom = add_of_pod(ret, pod, PLACE_WAITING, reason, message, "state.waiting");
	symptom->container = object_word(status, "name");
	symptom->restarts = object_int(status, "restartCount");
}

static void
collect_probe(const struct rollout_objects *objects, const json_t *pod, const json_t *spec,
              const json_t *status, struct symptoms *ret)
{
	static const struct { const char *text, *reason; } probes[] = {
		{"Startup probe failed", "Startup"}, {"Liveness probe failed", "Liveness"},
		{"Readiness probe failed", "Readiness"}};
	int64_t window_over_ms = object_time(status, "state.running.startedAt") +
	                         probe_readiness_window_ms(spec);
	struct symptom *symptom = NULL;
	for (size_t i = 0; i < array_length(probes); i++) {
		const json_t *event = event_find(objects, pod, "Unhealthy", probes[i].text,
		                                 object_word(status, "name"));
		if (!event || (i == 0 && object_is_true(status, "started")))
			continue;
		symptom = add_of_event(ret, pod, PLACE_PROBE, event);
		symptom->reason = probes[i].reason;
		const char *colon = strchr(symptom->message, ':');
		symptom->message = colon ? colon + 1 + strspn(colon + 1, " ") : symptom->message;
		break;
	}
	if (!symptom && json_at(spec, "readinessProbe") && objects->now_ms > window_over_ms)
		symptom = add_of_pod(ret, pod, PLACE_PROBE, "Readiness", "no yes yet", "ready is false");
	if (!symptom)
		return;
	symptom->container = object_word(status, "name");
	symptom->restarts = object_int(status, "restartCount");
	symptom->patient_until_ms = window_over_ms;
}

static const json_t *
spec_of(const json_t *pod, const char *list, const char *name)
{
	const json_t *spec;
	size_t i;
	json_array_foreach(json_at(pod, list), i, spec)
		if (!strcmp(object_word(spec, "name"), name))
			return spec;
	return NULL;
}

static void
collect_container(const struct rollout_objects *objects, const json_t *pod, const json_t *spec,
                  const json_t *status, bool is_init, struct symptoms *ret)
{
	const json_t *running = json_at(status, "state.running");
	if (running && object_is_true(status, "ready"))
		return;
	collect_waiting(objects, pod, status, ret);
	int64_t ended_ms = object_time(status, "lastState.terminated.finishedAt");
	bool is_long_ago = running && ended_ms >= 0 && objects->now_ms - ended_ms > RECENT_END_MS;
	if (!is_long_ago && symptom_of_end(objects, pod, status, is_init, ret))
		return;
	if (running && !is_init)
		collect_probe(objects, pod, spec, status, ret);
}

/* False when an init container is not through yet: the containers after it have nothing to say. */
static bool
collect_init(const struct rollout_objects *objects, const json_t *pod, struct symptoms *ret)
{
	const json_t *status;
	size_t i;
	json_array_foreach(json_at(pod, "status.initContainerStatuses"), i, status) {
		const json_t *spec = spec_of(pod, "spec.initContainers", object_word(status, "name"));
		bool is_sidecar = !strcmp(object_word(spec, "restartPolicy"), "Always");
		const json_t *ended = json_at(status, "state.terminated");
		if (ended && !is_sidecar && !object_int(ended, "exitCode"))
			continue;
		collect_container(objects, pod, spec, status, !is_sidecar, ret);
		if (!is_sidecar || !json_at(status, "state.running"))
			return false;
	}
	return true;
}

static void
collect_gates(const json_t *pod, struct symptoms *ret)
{
	const json_t *gate;
	size_t i;
	if (!object_has_condition(pod, "ContainersReady", "True") || object_has_condition(pod, "Ready", "True"))
		return;
	json_array_foreach(json_at(pod, "spec.readinessGates"), i, gate) {
		const char *type = object_word(gate, "conditionType");
		if (object_has_condition(pod, type, "True"))
			continue;
		const json_t *condition = object_condition(pod, type);
		const char *message = object_word(condition ? condition : object_condition(pod, "Ready"), "message");
		struct symptom *symptom = add_of_pod(ret, pod, PLACE_GATE, "ReadinessGatesNotReady", message,
		                                     "condition Ready");
		symptom->object = type;
		return;
	}
}

static void
collect_pod(const struct rollout_objects *objects, const json_t *pod, struct symptoms *ret)
{
	const json_t *status;
	size_t i;
	if (object_is_leaving(pod)) {
		if (is_past_grace(objects, pod) && node_is_lost(objects, pod))
			add_of_pod(ret, pod, PLACE_POD, "NodeLost", "it should have ended by now", "deletionTimestamp");
		return;
	}
	if (collect_end_of_pod(objects, pod, ret))
		return;
	if (!json_text_at(pod, "spec.nodeName")) {
		collect_scheduling(objects, pod, ret);
		return;
	}
	collect_startup(objects, pod, ret);
	if (collect_init(objects, pod, ret))
		json_array_foreach(json_at(pod, "status.containerStatuses"), i, status)
			collect_container(objects, pod, spec_of(pod, "spec.containers", object_word(status, "name")),
			                  status, false, ret);
	collect_gates(pod, ret);
}

void
symptoms_collect(const struct rollout_objects *objects, const struct rollout_view *view,
                 struct symptoms *ret)
{
	const json_t *pod;
	const char *uid;
	collect_template(objects, view, ret);
	collect_admission(objects, view, ret);
	json_object_foreach((json_t *)(uintptr_t)objects->pods, uid, pod)
		if (view->replica_set && object_is_controlled_by(pod, object_uid(view->replica_set)))
			collect_pod(objects, pod, ret);
}

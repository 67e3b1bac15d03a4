/* What the objects say at this moment: the operator's word, the rollout's, and what is wrong. */
#include "core/deploy/follow_state.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "core/diagnose/evidence.h"
#include "core/diagnose/object.h"
#include "core/diagnose/symptom.h"

static const char id_label[] = "fiaas/deployment_id";

static const json_t *
named(const struct follow *follow, enum observed kind)
{
	const json_t *object;
	const char *uid;
	json_object_foreach(follow->objects[kind], uid, object)
		if (!strcmp(object_name(object), follow->plan.name))
			return object;
	return NULL;
}

struct rollout_objects
follow_objects(const struct follow *follow)
{
	return (struct rollout_objects){
		.deployment = named(follow, OBSERVED_DEPLOYMENT),
		.replica_sets = follow->objects[OBSERVED_REPLICA_SET],
		.pods = follow->objects[OBSERVED_POD],
		.events = follow->objects[OBSERVED_EVENT],
		.claims = follow->objects[OBSERVED_CLAIM],
		.nodes = follow->objects[OBSERVED_NODE],
		.logs = follow->logs,
		.pull_messages = follow->pull_messages,
		.present = follow->present,
		.application = follow->plan.name,
		.environment = follow->plan.environment,
		.system = follow->plan.system,
		.now_ms = follow->now.now_ms,
	};
}

static const char *
deployment_id_of(const json_t *deployment)
{
	const json_t *labels = json_at(deployment, "spec.template.metadata.labels");
	const char *id = json_string_value(json_object_get(labels, id_label));
	return id ? id : "";
}

/* ---- the operator ---- */

static const json_t *
our_status(const struct follow *follow)
{
	const json_t *status;
	const char *uid;
	json_object_foreach(follow->objects[OBSERVED_STATUS], uid, status) {
		const char *id = object_label(status, id_label);
		if (id && !strcmp(id, follow->plan.deployment_id))
			return status;
	}
	return NULL;
}

/* "[2024-01-31 12:00:00,123|  ERROR] message [logger|thread|ns/app]" to "message"; NULL when it is
 * no error line.  Other levels are passed over: they quote the whole spec, config included. */
static const char *
error_line(const char *line, struct arena *arena)
{
	const char *level = strstr(line, "ERROR] ");
	if (*line != '[' || !level || level > line + 40)
		return NULL;
	const char *message = level + 7, *end = strstr(message, " [");
	while (end && strstr(end + 1, " ["))
		end = strstr(end + 1, " [");
	size_t length = end && end > message ? (size_t)(end - message) : strlen(message);
	return text_mask(arena_strndup(arena, message, length < 400 ? length : 400), arena);
}

static bool
read_operator_lines(struct follow *follow, const json_t *status)
{
	const char **lines = arena_array(follow_scratch(follow), const char *, OPERATOR_LINES_MAX);
	const json_t *entry;
	bool has_timed_out = false;
	size_t i, n = 0;
	json_array_foreach(json_at(status, "logs"), i, entry) {
		const char *text = json_is_string(entry) ? json_string_value(entry) : "";
		const char *line = error_line(text, follow_scratch(follow));
		has_timed_out |= strstr(text, "Timed out after ") != NULL;
		if (line && n < OPERATOR_LINES_MAX)
			lines[n++] = line;
	}
	follow->now.operator_lines = lines;
	follow->now.n_operator_lines = n;
	return has_timed_out;
}

static enum operator_word
look_at_operator(struct follow *follow, bool is_ours)
{
	static const struct { const char *result; enum operator_word word; } words[] = {
		{"INITIATED", OPERATOR_INITIATED}, {"RUNNING", OPERATOR_RUNNING}, {"SUCCESS", OPERATOR_SUCCESS}};
	const json_t *status = our_status(follow);
	const char *result = object_word(status, "result");
	for (size_t i = 0; i < array_length(words); i++)
		if (!strcmp(words[i].result, result))
			return words[i].word;
	if (strcmp(result, "FAILED"))
		return OPERATOR_ABSENT;
	if (read_operator_lines(follow, status))
		return OPERATOR_TIMED_OUT;
	return is_ours ? OPERATOR_FAILED : OPERATOR_REFUSED;
}

/* ---- who came after us ---- */

static const char *
newer_status(const struct follow *follow)
{
	const json_t *ours = our_status(follow), *status;
	int64_t our_ms = object_time(ours, "metadata.creationTimestamp");
	const char *uid, *previous = follow->plan.previous_id;
	json_object_foreach(follow->objects[OBSERVED_STATUS], uid, status) {
		const char *id = object_label(status, id_label);
		int64_t at_ms = object_time(status, "metadata.creationTimestamp");
		if (id && ours && status != ours && at_ms > our_ms && at_ms > follow->plan.started_ms &&
		    !(previous && !strcmp(id, previous)))
			return id;
	}
	return NULL;
}

/* Without the operator only the Deployment tells.  The previous id back again is no successor. */
static const char *
direct_successor(const struct follow *follow, const json_t *deployment, const char **ret_who)
{
	const char *id = deployment_id_of(deployment), *previous = follow->plan.previous_id;
	*ret_who = object_annotation(deployment, "paas/deployed-by");
	if (!*id || !strcmp(id, follow->plan.deployment_id) || (previous && !strcmp(id, previous)))
		return NULL;
	return id;
}

const char *
follow_successor(struct follow *follow, const char **ret_who)
{
	const json_t *application = named(follow, OBSERVED_APPLICATION);
	const char *id = object_label(application, id_label), *ours = follow->plan.deployment_id;
	const char *previous = follow->plan.previous_id ? follow->plan.previous_id : "";
	*ret_who = object_annotation(application, "paas/deployed-by");
	if (id && strcmp(id, ours) && strcmp(id, previous))
		return id;
	const json_t *deployment = named(follow, OBSERVED_DEPLOYMENT);
	if (follow->plan.is_direct)
		return direct_successor(follow, deployment, ret_who);
	if (follow->was_ours && deployment && strcmp(deployment_id_of(deployment), ours))
		return deployment_id_of(deployment);
	return newer_status(follow);
}

/* ---- counts ---- */

static bool
is_complete(const json_t *deployment, const struct rollout_view *view)
{
	int64_t desired = json_int_at(deployment, "spec.replicas", 1);
	return view->is_observed && object_int(deployment, "status.updatedReplicas") == desired &&
	       object_int(deployment, "status.availableReplicas") == desired &&
	       object_int(deployment, "status.replicas") == desired;
}

static bool
is_better(const struct rollout_progress *now, const struct rollout_progress *best)
{
	return now->updated > best->updated || now->ready > best->ready || now->available > best->available;
}

static void
look_at_counts(struct follow *follow, const json_t *deployment, const struct rollout_view *view)
{
	struct rollout_progress *progress = &follow->now.progress;
	progress->desired = json_int_at(deployment, "spec.replicas", 1);
	progress->updated = view->is_observed ? object_int(deployment, "status.updatedReplicas") : 0;
	progress->old = object_int(deployment, "status.replicas") - object_int(deployment, "status.updatedReplicas");
	progress->ready = object_int(view->replica_set, "status.readyReplicas");
	progress->available = object_int(view->replica_set, "status.availableReplicas");
	if (is_complete(deployment, view)) /* the ReplicaSet's own counts may come a moment later */
		progress->ready = progress->available = object_int(deployment, "status.availableReplicas");
	follow->now.old_serves = object_int(deployment, "status.availableReplicas") > progress->available;
	if (!is_better(progress, &follow->best) && progress->old >= follow->best.old)
		return;
	follow->best = *progress;
	follow->progress_ms = follow->now.now_ms;
}

static void
look_at_restarts(struct follow *follow, const struct rollout_view *view)
{
	const json_t *pod, *status;
	const char *uid;
	size_t i;
	int64_t restarts = 0;
	json_object_foreach(follow->objects[OBSERVED_POD], uid, pod)
		if (rollout_has_pod(view, pod))
			json_array_foreach(json_at(pod, "status.containerStatuses"), i, status)
				restarts += object_int(status, "restartCount");
	if (restarts != follow->restarts)
		follow->restarts_ms = follow->now.now_ms;
	follow->now.progress.restarts = follow->restarts = restarts;
}

/* ---- complete, and is it true? ---- */

static bool
has_unprobed_container(const json_t *deployment)
{
	const json_t *container;
	size_t i;
	json_array_foreach(json_at(deployment, "spec.template.spec.containers"), i, container)
		if (!json_at(container, "readinessProbe"))
			return true;
	return false;
}

static int64_t
last_ready_ms(const struct follow *follow, const struct rollout_view *view)
{
	const json_t *pod;
	const char *uid;
	int64_t last = follow->restarts_ms;
	json_object_foreach(follow->objects[OBSERVED_POD], uid, pod) {
		int64_t at_ms = object_time(object_condition(pod, "Ready"), "lastTransitionTime");
		if (rollout_has_pod(view, pod) && at_ms > last)
			last = at_ms;
	}
	return last;
}

static bool
is_settled(const struct follow *follow, const json_t *deployment, const struct rollout_view *view)
{
	int64_t settle_ms = follow->plan.settle_ms, least_ms = object_int(deployment, "spec.minReadySeconds") * 1000;
	if (settle_ms < 0) {
		bool is_doubtful = has_unprobed_container(deployment) || follow->restarts > 0;
		settle_ms = !is_doubtful ? 0 : least_ms > FOLLOW_SETTLE_MS ? least_ms : FOLLOW_SETTLE_MS;
	}
	return !settle_ms || !json_int_at(deployment, "spec.replicas", 1) ||
	       follow->now.now_ms - last_ready_ms(follow, view) >= settle_ms;
}

/* ---- the Deployment's own words ---- */

/* The condition may be the previous release's for a moment: it counts when it is newer than our
 * apply, or when it stays through two versions of the object. */
static bool
is_past_deadline(struct follow *follow, const json_t *deployment)
{
	const json_t *progressing = object_condition(deployment, "Progressing");
	const char *version = object_word(deployment, "metadata.resourceVersion");
	if (strcmp(object_word(progressing, "reason"), "ProgressDeadlineExceeded")) {
		*follow->stale_version = 0;
		return false;
	}
	if (object_time(progressing, "lastUpdateTime") >= follow->plan.started_ms)
		return true;
	if (!*follow->stale_version) {
		error_copy_text(follow->stale_version, sizeof(follow->stale_version), version);
		follow->stale_ms = follow->now.now_ms;
	}
	return strcmp(follow->stale_version, version) &&
	       follow->now.now_ms - follow->stale_ms >= FOLLOW_STALE_GAP_MS;
}

static void
look_at_observation(struct follow *follow, const struct rollout_view *view, struct doom *doom)
{
	const struct follow_signal *signal = follow_signal(1, CAUSE_CHANCE);
	int64_t *since_ms = &follow->unobserved_ms;
	if (view->is_observed) {
		*since_ms = 0;
		return;
	}
	if (!*since_ms)
		*since_ms = follow->now.now_ms;
	int64_t age_ms = follow->now.now_ms - *since_ms;
	if (age_ms >= signal->warn_after_ms)
		follow_note(follow, "the cluster's Deployment controller has not looked at the new spec yet");
	if (age_ms >= signal->act_after_ms)
		doom_set(doom, signal->error, "controller-silent", "the cluster's Deployment controller does not act",
		         "tell the platform team: kube-controller-manager may be down");
}

static void
look_at_deadline(struct follow *follow, const json_t *deployment, struct doom *doom)
{
	if (!is_past_deadline(follow, deployment))
		return;
	const struct sighting *worst = follow_worst(follow);
	doom_set(doom, follow_signal(10, CAUSE_FIXED)->error, "progress-deadline",
	         worst ? worst->sentence : "the rollout made no progress within its progressDeadlineSeconds",
	         worst ? worst->next : "");
}

/* ---- the slowest pod, in words ---- */

static const char *
pod_state(const struct rollout_objects *objects, const json_t *pod, struct arena *arena)
{
	const json_t *status;
	size_t i;
	if (!json_text_at(pod, "spec.nodeName"))
		return "waiting for a node";
	json_array_foreach(json_at(pod, "status.initContainerStatuses"), i, status)
		if (json_at(status, "state.running") && !object_is_true(status, "started"))
			return arena_printf(arena, "init container %s runs", object_word(status, "name"));
	json_array_foreach(json_at(pod, "status.containerStatuses"), i, status) {
		const char *reason = object_word(status, "state.waiting.reason");
		if (words_have("ContainerCreating|PodInitializing", reason)) {
			const json_t *pulling = event_find(objects, pod, "Pulling", NULL, NULL);
			return pulling && !event_find(objects, pod, "Pulled", NULL, NULL) ? "pulling the image" : "starting";
		}
		if (*reason)
			return arena_printf(arena, "container %s: %s", object_word(status, "name"), reason);
	}
	return "running, not ready yet";
}

static const char *
slowest_pod(const struct rollout_objects *objects, const struct rollout_view *view, struct arena *arena)
{
	const json_t *pod, *slowest = NULL;
	const char *uid;
	json_object_foreach((json_t *)(uintptr_t)objects->pods, uid, pod) {
		if (!rollout_has_pod(view, pod) || object_has_condition(pod, "Ready", "True"))
			continue;
		int order = !slowest ? -1 : strcmp(object_word(pod, "metadata.creationTimestamp"),
		                                   object_word(slowest, "metadata.creationTimestamp"));
		if (order < 0 || (order == 0 && strcmp(object_name(pod), object_name(slowest)) < 0))
			slowest = pod;
	}
	if (!slowest)
		return "";
	char age[CLOCK_TEXT_BYTES];
	int64_t age_ms = objects->now_ms - object_time(slowest, "metadata.creationTimestamp");
	return arena_printf(arena, "pod %s: %s, %s", object_name(slowest), pod_state(objects, slowest, arena),
	                    clock_format_duration(age_ms > 0 ? age_ms : 0, age));
}

/* ---- all of it ---- */

static enum rollout_word
look_at_rollout(struct follow *follow, const struct rollout_objects *objects, struct doom *doom)
{
	struct rollout_view view = rollout_look(objects);
	look_at_counts(follow, objects->deployment, &view);
	look_at_restarts(follow, &view);
	follow->now.progress.waiting_for = slowest_pod(objects, &view, follow_scratch(follow));
	if (object_is_true(objects->deployment, "spec.paused"))
		return ROLLOUT_PAUSED;
	follow_judge_findings(follow, objects, &view, doom);
	if (is_complete(objects->deployment, &view)) {
		bool is_zero = !follow->now.progress.desired;
		if (is_zero)
			follow_note(follow, "%s is scaled to zero: nothing runs", follow->plan.name);
		doom->is_set = false;
		follow->now.phase = "settling";
		return is_settled(follow, objects->deployment, &view) ? ROLLOUT_COMPLETE : ROLLOUT_MOVING;
	}
	look_at_observation(follow, &view, doom);
	look_at_deadline(follow, objects->deployment, doom);
	return doom->is_set ? ROLLOUT_DOOMED : ROLLOUT_MOVING;
}

void
follow_look(struct follow *follow, struct doom *ret)
{
	struct rollout_objects objects = follow_objects(follow);
	bool is_ours = !strcmp(deployment_id_of(objects.deployment), follow->plan.deployment_id);
	follow->now.phase = "rolling out";
	if (is_ours && !follow->was_ours) {
		follow->was_ours = true;
		follow->progress_ms = follow->now.now_ms;
		follow->best.old = INT64_MAX;
	}
	enum rollout_word rollout = ROLLOUT_OLD;
	if (is_ours)
		rollout = look_at_rollout(follow, &objects, ret);
	else if (follow->was_ours && !objects.deployment)
		rollout = ROLLOUT_GONE;
	follow->now.rollout = rollout;
	follow->now.operator = follow->plan.is_direct    ? OPERATOR_DIRECT
	                       : follow->plan.is_restart ? OPERATOR_SUCCESS
	                                                 : look_at_operator(follow, is_ours);
}

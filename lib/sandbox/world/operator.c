/* fiaas-deploy-daemon, after its reference: which changes of an Application it acts on, one worker
 * that renders and writes, the ready check, and the ApplicationStatus that tells of it.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/fiaas/render.h"
#include "sandbox/kubernetes/default.h"
#include "sandbox/world/causes.h"
#include "sandbox/world/operator_status.h"
#include "sandbox/world/parts.h"

enum {
	WORKER_MS = 100, FIRST_CHECK_MS = 1000, CHECK_MS = 10000, SLOW_MS = 60000, GIVE_UP_MS = 3000,
};

static json_t *
memory(struct world *world, const char *name, json_t *(*make)(void))
{
	json_t *part = json_object_get(world->operator, name);
	if (!part) {
		part = make();
		json_object_set_new(world->operator, name, part);
	}
	return part;
}

static bool
is_dead(const struct world *world, const json_t *application)
{
	return !world->options.has_operator ||
	       cause_is_armed(world, item_namespace(application), item_text(application, "spec/application"),
	                      "operator-dead");
}

/* What was made for an Application that is gone would be collected at once. */
static bool
is_gone(const struct world *world, const json_t *application)
{
	const json_t *now = world_get(world, KIND_APPLICATION, item_namespace(application), item_name(application));
	return strcmp(item_uid(now), item_uid(application)) != 0;
}

static const char *
deployment_id(const json_t *application)
{
	return item_label(application, "fiaas/deployment_id");
}

static void
say(struct world *world, const json_t *application, const char *level, const char *format, ...)
	printf_like(4, 5);

static void
say(struct world *world, const json_t *application, const char *level, const char *format, ...)
{
	enum { LINE_MAX_BYTES = 2048 };
	scoped(buf_release) struct buf message = BUF_INIT(LINE_MAX_BYTES);
	va_list args;
	va_start(args, format);
	buf_vprintf(&message, format, args);
	va_end(args);
	operator_log(world, application, level, message.bytes);
}

static void
tell(struct world *world, const json_t *application, const char *result)
{
	operator_write_status(world, application, result);
}

/* Rendering. */

static bool
has_best_effort_quota(struct world *world, const char *namespace)
{
	scoped(json_decrefp) json_t *quotas = world_list(world, KIND_RESOURCE_QUOTA, namespace, NULL);
	size_t i, j;
	json_t *quota, *scope;
	json_array_foreach(quotas, i, quota) {
		json_array_foreach(item_at(quota, "spec/scopes"), j, scope) {
			if (!strcmp(item_text(quota, "spec/hard/pods"), "0") &&
			    !strcmp(json_string_value(scope), "NotBestEffort"))
				return true;
		}
	}
	return false;
}

static bool
render(struct world *world, const json_t *application, struct arena *arena, json_t **ret,
       enum fiaas_outcome *ret_outcome, struct error *err)
{
	const char *namespace = item_namespace(application);
	const struct fiaas_application described = {
		.name = item_text(application, "spec/application"), .namespace = namespace,
		.image = item_text(application, "spec/image"), .deployment_id = deployment_id(application),
		.uid = item_uid(application), .config = item_at(application, "spec/config"),
		.additional_labels = item_at(application, "spec/additional_labels"),
		.additional_annotations = item_at(application, "spec/additional_annotations"),
	};
	const json_t *deployment = world_get(world, KIND_DEPLOYMENT, namespace, described.name);
	const json_t *account = world_get(world, KIND_SERVICE_ACCOUNT, namespace, "default");
	const struct fiaas_cluster_state state = {
		.has_best_effort_quota = has_best_effort_quota(world, namespace),
		.live_replicas = (int)item_integer(deployment, "spec/replicas", 0),
		.live_service = world_get(world, KIND_SERVICE, namespace, described.name),
		.default_image_pull_secrets = item_at(account, "imagePullSecrets"),
	};
	return fiaas_render(&described, world->options.fiaas, &state, arena, ret, ret_outcome, err);
}

/* What arrives: rules 1 to 5 of the life cycle. */

static bool
must_skip(struct world *world, const json_t *application)
{
	const char *id = deployment_id(application);
	bool is_usable = *id && *item_text(application, "spec/application") &&
	                 strchr(item_text(application, "spec/image"), ':') &&
	                 json_is_object(item_at(application, "spec/config"));
	bool is_own_write = item_integer(application, "status/observedGeneration", -1) ==
	                            item_integer(application, "metadata/generation", 0) &&
	                    !strcmp(item_text(application, "status/deployment_id"), id);
	if (!is_usable || is_own_write || item_is_terminating(application))
		return true;
	const char *app = item_text(application, "spec/application");
	return !strcmp(operator_result(world, item_namespace(application), app, id), "SUCCESS");
}

/* Whether this version of the Application has been looked at already; notes that it has. */
static bool
was_seen(struct world *world, const json_t *application)
{
	json_t *seen = memory(world, "seen", json_object);
	const json_t *version = item_at(application, "metadata/resourceVersion");
	if (json_equal(json_object_get(seen, item_uid(application)), version))
		return true;
	json_object_set_new(seen, item_uid(application), json_deep_copy(version));
	return false;
}

static bool
is_too_early(struct world *world, const json_t *application)
{
	const char *app = item_text(application, "spec/application");
	if (!cause_is_armed(world, item_namespace(application), app, "operator-slow"))
		return false;
	json_t *since = memory(world, "slow", json_object);
	const char *id = deployment_id(application);
	int64_t now_ms = clock_wall_ms();
	if (!json_object_get(since, id))
		json_object_set_new(since, id, json_integer(now_ms));
	int64_t left_ms = json_integer_value(json_object_get(since, id)) + SLOW_MS - now_ms;
	if (left_ms > 0)
		world_visit(world, WORKER_APPLICATION, item_namespace(application), item_name(application), left_ms);
	return left_ms > 0;
}

void
application_visit(struct world *world, const char *namespace, const char *name)
{
	const json_t *found = world_get(world, KIND_APPLICATION, namespace, name);
	if (!found || is_dead(world, found) || is_too_early(world, found) || was_seen(world, found) ||
	    must_skip(world, found))
		return;
	scoped(json_decrefp) json_t *application = world_copy(found);
	scoped(json_decrefp) json_t *objects = NULL;
	struct arena arena = {0};
	struct error err;
	enum fiaas_outcome outcome = FIAAS_ACCEPTED;
	say(world, application, "INFO", "Starting deployment of %s", item_text(application, "spec/application"));
	tell(world, application, "INITIATED");
	if (!render(world, application, &arena, &objects, &outcome, &err) && outcome == FIAAS_INVALID) {
		say(world, application, "ERROR", "Failed to create app spec from fiaas config file: %s", err.why);
		tell(world, application, "FAILED");
	} else {
		json_array_append(memory(world, "queue", json_array), application);
		world_visit(world, WORKER_OPERATOR, "", "", WORKER_MS);
	}
	arena_release(&arena);
}

/* The worker: writes objects. */

/* A replacement keeps what the API server keeps: status, cluster addresses. */
static void
write_object(struct world *world, json_t *object)
{
	const struct resource *resource =
		resource_of_kind(item_text(object, "apiVersion"), item_text(object, "kind"));
	if (!resource)
		return;
	const json_t *old = store_get(world->store, resource, item_namespace(object), item_name(object));
	json_t *made = world_copy(object);
	if (item_at(old, "status"))
		json_object_set_new(made, "status", world_copy(item_at(old, "status")));
	const char *address = item_text(old, "spec/clusterIP");
	if (*address)
		item_set_text(made, "spec/clusterIP", address);
	const char *revision = item_annotation(old, "deployment.kubernetes.io/revision");
	if (*revision)
		item_set_annotation(made, "deployment.kubernetes.io/revision", revision);
	default_object(resource, made);
	store_put(world->store, resource, made);
}

static bool
is_among(const json_t *objects, const json_t *object)
{
	size_t i;
	json_t *made;
	json_array_foreach(objects, i, made)
		if (!strcmp(item_text(made, "kind"), item_text(object, "kind")) && !strcmp(item_name(made), item_name(object)))
			return true;
	return false;
}

/* What earlier deployments made and this one does not: by name, ingresses by their labels. */
static void
delete_others(struct world *world, const json_t *application, const json_t *objects)
{
	static const char *const kinds[][2] = {{"v1", "Service"}, {"autoscaling/v1", "HorizontalPodAutoscaler"},
	                                       {"policy/v1", "PodDisruptionBudget"}};
	const char *namespace = item_namespace(application), *app = item_text(application, "spec/application");
	scoped(json_decrefp) json_t *ingresses = world_list(world, KIND_INGRESS, namespace, NULL);
	size_t i;
	json_t *ingress;
	for (size_t k = 0; k < array_length(kinds); k++) {
		const struct resource *resource = resource_of_kind(kinds[k][0], kinds[k][1]);
		const json_t *old = store_get(world->store, resource, namespace, app);
		if (old && !is_among(objects, old))
			store_delete(world->store, resource, namespace, app);
	}
	json_array_foreach(ingresses, i, ingress) {
		const char *id = item_label(ingress, "fiaas/deployment_id");
		if (!strcmp(item_label(ingress, "app"), app) && *id && !is_among(objects, ingress))
			world_delete(world, KIND_INGRESS, ingress);
	}
}

static void
write_objects(struct world *world, const json_t *application, const json_t *objects)
{
	const char *app = item_text(application, "spec/application");
	bool has_deadline = cause_is_armed(world, item_namespace(application), app, "progress-deadline");
	size_t i;
	json_t *object;
	json_array_foreach(objects, i, object) {
		const char *kind = item_text(object, "kind");
		if (!strcmp(kind, "Deployment") && has_deadline)
			item_set_integer(object, "spec/progressDeadlineSeconds", 30);
		say(world, application, "INFO", "Creating or updating %s %s", kind, item_name(object));
		write_object(world, object);
	}
}

/* Seconds: multiplier × readiness delay × most replicas. */
static int64_t
ready_timeout_s(const struct world *world, const json_t *objects)
{
	const json_t *deployment = item_find(objects, "kind", "Deployment");
	const json_t *container = json_array_get(item_at(deployment, "spec/template/spec/containers"), 0);
	int64_t delay_s = item_integer(container, "readinessProbe/initialDelaySeconds", 0);
	int64_t replicas = item_integer(item_find(objects, "kind", "HorizontalPodAutoscaler"), "spec/maxReplicas",
	                                  item_integer(deployment, "spec/replicas", 1));
	return world->options.fiaas->ready_check_timeout_multiplier * delay_s * (replicas ? replicas : 1);
}

static void
begin_check(struct world *world, json_t *application, int64_t timeout_s)
{
	const char *namespace = item_namespace(application), *app = item_text(application, "spec/application");
	if (cause_is_armed(world, namespace, app, "status-never-closed"))
		return;
	int64_t now_ms = clock_wall_ms();
	bool gives_up = cause_is_armed(world, namespace, app, "operator-times-out");
	int64_t patience_ms = gives_up ? GIVE_UP_MS : 1000 * timeout_s;
	json_array_append_new(memory(world, "checks", json_array),
	                      json_pack("{s:O, s:I, s:I, s:I}", "application", application, "timeout_s",
	                                (json_int_t)timeout_s, "deadline_ms", (json_int_t)(now_ms + patience_ms),
	                                "due_ms", (json_int_t)(now_ms + FIRST_CHECK_MS)));
	world_visit(world, WORKER_OPERATOR, "", "", FIRST_CHECK_MS);
}

/* Somebody else deploys while this one is under way. */
static void
supersede(struct world *world, const json_t *application)
{
	const char *namespace = item_namespace(application), *app = item_text(application, "spec/application");
	const json_t *now = world_get(world, KIND_APPLICATION, namespace, item_name(application));
	if (!now || !cause_is_armed(world, namespace, app, "superseded"))
		return;
	cause_struck(world, namespace, app, world_cause_named("superseded"));
	char id[13];
	world_random_name(world, id, 12);
	json_t *changed = world_copy(now);
	item_set_label(changed, "fiaas/deployment_id", id);
	world_put(world, KIND_APPLICATION, changed);
}

static void
deploy(struct world *world, json_t *application)
{
	const char *app = item_text(application, "spec/application");
	scoped(json_decrefp) json_t *objects = NULL;
	struct arena arena = {0};
	struct error err;
	enum fiaas_outcome outcome = FIAAS_ACCEPTED;
	tell(world, application, "RUNNING");
	const struct world_cause *failure = world_cause_named("operator-fails");
	bool fails = cause_is_armed(world, item_namespace(application), app, failure->name);
	if (fails || !render(world, application, &arena, &objects, &outcome, &err)) {
		say(world, application, "ERROR", "Error while deploying %s: %s", app,
		    fails ? failure->message : err.why);
		tell(world, application, "FAILED");
	} else {
		write_objects(world, application, objects);
		delete_others(world, application, objects);
		if (!strcmp(app, "fiaas-deploy-daemon"))
			tell(world, application, "SUCCESS");
		else
			begin_check(world, application, ready_timeout_s(world, objects));
		supersede(world, application);
	}
	arena_release(&arena);
}

/* The ready check. */

static bool
is_ready(struct world *world, const json_t *application)
{
	const json_t *deployment = world_get(world, KIND_DEPLOYMENT, item_namespace(application),
	                                     item_text(application, "spec/application"));
	if (!deployment)
		return false;
	int64_t expected = item_integer(deployment, "spec/replicas", 1);
	return item_integer(deployment, "status/updatedReplicas", 0) == expected &&
	       item_integer(deployment, "status/replicas", 0) == expected &&
	       item_integer(deployment, "status/availableReplicas", 0) == expected &&
	       item_integer(deployment, "status/observedGeneration", 0) >=
		       item_integer(deployment, "metadata/generation", 1);
}

/* True when the check has come to an end. */
static bool
check(struct world *world, json_t *item)
{
	const json_t *application = item_at(item, "application");
	const char *app = item_text(application, "spec/application");
	int64_t now_ms = clock_wall_ms();
	if (item_integer(item, "due_ms", 0) > now_ms)
		return false;
	if (is_ready(world, application)) {
		say(world, application, "INFO", "Application %s is ready", app);
		tell(world, application, "SUCCESS");
		return true;
	}
	if (item_integer(item, "deadline_ms", 0) <= now_ms) {
		say(world, application, "ERROR", "Timed out after %lld seconds waiting for %s to become ready",
		    (long long)item_integer(item, "timeout_s", 0), app);
		tell(world, application, "FAILED");
		return true;
	}
	int64_t next_ms = now_ms + CHECK_MS, deadline_ms = item_integer(item, "deadline_ms", 0);
	bool gives_up = deadline_ms - now_ms < GIVE_UP_MS;
	item_set_integer(item, "due_ms", gives_up ? deadline_ms : next_ms);
	return false;
}

static void
run_checks(struct world *world)
{
	json_t *checks = memory(world, "checks", json_array);
	int64_t next_ms = -1;
	for (size_t i = json_array_size(checks); i-- > 0;) {
		json_t *item = json_array_get(checks, i);
		const json_t *application = item_at(item, "application");
		/* A restarted operator has forgotten what it was waiting for. */
		if (is_dead(world, application) || is_gone(world, application) || check(world, item)) {
			json_array_remove(checks, i);
			continue;
		}
		int64_t due_ms = item_integer(item, "due_ms", 0);
		if (next_ms < 0 || due_ms < next_ms)
			next_ms = due_ms;
	}
	if (next_ms >= 0) {
		int64_t delay_ms = next_ms - clock_wall_ms();
		world_visit(world, WORKER_OPERATOR, "", "", delay_ms > 0 ? delay_ms : 1);
	}
}

void
operator_visit(struct world *world, const char *namespace, const char *name)
{
	(void)namespace;
	(void)name;
	json_t *queue = memory(world, "queue", json_array);
	if (json_array_size(queue)) {
		scoped(json_decrefp) json_t *application = json_incref(json_array_get(queue, 0));
		json_array_remove(queue, 0);
		if (!is_dead(world, application) && !is_gone(world, application))
			deploy(world, application);
	}
	run_checks(world);
	if (json_array_size(queue))
		world_visit(world, WORKER_OPERATOR, "", "", WORKER_MS);
}

/* The Deployment controller, after kubernetes pkg/controller/deployment: which ReplicaSet is the
 * new one, how many pods each may have, and what the status says of it.
 *
 * Each visit does one step; what it changes brings the next visit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sandbox/world/causes.h"
#include "sandbox/world/parts.h"
#include "sandbox/world/rollout.h"

#define DESIRED_REPLICAS "deployment.kubernetes.io/desired-replicas"
#define MAX_REPLICAS "deployment.kubernetes.io/max-replicas"
#define TEMPLATE_HASH "pod-template-hash"

enum { RETRY_MS = 5000, MEDDLE_MS = 2000 };

static int
by_age(const void *left, const void *right)
{
	const json_t *const *a = left, *const *b = right;
	int64_t difference = item_time_ms(*a, "metadata/creationTimestamp") -
	                     item_time_ms(*b, "metadata/creationTimestamp");
	if (difference)
		return difference < 0 ? -1 : 1;
	return strcmp(item_name(*a), item_name(*b));
}

static json_t *
list_sets(struct world *world, const json_t *deployment)
{
	scoped(json_decrefp) json_t *found =
		world_list(world, KIND_REPLICA_SET, item_namespace(deployment), item_uid(deployment));
	size_t count = json_array_size(found);
	json_t **sets = calloc(count + 1, sizeof(*sets));
	if (!sets)
		abort();
	for (size_t i = 0; i < count; i++)
		sets[i] = json_array_get(found, i);
	qsort(sets, count, sizeof(json_t *), by_age);
	json_t *ret = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append(ret, sets[i]);
	free(sets);
	return ret;
}

static bool
has_template(const json_t *set, const json_t *template)
{
	scoped(json_decrefp) json_t *own = world_copy(item_at(set, "spec/template"));
	json_t *labels = item_at(own, "metadata/labels");
	json_object_del(labels, TEMPLATE_HASH);
	return json_equal(own, template);
}

/* Fenceposts as ResolveFenceposts has them: surge rounds up, unavailable down, never both 0. */
static void
resolve_bounds(struct rollout *rollout)
{
	const json_t *rolling = item_at(rollout->deployment, "spec/strategy/rollingUpdate");
	rollout->replicas = item_integer(rollout->deployment, "spec/replicas", 1);
	rollout->max_surge = item_share(json_object_get(rolling, "maxSurge"), rollout->replicas, true,
	                                  (rollout->replicas + 3) / 4);
	rollout->max_unavailable = item_share(json_object_get(rolling, "maxUnavailable"),
	                                        rollout->replicas, false, rollout->replicas / 4);
	if (!rollout->max_surge && !rollout->max_unavailable)
		rollout->max_unavailable = 1;
	if (rollout->max_unavailable > rollout->replicas)
		rollout->max_unavailable = rollout->replicas;
}

static bool
is_recreate(const struct rollout *rollout)
{
	return !strcmp(item_text(rollout->deployment, "spec/strategy/type"), "Recreate");
}

static void
rollout_release(struct rollout *rollout)
{
	json_decref(rollout->sets);
	rollout->sets = NULL;
}

static bool
rollout_load(struct rollout *rollout, const char *namespace, const char *name)
{
	const json_t *deployment = world_get(rollout->world, KIND_DEPLOYMENT, namespace, name);
	if (!deployment || item_is_terminating(deployment))
		return false;
	rollout->deployment = deployment;
	rollout->sets = list_sets(rollout->world, deployment);
	rollout->newest = NULL;
	size_t i;
	json_t *set;
	json_array_foreach(rollout->sets, i, set) {
		if (!rollout->newest && has_template(set, item_at(deployment, "spec/template")))
			rollout->newest = set;
	}
	resolve_bounds(rollout);
	return true;
}

int64_t
rollout_sum(const json_t *sets, const char *path)
{
	int64_t total = 0;
	size_t i;
	json_t *set;
	json_array_foreach(sets, i, set)
		total += item_integer(set, path, 0);
	return total;
}

static int64_t
max_revision(const struct rollout *rollout, bool old_only)
{
	int64_t max = 0;
	size_t i;
	json_t *set;
	json_array_foreach(rollout->sets, i, set) {
		int64_t revision = strtoll(item_annotation(set, ROLLOUT_REVISION), NULL, 10);
		if (revision > max && !(old_only && set == rollout->newest))
			max = revision;
	}
	return max;
}

static void
set_number_annotation(json_t *object, const char *key, int64_t value)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)value);
	item_set_annotation(object, key, text);
}

static void
announce(const struct rollout *rollout, const char *reason, const char *message)
{
	struct world_event event = {.about = rollout->deployment, .kind = KIND_DEPLOYMENT,
		.type = strcmp(reason, "ReplicaSetCreateError") ? "Normal" : "Warning", .reason = reason,
		.component = "deployment-controller", .host = "", .field_path = ""};
	world_record_event(rollout->world, &event, "%s", message);
}

static void
scale(const struct rollout *rollout, const json_t *set, int64_t count)
{
	int64_t before = item_integer(set, "spec/replicas", 0);
	if (count == before)
		return;
	json_t *changed = world_copy(set);
	item_set_integer(changed, "spec/replicas", count);
	set_number_annotation(changed, DESIRED_REPLICAS, rollout->replicas);
	set_number_annotation(changed, MAX_REPLICAS, rollout->replicas + rollout->max_surge);
	char message[400];
	snprintf(message, sizeof(message), "Scaled %s replica set %s from %lld to %lld",
	         count > before ? "up" : "down", item_name(set), (long long)before, (long long)count);
	world_put(rollout->world, KIND_REPLICA_SET, changed);
	announce(rollout, "ScalingReplicaSet", message);
}

/* The new ReplicaSet. */

/* rand.SafeEncodeString of an FNV-1a hash of the template, as ComputeHash does. */
static void
hash_template(const json_t *template, char ret[static 12])
{
	static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
	char *text = json_dumps(template, JSON_COMPACT | JSON_SORT_KEYS);
	uint32_t hash = 2166136261u;
	for (const char *c = text; c && *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	free(text);
	snprintf(ret, 12, "%u", hash);
	for (char *c = ret; *c; c++)
		*c = alphabet[(unsigned char)*c % (sizeof(alphabet) - 1)];
}

/* How many pods the new set may have now: within the surge, never more than wanted. */
static int64_t
new_set_replicas(const struct rollout *rollout, int64_t present)
{
	if (is_recreate(rollout))
		return rollout->replicas;
	int64_t room = rollout->replicas + rollout->max_surge - rollout_sum(rollout->sets, "spec/replicas");
	if (room <= 0)
		return present;
	int64_t missing = rollout->replicas - present;
	return present + (room < missing ? room : missing);
}

static json_t *
new_set_annotations(const struct rollout *rollout)
{
	json_t *annotations = json_object();
	const char *key;
	json_t *value;
	json_object_foreach(item_at(rollout->deployment, "metadata/annotations"), key, value) {
		if (strncmp(key, "deployment.kubernetes.io/", 25) != 0 &&
		    strcmp(key, "kubectl.kubernetes.io/last-applied-configuration") != 0)
			json_object_set(annotations, key, value);
	}
	return annotations;
}

static json_t *
new_set(const struct rollout *rollout)
{
	char hash[12];
	hash_template(item_at(rollout->deployment, "spec/template"), hash);
	json_t *template = world_copy(item_at(rollout->deployment, "spec/template"));
	item_set_label(template, TEMPLATE_HASH, hash);
	json_t *selector = world_copy(item_at(rollout->deployment, "spec/selector"));
	item_set(selector, "matchLabels/" TEMPLATE_HASH, json_string(hash));
	json_t *set = json_pack("{s:{s:o, s:s, s:O, s:o, s:o}, s:{s:I, s:o, s:o}}", "metadata", "name",
	                        json_sprintf("%s-%s", item_name(rollout->deployment), hash),
	                        "namespace", item_namespace(rollout->deployment), "labels",
	                        item_at(template, "metadata/labels"), "annotations",
	                        new_set_annotations(rollout), "ownerReferences",
	                        item_owner_references(rollout->deployment, "apps/v1", "Deployment"),
	                        "spec", "replicas", (json_int_t)new_set_replicas(rollout, 0), "selector",
	                        selector, "template", template);
	const json_t *min_ready = item_at(rollout->deployment, "spec/minReadySeconds");
	if (min_ready)
		item_set(set, "spec/minReadySeconds", json_integer(json_integer_value(min_ready)));
	set_number_annotation(set, ROLLOUT_REVISION, max_revision(rollout, true) + 1);
	set_number_annotation(set, DESIRED_REPLICAS, rollout->replicas);
	set_number_annotation(set, MAX_REPLICAS, rollout->replicas + rollout->max_surge);
	return set;
}

static void
set_progressing(struct rollout *rollout, const char *status, const char *reason, const char *message)
{
	const json_t *present = item_condition(rollout->deployment, "Progressing");
	if (!strcmp(item_text(present, "reason"), reason) && !strcmp(item_text(present, "message"), message))
		return;
	json_t *changed = world_copy(rollout->deployment);
	item_condition_set(changed, "Progressing", status, reason, message, true);
	rollout->deployment = world_put(rollout->world, KIND_DEPLOYMENT, changed);
}

/* False when it is refused. */
static bool
make_new_set(struct rollout *rollout)
{
	struct world *world = rollout->world;
	const char *namespace = item_namespace(rollout->deployment);
	const struct world_cause *cause =
		cause_of_app(world, namespace, item_label(rollout->deployment, "app"), CAUSE_REPLICA_SET);
	char message[400];
	if (cause) {
		scoped(buf_release) struct buf text = BUF_INIT(sizeof(message));
		cause_write(&text, cause->message, rollout->deployment);
		set_progressing(rollout, "False", cause->reason, text.bytes);
		announce(rollout, cause->reason, text.bytes);
		world_visit(world, WORKER_DEPLOYMENT, namespace, item_name(rollout->deployment), RETRY_MS);
		return false;
	}
	const json_t *set = world_put(world, KIND_REPLICA_SET, new_set(rollout));
	snprintf(message, sizeof(message), "Created new replica set \"%s\"", item_name(set));
	set_progressing(rollout, "True", "NewReplicaSetCreated", message);
	snprintf(message, sizeof(message), "Scaled up replica set %s from 0 to %lld", item_name(set),
	         (long long)item_integer(set, "spec/replicas", 0));
	announce(rollout, "ScalingReplicaSet", message);
	return true;
}

/* A set that is used again gets a new, higher revision; its old number goes into its history. */
static void
raise_revision(const struct rollout *rollout)
{
	int64_t wanted = max_revision(rollout, true) + 1;
	const char *present = item_annotation(rollout->newest, ROLLOUT_REVISION);
	if (strtoll(present, NULL, 10) >= wanted)
		return;
	json_t *changed = world_copy(rollout->newest);
	if (*present)
		item_set_annotation(changed, "deployment.kubernetes.io/revision-history", present);
	set_number_annotation(changed, ROLLOUT_REVISION, wanted);
	world_put(rollout->world, KIND_REPLICA_SET, changed);
}

/* Old ReplicaSets. */

/* Pods of old sets that are not available go first: they serve nobody. */
static int64_t
scale_down_unhealthy(const struct rollout *rollout, int64_t max)
{
	size_t i;
	json_t *set;
	json_array_foreach(rollout->sets, i, set) {
		int64_t present = item_integer(set, "spec/replicas", 0);
		int64_t unhealthy = present - item_integer(set, "status/availableReplicas", 0);
		if (set == rollout->newest || unhealthy <= 0 || max <= 0)
			continue;
		if (unhealthy > max)
			unhealthy = max;
		scale(rollout, set, present - unhealthy);
		max -= unhealthy;
	}
	return max;
}

static void
scale_down_old(const struct rollout *rollout)
{
	int64_t min_available = rollout->replicas - rollout->max_unavailable;
	int64_t new_unavailable = item_integer(rollout->newest, "spec/replicas", 0) -
	                          item_integer(rollout->newest, "status/availableReplicas", 0);
	int64_t max = rollout_sum(rollout->sets, "spec/replicas") - min_available - new_unavailable;
	if (max <= 0)
		return;
	int64_t left = scale_down_unhealthy(rollout, max);
	int64_t spare = rollout_sum(rollout->sets, "status/availableReplicas") - min_available;
	if (spare > left)
		spare = left;
	size_t i;
	json_t *set;
	json_array_foreach(rollout->sets, i, set) {
		const json_t *now = world_get(rollout->world, KIND_REPLICA_SET, item_namespace(set), item_name(set));
		int64_t present = item_integer(now, "spec/replicas", 0);
		if (set == rollout->newest || present == 0 || spare <= 0)
			continue;
		int64_t less = present < spare ? present : spare;
		scale(rollout, now, present - less);
		spare -= less;
	}
}

static int64_t
old_pods(const struct rollout *rollout)
{
	return rollout_sum(rollout->sets, "status/replicas") - item_integer(rollout->newest, "status/replicas", 0);
}

/* Recreate: every old pod is gone before the first new one comes. */
static bool
old_sets_are_down(const struct rollout *rollout)
{
	size_t i;
	json_t *set;
	json_array_foreach(rollout->sets, i, set) {
		if (set != rollout->newest)
			scale(rollout, set, 0);
	}
	return old_pods(rollout) == 0;
}

/* False when the controller cannot go on; then it does not say that it has seen the spec either. */
static bool
roll(struct rollout *rollout)
{
	if (is_recreate(rollout) && !old_sets_are_down(rollout))
		return true;
	if (!rollout->newest)
		return make_new_set(rollout);
	raise_revision(rollout);
	const json_t *now = world_get(rollout->world, KIND_REPLICA_SET,
	                              item_namespace(rollout->newest), item_name(rollout->newest));
	int64_t present = item_integer(now, "spec/replicas", 0);
	int64_t wanted = present > rollout->replicas ? rollout->replicas : new_set_replicas(rollout, present);
	if (wanted != present)
		scale(rollout, now, wanted);
	else if (!is_recreate(rollout))
		scale_down_old(rollout);
	return true;
}

/* Old sets without pods are history; only so many are kept. */
static void
forget_history(const struct rollout *rollout)
{
	if (!rollout_is_complete(rollout))
		return;
	int64_t surplus = (int64_t)json_array_size(rollout->sets) - 1 -
	                  item_integer(rollout->deployment, "spec/revisionHistoryLimit", 10);
	size_t i;
	json_t *set;
	json_array_foreach(rollout->sets, i, set) {
		if (surplus <= 0)
			return;
		if (set == rollout->newest || item_integer(set, "spec/replicas", 0) ||
		    item_integer(set, "status/replicas", 0))
			continue;
		world_delete(rollout->world, KIND_REPLICA_SET, set);
		surplus--;
	}
}

/* Milliseconds since the new ReplicaSet was made, none of whose pods is ready yet; -1 otherwise. */
static int64_t
rolling_ms(const struct rollout *rollout)
{
	if (!rollout->newest || item_integer(rollout->newest, "status/readyReplicas", 0))
		return -1;
	return clock_wall_ms() - item_time_ms(rollout->newest, "metadata/creationTimestamp");
}

static void
pause_rollout(struct rollout *rollout)
{
	if (item_flag(rollout->deployment, "spec/paused"))
		return;
	json_t *changed = world_copy(rollout->deployment);
	item_set(changed, "spec/paused", json_true());
	rollout->deployment = world_put(rollout->world, KIND_DEPLOYMENT, changed);
}

/* What somebody with an armed cause does to a rollout under way; true when it is gone. */
static bool
meddle(struct rollout *rollout)
{
	struct world *world = rollout->world;
	const char *namespace = item_namespace(rollout->deployment);
	const char *app = item_label(rollout->deployment, "app");
	bool must_go = cause_is_armed(world, namespace, app, "deployment-deleted");
	if (!must_go && !cause_is_armed(world, namespace, app, "paused"))
		return false;
	int64_t age_ms = rolling_ms(rollout);
	if (age_ms < MEDDLE_MS) {
		if (age_ms >= 0)
			world_visit(world, WORKER_DEPLOYMENT, namespace, item_name(rollout->deployment), MEDDLE_MS);
		return false;
	}
	if (!must_go) {
		pause_rollout(rollout);
		return false;
	}
	cause_struck(world, namespace, app, world_cause_named("deployment-deleted"));
	world_delete(world, KIND_DEPLOYMENT, rollout->deployment);
	return true;
}

void
deployment_visit(struct world *world, const char *namespace, const char *name)
{
	scoped(rollout_release) struct rollout rollout = {.world = world};
	if (!rollout_load(&rollout, namespace, name))
		return;
	const char *app = item_label(rollout.deployment, "app");
	if (cause_of_app(world, namespace, app, CAUSE_CONTROLLER) || meddle(&rollout))
		return;
	if (!item_flag(rollout.deployment, "spec/paused") && !roll(&rollout))
		return;
	rollout_release(&rollout);
	if (!rollout_load(&rollout, namespace, name))
		return;
	rollout_sync_status(&rollout);
	forget_history(&rollout);
}

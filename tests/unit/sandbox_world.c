/* Deployments in the emulated cluster, on a frozen clock: nothing here waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "core/fiaas/options.h"
#include "sandbox/world/causes.h"
#include "sandbox/world/parts.h"

struct cluster {
	struct loop *loop;
	struct store *store;
	struct world *world;
	struct fiaas_options fiaas;
	struct loop_timer stop;
	int64_t replicas, max_surge, max_unavailable, worst_total, least_available;
	bool was_available;
};

static void
stop_loop(struct loop_timer *timer)
{
	loop_stop(timer->data);
}

/* Lets `seconds` of the cluster's time pass. */
static void
pass(struct cluster *cluster, int64_t seconds)
{
	enum { STEP_MS = 100 };
	for (int64_t ms = 0; ms < 1000 * seconds; ms += STEP_MS) {
		clock_advance(STEP_MS);
		cluster->stop = (struct loop_timer){.fire = stop_loop, .data = cluster->loop};
		loop_timer_set(cluster->loop, &cluster->stop, 0);
		loop_run(cluster->loop);
	}
}

static int
set_up(void **state)
{
	struct cluster *cluster = calloc(1, sizeof(*cluster));
	struct error err;
	clock_freeze(1764000000000);
	assert_true(loop_open(&cluster->loop, &err));
	cluster->store = store_new();
	fiaas_options_init(&cluster->fiaas);
	const struct world_options options = {.has_operator = true, .seed = 7, .fiaas = &cluster->fiaas};
	cluster->world = world_start(cluster->loop, cluster->store, &options);
	world_seed(cluster->world, "demo");
	*state = cluster;
	return 0;
}

static int
tear_down(void **state)
{
	struct cluster *cluster = *state;
	world_stop(cluster->world);
	store_free(cluster->store);
	loop_close(cluster->loop);
	free(cluster);
	return 0;
}

/* A Deployment "web" of `replicas` pods with this image. */
static void
apply(struct cluster *cluster, const char *image, int replicas, const char *surge, int unavailable)
{
	const json_t *old = world_get(cluster->world, KIND_DEPLOYMENT, "demo", "web");
	json_t *deployment = old ? world_copy(old) : json_pack("{s:{s:s, s:s, s:{s:s}}}", "metadata",
		"name", "web", "namespace", "demo", "labels", "app", "web");
	item_set(deployment, "spec", json_pack(
		"{s:i, s:{s:{s:s}}, s:{s:s, s:{s:s, s:i}}, s:{s:{s:{s:s}}, s:{s:[{s:s, s:s, s:{s:i}}]}}}",
		"replicas", replicas, "selector", "matchLabels", "app", "web", "strategy", "type",
		"RollingUpdate", "rollingUpdate", "maxSurge", surge, "maxUnavailable", unavailable, "template",
		"metadata", "labels", "app", "web", "spec", "containers", "name", "web", "image", image,
		"readinessProbe", "initialDelaySeconds", 2));
	world_put(cluster->world, KIND_DEPLOYMENT, deployment);
}

static const json_t *
web(const struct cluster *cluster)
{
	return world_get(cluster->world, KIND_DEPLOYMENT, "demo", "web");
}

static int64_t
status(const struct cluster *cluster, const char *field)
{
	char path[80];
	snprintf(path, sizeof(path), "status/%s", field);
	return item_integer(web(cluster), path, 0);
}

static const char *
reason(const struct cluster *cluster, const char *condition)
{
	return item_text(item_condition(web(cluster), condition), "reason");
}

static void
test_rollout__ends_complete(void **state)
{
	struct cluster *cluster = *state;
	apply(cluster, "example.com/web:1", 3, "25%", 0);
	pass(cluster, 10);
	assert_int_equal(status(cluster, "availableReplicas"), 3);
	assert_int_equal(status(cluster, "updatedReplicas"), 3);
	assert_int_equal(status(cluster, "observedGeneration"), 1);
	assert_string_equal(reason(cluster, "Progressing"), "NewReplicaSetAvailable");
	assert_string_equal(reason(cluster, "Available"), "MinimumReplicasAvailable");
	assert_string_equal(item_annotation(web(cluster), "deployment.kubernetes.io/revision"), "1");
}

/* After each change of a pod: never more pods than surge allows, never fewer available than may. */
static void
watch_bounds(struct store_listener *listener, const struct store_change *change)
{
	struct cluster *cluster = listener->data;
	if (change->resource != cluster->world->kinds[KIND_POD])
		return;
	json_t *pods = world_list(cluster->world, KIND_POD, "demo", NULL), *pod;
	int64_t total = 0, available = 0;
	size_t i;
	json_array_foreach(pods, i, pod) {
		if (item_is_terminating(pod))
			continue;
		total++;
		available += item_condition_is(pod, "Ready", "True");
	}
	json_decref(pods);
	if (total > cluster->worst_total)
		cluster->worst_total = total;
	if (available < cluster->least_available)
		cluster->least_available = available;
}

static void
check_bounds(struct cluster *cluster, int replicas, const char *surge, int unavailable, int most)
{
	apply(cluster, "example.com/web:1", replicas, surge, unavailable);
	pass(cluster, 20);
	cluster->worst_total = 0;
	cluster->least_available = replicas;
	struct store_listener listener = {.changed = watch_bounds, .data = cluster};
	store_listen(cluster->store, &listener);
	apply(cluster, "example.com/web:2", replicas, surge, unavailable);
	pass(cluster, 60);
	store_unlisten(cluster->store, &listener);
	assert_int_equal(status(cluster, "updatedReplicas"), replicas);
	assert_int_equal(status(cluster, "replicas"), replicas);
	assert_true(cluster->worst_total <= most);
	assert_true(cluster->worst_total > replicas - unavailable);
	assert_true(cluster->least_available >= replicas - unavailable);
}

static void
test_rollout__keeps_within_surge(void **state)
{
	check_bounds(*state, 8, "25%", 0, 10);
}

static void
test_rollout__keeps_within_unavailable(void **state)
{
	check_bounds(*state, 5, "0%", 2, 5);
}

static void
test_rollout__replaces_a_single_pod(void **state)
{
	check_bounds(*state, 1, "0%", 1, 1);
}

static void
test_rollout__keeps_the_old_pods_when_new_ones_crash(void **state)
{
	struct cluster *cluster = *state;
	struct error err;
	apply(cluster, "example.com/web:1", 3, "25%", 0);
	pass(cluster, 10);
	assert_true(world_break(cluster->world, "crash-loop", "demo", "web", &err));
	apply(cluster, "example.com/web:2", 3, "25%", 0);
	pass(cluster, 120);
	assert_int_equal(status(cluster, "availableReplicas"), 3);
	assert_int_equal(status(cluster, "updatedReplicas"), 1);
	assert_string_equal(reason(cluster, "Progressing"), "ReplicaSetUpdated");
	pass(cluster, 600);
	assert_string_equal(reason(cluster, "Progressing"), "ProgressDeadlineExceeded");
	world_heal(cluster->world, "crash-loop", "demo", "web");
	pass(cluster, 330);
	assert_int_equal(status(cluster, "updatedReplicas"), 3);
	assert_int_equal(status(cluster, "replicas"), 3);
}

static void
test_rollout__goes_back_to_an_earlier_set(void **state)
{
	struct cluster *cluster = *state;
	apply(cluster, "example.com/web:1", 1, "1", 0);
	pass(cluster, 10);
	apply(cluster, "example.com/web:2", 1, "1", 0);
	pass(cluster, 10);
	apply(cluster, "example.com/web:1", 1, "1", 0);
	pass(cluster, 10);
	assert_string_equal(item_annotation(web(cluster), "deployment.kubernetes.io/revision"), "3");
	json_t *sets = world_list(cluster->world, KIND_REPLICA_SET, "demo", NULL);
	assert_int_equal(json_array_size(sets), 2);
	json_decref(sets);
}

/* Every cause. */

static bool
text_is_somewhere(const json_t *value, const char *text)
{
	char *dump = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	bool found = dump && strstr(dump, text);
	free(dump);
	return found;
}

/* Whether a pod, its ReplicaSet, its Deployment, a node or an event says `text`. */
static bool
cluster_says(const struct cluster *cluster, const char *text)
{
	static const enum world_kind kinds[] = {KIND_POD, KIND_REPLICA_SET, KIND_DEPLOYMENT, KIND_EVENT,
	                                        KIND_NODE};
	bool found = false;
	for (size_t i = 0; i < array_length(kinds); i++) {
		json_t *objects = world_list(cluster->world, kinds[i], NULL, NULL);
		found |= text_is_somewhere(objects, text);
		json_decref(objects);
	}
	return found;
}

static bool
strikes_pods(const struct world_cause *cause)
{
	return cause->stage != CAUSE_DEPLOYMENT && cause->stage != CAUSE_OPERATOR &&
	       cause->stage != CAUSE_CONTROLLER && cause->stage != CAUSE_NO_SCHEDULER &&
	       cause->stage != CAUSE_READINESS_GATE;
}

static void
check_cause(const struct world_cause *cause)
{
	void *state;
	struct error err;
	set_up(&state);
	struct cluster *cluster = state;
	assert_true(world_break(cluster->world, cause->name, "demo", "web", &err));
	apply(cluster, "example.com/web:1", 3, "25%", 0);
	bool was_said = !*cause->reason;
	for (int second = 0; second < 60 && !was_said; second++) {
		pass(cluster, 1);
		was_said = cluster_says(cluster, cause->reason);
	}
	if (!was_said)
		fail_msg("%s: nothing says %s", cause->name, cause->reason);
	tear_down(&state);
}

static void
test_causes__are_seen_in_the_cluster(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_world_causes; i++) {
		if (strikes_pods(&world_causes[i]))
			check_cause(&world_causes[i]);
	}
}

static void
test_causes__let_go_when_healed(void **state)
{
	static const char *const names[] = {"quota-exceeded", "insufficient-cpu", "image-not-found",
		"config-missing-key", "not-ready", "mount-missing-configmap", "scheduling-gated", "command-not-found"};
	(void)state;
	for (size_t i = 0; i < array_length(names); i++) {
		void *own;
		struct error err;
		set_up(&own);
		struct cluster *cluster = own;
		assert_true(world_break(cluster->world, names[i], "demo", "", &err));
		apply(cluster, "example.com/web:1", 2, "25%", 0);
		pass(cluster, 20);
		assert_int_equal(status(cluster, "availableReplicas"), 0);
		world_heal(cluster->world, NULL, NULL, NULL);
		pass(cluster, 60);
		if (status(cluster, "availableReplicas") != 2)
			fail_msg("%s: healed, but not well", names[i]);
		tear_down(&own);
	}
}

static void
test_causes__have_names_of_their_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_world_causes; i++)
		assert_ptr_equal(world_cause_named(world_causes[i].name), &world_causes[i]);
	struct cluster *cluster = *state;
	struct error err;
	assert_false(world_break(cluster->world, "no-such-cause", "demo", "", &err));
}

/* Logs. */

static void
test_logs__tell_why_it_crashed(void **state)
{
	struct cluster *cluster = *state;
	struct error err;
	assert_true(world_break(cluster->world, "crash-loop", "demo", "web", &err));
	apply(cluster, "example.com/web:1", 1, "25%", 0);
	pass(cluster, 30);
	json_t *pods = world_list(cluster->world, KIND_POD, "demo", NULL);
	const char *pod = item_uid(json_array_get(pods, 0));
	const json_t *log = world_logs(cluster->world, pod, "web", true);
	const json_t *last = json_array_get(log, json_array_size(log) - 1);
	assert_string_equal(item_text(last, "text"), "DATABASE_URL is not set");
	assert_true(item_integer(last, "time_ms", 0) > 1764000000000);
	assert_null(world_logs(cluster->world, pod, "other", false));
	json_decref(pods);
}

/* Snapshots. */

static void
test_world__goes_on_after_a_restore(void **state)
{
	struct cluster *cluster = *state;
	apply(cluster, "example.com/web:1", 3, "25%", 0);
	pass(cluster, 1);
	json_t *objects = store_snapshot(cluster->store), *memory = world_snapshot(cluster->world);
	void *other_state;
	set_up(&other_state);
	struct cluster *other = other_state;
	pass(cluster, 10); /* a snapshot does not follow what happens later */
	assert_true(store_restore(other->store, objects));
	world_restore(other->world, memory);
	pass(other, 10);
	assert_int_equal(status(other, "availableReplicas"), 3);
	json_decref(objects);
	json_decref(memory);
	tear_down(&other_state);
}

int
main(void)
{
#define _(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		_(test_rollout__ends_complete),
		_(test_rollout__keeps_within_surge),
		_(test_rollout__keeps_within_unavailable),
		_(test_rollout__replaces_a_single_pod),
		_(test_rollout__keeps_the_old_pods_when_new_ones_crash),
		_(test_rollout__goes_back_to_an_earlier_set),
		_(test_causes__are_seen_in_the_cluster),
		_(test_causes__let_go_when_healed),
		_(test_causes__have_names_of_their_own),
		_(test_logs__tell_why_it_crashed),
		_(test_world__goes_on_after_a_restore),
	};
#undef _
	return cmocka_run_group_tests(tests, NULL, NULL);
}

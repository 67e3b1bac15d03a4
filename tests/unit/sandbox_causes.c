/* Two tables that know nothing of each other meet: what the emulated cluster shows for each of its
 * causes, the diagnosis must name by the same row of the reference (kubernetes.md 4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "core/diagnose/diagnose.h"
#include "core/fiaas/options.h"
#include "sandbox/world/causes.h"
#include "sandbox/world/parts.h"

struct cluster {
	struct loop *loop;
	struct store *store;
	struct world *world;
	struct fiaas_options fiaas;
	struct loop_timer stop;
};

static void
stop_loop(struct loop_timer *timer)
{
	loop_stop(timer->data);
}

static void
pass(struct cluster *cluster, int64_t ms)
{
	enum { STEP_MS = 250 };
	for (; ms > 0; ms -= STEP_MS) {
		clock_advance(STEP_MS);
		cluster->stop = (struct loop_timer){.fire = stop_loop, .data = cluster->loop};
		loop_timer_set(cluster->loop, &cluster->stop, 0);
		loop_run(cluster->loop);
	}
}

static void
open_cluster(struct cluster *cluster)
{
	struct error err;
	clock_freeze(1764000000000);
	*cluster = (struct cluster){0};
	assert_true(loop_open(&cluster->loop, &err));
	cluster->store = store_new();
	fiaas_options_init(&cluster->fiaas);
	const struct world_options options = {.has_operator = true, .seed = 7, .fiaas = &cluster->fiaas};
	cluster->world = world_start(cluster->loop, cluster->store, &options);
	world_seed(cluster->world, "demo");
}

static void
close_cluster(struct cluster *cluster)
{
	world_stop(cluster->world);
	store_free(cluster->store);
	loop_close(cluster->loop);
}

static void
submit(struct cluster *cluster)
{
	world_put(cluster->world, KIND_APPLICATION, json_pack(
		"{s:{s:s, s:s, s:{s:s, s:s}}, s:{s:s, s:s, s:{s:i, s:{s:i, s:i}}}}", "metadata", "name", "web",
		"namespace", "demo", "labels", "app", "web", "fiaas/deployment_id", "d1", "spec", "application",
		"web", "image", "example.com/web:1", "config", "version", 3, "replicas", "minimum", 3, "maximum", 3));
}

/* New reference: uid -> object. */
static json_t *
by_uid(const struct cluster *cluster, enum world_kind kind)
{
	json_t *list = world_list(cluster->world, kind, NULL, NULL), *map = json_object(), *object;
	size_t i;
	json_array_foreach(list, i, object)
		json_object_set(map, item_uid(object), object);
	json_decref(list);
	return map;
}

/* New reference: "POD/CONTAINER" -> what it wrote before it ended. */
static json_t *
previous_logs(const struct cluster *cluster)
{
	json_t *list = world_list(cluster->world, KIND_POD, "demo", NULL), *logs = json_object(), *pod;
	size_t i, j;
	json_array_foreach(list, i, pod) {
		enum { LOG_MAX = 4096 };
		scoped(buf_release) struct buf text = BUF_INIT(LOG_MAX);
		json_t *key = json_sprintf("%s/web", item_name(pod)), *line;
		json_array_foreach(world_logs(cluster->world, item_uid(pod), "web", true), j, line)
			buf_printf(&text, "%s\n", item_text(line, "text"));
		json_object_set_new(logs, json_string_value(key), json_string(text.bytes));
		json_decref(key);
	}
	json_decref(list);
	return logs;
}

/* Whether `rows` ("22" or "35,40") holds the number. */
static bool
has_row(const char *rows, unsigned row)
{
	for (char *end; *rows; rows = *end ? end + 1 : end) {
		if (strtoul(rows, &end, 10) == row)
			return true;
	}
	return false;
}

static bool
is_diagnosed(const struct cluster *cluster, const char *rows, char *said, size_t size)
{
	json_t *sets = by_uid(cluster, KIND_REPLICA_SET), *pods = by_uid(cluster, KIND_POD);
	json_t *events = by_uid(cluster, KIND_EVENT), *nodes = by_uid(cluster, KIND_NODE);
	json_t *logs = previous_logs(cluster);
	const struct rollout_objects objects = {
		.deployment = world_get(cluster->world, KIND_DEPLOYMENT, "demo", "web"), .replica_sets = sets,
		.pods = pods, .events = events, .nodes = nodes, .logs = logs,
		.now_ms = clock_wall_ms(),
	};
	struct arena arena = {0};
	struct findings findings = diagnose(&objects, &arena);
	bool found = false;
	for (size_t i = 0; i < findings.count; i++) {
		found |= has_row(rows, findings.items[i].cause->row);
		snprintf(said, size, "%s (row %u)", findings.items[i].cause->code, findings.items[i].cause->row);
	}
	arena_release(&arena);
	json_decref(sets);
	json_decref(pods);
	json_decref(events);
	json_decref(nodes);
	json_decref(logs);
	return found;
}

static void
test_causes__are_named_by_the_diagnosis(void **state)
{
	(void)state;
	unsigned missed = 0;
	for (size_t i = 0; i < n_world_causes; i++) {
		const struct world_cause *cause = &world_causes[i];
		struct cluster cluster;
		struct error err;
		if (!strcmp(cause->rows, "-") || cause->stage == CAUSE_CONTROLLER)
			continue;
		open_cluster(&cluster);
		assert_true(world_break(cluster.world, cause->name, "demo", "web", &err));
		submit(&cluster);
		char said[120] = "nothing";
		bool found = false;
		for (int second = 0; second < 120 && !found; second++) {
			pass(&cluster, 1000);
			found = is_diagnosed(&cluster, cause->rows, said, sizeof(said));
		}
		if (!found)
			print_error("%s (row %s) was taken for %s\n", cause->name, cause->rows, said);
		missed += !found;
		close_cluster(&cluster);
	}
	assert_int_equal(missed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_causes__are_named_by_the_diagnosis),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The FIAAS operator of the emulated cluster: when it acts, what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/fiaas/options.h"
#include "core/fiaas/status_name.h"
#include "sandbox/world/parts.h"

struct cluster {
	struct loop *loop;
	struct store *store;
	struct world *world;
	struct fiaas_options fiaas;
	struct loop_timer stop;
	struct arena arena;
};

static void
stop_loop(struct loop_timer *timer)
{
	loop_stop(timer->data);
}

static void
pass(struct cluster *cluster, int64_t ms)
{
	enum { STEP_MS = 100 };
	for (; ms > 0; ms -= STEP_MS) {
		clock_advance(STEP_MS);
		cluster->stop = (struct loop_timer){.fire = stop_loop, .data = cluster->loop};
		loop_timer_set(cluster->loop, &cluster->stop, 0);
		loop_run(cluster->loop);
	}
}

static void
start_world(struct cluster *cluster, const struct world_options *options)
{
	cluster->world = world_start(cluster->loop, cluster->store, options);
	world_seed(cluster->world, "demo");
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
	start_world(cluster, &(struct world_options){.has_operator = true, .seed = 7, .fiaas = &cluster->fiaas});
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
	arena_release(&cluster->arena);
	free(cluster);
	return 0;
}

static void
restart(struct cluster *cluster, const struct world_options *options)
{
	world_stop(cluster->world);
	start_world(cluster, options);
}

static void
submit_config(struct cluster *cluster, const char *id, const char *tag, json_t *config)
{
	const json_t *old = world_get(cluster->world, KIND_APPLICATION, "demo", "shop");
	json_t *application = old ? world_copy(old) : json_pack("{s:{s:s, s:s}}", "metadata", "name", "shop",
	                                                        "namespace", "demo");
	item_set_label(application, "app", "shop");
	if (id)
		item_set_label(application, "fiaas/deployment_id", id);
	item_set(application, "spec", json_pack("{s:s, s:o, s:o}", "application", "shop", "image",
	                                        json_sprintf("example.com/shop:%s", tag), "config", config));
	world_put(cluster->world, KIND_APPLICATION, application);
}

static void
submit(struct cluster *cluster, const char *id, const char *tag)
{
	submit_config(cluster, id, tag, json_pack("{s:i, s:{s:i, s:i}}", "version", 3, "replicas", "minimum", 2,
	                                          "maximum", 2));
}

static const json_t *
status_of(struct cluster *cluster, const char *id)
{
	return world_get(cluster->world, KIND_APPLICATION_STATUS, "demo",
	                 fiaas_status_name(&cluster->arena, "shop", id));
}

static const char *
result_of(struct cluster *cluster, const char *id)
{
	return item_text(status_of(cluster, id), "result");
}

static bool
log_says(struct cluster *cluster, const char *id, const char *text)
{
	size_t i;
	json_t *line;
	json_array_foreach(item_at(status_of(cluster, id), "logs"), i, line) {
		if (strstr(json_string_value(line), text))
			return true;
	}
	return false;
}

static const json_t *
shop(const struct cluster *cluster)
{
	return world_get(cluster->world, KIND_DEPLOYMENT, "demo", "shop");
}

static void
test_operator__deploys_to_success(void **state)
{
	struct cluster *cluster = *state;
	submit(cluster, "d1", "1.0");
	pass(cluster, 100);
	assert_string_equal(result_of(cluster, "d1"), "INITIATED");
	pass(cluster, 200);
	assert_string_equal(result_of(cluster, "d1"), "RUNNING");
	assert_string_equal(item_label(shop(cluster), "fiaas/deployment_id"), "d1");
	pass(cluster, 30000);
	assert_string_equal(result_of(cluster, "d1"), "SUCCESS");
	assert_int_equal(item_integer(shop(cluster), "status/availableReplicas", 0), 2);
	const json_t *endpoints = world_get(cluster->world, KIND_ENDPOINTS, "demo", "shop");
	const json_t *subset = json_array_get(item_at(endpoints, "subsets"), 0);
	assert_int_equal(json_array_size(item_at(subset, "addresses")), 2);
	assert_true(log_says(cluster, "d1", "|   INFO] "));
	assert_true(log_says(cluster, "d1", "|demo/shop]"));
}

static void
test_operator__does_not_deploy_an_id_twice(void **state)
{
	struct cluster *cluster = *state;
	submit(cluster, "d1", "1.0");
	pass(cluster, 30000);
	submit(cluster, "d1", "2.0");
	pass(cluster, 30000);
	const json_t *container = json_array_get(item_at(shop(cluster), "spec/template/spec/containers"), 0);
	assert_string_equal(item_text(container, "image"), "example.com/shop:1.0");
	submit(cluster, "d2", "2.0");
	pass(cluster, 40000);
	container = json_array_get(item_at(shop(cluster), "spec/template/spec/containers"), 0);
	assert_string_equal(item_text(container, "image"), "example.com/shop:2.0");
	assert_string_equal(result_of(cluster, "d2"), "SUCCESS");
}

static void
test_operator__ignores_what_is_incomplete(void **state)
{
	struct cluster *cluster = *state;
	submit(cluster, NULL, "1.0");
	pass(cluster, 5000);
	assert_null(shop(cluster));
	submit_config(cluster, "d1", "1.0", json_null());
	pass(cluster, 5000);
	assert_null(status_of(cluster, "d1"));
}

static void
test_operator__refuses_an_invalid_config(void **state)
{
	struct cluster *cluster = *state;
	submit_config(cluster, "d1", "1.0", json_pack("{s:i}", "version", 17));
	pass(cluster, 5000);
	assert_string_equal(result_of(cluster, "d1"), "FAILED");
	assert_true(log_says(cluster, "d1", "|  ERROR] "));
	assert_null(shop(cluster));
}

static void
test_operator__times_out(void **state)
{
	struct cluster *cluster = *state;
	struct error err;
	assert_true(world_break(cluster->world, "not-ready", "demo", "shop", &err));
	submit(cluster, "d1", "1.0");
	pass(cluster, 199000);
	assert_string_equal(result_of(cluster, "d1"), "RUNNING");
	pass(cluster, 12000);
	assert_string_equal(result_of(cluster, "d1"), "FAILED");
	assert_true(log_says(cluster, "d1", "Timed out after 200 seconds waiting for shop to become ready"));
}

static void
test_operator__keeps_ten_statuses(void **state)
{
	struct cluster *cluster = *state;
	for (int i = 0; i < 12; i++) {
		char id[16];
		snprintf(id, sizeof(id), "d%d", i);
		submit(cluster, id, "1.0");
		pass(cluster, 1000);
	}
	json_t *statuses = world_list(cluster->world, KIND_APPLICATION_STATUS, "demo", NULL);
	assert_int_equal(json_array_size(statuses), 10);
	json_decref(statuses);
	assert_null(status_of(cluster, "d0"));
	assert_non_null(status_of(cluster, "d11"));
}

static void
test_operator__waits_before_it_acts(void **state)
{
	struct cluster *cluster = *state;
	restart(cluster, &(struct world_options){.has_operator = true, .operator_delay_ms = 5000, .seed = 7,
	                                         .fiaas = &cluster->fiaas});
	submit(cluster, "d1", "1.0");
	pass(cluster, 4900);
	assert_null(status_of(cluster, "d1"));
	pass(cluster, 500);
	assert_non_null(status_of(cluster, "d1"));
}

static void
test_operator__writes_the_inline_status(void **state)
{
	struct cluster *cluster = *state;
	restart(cluster, &(struct world_options){.has_operator = true, .include_status_in_app = true, .seed = 7,
	                                         .fiaas = &cluster->fiaas});
	submit(cluster, "d1", "1.0");
	pass(cluster, 30000);
	const json_t *application = world_get(cluster->world, KIND_APPLICATION, "demo", "shop");
	assert_string_equal(item_text(application, "status/result"), "SUCCESS");
	assert_string_equal(item_text(application, "status/deployment_id"), "d1");
	assert_int_equal(item_integer(application, "status/observedGeneration", 0), 1);
	assert_int_equal(json_array_size(item_at(application, "status/logs")), 0);
}

/* What is armed, what the status of "d1" says two minutes later, and of how many pods. */
static void
test_operator__breaks_as_told(void **state)
{
	static const struct {
		const char *cause, *result;
		int available;
	} rows[] = {
		{"operator-dead", "", 0},
		{"operator-fails", "FAILED", 0},
		{"operator-times-out", "FAILED", 2},
		{"status-never-closed", "RUNNING", 2},
		{"operator-slow", "SUCCESS", 2},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		void *own;
		struct error err;
		set_up(&own);
		struct cluster *cluster = own;
		assert_true(world_break(cluster->world, rows[i].cause, "demo", "shop", &err));
		submit(cluster, "d1", "1.0");
		pass(cluster, 50000);
		assert_true(strcmp(rows[i].cause, "operator-slow") != 0 || !status_of(cluster, "d1"));
		pass(cluster, 70000);
		assert_string_equal(result_of(cluster, "d1"), rows[i].result);
		assert_int_equal(item_integer(shop(cluster), "status/availableReplicas", 0), rows[i].available);
		tear_down(&own);
	}
}

static void
test_operator__goes_on_when_it_lives_again(void **state)
{
	struct cluster *cluster = *state;
	struct error err;
	assert_true(world_break(cluster->world, "operator-dead", "demo", "shop", &err));
	submit(cluster, "d1", "1.0");
	pass(cluster, 5000);
	world_heal(cluster->world, "operator-dead", "demo", "shop");
	pass(cluster, 30000);
	assert_string_equal(result_of(cluster, "d1"), "SUCCESS");
}

static void
test_operator__succeeds_before_the_crash(void **state)
{
	struct cluster *cluster = *state;
	struct error err;
	assert_true(world_break(cluster->world, "success-then-crash", "demo", "shop", &err));
	submit(cluster, "d1", "1.0");
	pass(cluster, 22000);
	assert_string_equal(result_of(cluster, "d1"), "SUCCESS");
	pass(cluster, 5000);
	assert_true(item_integer(shop(cluster), "status/availableReplicas", 0) < 2);
}

static void
test_operator__leaves_deleted_applications_alone(void **state)
{
	struct cluster *cluster = *state;
	submit(cluster, "d1", "1.0");
	pass(cluster, 3000);
	assert_non_null(shop(cluster));
	world_delete(cluster->world, KIND_APPLICATION, world_get(cluster->world, KIND_APPLICATION, "demo", "shop"));
	pass(cluster, 60000);
	assert_null(shop(cluster));
	assert_null(status_of(cluster, "d1"));
	assert_null(world_get(cluster->world, KIND_ENDPOINTS, "demo", "shop"));
}

static void
test_ingress__gets_an_address(void **state)
{
	struct cluster *cluster = *state;
	world_put(cluster->world, KIND_INGRESS,
	          json_pack("{s:{s:s, s:s}}", "metadata", "name", "shop", "namespace", "demo"));
	pass(cluster, 200);
	const json_t *ingress = world_get(cluster->world, KIND_INGRESS, "demo", "shop");
	assert_int_equal(json_array_size(item_at(ingress, "status/loadBalancer/ingress")), 1);
}

static void
test_operator__is_overtaken(void **state)
{
	struct cluster *cluster = *state;
	struct error err;
	assert_true(world_break(cluster->world, "superseded", "demo", "shop", &err));
	submit(cluster, "d1", "1.0");
	pass(cluster, 3000);
	assert_string_not_equal(item_label(shop(cluster), "fiaas/deployment_id"), "d1");
	pass(cluster, 60000);
	assert_int_equal(item_integer(shop(cluster), "status/availableReplicas", 0), 2);
}

int
main(void)
{
#define _(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		_(test_operator__deploys_to_success),
		_(test_operator__does_not_deploy_an_id_twice),
		_(test_operator__ignores_what_is_incomplete),
		_(test_operator__refuses_an_invalid_config),
		_(test_operator__times_out),
		_(test_operator__keeps_ten_statuses),
		_(test_operator__waits_before_it_acts),
		_(test_operator__writes_the_inline_status),
		_(test_operator__breaks_as_told),
		_(test_operator__goes_on_when_it_lives_again),
		_(test_operator__succeeds_before_the_crash),
		_(test_operator__leaves_deleted_applications_alone),
		_(test_ingress__gets_an_address),
		_(test_operator__is_overtaken),
	};
#undef _
	return cmocka_run_group_tests(tests, NULL, NULL);
}

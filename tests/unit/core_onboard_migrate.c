/* Every version 2 example, migrated: the same objects, but for the resources it had left unset. */
#include "core/onboard/migrate.h"

#include "fiaas_fixture.h"

static const char *const examples[] = {"default_health_check", "exec_config", "multiple_ports", "only_liveness",
                                       "single_tcp_port", "tcp_config", "tcp_ports", "v2bootstrap", "v2minimal"};

static char *
read_text(const char *name)
{
	char *text;
	size_t length;
	if (!file_read(arena_printf(&arena, "tests/fixtures/fiaas/examples/v2/%s.yml", name), FIXTURE_MAX, &arena, &text, &length, &err))
		fail_msg("%s", err.why);
	return text;
}

static json_t *
render_text(const char *text)
{
	json_t *rendered;
	config = yaml(text);
	application.config = config;
	if (!fiaas_render(&application, &options, &cluster, &arena, &rendered, &outcome, &err))
		fail_msg("%s", err.why);
	json_t *copy = json_deep_copy(rendered);
	json_decref(rendered);
	json_decref(config);
	config = NULL;
	return copy;
}

/* Without resources and the autoscaler that follows from them. */
static json_t *
without_resources(json_t *rendered)
{
	for (size_t i = json_array_size(rendered); i-- > 0;) {
		json_t *object = json_array_get(rendered, i);
		json_t *container = json_at(object, "spec.template.spec.containers.0");
		if (container != NULL)
			json_object_del(container, "resources");
		if (strcmp(json_text_or(object, "kind", ""), "HorizontalPodAutoscaler") == 0)
			json_array_remove(rendered, i);
	}
	return rendered;
}

static void
test_migrate__examples_make_the_same_objects(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(examples); i++) {
		const char *text = read_text(examples[i]);
		struct migration migration;
		if (!migrate(text, examples[i], NULL, &arena, &migration, &err))
			fail_msg("%s: %s", examples[i], err.why);
		assert_int_equal(migrate_version(migration.text), 3);
		json_t *before = render_text(text), *after = render_text(migration.text);
		if (migration.n_changes > 0) {
			before = without_resources(before);
			after = without_resources(after);
		}
		if (!json_equal(before, after))
			fail_msg("%s becomes\n%s", examples[i], migration.text);
		json_decref(before);
		json_decref(after);
	}
}

/* What the operator's own stripping would lose is kept. */
static void
test_migrate__keeps_what_is_false_or_empty(void **state)
{
	static const struct {
		const char *text, *kept;
	} rows[] = {
		{"version: 2\nprometheus: {enabled: false}\n", "enabled: false"},
		{"version: 2\nports: [{protocol: tcp, name: x, port: 9}]\n", "protocol: tcp"},
		{"version: 2\nhealthchecks: {liveness: {http: {path: /x}}, readiness: {http: {path: /_/ready}}}\n", "readiness"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		struct migration migration;
		assert_true(migrate(rows[i].text, "f", NULL, &arena, &migration, &err));
		if (strstr(migration.text, rows[i].kept) == NULL)
			fail_msg("row %zu: %s", i, migration.text);
	}
}

/* The API server refuses a request above its limit, and takes the limit for a request that is missing. */
static void
test_migrate__fills_quantities_that_fit(void **state)
{
	static const struct {
		const char *resources;
		const char *limit, *request; /* of memory; NULL: the default of version 3 is left to hold */
	} rows[] = {
		{"{}", NULL, NULL},
		{"{limits: {memory: 64Mi}}", "64Mi", "64Mi"},
		{"{requests: {memory: 2Gi}}", "2Gi", "2Gi"},
		{"{requests: {memory: 300Mi}}", NULL, "300Mi"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		struct migration migration;
		const char *text = arena_printf(&arena, "version: 2\nresources: %s\n", rows[i].resources);
		assert_true(migrate(text, "f", NULL, &arena, &migration, &err));
		json_t *v3 = yaml(migration.text);
		const char *limit = json_text_at(v3, "resources.limits.memory"), *request = json_text_at(v3, "resources.requests.memory");
		if (rows[i].limit == NULL ? limit != NULL : limit == NULL || strcmp(limit, rows[i].limit) != 0)
			fail_msg("row %zu: limit in %s", i, migration.text);
		if (rows[i].request == NULL ? request != NULL : request == NULL || strcmp(request, rows[i].request) != 0)
			fail_msg("row %zu: request in %s", i, migration.text);
		assert_true(migration.n_changes > 0);
		json_decref(v3);
	}
}

/* A quantity of several lines is a value of the new file, and cannot become a line of it: YAML breaks lines
 * at U+0085, U+2028 and U+2029 too. */
static void
test_migrate__quantity_stays_in_its_comment(void **state)
{
	static const char *const breaks[] = {"\\n", "\\r", "\\x85", "\\u2028", "\\u2029"};
	(void)state;
	for (size_t i = 0; i < array_length(breaks); i++) {
		struct migration migration;
		const char *text = arena_printf(&arena, "version: 2\nresources: {limits: {memory: \"1Gi%sreplicas: 99\"}}\n",
		                                breaks[i]);
		assert_true(migrate(text, "f", NULL, &arena, &migration, &err));
		json_t *v3 = yaml(migration.text);
		assert_int_equal(json_int_at(v3, "version", 0), 3);
		assert_int_not_equal(json_int_at(v3, "replicas", 0), 99);
		json_decref(v3);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_migrate__examples_make_the_same_objects, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_migrate__keeps_what_is_false_or_empty, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_migrate__fills_quantities_that_fit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_migrate__quantity_stays_in_its_comment, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

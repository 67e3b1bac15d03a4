#include "core/fiaas/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct error err;
static struct fiaas_options options;

static int
set_up(void **state)
{
	(void)state;
	fiaas_options_init(&options);
	err = (struct error){0};
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static bool
set(const char *assignment)
{
	return fiaas_options_set_texts(&options, &assignment, 1, &arena, &err);
}

static bool
set_json(const char *text)
{
	json_t *values = json_loads(text, 0, NULL);
	assert_non_null(values);
	bool done = fiaas_options_set_json(&options, values, &arena, &err);
	json_decref(values);
	return done;
}

static void
test_options__start_with_the_defaults(void **state)
{
	(void)state;
	assert_string_equal(options.log_format, "plain");
	assert_string_equal(options.service_type, "ClusterIP");
	assert_null(options.environment);
	assert_string_equal(options.deployment_max_surge.text, "25%");
	assert_null(options.deployment_max_unavailable.text);
	assert_int_equal(options.pdb_max_unavailable.number, 1);
	assert_int_equal(options.ready_check_timeout_multiplier, 10);
	assert_int_equal(options.ingress_suffix.count, 0);
}

static void
test_options__the_first_equals_sign_splits(void **state)
{
	(void)state;
	assert_true(set("secret_init_containers=parameter-store=registry/image:1"));
	assert_int_equal(options.secret_init_containers.count, 1);
	assert_string_equal(options.secret_init_containers.items[0].key, "parameter-store");
	assert_string_equal(options.secret_init_containers.items[0].value, "registry/image:1");
}

static void
test_options__pairs_have_exactly_one_equals_sign(void **state)
{
	(void)state;
	assert_false(set("global-env=A=B=C"));
	assert_string_equal(err.why,
	                    "FIAAS option global-env takes KEY=VALUE with exactly one \"=\", not \"A=B=C\"");
	assert_false(set("global-env=A"));
	assert_true(set("global-env=A="));
}

static void
test_options__repeating_adds_and_the_command_line_beats_the_file(void **state)
{
	const char *both[] = {"ingress-suffix=a.example", "ingress_suffix=b.example"};
	(void)state;
	assert_true(set_json("{\"ingress_suffix\": [\"file.example\", \"file2.example\"]}"));
	assert_int_equal(options.ingress_suffix.count, 2);
	assert_true(fiaas_options_set_texts(&options, both, 2, &arena, &err));
	assert_int_equal(options.ingress_suffix.count, 2);
	assert_string_equal(options.ingress_suffix.items[0], "a.example");
	assert_string_equal(options.ingress_suffix.items[1], "b.example");
}

static void
test_options__a_later_pair_of_the_same_key_wins(void **state)
{
	const char *both[] = {"global-env=A=1", "global-env=A=2"};
	(void)state;
	assert_true(fiaas_options_set_texts(&options, both, 2, &arena, &err));
	assert_int_equal(options.global_env.count, 1);
	assert_string_equal(options.global_env.items[0].value, "2");
}

static void
test_options__file_values_may_be_scalars_lists_and_maps(void **state)
{
	(void)state;
	assert_true(set_json("{\"global-env\": {\"A\": \"x\", \"B\": 2}, \"pre_stop_delay\": 5,"
	                     "\"use_networkingv1_ingress\": true, \"ingress-suffix\": \"one.example\","
	                     "\"deployment-max-unavailable\": \"10%\", \"environment\": null}"));
	assert_int_equal(options.global_env.count, 2);
	assert_string_equal(options.global_env.items[1].value, "2");
	assert_int_equal(options.pre_stop_delay, 5);
	assert_true(options.use_networkingv1_ingress);
	assert_string_equal(options.ingress_suffix.items[0], "one.example");
	assert_string_equal(options.deployment_max_unavailable.text, "10%");
}

static void
test_options__an_unknown_one_names_the_nearest(void **state)
{
	(void)state;
	assert_false(set("ingress-sufix=a"));
	assert_string_equal(err.why, "FIAAS has no option \"ingress-sufix\"");
	assert_string_equal(err.next, "did you mean ingress-suffix?");
}

static void
test_options__others_of_the_operator_are_accepted(void **state)
{
	(void)state;
	assert_true(set("port=5001"));
	assert_true(set("enable-crd-support"));
	assert_true(set_json("{\"proxy\": \"http://proxy\", \"debug\": [1]}"));
}

static void
test_options__bad_values_are_refused(void **state)
{
	static const char *const bad[] = {
		"log-format=pla",  "log-format=",  "log-format=plain json", "service-type=clusterip",
		"pre-stop-delay=-1", "pre-stop-delay=x", "pre-stop-delay=99999999999",
		"use-ingress-tls=on", "use-in-memory-emptydirs=yes", "deployment-max-surge=a%",
		"deployment-max-surge=%", "ingress-suffix=", "environment", "ingress-suffix",
	};
	(void)state;
	for (size_t i = 0; i < array_length(bad); i++)
		if (set(bad[i]))
			fail_msg("%s was accepted", bad[i]);
	assert_false(set_json("{\"environment\": [\"a\"]}"));
	assert_false(set_json("{\"environment\": {\"a\": 1}}"));
	assert_false(set_json("{\"ingress_suffix\": [[\"a\"]]}"));
	assert_false(set_json("{\"global_env\": {\"a=b\": \"1\"}}"));
	assert_false(set_json("[]"));
}

static void
test_options__an_empty_text_unsets(void **state)
{
	(void)state;
	assert_true(set("environment=dev"));
	assert_true(set("environment="));
	assert_null(options.environment);
}

static void
test_options__every_row_is_described(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_fiaas_option_table; i++) {
		const struct fiaas_option *option = &fiaas_option_table[i];
		assert_true(strlen(option->sentence) > 5);
		assert_ptr_equal(fiaas_option_find(option->name), option);
		assert_int_equal(option->type == FIAAS_OPTION_CHOICE, option->choices != NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_options__start_with_the_defaults, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_options__the_first_equals_sign_splits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_options__pairs_have_exactly_one_equals_sign, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(
			test_options__repeating_adds_and_the_command_line_beats_the_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_options__a_later_pair_of_the_same_key_wins, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(test_options__file_values_may_be_scalars_lists_and_maps, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(test_options__an_unknown_one_names_the_nearest, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(test_options__others_of_the_operator_are_accepted, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(test_options__bad_values_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_options__an_empty_text_unsets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_options__every_row_is_described, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("core/fiaas/options", tests, NULL, NULL);
}

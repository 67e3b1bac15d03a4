#include "data/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static json_t *
sample(void)
{
	return json_pack("{s:{s:[{s:s,s:i,s:b,s:f},i]},s:{s:s},s:n}", "spec", "items", "image", "a/b:1", "port",
	                 8080, "on", 1, "cpu", 0.5, 7, "labels", "a.b/c", "x", "none");
}

static void
test_json__paths_walk_maps_and_lists(void **state)
{
	scoped(json_release) json_t *root = sample();
	(void)state;
	assert_string_equal(json_text_at(root, "spec.items.0.image"), "a/b:1");
	assert_int_equal(json_int_at(root, "spec.items.0.port", 1), 8080);
	assert_true(json_bool_at(root, "spec.items.0.on", false));
	assert_true(json_number_at(root, "spec.items.0.cpu", 0) == 0.5);
	assert_string_equal(json_text_at(root, "labels.a\\.b/c"), "x");
	assert_non_null(json_list_at(root, "spec.items"));
	assert_non_null(json_map_at(root, "spec"));
}

static void
test_json__what_is_not_there_gives_the_fallback(void **state)
{
	scoped(json_release) json_t *root = sample();
	(void)state;
	assert_null(json_text_at(root, "spec.items.2.image"));
	assert_null(json_text_at(root, "spec.items.x"));
	assert_null(json_text_at(NULL, "a.b"));
	assert_null(json_at(root, "none"));
	assert_string_equal(json_text_or(root, "spec.items.0.port", "no text"), "no text");
	assert_int_equal(json_int_at(root, "spec.items.0.image", 7), 7);
	assert_false(json_bool_at(root, "spec.items.0.port", false));
	assert_null(json_map_at(root, "spec.items"));
	assert_null(json_list_at(root, "spec"));
}

static void
test_json__one_whole_value_or_a_message_with_the_place(void **state)
{
	struct arena arena = {0};
	struct error err = {0};
	json_t *value = NULL;
	(void)state;
	assert_true(json_parse("[1]", 3, "the answer", &value, &err));
	assert_string_equal(json_write(value, &arena), "[1]");
	json_release(&value);
	assert_null(value);
	assert_false(json_parse("<html>", 6, "the answer", &value, &err));
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
	assert_non_null(strstr(err.why, "the answer is not JSON: line 1, column 1"));
	assert_false(json_parse("{\"a\":", 5, "it", &value, &err));
	assert_false(json_parse("1 2", 3, "it", &value, &err));
	assert_null(value);
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json__paths_walk_maps_and_lists),
		cmocka_unit_test(test_json__what_is_not_there_gives_the_fallback),
		cmocka_unit_test(test_json__one_whole_value_or_a_message_with_the_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

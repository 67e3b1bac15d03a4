#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
test_error__outer_words_push_inner_ones_to_why(void **state)
{
	struct error err;
	(void)state;
	assert_false(error_set(&err, ERROR_FORBIDDEN, "GET /pipelines/shop: HTTP %d", 403));
	assert_false(error_doing(&err, "reading the pipeline"));
	assert_false(error_doing(&err, "deploying %s", "shop"));
	assert_string_equal(err.what, "deploying shop");
	assert_string_equal(err.why, "reading the pipeline: GET /pipelines/shop: HTTP 403");
}

static void
test_error__the_nearest_next_step_wins(void **state)
{
	struct error err;
	(void)state;
	error_put(&err, ERROR_NOT_LOGGED_IN, "no token");
	assert_false(error_next(&err, "paas login spinnaker"));
	assert_false(error_next(&err, "ask somebody"));
	assert_string_equal(err.next, "paas login spinnaker");
}

static void
test_error__long_text_is_cut_between_characters(void **state)
{
	struct error err;
	char text[1001];
	(void)state;
	for (size_t i = 0; i + 1 < sizeof text; i += 2)
		memcpy(text + i, "é", 2);
	text[1000] = '\0';
	error_put(&err, ERROR_FAILED, "%s", text);
	size_t length = strlen(err.why);
	assert_true(length < sizeof err.why);
	assert_string_equal(err.why + length - 3, "…");
	assert_memory_equal(err.why + length - 5, "é", 2);
}

static void
test_error__a_fresh_error_forgets_the_old_one(void **state)
{
	struct error err;
	(void)state;
	error_put(&err, ERROR_FAILED, "first");
	error_put_next(&err, "step");
	error_put_source(&err, "registry", "image", "https://r");
	error_put(&err, ERROR_NOT_FOUND, "second");
	assert_string_equal(err.next, "");
	assert_string_equal(err.source.system, "");
	assert_string_equal(err.why, "second");
}

static void
test_error__names_and_exit_statuses_come_from_the_table(void **state)
{
	(void)state;
	assert_int_equal(error_kind(ERROR_TIMED_OUT)->exit_status, 8);
	assert_string_equal(error_kind(ERROR_DEPLOY_UNHEALTHY)->name, "deploy-unhealthy");
	assert_int_equal(error_code_from_name("superseded"), ERROR_SUPERSEDED);
	assert_int_equal(error_code_from_name("no-such"), ERROR_NONE);
	for (int code = 1; code < ERROR_COUNT; code++)
		assert_int_equal(error_code_from_name(error_kind((enum error_code)code)->name), code);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error__outer_words_push_inner_ones_to_why),
		cmocka_unit_test(test_error__the_nearest_next_step_wins),
		cmocka_unit_test(test_error__long_text_is_cut_between_characters),
		cmocka_unit_test(test_error__a_fresh_error_forgets_the_old_one),
		cmocka_unit_test(test_error__names_and_exit_statuses_come_from_the_table),
	};
	return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}

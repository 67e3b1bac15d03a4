#include "net/challenge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int
release(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void
test_challenge__is_read_with_its_strings(void **state)
{
	struct challenge got[4];
	(void)state;
	assert_int_equal(challenge_parse("Bearer realm=\"https://a/t\",service=reg , scope=\"repository:x:pull,push\"",
	                                 &arena, got, 4), 1);
	assert_string_equal(got[0].scheme, "Bearer");
	assert_string_equal(challenge_parameter(&got[0], "REALM"), "https://a/t");
	assert_string_equal(challenge_parameter(&got[0], "service"), "reg");
	assert_string_equal(challenge_parameter(&got[0], "scope"), "repository:x:pull,push");
	assert_null(challenge_parameter(&got[0], "error"));
}

static void
test_challenge__many_in_one_header(void **state)
{
	struct challenge got[4];
	(void)state;
	assert_int_equal(challenge_parse("Negotiate, Basic realm=\"a \\\"b\\\", c\" ,Bearer realm = \"x\", NTLM abc==", &arena,
	                                 got, 4), 4);
	assert_string_equal(got[0].scheme, "Negotiate");
	assert_int_equal(got[0].n_parameters, 0);
	assert_string_equal(challenge_parameter(&got[1], "realm"), "a \"b\", c");
	assert_string_equal(challenge_parameter(&got[2], "realm"), "x");
	assert_string_equal(got[3].scheme, "NTLM");
	assert_int_equal(challenge_parse("a, b, c, d, e, f", &arena, got, 4), 4);
}

static void
test_challenge__nonsense_is_passed_over(void **state)
{
	static const char *const rows[] = {"", ",,,", "\"", "=", "Bearer realm=\"unfinished \\", "\x01\x80", "Bearer =,=",
	                                   "realm=\"nobody's\""};
	struct challenge got[4];
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		size_t n = challenge_parse(rows[i], &arena, got, 4);
		assert_in_range(n, 0, 1);
	}
	char many[4096] = "Bearer ";
	for (int i = 0; i < 100; i++)
		strncat(many, "a=b,", sizeof many - strlen(many) - 1);
	assert_int_equal(challenge_parse(many, &arena, got, 4), 1);
	assert_int_equal(got[0].n_parameters, CHALLENGE_PARAMETERS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_challenge__is_read_with_its_strings),
		cmocka_unit_test(test_challenge__many_in_one_header),
		cmocka_unit_test(test_challenge__nonsense_is_passed_over),
	};
	return cmocka_run_group_tests_name("net/challenge", tests, NULL, release);
}

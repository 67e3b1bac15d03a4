/* The end of a CI job's log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "role/ci_log.h"

static struct arena arena;

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static const char *
end_of(const char *text, size_t n_lines)
{
	return ci_log_end(text, strlen(text), n_lines, &arena);
}

static void
test_ci_log__ends_github_s_at_what_failed(void **state)
{
	(void)state;
	static const char log[] =
		"\xef\xbb\xbf" "2026-11-24T10:00:00.1234567Z ##[group]Run make\r\n"
		"2026-11-24T10:00:00.2234567Z \033[36;1mmake\033[0m\r\n"
		"2026-11-24T10:00:00.3234567Z ##[endgroup]\r\n"
		"2026-11-24T10:00:01.0000000Z cc: no such file\r\n"
		"2026-11-24T10:00:02.0000000Z ##[error]Process completed with exit code 2.\r\n"
		"2026-11-24T10:00:03.0000000Z Post job cleanup.\r\n";
	assert_string_equal(end_of(log, 20), "Run make\nmake\ncc: no such file\nProcess completed with exit code 2.\n");
	assert_string_equal(end_of(log, 1), "Process completed with exit code 2.\n");
}

static void
test_ci_log__takes_travis_s_folds_out(void **state)
{
	(void)state;
	assert_string_equal(end_of("travis_fold:start:script\r\033[0Ktravis_time:start:1\r\033[0K$ make test\r\n"
	                           "not ok 7\r\n"
	                           "travis_time:end:1:start=1,finish=2\r\033[0K\n"
	                           "The command \"make test\" exited with 2.\n\n"
	                           "Done. Your build exited with 1.\n", 20),
	                    "$ make test\nnot ok 7\nThe command \"make test\" exited with 2.\nDone. Your build exited with 1.\n");
}

static void
test_ci_log__is_harmless_and_bounded(void **state)
{
	(void)state;
	char *many = arena_alloc(&arena, 70001), *shown;
	assert_string_equal(end_of("", 5), "");
	assert_string_equal(end_of("\033", 5), "");
	assert_string_equal(end_of("\033[31", 5), "");
	assert_string_equal(end_of("\033[2@a\033[3~b\033[?25hc", 5), "abc\n"); /* the first and the last letters of ECMA-48 */
	assert_string_equal(end_of("a\033]0;owned\007b\001\177c\td\033[2J", 5), "a]0;ownedbc\td\n");
	assert_string_equal(end_of("2026-11-24T10:00:00Z", 5), "2026-11-24T10:00:00Z\n");
	assert_string_equal(ci_log_end("a\0b\n", 4, 5, &arena), "ab\n");
	memset(many, 'x', 70000);
	assert_int_equal(strlen(end_of(many, 5)), 2001);
	for (size_t i = 1; i < 70000; i += 2)
		many[i] = '\n';
	shown = (char *)(uintptr_t)end_of(many, 100000);
	assert_int_equal(strlen(shown), 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_ci_log__ends_github_s_at_what_failed, tear_down),
		cmocka_unit_test_teardown(test_ci_log__takes_travis_s_folds_out, tear_down),
		cmocka_unit_test_teardown(test_ci_log__is_harmless_and_bounded, tear_down),
	};
	return cmocka_run_group_tests_name("role/ci_log", tests, NULL, NULL);
}

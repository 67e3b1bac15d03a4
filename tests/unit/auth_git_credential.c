#include "auth/git_credential.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct error err;

static int
release(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static bool
read_question(const char *text, size_t length, struct git_question *ret)
{
	scoped(secret_release) struct secret *input = secret_new(text, length);
	return git_question_read(input, &arena, ret, &err);
}

static void
test_question__reads_what_git_says(void **state)
{
	static const char text[] = "capability[]=authtype\nprotocol=https\nhost=GHE.acme.example\npath=a=b\nusername=ada\n"
	                           "password=p=w\nwwwauth[]=Basic\nwwwauth[]=Bearer\n\nhost=evil.example\n";
	scoped(git_question_release) struct git_question question = {0};
	(void)state;
	assert_true(read_question(text, sizeof text - 1, &question));
	assert_string_equal(question.origin, "https://ghe.acme.example:443");
	assert_string_equal(question.username, "ada");
	assert_true(secret_length(question.password) == 3);
}

/* Lessons 2 and 5: both are needed, and there is no credential over a line that others read. */
static void
test_question__has_an_origin_or_none(void **state)
{
	static const struct {
		const char *text, *origin;
	} rows[] = {
		{"protocol=https\nhost=h.example\n", "https://h.example:443"},
		{"protocol=https\nhost=h.example:8443", "https://h.example:8443"},
		{"protocol=http\nhost=localhost:80\n\n", "http://localhost:80"},
		{"protocol=http\nhost=[::1]:8080\n", "http://[::1]:8080"},
		{"protocol=http\nhost=h.example\n", NULL},
		{"protocol=http\nhost=localhost.evil.example\n", NULL},
		{"protocol=ssh\nhost=h.example\n", NULL},
		{"protocol=\nhost=h.example\n", NULL},
		{"host=h.example\n", NULL},
		{"protocol=https\nhost=\n", NULL},
		{"protocol=https\n", NULL},
		{"protocol=https\nhost=ada@h.example\n", NULL},
		{"protocol=https\nhost=h.example/path\n", NULL},
		{"protocol=https\nhost=h.example%0ahost\n", NULL},
		{"", NULL},
		{"\nprotocol=https\nhost=h.example\n", NULL},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		scoped(git_question_release) struct git_question question = {0};
		assert_true(read_question(rows[i].text, strlen(rows[i].text), &question));
		if (rows[i].origin == NULL)
			assert_null(question.origin);
		else
			assert_string_equal(question.origin, rows[i].origin);
	}
}

#define ROW(text) {text, sizeof text - 1}

/* Lessons 1, 2 and 4. */
static void
test_question__is_refused(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} rows[] = {
		ROW("protocol=https\r\nhost=h.example\r\n"), ROW("protocol=https\nhost=h.example\r\n"),
		ROW("protocol=https\nhost=h\rexample\n"), ROW("protocol=https\nhost=h.example\0.evil.example\n"),
		ROW("protocol=https\nhost=h.example\npath=\033[2J\n"), ROW("protocol=https\nhost=h.example\nunknown=\177\n"),
		ROW("host=evil.example\nprotocol=https\nhost=h.example\n"), ROW("protocol=https\nprotocol=https\nhost=h.example\n"),
		ROW("host=\nprotocol=https\nhost=h.example\n"), ROW("protocol=https\nhost\n"),
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		scoped(git_question_release) struct git_question question = {0};
		assert_false(read_question(rows[i].text, rows[i].length, &question));
		assert_int_equal(err.code, ERROR_USAGE);
	}
}

static bool
compose(const char *username, const char *password, int64_t expires_at_ms, const char *expected)
{
	scoped(secret_release) struct secret *token = secret_new(password, strlen(password)), *answer = NULL, *wanted = NULL;
	if (!git_answer_compose(username, token, expires_at_ms, &answer, &err))
		return false;
	wanted = secret_new(expected, strlen(expected));
	assert_true(secret_equals(answer, wanted));
	return true;
}

static void
test_answer__says_until_when_it_counts(void **state)
{
	(void)state;
	assert_true(compose("ada", "tok", 0, "username=ada\npassword=tok\n"));
	assert_true(compose("ada", "tok", 1700000000999, "username=ada\npassword=tok\npassword_expiry_utc=1700000000\n"));
}

/* Lesson 4, the other way. */
static void
test_answer__begins_no_other_line(void **state)
{
	static const char *const rows[][2] = {
		{"a\nhost=x", "tok"}, {"a\rb", "tok"}, {"ada", "t\nok"}, {"ada", "t\rok"}, {"ada", "tok\033"}};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		assert_false(compose(rows[i][0], rows[i][1], 0, ""));
		assert_int_equal(err.code, ERROR_USAGE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_question__reads_what_git_says),
		cmocka_unit_test(test_question__has_an_origin_or_none),
		cmocka_unit_test(test_question__is_refused),
		cmocka_unit_test(test_answer__says_until_when_it_counts),
		cmocka_unit_test(test_answer__begins_no_other_line),
	};
	return cmocka_run_group_tests(tests, NULL, release);
}

/* What a log line says: when, how bad, and readably. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "core/logs/cursor.h"
#include "core/logs/level.h"
#include "core/logs/line.h"
#include "core/logs/pretty.h"

/* ---- time ---- */

static const struct {
	const char *line;
	int64_t time_ns;
	const char *text;
} lines[] = {
	{"1970-01-01T00:00:01Z a", 1000000000, "a"},
	{"1970-01-01T00:00:01.5Z a b", 1500000000, "a b"},
	{"1970-01-01T00:00:01.123456789Z a", 1123456789, "a"},
	{"1970-01-01T00:00:01.1234567890Z a", -1, "1970-01-01T00:00:01.1234567890Z a"}, /* ten digits are no time */
	{"1970-01-01T01:00:01.000000001+01:00 a", 1000000001, "a"},
	{"1969-12-31T23:00:01-01:00 a", -1, "1969-12-31T23:00:01-01:00 a"}, /* before 1970 */
	{"1970-01-01T00:00:01Z", 1000000000, ""},
	{"1970-01-01T00:00:01Z ", 1000000000, ""},
	{"1970-01-01T00:00:01.123456789Z ", 1123456789, ""},
	{"1970-01-01T00:00:01.123456789Zx", -1, "1970-01-01T00:00:01.123456789Zx"},
	{"1970-01-01T00:00:01.12345678xZ a", -1, "1970-01-01T00:00:01.12345678xZ a"},
	{"1970-01-01T00:00:01.1234/6789Z a", -1, "1970-01-01T00:00:01.1234/6789Z a"},
	{"1970-01-01T00:00:01.1234:6789Z a", -1, "1970-01-01T00:00:01.1234:6789Z a"},
	{"9999-01-01T00:00:01Z a", -1, "9999-01-01T00:00:01Z a"}, /* more nanoseconds than there are */
	{"1970-01-01 00:00:01Z a", -1, "1970-01-01 00:00:01Z a"},
	{"rpc error: code = Unknown", -1, "rpc error: code = Unknown"},
	{"", -1, ""},
};

static void
test_line__takes_its_time_off(void **state)
{
	struct log_time_cache cache = {0};
	(void)state;
	/* Twice: the second is parsed, then remembered. */
	for (size_t i = 0; i < 2 * array_length(lines); i++) {
		size_t at = i / 2;
		struct log_line line;
		log_line_parse(lines[at].line, strlen(lines[at].line), &cache, &line);
		assert_int_equal(line.time_ns, lines[at].time_ns);
		assert_int_equal(line.length, strlen(lines[at].text));
		assert_memory_equal(line.text, lines[at].text, line.length);
	}
}

/* ---- cursor ---- */

static bool
takes(struct log_cursor *cursor, int64_t time_ns)
{
	int64_t gap_ns;
	return log_cursor_takes(cursor, time_ns, &gap_ns);
}

static void
test_cursor__drops_what_was_seen_of_the_second(void **state)
{
	struct log_cursor cursor = {0};
	static const int64_t seen[] = {999999999, 1000000000, 1000000005, 1000000005};
	(void)state;
	for (size_t i = 0; i < array_length(seen); i++)
		assert_true(takes(&cursor, seen[i]));
	log_cursor_resume(&cursor);
	assert_int_equal(cursor.second, 1);
	assert_false(takes(&cursor, 1000000000)); /* the server begins at the second */
	assert_false(takes(&cursor, 1000000005));
	assert_false(takes(&cursor, 1000000005));
	assert_true(takes(&cursor, 1000000005)); /* a third of that time is new */
	assert_true(takes(&cursor, -1));
}

static void
test_cursor__tells_a_gap_when_lines_are_gone(void **state)
{
	struct log_cursor cursor = {0};
	int64_t gap_ns;
	(void)state;
	assert_true(takes(&cursor, 1000000000));
	assert_true(takes(&cursor, 1000000001));
	log_cursor_resume(&cursor);
	assert_false(log_cursor_takes(&cursor, 1000000001, &gap_ns)); /* the first was rotated away, we had it */
	assert_true(log_cursor_takes(&cursor, 1000000002, &gap_ns));
	assert_int_equal(gap_ns, 0);
	log_cursor_resume(&cursor);
	assert_true(log_cursor_takes(&cursor, 5000000002, &gap_ns));
	assert_int_equal(gap_ns, 4000000000);
}

static void
test_cursor__after_a_tail_counts_only_the_newest_time(void **state)
{
	struct log_cursor cursor = {.is_partial = true};
	(void)state;
	assert_true(takes(&cursor, 1000000003));
	log_cursor_resume(&cursor);
	assert_false(takes(&cursor, 1000000001)); /* before the tail: never seen, not wanted */
	assert_false(takes(&cursor, 1000000003));
	assert_true(takes(&cursor, 1000000004));
}

/* ---- level ---- */

static void
test_level__is_read_from_fields_letters_and_words(void **state)
{
	static const struct {
		const char *line;
		enum log_level level;
	} rows[] = {
		{"{\"level\":\"warn\",\"msg\":\"x\"}", LOG_LEVEL_WARN}, {"{\"severity\": \"ERROR\"}", LOG_LEVEL_ERROR},
		{"{\"level\":50,\"msg\":\"x\"}", LOG_LEVEL_ERROR},      {"ts=1 level=debug msg=x", LOG_LEVEL_DEBUG},
		{"lvl=crit", LOG_LEVEL_FATAL},                           {"E0102 15:04:05.6 x.go:1] failed", LOG_LEVEL_ERROR},
		{"I0102 15:04:05.6 x.go:1] fine", LOG_LEVEL_INFO},       {"2026-11-24 10:00 [main] WARNING low", LOG_LEVEL_WARN},
		{"10:00 INFO started with ERROR_RATE", LOG_LEVEL_INFO},  {"an error was averted", LOG_LEVEL_NONE},
		{"sublevel=error", LOG_LEVEL_NONE},                      {"level", LOG_LEVEL_NONE},
		{"level=", LOG_LEVEL_NONE},                              {"\"level\":\"", LOG_LEVEL_NONE},
		{"E010", LOG_LEVEL_NONE},                                {"", LOG_LEVEL_NONE},
		{"got 50 of 60", LOG_LEVEL_NONE},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++)
		assert_int_equal(log_level_of(rows[i].line, strlen(rows[i].line)), rows[i].level);
}

/* ---- pretty ---- */

static void
test_pretty__shows_structured_lines_and_leaves_the_others(void **state)
{
	static const struct {
		const char *line, *shown; /* NULL: left as it is */
	} rows[] = {
		{"{\"level\":\"info\",\"msg\":\"a b\",\"n\":1,\"t\":true,\"o\":{\"k\":[1]},\"time\":\"now\"}", "INFO  a b n=1 t=true o={\"k\":[1]}"},
		{"{\"message\":\"m\",\"s\":\"with blank\",\"e\":\"\"}", "m s=\"with blank\" e=\"\""},
		{"level=error msg=\"it \\\"failed\\\"\" path=/a/b", "ERROR it \"failed\" path=/a/b"},
		{"{\"a\":1,\"a\":2}", NULL},
		{"{\"unfinished\":", NULL},
		{"[1,2]", NULL},
		{"x = y", NULL},
		{"only=one", NULL},
		{"a=1 b=\"open", NULL},
		{"a=1 text", NULL},
		{"a=1 b=\xff", NULL},
		{"", NULL},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		struct buf shown = BUF_INIT(1000);
		assert_int_equal(log_pretty_add(&shown, rows[i].line, strlen(rows[i].line)), rows[i].shown != NULL);
		assert_string_equal(shown.bytes, rows[i].shown != NULL ? rows[i].shown : "");
		buf_release(&shown);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line__takes_its_time_off),
		cmocka_unit_test(test_cursor__drops_what_was_seen_of_the_second),
		cmocka_unit_test(test_cursor__tells_a_gap_when_lines_are_gone),
		cmocka_unit_test(test_cursor__after_a_tail_counts_only_the_newest_time),
		cmocka_unit_test(test_level__is_read_from_fields_letters_and_words),
		cmocka_unit_test(test_pretty__shows_structured_lines_and_leaves_the_others),
	};
	return cmocka_run_group_tests_name("core/logs/line", tests, NULL, NULL);
}

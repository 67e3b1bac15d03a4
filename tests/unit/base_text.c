/* The small readers of text: clock, number, similar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/similar.h"

static void
test_clock__reads_what_servers_write(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2026-01-02T03:04:05Z", 1767323045000},
		{"2026-01-02T03:04:05.123456789Z", 1767323045123},
		{"2026-01-02T03:04:05.1Z", 1767323045100},
		{"2026-01-02T05:04:05+02:00", 1767323045000},
		{"2026-01-01T21:34:05-05:30", 1767323045000},
		{"Fri, 02 Jan 2026 03:04:05 GMT", 1767323045000},
		{"2026-01-02", -1},
		{"2026-01-02T03:04:05", -1},
		{"2026-01-02T03:04:05+02", -1},
		{"2026-01-02T03:04:05Zx", -1},
		{"", -1},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++)
		if (clock_parse_ms(rows[i].text) != rows[i].ms)
			fail_msg("%s: %lld", rows[i].text, (long long)clock_parse_ms(rows[i].text));
}

static void
test_clock__writes_what_it_reads(void **state)
{
	char text[CLOCK_TEXT_BYTES];
	(void)state;
	assert_string_equal(clock_format(1767323045123, text), "2026-01-02T03:04:05Z");
	assert_string_equal(clock_format_duration(850, text), "850 ms");
	assert_string_equal(clock_format_duration(41000, text), "41 s");
	assert_string_equal(clock_format_age(41000, text), "41 s");
	assert_string_equal(clock_format_age(850, text), "0 s");
	assert_string_equal(clock_format_age(-5000, text), "0 s");
	assert_string_equal(clock_format_duration(60000, text), "1 min");
	assert_string_equal(clock_format_duration(185999, text), "3 min 5 s");
	assert_string_equal(clock_format_duration(7800000, text), "2 h 10 min");
	assert_string_equal(clock_format_duration(-5, text), "0 ms");
}

static void
test_clock__stands_still_for_tests(void **state)
{
	(void)state;
	clock_freeze(1000);
	assert_int_equal(clock_wall_ms(), 1000);
	clock_advance(500);
	assert_int_equal(clock_monotonic_ms(), 1500);
}

static void
test_number__is_read_whole_or_refused(void **state)
{
	struct error err;
	uint64_t value = 7;
	(void)state;
	assert_true(number_parse_u64("0", 0, 10, &value, &err));
	assert_int_equal(value, 0);
	assert_true(number_parse_u64("18446744073709551615", 0, UINT64_MAX, &value, &err));
	static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1x", "11", "18446744073709551616", "0x1"};
	for (size_t i = 0; i < array_length(bad); i++)
		assert_false(number_parse_u64(bad[i], 0, 10, &value, &err));
	assert_int_equal(err.code, ERROR_USAGE);
}

static void
test_number__reads_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {{"90s", 90000}, {"15m", 900000}, {"2h30m", 9000000}, {"250ms", 250}, {"1d", 86400000}, {"0", 0}};
	static const char *const bad[] = {"", "5", "s", "5 m", "1h-1m", "1w", "99999999999999999999s", "1.5h"};
	struct error err;
	int64_t ms;
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		assert_true(number_parse_duration_ms(rows[i].text, &ms, &err));
		assert_int_equal(ms, rows[i].ms);
	}
	for (size_t i = 0; i < array_length(bad); i++)
		assert_false(number_parse_duration_ms(bad[i], &ms, &err));
}

static void
test_similar__counts_edits(void **state)
{
	(void)state;
	assert_int_equal(similar_distance("deploy", "deploy"), 0);
	assert_int_equal(similar_distance("delpoy", "deploy"), 1);
	assert_int_equal(similar_distance("", "abc"), 3);
	assert_int_equal(similar_distance("kitten", "sitting"), 3);
}

static void
test_similar__finds_the_nearest_first(void **state)
{
	static const char *const names[] = {"status", "deploy", "diff", "doctor", "render"};
	const char *found[SIMILAR_MAX];
	(void)state;
	assert_int_equal(similar_find("stauts", names, array_length(names), found), 1);
	assert_string_equal(found[0], "status");
	assert_int_equal(similar_find("xyzzy", names, array_length(names), found), 0);
	assert_int_equal(similar_find("dif", names, array_length(names), found), 1);
	assert_int_equal(similar_find("", names, array_length(names), found), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock__reads_what_servers_write),
		cmocka_unit_test(test_clock__writes_what_it_reads),
		cmocka_unit_test(test_number__is_read_whole_or_refused),
		cmocka_unit_test(test_number__reads_durations),
		cmocka_unit_test(test_similar__counts_edits),
		cmocka_unit_test(test_similar__finds_the_nearest_first),
		cmocka_unit_test(test_clock__stands_still_for_tests),
	};
	return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}

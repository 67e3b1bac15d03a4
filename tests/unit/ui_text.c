#include "ui/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct buf out = BUF_INIT(4096);
static const char *const trusted_texts[] = {"\033[1m"};
static const struct text_trusted trusted = {trusted_texts, 1};

static const char *format(const char *text, ...) printf_like(1, 2);
static const char *
format(const char *text, ...)
{
	va_list args;
	buf_clear(&out);
	va_start(args, text);
	text_add_format(&out, &trusted, text, args);
	va_end(args);
	return out.bytes;
}

static const char *
cut(const char *text, size_t columns)
{
	buf_clear(&out);
	text_add_cut(&out, text, columns, "…");
	return out.bytes;
}

static const char *
wrapped(const char *text, size_t columns, size_t indent)
{
	buf_clear(&out);
	text_add_wrapped(&out, text, columns, indent);
	return out.bytes;
}

static void
test_text__measures_columns_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(text_width("abc", 3), 3);
	assert_int_equal(text_width("é", 2), 1);
	assert_int_equal(text_width("東京", 6), 4);
	assert_int_equal(text_width("e\xcc\x81", 3), 1); /* e and a combining acute */
	assert_int_equal(text_width("🚀", 4), 2);
}

static void
test_text__cuts_between_clusters(void **state)
{
	(void)state;
	assert_string_equal(cut("checkout", 8), "checkout");
	assert_string_equal(cut("checkout", 5), "chec…");
	assert_string_equal(cut("東京都", 4), "東…"); /* the second would need a fifth column */
	assert_string_equal(cut("ae\xcc\x81" "bc", 3), "ae\xcc\x81…");
	assert_string_equal(cut("checkout", 0), "");
}

static void
test_text__wraps_between_words(void **state)
{
	(void)state;
	assert_string_equal(wrapped("one two three", 8, 0), "one two\nthree");
	assert_string_equal(wrapped("one two three", 9, 2), "one two\n  three");
	assert_string_equal(wrapped("a\n\nb", 8, 0), "a\n\nb");
	assert_string_equal(wrapped("unbreakable", 4, 0), "unbreakable");
}

static void
test_format__neutralises_arguments_only(void **state)
{
	(void)state;
	assert_string_equal(format("\033[0m%s\n", "a\033[2J\n"), "\033[0ma\\x1b[2J\\n\n");
	assert_string_equal(format("%c%c", 'a', 27), "a\\x1b");
}

static void
test_format__lets_trusted_codes_pass_by_address(void **state)
{
	char same_bytes[] = "\033[1m";
	(void)state;
	assert_string_equal(format("%s%s", trusted_texts[0], same_bytes), "\033[1m\\x1b[1m");
}

static void
test_format__pads_by_columns(void **state)
{
	(void)state;
	assert_string_equal(format("[%-4s][%4s][%*s]", "é", "東", 3, "x"), "[é   ][  東][  x]");
	assert_string_equal(format("%.3s|%.*s", "abcdef", 2, "abcdef"), "abc|ab");
}

static void
test_format__prints_numbers_as_printf_does(void **state)
{
	(void)state;
	assert_string_equal(format("%d %5d %-5d| %05d %+d", -1, 42, 42, 42, 42), "-1    42 42   | 00042 +42");
	assert_string_equal(format("%u %x %#o %zu %lld %llu", 3u, 255u, 8u, (size_t)7, -9LL, ~0ULL),
	                    "3 ff 010 7 -9 18446744073709551615");
	assert_string_equal(format("%.2f %g 100%%", 1.005, 0.5), "1.00 0.5 100%");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text__measures_columns_not_bytes),
		cmocka_unit_test(test_text__cuts_between_clusters),
		cmocka_unit_test(test_text__wraps_between_words),
		cmocka_unit_test(test_format__neutralises_arguments_only),
		cmocka_unit_test(test_format__lets_trusted_codes_pass_by_address),
		cmocka_unit_test(test_format__pads_by_columns),
		cmocka_unit_test(test_format__prints_numbers_as_printf_does),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	buf_release(&out);
	return failed;
}

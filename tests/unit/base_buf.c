#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_buf__is_empty_text_from_the_start(void **state)
{
	struct buf buf = BUF_INIT(8);
	(void)state;
	assert_string_equal(buf.bytes, "");
	buf_release(&buf);
}

static void
test_buf__keeps_what_fits_and_tells(void **state)
{
	struct buf buf = BUF_INIT(5);
	(void)state;
	assert_true(buf_add_text(&buf, "abc"));
	assert_false(buf_add_text(&buf, "defg"));
	assert_string_equal(buf.bytes, "abcde");
	assert_true(buf.overflow);
	buf_clear(&buf);
	assert_false(buf.overflow);
	assert_true(buf_add_text(&buf, "xyz"));
	buf_release(&buf);
}

static void
test_buf__prints_long_text_whole_or_not_at_all(void **state)
{
	struct buf buf = BUF_INIT(1000);
	char long_text[600];
	(void)state;
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	assert_true(buf_printf(&buf, "%s", long_text));
	assert_int_equal(buf.length, 599);
	assert_false(buf_printf(&buf, "%s", long_text));
	assert_int_equal(buf.length, 599);
	assert_true(buf.overflow);
	buf_release(&buf);
}

static void
test_buf__consumes_from_the_front(void **state)
{
	struct buf buf = BUF_INIT(100);
	(void)state;
	buf_add_text(&buf, "hello world");
	buf_consume(&buf, 6);
	assert_string_equal(buf.bytes, "world");
	buf_consume(&buf, 100);
	assert_string_equal(buf.bytes, "");
	buf_release(&buf);
}

static void
test_buf__hands_its_bytes_over(void **state)
{
	struct buf buf = BUF_INIT(100);
	(void)state;
	char *none = buf_detach(&buf);
	assert_string_equal(none, "");
	buf_add_text(&buf, "mine");
	char *bytes = buf_detach(&buf);
	assert_string_equal(bytes, "mine");
	assert_int_equal(buf.length, 0);
	free(bytes);
	free(none);
}

static void
test_buf__quotes_what_a_shell_would_take_apart(void **state)
{
	static const struct {
		const char *text, *word;
	} rows[] = {
		{"/api/v1?limit", "'/api/v1?limit'"}, {"/api/v1/pods:x=1,2", "/api/v1/pods:x=1,2"},
		{"", "''"}, {"it's", "'it'\\''s'"}, {"~root", "'~root'"}, {"a b", "'a b'"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf buf = BUF_INIT(64);
		assert_true(buf_add_shell_word(&buf, rows[i].text));
		assert_string_equal(buf.bytes, rows[i].word);
		buf_release(&buf);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buf__is_empty_text_from_the_start),
		cmocka_unit_test(test_buf__keeps_what_fits_and_tells),
		cmocka_unit_test(test_buf__prints_long_text_whole_or_not_at_all),
		cmocka_unit_test(test_buf__consumes_from_the_front),
		cmocka_unit_test(test_buf__hands_its_bytes_over),
		cmocka_unit_test(test_buf__quotes_what_a_shell_would_take_apart),
	};
	return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}

/* Which notice there is, and the bytes that end a wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ui/notice.h"

static const struct terminal screen = {.is_terminal = true, .has_cursor = true};

static void
test_choice(void **state)
{
	struct terminal pipe = {0};
	(void)state;
	assert_int_equal(notice_choose("none", &screen, false, false), NOTICE_NONE);
	assert_int_equal(notice_choose("bell", &screen, false, false), NOTICE_BELL);
	assert_int_equal(notice_choose("title", &screen, false, false), NOTICE_TITLE);
	assert_int_equal(notice_choose("desktop", &screen, false, false), NOTICE_DESKTOP);
	assert_int_equal(notice_choose("bells", &screen, false, false), NOTICE_NONE);
	assert_int_equal(notice_choose(NULL, &screen, false, false), NOTICE_NONE);
	assert_int_equal(notice_choose("bell", &pipe, false, false), NOTICE_NONE);
	assert_int_equal(notice_choose("bell", &screen, true, false), NOTICE_NONE);
	assert_int_equal(notice_choose("bell", &screen, false, true), NOTICE_NONE);
}

static void
expect(const char *expected, enum notice_kind kind, int64_t waited_ms, const char *text)
{
	scoped(buf_release) struct buf buf = BUF_INIT(NOTICE_MAX_BYTES);
	notice_add_end(&buf, kind, waited_ms, text);
	assert_string_equal(buf.bytes, expected);
}

static void
test_bytes(void **state)
{
	(void)state;
	unsetenv("VTE_VERSION");
	setenv("TERM", "xterm", 1);
	expect("\a", NOTICE_BELL, NOTICE_AFTER_MS, "done");
	expect("", NOTICE_BELL, NOTICE_AFTER_MS - 1, "done");
	expect("", NOTICE_NONE, NOTICE_AFTER_MS, "done");
	expect("", NOTICE_TITLE, NOTICE_AFTER_MS, "done");
	expect("\033]9;paas: done\033\\", NOTICE_DESKTOP, NOTICE_AFTER_MS, "done");
	setenv("TERM", "foot", 1);
	expect("\033]777;notify;paas;done\033\\", NOTICE_DESKTOP, NOTICE_AFTER_MS, "done");
	setenv("TERM", "xterm", 1);
	setenv("VTE_VERSION", "7000", 1);
	expect("\033]777;notify;paas;done\033\\", NOTICE_DESKTOP, NOTICE_AFTER_MS, "done");
	unsetenv("VTE_VERSION");
}

/* What ends an escape sequence, or begins another, is shown; much text is cut. */
static void
test_hostile(void **state)
{
	char long_text[5000];
	scoped(buf_release) struct buf buf = BUF_INIT(NOTICE_MAX_BYTES);
	(void)state;
	expect("\033]9;paas: a\\x07b\\x1b]2;c\\n\\x9c\033\\", NOTICE_DESKTOP, NOTICE_AFTER_MS, "a\ab\033]2;c\n\x9c");
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	notice_add_end(&buf, NOTICE_DESKTOP, NOTICE_AFTER_MS, long_text);
	assert_true(buf.length < NOTICE_MAX_COLUMNS + 20);
	assert_string_equal(buf.bytes + buf.length - 5, "...\033\\");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_hostile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

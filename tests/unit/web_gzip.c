#include "web/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_BYTES = 100000, ROOM = 1 << 20 };
static char text[TEXT_BYTES];

static int
set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i * i % 251);
	return 0;
}

static void
test_gzip__comes_back_as_it_was(void **state)
{
	scoped(buf_release) struct buf packed = BUF_INIT(ROOM), back = BUF_INIT(TEXT_BYTES);
	(void)state;
	assert_true(gzip_compress(text, sizeof text, &packed));
	assert_true(gzip_expand(packed.bytes, packed.length, &back));
	assert_int_equal(back.length, sizeof text);
	assert_memory_equal(back.bytes, text, sizeof text);
}

static void
test_gzip__does_not_grow_past_the_maximum(void **state)
{
	scoped(buf_release) struct buf packed = BUF_INIT(ROOM), back = BUF_INIT(TEXT_BYTES - 1);
	(void)state;
	assert_true(gzip_compress(text, sizeof text, &packed));
	assert_false(gzip_expand(packed.bytes, packed.length, &back));
}

static void
test_gzip__what_is_cut_or_followed_by_more_is_none(void **state)
{
	scoped(buf_release) struct buf packed = BUF_INIT(ROOM), back = BUF_INIT(ROOM);
	(void)state;
	assert_true(gzip_compress(text, sizeof text, &packed));
	assert_false(gzip_expand(packed.bytes, packed.length - 1, &back));
	buf_add_char(&packed, 'x');
	assert_false(gzip_expand(packed.bytes, packed.length, &back));
	assert_false(gzip_expand("no gzip", 7, &back));
	assert_false(gzip_expand("", 0, &back));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gzip__comes_back_as_it_was),
		cmocka_unit_test(test_gzip__does_not_grow_past_the_maximum),
		cmocka_unit_test(test_gzip__what_is_cut_or_followed_by_more_is_none),
	};
	return cmocka_run_group_tests_name("web/gzip", tests, set_up, NULL);
}

/* Unified diffs: their form, and that applying one gives the new text. */
#include "base/line_diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DIFF_MAX_BYTES = 1024 * 1024 };

static void
test_diff__of_equal_texts_is_nothing(void **state)
{
	scoped(buf_release) struct buf out = BUF_INIT(DIFF_MAX_BYTES);
	(void)state;
	line_diff(&out, "a", "x\ny\n", "b", "x\ny\n");
	line_diff(&out, "a", "", "b", "");
	assert_string_equal(out.bytes, "");
}

static void
test_diff__has_three_lines_around_and_joins_what_is_near(void **state)
{
	scoped(buf_release) struct buf out = BUF_INIT(DIFF_MAX_BYTES);
	(void)state;
	line_diff(&out, "old", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n", "new",
	          "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\nend\n");
	assert_string_equal(out.bytes, "--- old\n+++ new\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
	                               "@@ -14,3 +14,4 @@\n 14\n 15\n 16\n+end\n");
}

/* Takes the lines of a diff that has no lines left out. */
static void
apply(const char *diff, struct buf *ret)
{
	for (const char *at = diff; *at != '\0';) {
		size_t length = strcspn(at, "\n") + 1;
		bool is_head = strncmp(at, "--- ", 4) == 0 || strncmp(at, "+++ ", 4) == 0 || strncmp(at, "@@ ", 3) == 0;
		if (!is_head && *at != '-')
			buf_add(ret, at + 1, length - 1);
		at += length;
	}
}

static void
write_random(char *text, unsigned *seed)
{
	size_t n_lines = rand_r(seed) % 8;
	for (size_t i = 0; i < n_lines; i++) {
		*text++ = (char)('a' + rand_r(seed) % 3);
		*text++ = '\n';
	}
	*text = '\0';
}

/* Texts so short that all of them is context. */
static void
test_diff__applied_gives_the_new_text(void **state)
{
	unsigned seed = 1;
	(void)state;
	for (int i = 0; i < 20000; i++) {
		char a[32], b[32];
		scoped(buf_release) struct buf out = BUF_INIT(DIFF_MAX_BYTES), made = BUF_INIT(DIFF_MAX_BYTES);
		write_random(a, &seed);
		write_random(b, &seed);
		line_diff(&out, "a", a, "b", b);
		apply(out.bytes, &made);
		/* Lines before the first and behind the last hunk are the same in both. */
		if (out.length > 0 && strstr(b, made.bytes) == NULL)
			fail_msg("%s|%s|%s", a, b, out.bytes);
		if ((out.length == 0) != (strcmp(a, b) == 0))
			fail_msg("%s|%s", a, b);
	}
}

static void
test_diff__of_long_texts_replaces_all(void **state)
{
	scoped(buf_release) struct buf out = BUF_INIT(DIFF_MAX_BYTES), text = BUF_INIT(DIFF_MAX_BYTES);
	(void)state;
	for (int i = 0; i < 3000; i++)
		buf_printf(&text, "%d\n", i);
	line_diff(&out, "a", text.bytes, "b", "x\n");
	assert_non_null(strstr(out.bytes, "@@ -1,3000 +1,1 @@\n-0\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diff__of_equal_texts_is_nothing),
		cmocka_unit_test(test_diff__has_three_lines_around_and_joins_what_is_near),
		cmocka_unit_test(test_diff__applied_gives_the_new_text),
		cmocka_unit_test(test_diff__of_long_texts_replaces_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

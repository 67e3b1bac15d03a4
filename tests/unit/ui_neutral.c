#include "ui/neutral.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ui/text.h"

static struct buf out = BUF_INIT(4096);

static const char *
neutral(enum neutral_sink sink, const char *text)
{
	buf_clear(&out);
	neutral_add(&out, sink, text, strlen(text));
	return out.bytes;
}

static size_t
encode(uint32_t c, char ret[static 5])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		ret[i] = (char)(0x80 | (c & 0x3F));
	ret[0] = (char)(lead[n] | c);
	ret[n] = '\0';
	return n;
}

static void
test_neutral__lets_ordinary_text_pass(void **state)
{
	(void)state;
	assert_string_equal(neutral(NEUTRAL_LINE, "Zürich 東京 é 🚀 \\x"), "Zürich 東京 é 🚀 \\x");
}

static void
test_neutral__shows_escape_sequences(void **state)
{
	(void)state;
	assert_string_equal(neutral(NEUTRAL_LINE, "\033[2J\033]0;t\a"), "\\x1b[2J\\x1b]0;t\\x07");
	assert_string_equal(neutral(NEUTRAL_TEXT, "\302\233""31m"), "\\u009b31m");
	assert_string_equal(neutral(NEUTRAL_TEXT, "a\177b\rc"), "a\\x7fb\\rc");
}

static void
test_neutral__shows_what_reorders_or_hides(void **state)
{
	(void)state;
	assert_string_equal(neutral(NEUTRAL_LINE, "a\u202eb\u200bc\u2066\ufeff"), "a\\u202eb\\u200bc\\u2066\\ufeff");
	assert_string_equal(neutral(NEUTRAL_LINE, "\U000e0041"), "\\U000e0041");
}

static void
test_neutral__shows_invalid_bytes(void **state)
{
	(void)state;
	/* lone lead, lone continuation, overlong slash, surrogate, past the end of Unicode */
	assert_string_equal(neutral(NEUTRAL_LINE, "\303("), "\\xc3(");
	assert_string_equal(neutral(NEUTRAL_LINE, "\200\377"), "\\x80\\xff");
	assert_string_equal(neutral(NEUTRAL_LINE, "\300\257"), "\\xc0\\xaf");
	assert_string_equal(neutral(NEUTRAL_LINE, "\355\240\200"), "\\xed\\xa0\\x80");
	assert_string_equal(neutral(NEUTRAL_LINE, "\364\220\200\200"), "\\xf4\\x90\\x80\\x80");
}

static void
test_neutral__newline_and_tab_pass_in_text_only(void **state)
{
	(void)state;
	assert_string_equal(neutral(NEUTRAL_TEXT, "a\n\tb"), "a\n\tb");
	assert_string_equal(neutral(NEUTRAL_LINE, "a\n\tb"), "a\\n\\tb");
}

static void
test_neutral__nul_within_a_text_is_shown(void **state)
{
	(void)state;
	buf_clear(&out);
	neutral_add(&out, NEUTRAL_TEXT, "a\0b", 3);
	assert_string_equal(out.bytes, "a\\x00b");
}

/* Every code point there is: what comes out is safe, and what was safe comes out unchanged. */
static void
test_neutral__holds_for_every_code_point(void **state)
{
	(void)state;
	for (uint32_t c = 1; c <= 0x10FFFF; c++) {
		char text[5];
		if (c >= 0xD800 && c < 0xE000)
			continue;
		size_t length = encode(c, text);
		buf_clear(&out);
		neutral_add(&out, NEUTRAL_LINE, text, length);
		if (neutral_is_safe(c)) {
			assert_string_equal(out.bytes, text);
			assert_false(c < 0x20 || (c >= 0x7F && c < 0xA0));
		} else {
			assert_int_equal(out.bytes[0], '\\');
			for (size_t i = 0; i < out.length; i++)
				assert_in_range(out.bytes[i], 0x20, 0x7E);
		}
	}
}

static void
test_neutral__controls_of_bidi_are_all_unsafe(void **state)
{
	static const uint32_t bidi[] = {0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E,
	                                0x2066, 0x2067, 0x2068, 0x2069};
	(void)state;
	for (size_t i = 0; i < array_length(bidi); i++)
		assert_false(neutral_is_safe(bidi[i]));
}

static void
test_neutral__url_is_printable_ascii(void **state)
{
	(void)state;
	assert_string_equal(neutral(NEUTRAL_URL, "https://a/b c?d=é\033\\"), "https://a/b%20c?d=%C3%A9%1B\\");
}

static void
test_neutral__ci_lines_cannot_begin_a_command(void **state)
{
	(void)state;
	assert_string_equal(neutral(NEUTRAL_CI, "50%\r\n::error::x"), "50%25%0D%0A::error::x");
	assert_string_equal(neutral(NEUTRAL_CI_PROPERTY, "a:b,c\n"), "a%3Ab%2Cc%0A");
}

static void
test_neutral__markdown_is_text(void **state)
{
	(void)state;
	assert_string_equal(neutral(NEUTRAL_MARKDOWN, "<img src=x>|[a](b) `c` *d*"),
	                    "&lt;img src=x&gt;\\|\\[a\\]\\(b\\) \\`c\\` \\*d\\*");
	assert_string_equal(neutral(NEUTRAL_MARKDOWN, "@acme/all a @b <@c> shop:1@sha256:0"),
	                    "@&#8203;acme/all a @&#8203;b &lt;@&#8203;c&gt; shop:1@sha256:0");
}

static void
test_neutral__csv_cells_are_quoted_and_no_formulas(void **state)
{
	(void)state;
	assert_string_equal(neutral(NEUTRAL_CSV, "a \"b\", c"), "\"a \"\"b\"\", c\"");
	assert_string_equal(neutral(NEUTRAL_CSV, "=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
	assert_string_equal(neutral(NEUTRAL_CSV, "-1"), "\"'-1\"");
	assert_string_equal(neutral(NEUTRAL_CSV, ""), "\"\"");
}

static void
test_neutral__never_leaves_half_an_escape(void **state)
{
	(void)state;
	for (size_t max = 0; max < 12; max++) {
		struct buf small = BUF_INIT(max);
		neutral_add(&small, NEUTRAL_LINE, "ab\033é\377", 6);
		for (size_t at = 0; at < small.length;) {
			uint32_t c;
			size_t used = text_decode(small.bytes + at, small.length - at, &c);
			assert_true(used > 0);
			at += c == '\\' ? 4 : used;
			assert_true(at <= small.length);
		}
		assert_int_equal(small.overflow, max < 12);
		buf_release(&small);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_neutral__lets_ordinary_text_pass),
		cmocka_unit_test(test_neutral__shows_escape_sequences),
		cmocka_unit_test(test_neutral__shows_what_reorders_or_hides),
		cmocka_unit_test(test_neutral__shows_invalid_bytes),
		cmocka_unit_test(test_neutral__newline_and_tab_pass_in_text_only),
		cmocka_unit_test(test_neutral__nul_within_a_text_is_shown),
		cmocka_unit_test(test_neutral__holds_for_every_code_point),
		cmocka_unit_test(test_neutral__controls_of_bidi_are_all_unsafe),
		cmocka_unit_test(test_neutral__url_is_printable_ascii),
		cmocka_unit_test(test_neutral__ci_lines_cannot_begin_a_command),
		cmocka_unit_test(test_neutral__markdown_is_text),
		cmocka_unit_test(test_neutral__csv_cells_are_quoted_and_no_formulas),
		cmocka_unit_test(test_neutral__never_leaves_half_an_escape),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	buf_release(&out);
	return failed;
}

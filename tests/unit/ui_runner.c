/* What a CI runner would take for a command, broken where that runner looks. */
#include "ui/runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/compiler.h"

static const char *
text(const char *given)
{
	static char said[256];
	scoped(buf_release) struct buf buf = BUF_INIT(sizeof said - 1);
	runner_add_text(&buf, given, strlen(given));
	return strcpy(said, buf.bytes);
}

static void
test_runner__takes_no_line_for_a_command(void **state)
{
	static const struct {
		const char *given, *said;
	} lines[] = {
		{"::error::x", "\\::error::x"},
		{" \t\v\xc2\xa0\xe2\x80\x83::error::x", " \t\v\xc2\xa0\xe2\x80\x83\\::error::x"}, /* its blanks are Unicode's */
		{"50%\r::set-output name=x::y\n::stop-commands::z", "50%\r\\::set-output name=x::y\n\\::stop-commands::z"},
		{"a::b c::d", "a::b c::d"},
		{"##[error]x", "##\\[error]x"},
		{"of a line ##[add-path]x", "of a line ##\\[add-path]x"}, /* anywhere: a backslash before it would not do */
		{"x ##vso[task.setvariable variable=y]z", "x ##vso\\[task.setvariable variable=y]z"},
		{"####[x] #[y] ## [z] #a[0] a[1]", "####\\[x] #[y] ## [z] #a[0] a[1]"},
		{"::", "\\::"},
		{":", ":"},
		{"[", "["},
		{"#[x]", "#[x]"},
		{"", ""},
	};
	(void)state;
	for (size_t i = 0; i < array_length(lines); i++)
		assert_string_equal(text(lines[i].given), lines[i].said);
}

static void
test_runner__json_says_the_same(void **state)
{
	static const char given[] = "[[\"##[error]\",\"##vso[task]\"],\"##\",[\"::\"]]";
	(void)state;
	scoped(buf_release) struct buf buf = BUF_INIT(1000);
	runner_add_json(&buf, given, strlen(given));
	assert_string_equal(buf.bytes, "[[\"##\\u005berror]\",\"##vso\\u005btask]\"],\"##\",[\"::\"]]");
}

static void
test_runner__writes_as_it_is_elsewhere(void **state)
{
	static const char *const variables[] = {"GITHUB_ACTIONS", "TF_BUILD", "TRAVIS"};
	(void)state;
	for (size_t i = 0; i < array_length(variables); i++)
		unsetenv(variables[i]);
	for (size_t i = 0; i < array_length(variables); i++) {
		char *written;
		size_t length;
		FILE *stream = open_memstream(&written, &length);
		setenv(variables[i], "true", 1);
		runner_write(stream, "::x\n", 4);
		unsetenv(variables[i]);
		fclose(stream);
		assert_string_equal(written, i < 2 ? "\\::x\n" : "::x\n");
		free(written);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runner__takes_no_line_for_a_command),
		cmocka_unit_test(test_runner__json_says_the_same),
		cmocka_unit_test(test_runner__writes_as_it_is_elsewhere),
	};
	return cmocka_run_group_tests_name("ui/runner", tests, NULL, NULL);
}

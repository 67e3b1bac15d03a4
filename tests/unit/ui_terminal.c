#include "ui/terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/compiler.h"

static const char *const names[] = {"NO_COLOR", "PAAS_NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE",
                                    "CLICOLOR", "TERM", "PAAS_FORCE_TTY", "CI", "GITHUB_ACTIONS",
                                    "LC_ALL", "LANG", "VTE_VERSION", "PAAS_NO_INPUT"};

static int
clear(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(names); i++)
		unsetenv(names[i]);
	setenv("TERM", "xterm", 1);
	return 0;
}

/* Each row is decided by its first variable although the next one says the opposite. */
static void
test_color__follows_the_order_of_who_speaks(void **state)
{
	static const struct {
		enum color_choice flag;
		const char *variables[4][2];
		bool is_terminal, expected;
	} rows[] = {
		{COLOR_ALWAYS, {{"NO_COLOR", "1"}}, false, true},
		{COLOR_NEVER, {{"FORCE_COLOR", "1"}}, true, false},
		{COLOR_AUTO, {{"NO_COLOR", "1"}, {"FORCE_COLOR", "1"}}, true, false},
		{COLOR_AUTO, {{"PAAS_NO_COLOR", "1"}, {"FORCE_COLOR", "1"}}, true, false},
		{COLOR_AUTO, {{"FORCE_COLOR", "0"}, {"CLICOLOR_FORCE", "1"}}, true, false},
		{COLOR_AUTO, {{"FORCE_COLOR", "1"}, {"CLICOLOR", "0"}}, false, true},
		{COLOR_AUTO, {{"CLICOLOR_FORCE", "1"}, {"CLICOLOR", "0"}, {"TERM", "dumb"}}, false, true},
		{COLOR_AUTO, {{"CLICOLOR_FORCE", "0"}}, true, true},
		{COLOR_AUTO, {{"CLICOLOR", "0"}}, true, false},
		{COLOR_AUTO, {{"CLICOLOR", "1"}}, true, true},
		{COLOR_AUTO, {{"TERM", "dumb"}}, true, false},
		{COLOR_AUTO, {{"TERM", ""}}, true, false},
		{COLOR_AUTO, {{"NO_COLOR", ""}}, true, true},
		{COLOR_AUTO, {{"FORCE_COLOR", ""}}, false, false},
		{COLOR_AUTO, {{NULL, NULL}}, true, true},
		{COLOR_AUTO, {{NULL, NULL}}, false, false},
	};
	for (size_t i = 0; i < array_length(rows); i++) {
		clear(state);
		for (size_t k = 0; k < 4 && rows[i].variables[k][0] != NULL; k++)
			setenv(rows[i].variables[k][0], rows[i].variables[k][1], 1);
		if (terminal_wants_color(rows[i].flag, rows[i].is_terminal) != rows[i].expected)
			fail_msg("row %zu", i);
	}
}

static void
test_terminal__no_color_leaves_weight_and_plain_takes_all(void **state)
{
	(void)state;
	setenv("PAAS_FORCE_TTY", "50", 1);
	setenv("NO_COLOR", "1", 1);
	struct terminal terminal = terminal_examine(1, COLOR_AUTO, false);
	assert_true(terminal.is_terminal);
	assert_int_equal(terminal.columns, 50);
	assert_false(terminal.has_color);
	assert_true(terminal.has_weight);
	terminal = terminal_examine(1, COLOR_ALWAYS, true);
	assert_false(terminal.has_color || terminal.has_weight || terminal.has_cursor || terminal.has_hyperlinks);
	assert_true(terminal.is_terminal);
}

static void
test_terminal__links_need_a_terminal_known_to_take_them(void **state)
{
	(void)state;
	setenv("PAAS_FORCE_TTY", "50", 1);
	assert_false(terminal_examine(1, COLOR_AUTO, false).has_hyperlinks);
	setenv("VTE_VERSION", "4900", 1);
	assert_false(terminal_examine(1, COLOR_AUTO, false).has_hyperlinks);
	setenv("VTE_VERSION", "6003", 1);
	assert_true(terminal_examine(1, COLOR_AUTO, false).has_hyperlinks);
	setenv("CI", "true", 1);
	assert_false(terminal_examine(1, COLOR_AUTO, false).has_hyperlinks);
}

static void
test_terminal__signs_beyond_ascii_need_a_utf8_locale(void **state)
{
	(void)state;
	assert_false(terminal_examine(1, COLOR_AUTO, false).has_unicode);
	setenv("LANG", "de_DE.utf8", 1);
	assert_true(terminal_examine(1, COLOR_AUTO, false).has_unicode);
	setenv("LC_ALL", "C", 1);
	assert_false(terminal_examine(1, COLOR_AUTO, false).has_unicode);
}

static void
test_ci__is_a_variable_that_is_not_false(void **state)
{
	(void)state;
	assert_false(terminal_is_ci());
	setenv("GITHUB_ACTIONS", "true", 1);
	assert_true(terminal_is_ci());
	setenv("CI", "false", 1);
	assert_false(terminal_is_ci());
	setenv("CI", "1", 1);
	assert_true(terminal_is_ci());
	assert_false(terminal_can_prompt(false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_color__follows_the_order_of_who_speaks, clear),
		cmocka_unit_test_setup(test_terminal__no_color_leaves_weight_and_plain_takes_all, clear),
		cmocka_unit_test_setup(test_terminal__links_need_a_terminal_known_to_take_them, clear),
		cmocka_unit_test_setup(test_terminal__signs_beyond_ascii_need_a_utf8_locale, clear),
		cmocka_unit_test_setup(test_ci__is_a_variable_that_is_not_false, clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

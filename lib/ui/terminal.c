#include "ui/terminal.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/number.h"

enum { COLUMNS_DEFAULT = 80, COLUMNS_MAX = 10000, ROWS_DEFAULT = 24 };

const char *
terminal_variable(const char *name)
{
	const char *value = getenv(name);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

bool
terminal_variable_is_true(const char *name)
{
	static const char *const yes[] = {"1", "true", "yes", "on"};
	const char *value = terminal_variable(name);
	for (size_t i = 0; value != NULL && i < array_length(yes); i++)
		if (strcasecmp(value, yes[i]) == 0)
			return true;
	return false;
}

static bool
is_value(const char *value, const char *wanted)
{
	return value != NULL && strcmp(value, wanted) == 0;
}

static bool
is_dumb(void)
{
	const char *term = terminal_variable("TERM");
	return term == NULL || is_value(term, "dumb");
}

/* $PAAS_FORCE_TTY as columns, 0 when it is unset or no number. */
static unsigned
forced_columns(void)
{
	const char *value = terminal_variable("PAAS_FORCE_TTY");
	struct error ignored;
	uint64_t columns = 0;
	if (value == NULL || !number_parse_u64(value, 1, COLUMNS_MAX, &columns, &ignored))
		return 0;
	return (unsigned)columns;
}

unsigned
terminal_columns(int fd)
{
	struct winsize size;
	struct error ignored;
	uint64_t columns;
	if (forced_columns() > 0)
		return forced_columns();
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	const char *value = terminal_variable("COLUMNS");
	if (value != NULL && number_parse_u64(value, 1, COLUMNS_MAX, &columns, &ignored))
		return (unsigned)columns;
	return COLUMNS_DEFAULT;
}

unsigned
terminal_rows(int fd)
{
	struct winsize size;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : ROWS_DEFAULT;
}

bool
terminal_wants_color(enum color_choice color, bool is_terminal)
{
	const char *force = terminal_variable("FORCE_COLOR");
	const char *cli_force = terminal_variable("CLICOLOR_FORCE");
	if (color != COLOR_AUTO)
		return color == COLOR_ALWAYS;
	if (terminal_variable("NO_COLOR") != NULL || terminal_variable("PAAS_NO_COLOR") != NULL)
		return false;
	if (force != NULL)
		return !is_value(force, "0");
	if (cli_force != NULL && !is_value(cli_force, "0"))
		return true;
	if (is_value(terminal_variable("CLICOLOR"), "0") || is_dumb())
		return false;
	return is_terminal;
}

static bool
speaks_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	for (size_t i = 0; i < array_length(names); i++) {
		const char *value = terminal_variable(names[i]);
		if (value != NULL)
			return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
	}
	return false;
}

/* Terminals known to take OSC 8 (the list of the specification's author, and of cargo). */
static bool
takes_hyperlinks(void)
{
	static const char *const marks[] = {"WT_SESSION", "KITTY_WINDOW_ID", "ITERM_SESSION_ID",
	                                    "WEZTERM_PANE", "KONSOLE_VERSION"};
	const char *vte = terminal_variable("VTE_VERSION");
	struct error ignored;
	uint64_t version;
	if (terminal_variable_is_true("FORCE_HYPERLINK"))
		return true;
	if (vte != NULL && number_parse_u64(vte, 5000, UINT32_MAX, &version, &ignored))
		return true;
	for (size_t i = 0; i < array_length(marks); i++)
		if (terminal_variable(marks[i]) != NULL)
			return true;
	return false;
}

struct terminal
terminal_examine(int fd, enum color_choice color, bool plain)
{
	bool is_terminal = forced_columns() > 0 || isatty(fd) != 0;
	bool is_dressed = is_terminal && !is_dumb() && !plain;
	struct terminal terminal = {
		.is_terminal = is_terminal,
		.has_cursor = is_dressed && isatty(fd) != 0,
		.has_color = !plain && terminal_wants_color(color, is_terminal),
		.has_unicode = speaks_utf8(),
		.has_hyperlinks = is_dressed && !terminal_is_ci() && takes_hyperlinks(),
		.columns = is_terminal ? terminal_columns(fd) : 0,
	};
	terminal.has_weight = is_dressed || terminal.has_color;
	return terminal;
}

bool
terminal_is_ci(void)
{
	static const char *const marks[] = {"GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI",
	                                    "JENKINS_URL", "TEAMCITY_VERSION", "TF_BUILD"};
	const char *ci = terminal_variable("CI");
	if (ci != NULL)
		return strcasecmp(ci, "false") != 0;
	for (size_t i = 0; i < array_length(marks); i++)
		if (terminal_variable(marks[i]) != NULL)
			return true;
	return false;
}

bool
terminal_can_prompt(bool no_input)
{
	return !no_input && !terminal_variable_is_true("PAAS_NO_INPUT") && !terminal_is_ci() &&
	       isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
}

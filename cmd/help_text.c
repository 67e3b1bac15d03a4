#include "cmd/help_text.h"

#include <string.h>

#include "cmd/globals.h"
#include "cmd/option.h"
#include "ui/text.h"

enum { FLAG_COLUMN = 28, FLAG_MAX_BYTES = 200, MEANING_MAX_BYTES = 1000 };

const char *const group_titles[] = {
	[GROUP_START] = "start", [GROUP_SHIP] = "ship",           [GROUP_LOOK] = "look",
	[GROUP_GLUE] = "glue",   [GROUP_CONFIGURE] = "configure", [GROUP_FIX] = "fix",
};

/* ---- one option ---- */

void
help_write_flag(struct buf *buf, const struct option_spec *option)
{
	if (option_is_positional(option)) {
		buf_printf(buf, "%s%s%s", option->kind == OPTION_DATA ? "-- " : "", option->name,
		           option->kind == OPTION_ARG ? "" : "...");
		return;
	}
	if (option->letter != 0)
		buf_printf(buf, "-%c, ", option->letter);
	else
		buf_add_text(buf, "    ");
	buf_printf(buf, "--%s", option->name);
	if (option->kind == OPTION_MAYBE)
		buf_printf(buf, "[=%s]", option->value);
	else if (option_takes_value(option))
		buf_printf(buf, " %s", option->value != NULL ? option->value : "VALUE");
}

void
help_write_meaning(struct buf *buf, const struct option_spec *option)
{
	const char *before = " (";
	buf_add_text(buf, option->help);
	for (const char *const *choice = option->choices; choice != NULL && *choice != NULL; choice++) {
		buf_printf(buf, "%s%s", choice == option->choices ? before : ", ", *choice);
		before = "; ";
	}
	if (option->kind == OPTION_LIST) {
		buf_printf(buf, "%smay be repeated", before);
		before = "; ";
	}
	if (option->fallback != NULL) {
		buf_printf(buf, "%sdefault %s", before, option->fallback);
		before = "; ";
	}
	if (option->environment != NULL) {
		buf_printf(buf, "%s$%s", before, option->environment);
		before = "; ";
	}
	if (before[0] == ';')
		buf_add_char(buf, ')');
}

static void
write_row(struct buf *buf, const char *left, const char *right, size_t column, size_t columns)
{
	size_t width = text_width(left, strlen(left));
	if (columns == HELP_LISTED) {
		buf_printf(buf, "%s: %s\n", left + strspn(left, " "), right);
		return;
	}
	buf_printf(buf, "  %s", left);
	if (width + 4 > column) { /* two blanks before, two between */
		buf_add_char(buf, '\n');
		buf_add_repeated(buf, ' ', column);
	} else {
		buf_add_repeated(buf, ' ', column - width - 2);
	}
	text_add_wrapped(buf, right, columns, column);
	buf_add_char(buf, '\n');
}

static void
write_options(struct buf *buf, const char *title, const struct option_spec *options, bool positionals,
              bool takes_json, size_t columns)
{
	bool is_first = true;
	for (const struct option_spec *option = options; option != NULL && option->kind != OPTION_END; option++) {
		bool is_json = options == global_options && (strcmp(option->name, "json") == 0 || strcmp(option->name, "jq") == 0);
		if (option->is_hidden || option_is_positional(option) != positionals || (is_json && !takes_json))
			continue;
		scoped(buf_release) struct buf flag = BUF_INIT(FLAG_MAX_BYTES);
		scoped(buf_release) struct buf meaning = BUF_INIT(MEANING_MAX_BYTES);
		help_write_flag(&flag, option);
		help_write_meaning(&meaning, option);
		if (is_first)
			buf_printf(buf, "\n%s\n", title);
		is_first = false;
		write_row(buf, flag.bytes, meaning.bytes, FLAG_COLUMN, columns);
	}
}

/* ---- one command ---- */

void
help_write_usage(struct buf *buf, const struct command *parent, const struct command *command)
{
	bool has_flags = false;
	buf_printf(buf, "paas %s%s%s", parent ? parent->name : "", parent ? " " : "", command->name);
	if (command->subcommands != NULL)
		buf_add_text(buf, command->run != NULL ? " [COMMAND]" : " COMMAND");
	const struct option_spec *option = command->options;
	for (; option != NULL && option->kind != OPTION_END; option++)
		has_flags |= !option_is_positional(option) && !option->is_hidden;
	if (has_flags)
		buf_add_text(buf, " [flags]");
	for (option = command->options; option != NULL && option->kind != OPTION_END; option++) {
		if (!option_is_positional(option) || option->is_hidden)
			continue;
		buf_printf(buf, option->is_required ? " %s%s%s" : " [%s%s%s]", option->kind == OPTION_DATA ? "-- " : "",
		           option->name, option->kind == OPTION_ARG ? "" : "...");
	}
}

static void
write_examples(struct buf *buf, const struct command *command, size_t columns)
{
	if (command->examples == NULL)
		return;
	buf_add_text(buf, "\nExamples\n");
	for (const struct command_example *example = command->examples; example->line != NULL; example++)
		write_row(buf, example->line, example->comment, 44, columns);
}

static void
write_subcommands(struct buf *buf, const struct command *command, size_t columns)
{
	if (command->subcommands == NULL)
		return;
	buf_add_text(buf, "\nCommands\n");
	for (const struct command *const *at = command->subcommands; *at != NULL; at++)
		if (!(*at)->is_hidden)
			write_row(buf, (*at)->name, (*at)->summary, 16, columns);
}

static void
write_see_also(struct buf *buf, const struct command *command)
{
	const char *const *at = command->see_also;
	for (; at != NULL && *at != NULL; at++)
		buf_printf(buf, "%s%s", at == command->see_also ? "\nSee also: " : ", ", *at);
	if (at != NULL)
		buf_add_char(buf, '\n');
}

void
help_write_command(struct buf *buf, const struct command *parent, const struct command *command,
                   bool is_full, size_t columns)
{
	buf_printf(buf, "%s\n\nUsage: ", command->summary);
	help_write_usage(buf, parent, command);
	buf_add_char(buf, '\n');
	if (is_full && command->description != NULL) {
		buf_add_char(buf, '\n');
		text_add_wrapped(buf, command->description, columns, 0);
		buf_add_char(buf, '\n');
	}
	write_examples(buf, command, columns);
	write_subcommands(buf, command, columns);
	write_options(buf, "Arguments", command->options, true, true, columns);
	write_options(buf, "Flags", command->options, false, true, columns);
	if (parent != NULL)
		write_options(buf, "Flags of its group", parent->options, false, true, columns);
	if (is_full)
		write_options(buf, "Flags of every command", global_options, false, command->answers_json, columns);
	write_see_also(buf, command);
	if (!is_full)
		buf_printf(buf, "\nMore: paas help %s%s%s\n", parent ? parent->name : "", parent ? " " : "", command->name);
}

/* ---- all of them ---- */

static void
write_group(struct buf *buf, size_t group, size_t columns)
{
	const char *title = group_titles[group];
	for (size_t i = 0; i < n_commands; i++) {
		if (commands[i]->group != group || commands[i]->is_hidden)
			continue;
		if (columns == HELP_LISTED)
			buf_printf(buf, "%s%s%s: ", title, *title ? "\n" : "", commands[i]->name);
		else
			buf_printf(buf, "  %-11s%-12s", title, commands[i]->name);
		text_add_wrapped(buf, commands[i]->summary, columns, 25);
		buf_add_char(buf, '\n');
		title = "";
	}
}

void
help_write_root(struct buf *buf, size_t columns)
{
	static const struct {
		const char *name, *text;
	} more[] = {
		{"paas help COMMAND", "what it does, its flags, examples"},
		{"paas help TOPIC", "exit-codes, environment, formatting, following, direct, accessibility"},
		{"paas help CODE", "what an error or finding means and what to do"},
	};
	buf_add_text(buf, "The golden path from repository to running service, in one command.\n\n"
	                  "Usage: paas COMMAND [flags] [arguments]\n\n");
	for (size_t group = GROUP_START; group <= GROUP_FIX; group++)
		write_group(buf, group, columns);
	for (size_t i = 0; i < array_length(more); i++) {
		buf_printf(buf, columns == HELP_LISTED ? "%s%s: " : "%s%-29s", i == 0 ? "\n" : "", more[i].name);
		text_add_wrapped(buf, more[i].text, columns, 29);
		buf_add_char(buf, '\n');
	}
}

/* `paas help [COMMAND|TOPIC|CODE]`: everything it shows is in the binary. */
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/external.h"
#include "cmd/help_text.h"
#include "cmd/man.h"
#include "cmd/pages.h"
#include "cmd/parse.h"
#include "ui/output.h"

enum { HELP_MAX_BYTES = 256 * 1024, COLUMNS_MAX = 100, COLUMNS_PIPED = 80, NAMES_MAX = 256 };

static struct text_list subjects;
static bool write_documents, is_all;

static size_t
columns_of(const struct output *out)
{
	size_t columns = output_width(out);
	if (columns == 0)
		return COLUMNS_PIPED;
	return columns < COLUMNS_MAX ? columns : COLUMNS_MAX;
}

static bool
refuse(const char *subject, struct error *err)
{
	const char *names[NAMES_MAX];
	size_t n = 0;
	for (size_t i = 0; i < n_commands && n < NAMES_MAX; i++)
		if (!commands[i]->is_hidden)
			names[n++] = commands[i]->name;
	for (size_t i = 0; i < n_page_sources; i++) {
		const char *name;
		for (size_t k = 0; n < NAMES_MAX && (name = page_sources[i]->name_at(k)) != NULL; k++)
			names[n++] = name;
	}
	return parse_refuse_word("command, topic or code", subject, names, n, "paas help", err);
}

static bool
write_subjects(struct buf *buf, size_t columns, struct error *err)
{
	const char *first = subjects.count > 0 ? subjects.items[0] : NULL;
	if (first == NULL) {
		help_write_root(buf, columns);
		if (is_all)
			external_write_list(buf);
		return true;
	}
	const struct command *parent = NULL, *command = parse_find_command(commands, first);
	if (command != NULL && subjects.count > 1) {
		parent = command;
		command = parse_find_command(parent->subcommands, subjects.items[1]);
		if (command == NULL)
			return refuse(subjects.items[1], err);
	}
	if (command != NULL)
		help_write_command(buf, parent, command, true, columns);
	else if (!page_write(first, columns, buf))
		return refuse(first, err);
	return true;
}

static bool
run(struct session *session, struct error *err)
{
	scoped(buf_release) struct buf buf = BUF_INIT(HELP_MAX_BYTES);
	if (write_documents && subjects.count == 2)
		return man_write_documents(subjects.items[0], subjects.items[1], session->arena, err);
	if (!write_subjects(&buf, columns_of(session->out), err))
		return false;
	output_print_text(session->out, buf.bytes, buf.length);
	return true;
}

static const struct option_spec options[] = {
	{.kind = OPTION_ARGS, .name = "SUBJECT", .list = &subjects, .complete = "help",
	 .help = "a command, a topic, an error code or a finding code"},
	{.kind = OPTION_FLAG, .letter = 'a', .name = "all", .flag = &is_all,
	 .help = "list external commands (paas-foo on PATH) too"},
	{.kind = OPTION_FLAG, .name = "write-documents", .flag = &write_documents, .is_hidden = true,
	 .help = "write the manual pages into the first, the completion scripts into the second folder"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas help", "what there is"},
	{"paas help version", "one command"},
	{"paas help exit-codes", "a topic"},
	{"paas help unreachable", "an error code"},
	{NULL, NULL},
};

const struct command command_help = {
	.name = "help",
	.group = GROUP_FIX,
	.summary = "Explain a command, a topic, an error or a finding",
	.description = "Shows what a command does, a topic (exit-codes, environment, formatting, following, "
	               "accessibility), or what an error or a finding means and what to do about it. All of it is part of the binary: no file "
	               "is read and no connection made.",
	.options = options,
	.examples = examples,
	.run = run,
};

/* `paas help [COMMAND|TOPIC|CODE]`: everything it shows is in the binary. */
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/external.h"
#include "cmd/help_json.h"
#include "cmd/help_text.h"
#include "cmd/man.h"
#include "cmd/pages.h"
#include "cmd/parse.h"
#include "cmd/schema_text.h"
#include "ui/output.h"

enum { HELP_MAX_BYTES = 256 * 1024, COLUMNS_MAX = 100, COLUMNS_PIPED = 80, NAMES_MAX = 256 };

static struct text_list subjects;
static const char *schema;
static const char *const schemas[] = {"fiaas", NULL};
static bool write_documents, is_all;

static size_t
columns_of(const struct output *out)
{
	size_t columns = output_width(out);
	if (output_is_accessible(out))
		return HELP_LISTED;
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

/* What the subjects name: `ret` stays NULL when the first is no command. */
static bool
find_command(const struct command **ret_parent, const struct command **ret, struct error *err)
{
	*ret_parent = NULL;
	*ret = subjects.count > 0 ? parse_find_command(commands, subjects.items[0]) : NULL;
	if (*ret == NULL || subjects.count == 1)
		return true;
	*ret_parent = *ret;
	*ret = parse_find_command((*ret)->subcommands, subjects.items[1]);
	return *ret != NULL || refuse(subjects.items[1], err);
}

static bool
write_subjects(struct buf *buf, size_t columns, struct error *err)
{
	const struct command *parent, *command;
	if (!find_command(&parent, &command, err))
		return false;
	if (command != NULL) {
		help_write_command(buf, parent, command, true, columns);
		return true;
	}
	if (subjects.count > 0)
		return page_write(subjects.items[0], columns, buf) || refuse(subjects.items[0], err);
	help_write_root(buf, columns);
	if (is_all)
		external_write_list(buf);
	return true;
}

/* Of a page its text: it is written for people. */
static bool
print_json(struct session *session, struct error *err)
{
	scoped(buf_release) struct buf buf = BUF_INIT(HELP_MAX_BYTES);
	const struct command *parent, *command;
	if (!find_command(&parent, &command, err))
		return false;
	if (command != NULL)
		return output_json(session->out, help_command_to_json(parent, command), err);
	if (subjects.count == 0)
		return output_json(session->out, help_table_to_json(), err);
	if (!page_write(subjects.items[0], COLUMNS_PIPED, &buf))
		return refuse(subjects.items[0], err);
	return output_json(session->out, json_pack("{s:s, s:s}", "name", subjects.items[0], "text", buf.bytes), err);
}

static bool
run(struct session *session, struct error *err)
{
	scoped(buf_release) struct buf buf = BUF_INIT(HELP_MAX_BYTES);
	if (write_documents && subjects.count == 2)
		return man_write_documents(subjects.items[0], subjects.items[1], session->arena, err);
	if (schema != NULL)
		return schema_print(session, err);
	if (output_is_json(session->out))
		return print_json(session, err);
	if (!write_subjects(&buf, columns_of(session->out), err))
		return false;
	output_print_text(session->out, buf.bytes, buf.length);
	return true;
}

static const struct option_spec options[] = {
	{.kind = OPTION_ARGS, .name = "SUBJECT", .list = &subjects, .complete = "help",
	 .help = "a command, a topic, or the code of an error, a finding or a problem of a file"},
	{.kind = OPTION_FLAG, .letter = 'a', .name = "all", .flag = &is_all,
	 .help = "list external commands (paas-foo on PATH) too"},
	{.kind = OPTION_CHOICE, .name = "schema", .value = "FORMAT", .choices = schemas, .text = &schema,
	 .help = "print a file format as JSON Schema, for editors"},
	{.kind = OPTION_FLAG, .name = "write-documents", .flag = &write_documents, .is_hidden = true,
	 .help = "write the manual pages into the first, the completion scripts into the second folder"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas help", "what there is"},
	{"paas help version", "one command"},
	{"paas help exit-codes", "a topic"},
	{"paas help unreachable", "an error code"},
	{"paas help unknown-key", "a problem that paas validate found"},
	{"paas help --schema fiaas", "fiaas.yml as JSON Schema"},
	{"paas help --jq '.commands[].name'", "the names of all commands, for a script"},
	{NULL, NULL},
};

const struct command command_help = {
	.name = "help",
	.group = GROUP_FIX,
	.summary = "Explain a command, a topic, an error or a finding",
	.description = "Shows what a command does, a topic (exit-codes, environment, formatting, following, direct, "
	               "accessibility), or what an error, a finding of a rollout or a problem of a file means and what to do about it. All of "
	               "it is part of the binary: no file is read and no connection made.\n\n"
	               "The JSON is the table of commands: commands[], each with name, parent (null at the top), group, "
	               "summary, description, options[], examples[], answers_json, streams, is_hidden and is_group (it "
	               "has commands only); flags[], those of every command; errors[], each with its exit_status. With a "
	               "command, commands[] holds that one and those below it; with a topic or code it is name and text.",
	.options = options,
	.examples = examples,
	.answers_json = true,
	.run = run,
};

/* `paas config alias`: words of the engineer's own. */
#include <string.h>

#include "base/buf.h"
#include "cmd/config.h"
#include "cmd/external.h"
#include "cmd/parse.h"
#include "data/settings_edit.h"
#include "ui/output.h"
#include "ui/table.h"

enum { WORDS_MAX_BYTES = 1024 };

static const char *name, *unwanted;
static struct text_list words;

static const char *
find_alias(const struct settings *settings, const char *wanted)
{
	for (size_t i = 0; i < settings->n_aliases; i++)
		if (!strcmp(settings->aliases[i].name, wanted))
			return settings->aliases[i].words;
	return NULL;
}

/* ---- list ---- */

static bool
list_aliases(struct session *session, struct error *err)
{
	static const struct table_column columns[] = {{.title = "ALIAS"}, {.title = "WORDS", .may_cut = true}};
	const struct settings *settings = session->settings;
	if (output_is_json(session->out)) {
		json_t *aliases = json_object();
		for (size_t i = 0; i < settings->n_aliases; i++)
			json_object_set_new(aliases, settings->aliases[i].name, json_string(settings->aliases[i].words));
		return output_json(session->out, json_pack("{s:o}", "aliases", aliases), err);
	}
	struct table *table = table_new(session->arena, columns, array_length(columns));
	for (size_t i = 0; i < settings->n_aliases; i++) {
		table_add_row(table);
		table_set(table, 0, STYLE_STRONG, "%s", settings->aliases[i].name);
		table_set(table, 1, STYLE_PLAIN, "%s", settings->aliases[i].words);
	}
	if (settings->n_aliases)
		table_print(table, session->out);
	else
		output_note(session->out, "there are no aliases; make one: paas config alias NAME WORD...\n");
	return true;
}

/* ---- change ---- */

static bool
is_word(const char *text)
{
	return *text && *text != '-' && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_")];
}

static bool
refuse_blanks(const char *word, struct error *err)
{
	error_put(err, ERROR_USAGE, "the words of an alias are split at blanks: \"%s\" would not stay one", word);
	if (words.count == 1 && *word)
		error_put_next(err, "paas config alias %s %s", name, word);
	return false;
}

/* What would never run, or run itself, is refused. */
static bool
check(const struct settings *settings, struct error *err)
{
	if (!is_word(name))
		return error_set(err, ERROR_USAGE, "\"%s\" cannot be an alias: lower case letters, digits, '-' and '_'", name);
	if (parse_find_command(commands, name))
		return error_set(err, ERROR_USAGE, "\"%s\" is a command, and commands win over aliases", name);
	for (size_t i = 0; i < words.count; i++)
		if (!*words.items[i] || strpbrk(words.items[i], " \t\n"))
			return refuse_blanks(words.items[i], err);
	if (!parse_find_command(commands, words.items[0]) && find_alias(settings, words.items[0]))
		return error_set(err, ERROR_USAGE, "\"%s\" is an alias itself, and aliases are not looked up twice",
		                 words.items[0]);
	if (parse_find_command(commands, words.items[0]) || external_exists(words.items[0]))
		return true;
	error_put(err, ERROR_USAGE, "\"%s\" is no command", words.items[0]);
	return error_next(err, "paas help");
}

static bool
tell(struct session *session, const char *alias, const char *now, const char *before, const char *file, struct error *err)
{
	struct output *out = session->out;
	if (output_is_json(out))
		return output_json(out, json_pack("{s:s, s:s?, s:s?, s:s}", "alias", alias, "words", now, "previous", before, "file",
		                                  file), err);
	if (!now)
		output_print(out, "paas %s stands for nothing now\n", alias);
	else
		output_print(out, "paas %s stands for paas %s now\n", alias, now);
	if (before)
		output_note(out, "undo: paas config alias %s %s\n", alias, before);
	else
		output_note(out, "undo: paas config alias --unset %s\n", alias);
	if (now && external_exists(alias))
		output_warn(out, "paas-%s is on PATH; the alias wins over it", alias);
	return true;
}

static bool
change(struct session *session, const char *alias, const char *to, struct error *err)
{
	const struct settings_edit edit = {.section = "aliases", .key = alias, .value = to};
	const char *file, *before = find_alias(session->settings, alias);
	return settings_edit_file(&edit, session->arena, &file, err) && tell(session, alias, to, before, file, err);
}

static bool
run(struct session *session, struct error *err)
{
	scoped(buf_release) struct buf text = BUF_INIT(WORDS_MAX_BYTES);
	if (unwanted && name)
		return error_set(err, ERROR_USAGE, "--unset takes one alias out; NAME makes one");
	if (unwanted)
		return change(session, unwanted, NULL, err);
	if (!name)
		return list_aliases(session, err);
	if (!words.count) {
		error_put(err, ERROR_USAGE, "what is \"%s\" to stand for?", name);
		return error_next(err, "paas config alias %s WORD...", name);
	}
	for (size_t i = 0; i < words.count; i++)
		buf_printf(&text, "%s%s", i ? " " : "", words.items[i]);
	if (text.overflow)
		return error_set(err, ERROR_USAGE, "an alias has at most %d letters", WORDS_MAX_BYTES);
	return check(session->settings, err) && change(session, name, text.bytes, err);
}

static const struct option_spec options[] = {
	{.kind = OPTION_TEXT, .name = "unset", .value = "NAME", .text = &unwanted, .help = "take this alias out"},
	{.kind = OPTION_ARG, .name = "NAME", .text = &name, .help = "the word of your own"},
	{.kind = OPTION_ARGS, .name = "WORD", .list = &words, .help = "what it stands for; flags after --"},
	{.kind = OPTION_END},
};
static const struct command_example examples[] = {
	{"paas config alias", "those there are"},
	{"paas config alias dev -- deploy --env dev", "paas dev is paas deploy --env dev from now on"},
	{"paas config alias --unset dev", "and no longer"},
	{NULL, NULL},
};

const struct command config_alias = {
	.name = "alias",
	.group = GROUP_CONFIGURE,
	.summary = "Show, make or remove words of your own",
	.description = "An alias stands for words of the command line; what follows it on the line follows them. Commands win "
	               "over aliases, aliases over external commands; an alias is not looked up again, and no shell is "
	               "involved. Aliases are in your own config.yml only: a repository cannot bring any.",
	.options = options,
	.examples = examples,
	.needs = NEEDS_SETTINGS,
	.answers_json = true,
	.run = run,
};

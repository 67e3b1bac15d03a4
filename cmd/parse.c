#include "cmd/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/similar.h"
#include "cmd/globals.h"
#include "cmd/option.h"
#include "cmd/parse_secret.h"

enum { OPTION_NAMES_MAX = 128, NAME_MAX_BYTES = 80, SUBCOMMANDS_MAX = 32 };

struct parser {
	struct arena *arena;
	struct parsed *parsed;
	const char *const *words;
	size_t count, at;
	size_t n_positionals;
};

/* ---- finding ---- */

const struct command *
parse_find_command(const struct command *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp((*list)->name, name) == 0)
			return *list;
	return NULL;
}

/* The option tables that hold now: the command's, its parent's, the global ones. */
static size_t
tables_of(const struct parsed *parsed, const struct option_spec *ret[3])
{
	size_t n = 0;
	if (parsed->command != NULL && parsed->command->options != NULL)
		ret[n++] = parsed->command->options;
	if (parsed->parent != NULL && parsed->parent->options != NULL)
		ret[n++] = parsed->parent->options;
	ret[n++] = global_options;
	return n;
}

static const struct option_spec *
find_named(const struct parsed *parsed, const char *name, char letter)
{
	const struct option_spec *tables[3];
	size_t n = tables_of(parsed, tables);
	for (size_t i = 0; i < n; i++) {
		for (const struct option_spec *option = tables[i]; option->kind != OPTION_END; option++) {
			if (option_is_positional(option))
				continue;
			if (name != NULL ? strcmp(option->name, name) == 0 : option->letter == letter)
				return option;
		}
	}
	return NULL;
}

const struct option_spec *
parse_find_option(const struct parsed *parsed, const char *word)
{
	if (strncmp(word, "--no-", 5) == 0) {
		const struct option_spec *option = find_named(parsed, word + 2, 0);
		if (option == NULL)
			option = find_named(parsed, word + 5, 0);
		return option != NULL && option->kind == OPTION_FLAG ? option : NULL;
	}
	if (strncmp(word, "--", 2) == 0)
		return find_named(parsed, word + 2, 0);
	return word[0] == '-' && word[1] != '\0' ? find_named(parsed, NULL, word[1]) : NULL;
}

/* ---- refusing ---- */

bool
parse_refuse_word(const char *kind, const char *word, const char *const *names, size_t n_names,
                  const char *otherwise, struct error *err)
{
	const char *near[SIMILAR_MAX];
	size_t n = similar_find(word, names, n_names, near);
	error_put(err, ERROR_USAGE, "unknown %s \"%s\"", kind, word);
	if (n == 0)
		return error_next(err, "%s", otherwise);
	return error_next(err, "did you mean %s%s%s%s%s? (%s lists all)", near[0], n > 1 ? " or " : "",
	                  n > 1 ? near[1] : "", n > 2 ? " or " : "", n > 2 ? near[2] : "", otherwise);
}

static const char *
help_line(const struct parser *parser)
{
	const struct parsed *parsed = parser->parsed;
	if (parsed->command == NULL)
		return "paas help";
	return arena_printf(parser->arena, "paas help %s%s%s", parsed->parent ? parsed->parent->name : "",
	                    parsed->parent ? " " : "", parsed->command->name);
}

static bool
refuse_option(struct parser *parser, const char *word, struct error *err)
{
	const struct option_spec *tables[3];
	const char *names[OPTION_NAMES_MAX];
	size_t n = 0, n_tables = tables_of(parser->parsed, tables);
	for (size_t i = 0; i < n_tables; i++)
		for (const struct option_spec *option = tables[i]; option->kind != OPTION_END; option++)
			if (!option_is_positional(option) && !option->is_hidden && n < OPTION_NAMES_MAX)
				names[n++] = arena_printf(parser->arena, "--%s", option->name);
	return parse_refuse_word("flag", word, names, n, help_line(parser), err);
}

static bool
refuse_subcommand(struct parser *parser, const char *word, struct error *err)
{
	const char *names[SUBCOMMANDS_MAX];
	size_t n = 0;
	for (const struct command *const *at = parser->parsed->command->subcommands; *at != NULL; at++)
		if (n < SUBCOMMANDS_MAX)
			names[n++] = (*at)->name;
	const char *kind = arena_printf(parser->arena, "%s command", parser->parsed->command->name);
	return parse_refuse_word(kind, word, names, n, help_line(parser), err);
}

/* ---- words ---- */

static const char *
next_word(struct parser *parser)
{
	return parser->at < parser->count ? parser->words[parser->at++] : NULL;
}

static bool
parse_long(struct parser *parser, const char *word, struct error *err)
{
	char name[NAME_MAX_BYTES];
	size_t length = strcspn(word, "=");
	snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), word);
	const char *value = word[length] == '=' ? word + length + 1 : NULL;
	const struct option_spec *option = length < sizeof name ? parse_find_option(parser->parsed, name) : NULL;
	if (option == NULL)
		return refuse_option(parser, name, err);
	bool is_negated = strncmp(name, "--no-", 5) == 0 && strcmp(name + 2, option->name) != 0;
	if (option_takes_value(option)) {
		if (value == NULL)
			value = next_word(parser);
		if (value == NULL)
			return error_set(err, ERROR_USAGE, "%s needs a value: %s %s", name, name,
			                 option->value != NULL ? option->value : "VALUE");
		return option_set(option, name, value, parser->arena, err);
	}
	if (option->kind == OPTION_MAYBE)
		return option_set(option, name, value != NULL ? value : "", parser->arena, err);
	if (value != NULL)
		return error_set(err, ERROR_USAGE, "%s takes no value", name);
	if (option->kind == OPTION_COUNT)
		++*option->number;
	else
		*option->flag = !is_negated;
	return true;
}

/* "-vf", "-e pro", "-epro": each letter in turn, the first that takes a value takes the rest. */
static bool
parse_letters(struct parser *parser, const char *word, struct error *err)
{
	for (const char *at = word + 1; *at != '\0'; at++) {
		char name[3] = {'-', *at, '\0'};
		const struct option_spec *option = parse_find_option(parser->parsed, name);
		if (option == NULL) {
			error_put(err, ERROR_USAGE, "unknown flag \"%s\"%s%s", name,
			          word[2] != '\0' ? " in " : "", word[2] != '\0' ? word : "");
			return error_next(err, "%s", help_line(parser));
		}
		if (option_takes_value(option)) {
			const char *value = at[1] != '\0' ? at + 1 : next_word(parser);
			if (value == NULL)
				return error_set(err, ERROR_USAGE, "%s needs a value", name);
			return option_set(option, name, value, parser->arena, err);
		}
		if (option->kind == OPTION_COUNT)
			++*option->number;
		else if (option->kind == OPTION_MAYBE)
			*option->text = "";
		else
			*option->flag = true;
	}
	return true;
}

static const struct option_spec *
positional_at(const struct command *command, size_t place)
{
	const struct option_spec *option = command->options;
	for (; option != NULL && option->kind != OPTION_END; option++) {
		if (!option_is_positional(option) || option->kind == OPTION_DATA)
			continue;
		if (place == 0 || option->kind == OPTION_ARGS)
			return option;
		place--;
	}
	return NULL;
}

const struct option_spec *
parse_find_data(const struct parsed *parsed)
{
	const struct option_spec *option = parsed->command != NULL ? parsed->command->options : NULL;
	for (; option != NULL && option->kind != OPTION_END; option++)
		if (option->kind == OPTION_DATA)
			return option;
	return NULL;
}

static bool
parse_positional(struct parser *parser, const char *word, struct error *err)
{
	const struct command *command = parser->parsed->command;
	const struct option_spec *option = positional_at(command, parser->n_positionals);
	if (option == NULL) {
		error_put(err, ERROR_USAGE, "%s takes no further argument: \"%s\"", command->name, word);
		return error_next(err, "%s", help_line(parser));
	}
	parser->n_positionals++;
	return option_set(option, option->name, word, parser->arena, err);
}

static bool
enter_command(struct parser *parser, const struct command *command, struct error *err)
{
	parser->parsed->parent = parser->parsed->command;
	parser->parsed->command = command;
	return command->options == NULL || option_set_defaults(command->options, parser->arena, err);
}

/* A word that is no flag: a command, its subcommand, or a positional. */
static bool
parse_word(struct parser *parser, const char *word, struct error *err)
{
	struct parsed *parsed = parser->parsed;
	const struct command *found = NULL;
	if (parsed->command == NULL) {
		found = parse_find_command(commands, word);
		if (found != NULL)
			return enter_command(parser, found, err);
		parsed->unknown = word;
		parsed->rest = parser->words + parser->at;
		parsed->n_rest = parser->count - parser->at;
		parser->at = parser->count;
		return true;
	}
	if (parsed->parent == NULL && parser->n_positionals == 0 && parsed->command->subcommands != NULL) {
		found = parse_find_command(parsed->command->subcommands, word);
		if (found != NULL)
			return enter_command(parser, found, err);
		if (positional_at(parsed->command, 0) == NULL)
			return refuse_subcommand(parser, word, err);
	}
	return parse_positional(parser, word, err);
}

static bool
check_complete(const struct parser *parser, struct error *err)
{
	const struct command *command = parser->parsed->command;
	if (command == NULL)
		return true;
	if (command->run == NULL) {
		error_put(err, ERROR_USAGE, "%s needs a command of its own", command->name);
		return error_next(err, "%s", help_line(parser));
	}
	const struct option_spec *missing = positional_at(command, parser->n_positionals);
	bool is_missing = missing != NULL && missing->is_required &&
	                  !(missing->kind == OPTION_ARGS && missing->list->count > 0);
	if (is_missing) {
		error_put(err, ERROR_USAGE, "%s needs %s: %s", command->name, missing->name, missing->help);
		return error_next(err, "%s", help_line(parser));
	}
	return true;
}

bool
parse_command_line(size_t count, const char *const *words, struct arena *arena, struct parsed *ret,
                   struct error *err)
{
	struct parser parser = {.arena = arena, .parsed = ret, .words = words, .count = count};
	bool is_data = false;
	*ret = (struct parsed){0};
	if (!option_set_defaults(global_options, arena, err))
		return false;
	for (const char *word; (word = next_word(&parser)) != NULL;) {
		bool is_fine;
		const struct option_spec *data = is_data ? parse_find_data(ret) : NULL;
		if (data == NULL && !parse_refuse_secret(word, err))
			return false;
		if (data != NULL)
			is_fine = option_set(data, data->name, word, arena, err);
		else if (is_data || word[0] != '-' || word[1] == '\0')
			is_fine = parse_word(&parser, word, err);
		else if (strcmp(word, "--") == 0)
			is_fine = is_data = true;
		else if (word[1] == '-')
			is_fine = parse_long(&parser, word, err);
		else
			is_fine = parse_letters(&parser, word, err);
		if (!is_fine)
			return false;
	}
	if (globals.help || globals.version || ret->unknown != NULL)
		return true;
	return check_complete(&parser, err);
}

static bool
is_word_before_data(size_t count, const char *const *words, const char *word)
{
	for (size_t i = 0; i < count && strcmp(words[i], "--") != 0; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

enum help_wanted
parse_help_wanted(size_t count, const char *const *words)
{
	if (is_word_before_data(count, words, "--help"))
		return HELP_FULL;
	return is_word_before_data(count, words, "-h") ? HELP_SHORT : HELP_NONE;
}

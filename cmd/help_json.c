#include "cmd/help_json.h"

#include "cmd/globals.h"
#include "cmd/help_text.h"
#include "cmd/option.h"
#include "cmd/pages.h"

/* ---- options ---- */

static const char *const kind_names[] = {
	[OPTION_FLAG] = "flag",   [OPTION_TEXT] = "text",         [OPTION_LIST] = "list",
	[OPTION_NUMBER] = "number", [OPTION_COUNT] = "count",     [OPTION_DURATION] = "duration",
	[OPTION_CHOICE] = "choice", [OPTION_MAYBE] = "maybe",     [OPTION_ARG] = "argument",
	[OPTION_ARGS] = "arguments", [OPTION_DATA] = "data",
};

static json_t *
choices_to_json(const char *const *choices)
{
	json_t *list = json_array();
	for (; choices != NULL && *choices != NULL; choices++)
		json_array_append_new(list, json_string(*choices));
	return list;
}

static json_t *
option_to_json(const struct option_spec *option)
{
	const char letter[] = {option->letter, '\0'};
	return json_pack("{s:s, s:s?, s:s, s:s?, s:s, s:s?, s:s?, s:s?, s:o, s:b, s:b}", "name", option->name,
	                 "letter", option->letter != 0 ? letter : NULL, "kind", kind_names[option->kind], "value",
	                 option->value, "help", option->help, "environment", option->environment, "default",
	                 option->fallback, "completes", option->complete, "choices", choices_to_json(option->choices),
	                 "is_required", (int)option->is_required, "is_hidden", (int)option->is_hidden);
}

static json_t *
options_to_json(const struct option_spec *options)
{
	json_t *list = json_array();
	for (; options != NULL && options->kind != OPTION_END; options++)
		json_array_append_new(list, option_to_json(options));
	return list;
}

/* ---- commands ---- */

static json_t *
examples_to_json(const struct command_example *examples)
{
	json_t *list = json_array();
	for (; examples != NULL && examples->line != NULL; examples++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "line", examples->line, "comment", examples->comment));
	return list;
}

static json_t *
to_json(const struct command *parent, const struct command *command)
{
	return json_pack("{s:s, s:s?, s:s, s:s, s:s?, s:o, s:o, s:b, s:b, s:b, s:b}", "name", command->name, "parent",
	                 parent != NULL ? parent->name : NULL, "group", group_titles[command->group], "summary",
	                 command->summary, "description", command->description, "options",
	                 options_to_json(command->options), "examples", examples_to_json(command->examples),
	                 "answers_json", (int)command->answers_json, "streams", (int)command->streams, "is_hidden",
	                 (int)command->is_hidden, "is_group", (int)(command->run == NULL));
}

static void
add_command(json_t *list, const struct command *parent, const struct command *command)
{
	const struct command *const *at = command->subcommands;
	json_array_append_new(list, to_json(parent, command));
	for (; at != NULL && *at != NULL; at++)
		json_array_append_new(list, to_json(command, *at));
}

json_t *
help_command_to_json(const struct command *parent, const struct command *command)
{
	json_t *list = json_array();
	add_command(list, parent, command);
	return json_pack("{s:o}", "commands", list);
}

static json_t *
errors_to_json(void)
{
	json_t *list = json_array();
	for (enum error_code code = ERROR_NONE + 1; code < ERROR_COUNT; code++) {
		const struct error_kind *kind = error_kind(code);
		json_array_append_new(list, json_pack("{s:s, s:i, s:s}", "code", kind->name, "exit_status",
		                                      kind->exit_status, "sentence", kind->sentence));
	}
	return list;
}

json_t *
help_table_to_json(void)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n_commands; i++)
		add_command(list, NULL, commands[i]);
	return json_pack("{s:o, s:o, s:o}", "commands", list, "flags", options_to_json(global_options), "errors",
	                 errors_to_json());
}

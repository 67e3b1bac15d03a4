/* `paas config list`: every setting, what holds here and why. */
#include "cmd/config.h"
#include "cmd/setting_json.h"
#include "data/settings.h"
#include "ui/output.h"
#include "ui/table.h"

static bool show_origin;

static json_t *
list_to_json(const struct settings *settings)
{
	json_t *values = json_array(), *aliases = json_object();
	for (enum setting setting = 0; setting < SETTING_COUNT; setting++)
		json_array_append_new(values, setting_to_json(settings, setting));
	for (size_t i = 0; i < settings->n_aliases; i++)
		json_object_set_new(aliases, settings->aliases[i].name, json_string(settings->aliases[i].words));
	return json_pack("{s:o, s:o}", "settings", values, "aliases", aliases);
}

static void
print_settings(struct session *session)
{
	static const struct table_column columns[] = {
		{"SETTING", .priority = 0}, {"VALUE", .may_cut = true}, {"ORIGIN", .may_break = true},
	};
	const struct settings *settings = session->settings;
	struct table *table = table_new(session->arena, columns, show_origin ? 3 : 2);
	for (enum setting setting = 0; setting < SETTING_COUNT; setting++) {
		const struct setting_value *value = &settings->values[setting];
		table_add_row(table);
		table_set(table, 0, STYLE_PLAIN, "%s", setting_table[setting].name);
		table_set(table, 1, value->text ? STYLE_PLAIN : STYLE_FAINT, "%s", value->text ? value->text : "(not set)");
		if (show_origin)
			table_set(table, 2, STYLE_PLAIN, "%s", value->origin);
	}
	for (size_t i = 0; i < settings->n_aliases; i++) {
		table_add_row(table);
		table_set(table, 0, STYLE_PLAIN, "aliases.%s", settings->aliases[i].name);
		table_set(table, 1, STYLE_PLAIN, "%s", settings->aliases[i].words);
		if (show_origin)
			table_set(table, 2, STYLE_PLAIN, "%s", settings->user_file);
	}
	table_print(table, session->out);
}

static bool
run_list(struct session *session, struct error *err)
{
	if (output_is_json(session->out))
		return output_json(session->out, list_to_json(session->settings), err);
	print_settings(session);
	return true;
}

static const struct option_spec list_options[] = {
	{.kind = OPTION_FLAG, .name = "show-origin", .flag = &show_origin,
	 .help = "say where each value comes from: a file with its line, a variable, a flag"},
	{.kind = OPTION_END},
};

static const struct command_example list_examples[] = {
	{"paas config list --show-origin", "every setting, and which file, variable or flag set it"},
	{NULL, NULL},
};

const struct command config_list = {
	.name = "list",
	.group = GROUP_CONFIGURE,
	.summary = "Show every setting",
	.description = "Prints every setting with the value that holds here.  A flag wins over the environment, "
	               "that over the repository's .paas.yml, that over your own config.yml, that over "
	               "/etc/paas/config.yml, that over what is built in.\n\n"
	               "The JSON tells of each setting also its type, choices, default, variable, flag, and set_by: the "
	               "levels that may set it, the weakest first.",
	.options = list_options,
	.examples = list_examples,
	.needs = NEEDS_PROJECT,
	.answers_json = true,
	.run = run_list,
};

/* `paas config`: the settings and where they come from; whether the files are usable. */
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/globals.h"
#include "cmd/setting_json.h"
#include "core/fiaas/options.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/settings.h"
#include "ui/output.h"
#include "ui/table.h"

/* ---- list ---- */

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
		{"SETTING", .priority = 0}, {"VALUE", .may_cut = true}, {"ORIGIN", .may_cut = true},
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

static const struct command list = {
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

/* ---- check ---- */

static struct text_list files;

/* What the operator would say to its options; FDD's own table knows them. */
static void
check_fiaas_options(const struct platform_cluster *cluster, struct arena *arena, struct problems *problems)
{
	struct fiaas_options options;
	fiaas_options_init(&options);
	for (size_t i = 0; cluster->fiaas && cluster->fiaas->kind == YAML_KIND_MAP && i < cluster->fiaas->count; i++) {
		struct error err;
		const struct yaml_pair *pair = &cluster->fiaas->pairs[i];
		json_t *value = yaml_to_json(pair->value);
		if (!fiaas_options_set(&options, pair->key->text, value, arena, &err))
			problem_add(problems, PROBLEM_ERROR, "fiaas-option", pair->key,
			            err.next[0] ? arena_strdup(arena, err.next) : NULL, "%s", err.why);
		json_decref(value);
	}
}

static void
check_file_exists(const char *path, const struct yaml_node *key, struct problems *problems)
{
	if (path && access(path, R_OK) != 0)
		problem_add(problems, PROBLEM_ERROR, "missing-file", key, NULL, "%s cannot be read", path);
}

static void
check_clusters(const struct platform *platform, struct problems *problems)
{
	for (size_t i = 0; i < platform->n_clusters; i++) {
		const struct platform_cluster *cluster = &platform->clusters[i];
		check_fiaas_options(cluster, problems->arena, problems);
		check_file_exists(cluster->ca_file, NULL, problems);
		check_file_exists(cluster->kubeconfig, NULL, problems);
	}
}

static void
check_platform(const char *path, struct problems *problems)
{
	struct error err;
	const struct platform *platform;
	if (platform_load(path, problems->arena, problems, &platform, &err))
		check_clusters(platform, problems);
}

static bool
is_settings_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	return strcmp(slash ? slash + 1 : path, "config.yml") == 0;
}

static bool
is_project_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	return strcmp(slash ? slash + 1 : path, ".paas.yml") == 0;
}

static bool
check_one(const char *path, struct settings *settings, struct problems *problems, struct error *err)
{
	struct project project;
	struct yaml_node *root;
	static const char *const version[] = {"version", NULL};
	if (is_project_file(path))
		return project_open(settings, file_beside(problems->arena, path, "."), problems, &project, err);
	if (!is_settings_file(path))
		check_platform(path, problems);
	else if (schema_open(path, problems, &root))
		settings_read_map(settings, root, SETTING_USER, version, problems);
	return true;
}

/* The files in use: .paas.yml and the platform file; the settings are read already. */
static bool
check_all(struct settings *settings, struct problems *problems, struct error *err)
{
	struct project project;
	const char *path;
	if (!project_open(settings, NULL, problems, &project, err))
		return false;
	if (globals.platform)
		path = globals.platform;
	else if (!platform_find(settings_text(settings, SETTING_PLATFORM), &path, err)) {
		problems->file = "platform.yml";
		problem_add_error(problems, "missing-file", err);
		return true;
	}
	check_platform(path, problems);
	return true;
}

static void
print_problems(struct session *session, const struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		output_print(session->out, "%s\n", problem_format(&problems->items[i], session->arena));
		if (problems->items[i].fix)
			output_print(session->out, "  fix: %s\n", problems->items[i].fix);
	}
	if (!problems->count)
		output_print(session->out, "no problems\n");
}

static json_t *
problems_to_json(const struct problems *problems)
{
	json_t *list_of_problems = json_array();
	for (size_t i = 0; i < problems->count; i++)
		json_array_append_new(list_of_problems, problem_to_json(&problems->items[i]));
	return json_pack("{s:o, s:i, s:i}", "problems", list_of_problems, "errors", (int)problems->n_errors,
	                 "warnings", (int)problems->n_warnings);
}

static bool
run_check(struct session *session, struct error *err)
{
	struct problems problems = {.arena = session->arena};
	struct settings settings = {.arena = session->arena};
	if (!files.count)
		settings_load(&settings, &problems);
	if (!files.count && !check_all(&settings, &problems, err))
		return false;
	for (size_t i = 0; i < files.count; i++)
		if (!check_one(files.items[i], &settings, &problems, err))
			return false;
	problems_sort(&problems);
	if (problems.n_errors)
		session->exit_status = error_kind(ERROR_INVALID_FILE)->exit_status;
	else if (problems.count)
		session->exit_status = error_kind(ERROR_PROBLEM_FOUND)->exit_status;
	if (output_is_json(session->out))
		return output_json(session->out, problems_to_json(&problems), err);
	print_problems(session, &problems);
	return true;
}

static const struct option_spec check_options[] = {
	{.kind = OPTION_ARGS, .name = "FILE", .list = &files, .complete = "file",
	 .help = "a platform.yml, config.yml or .paas.yml; without it: the files in use here"},
	{.kind = OPTION_END},
};

static const struct command_example check_examples[] = {
	{"paas config check", "settings, .paas.yml and the platform file in use"},
	{"paas config check platform.yml", "before the platform file is handed out"},
	{NULL, NULL},
};

static const struct command check = {
	.name = "check",
	.group = GROUP_CONFIGURE,
	.summary = "Check settings, .paas.yml and the platform file",
	.description = "Prints every problem of the files, each as FILE:LINE:COLUMN.  No connection is made.\n\n"
	               "Exit status 9 when a file cannot be used, 3 when there are only warnings, else 0.",
	.options = check_options,
	.examples = check_examples,
	.answers_json = true,
	.run = run_check,
};

static const struct command *const subcommands[] = {&list, &check, NULL};
static const char *const see_also[] = {"config.yml(5)", "platform.yml(5)", ".paas.yml(5)", NULL};

const struct command command_config = {
	.name = "config",
	.group = GROUP_CONFIGURE,
	.summary = "Show settings and their origin, check the files",
	.description = "Settings are few: which platform file, which team and environment when none is given, how "
	               "output looks.",
	.subcommands = subcommands,
	.see_also = see_also,
};

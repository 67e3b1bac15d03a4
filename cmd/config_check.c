/* `paas config check`: whether settings, .paas.yml and the platform file are usable. */
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/config.h"
#include "cmd/globals.h"
#include "cmd/problem_view.h"
#include "core/fiaas/options.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/settings.h"
#include "ui/output.h"

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
			problem_add(problems, PROBLEM_ERROR, RULE_FIAAS_OPTION, pair->key,
			            err.next[0] ? arena_strdup(arena, err.next) : NULL, "%s", err.why);
		json_decref(value);
	}
}

static void
check_file_exists(const char *path, const struct yaml_node *key, struct problems *problems)
{
	if (path && access(path, R_OK) != 0)
		problem_add(problems, PROBLEM_ERROR, RULE_MISSING_FILE, key, NULL, "%s cannot be read", path);
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
	size_t n_before = problems->n_errors;
	if (platform_load(path, problems->arena, problems, &platform, &err)) {
		check_clusters(platform, problems);
	} else if (problems->n_errors == n_before) { /* it was not even read */
		problems->file = path;
		problem_add_error(problems, RULE_UNTRUSTED_FILE, &err);
	}
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
		problem_add_error(problems, RULE_MISSING_FILE, err);
		return true;
	}
	check_platform(path, problems);
	return true;
}

static void
print_problems(struct session *session, const struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		output_print(session->out, "%s", problem_format(&problems->items[i], session->arena));
		problem_view_end(session->out, &problems->items[i]);
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

const struct command config_check = {
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

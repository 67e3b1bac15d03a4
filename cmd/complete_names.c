#include "cmd/complete_names.h"

#include <string.h>

#include "api/kubernetes/kubeconfig.h"
#include "cmd/command.h"
#include "cmd/complete_live.h"
#include "cmd/pages.h"
#include "data/platform.h"
#include "data/problem.h"
#include "data/project.h"
#include "cmd/token_keys.h"
#include "data/settings.h"
#include "role/systems.h"

static unsigned
add_files(struct candidates *candidates)
{
	(void)candidates; /* the shell knows its files best */
	return 0;
}

static unsigned
add_help_subjects(struct candidates *candidates)
{
	for (size_t i = 0; i < n_commands; i++)
		if (!commands[i]->is_hidden)
			candidates_add(candidates, commands[i]->name, commands[i]->summary);
	for (size_t i = 0; i < n_page_sources; i++) {
		const char *name;
		for (size_t k = 0; (name = page_sources[i]->name_at(k)) != NULL; k++)
			candidates_add(candidates, name, page_sources[i]->kind);
	}
	return COMPLETE_NO_FILE;
}

/* What the files around us say; what cannot be read is left out. */
struct surroundings {
	struct settings settings;
	struct project project;
	const struct platform *platform; /* NULL: none that can be read */
};

/* The platform file that flags, variables and the engineer's settings name. */
static const struct platform *
find_platform(struct candidates *candidates, const struct settings *settings, struct problems *problems)
{
	const struct platform *platform;
	struct error ignored;
	const char *path = candidates->platform_file;
	if (path == NULL && !platform_find(settings_text(settings, SETTING_PLATFORM), &path, &ignored))
		return NULL;
	return platform_load(path, candidates->arena, problems, &platform, &ignored) ? platform : NULL;
}

static const struct platform *
load_platform(struct candidates *candidates)
{
	struct problems problems = {.arena = candidates->arena};
	struct settings settings;
	settings_load(&settings, &problems);
	return find_platform(candidates, &settings, &problems);
}

static void
look_around(struct candidates *candidates, struct surroundings *ret)
{
	struct problems problems = {.arena = candidates->arena};
	struct error ignored;
	settings_load(&ret->settings, &problems);
	if (!project_open(&ret->settings, NULL, &problems, &ret->project, &ignored))
		ret->project = (struct project){0};
	ret->platform = find_platform(candidates, &ret->settings, &problems);
}

static unsigned
add_environments(struct candidates *candidates)
{
	const struct platform *platform = load_platform(candidates);
	for (size_t i = 0; platform != NULL && i < platform->n_environments; i++)
		candidates_add(candidates, platform->environments[i].name, platform->environments[i].cluster_name);
	return COMPLETE_NO_FILE;
}

static unsigned
add_teams(struct candidates *candidates)
{
	const struct platform *platform = load_platform(candidates);
	for (size_t i = 0; platform != NULL && i < platform->n_teams; i++)
		candidates_add(candidates, platform->teams[i].name, platform->teams[i].github_team);
	return COMPLETE_NO_FILE;
}

/* Of those that a credential is handed over for. */
static unsigned
add_systems(struct candidates *candidates)
{
	const struct platform *platform = load_platform(candidates);
	struct system *systems = arena_array(candidates->arena, struct system, SYSTEMS_MAX);
	size_t n_systems = platform != NULL ? systems_of_platform(platform, candidates->arena, systems) : 0;
	for (size_t i = 0; i < n_systems; i++)
		if (!systems[i].credential.takes_sign_on)
			candidates_add(candidates, systems[i].name, systems[i].label);
	if (platform != NULL && platform->sso.provider != NULL)
		candidates_add(candidates, "sso", "the company's sign-on");
	return COMPLETE_NO_FILE;
}

/* What may stand in config.yml. */
static unsigned
add_settings(struct candidates *candidates)
{
	for (enum setting setting = 0; setting < SETTING_COUNT; setting++)
		if (setting_table[setting].levels & 1U << SETTING_USER)
			candidates_add(candidates, setting_table[setting].name, setting_table[setting].sentence);
	return COMPLETE_NO_FILE;
}

static void
add_words(struct candidates *candidates, const char *words)
{
	while (*words) {
		size_t length = strcspn(words, " ");
		candidates_add(candidates, arena_strndup(candidates->arena, words, length), NULL);
		words += length + (words[length] == ' ');
	}
}

/* What the setting before it may be. */
static unsigned
add_setting_values(struct candidates *candidates)
{
	enum setting setting = 0;
	while (candidates->setting && setting < SETTING_COUNT && strcmp(setting_table[setting].name, candidates->setting))
		setting++;
	if (!candidates->setting || setting == SETTING_COUNT)
		return COMPLETE_NO_FILE;
	if (setting == SETTING_PLATFORM)
		return add_files(candidates);
	if (setting == SETTING_ENVIRONMENT_NAME)
		return add_environments(candidates);
	if (setting == SETTING_TEAM)
		return add_teams(candidates);
	if (setting_table[setting].type == SETTING_TYPE_BOOL)
		add_words(candidates, "true false");
	else if (setting_table[setting].choices)
		add_words(candidates, setting_table[setting].choices);
	return COMPLETE_NO_FILE;
}

/* Contexts of the kubeconfig: a file only, its plugins are not run. */
static unsigned
add_contexts(struct candidates *candidates)
{
	scoped(kubeconfig_release) struct kubeconfig config = {0};
	struct error ignored;
	if (!kubeconfig_load(NULL, &config, &ignored))
		return COMPLETE_NO_FILE;
	for (size_t i = 0; i < config.n_entries[KUBECONFIG_CONTEXTS]; i++) {
		const struct kubeconfig_entry *context = &config.entries[KUBECONFIG_CONTEXTS][i];
		candidates_add(candidates, context->name, kubeconfig_text(context, "cluster"));
	}
	return COMPLETE_NO_FILE;
}

/* ---- names that live in clusters ---- */

/* Pods and what is in them are of the one environment that a command looks at when it is told none; of
 * what may be deployed anywhere, all are asked.  NULL: all. */
static const char *
default_environment(enum names_kind kind, const struct surroundings *around)
{
	const char *chosen = settings_text(&around->settings, SETTING_ENVIRONMENT_NAME);
	if (kind != NAMES_PODS && !names_are_of_one(kind))
		return NULL;
	if (chosen == NULL && around->platform->n_environments > 0)
		chosen = around->platform->environments[0].name;
	return chosen;
}

static void
add_live(enum names_kind kind, const struct surroundings *around, struct choices *choices)
{
	const struct candidates *candidates = choices->candidates;
	if (around->platform == NULL)
		return;
	struct names_question question = {
		.kind = kind,
		.environment = candidates->environment != NULL ? candidates->environment
		                                               : default_environment(kind, around),
		.team = candidates->team != NULL ? candidates->team : settings_text(&around->settings, SETTING_TEAM),
		.name = candidates->application != NULL ? candidates->application
		                                        : settings_text(&around->settings, SETTING_NAME),
	};
	complete_live(around->platform, token_keys_unattended(&around->settings, candidates->arena), &question,
	              kind == NAMES_APPLICATIONS ? NULL : question.name, choices);
}

/* Of the repository at hand, and of the clusters. */
static unsigned
add_applications(struct candidates *candidates)
{
	struct choices choices = {.candidates = candidates};
	struct surroundings around;
	look_around(candidates, &around);
	for (size_t i = 0; i < around.project.n_apps; i++)
		choices_add(&choices, around.project.apps[i].name, around.project.apps[i].file);
	const char *name = settings_text(&around.settings, SETTING_NAME);
	if (name != NULL)
		choices_add(&choices, name, "this repository");
	add_live(NAMES_APPLICATIONS, &around, &choices);
	choices_write(&choices);
	return COMPLETE_NO_FILE;
}

static void
add_roles(const struct platform *platform, struct candidates *candidates)
{
	const struct {
		const char *name;
		const struct platform_role *role;
	} systems[] = {
		{"artifacts", &platform->artifacts}, {"cd", &platform->cd},           {"chat", &platform->chat},
		{"ci", &platform->ci},               {"logs", &platform->logs},       {"metrics", &platform->metrics},
		{"scm", &platform->scm},             {"sso", &platform->sso},         {"tickets", &platform->tickets},
	};
	for (size_t i = 0; i < array_length(systems); i++)
		if (systems[i].role->provider != NULL)
			candidates_add(candidates, systems[i].name, systems[i].role->provider);
}

/* Applications, and the systems of the platform file by role. */
static unsigned
add_pages(struct candidates *candidates)
{
	const struct platform *platform = load_platform(candidates);
	if (platform != NULL)
		add_roles(platform, candidates);
	return add_applications(candidates);
}

static unsigned
add_api(struct candidates *candidates)
{
	const struct platform *platform = load_platform(candidates);
	candidates_add(candidates, "kubernetes", "the cluster of an environment");
	if (platform != NULL)
		add_roles(platform, candidates);
	return COMPLETE_NO_FILE;
}

static unsigned
add_of_clusters(enum names_kind kind, struct candidates *candidates)
{
	struct choices choices = {.candidates = candidates, .are_versions = kind == NAMES_RELEASES};
	struct surroundings around;
	look_around(candidates, &around);
	add_live(kind, &around, &choices);
	choices_write(&choices);
	return COMPLETE_NO_FILE;
}

static unsigned
add_pods(struct candidates *candidates)
{
	return add_of_clusters(NAMES_PODS, candidates);
}

static unsigned
add_containers(struct candidates *candidates)
{
	return add_of_clusters(NAMES_CONTAINERS, candidates);
}

static unsigned
add_ports(struct candidates *candidates)
{
	return add_of_clusters(NAMES_PORTS, candidates);
}

static unsigned
add_secrets(struct candidates *candidates)
{
	return add_of_clusters(NAMES_SECRETS, candidates);
}

static unsigned
add_variables(struct candidates *candidates)
{
	return add_of_clusters(NAMES_VARIABLES, candidates);
}

static unsigned
add_releases(struct candidates *candidates)
{
	return add_of_clusters(NAMES_RELEASES, candidates);
}

static unsigned
add_deployments(struct candidates *candidates)
{
	return add_of_clusters(NAMES_DEPLOYMENTS, candidates);
}

/* Whatever stands for a release: the file, what runs in an environment, what was deployed. */
static unsigned
add_references(struct candidates *candidates)
{
	struct choices choices = {.candidates = candidates};
	struct surroundings around;
	look_around(candidates, &around);
	choices_add(&choices, ".", "the file here");
	for (size_t i = 0; around.platform != NULL && i < around.platform->n_environments; i++)
		choices_add(&choices, around.platform->environments[i].name, "what runs there");
	add_live(NAMES_DEPLOYMENTS, &around, &choices);
	add_live(NAMES_RELEASES, &around, &choices);
	choices_write(&choices);
	return COMPLETE_NO_FILE;
}

static const struct {
	const char *kind;
	unsigned (*add)(struct candidates *candidates);
} providers[] = {
	{"api", add_api},
	{"application", add_applications},
	{"container", add_containers},
	{"context", add_contexts},
	{"deployment", add_deployments},
	{"environment", add_environments},
	{"file", add_files},
	{"help", add_help_subjects},
	{"page", add_pages},
	{"pod", add_pods},
	{"port", add_ports},
	{"reference", add_references},
	{"release", add_releases},
	{"secret", add_secrets},
	{"setting", add_settings},
	{"setting-value", add_setting_values},
	{"team", add_teams},
	{"system", add_systems},
	{"variable", add_variables},
};

unsigned
complete_names(const char *kind, struct candidates *candidates)
{
	for (size_t i = 0; i < array_length(providers); i++)
		if (strcmp(providers[i].kind, kind) == 0)
			return providers[i].add(candidates);
	return COMPLETE_NO_FILE;
}

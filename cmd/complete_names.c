#include "cmd/complete_names.h"

#include <string.h>

#include "api/kubernetes/kubeconfig.h"
#include "cmd/command.h"
#include "cmd/pages.h"
#include "data/platform.h"
#include "data/problem.h"
#include "data/project.h"
#include "data/settings.h"

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

/* The platform file that flags, variables and the engineer's settings name; NULL: none that can be read. */
static const struct platform *
load_platform(struct candidates *candidates)
{
	struct problems problems = {.arena = candidates->arena};
	struct settings settings;
	const struct platform *platform;
	struct error ignored;
	const char *path = candidates->platform_file;
	if (path == NULL) {
		settings_load(&settings, &problems);
		if (!platform_find(settings_text(&settings, SETTING_PLATFORM), &path, &ignored))
			return NULL;
	}
	return platform_load(path, candidates->arena, &problems, &platform, &ignored) ? platform : NULL;
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

/* What the repository at hand says; the names that live in a cluster are not asked for here. */
static unsigned
add_applications(struct candidates *candidates)
{
	struct problems problems = {.arena = candidates->arena};
	struct settings settings;
	struct project project;
	struct error ignored;
	settings_load(&settings, &problems);
	if (!project_open(&settings, NULL, &problems, &project, &ignored))
		return COMPLETE_NO_FILE;
	for (size_t i = 0; i < project.n_apps; i++)
		candidates_add(candidates, project.apps[i].name, project.apps[i].file);
	const char *name = settings_text(&settings, SETTING_NAME);
	if (name != NULL)
		candidates_add(candidates, name, "this repository");
	return COMPLETE_NO_FILE;
}

static const struct {
	const char *kind;
	unsigned (*add)(struct candidates *candidates);
} providers[] = {
	{"application", add_applications},
	{"context", add_contexts},
	{"environment", add_environments},
	{"file", add_files},
	{"help", add_help_subjects},
	{"team", add_teams},
};

unsigned
complete_names(const char *kind, struct candidates *candidates)
{
	for (size_t i = 0; i < array_length(providers); i++)
		if (strcmp(providers[i].kind, kind) == 0)
			return providers[i].add(candidates);
	return COMPLETE_NO_FILE;
}

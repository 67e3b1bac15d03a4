/* `paas open`: the web page of an application or a system. */
#include <string.h>

#include "api/kubernetes/client.h"
#include "cmd/command.h"
#include "core/deploy/addresses.h"
#include "core/deploy/release.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/repository.h"
#include "data/settings.h"
#include "role/cluster.h"
#include "role/systems.h"
#include "ui/browser.h"
#include "ui/output.h"

static const char *what, *environment;
static bool print;

/* ---- systems ---- */

static const struct {
	const char *role;
	size_t offset;
} roles[] = {
	{"scm", offsetof(struct platform, scm)},         {"ci", offsetof(struct platform, ci)},
	{"artifacts", offsetof(struct platform, artifacts)}, {"cd", offsetof(struct platform, cd)},
	{"metrics", offsetof(struct platform, metrics)}, {"logs", offsetof(struct platform, logs)},
	{"tickets", offsetof(struct platform, tickets)}, {"sso", offsetof(struct platform, sso)},
	{"events", offsetof(struct platform, events)},   {"chat", offsetof(struct platform, chat)},
};

/* By its role or its provider's name; *ret_role for the role that it is. */
static const struct platform_role *
find_system(const struct platform *platform, const char *name, const char **ret_role)
{
	for (size_t i = 0; i < array_length(roles); i++) {
		const struct platform_role *role = (const void *)((const char *)platform + roles[i].offset);
		*ret_role = roles[i].role;
		if (!strcmp(name, roles[i].role) || (role->provider && !strcmp(name, role->provider)))
			return role;
	}
	return NULL;
}

/* The page beside an API: https://forge/api/v3 is of https://forge. */
static const char *
page_of_forge(const char *url, struct arena *arena)
{
	const char *api = strstr(url, "/api/");
	if (!strcmp(url, "https://api.github.com") || !strcmp(url, "https://api.github.com/"))
		return "https://github.com";
	return api ? arena_strndup(arena, url, (size_t)(api - url)) : url;
}

static const char *
page_of_repository(struct session *session, const char *forge)
{
	const struct repository *repository;
	struct error ignored;
	if (!session->project->root || !project_repository(session->project, &repository, &ignored) ||
	    !repository->remote_owner || !repository->remote_name)
		return forge;
	return arena_printf(session->arena, "%s/%s/%s", forge, repository->remote_owner, repository->remote_name);
}

static bool
find_page(struct session *session, const struct platform_role *role, const char *name, struct addresses *ret,
          struct error *err)
{
	const char *url = role->web ? role->web : role->url ? role->url : role->issuer ? role->issuer : role->collector;
	if (!url && role->provider)
		url = systems_usual_page(role->provider);
	if (!url) {
		error_put(err, ERROR_NOT_FOUND, "the platform file knows no address of %s", name);
		return error_next(err, "paas config check");
	}
	if (!strcmp(name, "scm"))
		url = page_of_repository(session, page_of_forge(url, session->arena));
	*ret = (struct addresses){.urls = {url}, .count = 1};
	return true;
}

/* ---- applications ---- */

static bool
find_application(struct session *session, struct addresses *ret, struct error *err)
{
	struct release_request request = {.platform = session->platform, .project = session->project,
	                                  .settings = session->settings, .application = what};
	struct release release;
	scoped(cluster_close) struct cluster *cluster = NULL;
	if (!settings_set_flag(session->settings, SETTING_ENVIRONMENT_NAME, environment, err))
		return false;
	if (!release_locate(&request, session->arena, &release, err) ||
	    !cluster_open(session->http, release.environment->cluster, session->arena, &cluster, err) ||
	    !addresses_read(cluster->kubernetes, release.namespace, release.name, session->arena, ret, err))
		return false;
	if (ret->count)
		return true;
	error_put(err, ERROR_NOT_FOUND, "%s has no address in %s: no Ingress there names a host", release.name,
	          release.environment->name);
	error_put_next(err, "paas forward %s --env %s", release.name, release.environment->name);
	return false;
}

/* ---- both ---- */

static bool
tell(struct session *session, const struct addresses *found, bool is_opened, struct error *err)
{
	json_t *urls = json_array();
	for (size_t i = 0; i < found->count; i++)
		json_array_append_new(urls, json_string(found->urls[i]));
	if (output_is_json(session->out))
		return output_json(session->out, json_pack("{s:o, s:b}", "urls", urls, "opened", is_opened), err);
	json_decref(urls);
	for (size_t i = 0; i < found->count; i++)
		output_print(session->out, "%s\n", found->urls[i]);
	return true;
}

static bool
run(struct session *session, struct error *err)
{
	struct addresses found;
	const char *name = NULL;
	const struct platform_role *role = what ? find_system(session->platform, what, &name) : NULL;
	if (role && environment)
		return error_set(err, ERROR_USAGE, "--env is of applications; %s is a system", what);
	if (!(role ? find_page(session, role, name, &found, err) : find_application(session, &found, err)))
		return false;
	bool is_opened = !print && !output_is_json(session->out) && browser_is_there();
	return (!is_opened || browser_open(found.urls[0], err)) && tell(session, &found, is_opened, err);
}

static const struct option_spec options[] = {
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment, .complete = "environment",
	 .fallback = "the first of the platform file", .help = "the application's environment"},
	{.kind = OPTION_FLAG, .name = "print", .flag = &print, .help = "print the address, open nothing"},
	{.kind = OPTION_ARG, .name = "WHAT", .text = &what, .complete = "page", .fallback = "the application of this folder",
	 .help = "an application, a role (scm, ci, metrics, …) or a provider (github, …)"},
	{.kind = OPTION_END},
};
static const struct command_example examples[] = {
	{"paas open", "the application of this folder"},
	{"paas open checkout --env pro --print", "its addresses there"},
	{"paas open artifacts", "a system of the platform file"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-forward(1)", "platform.yml(5)", NULL};

const struct command command_open = {
	.name = "open",
	.group = GROUP_FIX,
	.summary = "Open the web page of an application or a system",
	.description = "Prints the addresses that the application's Ingress objects give it, or the address of a system of the "
	               "platform file; scm is the repository's own page where origin names one. On a terminal the first is "
	               "opened with $BROWSER, else xdg-open or open. In CI, in a pipe, and over a connection without windows it "
	               "is only printed. Exit status 5 when there is none.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.run = run,
};

#include <string.h>

#include "core/deploy/overview_parts.h"
#include "core/deploy/release.h"
#include "core/fiaas/checking.h"
#include "data/platform.h"

enum { NAMESPACE_MAX = 63 };

static bool
check_namespace_name(const char *namespace, struct error *err)
{
	if (check_is_dns_label(namespace, NAMESPACE_MAX))
		return true;
	return error_set(err, ERROR_USAGE, "\"%s\" cannot name a namespace: at most %d of a-z, 0-9 and -", namespace,
	                 NAMESPACE_MAX);
}

static bool
check_request(const struct overview_request *request, const struct platform_environment **ret_only, struct error *err)
{
	if (request->namespace && !check_namespace_name(request->namespace, err))
		return false;
	if (request->team && request->platform->n_teams && !platform_team(request->platform, request->team)) {
		error_put(err, ERROR_NOT_FOUND, "the platform file has no team \"%s\"", request->team);
		return error_next(err, "look at teams of %s", request->platform->path);
	}
	return !request->environment || platform_environment(request->platform, request->environment, ret_only, err);
}

/* Two environments may be one place: looked at once, under the first name.  Trouble is told once too. */
static bool
is_same(const struct overview *a, const struct overview *b)
{
	if (!a->namespace || !b->namespace)
		return !a->namespace && !b->namespace && a->environment == b->environment;
	return a->environment->cluster == b->environment->cluster && strcmp(a->namespace, b->namespace) == 0;
}

static bool
is_listed(const struct overview *overviews, size_t count, const struct overview *other)
{
	for (size_t i = 0; i < count; i++)
		if (is_same(&overviews[i], other))
			return true;
	return false;
}

/* By the template of the environment; one that asks for the application's name has no answer here. */
static void
find_namespace(const char *team, struct overview *overview, struct arena *arena)
{
	bool is_found = release_namespace(overview->environment, team, NULL, arena, &overview->namespace, &overview->trouble);
	if (!is_found)
		error_copy_text(overview->trouble.next, sizeof overview->trouble.next, "paas status --namespace NS");
	else if (!check_namespace_name(overview->namespace, &overview->trouble))
		overview->namespace = NULL;
}

/* A template without {team} needs none. */
static size_t
choose_teams(const struct overview_request *request, struct arena *arena, const char *const **ret)
{
	size_t count = request->is_everywhere ? request->platform->n_teams : 0;
	const char **teams = arena_array(arena, const char *, count + 1);
	teams[0] = request->team;
	for (size_t i = 0; i < count; i++)
		teams[i] = request->platform->teams[i].name;
	*ret = teams;
	return count > 0 ? count : 1;
}

static size_t
choose_namespaces(const struct overview_request *request, const struct platform_environment *only, struct arena *arena,
                  struct overview **ret)
{
	const char *const *teams;
	size_t n_teams = choose_teams(request, arena, &teams), count = 0;
	struct overview *overviews = arena_array(arena, struct overview, request->platform->n_environments * n_teams + 1);
	for (size_t i = 0; i < request->platform->n_environments; i++)
		for (size_t team = 0; team < n_teams; team++) {
			struct overview overview = {.environment = &request->platform->environments[i],
			                            .namespace = request->namespace};
			if (only && only != overview.environment)
				continue;
			if (!overview.namespace)
				find_namespace(teams[team], &overview, arena);
			if (!is_listed(overviews, count, &overview))
				overviews[count++] = overview;
		}
	*ret = overviews;
	return count;
}

bool
overview_choose(const struct overview_request *request, struct arena *arena, struct overview **ret, size_t *ret_count,
                struct error *err)
{
	const struct platform_environment *only = NULL;
	if (!check_request(request, &only, err))
		return false;
	*ret_count = choose_namespaces(request, only, arena, ret);
	return true;
}

#include "core/deploy/shipped.h"

#include <string.h>

#include "data/project.h"
#include "role/scm.h"

static bool
is_known(const char *commit)
{
	return commit != NULL && *commit != '\0';
}

static struct shipped
ask_source(const struct shipped_request *request, const struct repository *repository, struct arena *arena)
{
	struct shipped shipped = {0};
	scoped(scm_close) struct scm *scm = NULL;
	const char *slug;
	struct error ignored;
	if (!scm_knows(request->platform) || !scm_slug(request->platform, repository, arena, &slug, &ignored) ||
	    !scm_open(request->http, request->platform, arena, &scm, &ignored) ||
	    !scm_commits_between(scm, slug, request->from, request->to, request->max, arena, &shipped.commits, &shipped.count,
	                         &ignored))
		return (struct shipped){0};
	return shipped;
}

struct shipped
shipped_find(const struct shipped_request *request, struct arena *arena)
{
	struct shipped shipped = {0};
	const struct repository *repository;
	struct error ignored;
	if (!is_known(request->from) || !is_known(request->to) || strcmp(request->from, request->to) == 0 ||
	    request->project->root == NULL)
		return shipped;
	if (repository_commits(request->project->root, request->from, request->to, request->max, arena, &shipped.commits,
	                       &shipped.count, &ignored))
		return shipped;
	if (request->http == NULL || !project_repository(request->project, &repository, &ignored))
		return (struct shipped){0};
	return ask_source(request, repository, arena);
}

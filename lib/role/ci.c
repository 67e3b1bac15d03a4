#include "role/ci.h"

#include <string.h>

#include "data/platform.h"
#include "role/ci_log.h"
#include "role/ci_provider.h"

enum { TAIL_MAX = 64 * 1024 };

static const struct ci_provider *const providers[] = {&ci_github_actions, &ci_travis};

const char *
ci_state_name(enum ci_state state)
{
	static const char *const names[] = {"queued", "running", "passed", "failed", "cancelled", "unknown"};
	return names[state];
}

bool
ci_state_is_final(enum ci_state state)
{
	return state != CI_QUEUED && state != CI_RUNNING;
}

static const struct ci_provider *
provider_of(const char *name)
{
	for (size_t i = 0; name != NULL && i < array_length(providers); i++)
		if (strcmp(providers[i]->name, name) == 0)
			return providers[i];
	return NULL;
}

bool
ci_knows(const struct platform *platform)
{
	return provider_of(platform->ci.provider) != NULL;
}

bool
ci_open(struct http *http, const struct platform *platform, const char *slug, struct arena *arena, struct ci **ret,
        struct error *err)
{
	struct ci *ci = arena_new(arena, struct ci);
	*ci = (struct ci){.slug = slug, .provider = provider_of(platform->ci.provider)};
	if (ci->provider == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the platform file names no CI that this version speaks to");
	if (!connection_open(http, platform, "ci", arena, &ci->connection, err))
		return false;
	ci->connection.rest.message = ci->provider->message;
	ci->connection.rest.headers = ci->provider->headers;
	ci->connection.rest.n_headers = ci->provider->n_headers;
	*ret = ci;
	return true;
}

void
ci_close(struct ci **ci)
{
	if (*ci != NULL)
		connection_release(&(*ci)->connection);
	*ci = NULL;
}

bool
ci_build_of_commit(struct ci *ci, const char *commit, struct arena *arena, struct ci_build *ret, bool *ret_found,
                   struct error *err)
{
	return ci->provider->find(ci, commit, NULL, arena, ret, ret_found, err) ||
	       error_doing(err, "looking for the build of commit %.8s", commit);
}

bool
ci_build_of_branch(struct ci *ci, const char *branch, struct arena *arena, struct ci_build *ret, bool *ret_found,
                   struct error *err)
{
	return ci->provider->find(ci, NULL, branch, arena, ret, ret_found, err) ||
	       error_doing(err, "looking for the last build of branch %s", branch);
}

static const struct ci_job *
first_failed(const struct ci_job *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (jobs[i].state == CI_FAILED)
			return &jobs[i];
	return NULL;
}

bool
ci_failure(struct ci *ci, const struct ci_build *build, size_t n_lines, struct arena *arena, struct ci_job *ret,
           const char **ret_lines, bool *ret_found, struct error *err)
{
	struct ci_job *jobs;
	size_t count, length;
	const char *log;
	if (!ci->provider->jobs(ci, build, arena, &jobs, &count, err))
		return error_doing(err, "looking for the failed job of build %s", build->number);
	const struct ci_job *job = first_failed(jobs, count);
	const char *lines = "";
	if (job != NULL && ci->provider->log(ci, job, TAIL_MAX, arena, &log, &length, err))
		lines = ci_log_end(log, length, n_lines, arena);
	else if (job != NULL && err->code != ERROR_NOT_FOUND)
		return error_doing(err, "reading the log of job %s", job->name);
	if (job != NULL)
		*ret = *job;
	*ret_lines = lines;
	*ret_found = job != NULL;
	return true;
}

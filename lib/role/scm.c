#include "role/scm.h"

#include <inttypes.h>
#include <string.h>

#include "api/github/github.h"
#include "data/platform.h"
#include "data/repository.h"
#include "role/connection.h"

/* ---- which repository ---- */

enum { SLUG_PART_MAX = 100 };

static bool
is_slug_part(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t length = strlen(text);
	return length > 0 && length <= SLUG_PART_MAX && strspn(text, allowed) == length && strcmp(text, ".") != 0 &&
	       strcmp(text, "..") != 0;
}

/* "localhost:8443" of "https://localhost:8443/a/b.git", "github.com" of "git@github.com:a/b.git": what an https url says
 * of a port counts, that of ssh is another service's. */
static const char *
host_of(const char *url, struct arena *arena)
{
	const char *scheme = strstr(url, "://"), *start = scheme != NULL ? scheme + 3 : url;
	size_t length = strcspn(start, scheme != NULL ? "/?#" : "/:");
	const char *at = memchr(start, '@', length);
	if (at != NULL) {
		length -= (size_t)(at + 1 - start);
		start = at + 1;
	}
	if (scheme != NULL && strncmp(url, "https://", 8) != 0 && start[0] != '[')
		length = strcspn(start, ":/") < length ? strcspn(start, ":/") : length;
	return arena_strndup(arena, start, length);
}

static const struct system *
system_of_source(const struct platform *platform, struct system systems[SYSTEMS_MAX], struct arena *arena)
{
	size_t n_systems = systems_of_platform(platform, arena, systems);
	for (size_t i = 0; i < n_systems; i++)
		if (strcmp(systems[i].credential.role, "scm") == 0 || strcmp(systems[i].credential.provider, "github-actions") == 0)
			return &systems[i]; /* the scm comes first in the list */
	return NULL;
}

/* `site` is "https://host[:port]"; an origin by ssh has no port to compare. */
static bool
is_at(const char *url, const char *site, struct arena *arena)
{
	const char *host = host_of(url, arena), *wanted = host_of(site, arena);
	bool is_https = strncmp(url, "https://", 8) == 0;
	return strcasecmp(host, is_https ? wanted : arena_strndup(arena, wanted, strcspn(wanted, ":"))) == 0;
}

bool
scm_slug(const struct platform *platform, const struct repository *repository, struct arena *arena, const char **ret,
         struct error *err)
{
	struct system *systems = arena_array(arena, struct system, SYSTEMS_MAX);
	const struct system *system = system_of_source(platform, systems, arena);
	if (system == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the platform file names no source control (scm)");
	if (repository->remote_url == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the repository has no remote \"origin\"");
	const char *site = systems_web_origin(system, arena);
	if (!is_at(repository->remote_url, site, arena))
		return error_set(err, ERROR_NOT_FOUND, "origin is at %s, the platform file's source control at %s",
		                 host_of(repository->remote_url, arena), host_of(site, arena));
	const char *owner = repository->remote_owner, *name = repository->remote_name;
	if (owner == NULL || name == NULL || !is_slug_part(owner) || !is_slug_part(name))
		return error_set(err, ERROR_NOT_FOUND, "origin names no repository as OWNER/NAME: %s", repository->remote_url);
	*ret = arena_printf(arena, "%s/%s", owner, name);
	return true;
}

/* ---- providers ---- */

static bool
github_pull(const struct rest *rest, const char *slug, const char *branch, struct arena *arena, struct scm_pull *ret,
            bool *ret_found, struct error *err)
{
	struct github_pull pull;
	struct github_checks checks = {0};
	bool is_found;
	if (!github_pull_of_branch(rest, slug, branch, arena, &pull, &is_found, err) ||
	    (is_found && !github_checks_of_commit(rest, slug, pull.commit, pull.base, arena, &checks, err)))
		return false;
	*ret_found = is_found;
	if (is_found)
		*ret = (struct scm_pull){.number = arena_printf(arena, "%" PRId64, pull.number), .title = pull.title,
		                         .url = pull.url, .is_draft = pull.is_draft, .are_required = checks.are_required,
		                         .n_passed = checks.n_passed, .n_failed = checks.n_failed, .n_pending = checks.n_pending};
	return true;
}

static bool
github_checks(const struct rest *rest, const char *slug, const char *commit, struct arena *arena, struct scm_checks *ret,
              struct error *err)
{
	static const enum scm_check_state states[] = {[GITHUB_PENDING] = SCM_CHECK_PENDING, [GITHUB_PASSED] = SCM_CHECK_PASSED,
	                                              [GITHUB_FAILED] = SCM_CHECK_FAILED};
	struct github_checks checks;
	const char *base;
	if (!github_default_branch(rest, slug, arena, &base, err) ||
	    !github_checks_of_commit(rest, slug, commit, base, arena, &checks, err))
		return false;
	*ret = (struct scm_checks){.are_required = checks.are_required, .n_passed = checks.n_passed, .n_failed = checks.n_failed,
	                           .n_pending = checks.n_pending, .n_listed = checks.n_listed,
	                           .list = arena_array(arena, struct scm_check, checks.n_listed + 1)};
	for (size_t i = 0; i < checks.n_listed; i++)
		ret->list[i] = (struct scm_check){checks.list[i].name, states[checks.list[i].verdict]};
	return true;
}

static bool
github_between(const struct rest *rest, const char *slug, const char *from, const char *to, size_t max, struct arena *arena,
               struct repository_commit **ret, size_t *ret_count, struct error *err)
{
	struct github_commit *commits;
	if (!github_commits_between(rest, slug, from, to, max, arena, &commits, ret_count, err))
		return false;
	*ret = arena_array(arena, struct repository_commit, *ret_count + 1);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = (struct repository_commit){.commit = commits[i].sha, .title = commits[i].title};
	return true;
}

static bool
github_say(const struct rest *rest, const char *slug, const struct scm_deployment *deployment, enum scm_stage stage,
           struct arena *arena, struct error *err)
{
	static const char *const states[] = {"in_progress", "pending", "success", "failure", "error"};
	static const char *const words[] = {"pending", "pending", "success", "failure", "error"}; /* of a commit */
	const struct github_status status = {.commit = deployment->commit, .state = words[stage], .description = deployment->text,
	                                     .url = deployment->url,
	                                     .context = arena_printf(arena, "paas/deploy/%s", deployment->environment)};
	const struct github_deployment wanted = {.commit = deployment->commit, .environment = deployment->environment,
	                                         .id = deployment->id};
	const struct github_status state = {.state = states[stage], .description = deployment->text, .url = deployment->url};
	int64_t id;
	return github_deployment_find(rest, slug, &wanted, arena, &id, err) &&
	       (id != 0 || github_deployment_create(rest, slug, &wanted, arena, &id, err)) &&
	       github_deployment_say(rest, slug, id, &state, arena, err) &&
	       github_status_say(rest, slug, &status, arena, err);
}

static const struct scm_provider {
	const char *name, *message;
	const struct http_header *headers;
	size_t n_headers;
	bool (*pull_of_branch)(const struct rest *rest, const char *slug, const char *branch, struct arena *arena,
	                       struct scm_pull *ret, bool *ret_found, struct error *err);
	bool (*checks_of_commit)(const struct rest *rest, const char *slug, const char *commit, struct arena *arena,
	                         struct scm_checks *ret, struct error *err);
	bool (*commits_between)(const struct rest *rest, const char *slug, const char *from, const char *to, size_t max,
	                        struct arena *arena, struct repository_commit **ret, size_t *ret_count, struct error *err);
	bool (*say_deployment)(const struct rest *rest, const char *slug, const struct scm_deployment *deployment,
	                       enum scm_stage stage, struct arena *arena, struct error *err);
} providers[] = {
	{"github", "message", github_headers, GITHUB_HEADERS, github_pull, github_checks, github_between, github_say},
};

struct scm {
	struct connection connection;
	const struct scm_provider *provider;
};

static const struct scm_provider *
provider_of(const char *name)
{
	for (size_t i = 0; name != NULL && i < array_length(providers); i++)
		if (strcmp(providers[i].name, name) == 0)
			return &providers[i];
	return NULL;
}

bool
scm_knows(const struct platform *platform)
{
	return provider_of(platform->scm.provider) != NULL;
}

bool
scm_open(struct http *http, const struct platform *platform, struct arena *arena, struct scm **ret, struct error *err)
{
	struct scm *scm = arena_new(arena, struct scm);
	scm->provider = provider_of(platform->scm.provider);
	if (scm->provider == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the platform file names no source control that this version speaks to");
	if (!connection_open(http, platform, "scm", arena, &scm->connection, err))
		return false;
	scm->connection.rest.message = scm->provider->message;
	scm->connection.rest.headers = scm->provider->headers;
	scm->connection.rest.n_headers = scm->provider->n_headers;
	*ret = scm;
	return true;
}

void
scm_close(struct scm **scm)
{
	if (*scm != NULL)
		connection_release(&(*scm)->connection);
	*scm = NULL;
}

bool
scm_pull_of_branch(struct scm *scm, const char *slug, const char *branch, struct arena *arena, struct scm_pull *ret,
                   bool *ret_found, struct error *err)
{
	return scm->provider->pull_of_branch(&scm->connection.rest, slug, branch, arena, ret, ret_found, err) ||
	       error_doing(err, "looking for the pull request of %s", branch);
}

const char *
scm_check_state_name(enum scm_check_state state)
{
	static const char *const names[] = {"pending", "passed", "failed"};
	return names[state];
}

bool
scm_checks_of_commit(struct scm *scm, const char *slug, const char *commit, struct arena *arena, struct scm_checks *ret,
                     struct error *err)
{
	return scm->provider->checks_of_commit(&scm->connection.rest, slug, commit, arena, ret, err) ||
	       error_doing(err, "reading the checks of %.8s", commit);
}

bool
scm_commits_between(struct scm *scm, const char *slug, const char *from, const char *to, size_t max, struct arena *arena,
                    struct repository_commit **ret, size_t *ret_count, struct error *err)
{
	return scm->provider->commits_between(&scm->connection.rest, slug, from, to, max, arena, ret, ret_count, err) ||
	       error_doing(err, "comparing two commits");
}

bool
scm_say_deployment(struct scm *scm, const char *slug, const struct scm_deployment *deployment, enum scm_stage stage,
                   struct arena *arena, struct error *err)
{
	return scm->provider->say_deployment(&scm->connection.rest, slug, deployment, stage, arena, err) ||
	       error_doing(err, "telling %s of the deployment", scm->connection.system->label);
}

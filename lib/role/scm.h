/* Where the company keeps its source: what it says of the repository at hand.
 *
 *	scoped(scm_close) struct scm *scm = NULL;
 *	if (!scm_slug(platform, repository, arena, &slug, err) || !scm_open(http, platform, arena, &scm, err) ||
 *	    !scm_pull_of_branch(scm, slug, repository->branch, arena, &pull, &is_there, err))
 *		return false;
 */
#ifndef PAAS_ROLE_SCM_H
#define PAAS_ROLE_SCM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct http;
struct platform;
struct repository; /* data/repository.h */
struct scm;

/* "owner/name", out of origin.  A repository is not trusted to say where to go: origin has to be at the host of the
 * platform file's scm (or of its ci, when that is GitHub Actions and there is no scm).  No network.  Fails:
 * ERROR_NOT_FOUND, when there is no such role, no origin, or one elsewhere. */
bool scm_slug(const struct platform *platform, const struct repository *repository, struct arena *arena,
              const char **ret, struct error *err) must_use;

/* Whether the platform file names a source control that this version speaks to. */
bool scm_knows(const struct platform *platform);
/* Nothing is asked yet; the arena outlives it.  Fails as connection_open, and ERROR_NOT_FOUND for a provider that this
 * version does not speak to. */
bool scm_open(struct http *http, const struct platform *platform, struct arena *arena, struct scm **ret,
              struct error *err) must_use;
/* For scoped(). */
void scm_close(struct scm **scm);

struct scm_pull {
	const char *number, *title, *url; /* "7" */
	bool is_draft;
	bool are_required;                /* the checks below are those that the target branch demands; else all there are */
	size_t n_passed, n_failed, n_pending;
};
/* The open pull request of a branch, and its checks.  *ret_found is false when there is none.  Fails as rest.h says. */
bool scm_pull_of_branch(struct scm *scm, const char *slug, const char *branch, struct arena *arena, struct scm_pull *ret,
                        bool *ret_found, struct error *err) must_use;

enum scm_check_state { SCM_CHECK_PENDING, SCM_CHECK_PASSED, SCM_CHECK_FAILED };
/* "pending", …: in JSON too. */
const char *scm_check_state_name(enum scm_check_state state);
struct scm_check {
	const char *name;
	enum scm_check_state state;
};
struct scm_checks {
	bool are_required;                /* they are those that the default branch demands; else all there are */
	size_t n_passed, n_failed, n_pending;
	struct scm_check *list;           /* the first 200 of them */
	size_t n_listed;
};
/* Of a commit on its way to the default branch, or in it.  Fails as rest.h says. */
bool scm_checks_of_commit(struct scm *scm, const char *slug, const char *commit, struct arena *arena, struct scm_checks *ret,
                          struct error *err) must_use;

struct repository_commit; /* data/repository.h */
/* The commits that `to` has and `from` has not, newest first.  Fails as rest.h says. */
bool scm_commits_between(struct scm *scm, const char *slug, const char *from, const char *to, size_t max, struct arena *arena,
                         struct repository_commit **ret, size_t *ret_count, struct error *err) must_use;

/* ---- deployments ---- */

enum scm_stage { SCM_UNDER_WAY, SCM_WAITING, SCM_SUCCEEDED, SCM_FAILED, SCM_UNCLEAR }; /* waiting: for a person */
struct scm_deployment {
	const char *commit, *environment;
	const char *id;      /* ours: one of them is made for it, whoever says it how often */
	const char *text; /* one line: how it went */
	const char *url;  /* where people look at it; NULL: not known */
};
/* Fails as rest.h says. */
bool scm_say_deployment(struct scm *scm, const char *slug, const struct scm_deployment *deployment, enum scm_stage stage,
                        struct arena *arena, struct error *err) must_use;

#endif

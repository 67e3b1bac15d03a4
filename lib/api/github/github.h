/* GitHub's REST API, as far as a deploy asks it: the open pull request of a branch, whether a commit's checks pass,
 * and the runs of Actions with their jobs and logs.
 *
 * `slug` is "owner/name", of letters, digits, '-', '_' and '.' (whoever read it checked that); commits and branches are
 * escaped here.  Every call fails as rest.h says; a repository that the account may not see is ERROR_NOT_FOUND.
 * https://docs.github.com/rest, version 2022-11-28.
 */
#ifndef PAAS_API_GITHUB_GITHUB_H
#define PAAS_API_GITHUB_GITHUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/rest/rest.h"
#include "net/http.h"

/* Of every request: what `struct rest` is made with. */
enum { GITHUB_HEADERS = 2 };
extern const struct http_header github_headers[GITHUB_HEADERS];

/* ---- pull requests ---- */

struct github_pull {
	int64_t number;
	const char *title, *url, *commit, *base; /* base: the branch it goes to; "" = not said */
	bool is_draft;
};
/* The open one of that branch of the same repository, the one touched last of several; *ret_found is false when there
 * is none. */
bool github_pull_of_branch(const struct rest *rest, const char *slug, const char *branch, struct arena *arena,
                           struct github_pull *ret, bool *ret_found, struct error *err) must_use;

/* The branch that others are made for.  GET /repos/OWNER/NAME */
bool github_default_branch(const struct rest *rest, const char *slug, struct arena *arena, const char **ret,
                           struct error *err) must_use;

/* ---- checks and statuses: two systems, one question ---- */

struct github_commit {
	const char *sha, *title;
};
/* The commits that `head` has and `base` has not, newest first, at most `max` of the last hundred.  Fails: ERROR_NOT_FOUND when it does
 * not know both.  GET /repos/OWNER/NAME/compare/BASE...HEAD */
bool github_commits_between(const struct rest *rest, const char *slug, const char *base, const char *head, size_t max,
                            struct arena *arena, struct github_commit **ret, size_t *ret_count, struct error *err) must_use;

enum github_verdict { GITHUB_PENDING, GITHUB_PASSED, GITHUB_FAILED }; /* neutral and skipped ones have passed */
struct github_check {
	const char *name;
	enum github_verdict verdict;
};
enum { GITHUB_CHECKS_MAX = 200 };
struct github_checks {
	size_t n_passed, n_failed, n_pending;
	bool are_required; /* false: the branch demands none, and these are all there are */
	struct github_check *list; /* the first GITHUB_CHECKS_MAX of them */
	size_t n_listed;
};
/* Of `commit`, which is to be merged into `base`: rulesets, branch protection, check runs and statuses, asked at once. */
bool github_checks_of_commit(const struct rest *rest, const char *slug, const char *commit, const char *base,
                             struct arena *arena, struct github_checks *ret, struct error *err) must_use;

/* ---- deployments: what GitHub shows of ours ---- */

struct github_deployment {
	const char *commit, *environment;
	const char *id; /* ours: kept in its payload, so that it is found again */
};
/* *ret_id is 0 when there is none. */
bool github_deployment_find(const struct rest *rest, const char *slug, const struct github_deployment *wanted,
                            struct arena *arena, int64_t *ret_id, struct error *err) must_use;
/* Sent once, whatever happens to the answer. */
bool github_deployment_create(const struct rest *rest, const char *slug, const struct github_deployment *wanted,
                              struct arena *arena, int64_t *ret_id, struct error *err) must_use;
struct github_status {
	const char *commit, *context; /* of a deployment neither */
	const char *state, *description;
	const char *url;              /* where people look; NULL: nowhere */
};
/* `state`: "in_progress", "pending", "success", "failure", "error"; nothing to do when that is the last one said.
 * `description` is cut to 140 bytes. */
bool github_deployment_say(const struct rest *rest, const char *slug, int64_t id, const struct github_status *status,
                           struct arena *arena, struct error *err) must_use;

/* Of a commit: `state` "pending", "success", "failure" or "error"; nothing to do when that is the last one of its context.
 * `description` as above. */
bool github_status_say(const struct rest *rest, const char *slug, const struct github_status *status, struct arena *arena,
                       struct error *err) must_use;

/* ---- Actions ---- */

struct github_run {
	int64_t id, number, workflow_id;
	const char *name, *status, *conclusion, *url, *commit, *branch; /* conclusion "" until it is completed */
	int64_t started_ms, updated_ms;                                 /* -1 = not said */
};
/* Newest first, at most GITHUB_RUNS_MAX; of a commit, or (NULL) of a branch. */
enum { GITHUB_RUNS_MAX = 50, GITHUB_JOBS_MAX = 200 };
bool github_runs(const struct rest *rest, const char *slug, const char *commit, const char *branch, struct arena *arena,
                 struct github_run **ret, size_t *ret_count, struct error *err) must_use;

struct github_job {
	int64_t id;
	const char *name, *status, *conclusion, *url;
};
/* Of the run's last attempt, at most GITHUB_JOBS_MAX. */
bool github_jobs(const struct rest *rest, const char *slug, int64_t run, struct arena *arena, struct github_job **ret,
                 size_t *ret_count, struct error *err) must_use;
/* The last `max` bytes of what a job printed.  Fails also: ERROR_NOT_FOUND, while it runs and after the log was removed. */
bool github_job_log(const struct rest *rest, const char *slug, int64_t job, size_t max, struct arena *arena,
                    const char **ret, size_t *ret_length, struct error *err) must_use;

#endif

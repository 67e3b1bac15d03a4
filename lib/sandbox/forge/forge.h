/* What engineers pushed, and what a CI made of it.
 *
 * One model behind the emulated GitHub and Travis CI: both show the same builds.  A build waits,
 * runs and ends by the clock; forge_settle brings all of them up to now, and whoever looks calls it
 * first.  Everything is one JSON object, so that it can be kept and read back as it is:
 *
 *	repositories  "payments/checkout": id, slug, default_branch,
 *	              commits   SHA: sha, parents, message, name, email, login, date (RFC 3339), files, in_git
 *	                        (true when git has it: those of the seed and those that were pushed with git)
 *	              branches  NAME: SHA
 *	              builds    oldest first: number, sha, branch, event, created_ms, started_ms, finished_ms,
 *	                        fails, status ("queued", "in_progress", "completed")
 *	last_build    the number of the last one
 *	failing       {app, left}: builds that begin fail: of which application, "" = all; how many more, -1 = all; absent: none
 *
 * Times are milliseconds since 1970 unless a date.
 */
#ifndef PAAS_SANDBOX_FORGE_FORGE_H
#define PAAS_SANDBOX_FORGE_FORGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct forge;

struct forge_options {
	bool is_empty;                  /* no repository */
	/* A build has made the image of a commit. */
	void (*publish)(void *data, const char *repository, const char *commit);
	void *data;
};

struct forge *forge_new(const struct forge_options *options);
void forge_free(struct forge *forge);
/* New reference, and back; false when it is no snapshot.  NULL: as new. */
json_t *forge_snapshot(const struct forge *forge);
bool forge_restore(struct forge *forge, const json_t *snapshot);

/* Lets time pass for the builds, and publishes what they made. */
void forge_settle(struct forge *forge);
/* Publishes what the builds of a new sandbox made. */
void forge_publish(struct forge *forge);

/* Borrowed: by slug, and one of them; NULL when there is none. */
json_t *forge_repositories(const struct forge *forge);
json_t *forge_repository(const struct forge *forge, const char *slug);
/* By branch ("main", "heads/main", "refs/heads/main"), by SHA or by seven or more digits of one. */
const json_t *forge_commit(const json_t *repository, const char *ref);
bool forge_has_branch(const json_t *repository, const char *name);
/* Commits that `sha` descends from and itself, newest first; borrowed ones in an array of the arena. */
const json_t **forge_history(const json_t *repository, const char *sha, struct arena *arena, size_t *ret_count);

/* A commit on a branch: borrowed.  `sha` NULL: one is made up.  A new branch begins at the default one.
 * `merged`: a second parent or NULL. */
const json_t *forge_push(json_t *repository, const char *branch, const char *sha, const char *message,
                         const char *merged);

struct forge_order {
	const char *repository, *commit; /* a commit that is not known yet is pushed */
	const char *branch;              /* NULL: the default one */
	bool fails;
	int64_t wait_ms, run_ms;
};
/* Starts a build.  *ret: it, borrowed.  Fails: ERROR_NOT_FOUND (the repository), ERROR_USAGE. */
bool forge_build(struct forge *forge, const struct forge_order *order, const json_t **ret,
                  struct error *err) must_use;
/* Whether builds that begin from now on fail: those of the repositories that are named as the application (NULL: all),
 * `count` of them (0: all). */
void forge_fail_builds(struct forge *forge, const char *app, unsigned count, bool is_on);
/* Adds {cause, namespace, app} when they do. */
void forge_list_broken(const struct forge *forge, json_t *list);
/* The build of that number; borrowed, or NULL. */
const json_t *forge_build_numbered(const json_t *repository, int64_t number);

/* ---- for git ---- */

/* The history of a new sandbox as git fast-import reads it; its commits get the ids they have here. */
void forge_seed_write(struct buf *out);
bool forge_is_in_git(const json_t *repository, const char *sha);
/* The newest commit of the branch that git has: its head, or the first of its first parents; NULL when there is none. */
const char *forge_git_head(const json_t *repository, const char *branch);
bool forge_is_full(const json_t *repository);
/* Steals the commit, which is as above; a full repository does not keep it. */
void forge_add_commit(json_t *repository, json_t *commit);
/* NULL: it is gone. */
void forge_set_branch(json_t *repository, const char *branch, const char *sha);

/* ---- what a build consists of ---- */

enum { FORGE_JOBS = 2, FORGE_STEPS_MAX = 5 };

/* How far something came: GitHub's words. */
struct forge_progress {
	const char *name;
	const char *status;     /* "queued", "in_progress", "completed" */
	const char *conclusion; /* NULL until it is completed; "success", "failure", "skipped" */
	int64_t started_ms, finished_ms; /* of the plan */
};
/* The whole, the job `job`, and a job's steps; returns how many. */
struct forge_progress forge_build_progress(const json_t *build);
struct forge_progress forge_job_progress(const json_t *build, size_t job);
size_t forge_job_steps(const json_t *build, size_t job, struct forge_progress ret[FORGE_STEPS_MAX]);

/* What the job printed, as the two hand it out.  A log of a failure has hostile bytes in it. */
void forge_log_github(const json_t *repository, const json_t *build, size_t job, struct buf *out);
void forge_log_travis(const json_t *repository, const json_t *build, size_t job, struct buf *out);

#endif

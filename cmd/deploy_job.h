/* One application on its way to one environment: prepared, handed over, followed, concluded.
 * `paas deploy` is a chain of these four; with --all it takes each step for all applications before
 * the next, so that nothing has changed when one of them cannot be deployed.
 */
#ifndef PAAS_CMD_DEPLOY_JOB_H
#define PAAS_CMD_DEPLOY_JOB_H

#include "core/deploy/direct.h"
#include "core/deploy/follow.h"
#include "core/deploy/release.h"
#include "core/deploy/submit.h"

enum { DEPLOY_RESTARTS_MAX = 100 };

struct cluster;
struct deploy_pipeline; /* cmd/deploy_pipeline.c */
struct repository_commit;
struct session;

/* What the command line says of every job. */
struct deploy_choice {
	const char *file; /* --file; NULL: as the project says */
	bool detach, force, dry_run;
	bool direct;      /* without the operator */
	bool waits_for_build; /* of the image, when there is none */
	bool waits;       /* for another deployment that is under way */
	const char *replaces; /* a deployment that has failed: it is in nobody's way; NULL: none */
	bool rolls_back;  /* to the last release that was healthy, when this one fails */
	bool is_one_of_several; /* its JSON result is of type "application", and CI is told of all together */
	const char *result_type; /* of the JSON result; NULL: as above, else "result" */
	int64_t timeout_ms, settle_ms; /* 0 and -1: not given */
	uint64_t tolerated_restarts;
};

struct deploy_job {
	struct session *session;
	const struct deploy_choice *choice;
	const char *application; /* of `apps:`; NULL: as the settings say */
	const struct release_given *given; /* a release that is known already; NULL: that of the work tree */
	bool is_quiet;           /* of another command, which tells all */
	struct release release;
	struct cluster *cluster;
	struct standing standing;
	struct direct *direct;   /* NULL: the operator makes the objects */
	struct deploy_pipeline *pipeline; /* NULL: we speak to the operator ourselves */
	struct submission submission;
	struct follow *follow;   /* NULL: not followed */
	const char *outcome;     /* "started", "dry-run", "refused", "rolled-back", or of follow_outcome_name; NULL: not yet */
	bool is_joined;          /* the same release is there or under way */
	const char *previous_id; /* NULL: none */
	struct repository_commit *commits; /* that ship, newest first */
	size_t n_commits;
};

/* Reads, checks and resolves; nothing is changed yet.  Problems of the file are told. */
bool deploy_job_prepare(struct deploy_job *job, struct error *err) must_use;
/* What stands in the cluster now; *ret is the caller's (standing_release). */
bool deploy_job_look(struct deploy_job *job, struct standing *ret, struct error *err) must_use;
/* Decides, waiting for others when that is wanted, and gives the release to the operator. */
bool deploy_job_hand_over(struct deploy_job *job, struct error *err) must_use;
/* Until the outcome is known.  Fails: ERROR_INTERRUPTED, and what ends the watching. */
bool deploy_job_follow(struct deploy_job *job, struct error *err) must_use;
/* Tells the outcome, and goes back when that is wanted; fails with it when the release is not healthy. */
bool deploy_job_conclude(struct deploy_job *job, struct error *err) must_use;

/* Tells a CI runner what the cluster has now: whatever becomes of us, later steps know which one. */
void deploy_job_announce(struct deploy_job *job);
/* For a job that is not followed: --detach, --dry-run. */
bool deploy_job_say_started(const struct deploy_job *job, struct error *err) must_use;
/* Completes `err`, of a job that ended before the cluster had it, and tells a CI runner. */
void deploy_job_tell_refusal(struct deploy_job *job, struct error *err);
/* Its release runs and is settled: there is nothing to do. */
bool deploy_job_runs_already(const struct deploy_job *job);
void deploy_job_release(struct deploy_job *job);

#endif

/* What stands between us and the cluster when a release is deployed: a tool with pipelines, or
 * nothing (provider fiaas: the cluster's operator is spoken to directly).
 *
 *	scoped(cd_close) struct cd *cd = NULL;
 *	if (!cd_open(http, platform, arena, &cd, err))
 *		return false;
 *	if (cd_has_pipelines(cd) && !cd_find_pipeline(cd, "checkout", environment, arena, &pipeline, err))
 *		…
 *
 * Called from fibers.  Failures are those of the tool's client: ERROR_NOT_LOGGED_IN, ERROR_FORBIDDEN,
 * ERROR_NOT_FOUND, ERROR_INVALID_SPEC, ERROR_UNREACHABLE, ERROR_BAD_ANSWER, ….
 */
#ifndef PAAS_ROLE_CD_H
#define PAAS_ROLE_CD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct cd;
struct http;
struct platform;             /* data/platform.h */
struct platform_environment;

/* Nothing is asked yet; `platform` and the arena outlive it. */
bool cd_open(struct http *http, const struct platform *platform, struct arena *arena, struct cd **ret, struct error *err) must_use;
void cd_close(struct cd **cd); /* for scoped() */
/* Whether the platform's tool has pipelines, without opening it. */
bool cd_knows_pipelines(const struct platform *platform);
/* False: none of the functions below is of use. */
bool cd_has_pipelines(const struct cd *cd);
/* "spinnaker": for messages. */
const char *cd_name(const struct cd *cd);

/* ---- what is stored ---- */

struct cd_pipeline {
	const char *id, *name, *application;
	bool needs_approval; /* a person is asked before it deploys */
	void *native;        /* the adapter's */
};
/* What the platform file calls the pipeline that deploys there. */
const char *cd_pipeline_name(const struct platform_environment *environment, struct arena *arena);
/* The one of that application for the environment. */
bool cd_find_pipeline(struct cd *cd, const char *application, const struct platform_environment *environment, struct arena *arena,
                      struct cd_pipeline *ret, struct error *err) must_use;
/* Whether it can be given these parameters (texts by name) and would make use of `needed`, a NULL-terminated list of them.
 * Fails: ERROR_CONFLICT (disabled), ERROR_INVALID_SPEC (what it wants and does not get, refuses or ignores). */
bool cd_check_pipeline(struct cd *cd, const struct cd_pipeline *pipeline, const json_t *parameters, const char *const *needed,
                       struct arena *arena, struct error *err) must_use;
/* Whether it makes use of that one. */
bool cd_reads_parameter(struct cd *cd, const struct cd_pipeline *pipeline, const char *name, struct arena *arena);

/* ---- what runs ---- */

enum cd_state {
	CD_QUEUED,
	CD_RUNNING,
	CD_PAUSED,
	CD_NEEDS_APPROVAL,  /* it waits for a person */
	CD_SUCCEEDED,
	CD_SKIPPED,
	CD_FAILED,
	CD_FAILED_ON,       /* failed, and the others went on */
	CD_STOPPED,         /* its branch ends here */
	CD_CANCELLED,
	CD_OTHER,           /* the tool says a word that we do not know */
};
/* "needs-approval": in JSON too. */
const char *cd_state_name(enum cd_state state);
bool cd_is_over(enum cd_state state);
/* Failed, stopped or cancelled. */
bool cd_is_bad(enum cd_state state);

/* An Application that a step handed to a cluster. */
struct cd_deployed {
	const char *account, *namespace, *name, *deployment_id, *image;
};

struct cd_step {
	const char *id, *name, *type;
	enum cd_state state;
	const char *word;       /* the tool's own: "FAILED_CONTINUE" */
	const char *run_id;     /* of another run that it belongs to, which the step above it waits for; "" = of this one */
	unsigned depth;         /* 0 = of the pipeline itself */
	int64_t started_ms, ended_ms; /* wall; 0 = not yet */
	const char *doing;      /* "" = nothing that it tells */
	const char *instructions;      /* of one that waits for a person; "" = none */
	const char *const *inputs;     /* of which one has to be chosen; NULL-terminated, or NULL */
	const char *const *judges;     /* roles that may decide; NULL-terminated, or NULL: anybody */
	struct cd_deployed deployed;   /* name NULL: none */
};

struct cd_run {
	const char *id, *pipeline, *pipeline_id, *word, *url; /* url: where people look */
	enum cd_state state;
	const char *user;        /* who started it; "" = not known */
	const char *reason;      /* of an end that somebody wanted; "" = none */
	const char *stopped_by;  /* "" = nobody */
	int64_t built_ms, started_ms, ended_ms; /* wall; 0 = not yet */
	const char *image, *digest, *deployment_id, *commit, *config, *correlation_id; /* that it was started with; "" = not known */
	const char *application, *namespace; /* that it deploys, where it was told so; "" = not known */
	struct cd_step *steps;   /* as people read them */
	size_t n_steps;
	void *native;            /* the adapter's, … */
	void (*release)(struct cd_run *run); /* … which ends it; NULL: nothing to end */
};
/* For scoped(): texts of a run live until then, or as long as its arena when that is shorter. */
void cd_run_release(struct cd_run *run);
/* The first step that waits for a person; NULL: none. */
const struct cd_step *cd_run_approval(const struct cd_run *run);
/* "sre or payments-leads", who may decide about a step; "" = anybody. */
const char *cd_step_judges(const struct cd_step *step, struct arena *arena);
/* A step handed over that application there, and was done with it. */
const struct cd_step *cd_run_deployed(const struct cd_run *run, const char *name, const char *namespace);

/* Whether a word is the id of a run rather than an application's name; `text` may be NULL. */
bool cd_looks_like_run(const struct cd *cd, const char *text);
/* Starts it, or joins the run of that correlation id which has not ended.  A lost answer never makes two. */
bool cd_start(struct cd *cd, const struct cd_pipeline *pipeline, const json_t *parameters, const char *correlation_id,
              struct arena *arena, const char **ret_id, struct error *err) must_use;
/* With the steps of the runs that it waits for, each below the step that does. */
bool cd_read(struct cd *cd, const char *id, struct arena *arena, struct cd_run *ret, struct error *err) must_use;

struct cd_query {
	const char *application, *pipeline; /* by name; NULL: of all */
	bool is_running;               /* only what has not ended; of one application with the steps of the runs that it waits for */
	unsigned limit;
};
/* Newest first; each is released by the caller. */
bool cd_list(struct cd *cd, const struct cd_query *query, struct arena *arena, struct cd_run **ret, size_t *ret_count,
             struct error *err) must_use;

/* ---- why, and what a person may do ---- */

struct cd_cause {
	const char *step;           /* "" = of the run as a whole */
	const char *const *texts;   /* NULL-terminated; the first says most; none: nobody said why */
};
/* Of a run that failed; a run of another pipeline that it waited for is looked into.  False: nothing failed. */
bool cd_find_cause(struct cd *cd, const struct cd_run *run, struct arena *arena, struct cd_cause *ret);

struct cd_judgment {
	bool is_approved;
	const char *input; /* NULL: none */
};
/* True when it was taken, by us or by somebody faster: *ret_user, and what was decided. */
bool cd_judge(struct cd *cd, const struct cd_run *run, const struct cd_step *step, const struct cd_judgment *judgment,
              struct arena *arena, bool *ret_approved, const char **ret_user, struct error *err) must_use;
/* True when it has ended; *ret is how. */
bool cd_cancel(struct cd *cd, const char *id, const char *reason, struct arena *arena, enum cd_state *ret, struct error *err)
	must_use;

#endif

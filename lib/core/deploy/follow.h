/* What has become of a deployment: a pure fold of observations.
 *
 * Whoever watches a cluster (or replays a saved bundle) tells what was seen and when; the clock
 * stands in the observations.  Objects only change what is known: between two ticks their order
 * does not matter, and an object told twice, or an older version told late, changes nothing.  A
 * tick judges.  The first tick can already be the outcome: following needs no event to finish.
 *
 *	struct follow *follow = follow_new(&plan);
 *	follow_object(follow, OBSERVED_POD, pod);
 *	follow_tick(follow, now_ms);
 *	if (follow_deployment(follow)->outcome != OUTCOME_NONE) …
 */
#ifndef PAAS_CORE_DEPLOY_FOLLOW_H
#define PAAS_CORE_DEPLOY_FOLLOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/deploy/rules.h"
#include "core/diagnose/diagnose.h"

/* What is followed. Texts are copied. */
struct follow_plan {
	const char *name, *deployment_id;
	const char *previous_id;   /* what the Application carried before; NULL = none */
	const char *environment;   /* "dev", for next steps; NULL: not known */
	const char *system;        /* "kubernetes dev" */
	bool is_restart;           /* of the release that runs: the operator has no part in it */
	bool is_direct;            /* applied by ourselves: there is no operator */
	bool image_is_resolved;    /* the registry gave us its digest */
	int64_t started_ms;        /* the server's time of the apply */
	int64_t watched_ms;        /* when we began to look: limits count from here; 0 = started_ms */
	int64_t limit_ms;          /* --timeout; 0 = by rule */
	int64_t operator_limit_ms; /* after which the operator says FAILED; 0 = unknown */
	int64_t settle_ms;         /* --settle; -1 = by rule, 0 = off */
	unsigned tolerated_restarts; /* --tolerate-restarts: of a container that crashes or is killed by a probe; fewer than the rule's
	                              * change nothing */
};

struct follow;
struct follow *follow_new(const struct follow_plan *plan) __attribute__((returns_nonnull));
void follow_free(struct follow *follow);

enum observed {
	OBSERVED_APPLICATION,
	OBSERVED_STATUS, /* ApplicationStatus of this application, any deployment id */
	OBSERVED_DEPLOYMENT,
	OBSERVED_REPLICA_SET,
	OBSERVED_POD,
	OBSERVED_EVENT,
	OBSERVED_CLAIM,
	OBSERVED_NODE,
	OBSERVED_KINDS,
};

/* ---- observations ---- */

void follow_object(struct follow *follow, enum observed kind, const json_t *object);
void follow_gone(struct follow *follow, enum observed kind, const json_t *object);
/* The last lines of a container's previous (or present) run; "" when there are none. */
void follow_log(struct follow *follow, const char *pod, const char *container, const char *lines);
/* "secrets", "checkout": looked up again, and it exists. */
void follow_present(struct follow *follow, const char *kind, const char *name, bool is_present);
/* Everything that a verdict rests on was read afresh after `at_ms`. */
void follow_reread(struct follow *follow, int64_t at_ms);
/* The operator's own pods, as asked for by WANTS_OPERATOR: one line about them. */
void follow_operator(struct follow *follow, const char *line);
void follow_lost(struct follow *follow, int64_t at_ms, const struct error *trouble);
void follow_back(struct follow *follow, int64_t at_ms);
/* The credential no longer lets us look; nothing more will come. */
void follow_blind(struct follow *follow, const struct error *trouble);

/* Judges what is known at that time of the server's clock. */
void follow_tick(struct follow *follow, int64_t now_ms);

/* ---- what it makes of them ---- */

enum follow_outcome {
	OUTCOME_NONE,
	OUTCOME_SUCCEEDED,
	OUTCOME_FAILED,
	OUTCOME_STOPPED,   /* superseded, paused, or we may no longer look */
	OUTCOME_TIMED_OUT, /* time is up, and the cluster still tries */
};
const char *follow_outcome_name(enum follow_outcome outcome);

/* Things only whoever watches can do; told again until done. */
enum follow_wants {
	WANTS_REREAD = 1 << 0,   /* read Deployment, ReplicaSets and pods again, and what is missing */
	WANTS_OPERATOR = 1 << 1, /* look at the operator's pods */
	WANTS_LOGS = 1 << 2,     /* of the containers in `logs` */
};
struct follow_log_wish {
	const char *pod, *container;
};
struct follow_reference {
	const char *kind, *name; /* "secrets", "checkout" */
};

struct rollout_progress {
	int64_t desired, updated, ready, available, old, restarts;
	const char *waiting_for; /* "pod checkout-7d9f-x2k4: pulling the image, 41 s", or "" */
};

/* Valid until the next tick. */
struct deployment {
	enum follow_outcome outcome;
	enum error_code error;   /* of an outcome that is not success */
	const char *phase;       /* "waiting for the operator", "rolling out", "settling", … */
	const char *reason;      /* of the outcome, one sentence */
	const char *next;        /* may be NULL */
	enum operator_word operator;
	enum rollout_word rollout;
	struct rollout_progress progress;
	struct findings findings; /* those worth telling, worst first */
	const char *const *notes; /* each told once, in the order they came up */
	size_t n_notes;
	const char *const *operator_lines; /* its ERROR lines */
	size_t n_operator_lines;
	bool old_serves;         /* the previous release still has available pods */
	unsigned wants;          /* enum follow_wants */
	struct follow_log_wish logs[8];
	size_t n_logs;
	struct follow_reference missing[8]; /* to be looked up with WANTS_REREAD */
	size_t n_missing;
	int64_t started_ms, now_ms;
};
const struct deployment *follow_deployment(const struct follow *follow) __attribute__((returns_nonnull));
/* The objects it knows, for tables and for what else one wants to look at. */
struct rollout_objects follow_objects(const struct follow *follow);

/* The `result` or `progress` object of `--json`, without type and time; new reference. */
json_t *deployment_to_json(const struct deployment *deployment);

#endif

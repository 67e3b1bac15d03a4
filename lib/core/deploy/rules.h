/* The follower's rules as data: how long each signal is borne, and what the operator's word and the
 * state of the rollout mean together.  `paas help following` and the man page print both tables.
 *
 * Durations are milliseconds counted from the first sighting on the current revision; -1 is never.
 */
#ifndef PAAS_CORE_DEPLOY_RULES_H
#define PAAS_CORE_DEPLOY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/diagnose/cause.h"

enum follow_action { FOLLOW_WAIT, FOLLOW_FAIL, FOLLOW_DONE, FOLLOW_STOP };
const char *follow_action_name(enum follow_action action);

/* Whose trouble is proof enough. */
enum follow_quorum {
	QUORUM_ANY_POD,
	QUORUM_EVERY_POD, /* every live pod of the current ReplicaSet */
	QUORUM_NO_POD,    /* the current ReplicaSet could not make a single pod */
};

/* When patience is shorter. */
enum follow_haste { HASTE_NONE, HASTE_NO_SURGE_POD, HASTE_SCALE_UP_REFUSED };

struct follow_signal {
	unsigned number;         /* of the reference; a number may have two rows of different class */
	enum cause_class class;
	const char *what;
	enum follow_action action; /* what it leads to in the end */
	int64_t warn_after_ms;   /* told then; -1 = silent */
	int64_t act_after_ms;    /* -1 = not before the deadline */
	enum follow_quorum quorum;
	unsigned least_restarts; /* of each affected container */
	unsigned least_count;    /* pods that had it */
	enum follow_haste haste;
	int64_t haste_after_ms;
	enum error_code error;
};
extern const struct follow_signal follow_signals[];
extern const size_t n_follow_signals;
/* The row of that number, of that class when it has two. */
const struct follow_signal *follow_signal(unsigned number, enum cause_class class)
	__attribute__((returns_nonnull));

/* What the ApplicationStatus of this deployment id says; or that there is no operator who could write one. */
enum operator_word {
	OPERATOR_ABSENT,
	OPERATOR_INITIATED,
	OPERATOR_RUNNING,
	OPERATOR_SUCCESS,
	OPERATOR_REFUSED,   /* FAILED before it changed the Deployment */
	OPERATOR_TIMED_OUT, /* FAILED: it stopped waiting */
	OPERATOR_FAILED,    /* FAILED for another reason, after the Deployment was written */
	OPERATOR_DIRECT,    /* none: the objects were applied directly */
	OPERATOR_WORDS,
};
const char *operator_word_name(enum operator_word word);

/* What the cluster shows of it. */
enum rollout_word {
	ROLLOUT_OLD,      /* no Deployment, or one without this deployment id */
	ROLLOUT_MOVING,
	ROLLOUT_COMPLETE, /* and settled */
	ROLLOUT_DOOMED,   /* a signal says FAIL */
	ROLLOUT_PAUSED,
	ROLLOUT_GONE,     /* deleted after it was ours */
	ROLLOUT_WORDS,
};
const char *rollout_word_name(enum rollout_word word);

/* One cell of the verdict table. */
struct verdict {
	enum operator_word operator;
	enum rollout_word rollout;
	enum follow_action action;
	int64_t warn_after_ms; /* since the cell was entered */
	int64_t act_after_ms;
	enum error_code error;
	const char *sentence;  /* of the warning or the outcome; NULL: the signal's own */
};
extern const struct verdict verdict_table[];
extern const size_t n_verdict_table;
const struct verdict *verdict_find(enum operator_word operator, enum rollout_word rollout)
	__attribute__((returns_nonnull));

enum {
	FOLLOW_COLLECT_MS = 3 * 1000,          /* after FAIL, for the whole set of findings */
	FOLLOW_SETTLE_MS = 15 * 1000,
	FOLLOW_TELL_LOST_MS = 10 * 1000,
	FOLLOW_HARD_LIMIT_MS = 30 * 60 * 1000,
	FOLLOW_MARGIN_MS = 30 * 1000,          /* on top of the cluster's and the operator's limits */
	FOLLOW_STALE_GAP_MS = 2 * 1000,        /* two sightings of an old deadline condition */
};

#endif

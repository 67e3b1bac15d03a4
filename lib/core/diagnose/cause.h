/* Every cause of a rollout that does not get on: one table, read by the diagnosis, the follower's
 * patience (core/deploy/signal.h), `paas help CODE` and the man page.
 *
 * Order is rank: of two causes on one container the earlier row is told.  A symptom
 * (diagnose/symptom.h) is matched by its place, then by reason, exit code and text.
 */
#ifndef PAAS_CORE_DIAGNOSE_CAUSE_H
#define PAAS_CORE_DIAGNOSE_CAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the cluster writes a reason down. */
enum symptom_place {
	PLACE_TEMPLATE,   /* the Deployment's own conditions: nothing was made of its template */
	PLACE_ADMISSION,  /* ReplicaSet: condition ReplicaFailure, event FailedCreate */
	PLACE_CLAIM,      /* a PersistentVolumeClaim that a pod waits for */
	PLACE_SCHEDULING, /* pod: condition PodScheduled, event FailedScheduling */
	PLACE_POD,        /* pod: status.reason, condition DisruptionTarget, its node */
	PLACE_STARTUP,    /* pod: events about volumes and its sandbox while containers wait */
	PLACE_WAITING,    /* container: state.waiting before it ever ran */
	PLACE_INIT_ENDED, /* init container: terminated, or waiting after it ended */
	PLACE_ENDED,      /* container: the same */
	PLACE_PROBE,      /* container: runs, but a probe says no */
	PLACE_GATE,       /* pod: containers ready, pod not */
};

/* Would the same template give the same answer on any node and at any time? */
enum cause_class {
	CAUSE_FIXED,  /* yes: one pod is proof enough */
	CAUSE_CHANCE, /* retrying may cure it: needs every pod, or patience */
	CAUSE_NORMAL, /* no fault, only worth naming while one waits */
};

enum cause_severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };

struct cause {
	const char *code;      /* lower-kebab-case, interface; `paas help CODE` */
	unsigned row;          /* of the reference's diagnosis table */
	unsigned signal;       /* of core/deploy/signal.h: how long the follower waits */
	enum cause_class class;
	enum cause_severity severity;
	enum symptom_place place;
	const char *reasons;   /* "A|B": the reason is one of these; NULL = any */
	const char *texts;     /* "x|y": the message contains one, case ignored; NULL = any */
	const char *exits;     /* "126|127": the exit code is one of these; NULL = any */
	const char *object_after; /* the thing's name follows this in the message: `secret "` */
	const char *object_kind;  /* "secrets": whose absence is the cause, to be looked up again */
	/* {container} {exit} {reason} {message} {said} {image} {object} {pod} {node} {namespace} {limit} {probe}; {remedy}: the command that sets
	 * the variable it says it misses, or reads its last words */
	const char *sentence;
	const char *next;      /* the same, one step a person can take */
	const char *explanation; /* for `paas help CODE` */
};

extern const struct cause cause_table[];
extern const size_t n_cause_table;

/* The row of that code, or NULL. */
const struct cause *cause_find(const char *code);
/* "chance", "error". */
const char *cause_class_name(enum cause_class class);
const char *cause_severity_name(enum cause_severity severity);

#endif

/* From the objects of a rollout to findings: what is wrong, on how many pods, since what evidence,
 * and what to do.  A pure function of its input, so that a saved bundle gives the same answer.
 *
 *	struct rollout_view view = rollout_look(&objects);
 *	struct findings findings = diagnose(&objects, arena);
 *
 * Only the ReplicaSet of the current revision counts, and of its pods those that are not leaving.
 */
#ifndef PAAS_CORE_DIAGNOSE_DIAGNOSE_H
#define PAAS_CORE_DIAGNOSE_DIAGNOSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "core/diagnose/cause.h"

/* Everything borrowed.  The maps are JSON objects, uid to object; NULL means "could not be read". */
struct rollout_objects {
	const json_t *deployment; /* NULL: there is none */
	const json_t *replica_sets, *pods, *events, *claims, *nodes;
	const json_t *logs;       /* "POD/CONTAINER" to the last lines of its previous run */
	const json_t *pull_messages; /* "POD/CONTAINER" to the last telling pull error */
	const json_t *present;    /* "secrets/NAME" to true: looked up again, and it exists */
	const char *application, *environment; /* for next steps; NULL: not known */
	const char *system;       /* for sources: "kubernetes dev"; may be NULL */
	int64_t now_ms;           /* the server's clock */
	int64_t since_ms;         /* events older than this are not ours; 0 = all count */
};

/* One fact read from one system. */
struct observation {
	struct source source;
	int64_t at_ms; /* -1 = unknown */
	const char *text;
};

struct finding {
	const struct cause *cause;
	const char *key;         /* the same as long as it is the same problem: code and container */
	const char *sentence, *next;
	const char *pod, *container, *node, *object; /* of the one shown; "" where none */
	unsigned n_pods;         /* that have it */
	unsigned n_live;         /* live pods of the revision */
	bool is_on_every_pod;
	const char *only_node;   /* several pods, all on this one while others run elsewhere; or NULL */
	int64_t least_restarts, most_restarts, count;
	bool has_ended;          /* a container ran and ended: its previous log is worth reading */
	int64_t patient_until_ms;
	struct observation *evidence;
	size_t n_evidence;
};

struct findings {
	struct finding *items; /* worst first */
	size_t count;
};

struct findings diagnose(const struct rollout_objects *objects, struct arena *arena);

/* The current revision. */
struct rollout_view {
	const json_t *replica_set; /* NULL: not there yet */
	unsigned n_live;           /* its pods that are neither leaving nor finished */
	bool is_observed;          /* the controller has seen the newest spec */
};
struct rollout_view rollout_look(const struct rollout_objects *objects);
/* A live pod of that ReplicaSet. */
bool rollout_has_pod(const struct rollout_view *view, const json_t *pod);

/* {"code", "severity", "class", "cause", "next", "pods", …, "evidence": [...]}; new reference. */
json_t *finding_to_json(const struct finding *finding);

#endif

/* Everything that can go wrong with a deployment, one row each, by the numbers of the diagnosis
 * table (reference: kubernetes.md 4).  `paas sandbox break NAME` arms a row.
 *
 * Texts are what a cluster says, with {pod}, {namespace}, {app}, {container}, {image},
 * {repository}, {node}, {uid} and {account} filled in.
 */
#ifndef PAAS_SANDBOX_WORLD_CAUSES_H
#define PAAS_SANDBOX_WORLD_CAUSES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct world;

/* Where in the life of a deployment the row strikes. */
enum cause_stage {
	CAUSE_ADMISSION,   /* the pod is not created */
	CAUSE_REPLICA_SET, /* the ReplicaSet is not created */
	CAUSE_CONTROLLER,  /* nobody looks at the Deployment */
	CAUSE_SCHEDULING,  /* no node fits */
	CAUSE_GATED,       /* scheduling gates */
	CAUSE_NO_SCHEDULER,
	CAUSE_NODE_REFUSES, /* the kubelet does not admit the pod */
	CAUSE_SANDBOX,
	CAUSE_MOUNT,
	CAUSE_INIT,        /* an init container ends badly */
	CAUSE_IMAGE_NAME,
	CAUSE_PULL,
	CAUSE_NEVER_PULL,
	CAUSE_CONFIG,      /* waiting with `reason` before the container is made */
	CAUSE_START,       /* the runtime cannot start it */
	CAUSE_HOOK,        /* the postStart hook fails */
	CAUSE_EXIT,        /* runs, then ends */
	CAUSE_STARTUP_PROBE,
	CAUSE_LIVENESS_PROBE,
	CAUSE_READINESS_PROBE,
	CAUSE_READINESS_GATE,
	CAUSE_EVICTION,    /* fails the pod after it ran */
	CAUSE_DISRUPTION,  /* deletes the pod after it ran */
	CAUSE_NODE_LOST,
	CAUSE_DEPLOYMENT,  /* happens to the Deployment; by name */
	CAUSE_OPERATOR,    /* happens in the operator; by name */
};

struct world_cause {
	const char *name;
	const char *rows;    /* of the diagnosis table; "-" for those above it */
	enum cause_stage stage;
	const char *summary; /* for people, one line */
	const char *reason;  /* of the state, condition or pod */
	const char *message;
	int exit_code;
	int strikes;         /* how many times in all, 0 = always; for CAUSE_EXIT: per pod */
	const char *log;     /* lines the container writes, each ended by a newline */
};
extern const struct world_cause world_causes[];
extern const size_t n_world_causes;

const struct world_cause *world_cause_named(const char *name);

/* The armed row of that stage for this pod, or NULL.  Pods keep what was armed when they were
 * made; healing reaches them too. */
const struct world_cause *cause_of_pod(const struct world *world, const json_t *pod,
                                 enum cause_stage stage);
/* The armed row of that stage for an application, or NULL. */
const struct world_cause *cause_of_app(const struct world *world, const char *namespace, const char *app,
                                 enum cause_stage stage);
bool cause_is_armed(const struct world *world, const char *namespace, const char *app,
                    const char *name);
/* It struck: one less of its `strikes`. */
void cause_struck(struct world *world, const char *namespace, const char *app,
                  const struct world_cause *cause);
/* Adds the text with its placeholders filled in. */
void cause_write(struct buf *buf, const char *text, const json_t *pod);

#endif

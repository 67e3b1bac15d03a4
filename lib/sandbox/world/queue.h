/* Which keys are to be looked at, and when: the work queue of all controllers. */
#ifndef PAAS_SANDBOX_WORLD_QUEUE_H
#define PAAS_SANDBOX_WORLD_QUEUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum queue_worker {
	WORKER_DEPLOYMENT,
	WORKER_REPLICA_SET,
	WORKER_POD,
	WORKER_SERVICE,
	WORKER_INGRESS,
	WORKER_AUTOSCALER,
	WORKER_APPLICATION, /* an Application that the operator should look at */
	WORKER_OPERATOR,    /* the operator's one worker, and its ready checks */
	WORKER_COUNT,
};

struct queue_key {
	enum queue_worker worker;
	int64_t due_ms;   /* monotonic */
	uint64_t serial;  /* first come, first served at the same time */
	char namespace[64], name[254];
};

/* All zero is an empty queue. */
struct queue {
	struct queue_key **heap;
	size_t count, capacity;
	json_t *due;      /* "worker/namespace/name" -> due_ms: each key waits once */
	uint64_t serial;
};

void queue_release(struct queue *queue);
/* A key that waits already keeps the earlier of both times. */
void queue_add(struct queue *queue, enum queue_worker worker, const char *namespace,
               const char *name, int64_t due_ms);
/* The next due time, -1 when nothing waits. */
int64_t queue_next_due_ms(struct queue *queue);
/* Takes the first key due by `now_ms`; false when there is none. */
bool queue_take(struct queue *queue, int64_t now_ms, struct queue_key *ret);

#endif

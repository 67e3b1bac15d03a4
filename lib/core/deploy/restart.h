/* New pods of the release that runs, as `kubectl rollout restart` makes them: an annotation of the
 * pod template gets a new value.  Release and deployment id stay.
 */
#ifndef PAAS_CORE_DEPLOY_RESTART_H
#define PAAS_CORE_DEPLOY_RESTART_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "core/deploy/follow.h"

struct kubernetes;

struct restart_request {
	struct kubernetes *kubernetes;
	const char *namespace, *name;
	bool force; /* although a deployment is under way */
};

struct restart {
	const char *deployment_id; /* of the pods; "" = no operator deployed it */
	const char *previous_id;   /* what the Application asks for, when that is another; else NULL */
	const char *image;
	int64_t replicas;          /* wanted; 0: nothing runs and nothing will */
	int64_t started_ms;        /* the server's time */
};

/* Looks and asks the cluster for it.  Fails: ERROR_CONFLICT (a deployment is under way),
 * ERROR_NOT_FOUND (never deployed), ERROR_PAUSED, … */
bool restart_begin(const struct restart_request *request, struct arena *arena, struct restart *ret,
                   struct error *err) must_use;

/* How it is followed: watch_deployment (watch.h) with this plan. */
struct follow_plan restart_plan(const struct restart_request *request, const struct restart *restart,
                                const char *system);

#endif

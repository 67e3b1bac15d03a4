/* One Deployment being looked at: shared by its controller's two halves, what to do (deployment.c)
 * and what to say (deployment_status.c). */
#ifndef PAAS_SANDBOX_WORLD_ROLLOUT_H
#define PAAS_SANDBOX_WORLD_ROLLOUT_H

#include "sandbox/world/parts.h"

#define ROLLOUT_REVISION "deployment.kubernetes.io/revision"

struct rollout {
	struct world *world;
	const json_t *deployment;
	json_t *sets;      /* of this Deployment, oldest first */
	const json_t *newest; /* the set of the present template; NULL = not made yet */
	int64_t replicas, max_surge, max_unavailable;
};

/* Of an integer over all sets. */
int64_t rollout_sum(const json_t *sets, const char *path);
/* Every pod is new and available, and no other is left. */
bool rollout_is_complete(const struct rollout *rollout);
/* Writes counts and conditions; comes back when a deadline would have passed. */
void rollout_sync_status(const struct rollout *rollout);

#endif

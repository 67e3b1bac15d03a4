/* What `paas deploy` tells GitHub and Slack, where the platform file wants that. */
#ifndef PAAS_CMD_DEPLOY_ANNOUNCE_H
#define PAAS_CMD_DEPLOY_ANNOUNCE_H

#include "cmd/deploy_job.h"

/* That it was handed over, unless it is a dry run or runs already. */
void deploy_announce_begin(const struct deploy_job *job);
/* How it ended; `failure` NULL: well. */
void deploy_announce_end(const struct deploy_job *job, const struct error *failure);

#endif

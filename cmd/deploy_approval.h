/* What `paas deploy` does where an environment needs approval and no pipeline asks for it; the chain is that of deploy_job.h. */
#ifndef PAAS_CMD_DEPLOY_APPROVAL_H
#define PAAS_CMD_DEPLOY_APPROVAL_H

#include "cmd/deploy_job.h"

/* Whether the job has to be approved before it is handed over. */
bool deploy_approval_is_needed(const struct deploy_job *job);
/* Asks for it, or takes up what was asked before, and waits for the decision where somebody waits.  True: approved, and the job's
 * release knows by whom.  Fails: ERROR_CONFLICT (it waits, or was rejected). */
bool deploy_approval_get(struct deploy_job *job, struct error *err) must_use;
/* The cluster has the release. */
void deploy_approval_finish(const struct deploy_job *job);

#endif

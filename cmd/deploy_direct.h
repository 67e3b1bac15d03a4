/* What `paas deploy --direct` does otherwise than with the operator; the chain is that of deploy_job.h. */
#ifndef PAAS_CMD_DEPLOY_DIRECT_H
#define PAAS_CMD_DEPLOY_DIRECT_H

#include "cmd/deploy_job.h"

/* Looks at what is there, afresh each time; *ret is the caller's (standing_release). */
bool deploy_direct_look(struct deploy_job *job, struct standing *ret, struct error *err) must_use;
/* Rehearses, and writes unless it is a dry run. *ret_overtaken: somebody else was faster. */
bool deploy_direct_hand_over(struct deploy_job *job, enum submit_plan plan, bool *ret_overtaken,
                             struct error *err) must_use;
/* A line an object: what has become of it, or would. */
void deploy_direct_say(const struct deploy_job *job);
/* What the release has no more goes, now that it is healthy. */
bool deploy_direct_prune(struct deploy_job *job, struct error *err) must_use;
/* Not followed to its end: what should go stays. */
void deploy_direct_say_left(const struct deploy_job *job);

#endif

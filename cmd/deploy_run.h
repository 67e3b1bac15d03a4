/* One deployment from its preparation to its outcome: what `paas deploy`, `promote` and `rollback` have in common. */
#ifndef PAAS_CMD_DEPLOY_RUN_H
#define PAAS_CMD_DEPLOY_RUN_H

#include "cmd/deploy_job.h"

/* `word` is what is being done, for a notice: "deploy", "rollback".  The job begins with what was chosen. */
bool deploy_run(struct deploy_job *job, const char *word, struct error *err) must_use;
/* --timeout, else the setting. */
void deploy_take_timeout(const struct session *session, struct deploy_choice *choice);

#endif

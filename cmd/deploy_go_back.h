/* An earlier release, deployed again: what `paas rollback` does, and what a deploy with --rollback-on-failure does when its own
 * release has failed.
 */
#ifndef PAAS_CMD_DEPLOY_GO_BACK_H
#define PAAS_CMD_DEPLOY_GO_BACK_H

#include <jansson.h>

#include "cmd/deploy_job.h"
#include "cmd/releases_view.h"

/* Says from what to what, and deploys `target` as any other release.  Fails: ERROR_NOT_FOUND when its settings are not known, and
 * as deploy_run. */
bool deploy_go_back_to(struct session *session, const struct releases_view *view, const char *application,
                       const struct past_release *target, const struct deploy_choice *choice, struct error *err) must_use;

/* `failure` is how the job ended, which --rollback-on-failure is to answer: its release was seen to be unhealthy or was refused, or
 * time was up.  Not when it was superseded or cancelled, when the cluster cannot be seen, or when nobody would act on it. */
bool deploy_goes_back(const struct deploy_job *job, const struct error *failure);
/* To the last release that was healthy; when there is none, or what runs is another one by now, that is said and nothing is changed.
 * Completes *failure, and answers with what happened for the JSON result: outcome, release, image, deployment_id, error.  New
 * reference. */
json_t *deploy_go_back(const struct deploy_job *job, struct error *failure);

#endif

/* What `paas deploy` does otherwise where a pipeline deploys; the chain is that of deploy_job.h. */
#ifndef PAAS_CMD_DEPLOY_PIPELINE_H
#define PAAS_CMD_DEPLOY_PIPELINE_H

#include "cmd/deploy_job.h"

/* Finds the pipeline and checks it against what it will be given.  Nothing to do where cd has no pipelines: job->pipeline stays NULL. */
bool deploy_pipeline_prepare(struct deploy_job *job, struct error *err) must_use;
/* Takes up the run of the same release that has not ended; *ret_joined.  Another release's: ERROR_CONFLICT, unless forced. */
bool deploy_pipeline_join(struct deploy_job *job, bool *ret_joined, struct error *err) must_use;
/* Whether a run is followed, rather than what stands in the cluster. */
bool deploy_pipeline_runs(const struct deploy_job *job);
/* Starts it, unless it is a dry run. */
bool deploy_pipeline_start(struct deploy_job *job, struct error *err) must_use;
/* Until the Application is in the cluster; *ret_deployed false: the run ended, or waits for a person, and job->pipeline knows. */
bool deploy_pipeline_follow(struct deploy_job *job, bool *ret_deployed, struct error *err) must_use;
/* After the cluster's verdict: the rest of the run. */
bool deploy_pipeline_finish(struct deploy_job *job, struct error *err) must_use;
/* The run's own verdict; false with *failure. */
bool deploy_pipeline_judge(const struct deploy_job *job, struct error *failure) must_use;
/* What is worth saying beside a success. */
void deploy_pipeline_say_cautions(const struct deploy_job *job);
/* What follows is for a person to decide, and nobody waits for that here. */
bool deploy_pipeline_waits(const struct deploy_job *job);
/* Where people look at the run; NULL: there is none, or it was not read. */
const char *deploy_pipeline_url(const struct deploy_job *job);
/* For the result: the run, or NULL; new reference. */
json_t *deploy_pipeline_to_json(const struct deploy_job *job);
void deploy_pipeline_release(struct deploy_job *job);

#endif

/* Restarting an application and following it, for `paas restart` and the --restart of `paas secrets`
 * and `paas vars`.
 */
#ifndef PAAS_CMD_RESTART_JOB_H
#define PAAS_CMD_RESTART_JOB_H

#include "core/deploy/follow.h"
#include "core/deploy/restart.h"

struct cluster;
struct platform_environment;
struct session;

struct restart_job {
	struct session *session;
	const struct platform_environment *environment;
	struct cluster *cluster; /* open */
	const char *namespace, *name;
	bool force;
	bool is_part;        /* of another command: JSON tells no progress, and no result */
	int64_t timeout_ms;  /* 0: by rule */
	struct restart restart;
	struct follow *follow; /* NULL: not followed */
};

/* Before anything is changed: an environment that needs approval wants --yes.  Fails: ERROR_CONFLICT. */
bool restart_job_check(const struct session *session, const struct platform_environment *environment,
                       struct error *err) must_use;
/* Asks the cluster for it. */
bool restart_job_begin(struct restart_job *job, struct error *err) must_use;
/* Until the outcome, which it tells; fails with it when the pods are not healthy. */
bool restart_job_follow(struct restart_job *job, struct error *err) must_use;
/* What came of it; new reference. */
json_t *restart_job_to_json(const struct restart_job *job);
void restart_job_release(struct restart_job *job);

#endif

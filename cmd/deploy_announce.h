/* What `paas deploy` and `paas approve` tell the scm and the chat, where the platform file wants that. */
#ifndef PAAS_CMD_DEPLOY_ANNOUNCE_H
#define PAAS_CMD_DEPLOY_ANNOUNCE_H

#include "cmd/deploy_job.h"

/* That it was handed over, unless it is a dry run or runs already. */
void deploy_announce_begin(const struct deploy_job *job);
/* That a person has to say yes first. */
void deploy_announce_waiting(const struct deploy_job *job);
/* How it ended; `failure` NULL: well. */
void deploy_announce_end(const struct deploy_job *job, const struct error *failure);

struct pending; /* core/deploy/pending.h */
struct deploy_decision {
	const struct pending *pending; /* what was decided */
	const char *name, *team;       /* of the application; team may be NULL */
	const char *by, *message;      /* "" and NULL: not known, not given */
	bool is_approved;
};
void deploy_announce_decision(struct session *session, const struct deploy_decision *decision);

#endif

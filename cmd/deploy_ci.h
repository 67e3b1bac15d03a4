/* What a CI runner is told of a deployment beyond the text: values for later steps
 * ($GITHUB_OUTPUT: deployment_id, environment, image, digest, outcome, error) and a Markdown summary
 * ($GITHUB_STEP_SUMMARY).  A report that cannot be written is a warning: it changes no outcome.
 */
#ifndef PAAS_CMD_DEPLOY_CI_H
#define PAAS_CMD_DEPLOY_CI_H

#include "core/deploy/follow.h"

struct output;

struct deploy_report {
	const char *name, *environment;
	const char *image, *deployment_id, *digest; /* NULL: unknown */
	const char *outcome; /* of follow_outcome_name, or "refused", "started", "dry-run", "rolled-back" */
	const struct deployment *deployment; /* NULL: nobody followed */
	const struct error *failure;         /* NULL: none */
	bool is_one_of_several;              /* later steps are told of all of them: deploy_ci_several */
};

/* As soon as the cluster has it: whatever becomes of us, later steps know which one it was. */
void deploy_ci_begin(struct output *out, const struct deploy_report *report);
/* When the outcome is known. */
void deploy_ci_end(struct output *out, const struct deploy_report *report);
/* What became of --rollback-on-failure: "succeeded", "failed", "none" (nothing to go back to); outcome and error as they are now. */
void deploy_ci_rollback(struct output *out, const char *rollback, const struct deploy_report *report);
/* With --all: the outcome of all of them, and the code of the failure (NULL: none). */
void deploy_ci_several(struct output *out, const char *outcome, const char *failure);

#endif

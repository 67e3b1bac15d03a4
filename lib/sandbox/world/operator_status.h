/* What the operator tells of a deployment: ApplicationStatus, status of the Application, logs. */
#ifndef PAAS_SANDBOX_WORLD_OPERATOR_STATUS_H
#define PAAS_SANDBOX_WORLD_OPERATOR_STATUS_H

#include "sandbox/world/parts.h"

/* A line of the operator's own log about this deployment. */
void operator_log(struct world *world, const json_t *application, const char *level,
                  const char *message);
/* INITIATED, RUNNING, SUCCESS or FAILED; the log goes with it. Older statuses than the last ten
 * of the application are deleted. */
void operator_write_status(struct world *world, const json_t *application, const char *result);
/* What it told last of a deployment id, "" = nothing. */
const char *operator_result(const struct world *world, const char *namespace, const char *app,
                            const char *id) returns_text;

#endif

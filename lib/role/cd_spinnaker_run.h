/* An execution of Spinnaker's as the role's run: its stages as steps, and those of the executions that it waits for; for
 * role/cd_spinnaker.c.
 */
#ifndef PAAS_ROLE_CD_SPINNAKER_RUN_H
#define PAAS_ROLE_CD_SPINNAKER_RUN_H

#include <jansson.h>

#include "api/spinnaker/execution.h"
#include "role/cd.h"

struct gate;

struct spinnaker_tool {
	struct gate *gate;
	const char *url, *web; /* web NULL: not known */
	json_t *kept;          /* configurations that pipelines point into */
};

enum { SPINNAKER_CHILD_DEPTH_MAX = 10 };
enum cd_state spinnaker_run_state(enum spinnaker_status status);
/* The run takes the execution, which lies in `arena`, and releases it. */
void spinnaker_run_put(const struct spinnaker_tool *tool, struct spinnaker_execution *execution, struct arena *arena,
                       struct cd_run *ret);
/* From a fiber.  The stages of other executions stand below the stages that wait for them; what cannot be read, and what is more
 * than eight executions or SPINNAKER_CHILD_DEPTH_MAX deep, is left out. */
void spinnaker_run_put_children(const struct spinnaker_tool *tool, struct arena *arena, struct cd_run *run);
const struct spinnaker_execution *spinnaker_run_execution(const struct cd_run *run);

#endif

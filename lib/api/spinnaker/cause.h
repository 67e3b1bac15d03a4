/* Why an execution failed: the texts that say so, gathered from the many places where Orca and the
 * services behind it leave them, the root first.
 *
 * Source: spinnaker.md 6.
 */
#ifndef PAAS_API_SPINNAKER_CAUSE_H
#define PAAS_API_SPINNAKER_CAUSE_H

#include "api/spinnaker/execution.h"

enum { SPINNAKER_CAUSES_MAX = 6 };

struct spinnaker_cause {
	const char *stage;     /* its name; "" = of the execution as a whole */
	const char *stage_id;  /* "" = as above */
	const char *texts[SPINNAKER_CAUSES_MAX]; /* bounded, each once; the first says most */
	size_t n_texts;        /* 0: nobody said why */
	const char *child_id;  /* the execution of another pipeline that failed in it; "" = none */
};

/* The first failed stage nobody below it explains better, or the execution's own reason.  False: nothing failed. */
bool spinnaker_cause_find(const struct spinnaker_execution *execution, struct arena *arena, struct spinnaker_cause *ret);
/* The same of one stage alone. */
void spinnaker_cause_of_stage(const struct spinnaker_stage *stage, struct arena *arena, struct spinnaker_cause *ret);

#endif

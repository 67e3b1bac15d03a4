/* The order in which people read the stages of an execution.  Pure. */
#ifndef PAAS_API_SPINNAKER_STAGE_ORDER_H
#define PAAS_API_SPINNAKER_STAGE_ORDER_H

#include "api/spinnaker/execution.h"

/* Sorts in place and fills `depth`.  What hangs on an unknown stage, or on itself, comes last: none is lost. */
void stage_order(struct spinnaker_stage *stages, size_t count, struct arena *arena);

#endif

/* How findings and progress of a rollout are shown, by `paas deploy` and `paas status`. */
#ifndef PAAS_CMD_FINDINGS_H
#define PAAS_CMD_FINDINGS_H

#include "core/deploy/follow.h"

struct output;

/* Sentence, pods, evidence and next step, several lines. */
void findings_print(struct output *out, const struct finding *finding);
/* The same beside an error that will be printed: what that says is not said twice. */
void findings_print_beside(struct output *out, const struct finding *finding, const struct error *error);
/* "2 of 3 pods", or "". */
const char *findings_pods(const struct finding *finding, struct arena *arena);

#endif

/* How `paas validate` and `paas config check` end the line of a problem. */
#ifndef PAAS_CMD_PROBLEM_VIEW_H
#define PAAS_CMD_PROBLEM_VIEW_H

struct output;
struct problem;

/* On a terminal the rule, which `paas help` explains; then the end of the line, and the fix below it. */
void problem_view_end(struct output *out, const struct problem *problem);

#endif

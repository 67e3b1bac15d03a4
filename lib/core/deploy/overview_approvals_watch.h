/* What waits for approval in a namespace, asked again and again: every 5 s while something waits, else every 30 s.
 *
 * One question at a time, in a fiber of its own: who does not answer holds up no rows.  Memory is that of the last answer.
 */
#ifndef PAAS_CORE_DEPLOY_OVERVIEW_APPROVALS_WATCH_H
#define PAAS_CORE_DEPLOY_OVERVIEW_APPROVALS_WATCH_H

#include "core/deploy/overview_approvals.h"

struct overview_approvals_watch;

/* From the fiber that is woken by each answer, *has_news being set; `request`, `overview` (of which environment and namespace are
 * read) and `arena` outlive it.  NULL: nothing can wait there. */
struct overview_approvals_watch *overview_approvals_watch_start(const struct overview_request *request,
                                                                const struct overview *overview, struct arena *arena,
                                                                bool *has_news);
/* The last answer, valid until the fiber waits; NULL: none yet, or `watch` is NULL. */
struct overview_approvals *overview_approvals_watch_look(struct overview_approvals_watch *watch);
/* Two steps, so that many end at once; the second waits.  NULL does nothing. */
void overview_approvals_watch_cancel(struct overview_approvals_watch *watch);
void overview_approvals_watch_stop(struct overview_approvals_watch *watch);

#endif

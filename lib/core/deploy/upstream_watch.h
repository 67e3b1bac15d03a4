/* The systems around the clusters, asked again and again: of builds and the pull request every 30 s, of pipelines and approvals
 * every 5 s while one is on its way, else every 30 s.
 *
 * Each kind has a fiber, and so a clock, of its own: never more than one question of a kind is under way, and a system that does
 * not answer holds up no other.  Memory is that of the last answers.
 */
#ifndef PAAS_CORE_DEPLOY_UPSTREAM_WATCH_H
#define PAAS_CORE_DEPLOY_UPSTREAM_WATCH_H

#include "core/deploy/upstream.h"

struct upstream_watch;

/* From the fiber that is woken by each answer, *has_news being set; `request` and `arena` outlive it. */
struct upstream_watch *upstream_watch_start(const struct upstream_request *request, struct arena *arena, bool *has_news)
	__attribute__((returns_nonnull));
/* All last answers, valid until the fiber waits.  What has not answered yet is UPSTREAM_UNKNOWN without a trouble's code. */
const struct upstream *upstream_watch_look(struct upstream_watch *watch);
/* Waits until all are gone. */
void upstream_watch_stop(struct upstream_watch *watch);

#endif

/* What a single look (overview.c) and one that goes on (overview_watch.c) share. */
#ifndef PAAS_CORE_DEPLOY_OVERVIEW_PARTS_H
#define PAAS_CORE_DEPLOY_OVERVIEW_PARTS_H

#include "core/deploy/overview.h"

/* Which namespaces of which environments, each place once; one that cannot be told has its trouble.
 * Fails as overview_read. */
bool overview_choose(const struct overview_request *request, struct arena *arena, struct overview **ret,
                     size_t *ret_count, struct error *err) must_use;
/* From a fiber: reads objects of the worst, their rows in `arena` (overview_release frees the rest). */
void overview_examine(struct loop *loop, struct kubernetes *kubernetes, struct overview *overview,
                      struct arena *arena);
/* An empty namespace exists.  Fails: it does not (ERROR_NOT_FOUND). */
bool overview_check_namespace(const struct overview *overview, struct kubernetes *kubernetes,
                              struct error *err) must_use;

#endif

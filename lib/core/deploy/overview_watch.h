/* An overview kept up to date: rows of Tables are watched, never objects, and folded anew after
 * changes; objects of the worst are read every ten seconds, while something is unwell.
 */
#ifndef PAAS_CORE_DEPLOY_OVERVIEW_WATCH_H
#define PAAS_CORE_DEPLOY_OVERVIEW_WATCH_H

#include "core/deploy/overview.h"

/* Told when all have answered or failed, after each change and once a second, never more than ten
 * times a second.  `overviews` are borrowed until it returns, in the order of overview_read.  False
 * ends it. */
typedef bool overview_told(void *data, const struct overview *overviews, size_t count, struct error *err);

/* From a fiber, until `told` ends it or the fiber is cancelled (ERROR_INTERRUPTED); false always,
 * with the *err of `told`.  Fails at once as overview_read does. */
bool overview_watch(const struct overview_request *request, overview_told *told, void *data,
                    struct error *err) must_use;

#endif

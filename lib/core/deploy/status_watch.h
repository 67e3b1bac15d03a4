/* Status kept up to date: informers tell what changed, and a row is judged anew from all that is
 * known, by the rules of a single look (status_row.h).
 *
 * Memory grows with the objects of the application, not with time.  A cluster that is lost for
 * longer than a few seconds is STATUS_UNKNOWN until it is back; one that refuses us is tried again
 * every half minute, so that a login elsewhere heals it.
 */
#ifndef PAAS_CORE_DEPLOY_STATUS_WATCH_H
#define PAAS_CORE_DEPLOY_STATUS_WATCH_H

#include "core/deploy/status.h"

struct upstream;
struct upstream_request;

/* Told at first, after each change and once a second, never more than ten times a second.  The news
 * are borrowed until it returns: rows, one an environment in the order of the platform file, of which one that
 * has not answered yet is STATUS_UNKNOWN without trouble.code; and the systems around (upstream_watch.h).  False ends it. */
struct status_news {
	const struct status_row *rows;
	size_t count;
	const struct upstream *upstream; /* NULL when it was not asked for */
};
typedef bool status_told(void *data, const struct status_news *news, struct error *err);

/* From a fiber, until `told` ends it or the fiber is cancelled (ERROR_INTERRUPTED); false
 * always, with the *err of `told`.  Fails at once as status_read does.  `upstream` may be NULL. */
bool status_watch(const struct status_request *request, const struct upstream_request *upstream, status_told *told, void *data, struct error *err) must_use;

#endif

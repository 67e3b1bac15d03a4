/* The commits that one release has and another has not: from the work tree, else from the source control's own comparison, as a job's
 * clone is shallow and whoever approves may have none.
 */
#ifndef PAAS_CORE_DEPLOY_SHIPPED_H
#define PAAS_CORE_DEPLOY_SHIPPED_H

#include <stddef.h>

#include "base/arena.h"
#include "data/repository.h"

struct http;
struct platform;
struct project;

struct shipped_request {
	struct http *http;              /* NULL: only the work tree is asked */
	const struct platform *platform;
	struct project *project;
	const char *from, *to;          /* commits; "" or NULL: not known, then there are none */
	size_t max;
};
struct shipped {
	struct repository_commit *commits; /* newest first */
	size_t count;                      /* `max`: there may be more */
};
/* From a fiber when `http` is given.  None when nobody knows both. */
struct shipped shipped_find(const struct shipped_request *request, struct arena *arena);

#endif

/* What a cluster has of one application: all that the operator reads or writes, asked at once. */
#ifndef PAAS_CORE_DIFFERENCE_LIVE_H
#define PAAS_CORE_DIFFERENCE_LIVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "core/difference/objects.h"
#include "core/fiaas/render.h"

struct kubernetes;
struct kubernetes_resource;
struct loop;

struct live_request {
	struct loop *loop;
	struct kubernetes *kubernetes;
	const char *namespace, *name;
	const struct fiaas_options *options; /* of the cluster's operator */
};

/* Owned; NULL: there is none. */
struct live {
	json_t *version;
	json_t *deployment, *service, *autoscaler, *budget, *account, *default_account;
	json_t *ingresses, *bindings, *quotas; /* lists */
};

/* What may not be read but only bends the rendering (quotas, the default account) is a caution.
 * Fails with what hindered the first of the others. */
bool live_read(const struct live_request *request, struct differences *cautions, struct live *ret, struct error *err) must_use;
void live_release(struct live *live); /* for scoped() */

/* As the operator sees it while rendering; borrowed from `live`. */
struct fiaas_cluster_state live_state(const struct live *live);
/* Where the operator of these options writes objects of that kind; NULL: it writes none. */
const struct kubernetes_resource *live_resource(const char *api_version, const char *kind);

#endif

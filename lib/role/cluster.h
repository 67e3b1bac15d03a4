/* From what a platform file says of a cluster to an open client of its API server.
 *
 *	scoped(cluster_close) struct cluster *cluster = NULL;
 *	if (!cluster_open(http, environment->cluster, arena, &cluster, err))
 *		return false;
 *	kubernetes_get(cluster->kubernetes, …)
 */
#ifndef PAAS_ROLE_CLUSTER_H
#define PAAS_ROLE_CLUSTER_H

#include <stdbool.h>

#include "api/kubernetes/access.h"
#include "base/arena.h"
#include "base/error.h"

struct http;
struct kubernetes;
struct platform_cluster; /* data/platform.h */

struct cluster {
	const char *name; /* "dev", or the context's */
	struct kubernetes_access access;
	struct kubernetes *kubernetes;
};

/* What is needed to reach it, without reaching it; released with kubernetes_access_release, also
 * on failure.  Fails as kubernetes_access_find. */
bool cluster_access(const struct platform_cluster *cluster, struct arena *arena,
                    struct kubernetes_access *ret, struct error *err) must_use;
/* No connection is made yet.  The arena outlives the cluster. */
bool cluster_open(struct http *http, const struct platform_cluster *cluster, struct arena *arena,
                  struct cluster **ret, struct error *err) must_use;
/* A cluster no platform file speaks of: a context of the kubeconfig, NULL for the current one. */
bool cluster_open_context(struct http *http, const char *context, struct arena *arena,
                          struct cluster **ret, struct error *err) must_use;
/* For scoped(). */
void cluster_close(struct cluster **cluster);

#endif

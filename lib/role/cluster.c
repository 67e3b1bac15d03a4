#include "role/cluster.h"

#include "api/kubernetes/client.h"
#include "data/platform.h"

bool
cluster_access(const struct platform_cluster *cluster, struct arena *arena, struct kubernetes_access *ret,
               struct error *err)
{
	struct kubernetes_choice choice = {.kubeconfig = cluster->kubeconfig, .context = cluster->kubeconfig_context};
	if (cluster->server == NULL)
		return kubernetes_access_find(&choice, arena, ret, err);
	if (!kubernetes_access_of_server(cluster->server, cluster->ca_file, NULL, arena, ret, err))
		return false;
	ret->tls_server_name = cluster->tls_server_name;
	return true;
}

static bool
open_client(struct http *http, struct cluster *cluster, struct arena *arena, struct cluster **ret,
            struct error *err)
{
	if (!kubernetes_open(http, cluster->name, &cluster->access, arena, &cluster->kubernetes, err))
		return false;
	*ret = cluster;
	return true;
}

bool
cluster_open(struct http *http, const struct platform_cluster *described, struct arena *arena,
             struct cluster **ret, struct error *err)
{
	struct cluster *cluster = arena_new(arena, struct cluster);
	cluster->name = described->name;
	if (cluster_access(described, arena, &cluster->access, err) && open_client(http, cluster, arena, ret, err))
		return true;
	kubernetes_access_release(&cluster->access);
	return error_doing(err, "reaching cluster %s", described->name);
}

bool
cluster_open_context(struct http *http, const char *context, struct arena *arena, struct cluster **ret,
                     struct error *err)
{
	struct cluster *cluster = arena_new(arena, struct cluster);
	struct kubernetes_choice choice = {.context = context};
	cluster->name = context != NULL ? context : "current context";
	if (kubernetes_access_find(&choice, arena, &cluster->access, err) &&
	    open_client(http, cluster, arena, ret, err))
		return true;
	kubernetes_access_release(&cluster->access);
	return false;
}

void
cluster_close(struct cluster **cluster)
{
	if (*cluster == NULL)
		return;
	kubernetes_close((*cluster)->kubernetes);
	kubernetes_access_release(&(*cluster)->access);
	*cluster = NULL;
}

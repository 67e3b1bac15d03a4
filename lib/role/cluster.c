#include "role/cluster.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "auth/credential.h"
#include "data/platform.h"

/* ---- the sign-on ---- */

static struct credential_system
system_of(const struct platform_cluster *cluster)
{
	return (struct credential_system){.role = "kubernetes", .provider = "kubernetes", .url = cluster->server,
	                                  .takes_sign_on = true};
}

static bool
get_token(const void *data, const struct secret *refused, struct arena *arena, struct secret **ret,
          int64_t *ret_expires_at_ms, struct error *err)
{
	struct credential_system system = system_of(data);
	scoped(credential_release) struct credential credential = {0};
	bool is_found = refused == NULL ? credential_find(&system, arena, &credential, err)
	                                : credential_renew(&system, refused, arena, &credential, err);
	if (!is_found)
		return false;
	*ret = take(credential.token);
	*ret_expires_at_ms = credential.expires_at_ms;
	return true;
}

static const struct kubernetes_token_source *
source_of(const struct platform_cluster *cluster, struct arena *arena)
{
	struct kubernetes_token_source *source = arena_new(arena, struct kubernetes_token_source);
	*source = (struct kubernetes_token_source){.get = get_token, .data = cluster};
	return source;
}

/* ---- clusters ---- */

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
	if (ret->token == NULL && credential_has_begun()) {
		ret->source = source_of(cluster, arena);
		ret->credential = "the sign-on";
	}
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

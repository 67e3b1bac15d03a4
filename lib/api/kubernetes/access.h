/* What it takes to reach one cluster: server, trust, credentials, namespace.
 *
 * Comes from a kubeconfig context, from the pod we run in, or from a platform file that names the
 * server itself.  Everything a person can have got wrong is said here, with file:line:column,
 * before a byte is sent.
 *
 *	scoped(kubernetes_access_release) struct kubernetes_access access = {0};
 *	if (!kubernetes_access_find(&(struct kubernetes_choice){.context = "acme-dev"}, arena, &access, err))
 *		return false;
 */
#ifndef PAAS_API_KUBERNETES_ACCESS_H
#define PAAS_API_KUBERNETES_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"

struct kubeconfig;

/* An exec credential plugin (client.authentication.k8s.io). */
enum kubernetes_exec_mode { KUBERNETES_EXEC_NEVER, KUBERNETES_EXEC_IF_AVAILABLE, KUBERNETES_EXEC_ALWAYS };
struct kubernetes_exec {
	const char *const *argv;        /* NULL-terminated; a relative path is resolved already */
	const char *const *environment; /* NULL-terminated "NAME=value" */
	const char *api_version;        /* "client.authentication.k8s.io/v1" */
	const char *install_hint;       /* NULL: none */
	bool provides_cluster_info;
	const char *cluster_config;     /* JSON text of the cluster's exec extension, or NULL */
	enum kubernetes_exec_mode mode;
};

/* Where a token comes from that changes while we run: the sign-on. */
struct kubernetes_token_source {
	/* Another than `refused` (NULL: none was); *ret is the caller's, NULL when there is no credential. */
	bool (*get)(const void *data, const struct secret *refused, struct arena *arena, struct secret **ret,
	            int64_t *ret_expires_at_ms, struct error *err);
	const void *data;
};

/* Request headers of impersonation, ready to send. */
struct kubernetes_impersonation {
	const char **names, **values;
	size_t count;
};

struct kubernetes_access {
	const char *server;    /* "https://host:6443/prefix", no slash at the end */
	const char *namespace; /* never NULL */
	const char *origin;    /* for messages: "context \"dev\" of /home/u/.kube/config" */
	const char *credential; /* for messages: "token of user \"u\"", "no credential" */
	const char *ca_pem;    /* NULL: the system's roots */
	const char *tls_server_name, *proxy;
	bool insecure_skip_tls_verify, no_compression;
	const char *client_certificate_pem;
	struct secret *client_key_pem;
	struct secret *token;
	const char *token_file; /* read again about each minute; NULL: none */
	const char *username;
	struct secret *password;
	struct kubernetes_impersonation impersonation;
	const struct kubernetes_exec *exec; /* only when nothing static is there */
	const struct kubernetes_token_source *source; /* likewise */
};

/* Which cluster; NULL members are not chosen. */
struct kubernetes_choice {
	const char *kubeconfig; /* this file alone */
	const char *context;    /* instead of current-context */
	const char *namespace;
	const char *service_account; /* folder to look for a pod's own account in; NULL: the usual one */
};

/* A kubeconfig context, else the pod we run in.  Texts in `arena`, secrets owned by *ret, which
 * the caller releases also on failure.  Fails: ERROR_INVALID_FILE (place in why), ERROR_NOT_FOUND
 * (no such context, no cluster configured), ERROR_NOT_LOGGED_IN (a credential of a retired kind). */
bool kubernetes_access_find(const struct kubernetes_choice *choice, struct arena *arena,
                            struct kubernetes_access *ret, struct error *err) must_use;
/* The same out of a kubeconfig that is loaded already. */
bool kubernetes_access_from_kubeconfig(const struct kubeconfig *config, const struct kubernetes_choice *choice,
                                       struct arena *arena, struct kubernetes_access *ret,
                                       struct error *err) must_use;
/* A server named outright; `ca_file` NULL: the system's roots.  The token is that of the first set
 * of the environment variables PAAS_TOKEN_KUBERNETES and PAAS_TOKEN. */
bool kubernetes_access_of_server(const char *server, const char *ca_file, const char *namespace,
                                 struct arena *arena, struct kubernetes_access *ret,
                                 struct error *err) must_use;
/* For scoped(). */
void kubernetes_access_release(struct kubernetes_access *access);

/* The trimmed content of a token file, at most 64 KiB. */
bool kubernetes_read_token_file(const char *path, struct secret **ret, struct error *err) must_use;

#endif

#include "api/kubernetes/access.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "api/kubernetes/access_user.h"
#include "api/kubernetes/kubeconfig.h"
#include "base/file.h"

enum { PEM_MAX = 1024 * 1024, TOKEN_MAX = 64 * 1024 };

static const char service_account_folder[] = "/var/run/secrets/kubernetes.io/serviceaccount";

/* ---- pieces ---- */

static bool
is_space(char c)
{
	return isspace((unsigned char)c) != 0;
}

static struct secret *
secret_of_trimmed(char *text)
{
	size_t length = strlen(text), start = 0;
	while (length > 0 && is_space(text[length - 1]))
		length--;
	while (start < length && is_space(text[start]))
		start++;
	return length == start ? NULL : secret_new(text + start, length - start);
}

bool
kubernetes_read_token_file(const char *path, struct secret **ret, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	char *text;
	size_t length;
	if (!file_read(path, TOKEN_MAX, &scratch, &text, &length, err))
		return false;
	struct secret *token = secret_of_trimmed(text);
	secret_wipe(text, length);
	if (token == NULL)
		return error_set(err, ERROR_NOT_LOGGED_IN, "the token file %s is empty", path);
	secret_release(ret);
	*ret = token;
	return true;
}

static bool
has_scheme(const char *server, const char *scheme)
{
	return strncasecmp(server, scheme, strlen(scheme)) == 0;
}

/* Adds the scheme, drops slashes at the end; NULL when it cannot be a server. */
static const char *
normal_server(const char *server, bool has_tls_settings, struct arena *arena)
{
	for (const char *c = server; *c != '\0'; c++) {
		if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr("?#@\\", *c) != NULL)
			return NULL;
	}
	if (strstr(server, "://") == NULL)
		server = arena_printf(arena, "%s://%s", has_tls_settings ? "https" : "http", server);
	if (!has_scheme(server, "https://") && !has_scheme(server, "http://"))
		return NULL;
	size_t length = strlen(server);
	while (length > 0 && server[length - 1] == '/')
		length--;
	const char *host = strstr(server, "://") + 3;
	return host >= server + length || *host == '/' ? NULL : arena_strndup(arena, server, length);
}

/* ---- the cluster of a context ---- */

static bool
read_trust(const struct kubeconfig_entry *cluster, struct arena *arena, struct kubernetes_access *access,
           struct error *err)
{
	struct access_pem ca = {.path_key = "certificate-authority", .data_key = "certificate-authority-data"};
	if (!access_read_pem(cluster, &ca, arena, &access->ca_pem, NULL, err))
		return false;
	access->insecure_skip_tls_verify = kubeconfig_flag(cluster, "insecure-skip-tls-verify");
	if (access->ca_pem != NULL && access->insecure_skip_tls_verify)
		return kubeconfig_fail(err, cluster, yaml_get(cluster->body, "insecure-skip-tls-verify"),
		                       "a certificate authority together with insecure-skip-tls-verify is not "
		                       "allowed");
	return true;
}

static bool
read_proxy(const struct kubeconfig_entry *cluster, struct arena *arena, struct kubernetes_access *access,
           struct error *err)
{
	const char *proxy = kubeconfig_text(cluster, "proxy-url");
	if (proxy == NULL)
		return true;
	if (!has_scheme(proxy, "http://") && !has_scheme(proxy, "https://") && !has_scheme(proxy, "socks5://"))
		return kubeconfig_fail(err, cluster, yaml_get(cluster->body, "proxy-url"),
		                       "\"proxy-url\" must begin with http://, https:// or socks5://");
	access->proxy = arena_strdup(arena, proxy);
	return true;
}

static bool
read_cluster(const struct kubeconfig_entry *cluster, struct arena *arena, struct kubernetes_access *access,
             struct error *err)
{
	const char *server = kubeconfig_text(cluster, "server");
	if (server == NULL)
		return kubeconfig_fail(err, cluster, cluster->body, "cluster \"%s\" names no server", cluster->name);
	if (!read_trust(cluster, arena, access, err) || !read_proxy(cluster, arena, access, err))
		return false;
	access->tls_server_name = arena_strdup(arena, kubeconfig_text(cluster, "tls-server-name"));
	access->no_compression = kubeconfig_flag(cluster, "disable-compression");
	bool has_tls = access->ca_pem != NULL || access->insecure_skip_tls_verify ||
	               access->client_certificate_pem != NULL || access->tls_server_name != NULL;
	access->server = normal_server(server, has_tls, arena);
	if (access->server == NULL)
		return kubeconfig_fail(err, cluster, yaml_get(cluster->body, "server"),
		                       "\"server\" is not an address such as https://host:6443");
	return true;
}

/* ---- the context ---- */

static bool
find_context(const struct kubeconfig *config, const struct kubernetes_choice *choice,
             const struct kubeconfig_entry **ret, struct error *err)
{
	const char *name = choice->context != NULL ? choice->context : config->current_context;
	if (name[0] == '\0') {
		error_put(err, ERROR_NOT_FOUND, "no context is chosen in %s", config->searched);
		return error_next(err, "kubectl config use-context NAME");
	}
	*ret = kubeconfig_find(config, KUBECONFIG_CONTEXTS, name);
	if (*ret != NULL)
		return true;
	if (config->n_files == 0)
		error_put(err, ERROR_NOT_FOUND, "context \"%s\" was not found: no kubeconfig at %s", name,
		          config->searched);
	else
		error_put(err, ERROR_NOT_FOUND, "context \"%s\" was not found in %s", name, config->searched);
	return error_next(err, "kubectl config get-contexts");
}

/* What the context calls its cluster or user; an empty user is nobody. */
static bool
follow_name(const struct kubeconfig *config, const struct kubeconfig_entry *context, const char *key,
            enum kubeconfig_section section, const struct kubeconfig_entry **ret, struct error *err)
{
	const char *name = kubeconfig_text(context, key);
	*ret = NULL;
	if (name == NULL && section == KUBECONFIG_USERS)
		return true;
	if (name == NULL)
		return kubeconfig_fail(err, context, context->body, "context \"%s\" names no cluster", context->name);
	*ret = kubeconfig_find(config, section, name);
	if (*ret == NULL)
		return kubeconfig_fail(err, context, yaml_get(context->body, key),
		                       "context \"%s\" names the %s \"%s\", which no file defines", context->name,
		                       key, name);
	return true;
}

bool
kubernetes_access_from_kubeconfig(const struct kubeconfig *config, const struct kubernetes_choice *choice,
                                  struct arena *arena, struct kubernetes_access *ret, struct error *err)
{
	const struct kubeconfig_entry *context, *cluster, *user;
	*ret = (struct kubernetes_access){.credential = "no credential"};
	if (!find_context(config, choice, &context, err) ||
	    !follow_name(config, context, "cluster", KUBECONFIG_CLUSTERS, &cluster, err) ||
	    !follow_name(config, context, "user", KUBECONFIG_USERS, &user, err) ||
	    (user != NULL && !access_read_user(user, cluster, arena, ret, err)) ||
	    !read_cluster(cluster, arena, ret, err))
		return false;
	const char *namespace = choice->namespace != NULL ? choice->namespace
	                                                  : kubeconfig_text(context, "namespace");
	ret->namespace = arena_strdup(arena, namespace != NULL ? namespace : "default");
	ret->origin = arena_printf(arena, "context \"%s\" of %s", context->name, context->file->path);
	return true;
}

/* ---- the pod we run in ---- */

static bool
is_in_cluster(const char *folder, struct arena *arena)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST"), *port = getenv("KUBERNETES_SERVICE_PORT");
	struct stat token;
	return host != NULL && host[0] != '\0' && port != NULL && port[0] != '\0' &&
	       stat(arena_printf(arena, "%s/token", folder), &token) == 0 && S_ISREG(token.st_mode);
}

static const char *
pod_namespace(const char *folder, struct arena *arena)
{
	const char *given = getenv("POD_NAMESPACE");
	char *text;
	size_t length;
	struct error ignored;
	if (given != NULL && given[0] != '\0')
		return arena_strdup(arena, given);
	if (!file_read(arena_printf(arena, "%s/namespace", folder), TOKEN_MAX, arena, &text, &length, &ignored))
		return "default";
	while (length > 0 && is_space(text[length - 1]))
		text[--length] = '\0';
	return length > 0 ? text : "default";
}

static bool
access_of_pod(const char *folder, const char *namespace, struct arena *arena, struct kubernetes_access *ret,
              struct error *err)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	bool is_ipv6 = host != NULL && strchr(host, ':') != NULL;
	char *ca;
	size_t length;
	*ret = (struct kubernetes_access){.origin = "the pod's service account"};
	ret->credential = ret->token_file = arena_printf(arena, "%s/token", folder);
	if (!kubernetes_read_token_file(ret->token_file, &ret->token, err) ||
	    !file_read(arena_printf(arena, "%s/ca.crt", folder), PEM_MAX, arena, &ca, &length, err))
		return error_doing(err, "using the pod's service account");
	ret->ca_pem = ca;
	ret->server = arena_printf(arena, is_ipv6 ? "https://[%s]:%s" : "https://%s:%s", host,
	                           getenv("KUBERNETES_SERVICE_PORT"));
	ret->namespace = namespace != NULL ? namespace : pod_namespace(folder, arena);
	return true;
}

/* ---- ways in ---- */

bool
kubernetes_access_find(const struct kubernetes_choice *choice, struct arena *arena,
                       struct kubernetes_access *ret, struct error *err)
{
	scoped(kubeconfig_release) struct kubeconfig config = {0};
	const char *folder = choice->service_account != NULL ? choice->service_account : service_account_folder;
	*ret = (struct kubernetes_access){0};
	if (!kubeconfig_load(choice->kubeconfig, &config, err))
		return false;
	if (!kubeconfig_is_empty(&config) || choice->context != NULL)
		return kubernetes_access_from_kubeconfig(&config, choice, arena, ret, err) ||
		       error_doing(err, "reading the kubeconfig");
	if (is_in_cluster(folder, arena))
		return access_of_pod(folder, choice->namespace, arena, ret, err);
	error_put(err, ERROR_NOT_FOUND, "no cluster is configured: %s defines none, and this is no pod",
	          config.searched);
	return error_next(err, "set KUBECONFIG, or name the cluster in the platform file");
}

bool
kubernetes_access_of_server(const char *server, const char *ca_file, const char *namespace,
                            struct arena *arena, struct kubernetes_access *ret, struct error *err)
{
	static const char *const variables[] = {"PAAS_TOKEN_KUBERNETES", "PAAS_TOKEN"};
	char *ca = NULL;
	size_t length;
	*ret = (struct kubernetes_access){
		.origin = "the platform file", .credential = "no credential",
		.namespace = namespace != NULL ? namespace : "default",
	};
	if (ca_file != NULL && !file_read(ca_file, PEM_MAX, arena, &ca, &length, err))
		return error_doing(err, "reading the certificate authority of %s", server);
	ret->ca_pem = ca;
	ret->server = normal_server(server, true, arena);
	if (ret->server == NULL)
		return error_set(err, ERROR_INVALID_FILE, "\"%s\" is not an address such as https://host:6443",
		                 server);
	for (size_t i = 0; i < array_length(variables) && ret->token == NULL; i++) {
		const char *value = getenv(variables[i]);
		if (value == NULL || value[0] == '\0')
			continue;
		ret->token = secret_new(value, strlen(value));
		ret->credential = arena_printf(arena, "token of $%s", variables[i]);
	}
	return true;
}

void
kubernetes_access_release(struct kubernetes_access *access)
{
	secret_release(&access->client_key_pem);
	secret_release(&access->token);
	secret_release(&access->password);
}

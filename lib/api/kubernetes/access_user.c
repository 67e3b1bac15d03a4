#include "api/kubernetes/access_user.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"

enum { PEM_MAX = 1024 * 1024 };

static const char exec_extension[] = "client.authentication.k8s.io/exec";

static const struct yaml_node *
node_of(const struct kubeconfig_entry *entry, const char *key)
{
	return yaml_get(entry->body, key);
}

static const char *
map_text(const struct yaml_node *map, const char *key)
{
	const struct yaml_node *node = yaml_get(map, key);
	return node == NULL || node->kind != YAML_KIND_SCALAR || node->length == 0 ||
	       yaml_type_of(node) == YAML_TYPE_NULL ? NULL : node->text;
}

/* ---- PEM ---- */

/* Relative to the folder of the file the entry came from, never to where we stand. */
static const char *
path_of(const struct kubeconfig_entry *entry, const char *path, struct arena *arena)
{
	return path[0] == '/' ? arena_strdup(arena, path) : file_beside(arena, entry->file->path, path);
}

static void
put_pem(struct arena *arena, char *bytes, size_t length, const char **ret_text, struct secret **ret_secret)
{
	if (ret_text != NULL)
		*ret_text = arena_strndup(arena, bytes, length);
	if (ret_secret != NULL)
		*ret_secret = secret_new(bytes, length);
	secret_wipe(bytes, length);
}

static bool
decode_pem(const struct kubeconfig_entry *entry, const char *key, struct arena *arena, const char **ret_text,
           struct secret **ret_secret, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	const struct yaml_node *node = node_of(entry, key);
	size_t length = 0;
	const char *end = NULL;
	char *bytes = arena_alloc(&scratch, node->length + 1);
	if (sodium_base642bin((unsigned char *)bytes, node->length, node->text, node->length, " \t\r\n", &length,
	                      &end, sodium_base64_VARIANT_ORIGINAL) != 0 || end != node->text + node->length)
		return kubeconfig_fail(err, entry, node, "\"%s\" is not base64", key);
	put_pem(arena, bytes, length, ret_text, ret_secret);
	return true;
}

bool
access_read_pem(const struct kubeconfig_entry *entry, const struct access_pem *pem, struct arena *arena,
                const char **ret_text, struct secret **ret_secret, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	const char *path = kubeconfig_text(entry, pem->path_key);
	bool has_data = kubeconfig_text(entry, pem->data_key) != NULL;
	struct error failure;
	char *bytes;
	size_t length;
	if (path != NULL && has_data)
		return kubeconfig_fail(err, entry, node_of(entry, pem->path_key),
		                       "\"%s\" and \"%s\" are both given; keep one", pem->path_key, pem->data_key);
	if (has_data)
		return decode_pem(entry, pem->data_key, arena, ret_text, ret_secret, err);
	if (path == NULL)
		return true;
	if (!file_read(path_of(entry, path, &scratch), PEM_MAX, &scratch, &bytes, &length, &failure))
		return kubeconfig_fail(err, entry, node_of(entry, pem->path_key), "\"%s\": %s", pem->path_key,
		                       failure.why);
	put_pem(arena, bytes, length, ret_text, ret_secret);
	return true;
}

static bool
read_client_certificate(const struct kubeconfig_entry *user, struct arena *arena,
                        struct kubernetes_access *access, struct error *err)
{
	static const struct access_pem certificate = {"client-certificate", "client-certificate-data"};
	static const struct access_pem key = {"client-key", "client-key-data"};
	if (!access_read_pem(user, &certificate, arena, &access->client_certificate_pem, NULL, err) ||
	    !access_read_pem(user, &key, arena, NULL, &access->client_key_pem, err))
		return false;
	if ((access->client_certificate_pem != NULL) == (access->client_key_pem != NULL))
		return true;
	return kubeconfig_fail(err, user, user->body, "user \"%s\" has a client %s", user->name,
	                       access->client_key_pem == NULL ? "certificate but no client key"
	                                                      : "key but no client certificate");
}

/* ---- tokens and passwords ---- */

static struct secret *
secret_of(const char *text)
{
	return text == NULL ? NULL : secret_new(text, strlen(text));
}

static bool
read_token(const struct kubeconfig_entry *user, struct arena *arena, struct kubernetes_access *access,
           struct error *err)
{
	const char *token = kubeconfig_text(user, "token"), *file = kubeconfig_text(user, "tokenFile");
	struct error failure;
	access->token = secret_of(token);
	if (file == NULL)
		return true;
	access->token_file = path_of(user, file, arena);
	/* The file wins; a token beside it serves as long as the file cannot be read. */
	if (kubernetes_read_token_file(access->token_file, &access->token, &failure) || token != NULL)
		return true;
	return kubeconfig_fail(err, user, node_of(user, "tokenFile"), "\"tokenFile\": %s", failure.why);
}

static bool
read_basic(const struct kubeconfig_entry *user, struct arena *arena, struct kubernetes_access *access,
           struct error *err)
{
	const char *username = kubeconfig_text(user, "username"), *password = kubeconfig_text(user, "password");
	if (username == NULL && password == NULL)
		return true;
	if (access->token != NULL || access->token_file != NULL)
		return kubeconfig_fail(err, user, user->body,
		                       "user \"%s\" has a token and a user name; only one is allowed", user->name);
	access->username = arena_strdup(arena, username != NULL ? username : "");
	access->password = secret_of(password != NULL ? password : "");
	return true;
}

/* ---- impersonation ---- */

/* RFC 9110 5.6.2 token characters pass; the rest, and '%', are percent-encoded, in lower case. */
static const char *
extra_header_name(const char *key, struct arena *arena)
{
	char *name = arena_alloc(arena, strlen("Impersonate-Extra-") + 3 * strlen(key) + 1);
	char *at = stpcpy(name, "Impersonate-Extra-");
	for (; *key != '\0'; key++) {
		unsigned char c = (unsigned char)*key;
		if (isalnum(c) || (c < 0x80 && c != '%' && strchr("!#$&'*+-.^_`|~", c) != NULL))
			*at++ = (char)tolower(c);
		else
			at += snprintf(at, sizeof "%00", "%%%02x", c);
	}
	return name;
}

static void
impersonate(struct kubernetes_impersonation *all, const char *name, const char *value, struct arena *arena)
{
	all->names[all->count] = name;
	all->values[all->count++] = arena_strdup(arena, value);
}

static size_t
count_texts(const struct yaml_node *node)
{
	size_t n = 0;
	if (node == NULL || node->kind == YAML_KIND_SCALAR)
		return 1;
	for (size_t i = 0; i < node->count; i++)
		n += count_texts(node->kind == YAML_KIND_MAP ? node->pairs[i].value : node->items[i]);
	return n;
}

static bool
read_extras(const struct kubeconfig_entry *user, const struct yaml_node *extras, struct arena *arena,
            struct kubernetes_impersonation *all, struct error *err)
{
	for (size_t i = 0; extras != NULL && i < extras->count; i++) {
		const struct yaml_node *values = extras->pairs[i].value;
		if (values->kind != YAML_KIND_LIST)
			return kubeconfig_fail(err, user, values, "each of \"as-user-extra\" must be a list of texts");
		for (size_t j = 0; j < values->count; j++) {
			if (values->items[j]->kind != YAML_KIND_SCALAR)
				return kubeconfig_fail(err, user, values->items[j], "\"as-user-extra\" holds texts");
			impersonate(all, extra_header_name(extras->pairs[i].key->text, arena),
			            values->items[j]->text, arena);
		}
	}
	return true;
}

static bool
read_impersonation(const struct kubeconfig_entry *user, struct arena *arena, struct kubernetes_access *access,
                   struct error *err)
{
	const char *name = kubeconfig_text(user, "as"), *uid = kubeconfig_text(user, "as-uid");
	const struct yaml_node *groups = node_of(user, "as-groups"), *extras = node_of(user, "as-user-extra");
	size_t n_groups = groups != NULL && groups->kind == YAML_KIND_LIST ? groups->count : 0;
	struct kubernetes_impersonation *all = &access->impersonation;
	if (extras != NULL && extras->kind != YAML_KIND_MAP)
		extras = NULL;
	if (name == NULL && (uid != NULL || n_groups > 0 || (extras != NULL && extras->count > 0)))
		return kubeconfig_fail(err, user, user->body,
		                       "user \"%s\" has as-uid, as-groups or as-user-extra without \"as\"",
		                       user->name);
	if (name == NULL)
		return true;
	size_t n = 2 + n_groups + count_texts(extras);
	all->names = arena_array(arena, const char *, n);
	all->values = arena_array(arena, const char *, n);
	impersonate(all, "Impersonate-User", name, arena);
	if (uid != NULL)
		impersonate(all, "Impersonate-Uid", uid, arena);
	for (size_t i = 0; i < n_groups; i++)
		impersonate(all, "Impersonate-Group", groups->items[i]->text, arena);
	return read_extras(user, extras, arena, all, err);
}

/* ---- exec plugins ---- */

static const char *const *
read_argv(const struct kubeconfig_entry *user, const struct yaml_node *exec, const char *command,
          struct arena *arena)
{
	const struct yaml_node *args = yaml_get(exec, "args");
	size_t n_args = args != NULL && args->kind == YAML_KIND_LIST ? args->count : 0;
	const char **argv = arena_array(arena, const char *, n_args + 2);
	argv[0] = strchr(command, '/') != NULL ? path_of(user, command, arena) : arena_strdup(arena, command);
	for (size_t i = 0; i < n_args; i++)
		argv[i + 1] = arena_strdup(arena, args->items[i]->text);
	return argv;
}

static const char *const *
read_environment(const struct yaml_node *exec, struct arena *arena)
{
	const struct yaml_node *list = yaml_get(exec, "env");
	size_t n = list != NULL && list->kind == YAML_KIND_LIST ? list->count : 0, kept = 0;
	const char **environment = arena_array(arena, const char *, n + 1);
	for (size_t i = 0; i < n; i++) {
		const char *name = map_text(list->items[i], "name"), *value = map_text(list->items[i], "value");
		if (name != NULL && strchr(name, '=') == NULL)
			environment[kept++] = arena_printf(arena, "%s=%s", name, value != NULL ? value : "");
	}
	return environment;
}

static bool
read_mode(const struct kubeconfig_entry *user, const struct yaml_node *exec, bool is_v1,
          enum kubernetes_exec_mode *ret, struct error *err)
{
	static const char *const modes[] = {
		[KUBERNETES_EXEC_NEVER] = "Never",
		[KUBERNETES_EXEC_IF_AVAILABLE] = "IfAvailable",
		[KUBERNETES_EXEC_ALWAYS] = "Always",
	};
	const char *mode = map_text(exec, "interactiveMode");
	*ret = KUBERNETES_EXEC_IF_AVAILABLE;
	if (mode == NULL && !is_v1)
		return true;
	if (mode == NULL)
		return kubeconfig_fail(err, user, exec, "user \"%s\": exec needs \"interactiveMode\" (Never, "
		                       "IfAvailable or Always) with this apiVersion", user->name);
	for (size_t i = 0; i < array_length(modes); i++) {
		if (strcmp(mode, modes[i]) == 0) {
			*ret = (enum kubernetes_exec_mode)i;
			return true;
		}
	}
	return kubeconfig_fail(err, user, yaml_get(exec, "interactiveMode"),
	                       "\"interactiveMode\" must be Never, IfAvailable or Always, not \"%s\"", mode);
}

static bool
check_version(const struct kubeconfig_entry *user, const struct yaml_node *exec, struct error *err)
{
	const char *version = map_text(exec, "apiVersion");
	if (version == NULL)
		return kubeconfig_fail(err, user, exec, "user \"%s\": exec needs \"apiVersion\"", user->name);
	if (strcmp(version, "client.authentication.k8s.io/v1") == 0 ||
	    strcmp(version, "client.authentication.k8s.io/v1beta1") == 0)
		return true;
	return kubeconfig_fail(err, user, yaml_get(exec, "apiVersion"),
	                       "exec apiVersion \"%s\" is not client.authentication.k8s.io/v1 or v1beta1", version);
}

/* What the cluster has for plugins, as JSON text. */
static const char *
read_cluster_config(const struct kubeconfig_entry *cluster, struct arena *arena)
{
	const struct yaml_node *list = yaml_get(cluster->body, "extensions");
	for (size_t i = 0; list != NULL && list->kind == YAML_KIND_LIST && i < list->count; i++) {
		const char *name = map_text(list->items[i], "name");
		const struct yaml_node *extension = yaml_get(list->items[i], "extension");
		if (name == NULL || strcmp(name, exec_extension) != 0 || extension == NULL)
			continue;
		scoped(json_decrefp) json_t *value = yaml_to_json(extension);
		char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
		const char *copy = arena_strdup(arena, text);
		free(text);
		return copy;
	}
	return NULL;
}

static bool
read_exec(const struct kubeconfig_entry *user, const struct kubeconfig_entry *cluster, struct arena *arena,
          const struct kubernetes_exec **ret, struct error *err)
{
	const struct yaml_node *node = node_of(user, "exec");
	if (node == NULL || node->kind != YAML_KIND_MAP)
		return true;
	const char *command = map_text(node, "command");
	if (command == NULL)
		return kubeconfig_fail(err, user, node, "user \"%s\": exec needs \"command\"", user->name);
	if (!check_version(user, node, err))
		return false;
	struct kubernetes_exec *exec = arena_new(arena, struct kubernetes_exec);
	struct kubeconfig_entry within = {.body = node};
	exec->api_version = arena_strdup(arena, map_text(node, "apiVersion"));
	if (!read_mode(user, node, strcmp(exec->api_version, "client.authentication.k8s.io/v1") == 0, &exec->mode,
	               err))
		return false;
	exec->argv = read_argv(user, node, command, arena);
	exec->environment = read_environment(node, arena);
	exec->install_hint = arena_strdup(arena, map_text(node, "installHint"));
	exec->provides_cluster_info = kubeconfig_flag(&within, "provideClusterInfo");
	exec->cluster_config = read_cluster_config(cluster, arena);
	*ret = exec;
	return true;
}

/* ---- auth-provider: retired, but for the id-token of oidc ---- */

/* When a JWT expires, wall ms; -1 when it does not say. */
static int64_t
jwt_expiry_ms(const char *token)
{
	unsigned char payload[8192];
	size_t length = 0;
	const char *start = strchr(token, '.'), *end = start == NULL ? NULL : strchr(start + 1, '.');
	if (end == NULL ||
	    sodium_base642bin(payload, sizeof payload, start + 1, (size_t)(end - start - 1), NULL, &length, NULL,
	                      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return -1;
	scoped(json_decrefp) json_t *claims = json_loadb((const char *)payload, length, 0, NULL);
	json_t *expiry = json_object_get(claims, "exp");
	if (!json_is_number(expiry) || json_number_value(expiry) > 1e12)
		return -1;
	return (int64_t)json_number_value(expiry) * 1000;
}

static bool
read_provider(const struct kubeconfig_entry *user, struct kubernetes_access *access, struct error *err)
{
	static const struct { const char *provider, *plugin; } successors[] = {
		{"gcp", "gke-gcloud-auth-plugin"}, {"azure", "kubelogin"}, {"oidc", "kubectl oidc-login"}};
	const struct yaml_node *provider = node_of(user, "auth-provider");
	if (provider == NULL || provider->kind != YAML_KIND_MAP)
		return true;
	const char *name = map_text(provider, "name");
	const char *token = map_text(yaml_get(provider, "config"), "id-token");
	bool is_oidc = name != NULL && strcmp(name, "oidc") == 0;
	if (is_oidc && token != NULL && jwt_expiry_ms(token) > clock_wall_ms()) {
		access->token = secret_of(token);
		return true;
	}
	kubeconfig_put(err, user, provider, is_oidc ? "the id-token of auth-provider \"%s\" is missing or has "
	               "expired; paas does not refresh it" : "auth-provider \"%s\" is no longer supported",
	               name != NULL ? name : "");
	err->code = ERROR_NOT_LOGGED_IN;
	for (size_t i = 0; name != NULL && i < array_length(successors); i++) {
		if (strcmp(name, successors[i].provider) == 0)
			return error_next(err, "use the exec plugin %s instead", successors[i].plugin);
	}
	return error_next(err, "use an exec credential plugin instead");
}

/* ---- the whole ---- */

static const char *
describe(const struct kubeconfig_entry *user, const struct kubernetes_access *access, struct arena *arena)
{
	const char *kind = access->token_file != NULL           ? "tokenFile"
	                   : access->token != NULL              ? "token"
	                   : access->username != NULL           ? "password"
	                   : access->client_key_pem != NULL     ? "client certificate"
	                   : access->exec != NULL               ? access->exec->argv[0]
	                                                        : NULL;
	if (kind == NULL)
		return arena_printf(arena, "no credential of user \"%s\"", user->name);
	return arena_printf(arena, "%s of user \"%s\" (%s:%u)", kind, user->name, user->file->path,
	                    user->place->line);
}

bool
access_read_user(const struct kubeconfig_entry *user, const struct kubeconfig_entry *cluster,
                 struct arena *arena, struct kubernetes_access *ret, struct error *err)
{
	const struct yaml_node *provider = node_of(user, "auth-provider");
	if (provider != NULL && provider->kind == YAML_KIND_MAP && node_of(user, "exec") != NULL)
		return kubeconfig_fail(err, user, provider, "user \"%s\" has both auth-provider and exec",
		                       user->name);
	if (!read_client_certificate(user, arena, ret, err) || !read_token(user, arena, ret, err) ||
	    !read_basic(user, arena, ret, err) || !read_impersonation(user, arena, ret, err) ||
	    !read_exec(user, cluster, arena, &ret->exec, err))
		return false;
	bool is_static = ret->token != NULL || ret->username != NULL || ret->client_key_pem != NULL;
	if (is_static)
		ret->exec = NULL;
	else if (!read_provider(user, ret, err))
		return false;
	ret->credential = describe(user, ret, arena);
	return true;
}

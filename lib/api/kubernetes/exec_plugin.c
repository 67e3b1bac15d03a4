#include "api/kubernetes/exec_plugin.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "base/process.h"

enum { DEADLINE_MS = 60 * 1000, EXPIRY_MARGIN_MS = 20 * 1000, KEY_MAX = 4 * 1024 * 1024 };

/* Held by one fiber at a time; the others wait in line. */
struct turn {
	bool is_taken;
	struct turn_waiter *waiters;
};
struct turn_waiter {
	struct fiber *fiber;
	struct turn_waiter *next;
};

/* One plugin with its arguments, for the life of the process. */
struct plugin {
	char *key;
	struct arena arena;
	struct turn turn;
	const struct exec_credential *current;
	struct plugin *next;
};

static struct plugin *plugins;
static struct turn terminal;

/* ---- turns ---- */

static void
leave_line(struct turn *turn, struct turn_waiter *waiter)
{
	struct turn_waiter **at = &turn->waiters;
	while (*at != waiter)
		at = &(*at)->next;
	*at = waiter->next;
}

static bool
take_turn(struct turn *turn, struct error *err)
{
	bool goes_on = true;
	while (turn->is_taken && goes_on) {
		struct turn_waiter self = {.fiber = fiber_current(), .next = turn->waiters};
		turn->waiters = &self;
		goes_on = fiber_wait();
		leave_line(turn, &self);
	}
	if (!goes_on)
		return error_set(err, ERROR_INTERRUPTED, "waiting for a credential plugin was stopped");
	turn->is_taken = true;
	return true;
}

static void
give_turn(struct turn *turn)
{
	turn->is_taken = false;
	for (struct turn_waiter *waiter = turn->waiters; waiter != NULL; waiter = waiter->next)
		fiber_wake(waiter->fiber);
}

/* ---- what the plugin is told ---- */

static void
set_text(json_t *object, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_object_set_new(object, key, json_string(text));
}

static json_t *
cluster_info(const struct kubernetes_access *access, struct arena *arena)
{
	json_t *cluster = json_object();
	set_text(cluster, "server", access->server);
	set_text(cluster, "tls-server-name", access->tls_server_name);
	if (access->insecure_skip_tls_verify)
		json_object_set_new(cluster, "insecure-skip-tls-verify", json_true());
	if (access->ca_pem != NULL) {
		size_t length = strlen(access->ca_pem);
		size_t size = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
		char *text = arena_alloc(arena, size);
		sodium_bin2base64(text, size, (const unsigned char *)access->ca_pem, length,
		                  sodium_base64_VARIANT_ORIGINAL);
		set_text(cluster, "certificate-authority-data", text);
	}
	set_text(cluster, "proxy-url", access->proxy);
	if (access->no_compression)
		json_object_set_new(cluster, "disable-compression", json_true());
	if (access->exec->cluster_config != NULL)
		json_object_set_new(cluster, "config",
		                    json_loads(access->exec->cluster_config, JSON_DECODE_ANY, NULL));
	return cluster;
}

/* The value of KUBERNETES_EXEC_INFO. */
static const char *
exec_info(const struct kubernetes_access *access, bool is_interactive, struct arena *arena)
{
	scoped(json_decrefp) json_t *info = json_pack("{s:s, s:s, s:{s:b}}", "kind", "ExecCredential",
		"apiVersion", access->exec->api_version, "spec", "interactive", is_interactive);
	if (access->exec->provides_cluster_info)
		json_object_set_new(json_object_get(info, "spec"), "cluster", cluster_info(access, arena));
	char *text = json_dumps(info, JSON_COMPACT);
	const char *copy = arena_strdup(arena, text != NULL ? text : "{}");
	free(text);
	return copy;
}

static const char *const *
environment_of(const struct kubernetes_access *access, const char *info, struct arena *arena)
{
	size_t n = 0;
	while (access->exec->environment[n] != NULL)
		n++;
	const char **environment = arena_array(arena, const char *, n + 2);
	environment[0] = arena_printf(arena, "KUBERNETES_EXEC_INFO=%s", info);
	for (size_t i = 0; i < n; i++)
		environment[i + 1] = access->exec->environment[i];
	return environment;
}

/* ---- what it answers ---- */

static bool
bad_answer(const struct kubernetes_exec *exec, struct error *err, const char *what)
{
	return error_set(err, ERROR_BAD_ANSWER, "credential plugin %s: %s", exec->argv[0], what);
}

static struct secret *
take_secret(json_t *status, const char *key)
{
	json_t *value = json_object_get(status, key);
	if (!json_is_string(value) || json_string_length(value) == 0)
		return NULL;
	return secret_new(json_string_value(value), json_string_length(value));
}

/* jansson frees without wiping. */
static void
wipe_text(json_t *status, const char *key)
{
	json_t *value = json_object_get(status, key);
	if (json_is_string(value))
		secret_wipe((void *)(uintptr_t)json_string_value(value), json_string_length(value));
}

static bool
read_status(const struct kubernetes_exec *exec, json_t *status, struct arena *arena,
            struct exec_credential *ret, struct error *err)
{
	json_t *expiry = json_object_get(status, "expirationTimestamp");
	json_t *certificate = json_object_get(status, "clientCertificateData");
	scoped(secret_release) struct secret *token = take_secret(status, "token");
	scoped(secret_release) struct secret *key = take_secret(status, "clientKeyData");
	bool has_certificate = json_is_string(certificate) && json_string_length(certificate) > 0;
	*ret = (struct exec_credential){0};
	if (expiry != NULL && !json_is_null(expiry)) {
		ret->expires_at_ms = json_is_string(expiry) ? clock_parse_ms(json_string_value(expiry)) : -1;
		if (ret->expires_at_ms < 0)
			return bad_answer(exec, err, "its expirationTimestamp is no time");
	}
	if (has_certificate != (key != NULL))
		return bad_answer(exec, err, "it gave a client certificate or key without the other");
	if (token == NULL && key == NULL)
		return bad_answer(exec, err, "it gave neither a token nor a client certificate");
	if (has_certificate)
		ret->client_certificate_pem = arena_strdup(arena, json_string_value(certificate));
	ret->token = take(token);
	ret->client_key_pem = take(key);
	return true;
}

static bool
read_answer(const struct kubernetes_exec *exec, const struct buf *output, struct arena *arena,
            struct exec_credential *ret, struct error *err)
{
	scoped(json_decrefp) json_t *answer = json_loadb(output->bytes, output->length, 0, NULL);
	const char *kind = json_string_value(json_object_get(answer, "kind"));
	const char *version = json_string_value(json_object_get(answer, "apiVersion"));
	json_t *status = json_object_get(answer, "status");
	if (answer == NULL)
		return bad_answer(exec, err, "it did not print one JSON object");
	if (kind == NULL || strcmp(kind, "ExecCredential") != 0)
		return bad_answer(exec, err, "it did not print an ExecCredential");
	if (version == NULL || strcmp(version, exec->api_version) != 0)
		return error_set(err, ERROR_BAD_ANSWER, "credential plugin %s answers in %s; the kubeconfig "
		                 "asks for %s", exec->argv[0], version != NULL ? version : "no version",
		                 exec->api_version);
	if (!json_is_object(status))
		return bad_answer(exec, err, "its answer has no status");
	bool ok = read_status(exec, status, arena, ret, err);
	wipe_text(status, "token");
	wipe_text(status, "clientKeyData");
	return ok;
}

/* ---- one run ---- */

/* A hint comes from a file somebody else wrote, over several lines perhaps. */
static void
put_install_hint(const struct kubernetes_exec *exec, struct error *err)
{
	char hint[sizeof err->next];
	error_copy_text(hint, sizeof hint, exec->install_hint);
	for (char *c = hint; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	}
	error_put_next(err, "%s", hint);
}

/* Our own tokens go to nobody else's plugin. */
static bool
is_paas(const char *program)
{
	const char *slash = strrchr(program, '/');
	return strcmp(slash != NULL ? slash + 1 : program, "paas") == 0;
}

static bool
run_plugin(struct loop *loop, const struct kubernetes_access *access, bool is_interactive,
           struct arena *arena, struct exec_credential *ret, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	scoped(process_release) struct process_result result = {0};
	const struct kubernetes_exec *exec = access->exec;
	const char *info = exec_info(access, is_interactive, &scratch);
	struct process_request request = {
		.argv = exec->argv,
		.environment = environment_of(access, info, &scratch),
		.keeps_tokens = is_paas(exec->argv[0]),
		.is_interactive = is_interactive,
		.deadline_ms = is_interactive ? 0 : DEADLINE_MS,
	};
	if (!process_run(loop, &request, &result, err)) {
		if (err->code != ERROR_NOT_FOUND)
			return false;
		error_put(err, ERROR_NOT_LOGGED_IN, "the credential plugin %s is not installed", exec->argv[0]);
		if (exec->install_hint != NULL)
			put_install_hint(exec, err);
		return false;
	}
	if (result.exit_status != 0)
		return error_set(err, ERROR_NOT_LOGGED_IN, "the credential plugin %s ended with status %d",
		                 exec->argv[0], result.exit_status);
	return read_answer(exec, &result.output, arena, ret, err);
}

static bool
run_in_turn(struct loop *loop, const struct kubernetes_access *access, struct plugin *plugin,
            struct error *err)
{
	bool has_terminal = isatty(STDIN_FILENO) == 1;
	bool is_interactive = access->exec->mode != KUBERNETES_EXEC_NEVER && has_terminal;
	struct exec_credential *credential = arena_new(&plugin->arena, struct exec_credential);
	if (access->exec->mode == KUBERNETES_EXEC_ALWAYS && !has_terminal)
		return error_set(err, ERROR_NOT_LOGGED_IN,
		                 "the credential plugin %s needs a terminal, and standard input is none",
		                 access->exec->argv[0]);
	if (is_interactive && !take_turn(&terminal, err))
		return false;
	bool ok = run_plugin(loop, access, is_interactive, &plugin->arena, credential, err);
	if (is_interactive)
		give_turn(&terminal);
	if (ok)
		plugin->current = credential;
	return ok;
}

/* ---- the cache ---- */

static char *
key_of(const struct kubernetes_access *access)
{
	scoped(arena_release) struct arena scratch = {0};
	struct buf key = BUF_INIT(KEY_MAX);
	for (const char *const *at = access->exec->argv; *at != NULL; at++)
		buf_printf(&key, "%zu:%s", strlen(*at), *at);
	for (const char *const *at = access->exec->environment; *at != NULL; at++)
		buf_printf(&key, " %zu:%s", strlen(*at), *at);
	buf_printf(&key, " %d ", (int)access->exec->mode);
	buf_add_text(&key, exec_info(access, false, &scratch));
	return buf_detach(&key);
}

static struct plugin *
plugin_of(const struct kubernetes_access *access)
{
	char *key = key_of(access);
	for (struct plugin *plugin = plugins; plugin != NULL; plugin = plugin->next) {
		if (strcmp(plugin->key, key) == 0) {
			free(key);
			return plugin;
		}
	}
	struct plugin *plugin = calloc(1, sizeof *plugin);
	if (plugin == NULL)
		abort();
	*plugin = (struct plugin){.key = key, .next = plugins};
	plugins = plugin;
	return plugin;
}

static bool
is_usable(const struct exec_credential *credential, const struct exec_credential *refused)
{
	return credential != NULL && credential != refused &&
	       (credential->expires_at_ms == 0 ||
	        clock_wall_ms() < credential->expires_at_ms - EXPIRY_MARGIN_MS);
}

bool
exec_plugin_get(struct loop *loop, const struct kubernetes_access *access,
                const struct exec_credential *refused, const struct exec_credential **ret,
                struct error *err)
{
	struct plugin *plugin = plugin_of(access);
	bool ok = true;
	if (!is_usable(plugin->current, refused)) {
		if (!take_turn(&plugin->turn, err))
			return false;
		/* Whoever had the turn may have run it meanwhile. */
		if (!is_usable(plugin->current, refused))
			ok = run_in_turn(loop, access, plugin, err);
		give_turn(&plugin->turn);
	}
	if (ok)
		*ret = plugin->current;
	return ok;
}

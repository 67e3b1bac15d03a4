#include "sandbox/sandbox.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "sandbox/parts.h"

enum { LOG_BYTES_MAX = 8 * 1024 * 1024, IMAGE_HOST_BYTES = 32, TOKEN_BYTES = 16 };

static const struct sample_image {
	const char *repository, *tag, *commit, *only_architecture;
} sample_images[] = {
	{"payments/checkout", "1.0", "5f1d1c0a6b8e4f3c9d2a7b6e5c4d3f2a1b0c9d8e", NULL},
	{"payments/checkout", "1.1", "8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b", NULL},
	{"payments/checkout", "2.0", "c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4", NULL},
	{"payments/checkout", "arm64-only", "d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3", "arm64"},
	{"payments/invoice", "1.0", "e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4", NULL},
	{"private/vault", "1.0", "f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5", NULL},
};
static const char *const sample_namespaces[] = {"payments-dev", "payments-pro", "default"};

/* ---- what the parts ask of each other ---- */

/* "localhost:PORT/repository:tag" of our registry → its digest there. */
static const char *
find_digest(void *data, const char *image, bool *ret_is_ours)
{
	const struct sandbox *sandbox = data;
	char host[IMAGE_HOST_BYTES], repository[256];
	snprintf(host, sizeof host, "localhost:%u/", sandbox->connection.registry_port);
	*ret_is_ours = strncmp(image, host, strlen(host)) == 0;
	if (!*ret_is_ours)
		return NULL;
	const char *name = image + strlen(host);
	const char *split = strchr(name, '@');
	if (split == NULL)
		split = strrchr(name, ':');
	if (split == NULL || (size_t)(split - name) >= sizeof repository)
		return NULL;
	memcpy(repository, name, (size_t)(split - name));
	repository[split - name] = '\0';
	return registry_find_digest(sandbox->registry, repository, split + 1);
}

static void
add_log_line(struct buf *log, const json_t *line)
{
	char time[CLOCK_TEXT_BYTES];
	int64_t time_ms = json_integer_value(json_object_get(line, "time_ms"));
	clock_format(time_ms, time);
	buf_printf(log, "%.19s.%03d000000Z %s\n", time, (int)(time_ms % 1000),
	           json_string_value(json_object_get(line, "text")));
}

static const char *
read_log(void *data, const char *namespace, const char *pod, const char *container, bool is_previous,
         size_t *ret_length)
{
	struct sandbox *sandbox = data;
	const json_t *object = store_get(sandbox->store, resource_of_kind("v1", "Pod"), namespace, pod), *line;
	size_t i;
	const char *uid = json_string_value(json_object_get(json_object_get(object, "metadata"), "uid"));
	const json_t *lines = uid == NULL ? NULL : world_logs(sandbox->world, uid, container, is_previous);
	if (lines == NULL)
		return NULL;
	buf_clear(&sandbox->log);
	json_array_foreach (lines, i, line)
		add_log_line(&sandbox->log, line);
	*ret_length = sandbox->log.length;
	return sandbox->log.bytes;
}

/* ---- servers ---- */

static void
answer_api(void *data, struct web_request *request)
{
	kubernetes_api_handle(((struct sandbox *)data)->api, request);
}

static void
answer_registry(void *data, struct web_request *request)
{
	registry_handle(((struct sandbox *)data)->registry, request);
}

static void
receive_api(void *data, struct web_request *request)
{
	struct sandbox *sandbox = data;
	if (strncmp(request->path, "/-/sandbox/", 11) == 0)
		sandbox_control_handle(sandbox, request);
	else
		fault_pass(sandbox->faults[SERVER_KUBERNETES], request, answer_api, sandbox);
}

static void
receive_registry(void *data, struct web_request *request)
{
	struct sandbox *sandbox = data;
	fault_pass(sandbox->faults[SERVER_REGISTRY], request, answer_registry, sandbox);
}

/* On the port of the last time, so that its clients go on; when somebody else has it, on another. */
static bool
listen_on(struct sandbox *sandbox, enum sandbox_server server, const struct certificate *certificate,
          unsigned *port, struct error *err)
{
	struct web_server_options options = {
		.loop = sandbox->loop, .port = (uint16_t)*port, .certificate_pem = certificate->server_pem,
		.key_pem = certificate->key_pem, .data = sandbox, .max_body_bytes = 64 * 1024 * 1024,
		.handle = server == SERVER_KUBERNETES ? receive_api : receive_registry,
	};
	bool is_open = web_server_open(&options, &sandbox->servers[server], err);
	if (!is_open && options.port != 0) {
		options.port = 0;
		is_open = web_server_open(&options, &sandbox->servers[server], err);
	}
	if (is_open)
		*port = web_server_port(sandbox->servers[server]);
	return is_open;
}

static bool
open_servers(struct sandbox *sandbox, struct error *err)
{
	struct certificate certificate;
	struct sandbox_connection *connection = &sandbox->connection;
	const char *folder = sandbox->options.folder;
	if (!(sandbox_certificate(folder, &sandbox->arena, &certificate, err) &&
	      listen_on(sandbox, SERVER_KUBERNETES, &certificate, &connection->api_port, err) &&
	      listen_on(sandbox, SERVER_REGISTRY, &certificate, &connection->registry_port, err)))
		return false;
	connection->pid = getpid();
	registry_set_origin(sandbox->registry,
	                    arena_printf(&sandbox->arena, "https://localhost:%u", connection->registry_port));
	return sandbox_write_client_files(folder, connection, sandbox->options.fiaas, err);
}

/* ---- state ---- */

json_t *
sandbox_snapshot(const struct sandbox *sandbox)
{
	return json_pack("{s:o, s:o, s:o}", "store", store_snapshot(sandbox->store), "world",
	                 world_snapshot(sandbox->world), "registry", registry_snapshot(sandbox->registry));
}

bool
sandbox_restore(struct sandbox *sandbox, const json_t *snapshot, struct error *err)
{
	if (!registry_restore(sandbox->registry, json_object_get(snapshot, "registry")) ||
	    !store_restore(sandbox->store, json_object_get(snapshot, "store")))
		return error_set(err, ERROR_INVALID_FILE, "this is no snapshot of a sandbox");
	world_restore(sandbox->world, json_object_get(snapshot, "world"));
	kubernetes_api_expire_watches(sandbox->api);
	return true;
}

static void
seed(struct sandbox *sandbox)
{
	if (sandbox->options.is_empty) {
		world_seed(sandbox->world, "default");
		return;
	}
	for (size_t i = 0; i < array_length(sample_namespaces); i++)
		world_seed(sandbox->world, sample_namespaces[i]);
	for (size_t i = 0; i < array_length(sample_images); i++)
		registry_seed(sandbox->registry, sample_images[i].repository, sample_images[i].tag,
		              sample_images[i].commit, sample_images[i].only_architecture);
}

/* The state of the last time, if there is one. */
static bool
resume(struct sandbox *sandbox, struct error *err)
{
	json_t *state;
	struct error why;
	if (!sandbox_read_state(sandbox->options.folder, "state.json", &state, &why)) {
		if (why.code == ERROR_NOT_FOUND)
			return true;
		*err = why;
		return error_next(err, "paas sandbox reset");
	}
	bool is_good = sandbox_restore(sandbox, state, err);
	json_decref(state);
	return is_good;
}

/* ---- life ---- */

static const char *
new_token(struct arena *arena)
{
	unsigned char random[TOKEN_BYTES];
	char *token = arena_alloc(arena, 2 * TOKEN_BYTES + 1);
	randombytes_buf(random, sizeof random);
	return sodium_bin2hex(token, 2 * TOKEN_BYTES + 1, random, sizeof random);
}

static void
make_parts(struct sandbox *sandbox)
{
	const struct kubernetes_api_user user = {.name = "sandbox", .token = sandbox->connection.api_token};
	struct kubernetes_api_user *users = arena_new(&sandbox->arena, struct kubernetes_api_user);
	*users = user;
	for (size_t i = 0; i < SERVER_COUNT; i++)
		sandbox->faults[i] = faults_new(sandbox->loop);
	sandbox->registry = registry_new(
		&(struct registry_options){.username = "sandbox", .password = sandbox->connection.api_token});
	sandbox->store = store_new();
	sandbox->world = world_start(sandbox->loop, sandbox->store,
	                             &(struct world_options){
						     .images = {find_digest, sandbox},
						     .fiaas = &sandbox->fiaas,
						     .operator_delay_ms = sandbox->options.operator_delay_ms,
						     .has_operator = sandbox->options.has_operator,
						     .include_status_in_app = sandbox->fiaas.include_status_in_app,
						     .seed = sandbox->options.seed,
					     });
	sandbox->api = kubernetes_api_new(&(struct kubernetes_api_options){
		.loop = sandbox->loop, .store = sandbox->store, .users = users, .n_users = 1,
		.without_fiaas = sandbox->options.without_fiaas,
		.data = sandbox, .read_log = read_log});
}

static void
sandbox_free(struct sandbox *sandbox)
{
	for (size_t i = 0; i < SERVER_COUNT; i++)
		if (sandbox->servers[i] != NULL)
			web_server_close(sandbox->servers[i]);
	kubernetes_api_free(sandbox->api);
	world_stop(sandbox->world);
	store_free(sandbox->store);
	registry_free(sandbox->registry);
	for (size_t i = 0; i < SERVER_COUNT; i++)
		faults_free(sandbox->faults[i]);
	json_decref(sandbox->initial);
	buf_release(&sandbox->log);
	arena_release(&sandbox->arena);
	free(sandbox);
}

bool
sandbox_open(struct loop *loop, const struct sandbox_options *options, struct sandbox **ret,
             struct error *err)
{
	if (!file_make_folder(options->folder, err))
		return false;
	struct sandbox *sandbox = calloc(1, sizeof *sandbox);
	if (sandbox == NULL || sodium_init() < 0)
		abort();
	*sandbox = (struct sandbox){.loop = loop, .options = *options, .log = BUF_INIT(LOG_BYTES_MAX)};
	sandbox->options.folder = arena_strdup(&sandbox->arena, options->folder);
	if (!sandbox_read_connection(options->folder, &sandbox->arena, &sandbox->connection)) {
		sandbox->connection.api_token = new_token(&sandbox->arena);
		sandbox->connection.control_token = new_token(&sandbox->arena);
	}
	fiaas_options_init(&sandbox->fiaas);
	if (!fiaas_options_set_json(&sandbox->fiaas, options->fiaas, &sandbox->arena, err)) {
		arena_release(&sandbox->arena);
		free(sandbox);
		return false;
	}
	make_parts(sandbox);
	seed(sandbox);
	sandbox->initial = sandbox_snapshot(sandbox);
	/* The connection comes last: whoever finds it can connect. */
	if (resume(sandbox, err) && open_servers(sandbox, err) &&
	    sandbox_write_connection(options->folder, &sandbox->connection, err)) {
		*ret = sandbox;
		return true;
	}
	sandbox_free(sandbox);
	return false;
}

bool
sandbox_close(struct sandbox *sandbox, struct error *err)
{
	json_t *state = sandbox_snapshot(sandbox);
	bool is_written = sandbox_write_state(sandbox->options.folder, "state.json", state, err);
	json_decref(state);
	sandbox->connection.pid = 0;
	is_written = sandbox_write_connection(sandbox->options.folder, &sandbox->connection, err) && is_written;
	sandbox_free(sandbox);
	return is_written;
}

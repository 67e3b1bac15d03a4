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
	{"payments/checkout", "1.0", "32883ace84591ba9d89399648fcccf127b3d0eff", NULL},
	{"payments/checkout", "1.1", "7e83b072231269eb4446ce955571d3bde2137c6e", NULL},
	{"payments/checkout", "2.0", "a2761926192884afb988d70e79bc075965799696", NULL},
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
	snprintf(host, sizeof host, "localhost:%u/", sandbox->connection.ports[SERVER_REGISTRY]);
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
	forge_settle(sandbox->forge);
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

/* A build has ended well: its image is there. */
static void
publish_image(void *data, const char *repository, const char *commit)
{
	registry_seed(((struct sandbox *)data)->registry, repository, commit, commit, NULL);
}

/* The bearer of an ID token of our sign-on server. */
static bool
authenticate(void *data, const char *token, struct arena *arena, struct kubernetes_api_user *ret)
{
	const struct sandbox *sandbox = data;
	struct sso_identity who;
	if (!sso_authenticate(sandbox->sso, token, arena, &who))
		return false;
	*ret = (struct kubernetes_api_user){.name = who.name, .token = token, .groups = who.groups};
	return true;
}

/* Spinnaker's cloud driver, at work in the cluster. */
static bool
apply(void *data, const json_t *object, struct arena *arena, const char **ret_why)
{
	return kubernetes_api_apply(((struct sandbox *)data)->api, "clouddriver", object, arena, ret_why);
}

static const json_t *
find_object(void *data, const char *api_version, const char *kind, const char *namespace, const char *name)
{
	const struct resource *resource = resource_of_kind(api_version, kind);
	return resource != NULL ? store_get(((struct sandbox *)data)->store, resource, namespace, name) : NULL;
}

static const char *
find_person(void *data, const char *token)
{
	return sso_access_email(((struct sandbox *)data)->sso, token);
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
	struct sandbox *sandbox = data;
	forge_settle(sandbox->forge); /* what builds have made by now */
	registry_handle(sandbox->registry, request);
}

static void
answer_sso(void *data, struct web_request *request)
{
	sso_handle(((struct sandbox *)data)->sso, request);
}

static void
answer_gate(void *data, struct web_request *request)
{
	gate_handle(((struct sandbox *)data)->gate, request);
}

static void
answer_github(void *data, struct web_request *request)
{
	struct sandbox *sandbox = data;
	if (git_server_takes(request))
		git_server_handle(sandbox->git, request);
	else
		github_handle(sandbox->github, request);
}

static void
answer_travis(void *data, struct web_request *request)
{
	travis_handle(((struct sandbox *)data)->travis, request);
}

static void
answer_slack(void *data, struct web_request *request)
{
	slack_handle(((struct sandbox *)data)->slack, request);
}

static void (*const answers[SERVER_COUNT])(void *data, struct web_request *request) = {
	[SERVER_KUBERNETES] = answer_api, [SERVER_REGISTRY] = answer_registry, [SERVER_SSO] = answer_sso,
	[SERVER_GATE] = answer_gate, [SERVER_GITHUB] = answer_github, [SERVER_TRAVIS] = answer_travis,
	[SERVER_SLACK] = answer_slack,
};

static void
receive(void *data, struct web_request *request)
{
	const struct sandbox_door *door = data;
	if (door->server == SERVER_KUBERNETES && strncmp(request->path, "/-/sandbox/", 11) == 0)
		sandbox_control_handle(door->sandbox, request);
	else
		fault_pass(door->sandbox->faults[door->server], request, answers[door->server], door->sandbox);
}

/* On the port of the last time, so that its clients go on; when somebody else has it, on another. */
static bool
listen_on(struct sandbox *sandbox, enum sandbox_server server, const struct certificate *certificate,
          struct error *err)
{
	unsigned *port = &sandbox->connection.ports[server];
	sandbox->doors[server] = (struct sandbox_door){sandbox, server};
	struct web_server_options options = {
		.loop = sandbox->loop, .port = (uint16_t)*port, .certificate_pem = certificate->server_pem,
		.key_pem = certificate->key_pem, .data = &sandbox->doors[server], .max_body_bytes = 64 * 1024 * 1024,
		.handle = receive, .client_ca_pem = server == SERVER_GATE ? certificate->ca_pem : NULL,
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
	if (!sandbox_certificate(folder, &sandbox->arena, &certificate, err))
		return false;
	for (size_t i = 0; i < SERVER_COUNT; i++)
		if (!listen_on(sandbox, (enum sandbox_server)i, &certificate, err))
			return false;
	connection->pid = getpid();
	registry_set_origin(sandbox->registry, sandbox_origin(connection, SERVER_REGISTRY, &sandbox->arena));
	sso_set_origin(sandbox->sso, sandbox_origin(connection, SERVER_SSO, &sandbox->arena));
	github_set_origin(sandbox->github, sandbox_origin(connection, SERVER_GITHUB, &sandbox->arena));
	connection->issuer = sso_issuer(sandbox->sso);
	gate_set_issuer(sandbox->gate, connection->issuer);
	return sandbox_write_client_files(folder, connection, sandbox->options.fiaas, err);
}

/* ---- state ---- */

json_t *
sandbox_snapshot(const struct sandbox *sandbox)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "store", store_snapshot(sandbox->store), "world",
	                 world_snapshot(sandbox->world), "registry", registry_snapshot(sandbox->registry), "sso",
	                 sso_snapshot(sandbox->sso), "gate", gate_snapshot(sandbox->gate), "forge",
	                 forge_snapshot(sandbox->forge), "github", github_snapshot(sandbox->github), "slack",
	                 slack_snapshot(sandbox->slack));
}

bool
sandbox_restore(struct sandbox *sandbox, const json_t *snapshot, struct error *err)
{
	if (!sso_restore(sandbox->sso, json_object_get(snapshot, "sso")) ||
	    !forge_restore(sandbox->forge, json_object_get(snapshot, "forge")) ||
	    !github_restore(sandbox->github, json_object_get(snapshot, "github")) ||
	    !slack_restore(sandbox->slack, json_object_get(snapshot, "slack")) ||
	    !registry_restore(sandbox->registry, json_object_get(snapshot, "registry")) ||
	    !gate_restore(sandbox->gate, json_object_get(snapshot, "gate")) ||
	    !store_restore(sandbox->store, json_object_get(snapshot, "store")))
		return error_set(err, ERROR_INVALID_FILE, "this is no snapshot of a sandbox");
	world_restore(sandbox->world, json_object_get(snapshot, "world"));
	git_server_follow_forge(sandbox->git);
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
	forge_publish(sandbox->forge);
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

/* Where engineers work together: each takes the token of the kubeconfig. */
static void
make_engineering_parts(struct sandbox *sandbox)
{
	const char *token = sandbox->connection.api_token;
	sandbox->forge = forge_new(&(struct forge_options){
		.is_empty = sandbox->options.is_empty, .publish = publish_image, .data = sandbox});
	sandbox->github = github_new(&(struct github_options){.forge = sandbox->forge, .token = token});
	sandbox->git = git_server_new(&(struct git_server_options){
		.loop = sandbox->loop, .forge = sandbox->forge, .folder = sandbox->options.folder, .token = token});
	sandbox->travis = travis_new(&(struct travis_options){.forge = sandbox->forge, .token = token});
	sandbox->slack = slack_new(&(struct slack_options){.token = token});
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
	sandbox->sso = sso_new(&(struct sso_options){.folder = sandbox->options.folder,
	                                             .asks = sandbox->options.sign_on_asks,
	                                             .job_token = sandbox->connection.api_token,
	                                             .token_lifetime_ms = sandbox->options.token_lifetime_ms});
	make_engineering_parts(sandbox);
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
		.data = sandbox, .read_log = read_log, .authenticate = authenticate});
	sandbox->gate = gate_new(&(struct gate_options){
		.loop = sandbox->loop, .account = "sandbox", .token = sandbox->connection.api_token,
		.is_empty = sandbox->options.is_empty, .data = sandbox, .apply = apply, .find = find_object,
		.person = find_person});
}

static void
sandbox_free(struct sandbox *sandbox)
{
	for (size_t i = 0; i < SERVER_COUNT; i++)
		if (sandbox->servers[i] != NULL)
			web_server_close(sandbox->servers[i]);
	git_server_free(sandbox->git);
	gate_free(sandbox->gate);
	kubernetes_api_free(sandbox->api);
	world_stop(sandbox->world);
	store_free(sandbox->store);
	registry_free(sandbox->registry);
	sso_free(sandbox->sso);
	github_free(sandbox->github);
	travis_free(sandbox->travis);
	slack_free(sandbox->slack);
	forge_free(sandbox->forge);
	for (size_t i = 0; i < SERVER_COUNT; i++)
		faults_free(sandbox->faults[i]);
	json_decref(sandbox->initial);
	buf_release(&sandbox->log);
	arena_release(&sandbox->arena);
	free(sandbox);
}

/* What is asked for, else what it was the last time. */
static void
choose(const char **provider, const char *asked, const char *first, struct arena *arena)
{
	if (asked != NULL)
		*provider = arena_strdup(arena, asked);
	else if (*provider == NULL)
		*provider = first;
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
	choose(&sandbox->connection.cd, options->cd, "fiaas", &sandbox->arena);
	choose(&sandbox->connection.ci, options->ci, "github-actions", &sandbox->arena);
	choose(&sandbox->connection.artifacts, options->artifacts, "oci", &sandbox->arena);
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

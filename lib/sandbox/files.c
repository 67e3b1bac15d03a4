#include "sandbox/files.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };

const struct sandbox_server_kind sandbox_servers[SERVER_COUNT] = {
	[SERVER_KUBERNETES] = {"kubernetes", "kubernetes", "kubernetes", ""},
	[SERVER_REGISTRY] = {"registry", "registry", "the registry", ""},
	[SERVER_SSO] = {"sso", "sign-on", "the sign-on server", "/realms/sandbox"},
	[SERVER_GATE] = {"gate", "spinnaker", "spinnaker", ""},
	[SERVER_GITHUB] = {"github", "github", "GitHub", "/api/v3"},
	[SERVER_TRAVIS] = {"travis", "travis", "Travis CI", ""},
	[SERVER_SLACK] = {"slack", "slack", "Slack", "/api"},
};

/* Each text is written with what stands between "@" filled in. */
static const struct client_file {
	const char *name;
	bool is_the_users; /* written once: people try things in it */
	const char *text;
} client_files[] = {
	{"kubeconfig", false,
	 "apiVersion: v1\n"
	 "kind: Config\n"
	 "current-context: sandbox\n"
	 "clusters:\n"
	 "- name: sandbox\n"
	 "  cluster: {server: \"https://localhost:@API@\", certificate-authority: ca.pem}\n"
	 "users:\n"
	 "- name: sandbox\n"
	 "  user: {token: \"@TOKEN@\"}\n"
	 "contexts:\n"
	 "- name: sandbox\n"
	 "  context: {cluster: sandbox, user: sandbox, namespace: payments-dev}\n"},
	{"platform.yml", false,
	 "version: 1\n"
	 "serial: 1\n"
	 "company: sandbox\n"
	 "sso: {provider: oidc, issuer: \"@ISSUER@\", client_id: paas-cli, groups_claim: groups, "
	 "workload_audience: paas, ca_file: ca.pem}\n"
	 "scm: {provider: github, url: \"@GITHUB@\", ca_file: ca.pem}\n"
	 "ci: {provider: @CI@, url: \"@BUILDS@\", ca_file: ca.pem}\n"
	 "artifacts: {provider: @ARTIFACTS@, ca_file: ca.pem, "
	 "image: \"{registry}/{team}/{name}:{commit}\"}\n"
	 "cd: @CD@\n"
	 "chat: {provider: slack, url: \"@SLACK@\", ca_file: ca.pem}\n"
	 "clusters:\n"
	 "  sandbox:\n"
	 "    kubeconfig: kubeconfig\n"
	 "    kubeconfig_context: sandbox\n"
	 "    fiaas: @FIAAS@\n"
	 "environments:\n"
	 "- {name: dev, cluster: sandbox, namespace: \"{team}-dev\", on: push}\n"
	 "- {name: pro, cluster: sandbox, namespace: \"{team}-pro\"}\n"
	 "teams:\n"
	 "  payments: {slack: \"#payments\"}\n"},
	{"application/fiaas.yml", true,
	 "# The sample application: a web service on one port, two to five copies of it.\n"
	 "version: 3\n"
	 "replicas:\n"
	 "  minimum: 2\n"
	 "  maximum: 5\n"
	 "ports:\n"
	 "- protocol: http\n"
	 "  name: http\n"
	 "  port: 80\n"
	 "  target_port: 8080\n"
	 "healthchecks:\n"
	 "  liveness:\n"
	 "    http: {path: /health}\n"
	 "  readiness:\n"
	 "    http: {path: /ready}\n"
	 "    initial_delay_seconds: 2\n"
	 "resources:\n"
	 "  requests: {cpu: 100m, memory: 128Mi}\n"
	 "  limits: {cpu: 200m, memory: 256Mi}\n"},
	{"application/.paas.yml", true,
	 "name: checkout\n"
	 "team: payments\n"
	 "# Without this line the image is the one built from the commit that is checked out.\n"
	 "image: \"{registry}/{team}/{name}:1.0\"\n"},
};

const char *
sandbox_file(const char *folder, const char *name, struct arena *arena)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

const char *
sandbox_origin(const struct sandbox_connection *connection, enum sandbox_server server, struct arena *arena)
{
	return arena_printf(arena, "https://localhost:%u", connection->ports[server]);
}

const char *
sandbox_address(const struct sandbox_connection *connection, enum sandbox_server server, struct arena *arena)
{
	return arena_printf(arena, "https://localhost:%u%s", connection->ports[server], sandbox_servers[server].path);
}

/* ---- JSON files ---- */

bool
sandbox_read_state(const char *folder, const char *name, json_t **ret, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	json_error_t problem;
	char *text;
	size_t length;
	const char *path = sandbox_file(folder, name, &arena);
	if (!file_read(path, FILE_BYTES_MAX, &arena, &text, &length, err))
		return false;
	json_t *value = json_loadb(text, length, 0, &problem);
	if (value == NULL)
		return error_set(err, ERROR_INVALID_FILE, "%s:%d:%d: %s", path, problem.line, problem.column,
		                 problem.text);
	*ret = value;
	return true;
}

bool
sandbox_write_state(const char *folder, const char *name, const json_t *state, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	char *text = json_dumps(state, JSON_INDENT(1));
	bool is_written = file_write(sandbox_file(folder, name, &arena), text, strlen(text), 0600, err);
	free(text);
	return is_written;
}

bool
sandbox_snapshot_file(const char *name, struct arena *arena, const char **ret, struct error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	if (name[0] == '\0' || name[0] == '.' || strspn(name, allowed) != strlen(name) || strlen(name) > 64)
		return error_set(err, ERROR_USAGE,
		                 "a snapshot's name has letters, digits, '.', '_' and '-', and begins with no '.'");
	*ret = arena_printf(arena, "snapshots/%s.json", name);
	return true;
}

/* ---- the connection ---- */

static const char *
copy_text(const json_t *object, const char *key, struct arena *arena)
{
	return arena_strdup(arena, json_string_value(json_object_get(object, key)));
}

bool
sandbox_read_connection(const char *folder, struct arena *arena, struct sandbox_connection *ret)
{
	struct error ignored;
	json_t *state;
	if (!sandbox_read_state(folder, "connection.json", &state, &ignored))
		return false;
	*ret = (struct sandbox_connection){
		.pid = (long)json_integer_value(json_object_get(state, "pid")),
		.control_token = copy_text(state, "control_token", arena),
		.api_token = copy_text(state, "api_token", arena),
		.issuer = copy_text(state, "issuer", arena),
		.cd = copy_text(state, "cd", arena),
		.ci = copy_text(state, "ci", arena),
		.artifacts = copy_text(state, "artifacts", arena),
	};
	for (size_t i = 0; i < SERVER_COUNT; i++)
		ret->ports[i] = (unsigned)json_integer_value(
			json_object_get(json_object_get(state, "ports"), sandbox_servers[i].name));
	json_decref(state);
	return ret->control_token != NULL && ret->api_token != NULL;
}

bool
sandbox_write_connection(const char *folder, const struct sandbox_connection *connection,
                         struct error *err)
{
	json_t *ports = json_object();
	for (size_t i = 0; i < SERVER_COUNT; i++)
		json_object_set_new(ports, sandbox_servers[i].name, json_integer(connection->ports[i]));
	json_t *state = json_pack("{s:o, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "ports", ports, "pid", (json_int_t)connection->pid,
	                          "control_token", connection->control_token, "api_token", connection->api_token,
	                          "issuer", connection->issuer, "cd", connection->cd, "ci", connection->ci, "artifacts",
	                          connection->artifacts);
	bool is_written = sandbox_write_state(folder, "connection.json", state, err);
	json_decref(state);
	return is_written;
}

/* ---- the certificate ---- */

static bool
read_text(const char *folder, const char *name, struct arena *arena, const char **ret)
{
	struct error ignored;
	char *text;
	size_t length;
	if (!file_read(sandbox_file(folder, name, arena), FILE_BYTES_MAX, arena, &text, &length, &ignored))
		return false;
	*ret = text;
	return true;
}

static bool
write_text(const char *folder, const char *name, const char *text, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	return file_write(sandbox_file(folder, name, &arena), text, strlen(text), 0600, err);
}

bool
sandbox_certificate(const char *folder, struct arena *arena, struct certificate *ret,
                    struct error *err)
{
	if (read_text(folder, "ca.pem", arena, &ret->ca_pem) &&
	    read_text(folder, "server.pem", arena, &ret->server_pem) &&
	    read_text(folder, "server.key", arena, &ret->key_pem) &&
	    read_text(folder, "client.pem", arena, &ret->client_pem) &&
	    read_text(folder, "client.key", arena, &ret->client_key_pem))
		return true;
	return certificate_make("paas sandbox", arena, ret, err) &&
	       write_text(folder, "server.key", ret->key_pem, err) &&
	       write_text(folder, "server.pem", ret->server_pem, err) &&
	       write_text(folder, "client.key", ret->client_key_pem, err) &&
	       write_text(folder, "client.pem", ret->client_pem, err) &&
	       write_text(folder, "ca.pem", ret->ca_pem, err);
}

/* ---- what clients read ---- */

/* What the platform file says of who deploys. */
static const char *
describe_cd(const struct sandbox_connection *connection, struct arena *arena)
{
	return strcmp(connection->cd, "spinnaker") == 0
	               ? arena_printf(arena, "{provider: spinnaker, url: \"https://localhost:%u\", ca_file: ca.pem}",
	                              connection->ports[SERVER_GATE])
	               : "{provider: fiaas}";
}

/* … and of who keeps images: Artifactory has an API of its own beside the registry. */
static const char *
describe_artifacts(const struct sandbox_connection *connection, struct arena *arena)
{
	bool is_artifactory = strcmp(connection->artifacts, "artifactory") == 0;
	return arena_printf(arena, "%s, url: \"https://localhost:%u%s\"", connection->artifacts, connection->ports[SERVER_REGISTRY],
	                    is_artifactory ? "/artifactory" : "");
}

static void
fill_in(const char *text, const struct sandbox_connection *connection, const char *fiaas, struct buf *out)
{
	scoped(arena_release) struct arena arena = {0};
	enum sandbox_server builder = strcmp(connection->ci, "travis") == 0 ? SERVER_TRAVIS : SERVER_GITHUB;
	const struct {
		const char *mark, *value;
	} marks[] = {
		{"@API@", arena_printf(&arena, "%u", connection->ports[SERVER_KUBERNETES])},
		{"@REGISTRY@", arena_printf(&arena, "%u", connection->ports[SERVER_REGISTRY])},
		{"@ISSUER@", connection->issuer},
		{"@TOKEN@", connection->api_token},
		{"@CD@", describe_cd(connection, &arena)},
		{"@ARTIFACTS@", describe_artifacts(connection, &arena)},
		{"@FIAAS@", fiaas},
		{"@GITHUB@", sandbox_address(connection, SERVER_GITHUB, &arena)},
		{"@CI@", connection->ci},
		{"@BUILDS@", sandbox_address(connection, builder, &arena)},
		{"@SLACK@", sandbox_address(connection, SERVER_SLACK, &arena)},
	};
	while (*text != '\0') {
		size_t i = 0;
		while (i < array_length(marks) && strncmp(text, marks[i].mark, strlen(marks[i].mark)) != 0)
			i++;
		if (i < array_length(marks)) {
			buf_add_text(out, marks[i].value);
			text += strlen(marks[i].mark);
		} else {
			buf_add_char(out, *text++);
		}
	}
}

bool
sandbox_write_client_files(const char *folder, const struct sandbox_connection *connection,
                           const json_t *fiaas, struct error *err)
{
	char *fiaas_text = json_dumps(fiaas, 0); /* JSON in flow style is YAML */
	bool is_written = true;
	for (size_t i = 0; is_written && i < array_length(client_files); i++) {
		scoped(arena_release) struct arena arena = {0};
		scoped(buf_release) struct buf text = BUF_INIT(16 * 1024);
		const struct client_file *file = &client_files[i];
		if (file->is_the_users && file_exists(sandbox_file(folder, file->name, &arena)))
			continue;
		fill_in(file->text, connection, fiaas_text, &text);
		is_written = write_text(folder, file->name, text.bytes, err);
	}
	free(fiaas_text);
	return is_written;
}

/* `paas sandbox`: the emulated golden path, to try, to demonstrate and to test. */
#include "cmd/sandbox.h"

#include <signal.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "sandbox/files.h"
#include "ui/output.h"

/* ---- stop, status, env ---- */

static const struct option_spec folder_options[] = {SANDBOX_FOLDER_OPTION, {.kind = OPTION_END}};

/* Its state is on disk when the process is gone. */
static bool
wait_for_end(struct session *session, long pid, struct error *err)
{
	enum { STEP_MS = 10, STEPS = 1000 };
	for (int i = 0; i < STEPS; i++) {
		if (kill((pid_t)pid, 0) != 0)
			return true;
		if (!fiber_sleep(session->loop, STEP_MS * clock_rate())) /* ten real seconds */
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
	}
	return error_set(err, ERROR_TIMED_OUT, "process %ld still runs", pid);
}

static bool
run_stop(struct session *session, struct error *err)
{
	json_t *status;
	if (!sandbox_ask(session, "GET", "status", NULL, &status, err))
		return error_doing(err, "stopping the sandbox");
	long pid = (long)json_integer_value(json_object_get(status, "pid"));
	json_decref(status);
	if (!sandbox_ask(session, "POST", "stop", NULL, NULL, err) || !wait_for_end(session, pid, err))
		return error_doing(err, "stopping the sandbox");
	output_note(session->out, "the sandbox is stopped; its state is kept");
	return true;
}

static const char *
text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static long long
number_at(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static long long
requests_to(const json_t *status, enum sandbox_server server)
{
	char key[40];
	snprintf(key, sizeof key, "%s_requests", sandbox_servers[server].name);
	return number_at(status, key);
}

/* "crash-loop payments-dev/checkout"; what is of all namespaces, or all applications, names none. */
static void
print_broken(struct output *out, const char *cause, const char *namespace, const char *app)
{
	output_print(out, "broken      %s%s%s%s%s\n", cause, *namespace != '\0' || *app != '\0' ? " " : "", namespace,
	             *namespace != '\0' && *app != '\0' ? "/" : "", app);
}

static void
print_status(struct output *out, const json_t *status)
{
	const json_t *broken, *waiting;
	size_t i;
	output_print(out, "folder      %s\n", text_at(status, "folder"));
	for (int server = 0; server < SERVER_COUNT; server++) {
		const struct sandbox_server_kind *kind = &sandbox_servers[server];
		output_print(out, "%-10s  %s  (%lld requests", kind->title, text_at(status, kind->name),
		             requests_to(status, (enum sandbox_server)server));
		if (server == SERVER_KUBERNETES)
			output_print(out, ", %lld watches", number_at(status, "open_watches"));
		output_print(out, ")\n");
	}
	output_print(out, "clock       x%lld, process %lld\n", number_at(status, "rate"), number_at(status, "pid"));
	json_array_foreach (json_object_get(status, "sign_ons_waiting"), i, waiting)
		output_print(out, "waiting     %s, a sign-on\n", text_at(waiting, "user_code"));
	json_array_foreach (json_object_get(status, "broken"), i, broken)
		print_broken(out, text_at(broken, "cause"), text_at(broken, "namespace"), text_at(broken, "app"));
}

/* For a screen reader: a fact a line. */
static void
say_status(struct output *out, const json_t *status)
{
	const json_t *broken, *waiting;
	size_t i;
	output_print(out, "folder: %s\n", text_at(status, "folder"));
	for (i = 0; i < SERVER_COUNT; i++)
		output_print(out, "%s: %s\n", sandbox_servers[i].title, text_at(status, sandbox_servers[i].name));
	for (i = 0; i < SERVER_COUNT; i++)
		output_print(out, "requests to %s: %lld\n", sandbox_servers[i].words,
		             requests_to(status, (enum sandbox_server)i));
	output_print(out, "open watches: %lld\nclock, times as fast: %lld\nprocess: %lld\n",
	             number_at(status, "open_watches"), number_at(status, "rate"), number_at(status, "pid"));
	json_array_foreach (json_object_get(status, "sign_ons_waiting"), i, waiting)
		output_print(out, "sign-on that waits: %s\n", text_at(waiting, "user_code"));
	json_array_foreach (json_object_get(status, "broken"), i, broken)
		output_print(out, "broken: %s%s%s%s%s\n", text_at(broken, "cause"),
		             *text_at(broken, "app") ? ", application " : "", text_at(broken, "app"),
		             *text_at(broken, "namespace") ? ", namespace " : "", text_at(broken, "namespace"));
}

static bool
run_status(struct session *session, struct error *err)
{
	json_t *status;
	if (!sandbox_ask(session, "GET", "status", NULL, &status, err))
		return error_doing(err, "looking at the sandbox");
	if (output_is_json(session->out))
		return output_json(session->out, status, err);
	if (output_is_accessible(session->out))
		say_status(session->out, status);
	else
		print_status(session->out, status);
	json_decref(status);
	return true;
}

static bool as_job;
static const struct option_spec env_options[] = {
	SANDBOX_FOLDER_OPTION,
	{.kind = OPTION_FLAG, .name = "job", .flag = &as_job,
	 .help = "also what makes it a job of GitHub Actions, which signs on with its own identity"},
	{.kind = OPTION_END},
};

static void
add_job(json_t *answer, const struct sandbox_connection *connection, struct arena *arena)
{
	const char *origin = sandbox_origin(connection, SERVER_SSO, arena);
	json_object_set_new(answer, "CI", json_string("true"));
	json_object_set_new(answer, "GITHUB_ACTIONS", json_string("true"));
	json_object_set_new(answer, "ACTIONS_ID_TOKEN_REQUEST_URL",
	                    json_string(arena_printf(arena, "%s/actions/id-token?api-version=2.0", origin)));
	json_object_set_new(answer, "ACTIONS_ID_TOKEN_REQUEST_TOKEN", json_string(connection->api_token));
}

/* What a shell has to know; new reference. */
static json_t *
exports_of(const char *folder, const struct sandbox_connection *connection, struct arena *arena)
{
	static const struct {
		const char *variable, *file;
	} files[] = {
		{"PAAS_PLATFORM", "platform.yml"}, {"KUBECONFIG", "kubeconfig"}, {"PAAS_CA_FILE", "ca.pem"},
		{"PAAS_SANDBOX_APPLICATION", "application"},
	};
	static const char *const tokens[] = {"PAAS_TOKEN_SCM", "PAAS_TOKEN_CI", "PAAS_TOKEN_CHAT"};
	json_t *exports = json_object();
	for (size_t i = 0; i < array_length(files); i++)
		json_object_set_new(exports, files[i].variable, json_string(sandbox_file(folder, files[i].file, arena)));
	if (connection->issuer != NULL)
		json_object_set_new(exports, "PAAS_SANDBOX_ISSUER", json_string(connection->issuer));
	json_object_set_new(exports, "PAAS_SANDBOX_REGISTRY",
	                    json_string(arena_printf(arena, "localhost:%u", connection->ports[SERVER_REGISTRY])));
	for (size_t i = 0; i < array_length(tokens); i++)
		json_object_set_new(exports, tokens[i], json_string(connection->api_token));
	if (as_job)
		add_job(exports, connection, arena);
	if (sandbox_folder_option != NULL)
		json_object_set_new(exports, "PAAS_SANDBOX_DIR", json_string(folder));
	return exports;
}

static bool
run_env(struct session *session, struct error *err)
{
	enum { WORD_MAX = 16 * 1024 };
	struct sandbox_connection connection;
	const char *folder, *variable;
	json_t *value;
	if (!sandbox_folder(session, &folder, err) ||
	    (!sandbox_read_connection(folder, session->arena, &connection) && !sandbox_not_running(folder, err)))
		return error_doing(err, "telling how to reach the sandbox");
	json_t *exports = exports_of(folder, &connection, session->arena);
	if (output_is_json(session->out))
		return output_json(session->out, exports, err);
	json_object_foreach (exports, variable, value) {
		scoped(buf_release) struct buf word = BUF_INIT(WORD_MAX);
		buf_add_shell_word(&word, json_string_value(value));
		output_print(session->out, "export %s=%s\n", variable, word.bytes);
	}
	json_decref(exports);
	return true;
}

/* ---- reset, expire, snapshot, restore ---- */

static bool
run_reset(struct session *session, struct error *err)
{
	return sandbox_ask(session, "POST", "reset", NULL, NULL, err) || error_doing(err, "resetting the sandbox");
}

static bool
run_expire(struct session *session, struct error *err)
{
	return sandbox_ask(session, "POST", "expire", NULL, NULL, err) || error_doing(err, "expiring versions");
}

static const char *name; /* of the snapshot */

static json_t *
name_as_json(void)
{
	return json_pack("{s:s}", "name", name);
}

static bool
run_snapshot(struct session *session, struct error *err)
{
	return sandbox_ask(session, "POST", "snapshot", name_as_json(), NULL, err) ||
	       error_doing(err, "keeping the state as %s", name);
}

static bool
run_restore(struct session *session, struct error *err)
{
	return sandbox_ask(session, "POST", "restore", name_as_json(), NULL, err) ||
	       error_doing(err, "going back to %s", name);
}

static const struct option_spec snapshot_options[] = {
	SANDBOX_FOLDER_OPTION,
	{.kind = OPTION_ARG, .name = "NAME", .text = &name, .is_required = true, .help = "of the snapshot"},
	{.kind = OPTION_END},
};

#define SUBCOMMAND(identifier, text, sentence, option_list, function, json) \
	static const struct command command_##identifier = {.name = text, .summary = sentence, \
		.options = option_list, .needs = NEEDS_LOOP, .answers_json = json, .run = function}

SUBCOMMAND(stop, "stop", "Stop it; its state is kept", folder_options, run_stop, false);
SUBCOMMAND(status, "status", "Show where it listens, what is broken, what was asked", folder_options, run_status, true);
SUBCOMMAND(reset, "reset", "Go back to the state of a new sandbox", folder_options, run_reset, false);
SUBCOMMAND(expire, "expire", "Expire every resource version and open watch", folder_options, run_expire, false);
SUBCOMMAND(snapshot, "snapshot", "Keep the present state under a name", snapshot_options, run_snapshot, false);
SUBCOMMAND(restore, "restore", "Go back to a snapshot", snapshot_options, run_restore, false);

static const struct command command_env = {
	.name = "env",
	.summary = "Print the shell lines that point tools at it",
	.description =
		"With --job the shell looks like a job of GitHub Actions on the branch main of payments/checkout: it has no "
		"stored sign-on, but an identity, which the sign-on server exchanges for a token of its own.",
	.options = env_options,
	.answers_json = true,
	.run = run_env,
};

static const struct command *const subcommands[] = {
	&command_sandbox_start, &command_stop, &command_status, &command_env, &command_sandbox_break,
	&command_sandbox_heal, &command_sandbox_approve, &command_sandbox_build, &command_reset, &command_expire, &command_snapshot,
	&command_restore, NULL,
};

static const struct command_example examples[] = {
	{"paas sandbox start", "start it"},
	{"eval \"$(paas sandbox env)\"", "point paas, kubectl and others at it"},
	{"paas sandbox break crash-loop --app checkout", "let the next deployment of checkout crash"},
	{"paas sandbox break status --status 503 --nth 3 --count 1", "fail the third request from now on"},
	{"paas sandbox stop", "stop it"},
	{NULL, NULL},
};

const struct command command_sandbox = {
	.name = "sandbox",
	.group = GROUP_FIX,
	.summary = "Run the golden path emulated on this machine",
	.description =
		"The sandbox is one process that emulates what a deployment touches: a Kubernetes API with the "
		"FIAAS operator and three nodes, an image registry, a sign-on server, Spinnaker, GitHub with Actions, Travis CI and "
		"Slack, over TLS on loopback. It brings a sample application and a platform file, so every command of paas can be "
		"tried, and it can be broken on "
		"purpose: each known cause of a failed deployment, and every trouble a network makes.\n\n"
		"Its GitHub is a git server too, where git is installed: after paas login --configure git "
		"git clone https://localhost:PORT/payments/checkout.git works with the port of GitHub "
		"that paas sandbox status shows. A push moves the branch and begins a build, so git push && paas deploy "
		"--wait-for-build goes all the way; after paas sandbox break build-fails its tests fail.",
	.subcommands = subcommands,
	.examples = examples,
};

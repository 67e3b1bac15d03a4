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

static bool
run_status(struct session *session, struct error *err)
{
	json_t *status, *broken;
	size_t i;
	if (!sandbox_ask(session, "GET", "status", NULL, &status, err))
		return error_doing(err, "looking at the sandbox");
	if (output_is_json(session->out))
		return output_json(session->out, status, err);
	output_print(session->out, "folder      %s\nkubernetes  %s  (%lld requests, %lld watches)\n",
	             text_at(status, "folder"), text_at(status, "kubernetes"),
	             number_at(status, "kubernetes_requests"), number_at(status, "open_watches"));
	output_print(session->out, "registry    %s  (%lld requests)\nclock       x%lld, process %lld\n",
	             text_at(status, "registry"), number_at(status, "registry_requests"),
	             number_at(status, "rate"), number_at(status, "pid"));
	json_array_foreach (json_object_get(status, "broken"), i, broken)
		output_print(session->out, "broken      %s %s%s%s\n", text_at(broken, "cause"),
		             text_at(broken, "namespace"), text_at(broken, "app")[0] != '\0' ? "/" : "",
		             text_at(broken, "app"));
	json_decref(status);
	return true;
}

static bool
run_env(struct session *session, struct error *err)
{
	enum { WORD_MAX = 16 * 1024 };
	static const struct {
		const char *variable, *file;
	} exports[] = {
		{"PAAS_PLATFORM", "platform.yml"}, {"KUBECONFIG", "kubeconfig"}, {"PAAS_CA_FILE", "ca.pem"},
		{"PAAS_SANDBOX_APPLICATION", "application"},
	};
	struct sandbox_connection connection;
	const char *folder;
	json_t *answer = json_object();
	if (!sandbox_folder(session, &folder, err) ||
	    (!sandbox_read_connection(folder, session->arena, &connection) &&
	     !sandbox_not_running(folder, err))) {
		json_decref(answer);
		return error_doing(err, "telling how to reach the sandbox");
	}
	for (size_t i = 0; i < array_length(exports); i++)
		json_object_set_new(answer, exports[i].variable,
		                    json_string(sandbox_file(folder, exports[i].file, session->arena)));
	json_object_set_new(answer, "PAAS_SANDBOX_REGISTRY",
	                    json_string(arena_printf(session->arena, "localhost:%u", connection.registry_port)));
	if (sandbox_folder_option != NULL)
		json_object_set_new(answer, "PAAS_SANDBOX_DIR", json_string(folder));
	if (output_is_json(session->out))
		return output_json(session->out, answer, err);
	const char *variable;
	json_t *value;
	json_object_foreach (answer, variable, value) {
		scoped(buf_release) struct buf word = BUF_INIT(WORD_MAX);
		buf_add_shell_word(&word, json_string_value(value));
		output_print(session->out, "export %s=%s\n", variable, word.bytes);
	}
	json_decref(answer);
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
	.options = folder_options,
	.answers_json = true,
	.run = run_env,
};

static const struct command *const subcommands[] = {
	&command_sandbox_start, &command_stop, &command_status, &command_env, &command_sandbox_break,
	&command_sandbox_heal, &command_reset, &command_expire, &command_snapshot, &command_restore, NULL,
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
		"FIAAS operator and three nodes, and an image registry, over TLS on loopback. It brings a sample "
		"application and a platform file, so every command of paas can be tried, and it can be broken on "
		"purpose: each known cause of a failed deployment, and every trouble a network makes.",
	.subcommands = subcommands,
	.examples = examples,
};

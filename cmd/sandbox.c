/* `paas sandbox`: the emulated golden path, to try, to demonstrate and to test. */
#include "cmd/sandbox.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "base/file.h"
#include "base/secret.h"
#include "net/http.h"
#include "sandbox/fault.h"
#include "sandbox/files.h"
#include "sandbox/world/causes.h"
#include "ui/output.h"
#include "ui/table.h"

const char *sandbox_folder_option;

bool
sandbox_folder(struct session *session, const char **ret, struct error *err)
{
	char *folder = sandbox_folder_option != NULL ? realpath(sandbox_folder_option, NULL) : NULL;
	if (folder != NULL) {
		*ret = arena_strdup(session->arena, folder);
		free(folder);
	} else if (sandbox_folder_option != NULL) {
		char *here = getcwd(NULL, 0);
		*ret = sandbox_folder_option[0] == '/' || here == NULL
		               ? sandbox_folder_option
		               : arena_printf(session->arena, "%s/%s", here, sandbox_folder_option);
		free(here);
	} else {
		*ret = file_state_path(session->arena, "sandbox");
	}
	if (*ret != NULL)
		return true;
	error_put(err, ERROR_USAGE, "HOME is not set, so there is no folder for the sandbox");
	return error_next(err, "paas sandbox start --dir FOLDER");
}

/* ---- asking the one that runs ---- */

static bool
not_running(const char *folder, struct error *err)
{
	error_put(err, ERROR_NOT_FOUND, "no sandbox runs in %s", folder);
	return error_next(err, "paas sandbox start");
}

static bool
read_answer(const struct http_response *response, json_t **ret, struct error *err)
{
	json_t *answer = json_loadb(response->body, response->length, 0, NULL);
	const char *why = json_string_value(json_object_get(answer, "why")),
	           *code = json_string_value(json_object_get(answer, "code"));
	if (response->status != 200) {
		enum error_code known = code != NULL ? error_code_from_name(code) : ERROR_NONE;
		error_put(err, known != ERROR_NONE ? known : ERROR_BAD_ANSWER, "%s",
		          why != NULL ? why : "the sandbox answered nonsense");
		json_decref(answer);
		return false;
	}
	if (ret != NULL)
		*ret = answer;
	else
		json_decref(answer);
	return true;
}

bool
sandbox_ask(struct session *session, const char *method, const char *name, json_t *body, json_t **ret,
            struct error *err)
{
	struct sandbox_connection connection;
	const char *folder;
	char *ca, *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
	size_t ca_length;
	struct http_response response;
	json_decref(body);
	bool is_there = sandbox_folder(session, &folder, err) &&
	                (sandbox_read_connection(folder, session->arena, &connection) && connection.pid > 0
	                         ? true
	                         : not_running(folder, err)) &&
	                file_read(sandbox_file(folder, "ca.pem", session->arena), 1 << 16, session->arena, &ca,
	                          &ca_length, err);
	if (!is_there) {
		free(text);
		return false;
	}
	scoped(secret_release) struct secret *token =
		secret_new(connection.control_token, strlen(connection.control_token));
	struct http_endpoint endpoint = {
		.system = "sandbox", .bearer = token, .ca_pem = ca, .proxy = "",
		.origin = arena_printf(session->arena, "https://localhost:%u", connection.api_port)};
	struct http_request request = {
		.method = method, .endpoint = &endpoint, .body = text, .body_length = text != NULL ? strlen(text) : 0,
		.url = arena_printf(session->arena, "%s/-/sandbox/%s", endpoint.origin, name)};
	bool is_answered = http_send(session->http, &request, session->arena, &response, err);
	free(text);
	if (!is_answered && kill((pid_t)connection.pid, 0) != 0)
		return not_running(folder, err);
	return is_answered && read_answer(&response, ret, err);
}

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

/* A word that any shell takes for this text. */
static const char *
quoted(const char *text, struct arena *arena)
{
	scoped(buf_release) struct buf out = BUF_INIT(16 * 1024);
	buf_add_char(&out, '\'');
	for (; *text != '\0'; text++)
		if (*text == '\'')
			buf_add_text(&out, "'\\''");
		else
			buf_add_char(&out, *text);
	buf_add_char(&out, '\'');
	return arena_strdup(arena, out.bytes);
}

static bool
run_env(struct session *session, struct error *err)
{
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
	    (!sandbox_read_connection(folder, session->arena, &connection) && !not_running(folder, err))) {
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
	json_object_foreach (answer, variable, value)
		output_print(session->out, "export %s=%s\n", variable,
		             quoted(json_string_value(value), session->arena));
	json_decref(answer);
	return true;
}

/* ---- break, heal ---- */

static const char *what, *app, *namespace, *server, *method, *path;
static uint64_t nth, count, status_code;
static uint64_t retry_after = UINT64_MAX;
static int64_t delay_ms = -1;
static bool do_list;

static const struct option_spec break_options[] = {
	SANDBOX_FOLDER_OPTION,
	{.kind = OPTION_ARG, .name = "WHAT", .text = &what, .help = "a cause or a fault, see --list"},
	{.kind = OPTION_FLAG, .name = "list", .flag = &do_list, .help = "list what can be broken"},
	{.kind = OPTION_TEXT, .name = "app", .value = "NAME", .text = &app, .help = "cause: only this application"},
	{.kind = OPTION_TEXT, .name = "namespace", .value = "NS", .text = &namespace, .help = "cause: only this namespace"},
	{.kind = OPTION_TEXT, .name = "server", .value = "NAME", .text = &server,
	 .help = "fault: kubernetes (default) or registry"},
	{.kind = OPTION_TEXT, .name = "method", .value = "METHOD", .text = &method, .help = "fault: only this method"},
	{.kind = OPTION_TEXT, .name = "path", .value = "TEXT", .text = &path,
	 .help = "fault: only requests whose path and query hold this; deny: VERB:PLURAL,…"},
	{.kind = OPTION_NUMBER, .name = "nth", .value = "N", .number = &nth, .max = 1000000,
	 .help = "fault: beginning with the Nth such request"},
	{.kind = OPTION_NUMBER, .name = "count", .value = "N", .number = &count, .max = 1000000,
	 .help = "fault: that many times, 0 is for ever"},
	{.kind = OPTION_NUMBER, .name = "status", .value = "N", .number = &status_code, .min = 400, .max = 599,
	 .help = "fault status: which"},
	{.kind = OPTION_NUMBER, .name = "retry-after", .value = "SECONDS", .number = &retry_after, .max = 3600,
	 .help = "fault status: with this header"},
	{.kind = OPTION_DURATION, .name = "delay", .value = "D", .duration_ms = &delay_ms, .help = "fault latency: how long"},
	{.kind = OPTION_END},
};

static const struct table_column list_columns[] = {{.title = "NAME"}, {.title = "ROWS"}, {.title = "WHAT", .may_cut = true}};

static bool
list_what(struct session *session, struct error *err)
{
	struct table *table = table_new(session->arena, list_columns, array_length(list_columns));
	json_t *all = json_array();
	for (size_t i = 0; i < n_world_causes; i++) {
		table_add_row(table);
		table_set(table, 0, STYLE_STRONG, "%s", world_causes[i].name);
		table_set(table, 1, STYLE_PLAIN, "%s", world_causes[i].rows);
		table_set(table, 2, STYLE_PLAIN, "%s", world_causes[i].summary);
		json_array_append_new(all, json_pack("{s:s, s:s, s:s}", "name", world_causes[i].name, "rows",
		                                     world_causes[i].rows, "summary", world_causes[i].summary));
	}
	for (int kind = 0; kind < FAULT_KINDS; kind++) {
		table_add_row(table);
		table_set(table, 0, STYLE_STRONG, "%s", fault_name((enum fault_kind)kind));
		table_set(table, 1, STYLE_PLAIN, "-");
		table_set(table, 2, STYLE_PLAIN, "fault between client and server");
		json_array_append_new(all, json_pack("{s:s}", "name", fault_name((enum fault_kind)kind)));
	}
	if (output_is_json(session->out))
		return output_json(session->out, json_pack("{s:o}", "causes", all), err);
	json_decref(all);
	table_print(table, session->out);
	return true;
}

static void
set_text(json_t *body, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(body, key, json_string(text));
}

static void
set_number(json_t *body, const char *key, uint64_t number, bool is_given)
{
	if (is_given)
		json_object_set_new(body, key, json_integer((json_int_t)number));
}

static json_t *
what_as_json(void)
{
	json_t *body = json_object();
	set_text(body, "name", what);
	set_text(body, "app", app);
	set_text(body, "namespace", namespace);
	set_text(body, "server", server);
	set_text(body, "method", method);
	set_text(body, "path", path);
	set_number(body, "nth", nth, nth > 0);
	set_number(body, "count", count, count > 0);
	set_number(body, "status", status_code, status_code > 0);
	set_number(body, "retry_after", retry_after, retry_after != UINT64_MAX);
	set_number(body, "delay_ms", (uint64_t)delay_ms, delay_ms >= 0);
	return body;
}

static bool
run_break(struct session *session, struct error *err)
{
	if (do_list)
		return list_what(session, err);
	if (what == NULL) {
		error_put(err, ERROR_USAGE, "WHAT is missing");
		return error_next(err, "paas sandbox break --list");
	}
	if (sandbox_ask(session, "POST", "break", what_as_json(), NULL, err))
		return true;
	error_put_next(err, "paas sandbox break --list");
	return error_doing(err, "breaking %s", what);
}

static bool
run_heal(struct session *session, struct error *err)
{
	return sandbox_ask(session, "POST", "heal", what_as_json(), NULL, err) ||
	       error_doing(err, "healing the sandbox");
}

static const struct option_spec heal_options[] = {
	SANDBOX_FOLDER_OPTION,
	{.kind = OPTION_ARG, .name = "WHAT", .text = &what, .help = "only this cause or fault"},
	{.kind = OPTION_TEXT, .name = "app", .value = "NAME", .text = &app, .help = "only this application"},
	{.kind = OPTION_TEXT, .name = "namespace", .value = "NS", .text = &namespace, .help = "only this namespace"},
	{.kind = OPTION_END},
};

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

static bool
run_snapshot(struct session *session, struct error *err)
{
	return sandbox_ask(session, "POST", "snapshot", what_as_json(), NULL, err) ||
	       error_doing(err, "keeping the state as %s", what);
}

static bool
run_restore(struct session *session, struct error *err)
{
	return sandbox_ask(session, "POST", "restore", what_as_json(), NULL, err) ||
	       error_doing(err, "going back to %s", what);
}

static const struct option_spec snapshot_options[] = {
	SANDBOX_FOLDER_OPTION,
	{.kind = OPTION_ARG, .name = "NAME", .text = &what, .is_required = true, .help = "of the snapshot"},
	{.kind = OPTION_END},
};

#define SUBCOMMAND(identifier, text, sentence, option_list, function, json) \
	static const struct command command_##identifier = {.name = text, .summary = sentence, \
		.options = option_list, .needs = NEEDS_LOOP, .answers_json = json, .run = function}

SUBCOMMAND(stop, "stop", "Stop it; its state is kept", folder_options, run_stop, false);
SUBCOMMAND(status, "status", "Show where it listens, what is broken, what was asked", folder_options, run_status, true);
SUBCOMMAND(break, "break", "Break something on purpose", break_options, run_break, true);
SUBCOMMAND(heal, "heal", "Undo what was broken", heal_options, run_heal, false);
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
	&command_sandbox_start, &command_stop, &command_status, &command_env, &command_break, &command_heal,
	&command_reset, &command_expire, &command_snapshot, &command_restore, NULL,
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

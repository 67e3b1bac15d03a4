/* `paas sandbox break` and `heal`: causes of failed deployments, and troubles of a network. */
#include "cmd/sandbox.h"
#include "sandbox/fault.h"
#include "sandbox/spinnaker/gate.h"
#include "sandbox/world/causes.h"
#include "ui/output.h"
#include "ui/table.h"

static const char *what, *app, *namespace, *server, *method, *path;
static uint64_t nth, count, status_code;
static uint64_t retry_after = UINT64_MAX;
static int64_t delay_ms = -1;
static bool do_list;

static const struct option_spec break_options[] = {
	SANDBOX_FOLDER_OPTION,
	{.kind = OPTION_ARG, .name = "WHAT", .text = &what, .help = "a cause or a fault, see --list"},
	{.kind = OPTION_FLAG, .name = "list", .flag = &do_list, .help = "list what can be broken"},
	{.kind = OPTION_TEXT, .name = "app", .value = "NAME", .text = &app, .help = "cause, gate-..., build-fails: only this application"},
	{.kind = OPTION_TEXT, .name = "namespace", .value = "NS", .text = &namespace, .help = "cause: only this namespace"},
	{.kind = OPTION_TEXT, .name = "server", .value = "NAME", .text = &server,
	 .help = "fault: kubernetes (default), registry, sso, gate (of Spinnaker), github, travis or slack"},
	{.kind = OPTION_TEXT, .name = "method", .value = "METHOD", .text = &method, .help = "fault: only this method"},
	{.kind = OPTION_TEXT, .name = "path", .value = "TEXT", .text = &path,
	 .help = "fault: only requests whose path and query hold this; deny: VERB:PLURAL,..."},
	{.kind = OPTION_NUMBER, .name = "nth", .value = "N", .number = &nth, .max = 1000000,
	 .help = "fault: beginning with the Nth such request"},
	{.kind = OPTION_NUMBER, .name = "count", .value = "N", .number = &count, .max = 1000000,
	 .help = "fault, gate-..., build-fails: that many times, 0 is for ever"},
	{.kind = OPTION_NUMBER, .name = "status", .value = "N", .number = &status_code, .min = 400, .max = 599,
	 .help = "fault status: which"},
	{.kind = OPTION_NUMBER, .name = "retry-after", .value = "SECONDS", .number = &retry_after, .max = 3600,
	 .help = "fault status: with this header"},
	{.kind = OPTION_DURATION, .name = "delay", .value = "D", .duration_ms = &delay_ms, .help = "fault latency: how long"},
	{.kind = OPTION_END},
};

static const struct table_column list_columns[] = {{.title = "NAME"}, {.title = "ROWS"}, {.title = "WHAT", .may_cut = true}};

/* Neither causes in the cluster nor faults between client and server. */
static const struct {
	const char *name, *summary;
} others[] = {
	{"deny", "the cluster lets nobody do what --path says"},
	{"rate-limit", "GitHub's limit of requests is used up"},
	{"expired-tokens", "the sign-on server's access and ID tokens issued so far count as expired"},
	{"build-fails", "builds that begin from now on fail in their tests, of the repository --app or of all, --count of them or all"},
};

/* `rows`: of the table of causes; NULL: it is none. */
static void
add_row(struct table *table, json_t *all, const char *name, const char *rows, const char *summary)
{
	table_add_row(table);
	table_set(table, 0, STYLE_STRONG, "%s", name);
	table_set(table, 1, STYLE_PLAIN, "%s", rows != NULL ? rows : "-");
	table_set(table, 2, STYLE_PLAIN, "%s", summary != NULL ? summary : "fault between client and server");
	json_array_append_new(all, json_pack("{s:s, s:s*, s:s*}", "name", name, "rows", rows, "summary", summary));
}

static bool
list_what(struct session *session, struct error *err)
{
	struct table *table = table_new(session->arena, list_columns, array_length(list_columns));
	json_t *all = json_array();
	for (size_t i = 0; i < n_world_causes; i++)
		add_row(table, all, world_causes[i].name, world_causes[i].rows, world_causes[i].summary);
	for (size_t i = 0; i < array_length(others); i++)
		add_row(table, all, others[i].name, NULL, others[i].summary);
	for (size_t i = 0; i < n_gate_troubles; i++)
		add_row(table, all, gate_troubles[i].name, NULL, gate_troubles[i].summary);
	for (int kind = 0; kind < FAULT_KINDS; kind++)
		add_row(table, all, fault_name((enum fault_kind)kind), NULL, NULL);
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
	if (!sandbox_ask(session, "POST", "break", what_as_json(), NULL, err)) {
		error_put_next(err, "paas sandbox break --list");
		return error_doing(err, "breaking %s", what);
	}
	output_note(session->out, "%s is broken from now on; paas sandbox heal undoes it\n", what);
	return !output_is_json(session->out) || output_json(session->out, json_pack("{s:o}", "broken", what_as_json()), err);
}

static bool
run_heal(struct session *session, struct error *err)
{
	if (!sandbox_ask(session, "POST", "heal", what_as_json(), NULL, err)) {
		error_put_next(err, "paas sandbox status");
		return error_doing(err, "healing the sandbox");
	}
	output_note(session->out, "%s is healed\n", what ? what : "everything");
	return true;
}

static const struct option_spec heal_options[] = {
	SANDBOX_FOLDER_OPTION,
	{.kind = OPTION_ARG, .name = "WHAT", .text = &what, .help = "only this cause or fault"},
	{.kind = OPTION_TEXT, .name = "app", .value = "NAME", .text = &app, .help = "only this application"},
	{.kind = OPTION_TEXT, .name = "namespace", .value = "NS", .text = &namespace, .help = "only this namespace"},
	{.kind = OPTION_END},
};

const struct command command_sandbox_break = {
	.name = "break",
	.summary = "Break something on purpose",
	.options = break_options,
	.needs = NEEDS_LOOP,
	.answers_json = true,
	.run = run_break,
};

const struct command command_sandbox_heal = {
	.name = "heal",
	.summary = "Undo what was broken",
	.options = heal_options,
	.needs = NEEDS_LOOP,
	.run = run_heal,
};

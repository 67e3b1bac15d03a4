#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "sandbox/parts.h"
#include "sandbox/world/causes.h"

/* A control request: its JSON body in, a JSON answer out (a new reference). */
struct control {
	struct sandbox *sandbox;
	const json_t *body;
	json_t *answer;
};

static const char *
text_of(const struct control *control, const char *key)
{
	return json_string_value(json_object_get(control->body, key));
}

static int64_t
number_of(const struct control *control, const char *key, int64_t fallback)
{
	const json_t *value = json_object_get(control->body, key);
	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

/* ---- break and heal ---- */

/* "kubernetes, registry, sso" */
static const char *
all_servers(struct arena *arena)
{
	const char *all = sandbox_servers[0].name;
	for (size_t i = 1; i < SERVER_COUNT; i++)
		all = arena_printf(arena, "%s, %s", all, sandbox_servers[i].name);
	return all;
}

static bool
add_fault(struct control *control, enum fault_kind kind, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	const char *name = text_of(control, "server");
	size_t server = SERVER_KUBERNETES;
	while (name != NULL && server < SERVER_COUNT && strcmp(sandbox_servers[server].name, name) != 0)
		server++;
	if (server == SERVER_COUNT)
		return error_set(err, ERROR_USAGE, "\"%s\" is none of %s", name, all_servers(&arena));
	fault_add(control->sandbox->faults[server],
	          &(struct fault){
			  .kind = kind,
			  .method = text_of(control, "method"),
			  .path = text_of(control, "path"),
			  .nth = (unsigned)number_of(control, "nth", 0),
			  .count = (unsigned)number_of(control, "count", 0),
			  .status = (unsigned)number_of(control, "status", 503),
			  .retry_after_s = (int)number_of(control, "retry_after", -1),
			  .delay_ms = number_of(control, "delay_ms", 1000),
		  });
	return true;
}

static void
set_denied(struct control *control, bool is_on)
{
	kubernetes_api_deny(control->sandbox->api, is_on ? text_of(control, "path") : NULL);
}

static void
set_rate_limited(struct control *control, bool is_on)
{
	github_exhaust(control->sandbox->github, is_on);
}

static void
set_tokens_expired(struct control *control, bool is_on)
{
	sso_expire_tokens(control->sandbox->sso, is_on);
}

static void
set_builds_failing(struct control *control, bool is_on)
{
	forge_fail_builds(control->sandbox->forge, text_of(control, "app"), (unsigned)number_of(control, "count", 0), is_on);
}

/* Neither causes in the cluster nor troubles of Gate nor faults between client and server. */
static const struct {
	const char *name;
	void (*set)(struct control *control, bool is_on);
} switches[] = {
	{"deny", set_denied},
	{"rate-limit", set_rate_limited},
	{"expired-tokens", set_tokens_expired},
	{"build-fails", set_builds_failing},
};

/* Every one of that name (NULL: all); false: there is none. */
static bool
turn(struct control *control, const char *name, bool is_on)
{
	bool is_found = false;
	for (size_t i = 0; i < array_length(switches); i++) {
		if (name != NULL && strcmp(switches[i].name, name) != 0)
			continue;
		switches[i].set(control, is_on);
		is_found = true;
	}
	return is_found;
}

static bool
do_break(struct control *control, struct error *err)
{
	const char *name = text_of(control, "name"), *app = text_of(control, "app"),
	           *namespace = text_of(control, "namespace");
	if (name == NULL)
		return error_set(err, ERROR_USAGE, "what to break is missing");
	enum fault_kind kind = fault_kind_of_name(name);
	if (kind != FAULT_KINDS)
		return add_fault(control, kind, err);
	return turn(control, name, true) ||
	       gate_break(control->sandbox->gate, name, app, (unsigned)number_of(control, "count", 0)) ||
	       world_break(control->sandbox->world, name, namespace != NULL ? namespace : "", app != NULL ? app : "", err);
}

static bool
do_heal(struct control *control, struct error *err)
{
	const char *name = text_of(control, "name");
	bool is_known = turn(control, name, false) || name == NULL || fault_kind_of_name(name) != FAULT_KINDS ||
	                world_cause_named(name) != NULL || gate_is_trouble(name);
	if (!is_known)
		return error_set(err, ERROR_NOT_FOUND, "neither a cause nor a fault is named \"%s\"", name);
	world_heal(control->sandbox->world, name, text_of(control, "namespace"), text_of(control, "app"));
	gate_heal(control->sandbox->gate, name);
	if (name == NULL || fault_kind_of_name(name) != FAULT_KINDS)
		for (size_t i = 0; i < SERVER_COUNT; i++)
			fault_clear(control->sandbox->faults[i]);
	return true;
}

static bool
do_expire(struct control *control, struct error *err)
{
	(void)err;
	store_compact(control->sandbox->store);
	kubernetes_api_expire_watches(control->sandbox->api);
	return true;
}

/* Somebody says yes or no to who signs on. */
static bool
do_approve(struct control *control, struct error *err)
{
	bool is_denied = json_is_true(json_object_get(control->body, "deny"));
	return sso_decide(control->sandbox->sso, text_of(control, "user_code"), text_of(control, "person"), !is_denied,
	                  &control->answer, err);
}

/* Somebody pushed, and the CI begins. */
static bool
do_build(struct control *control, struct error *err)
{
	const char *repository = text_of(control, "repository");
	const struct forge_order order = {
		.repository = repository != NULL ? repository : "payments/checkout",
		.commit = text_of(control, "commit"),
		.branch = text_of(control, "branch"),
		.fails = json_is_true(json_object_get(control->body, "fails")),
		.wait_ms = number_of(control, "wait_ms", 0),
		.run_ms = number_of(control, "run_ms", 0),
	};
	const json_t *build;
	if (!forge_build(control->sandbox->forge, &order, &build, err))
		return false;
	control->answer = json_deep_copy(build);
	json_object_set_new(control->answer, "repository", json_string(order.repository));
	return true;
}

/* ---- state ---- */

static bool
do_reset(struct control *control, struct error *err)
{
	return do_heal(control, err) && sandbox_restore(control->sandbox, control->sandbox->initial, err);
}

static bool
do_snapshot(struct control *control, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	const char *name = text_of(control, "name"), *file;
	if (!sandbox_snapshot_file(name != NULL ? name : "", &arena, &file, err))
		return false;
	json_t *state = sandbox_snapshot(control->sandbox);
	bool is_written = sandbox_write_state(control->sandbox->options.folder, file, state, err);
	json_decref(state);
	return is_written;
}

static bool
do_restore(struct control *control, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	const char *name = text_of(control, "name"), *file;
	json_t *state;
	if (!sandbox_snapshot_file(name != NULL ? name : "", &arena, &file, err) ||
	    !sandbox_read_state(control->sandbox->options.folder, file, &state, err))
		return false;
	bool is_good = sandbox_restore(control->sandbox, state, err);
	json_decref(state);
	return is_good;
}

/* Its address, how often it was asked, and for what. */
static void
add_server(json_t *answer, const struct sandbox *sandbox, enum sandbox_server server, struct arena *arena)
{
	const char *name = sandbox_servers[server].name;
	json_object_set_new(answer, name, json_string(sandbox_address(&sandbox->connection, server, arena)));
	json_object_set_new(answer, arena_printf(arena, "%s_requests", name),
	                    json_integer((json_int_t)fault_total(sandbox->faults[server])));
	json_object_set_new(answer, arena_printf(arena, "%s_routes", name),
	                    json_deep_copy(fault_counts(sandbox->faults[server])));
}

static json_t *
all_broken(const struct sandbox *sandbox)
{
	json_t *list = world_broken(sandbox->world);
	gate_list_broken(sandbox->gate, list);
	forge_list_broken(sandbox->forge, list);
	return list;
}

static bool
do_status(struct control *control, struct error *err)
{
	const struct sandbox *sandbox = control->sandbox;
	scoped(arena_release) struct arena arena = {0};
	(void)err;
	control->answer = json_pack("{s:s, s:s, s:I, s:i, s:o, s:i, s:o}", "folder", sandbox->options.folder, "cd",
	                            sandbox->connection.cd, "pid", (json_int_t)sandbox->connection.pid, "rate",
	                            (int)clock_rate(), "broken", all_broken(sandbox), "open_watches",
	                            (int)kubernetes_api_open_watches(sandbox->api), "sign_ons_waiting",
	                            sso_waiting(sandbox->sso));
	for (size_t i = 0; i < SERVER_COUNT; i++)
		add_server(control->answer, sandbox, (enum sandbox_server)i, &arena);
	return true;
}

static void
stop_loop(struct loop_task *task)
{
	struct sandbox *sandbox = task->data;
	loop_stop(sandbox->loop);
}

static bool
do_stop(struct control *control, struct error *err)
{
	struct sandbox *sandbox = control->sandbox;
	(void)err;
	sandbox->stop = (struct loop_task){.run = stop_loop, .data = sandbox};
	loop_post(sandbox->loop, &sandbox->stop);
	return true;
}

/* ---- routes ---- */

static const struct {
	const char *method, *name;
	bool (*run)(struct control *control, struct error *err);
} routes[] = {
	{"GET", "status", do_status},      {"POST", "break", do_break},     {"POST", "heal", do_heal},
	{"POST", "expire", do_expire},     {"POST", "reset", do_reset},     {"POST", "snapshot", do_snapshot},
	{"POST", "restore", do_restore},   {"POST", "stop", do_stop},       {"POST", "approve", do_approve},
	{"POST", "build", do_build},
};

static bool
is_allowed(const struct sandbox *sandbox, const struct web_request *request)
{
	const char *value = web_header(request, "Authorization"), *token = sandbox->connection.control_token;
	return value != NULL && strncmp(value, "Bearer ", 7) == 0 && strlen(value + 7) == strlen(token) &&
	       sodium_memcmp(value + 7, token, strlen(token)) == 0;
}

static void
send_error(struct web_request *request, unsigned status, const struct error *err)
{
	web_respond_json(request, status,
	          json_pack("{s:s, s:s%, s:s%}", "code", error_kind(err->code)->name, "why", err->why,
	                    strlen(err->why), "next", err->next, strlen(err->next)));
}

static void
run_route(struct sandbox *sandbox, struct web_request *request, size_t route)
{
	struct error err;
	json_t *body = json_loadb(request->body, request->body_length, 0, NULL);
	struct control control = {.sandbox = sandbox, .body = body};
	if (routes[route].run(&control, &err))
		web_respond_json(request, 200, control.answer != NULL ? control.answer : json_object());
	else
		send_error(request, err.code == ERROR_NOT_FOUND ? 404 : 400, &err);
	json_decref(body);
}

void
sandbox_control_handle(struct sandbox *sandbox, struct web_request *request)
{
	const char *name = request->path + strlen("/-/sandbox/");
	struct error err;
	if (!is_allowed(sandbox, request)) {
		error_put(&err, ERROR_NOT_LOGGED_IN, "the control token is missing or wrong");
		send_error(request, 401, &err);
		return;
	}
	for (size_t i = 0; i < array_length(routes); i++) {
		if (strcmp(routes[i].method, request->method) == 0 && strcmp(routes[i].name, name) == 0) {
			run_route(sandbox, request, i);
			return;
		}
	}
	error_put(&err, ERROR_NOT_FOUND, "no such control");
	send_error(request, 404, &err);
}

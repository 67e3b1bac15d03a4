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

static bool
add_fault(struct control *control, enum fault_kind kind, struct error *err)
{
	const char *name = text_of(control, "server");
	bool is_registry = name != NULL && strcmp(name, "registry") == 0;
	if (name != NULL && !is_registry && strcmp(name, "kubernetes") != 0)
		return error_set(err, ERROR_USAGE, "\"%s\" is neither \"kubernetes\" nor \"registry\"", name);
	fault_add(control->sandbox->faults[is_registry ? SERVER_REGISTRY : SERVER_KUBERNETES],
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
	if (strcmp(name, "deny") == 0) {
		kubernetes_api_deny(control->sandbox->api, text_of(control, "path"));
		return true;
	}
	return world_break(control->sandbox->world, name, namespace != NULL ? namespace : "",
	                   app != NULL ? app : "", err);
}

static bool
do_heal(struct control *control, struct error *err)
{
	const char *name = text_of(control, "name");
	if (name != NULL && strcmp(name, "deny") != 0 && fault_kind_of_name(name) == FAULT_KINDS &&
	    world_cause_named(name) == NULL)
		return error_set(err, ERROR_NOT_FOUND, "neither a cause nor a fault is named \"%s\"", name);
	world_heal(control->sandbox->world, name, text_of(control, "namespace"), text_of(control, "app"));
	kubernetes_api_deny(control->sandbox->api, NULL);
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

static bool
do_status(struct control *control, struct error *err)
{
	const struct sandbox *sandbox = control->sandbox;
	const struct sandbox_connection *connection = &sandbox->connection;
	scoped(arena_release) struct arena arena = {0};
	(void)err;
	control->answer = json_pack(
		"{s:s, s:s, s:s, s:I, s:i, s:I, s:I, s:O, s:O, s:o, s:i}", "folder", sandbox->options.folder,
		"kubernetes", arena_printf(&arena, "https://localhost:%u", connection->api_port), "registry",
		arena_printf(&arena, "https://localhost:%u", connection->registry_port), "pid",
		(json_int_t)connection->pid, "rate", (int)clock_rate(), "kubernetes_requests",
		(json_int_t)fault_total(sandbox->faults[SERVER_KUBERNETES]), "registry_requests",
		(json_int_t)fault_total(sandbox->faults[SERVER_REGISTRY]), "kubernetes_routes",
		fault_counts(sandbox->faults[SERVER_KUBERNETES]), "registry_routes",
		fault_counts(sandbox->faults[SERVER_REGISTRY]), "broken", world_broken(sandbox->world),
		"open_watches", (int)kubernetes_api_open_watches(sandbox->api));
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
	{"POST", "restore", do_restore},   {"POST", "stop", do_stop},
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

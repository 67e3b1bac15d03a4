#include "sandbox/spinnaker/gate.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "sandbox/spinnaker/parts.h"

/* ---- routes ---- */

/* "*" stands for any one step of the path.  The first that fits answers. */
static const struct route {
	const char *method, *path;
	void (*handle)(struct gate_call *call);
} routes[] = {
	{"GET", "/auth/user", session_handle_user},
	{"GET", "/login", session_handle_login},
	{"POST", "/login", session_handle_login},
	{"GET", "/auth/logout", session_handle_logout},
	{"GET", "/version", cloud_handle_version},
	{"GET", "/health", cloud_handle_health},
	{"GET", "/credentials", cloud_handle_credentials},
	{"GET", "/credentials/*", cloud_handle_account},
	{"GET", "/manifests/*/*/*", cloud_handle_manifest},
	{"GET", "/applications", config_handle_applications},
	{"GET", "/applications/*", config_handle_application},
	{"GET", "/applications/*/pipelineConfigs", config_handle_list},
	{"GET", "/applications/*/pipelineConfigs/*", config_handle_one},
	{"POST", "/applications/*/pipelineConfigs/*", trigger_handle},
	{"GET", "/applications/*/pipelines", look_handle_application},
	{"GET", "/applications/*/executions/search", look_handle_search},
	{"GET", "/applications/*/tasks", task_handle_application},
	{"GET", "/pipelineConfigs", config_handle_all},
	{"GET", "/pipelineConfigs/*/history", config_handle_history},
	{"GET", "/executions", look_handle_ids},
	{"POST", "/pipelines", config_handle_save},
	{"PUT", "/pipelines/*", config_handle_update},
	{"POST", "/pipelines/v2/*/*", trigger_handle_v2},
	{"GET", "/pipelines/*", look_handle_one},
	{"GET", "/pipelines/*/evaluateExpression", variables_handle_expression},
	{"POST", "/pipelines/*/evaluateExpression", variables_handle_expression},
	{"DELETE", "/pipelines/*", control_handle_delete},
	{"PUT", "/pipelines/*/cancel", control_handle_cancel},
	{"PUT", "/pipelines/*/pause", control_handle_pause},
	{"PUT", "/pipelines/*/resume", control_handle_resume},
	{"PATCH", "/pipelines/*/stages/*", control_handle_patch},
	{"PUT", "/pipelines/*/stages/*/restart", control_handle_restart},
	{"POST", "/pipelines/*/*", trigger_handle},
	{"DELETE", "/pipelines/*/*", config_handle_delete},
	{"POST", "/tasks", task_handle_create},
	{"GET", "/tasks/*", task_handle_one},
	{"PUT", "/tasks/*/cancel", control_handle_cancel},
};

static bool
path_fits(struct gate_call *call, const char *pattern)
{
	const char *path = call->request->path;
	size_t n_words = 0;
	while (*pattern == '/' && *path == '/') {
		size_t length = strcspn(++path, "/"), expected = strcspn(++pattern, "/");
		if (pattern[0] == '*' && length > 0 && n_words < WORDS_MAX)
			call->words[n_words++] = arena_strndup(call->arena, path, length);
		else if (length != expected || strncmp(path, pattern, length) != 0)
			return false;
		path += length;
		pattern += expected;
	}
	return *pattern == '\0' && (*path == '\0' || strcmp(path, "/") == 0);
}

/* Anything but a form is JSON; else answered. */
static bool
read_body(struct gate_call *call)
{
	const struct web_request *request = call->request;
	json_error_t problem;
	const char *type = web_header(request, "Content-Type");
	if (request->body_length > BODY_MAX) {
		gate_fail(call, 413, "Maximum upload size exceeded");
		return false;
	}
	if (request->body_length == 0 || (type != NULL && strncmp(type, "application/x-www-form-urlencoded", 33) == 0))
		return true;
	call->body = json_loadb(request->body, request->body_length, 0, &problem);
	if (call->body == NULL)
		gate_fail(call, 400, "JSON parse error: %s", problem.text);
	return call->body != NULL;
}

static void
run_route(struct gate_call *call, const struct route *route)
{
	if (!session_admit(call))
		return;
	if (gate_strikes(call->gate, "gate-rate-limit", NULL)) {
		web_add_header(call->request, "X-RateLimit-Capacity", "60");
		web_add_header(call->request, "X-RateLimit-Remaining", "0");
		web_add_header(call->request, "X-RateLimit-Reset", "Mon, 19 Jan 1970 03:14:07 GMT");
		gate_answer(call, 429, json_pack("{s:s}", "message", "Rate capacity exceeded"));
	} else if (read_body(call)) {
		route->handle(call);
	}
	json_decref(call->body);
}

void
gate_handle(struct gate *gate, struct web_request *request)
{
	struct gate_call call = {.gate = gate, .request = request, .arena = request->arena};
	const char *id = web_header(request, "X-SPINNAKER-REQUEST-ID");
	bool has_path = false;
	char made[IDENTIFIER_BYTES];
	web_add_header(request, "X-SPINNAKER-REQUEST-ID", id != NULL && strlen(id) < 200 ? id : identifier_uuid(made));
	if (!gate_is_text(request->path)) {
		gate_answer_nothing(&call, 400); /* as Tomcat does, before anybody has looked */
		return;
	}
	for (size_t i = 0; i < array_length(routes); i++) {
		if (!path_fits(&call, routes[i].path))
			continue;
		has_path = true;
		if (strcmp(routes[i].method, request->method) == 0) {
			run_route(&call, &routes[i]);
			return;
		}
	}
	if (session_admit(&call))
		gate_fail(&call, has_path ? 405 : 404, has_path ? "Request method '%s' not supported" : "No message available%.0s",
		          request->method);
}

/* ---- what is broken ---- */

const struct gate_trouble gate_troubles[] = {
	{"gate-oauth2", "Spinnaker wants a session, made at /login with a bearer token"},
	{"gate-ldap", "Spinnaker wants a session, made with the form at /login"},
	{"gate-basic", "Spinnaker wants name and password with each request"},
	{"gate-x509", "Spinnaker wants a certificate of its clients: client.pem in the sandbox's folder"},
	{"gate-signed-off", "Spinnaker has forgotten every session, once"},
	{"gate-renew", "Spinnaker hands out a new cookie with each answer, and forgets the old one"},
	{"gate-empty", "Spinnaker answers what goes wrong behind it with 200 and nothing"},
	{"gate-rate-limit", "Spinnaker answers 429, to be tried again in 1970"},
	{"gate-save", "Spinnaker saves a pipeline, and says that it is not done yet"},
	{"gate-word", "Spinnaker says of what runs a word that nobody knows"},
	{"gate-never", "a pipeline triggered through /pipelines/v2 never appears"},
	{"gate-startup", "a pipeline fails before its first stage"},
	{"gate-role", "a judgment is taken back: the judge lacks a role"},
	{"gate-lag", "what is canceled goes on for a while"},
	{"gate-kato", "a deploy stage fails in the cloud driver"},
	{"gate-continue", "a deploy stage fails, its pipeline goes on"},
	{"gate-stopped", "a deploy stage fails and stops its branch only"},
};
const size_t n_gate_troubles = array_length(gate_troubles);

bool
gate_is_broken(const struct gate *gate, const char *trouble)
{
	return json_object_get(gate_table(gate, "broken"), trouble) != NULL;
}

bool
gate_strikes(struct gate *gate, const char *trouble, const char *app)
{
	json_t *entry = json_object_get(gate_table(gate, "broken"), trouble);
	const char *only = tree_text(entry, "app");
	json_int_t left = tree_int(entry, "left");
	if (entry == NULL || (app != NULL && only[0] != '\0' && strcasecmp(only, app) != 0))
		return false;
	if (left == 1)
		json_object_del(gate_table(gate, "broken"), trouble);
	else if (left > 0)
		json_object_set_new(entry, "left", json_integer(left - 1));
	return true;
}

bool
gate_is_trouble(const char *name)
{
	for (size_t i = 0; i < n_gate_troubles; i++)
		if (strcmp(gate_troubles[i].name, name) == 0)
			return true;
	return false;
}

bool
gate_break(struct gate *gate, const char *name, const char *app, unsigned count)
{
	if (!gate_is_trouble(name))
		return false;
	if (strcmp(name, "gate-signed-off") == 0)
		json_object_clear(gate_table(gate, "sessions"));
	else
		json_object_set_new(gate_table(gate, "broken"), name,
		                    json_pack("{s:s, s:i}", "app", app != NULL ? app : "", "left", count > 0 ? (int)count : -1));
	return true;
}

void
gate_heal(struct gate *gate, const char *name)
{
	if (name != NULL)
		json_object_del(gate_table(gate, "broken"), name);
	else
		json_object_clear(gate_table(gate, "broken"));
	gate_wake(gate);
}

void
gate_list_broken(const struct gate *gate, json_t *list)
{
	const char *name;
	json_t *entry;
	json_object_foreach (gate_table(gate, "broken"), name, entry)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "cause", name, "namespace", "", "app",
		                                      tree_text(entry, "app")));
}

/* ---- time ---- */

static void
step(struct loop_timer *timer)
{
	struct gate *gate = timer->data;
	int64_t now_ms = clock_wall_ms(), next_ms = trigger_step(gate, now_ms);
	const char *id;
	json_t *execution;
	json_object_foreach (gate_table(gate, "executions"), id, execution) {
		int64_t due_ms = execution_step(gate, execution, now_ms);
		next_ms = due_ms < next_ms ? due_ms : next_ms;
	}
	if (next_ms != INT64_MAX)
		loop_timer_set(gate->options.loop, timer, next_ms > now_ms ? next_ms - now_ms : 1);
}

void
gate_wake(struct gate *gate)
{
	loop_timer_set(gate->options.loop, &gate->timer, 0);
}

/* ---- life, state ---- */

json_t *
gate_table(const struct gate *gate, const char *name)
{
	return json_object_get(gate->state, name);
}

/* What ran long ago, started by one that was started by one that … */
static json_t *
nested_sample(void)
{
	enum { GENERATIONS = 60 };
	json_t *execution = json_loads(execution_sample, 0, NULL);
	for (int i = 0; i < GENERATIONS; i++) {
		json_t *parent = tree_get(execution, "trigger.parentExecution"), *copy = json_deep_copy(parent);
		tree_set(parent, "trigger.parentExecution", copy);
	}
	return execution;
}

static void
seed(struct gate *gate)
{
	config_put_application(gate, json_pack("{s:s, s:s, s:s}", "name", "checkout", "email", "payments@sandbox.example",
	                                       "cloudProviders", "kubernetes"));
	for (size_t i = 0; i < n_config_samples; i++)
		config_put(gate, json_loads(config_samples[i], 0, NULL), "sandbox");
	execution_keep(gate, nested_sample());
}

static void
begin(struct gate *gate)
{
	gate->state = json_pack("{s:{}, s:{}, s:{}, s:{}, s:{}, s:[], s:{}, s:{}}", "applications", "configs", "histories",
	                        "executions", "due", "starting", "sessions", "broken");
	if (!gate->options.is_empty)
		seed(gate);
}

struct gate *
gate_new(const struct gate_options *options)
{
	struct gate *gate = calloc(1, sizeof *gate);
	if (gate == NULL || sodium_init() < 0)
		abort();
	gate->options = *options;
	gate->timer = (struct loop_timer){.fire = step, .data = gate};
	begin(gate);
	return gate;
}

void
gate_free(struct gate *gate)
{
	if (gate == NULL)
		return;
	loop_timer_cancel(gate->options.loop, &gate->timer);
	json_decref(gate->state);
	free(gate->issuer);
	free(gate);
}

void
gate_set_issuer(struct gate *gate, const char *issuer)
{
	free(gate->issuer);
	gate->issuer = strdup(issuer);
	if (gate->issuer == NULL)
		abort();
}

json_t *
gate_snapshot(const struct gate *gate)
{
	return json_deep_copy(gate->state);
}

static bool
is_like(const json_t *a, const json_t *b)
{
	return a != NULL && json_typeof(a) == json_typeof(b);
}

bool
gate_restore(struct gate *gate, const json_t *snapshot)
{
	const char *name;
	json_t *table;
	json_object_foreach (gate->state, name, table)
		if (snapshot != NULL && !is_like(json_object_get(snapshot, name), table))
			return false;
	json_decref(gate->state);
	if (snapshot != NULL)
		gate->state = json_deep_copy(snapshot);
	else
		begin(gate);
	/* Its times are those of another clock, perhaps: whatever was due is due now. */
	json_object_clear(gate_table(gate, "due"));
	gate_wake(gate);
	return true;
}

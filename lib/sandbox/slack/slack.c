#include "sandbox/slack/slack.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "sandbox/slack/parts.h"

enum { FORM_BYTES_MAX = 256 * 1024 };
#define ROOT "/api/"

/* ---- answers ---- */

void
slack_answer(struct slack_call *call, json_t *body)
{
	json_object_set_new(body, "ok", json_boolean(json_object_get(body, "error") == NULL));
	if (call->warning != NULL) {
		json_t *more = json_pack("{s:s, s:{s:[s]}}", "warning", call->warning, "response_metadata", "warnings",
		                         call->warning);
		json_object_update_recursive(body, more);
		json_decref(more);
	}
	web_add_header(call->request, "X-OAuth-Scopes", "chat:write,channels:history,channels:read,users:read.email");
	web_respond_json(call->request, 200, body);
}

void
slack_fail(struct slack_call *call, const char *error)
{
	slack_answer(call, json_pack("{s:s}", "error", error));
}

/* ---- parameters ---- */

const char *
slack_param(const struct slack_call *call, const char *name)
{
	const char *text = call->body != NULL ? json_string_value(json_object_get(call->body, name))
	                                      : web_form_value(&call->form, name);
	return text != NULL && text[0] != '\0' ? text : NULL;
}

/* ---- routes ---- */

/* False, and answered, when the body is none that it reads. */
static bool
read_params(struct slack_call *call)
{
	const struct web_request *request = call->request;
	const char *type = web_header(request, "Content-Type"), *query = strchr(request->target, '?');
	if (strcmp(request->method, "POST") == 0 && type != NULL && strncasecmp(type, "application/json", 16) == 0) {
		call->body = json_loadb(request->body, request->body_length, 0, NULL);
		if (strcasestr(type, "charset") == NULL)
			call->warning = "missing_charset";
		if (!json_is_object(call->body)) {
			slack_fail(call, call->body == NULL ? "invalid_json" : "json_not_object");
			return false;
		}
		return true;
	}
	bool is_form = strcmp(request->method, "POST") == 0 && request->body_length > 0;
	const char *bytes = is_form ? request->body : query != NULL ? query + 1 : "";
	size_t length = is_form ? request->body_length : strlen(bytes);
	if (length <= FORM_BYTES_MAX && web_form_read(bytes, length, call->arena, &call->form))
		return true;
	slack_fail(call, "invalid_form_data");
	return false;
}

/* What is wrong with the token; NULL when it is the bot's. */
static const char *
fault_of_token(const struct slack_call *call)
{
	const char *header = web_header(call->request, "Authorization"), *own = call->slack->options.token;
	bool is_bearer = header != NULL && strncasecmp(header, "Bearer ", 7) == 0;
	const char *token = is_bearer ? header + 7 : call->body == NULL ? slack_param(call, "token") : NULL;
	if (token == NULL)
		return "not_authed";
	if (strlen(token) != strlen(own) || sodium_memcmp(token, own, strlen(own)) != 0)
		return "invalid_auth";
	return json_is_true(json_object_get(call->slack->state, "is_revoked")) ? "token_revoked" : NULL;
}

static void
run_method(struct slack_call *call)
{
	const char *fault = fault_of_token(call);
	for (size_t i = 0; i < slack_n_methods; i++) {
		if (strcmp(slack_methods[i].name, call->method) != 0)
			continue;
		if (fault != NULL)
			slack_fail(call, fault);
		else
			slack_methods[i].run(call);
		return;
	}
	slack_answer(call, json_pack("{s:s, s:s}", "error", "unknown_method", "req_method", call->method));
}

void
slack_handle(struct slack *slack, struct web_request *request)
{
	struct slack_call call = {.slack = slack, .request = request, .arena = request->arena};
	if (strncmp(request->path, ROOT, strlen(ROOT)) != 0) {
		web_add_header(request, "Content-Type", "text/html");
		web_respond(request, 404, "<!DOCTYPE html><title>There's been a glitch</title>\n", 52);
		return;
	}
	call.method = request->path + strlen(ROOT);
	if (read_params(&call))
		run_method(&call);
	json_decref(call.body);
}

/* ---- life, state ---- */

static json_t *
new_state(void)
{
	return json_pack("{s:{}, s:i}", "messages", "last_us", 0);
}

struct slack *
slack_new(const struct slack_options *options)
{
	struct slack *slack = calloc(1, sizeof *slack);
	if (slack == NULL || sodium_init() < 0)
		abort();
	*slack = (struct slack){.options = *options, .state = new_state()};
	return slack;
}

void
slack_free(struct slack *slack)
{
	if (slack == NULL)
		return;
	json_decref(slack->state);
	free(slack);
}

json_t *
slack_snapshot(const struct slack *slack)
{
	return json_deep_copy(slack->state);
}

bool
slack_restore(struct slack *slack, const json_t *snapshot)
{
	if (snapshot != NULL && !json_is_object(json_object_get(snapshot, "messages")))
		return false;
	json_decref(slack->state);
	slack->state = snapshot != NULL ? json_deep_copy(snapshot) : new_state();
	return true;
}

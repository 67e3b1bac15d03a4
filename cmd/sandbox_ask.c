/* Where the sandbox is, and asking the one that runs there. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/secret.h"
#include "cmd/sandbox.h"
#include "net/http.h"
#include "sandbox/files.h"

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

bool
sandbox_not_running(const char *folder, struct error *err)
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
	                         : sandbox_not_running(folder, err)) &&
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
		.origin = sandbox_origin(&connection, SERVER_KUBERNETES, session->arena)};
	struct http_request request = {
		.method = method, .endpoint = &endpoint, .body = text, .body_length = text != NULL ? strlen(text) : 0,
		.url = arena_printf(session->arena, "%s/-/sandbox/%s", endpoint.origin, name)};
	bool is_answered = http_send(session->http, &request, session->arena, &response, err);
	free(text);
	if (!is_answered && kill((pid_t)connection.pid, 0) != 0)
		return sandbox_not_running(folder, err);
	return is_answered && read_answer(&response, ret, err);
}

/* `paas api SYSTEM [METHOD] PATH`: a raw authenticated request, below all comfort. */
#include <string.h>

#include "api/kubernetes/client.h"
#include "api/oci/registry.h"
#include "base/file.h"
#include "cmd/command.h"
#include "cmd/session.h"
#include "data/platform.h"
#include "net/http.h"
#include "role/artifacts.h"
#include "role/cluster.h"
#include "role/raw_request.h"
#include "ui/output.h"

enum { DATA_MAX = 16 * 1024 * 1024, HEADERS_MAX = 32, READ_WAIT_MS = 150 * 1000 };

static const char *system_name, *environment_name, *context, *data;
static struct text_list words, header_lines;

/* ---- what is asked for ---- */

struct request {
	const char *method, *path;
	struct http_header headers[HEADERS_MAX];
	size_t n_headers;
	const char *body; /* NULL: none */
	size_t length;
};

static bool
read_words(struct request *request, struct error *err)
{
	if (words.count < 1 || words.count > 2)
		return error_set(err, ERROR_USAGE, "expected: paas api %s [METHOD] PATH", system_name);
	request->path = words.items[words.count - 1];
	request->method = words.count == 2 ? words.items[0] : request->body != NULL ? "POST" : "GET";
	if (request->method[strspn(request->method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] != '\0')
		return error_set(err, ERROR_USAGE, "\"%s\" is no HTTP method such as GET or PATCH", request->method);
	if (request->path[0] != '/')
		return error_set(err, ERROR_USAGE, "the path must begin with \"/\": %s", request->path);
	for (const char *c = request->path; *c != '\0'; c++) {
		if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '#')
			return error_set(err, ERROR_USAGE, "the path must be percent-encoded: %s", request->path);
	}
	return true;
}

/* Credentials are ours to send: a header that carries one would go past the binding to the origin. */
static bool
is_reserved(const char *name)
{
	return strcasecmp(name, "authorization") == 0 || strcasecmp(name, "cookie") == 0 ||
	       strcasecmp(name, "host") == 0;
}

static bool
read_header(const char *line, struct arena *arena, struct http_header *ret, struct error *err)
{
	size_t length = strcspn(line, ":");
	const char *value = line + length + (line[length] == ':');
	if (line[length] == '\0' || length == 0 || strpbrk(line, "\r\n") != NULL)
		return error_set(err, ERROR_USAGE, "a header is \"Name: value\", not \"%s\"", line);
	ret->name = arena_strndup(arena, line, length);
	ret->value = value + strspn(value, " \t");
	if (is_reserved(ret->name))
		return error_set(err, ERROR_USAGE, "the header %s is sent by paas itself", ret->name);
	return true;
}

static bool
read_headers(struct request *request, struct arena *arena, struct error *err)
{
	if (header_lines.count > HEADERS_MAX)
		return error_set(err, ERROR_USAGE, "more than %d headers", HEADERS_MAX);
	for (size_t i = 0; i < header_lines.count; i++) {
		if (!read_header(header_lines.items[i], arena, &request->headers[i], err))
			return false;
	}
	request->n_headers = header_lines.count;
	return true;
}

/* "-" is standard input, "@file" a file, anything else the body itself. */
static bool
read_data(struct request *request, struct arena *arena, struct error *err)
{
	char *bytes;
	if (data == NULL)
		return true;
	request->body = data;
	request->length = strlen(data);
	if (data[0] != '@' && strcmp(data, "-") != 0)
		return true;
	if (!file_read(data[0] == '@' ? data + 1 : data, DATA_MAX, arena, &bytes, &request->length, err))
		return error_doing(err, "reading the body");
	request->body = bytes;
	return true;
}

/* ---- kubernetes ---- */

static bool
open_cluster(struct session *session, struct cluster **ret, struct error *err)
{
	const struct platform_environment *environment;
	if (context != NULL && environment_name != NULL)
		return error_set(err, ERROR_USAGE, "--env and --context both choose a cluster; give one");
	if (context == NULL && !session_try_platform(session, err))
		return false;
	if (environment_name != NULL && session->platform == NULL)
		return error_set(err, ERROR_NOT_FOUND, "there is no platform file that could name environment \"%s\"",
		                 environment_name);
	if (session->platform == NULL)
		return cluster_open_context(session->http, context, session->arena, ret, err);
	if (!platform_environment(session->platform, environment_name, &environment, err))
		return false;
	return cluster_open(session->http, environment->cluster, session->arena, ret, err);
}

static void
warn(void *out, const char *text)
{
	output_warn(out, "the server says: %s", text);
}

/* Passes the body on as it comes. */
static bool
print_stream(struct session *session, struct http_stream *stream, struct error *err)
{
	const char *bytes;
	size_t length;
	for (;;) {
		if (!http_stream_read(stream, READ_WAIT_MS, &bytes, &length, err))
			return false;
		if (bytes == NULL)
			return error_set(err, ERROR_UNREACHABLE, "nothing came for %d s", READ_WAIT_MS / 1000);
		if (length == 0)
			return true;
		output_print_document(session->out, bytes, length);
		output_flush(session->out);
		if (output_is_closed(session->out))
			return true;
	}
}

static bool
send_to_cluster(struct session *session, const struct request *request, struct cluster *cluster,
                struct error *err)
{
	struct http_stream *stream = NULL;
	struct http_response head;
	struct kubernetes_call call = {
		.method = request->method, .path = request->path, .headers = request->headers,
		.n_headers = request->n_headers, .body = request->body, .length = request->length,
		.is_stream = true, .raw_status = true,
	};
	kubernetes_on_warning(cluster->kubernetes, warn, session->out);
	if (!kubernetes_call_open(cluster->kubernetes, &call, session->arena, &head, &stream, err))
		return false;
	if (head.length > 0)
		output_print_document(session->out, head.body, head.length);
	bool is_whole = stream == NULL || print_stream(session, stream, err);
	http_stream_close(stream);
	if (is_whole && head.status >= 300)
		kubernetes_put_status(cluster->kubernetes, &call, &head, session->arena, err);
	return is_whole && head.status < 300;
}

static bool
send_kubernetes(struct session *session, const struct request *request, struct error *err)
{
	scoped(cluster_close) struct cluster *cluster = NULL;
	return open_cluster(session, &cluster, err) && send_to_cluster(session, request, cluster, err);
}

/* ---- artifacts ---- */

static const struct outcome {
	int from, to;
	enum error_code code;
} outcomes[] = {
	{401, 401, ERROR_NOT_LOGGED_IN}, {403, 403, ERROR_FORBIDDEN}, {404, 404, ERROR_NOT_FOUND},
	{409, 409, ERROR_CONFLICT}, {429, 429, ERROR_RATE_LIMITED}, {500, 599, ERROR_UNREACHABLE},
};

static enum error_code
outcome_of(int status)
{
	for (size_t i = 0; i < array_length(outcomes); i++) {
		if (status >= outcomes[i].from && status <= outcomes[i].to)
			return outcomes[i].code;
	}
	return ERROR_BAD_ANSWER;
}

static bool
send_artifacts(struct session *session, const struct request *request, struct error *err)
{
	scoped(artifacts_close) struct artifacts *artifacts = NULL;
	struct http_response answer;
	struct oci_raw_request raw = {
		.method = request->method, .path = request->path, .headers = request->headers,
		.n_headers = request->n_headers, .body = request->body, .length = request->length,
	};
	if (environment_name != NULL || context != NULL)
		return error_set(err, ERROR_USAGE, "--env and --context choose a cluster; there is one registry");
	if (!session_try_platform(session, err))
		return false;
	if (session->platform == NULL)
		return error_set(err, ERROR_NOT_FOUND, "there is no platform file that could name a registry");
	if (!artifacts_open(session->http, session->platform, session->arena, &artifacts, err) ||
	    !artifacts_request(artifacts, &raw, session->arena, &answer, err))
		return false;
	output_print_document(session->out, answer.body, answer.length);
	if (answer.status < 300)
		return true;
	error_put(err, outcome_of(answer.status), "%s %s: HTTP %d", request->method, request->path, answer.status);
	if (answer.status == 429)
		error_put_next(err, "wait some minutes; requests with credentials have a higher limit");
	return error_from(err, "registry", request->path, answer.url);
}

/* ---- all others ---- */

static bool
find_system(struct session *session, const struct system **ret, struct error *err)
{
	struct system *systems = arena_array(session->arena, struct system, SYSTEMS_MAX);
	if (!session_try_platform(session, err))
		return false;
	if (session->platform == NULL)
		return error_set(err, ERROR_NOT_FOUND, "there is no platform file that could name %s", system_name);
	return systems_find(systems, systems_of_platform(session->platform, session->arena, systems), system_name, ret, err);
}

/* A redirect of Gate's is to its log-in page; elsewhere it is an answer that names another place. */
static bool
refuse(const struct system *system, const struct request *request, const struct http_response *answer, struct error *err)
{
	const char *location = http_header_value(answer, "location");
	bool is_redirect = answer->status < 400, is_gate = strcmp(system->credential.provider, "spinnaker") == 0;
	error_put(err, !is_redirect ? outcome_of(answer->status) : is_gate ? ERROR_NOT_LOGGED_IN : ERROR_FAILED, "%s %s: HTTP %d%s%s",
	          request->method, request->path, answer->status, is_redirect && location != NULL ? ", to " : "",
	          is_redirect && location != NULL ? location : "");
	if (answer->status == 401 || (is_redirect && is_gate))
		error_put_next(err, "paas login %s", system->name);
	if (is_gate && strstr(answer->body, "(status: RUNNING)") != NULL)
		error_put_next(err, "Gate only stopped waiting, it may be saved all the same: read it back before you save it again");
	return error_from(err, system->name, request->path, answer->url);
}

/* Of Gate it means two things. */
static void
say_empty(const struct session *session, const struct system *system, const struct request *request,
          const struct http_response *answer)
{
	const char *meaning = "";
	if (strcmp(system->credential.provider, "spinnaker") == 0)
		meaning = strcmp(request->method, "GET") == 0 ? ": there is none, or a service behind Gate failed"
		                                              : ": Gate took it; read it back to see what became of it";
	output_note(session->out, "HTTP %d without a word%s\n", answer->status, meaning);
}

static bool
send_other(struct session *session, const struct request *request, struct error *err)
{
	const struct system *system;
	struct http_response answer;
	const struct raw_request raw = {
		.method = request->method, .path = request->path, .headers = request->headers, .n_headers = request->n_headers,
		.body = request->body, .length = request->length,
	};
	if (environment_name != NULL || context != NULL)
		return error_set(err, ERROR_USAGE, "--env and --context choose a cluster, and %s is none", system_name);
	if (!find_system(session, &system, err) || !raw_request_send(session->http, system, &raw, session->arena, &answer, err))
		return false;
	if (answer.length == 0 && answer.status < 300)
		say_empty(session, system, request, &answer);
	output_print_document(session->out, answer.body, answer.length);
	return answer.status < 300 || refuse(system, request, &answer, err);
}

/* ---- the systems ---- */

static const struct {
	const char *name;
	bool (*send)(struct session *session, const struct request *request, struct error *err);
} own_ways[] = {
	{"kubernetes", send_kubernetes},
	{"artifacts", send_artifacts},
	{"oci", send_artifacts},
};

static bool
run(struct session *session, struct error *err)
{
	struct request request = {0};
	if (!read_data(&request, session->arena, err) || !read_words(&request, err) ||
	    !read_headers(&request, session->arena, err))
		return false;
	for (size_t i = 0; i < array_length(own_ways); i++) {
		if (strcmp(system_name, own_ways[i].name) == 0)
			return own_ways[i].send(session, &request, err);
	}
	return send_other(session, &request, err);
}

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "SYSTEM", .text = &system_name, .complete = "api",
	 .help = "kubernetes, artifacts, or another system of the platform file by role or provider", .is_required = true},
	{.kind = OPTION_ARGS, .name = "REQUEST", .list = &words, .is_required = true,
	 .help = "[METHOD] PATH; without a method GET, or POST with --data"},
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "NAME", .text = &environment_name,
	 .help = "the cluster of this environment", .complete = "environment"},
	{.kind = OPTION_TEXT, .name = "context", .value = "NAME", .text = &context,
	 .help = "the cluster of this kubeconfig context", .complete = "context"},
	{.kind = OPTION_TEXT, .letter = 'd', .name = "data", .value = "@FILE|-|TEXT", .text = &data,
	 .help = "the body of the request"},
	{.kind = OPTION_LIST, .letter = 'H', .name = "header", .value = "NAME: VALUE", .list = &header_lines,
	 .help = "a header to add, such as Content-Type"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas api kubernetes /version", "which version the cluster of the first environment runs"},
	{"paas api kubernetes '/api/v1/pods?limit=5' --env pro", "five pods of another environment's cluster"},
	{"paas api kubernetes DELETE /api/v1/namespaces/payments-dev/pods/web-1", "any method"},
	{"paas api artifacts /v2/payments/checkout/tags/list", "the tags of an image"},
	{"paas api cd /applications/checkout/pipelineConfigs", "what Spinnaker has of an application"},
	{"paas api scm /rate_limit", "how often GitHub may still be asked"},
	{NULL, NULL},
};

static const char *const see_also[] = {"paas-doctor(1)", "platform.yml(5)", NULL};

const struct command command_api = {
	.name = "api",
	.group = GROUP_FIX,
	.summary = "Send a raw authenticated request to a system",
	.description =
		"Sends one HTTP request to a system of the platform file, with the credential that paas itself "
		"would use, and prints the body of the answer as it arrives.\n\n"
		"An answer of 300 and more is printed too; the exit status then is that of the error: 4 for 401 "
		"and 403, 5 for 404, 6 for 409, 7 for what the system could not do. One "
		"that is empty is said to be so on standard error, and what Gate means by it.\n\n"
		"The cluster is that of --env or --context; without either that of the first environment, and "
		"without a platform file that of the current kubeconfig context. Of the registry (artifacts), "
		"credentials come from $PAAS_TOKEN_ARTIFACTS: \"user:password\" or a token. Any other system of the platform file is named by its "
		"role (scm, ci, cd, chat and so on) or its provider; the path is below its address, the credential is the one of paas whoami, and "
		"redirects are not followed; Gate's to its log-in page is exit status 4.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_SETTINGS,
	.stops_unread = true,
	.run = run,
};

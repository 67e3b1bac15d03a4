#include "api/kubernetes/call.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/kubernetes/access.h"
#include "api/kubernetes/exec_plugin.h"
#include "api/kubernetes/status.h"
#include "base/clock.h"
#include "base/fiber.h"

enum { TOKEN_FILE_FRESH_MS = 50 * 1000, SOURCE_FRESH_MS = 30 * 1000 };

/* The headers of a watch or log come at once; then it may be silent as long as bookmarks may. */
static const struct http_policy stream_policy = {
	.tries = 1, .connect_ms = 5000, .idle_ms = 150 * 1000, .total_ms = 30 * 1000,
};

/* ---- life ---- */

static bool
is_https(const struct kubernetes_access *access)
{
	return strncasecmp(access->server, "https://", 8) == 0;
}

/* Names are resolved on a socks proxy, as kubectl does; curl calls that socks5h. */
static const char *
proxy_of(const struct kubernetes_access *access, struct arena *arena)
{
	if (access->proxy == NULL || strncasecmp(access->proxy, "socks5://", 9) != 0)
		return access->proxy;
	return arena_printf(arena, "socks5h%s", access->proxy + strlen("socks5"));
}

bool
kubernetes_open(struct http *http, const char *name, const struct kubernetes_access *access,
                struct arena *arena, struct kubernetes **ret, struct error *err)
{
	struct kubernetes *kubernetes = arena_new(arena, struct kubernetes);
	bool is_safe = is_https(access); /* a plain http server gets no credential, as from kubectl */
	*kubernetes = (struct kubernetes){
		.http = http, .access = access, .arena = arena,
		.name = arena_printf(arena, "kubernetes %s", name),
		.token_read_ms = clock_monotonic_ms(),
		.endpoint = {
			.bearer = is_safe ? access->token : NULL,
			.username = is_safe ? access->username : NULL,
			.password = is_safe ? access->password : NULL,
			.ca_pem = access->ca_pem,
			.client_certificate_pem = access->client_certificate_pem,
			.client_key_pem = access->client_key_pem,
			.tls_server_name = access->tls_server_name,
			.insecure_skip_tls_verify = access->insecure_skip_tls_verify,
			.proxy = proxy_of(access, arena),
			.no_compression = access->no_compression,
		},
	};
	kubernetes->endpoint.system = kubernetes->name;
	if (!http_origin_of(access->server, arena, &kubernetes->endpoint.origin, err))
		return false;
	*ret = kubernetes;
	return true;
}

void
kubernetes_close(struct kubernetes *kubernetes)
{
	if (kubernetes == NULL)
		return;
	for (size_t i = 0; i < kubernetes->n_retired; i++)
		secret_free(kubernetes->retired[i]);
	free(kubernetes->retired);
	secret_release(&kubernetes->token);
}

const char *
kubernetes_default_namespace(const struct kubernetes *kubernetes)
{
	return kubernetes->access->namespace;
}

const char *
kubernetes_server(const struct kubernetes *kubernetes)
{
	return kubernetes->access->server;
}

int64_t
kubernetes_server_time_ms(const struct kubernetes *kubernetes)
{
	return kubernetes->server_time_ms;
}

void
kubernetes_on_warning(struct kubernetes *kubernetes, void (*told)(void *data, const char *text), void *data)
{
	kubernetes->warn = told;
	kubernetes->warn_data = data;
}

/* ---- credentials ---- */

static void
retire_token(struct kubernetes *kubernetes)
{
	if (kubernetes->token == NULL)
		return;
	kubernetes->retired = realloc(kubernetes->retired,
	                              (kubernetes->n_retired + 1) * sizeof *kubernetes->retired);
	if (kubernetes->retired == NULL)
		abort();
	kubernetes->retired[kubernetes->n_retired++] = take(kubernetes->token);
}

/* Reads the token file again; a file that cannot be read leaves the last good token. True when
 * the token is another one now. */
static bool
reread_token(struct kubernetes *kubernetes)
{
	struct secret *fresh = NULL;
	struct error ignored;
	kubernetes->token_read_ms = clock_monotonic_ms();
	if (!kubernetes_read_token_file(kubernetes->access->token_file, &fresh, &ignored))
		return false;
	if (kubernetes->endpoint.bearer != NULL && secret_equals(kubernetes->endpoint.bearer, fresh)) {
		secret_free(fresh);
		return false;
	}
	retire_token(kubernetes);
	kubernetes->token = fresh;
	kubernetes->endpoint.bearer = fresh;
	return true;
}

static bool
run_plugin(struct kubernetes *kubernetes, const struct exec_credential *refused, struct error *err)
{
	if (!exec_plugin_get(fiber_loop(fiber_current()), kubernetes->access, refused, &kubernetes->exec, err))
		return error_doing(err, "logging in to %s", kubernetes->name);
	kubernetes->endpoint.bearer = kubernetes->exec->token;
	kubernetes->endpoint.client_certificate_pem = kubernetes->exec->client_certificate_pem;
	kubernetes->endpoint.client_key_pem = kubernetes->exec->client_key_pem;
	return true;
}

static bool
ask_source(struct kubernetes *kubernetes, const struct secret *refused, struct error *err)
{
	const struct kubernetes_token_source *source = kubernetes->access->source;
	struct secret *fresh = NULL;
	int64_t expires_at_ms = 0;
	if (!source->get(source->data, refused, kubernetes->arena, &fresh, &expires_at_ms, err))
		return error_doing(err, "logging in to %s", kubernetes->name);
	retire_token(kubernetes);
	kubernetes->token = fresh;
	kubernetes->token_expires_at_ms = expires_at_ms;
	kubernetes->endpoint.bearer = fresh;
	return true;
}

static bool
is_source_fresh(const struct kubernetes *kubernetes)
{
	return kubernetes->token != NULL && (kubernetes->token_expires_at_ms == 0 ||
	                                     kubernetes->token_expires_at_ms - clock_wall_ms() > SOURCE_FRESH_MS);
}

/* Before each request: what has grown old is fetched again. */
static bool
refresh(struct kubernetes *kubernetes, struct error *err)
{
	const struct kubernetes_access *access = kubernetes->access;
	if (!is_https(access))
		return true; /* no credential will be sent */
	if (access->exec != NULL)
		return run_plugin(kubernetes, NULL, err);
	if (access->source != NULL)
		return is_source_fresh(kubernetes) || ask_source(kubernetes, NULL, err);
	if (access->token_file != NULL &&
	    clock_monotonic_ms() - kubernetes->token_read_ms >= TOKEN_FILE_FRESH_MS)
		reread_token(kubernetes);
	return true;
}

/* After a 401: is there another credential to try? */
static bool
renew(struct kubernetes *kubernetes, const struct exec_credential *refused, struct error *err)
{
	const struct kubernetes_access *access = kubernetes->access;
	if (access->exec != NULL && is_https(access))
		return run_plugin(kubernetes, refused, err);
	if (access->source != NULL && is_https(access))
		return kubernetes->token != NULL && ask_source(kubernetes, kubernetes->token, err);
	return access->token_file != NULL && reread_token(kubernetes);
}

/* ---- what is sent ---- */

static bool
has_header(const struct kubernetes_call *call, const char *name)
{
	for (size_t i = 0; i < call->n_headers; i++) {
		if (strcasecmp(call->headers[i].name, name) == 0)
			return true;
	}
	return false;
}

static void
build_headers(const struct kubernetes *kubernetes, const struct kubernetes_call *call,
              struct http_request *request, struct arena *arena)
{
	const struct kubernetes_impersonation *as = &kubernetes->access->impersonation;
	struct http_header *headers = arena_array(arena, struct http_header, call->n_headers + as->count + 2);
	size_t n = 0;
	for (; n < call->n_headers; n++)
		headers[n] = call->headers[n];
	if (!has_header(call, "accept"))
		headers[n++] = (struct http_header){"Accept", "application/json"};
	if (call->body != NULL && !has_header(call, "content-type"))
		headers[n++] = (struct http_header){"Content-Type", "application/json"};
	for (size_t i = 0; i < as->count && is_https(kubernetes->access); i++)
		headers[n++] = (struct http_header){as->names[i], as->values[i]};
	request->headers = headers;
	request->n_headers = n;
}

static struct http_request
build_request(const struct kubernetes *kubernetes, const struct kubernetes_call *call, struct arena *arena)
{
	struct http_request request = {
		.method = call->method,
		.url = arena_printf(arena, "%s%s", kubernetes->access->server, call->path),
		.endpoint = &kubernetes->endpoint,
		.body = call->body,
		.body_length = call->length,
		.secret_body = call->secret_body,
		.is_private = call->is_private,
		.policy = call->is_stream ? &stream_policy : NULL,
		.max_bytes = call->max_bytes != 0 ? call->max_bytes : KUBERNETES_ANSWER_MAX,
		.is_idempotent = call->is_idempotent,
		.peer = call->peer,
		.http1_only = call->is_alone,
		.is_endless = call->is_stream,
		.max_waiting = call->max_waiting,
	};
	build_headers(kubernetes, call, &request, arena);
	return request;
}

/* ---- what comes back ---- */

static void
tell_warning(struct kubernetes *kubernetes, const char *text)
{
	for (size_t i = 0; i < kubernetes->n_warnings; i++) {
		if (strcmp(kubernetes->warnings[i], text) == 0)
			return;
	}
	if (kubernetes->n_warnings == KUBERNETES_WARNINGS_MAX)
		return;
	const char *kept = arena_strdup(kubernetes->arena, text);
	kubernetes->warnings[kubernetes->n_warnings++] = kept;
	kubernetes->warn(kubernetes->warn_data, kept);
}

/* 299 agent "text" [, 299 agent "text"]: RFC 7234 5.5, quoted-string with backslash escapes. */
static void
read_warnings(struct kubernetes *kubernetes, const char *value, struct arena *arena)
{
	while ((value = strchr(value, '"')) != NULL) {
		char *text = arena_alloc(arena, strlen(value) + 1);
		size_t n = 0;
		for (value++; *value != '\0' && *value != '"'; value++) {
			if (*value == '\\' && value[1] != '\0')
				value++;
			text[n++] = *value;
		}
		if (n > 0)
			tell_warning(kubernetes, text);
		if (*value == '\0')
			return;
		value++;
	}
}

static void
learn_from(struct kubernetes *kubernetes, const struct http_response *answer, struct arena *arena)
{
	const char *date = http_header_value(answer, "date");
	int64_t time_ms = date == NULL ? -1 : clock_parse_ms(date);
	if (time_ms > 0)
		kubernetes->server_time_ms = time_ms;
	for (size_t i = 0; i < answer->n_headers && kubernetes->warn != NULL; i++) {
		if (strcmp(answer->headers[i].name, "warning") == 0)
			read_warnings(kubernetes, answer->headers[i].value, arena);
	}
}

const char *
kubernetes_call_what(const struct kubernetes_call *call, struct arena *arena)
{
	return arena_printf(arena, "%s %.*s", call->method != NULL ? call->method : "GET",
	                    (int)strcspn(call->path, "?"), call->path);
}

static void
put_source(const struct kubernetes *kubernetes, const struct kubernetes_call *call, struct arena *arena,
           struct error *err)
{
	error_put_source(err, kubernetes->name,
	                 arena_printf(arena, "%.*s", (int)strcspn(call->path, "?"), call->path),
	                 arena_printf(arena, "%s%s", kubernetes->access->server, call->path));
}

void
kubernetes_put_status(struct kubernetes *kubernetes, const struct kubernetes_call *call,
                           const struct http_response *answer, struct arena *arena, struct error *err)
{
	kubernetes_status_put(err, kubernetes_call_what(call, arena), answer->status, answer->body,
	                      answer->length);
	put_source(kubernetes, call, arena, err);
	if (answer->status == 401 || answer->status == 403)
		error_put_next(err, "%s was used: %s; paas doctor tells who that is and what it may",
		               kubernetes->access->origin, kubernetes->access->credential);
}

/* ---- the call ---- */

/* One exchange; with `ret_stream` as a stream. */
static bool
exchange(struct kubernetes *kubernetes, const struct kubernetes_call *call, struct arena *arena,
         struct http_response *ret, struct http_stream **ret_stream, struct error *err)
{
	struct http_request request = build_request(kubernetes, call, arena);
	bool ok = ret_stream == NULL ? http_send(kubernetes->http, &request, arena, ret, err)
	                             : http_stream_open(kubernetes->http, &request, arena, ret, ret_stream, err);
	if (!ok) {
		put_source(kubernetes, call, arena, err);
		return false;
	}
	learn_from(kubernetes, ret, arena);
	return true;
}

static bool
call_server(struct kubernetes *kubernetes, const struct kubernetes_call *call, struct arena *arena,
            struct http_response *ret, struct http_stream **ret_stream, struct error *err)
{
	struct error not_renewed = {0};
	if (!refresh(kubernetes, err))
		return false;
	const struct exec_credential *used = kubernetes->exec;
	if (!exchange(kubernetes, call, arena, ret, ret_stream, err))
		return false;
	bool is_refused = ret->status == 401, is_renewed = is_refused && renew(kubernetes, used, &not_renewed);
	if (is_renewed && !exchange(kubernetes, call, arena, ret, ret_stream, err))
		return false;
	if (ret->status < 300 || call->raw_status)
		return true;
	kubernetes_put_status(kubernetes, call, ret, arena, err);
	if (is_refused && !is_renewed && not_renewed.code != ERROR_NONE)
		*err = not_renewed; /* why there is no other credential says more than the 401 */
	if (ret_stream != NULL && *ret_stream != NULL) {
		http_stream_close(*ret_stream);
		*ret_stream = NULL;
	}
	return false;
}

bool
kubernetes_call_send(struct kubernetes *kubernetes, const struct kubernetes_call *call, struct arena *arena,
                     struct http_response *ret, struct error *err)
{
	return call_server(kubernetes, call, arena, ret, NULL, err);
}

bool
kubernetes_call_open(struct kubernetes *kubernetes, const struct kubernetes_call *call, struct arena *arena,
                     struct http_response *ret_head, struct http_stream **ret, struct error *err)
{
	*ret = NULL;
	return call_server(kubernetes, call, arena, ret_head, ret, err);
}

bool
kubernetes_request(struct kubernetes *kubernetes, const char *method, const char *path,
                   const char *content_type, const char *body, size_t length, bool raw_status,
                   struct arena *arena, struct http_response *ret, struct error *err)
{
	struct http_header type = {"Content-Type", content_type};
	struct kubernetes_call call = {
		.method = method, .path = path, .headers = &type, .n_headers = content_type != NULL,
		.body = body, .length = length, .raw_status = raw_status,
	};
	return kubernetes_call_send(kubernetes, &call, arena, ret, err);
}

bool
kubernetes_parse_object(const struct kubernetes *kubernetes, const struct kubernetes_call *call,
                        const struct http_response *answer, const char *kind, json_t **ret,
                        struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	json_error_t problem;
	scoped(json_decrefp) json_t *object = json_loadb(answer->body, answer->length, 0, &problem);
	const char *got = json_string_value(json_object_get(object, "kind"));
	if (got != NULL && strcmp(got, kind) == 0) {
		*ret = take(object);
		return true;
	}
	error_put(err, ERROR_BAD_ANSWER, "%s: the answer is no %s (%s)",
	          kubernetes_call_what(call, &scratch), kind,
	          object == NULL ? problem.text : got != NULL ? got : "an object without kind");
	err->retryable = true;
	put_source(kubernetes, call, &scratch, err);
	return error_next(err, "look at clusters of the platform file: is %s an API server?", kubernetes->access->server);
}

bool
kubernetes_call_object(struct kubernetes *kubernetes, const struct kubernetes_call *call, const char *kind,
                       json_t **ret, struct error *err)
{
	enum { TRIES = 2 };
	bool may_repeat = call->is_idempotent || call->method == NULL || strcmp(call->method, "GET") == 0;
	for (int try = 1;; try++) {
		scoped(arena_release) struct arena scratch = {0};
		struct http_response answer;
		if (!kubernetes_call_send(kubernetes, call, &scratch, &answer, err))
			return false;
		if (kubernetes_parse_object(kubernetes, call, &answer, kind, ret, err))
			return true;
		if (try == TRIES || !may_repeat)
			return false;
	}
}

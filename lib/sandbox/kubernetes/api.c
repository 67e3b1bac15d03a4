#include "sandbox/kubernetes/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/call.h"
#include "sandbox/kubernetes/protobuf.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/table.h"
#include "sandbox/kubernetes/tree.h"
#include "web/gzip.h"
#include "web/server.h"

enum { GZIP_FROM_BYTES = 128 * 1024, SEGMENTS_MAX = 12 };

/* ---- what a request says ---- */

const char *
call_query(const struct call *call, const char *name)
{
	return call->request != NULL ? web_query(call->request, name) : NULL;
}

bool
call_query_is_true(const struct call *call, const char *name)
{
	const char *value = call_query(call, name);
	return value != NULL && strcmp(value, "false") != 0 && strcmp(value, "0") != 0;
}

const char *
call_field_manager(const struct call *call)
{
	if (call->request == NULL)
		return call->own_manager;
	const char *manager = call_query(call, "fieldManager");
	const char *agent = web_header(call->request, "User-Agent");
	if (manager != NULL && manager[0] != '\0')
		return manager;
	return agent == NULL ? "unknown" : arena_strndup(call->arena, agent, strcspn(agent, "/"));
}

bool
call_is_dry_run(const struct call *call)
{
	const char *value = call_query(call, "dryRun");
	return value != NULL && strcmp(value, "All") == 0;
}

bool
call_serves(const struct call *call, const struct resource *resource)
{
	return !call->api->options.without_fiaas || !resource_is_custom(resource);
}

const json_t *
call_stored(const struct call *call)
{
	return store_get(call->api->options.store, call->resource, call->namespace, call->name);
}

json_t *
call_parse_body(struct call *call)
{
	json_error_t error;
	if (protobuf_is(call->request->body, call->request->body_length)) {
		json_t *decoded = protobuf_decode(call->request->body, call->request->body_length);
		if (decoded == NULL)
			call_fail(call, status_new(415, "UnsupportedMediaType", NULL, NULL,
			                           "the sandbox reads this kind as application/json only"));
		return decoded;
	}
	json_t *body = json_loadb(call->request->body, call->request->body_length,
	                          JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(body) || json_is_array(body))
		return body;
	json_decref(body);
	call_fail(call, status_bad_request("the object provided is unrecognized (must be of type %s): %s",
	                                   call->resource == NULL ? "object" : call->resource->kind,
	                                   error.text));
	return NULL;
}

/* ---- who may do what ---- */

/* Whether one of "verb:plural,verb:plural" fits; "*" fits anything. */
static bool
is_listed(const char *list, const char *verb, const char *plural)
{
	while (list != NULL && list[0] != '\0') {
		size_t length = strcspn(list, ","), verb_length = strcspn(list, ":");
		if (verb_length < length) {
			const char *noun = list + verb_length + 1;
			size_t noun_length = length - verb_length - 1;
			bool fits_verb = list[0] == '*' ||
				(strlen(verb) == verb_length && strncmp(list, verb, verb_length) == 0);
			bool fits_noun = noun[0] == '*' ||
				(strlen(plural) == noun_length && strncmp(noun, plural, noun_length) == 0);
			if (fits_verb && fits_noun)
				return true;
		}
		list += length + (list[length] == ',');
	}
	return false;
}

bool
call_may(const struct call *call, const char *verb, const char *plural)
{
	return !is_listed(call->user->denied, verb, plural) &&
	       !is_listed(call->api->denied, verb, plural);
}

static const struct kubernetes_api_user *
authenticate(struct kubernetes_api *api, const struct web_request *request)
{
	const char *header = web_header(request, "Authorization");
	if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
		return NULL;
	for (size_t i = 0; i < api->options.n_users; i++)
		if (strcmp(api->options.users[i].token, header + 7) == 0)
			return &api->options.users[i];
	struct kubernetes_api_user *user = arena_new(request->arena, struct kubernetes_api_user);
	bool is_known = api->options.authenticate != NULL &&
	                api->options.authenticate(api->options.data, header + 7, request->arena, user);
	return is_known ? user : NULL;
}

/* ---- answers ---- */

static void
respond(struct web_request *request, unsigned code, const char *body, size_t length)
{
	scoped(buf_release) struct buf small = BUF_INIT(length);
	const char *accepted = web_header(request, "Accept-Encoding");
	web_add_header(request, "Content-Type", "application/json");
	web_add_header(request, "Cache-Control", "no-cache, private");
	if (length >= GZIP_FROM_BYTES && accepted != NULL && strstr(accepted, "gzip") != NULL &&
	    gzip_compress(body, length, &small)) {
		web_add_header(request, "Content-Encoding", "gzip");
		web_add_header(request, "Vary", "Accept-Encoding");
		web_respond(request, code, small.bytes, small.length);
	} else {
		web_respond(request, code, body, length);
	}
}

void
call_answer(struct call *call, unsigned code, const json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);
	if (text == NULL)
		abort();
	size_t length = strlen(text);
	text[length] = '\n'; /* takes the place of the NUL: lengths are told */
	respond(call->request, code, text, length + 1);
	free(text);
}

void
call_fail(struct call *call, json_t *status)
{
	char seconds[24];
	if (call->request == NULL) {
		call->own_failure = status;
		return;
	}
	json_int_t retry_after = tree_int(status, "details.retryAfterSeconds");
	if (retry_after > 0) {
		snprintf(seconds, sizeof seconds, "%lld", (long long)retry_after);
		web_add_header(call->request, "Retry-After", seconds);
	}
	call_answer(call, (unsigned)tree_int(status, "code"), status);
	json_decref(status);
}

void
call_warn(struct call *call, const char *text)
{
	scoped(buf_release) struct buf value = BUF_INIT(4096);
	if (call->request == NULL)
		return;
	buf_add_text(&value, "299 - \"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_add_char(&value, '\\');
		buf_add_char(&value, *text);
	}
	buf_add_char(&value, '"');
	web_add_header(call->request, "Warning", value.bytes);
}

json_t *
call_shape_object(const struct call *call, const json_t *object, bool with_columns)
{
	if (call->shape == SHAPE_TABLE) {
		json_t *table = resource_table_new(call->resource, with_columns);
		resource_table_add_row(table, call->resource, object, call_query(call, "includeObject"));
		tree_set(table, "metadata.resourceVersion",
		         json_incref(tree_get(object, "metadata.resourceVersion")));
		return table;
	}
	if (call->shape == SHAPE_METADATA)
		return json_pack("{s:s, s:s, s:O}", "kind", "PartialObjectMetadata", "apiVersion",
		                 "meta.k8s.io/v1", "metadata", tree_get(object, "metadata"));
	return json_incref(tree_loose(object));
}

void
call_answer_object(struct call *call, unsigned code, const json_t *object)
{
	if (call->request == NULL)
		return;
	scoped(tree_release) json_t *shaped = call_shape_object(call, object, true);
	call_answer(call, code, shaped);
}

/* ---- routes ---- */

static size_t
split_path(const char *path, struct arena *arena, const char *segments[static SEGMENTS_MAX])
{
	size_t n = 0;
	while (*path != '\0' && n < SEGMENTS_MAX) {
		size_t length = strcspn(path, "/");
		if (length > 0)
			segments[n++] = arena_strndup(arena, path, length);
		path += length + (path[length] == '/');
	}
	return n;
}

/* /api/v1/…, /apis/GROUP/VERSION/…: [watch/][namespaces/NS/]PLURAL[/NAME[/SUBRESOURCE]]. */
static bool
find_resource(struct call *call)
{
	const char *segments[SEGMENTS_MAX], **rest = segments;
	scoped(tree_release) json_t *path = json_string(call->request->path);
	if (path == NULL) /* no UTF-8, so it names nothing, and no answer could quote it */
		return false;
	size_t n = split_path(call->request->path, call->arena, segments);
	bool is_core = n >= 3 && strcmp(segments[0], "api") == 0;
	if (!is_core && !(n >= 4 && strcmp(segments[0], "apis") == 0))
		return false;
	const char *group = is_core ? "" : segments[1], *version = segments[is_core ? 1 : 2];
	rest += is_core ? 2 : 3;
	n -= is_core ? 2 : 3;
	call->is_watch_path = n > 1 && strcmp(rest[0], "watch") == 0;
	if (call->is_watch_path)
		rest++, n--;
	bool is_inside = n >= 3 && strcmp(rest[0], "namespaces") == 0 &&
	                 strcmp(rest[2], "status") != 0 && strcmp(rest[2], "finalize") != 0;
	if (is_inside) {
		call->namespace = rest[1];
		rest += 2, n -= 2;
	}
	call->resource = resource_find(group, version, rest[0]);
	call->name = n > 1 ? rest[1] : "";
	call->subresource = n > 2 ? rest[2] : "";
	return call->resource != NULL && call_serves(call, call->resource) && n <= 3 && !(is_inside && !call->resource->is_namespaced);
}

static void
find_shape(struct call *call)
{
	const char *accept = web_header(call->request, "Accept");
	const char *table = accept == NULL ? NULL : strstr(accept, "as=Table");
	const char *metadata = accept == NULL ? NULL : strstr(accept, "as=PartialObjectMetadata");
	if (metadata != NULL && (table == NULL || metadata < table))
		call->shape = SHAPE_METADATA;
	else if (table != NULL)
		call->shape = SHAPE_TABLE;
}

/* Rows are tried in order; NULL matches anything, "" nothing there. */
static const struct route {
	const char *method, *verb;
	bool has_name;
	const char *subresource; /* NULL: none, or status where the kind has one */
	const char *kind;        /* NULL: any */
	void (*handle)(struct call *call);
} routes[] = {
	{"GET", "get", true, "log", "Pod", log_handle},
	{"GET", "get", true, "scale", NULL, scale_handle},
	{"PUT", "update", true, "scale", NULL, scale_handle},
	{"PATCH", "patch", true, "scale", NULL, scale_handle},
	{"POST", "create", true, "eviction", "Pod", eviction_handle},
	{"POST", "create", true, "token", "ServiceAccount", token_handle},
	{"POST", "create", true, "exec", "Pod", inside_handle},
	{"GET", "get", true, "exec", "Pod", inside_handle},
	{"POST", "create", true, "attach", "Pod", inside_handle},
	{"GET", "get", true, "attach", "Pod", inside_handle},
	{"POST", "create", true, "portforward", "Pod", inside_handle},
	{"GET", "get", true, "portforward", "Pod", inside_handle},
	{"GET", "list", false, NULL, NULL, list_handle},
	{"GET", "get", true, NULL, NULL, read_handle},
	{"POST", "create", false, NULL, NULL, create_handle},
	{"PUT", "update", true, NULL, NULL, update_handle},
	{"PATCH", "patch", true, NULL, NULL, patch_handle},
	{"DELETE", "delete", true, NULL, NULL, delete_handle},
	{"DELETE", "deletecollection", false, NULL, NULL, delete_collection_handle},
};

static bool
route_fits(const struct route *route, const struct call *call)
{
	bool is_status = call->resource->has_status && strcmp(call->subresource, "status") == 0;
	bool has_subresource = call->subresource[0] != '\0' && !is_status;
	if (strcmp(route->method, call->request->method) != 0 ||
	    route->has_name != (call->name[0] != '\0') ||
	    (route->kind != NULL && strcmp(route->kind, call->resource->kind) != 0))
		return false;
	return route->subresource == NULL ? !has_subresource
	                                  : strcmp(route->subresource, call->subresource) == 0;
}

json_t *
call_forbidden(const struct call *call, const char *verb, const char *noun)
{
	const struct resource *resource = call->resource;
	bool is_inside = call->namespace[0] != '\0';
	return status_new(403, "Forbidden", resource, call->name,
	                  "%s%s%s%s%s%s is forbidden: User \"%s\" cannot %s resource \"%s\" in API group "
	                  "\"%s\" %s%s%s", resource->plural, resource->group[0] == '\0' ? "" : ".",
	                  resource->group, call->name[0] == '\0' ? "" : " \"", call->name,
	                  call->name[0] == '\0' ? "" : "\"", call->user->name, verb, noun,
	                  resource->group, is_inside ? "in the namespace \"" : "at the cluster scope",
	                  call->namespace, is_inside ? "\"" : "");
}

static void
run_route(struct call *call, const struct route *route)
{
	bool is_watch = route->handle == list_handle &&
	                (call->is_watch_path || call_query_is_true(call, "watch"));
	const char *verb = is_watch ? "watch" : route->verb;
	const char *noun = call->subresource[0] == '\0'
		? call->resource->plural
		: arena_printf(call->arena, "%s/%s", call->resource->plural, call->subresource);
	if (!call_may(call, verb, noun))
		call_fail(call, call_forbidden(call, verb, noun));
	else if (is_watch)
		watch_handle(call);
	else
		route->handle(call);
}

static void
handle_resource(struct call *call)
{
	for (size_t i = 0; i < array_length(routes); i++) {
		if (route_fits(&routes[i], call)) {
			run_route(call, &routes[i]);
			return;
		}
	}
	if (call->subresource[0] != '\0')
		call_fail(call, status_no_route());
	else
		call_fail(call, status_new(405, "MethodNotAllowed", call->resource, NULL,
		                           "the server does not allow this method on the requested resource"));
}

void
kubernetes_api_handle(struct kubernetes_api *api, struct web_request *request)
{
	struct call *call = arena_new(request->arena, struct call);
	*call = (struct call){.api = api, .request = request, .arena = request->arena,
	                      .namespace = "", .name = "", .subresource = ""};
	call->user = authenticate(api, request);
	find_shape(call);
	if (discovery_handle(call))
		return;
	if (call->user == NULL)
		call_fail(call, status_unauthorized());
	else if (review_handle(call))
		return;
	else if (find_resource(call))
		handle_resource(call);
	else
		call_fail(call, status_no_route());
}

/* ---- life ---- */

struct kubernetes_api *
kubernetes_api_new(const struct kubernetes_api_options *options)
{
	struct kubernetes_api *api = calloc(1, sizeof *api);
	if (api == NULL)
		abort();
	api->options = *options;
	api->listener = (struct store_listener){.changed = watch_tell, .data = api};
	store_listen(options->store, &api->listener);
	return api;
}

void
kubernetes_api_free(struct kubernetes_api *api)
{
	if (api == NULL)
		return;
	kubernetes_api_end_watches(api);
	store_unlisten(api->options.store, &api->listener);
	free(api->denied);
	free(api);
}

void
kubernetes_api_deny(struct kubernetes_api *api, const char *denied)
{
	free(api->denied);
	api->denied = denied == NULL ? NULL : strdup(denied);
}

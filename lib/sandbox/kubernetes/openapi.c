/* The OpenAPI documents: no schemas, only what clients look for before they write.  kubectl before
 * 1.27 reads version 2, in protobuf (gnostic's OpenAPIv2.proto); later ones version 3.  Both look
 * whether PATCH of the kind takes dryRun (and fieldValidation).  A kind without a schema is not
 * validated by the client. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/call.h"
#include "sandbox/kubernetes/tree.h"
#include "web/server.h"

enum { DOCUMENT_MAX = 256 * 1024, PART_MAX = 4096 };

/* "api/v1" or "apis/apps/v1". */
static const char *
openapi_name(struct call *call, const char *group, const char *version)
{
	return group[0] == '\0' ? arena_printf(call->arena, "api/%s", version)
	                        : arena_printf(call->arena, "apis/%s/%s", group, version);
}

/* ---- version 2 ---- */

/* One length-delimited field of a message. */
static void
add_field(struct buf *message, unsigned number, const void *bytes, size_t length)
{
	size_t left = length;
	buf_add_char(message, (char)(number << 3 | 2));
	for (; left >= 0x80; left >>= 7)
		buf_add_char(message, (char)(left | 0x80));
	buf_add_char(message, (char)left);
	buf_add(message, bytes, length);
}

/* The same, its bytes wrapped in a chain of messages: {numbers[0]: {numbers[1]: … bytes}}. */
static void
add_nested(struct buf *message, const unsigned *numbers, size_t n, const struct buf *bytes)
{
	scoped(buf_release) struct buf inner = BUF_INIT(PART_MAX);
	if (n > 1)
		add_nested(&inner, numbers + 1, n - 1, bytes);
	else
		buf_add(&inner, bytes->bytes, bytes->length);
	add_field(message, numbers[0], inner.bytes, inner.length);
}

static void
add_query_parameter(struct buf *operation, const char *name)
{
	/* Operation.parameters, ParametersItem.parameter, .non_body_parameter, .query_… */
	static const unsigned path[] = {8, 1, 2, 3};
	enum { IN = 2, NAME = 4 };
	scoped(buf_release) struct buf parameter = BUF_INIT(PART_MAX);
	add_field(&parameter, IN, "query", 5);
	add_field(&parameter, NAME, name, strlen(name));
	add_nested(operation, path, array_length(path), &parameter);
}

static void
add_kind(struct buf *operation, const struct resource *resource)
{
	enum { NAME = 1, VALUE = 2, YAML = 2, VENDOR_EXTENSION = 13 };
	static const char name[] = "x-kubernetes-group-version-kind";
	scoped(buf_release) struct buf yaml = BUF_INIT(PART_MAX), any = BUF_INIT(PART_MAX),
	                               extension = BUF_INIT(PART_MAX);
	buf_printf(&yaml, "group: \"%s\"\nversion: %s\nkind: %s\n", resource->group, resource->version,
	           resource->kind);
	add_field(&any, YAML, yaml.bytes, yaml.length);
	add_field(&extension, NAME, name, sizeof name - 1);
	add_field(&extension, VALUE, any.bytes, any.length);
	add_field(operation, VENDOR_EXTENSION, extension.bytes, extension.length);
}

static void
add_path(struct call *call, struct buf *paths, const struct resource *resource)
{
	enum { NAME = 1, VALUE = 2, PATCH = 8, PATH = 2 };
	scoped(buf_release) struct buf operation = BUF_INIT(PART_MAX), item = BUF_INIT(PART_MAX),
	                               named = BUF_INIT(PART_MAX);
	const char *path = arena_printf(call->arena, "/%s/%s/{name}",
	                                openapi_name(call, resource->group, resource->version),
	                                resource->plural);
	add_query_parameter(&operation, "dryRun");
	add_kind(&operation, resource);
	add_field(&item, PATCH, operation.bytes, operation.length);
	add_field(&named, NAME, path, strlen(path));
	add_field(&named, VALUE, item.bytes, item.length);
	add_field(paths, PATH, named.bytes, named.length);
}

static void
answer_v2(struct call *call)
{
	enum { SWAGGER = 1, PATHS = 8 };
	scoped(buf_release) struct buf document = BUF_INIT(DOCUMENT_MAX), paths = BUF_INIT(DOCUMENT_MAX);
	const char *accept = web_header(call->request, "Accept");
	if (accept == NULL || strstr(accept, "proto-openapi") == NULL) {
		scoped(tree_release) json_t *empty = json_pack("{s:s, s:{}}", "swagger", "2.0", "paths");
		call_answer(call, 200, empty);
		return;
	}
	for (size_t i = 0; i < n_resources; i++)
		if (call_serves(call, &resources[i]))
			add_path(call, &paths, &resources[i]);
	add_field(&document, SWAGGER, "2.0", 3);
	add_field(&document, PATHS, paths.bytes, paths.length);
	web_add_header(call->request, "Content-Type",
	               "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
	web_respond(call->request, 200, document.bytes, document.length);
}

/* ---- version 3 ---- */

static void
answer_v3_index(struct call *call)
{
	scoped(tree_release) json_t *index = json_pack("{s:{}}", "paths");
	for (size_t i = 0; i < n_resources; i++) {
		if (!call_serves(call, &resources[i]))
			continue;
		const char *name = openapi_name(call, resources[i].group, resources[i].version);
		const char *url = arena_printf(call->arena, "/openapi/v3/%s?hash=0", name);
		json_object_set_new(json_object_get(index, "paths"), name,
		                    json_pack("{s:s}", "serverRelativeURL", url));
	}
	call_answer(call, 200, index);
}

static bool
answer_v3(struct call *call, const char *name)
{
	scoped(tree_release) json_t *document =
		json_pack("{s:s, s:{s:s, s:s}, s:{}}", "openapi", "3.0.0", "info", "title", "Kubernetes",
	                  "version", "v1.32.4", "paths");
	json_t *paths = json_object_get(document, "paths");
	for (size_t i = 0; i < n_resources; i++) {
		const struct resource *at = &resources[i];
		if (!call_serves(call, at) || strcmp(openapi_name(call, at->group, at->version), name) != 0)
			continue;
		json_object_set_new(paths, arena_printf(call->arena, "/%s/%s/{name}", name, at->plural), json_pack(
			"{s:{s:[{s:s, s:s}, {s:s, s:s}], s:{}, s:{s:s, s:s, s:s}}}", "patch", "parameters",
			"name", "dryRun", "in", "query", "name", "fieldValidation", "in", "query", "responses",
			"x-kubernetes-group-version-kind", "group", at->group, "version", at->version,
			"kind", at->kind));
	}
	if (json_object_size(paths) == 0)
		return false;
	call_answer(call, 200, document);
	return true;
}

bool
openapi_handle(struct call *call)
{
	static const char prefix[] = "/openapi/v3/";
	const char *path = call->request->path;
	if (strcmp(path, "/openapi/v2") == 0)
		answer_v2(call);
	else if (strcmp(path, "/openapi/v3") == 0)
		answer_v3_index(call);
	else
		return strncmp(path, prefix, sizeof prefix - 1) == 0 &&
		       answer_v3(call, path + sizeof prefix - 1);
	return true;
}

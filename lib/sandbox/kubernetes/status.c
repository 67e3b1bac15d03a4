#include "sandbox/kubernetes/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"

enum { MESSAGE_MAX = 64 * 1024, NAME_BYTES = 200 };

/* "deployments.apps", "pods". */
static const char *
qualified(const char *name, const struct resource *resource, char ret[static NAME_BYTES])
{
	snprintf(ret, NAME_BYTES, "%s%s%s", name, resource->group[0] == '\0' ? "" : ".",
	         resource->group);
	return ret;
}

static json_t *
details_of(const struct resource *resource, const char *name)
{
	json_t *details = json_object();
	if (name != NULL && name[0] != '\0')
		tree_set(details, "name", json_string(name));
	if (resource != NULL && resource->group[0] != '\0')
		tree_set(details, "group", json_string(resource->group));
	if (resource != NULL)
		tree_set(details, "kind", json_string(resource->plural));
	return details;
}

static json_t *
status_with(unsigned code, const char *reason, json_t *details, const char *message)
{
	return json_pack("{s:s, s:s, s:{}, s:s, s:s, s:s, s:o, s:i}", "kind", "Status", "apiVersion", "v1",
	                 "metadata", "status", "Failure", "message", message, "reason", reason,
	                 "details", details, "code", (int)code);
}

json_t *
status_new(unsigned code, const char *reason, const struct resource *resource, const char *name,
           const char *format, ...)
{
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	va_list args;
	va_start(args, format);
	buf_vprintf(&message, format, args);
	va_end(args);
	return status_with(code, reason, details_of(resource, name), message.bytes);
}

json_t *
status_not_found(const struct resource *resource, const char *name)
{
	char kind[NAME_BYTES];
	return status_new(404, "NotFound", resource, name, "%s \"%s\" not found",
	                  qualified(resource->plural, resource, kind), name);
}

json_t *
status_already_exists(const struct resource *resource, const char *name)
{
	char kind[NAME_BYTES];
	return status_new(409, "AlreadyExists", resource, name, "%s \"%s\" already exists",
	                  qualified(resource->plural, resource, kind), name);
}

json_t *
status_stale(const struct resource *resource, const char *name)
{
	char kind[NAME_BYTES];
	return status_new(409, "Conflict", resource, name,
	                  "Operation cannot be fulfilled on %s \"%s\": the object has been modified; "
	                  "please apply your changes to the latest version and try again",
	                  qualified(resource->plural, resource, kind), name);
}

json_t *
status_bad_request(const char *format, ...)
{
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	va_list args;
	va_start(args, format);
	buf_vprintf(&message, format, args);
	va_end(args);
	json_t *status = status_with(400, "BadRequest", json_object(), message.bytes);
	tree_remove(status, "details");
	return status;
}

json_t *
status_unauthorized(void)
{
	json_t *status = status_new(401, "Unauthorized", NULL, NULL, "Unauthorized");
	tree_remove(status, "details");
	return status;
}

json_t *
status_no_route(void)
{
	return status_new(404, "NotFound", NULL, NULL,
	                  "the server could not find the requested resource");
}

json_t *
status_success(const struct resource *resource, const char *name, const char *uid)
{
	json_t *details = details_of(resource, name);
	tree_set(details, "uid", json_string(uid));
	return json_pack("{s:s, s:s, s:{}, s:s, s:o}", "kind", "Status", "apiVersion", "v1", "metadata",
	                 "status", "Success", "details", details);
}

void
status_add_cause(json_t *status, const char *reason, const char *message, const char *field)
{
	json_t *details = json_object_get(status, "details");
	tree_set_default(details, "causes", json_array());
	json_array_append_new(json_object_get(details, "causes"),
	                      json_pack("{s:s, s:s, s:s}", "reason", reason, "message", message,
	                                "field", field));
}

void
status_collect(json_t *causes, const char *reason, const char *field, const char *format, ...)
{
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	va_list args;
	va_start(args, format);
	buf_vprintf(&message, format, args);
	va_end(args);
	json_array_append_new(causes, json_pack("{s:s, s:s, s:s}", "reason", reason, "message",
	                                        message.bytes, "field", field));
}

json_t *
status_invalid(const struct resource *resource, const char *name, json_t *causes)
{
	scoped(buf_release) struct buf message = BUF_INIT(MESSAGE_MAX);
	char kind[NAME_BYTES];
	bool are_many = json_array_size(causes) > 1;
	size_t i;
	json_t *cause;

	buf_printf(&message, "%s \"%s\" is invalid: %s", qualified(resource->kind, resource, kind), name,
	           are_many ? "[" : "");
	json_array_foreach (causes, i, cause)
		buf_printf(&message, "%s%s: %s", i == 0 ? "" : ", ", tree_text(cause, "field"),
		           tree_text(cause, "message"));
	buf_add_text(&message, are_many ? "]" : "");
	json_t *details = details_of(resource, name);
	tree_set(details, "kind", json_string(resource->kind));
	tree_set(details, "causes", causes);
	return status_with(422, "Invalid", details, message.bytes);
}

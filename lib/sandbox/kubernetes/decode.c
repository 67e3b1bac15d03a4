#include "sandbox/kubernetes/decode.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"

enum { DEPTH_MAX = 100, PATH_MAX_BYTES = 1024 };

enum type { TEXT, NUMBER, BOOL, TEXT_MAP, TEXT_LIST, LIST };

/* By name of the field, wherever it stands; `under` is the field above it, NULL = any. */
static const struct rule {
	const char *field, *under;
	enum type type;
} rules[] = {
	{"labels", "metadata", TEXT_MAP}, {"annotations", "metadata", TEXT_MAP},
	{"matchLabels", NULL, TEXT_MAP}, {"nodeSelector", NULL, TEXT_MAP},
	{"data", "", TEXT_MAP}, {"stringData", "", TEXT_MAP}, {"binaryData", "", TEXT_MAP},
	{"name", NULL, TEXT}, {"namespace", NULL, TEXT}, {"image", NULL, TEXT}, {"value", "env", TEXT},
	{"serviceAccountName", NULL, TEXT}, {"restartPolicy", NULL, TEXT}, {"imagePullPolicy", NULL, TEXT},
	{"mountPath", NULL, TEXT}, {"host", NULL, TEXT}, {"ingressClassName", NULL, TEXT},
	{"command", NULL, TEXT_LIST}, {"args", NULL, TEXT_LIST}, {"finalizers", NULL, TEXT_LIST},
	{"containers", NULL, LIST}, {"initContainers", NULL, LIST}, {"env", NULL, LIST}, {"volumes", NULL, LIST},
	{"volumeMounts", NULL, LIST}, {"ownerReferences", NULL, LIST}, {"ports", "spec", LIST},
	{"replicas", NULL, NUMBER}, {"containerPort", NULL, NUMBER}, {"hostPort", NULL, NUMBER},
	{"revisionHistoryLimit", NULL, NUMBER}, {"progressDeadlineSeconds", NULL, NUMBER},
	{"minReadySeconds", NULL, NUMBER}, {"terminationGracePeriodSeconds", NULL, NUMBER},
	{"initialDelaySeconds", NULL, NUMBER}, {"periodSeconds", NULL, NUMBER},
	{"timeoutSeconds", NULL, NUMBER}, {"failureThreshold", NULL, NUMBER},
	{"successThreshold", NULL, NUMBER}, {"defaultMode", NULL, NUMBER}, {"minReplicas", NULL, NUMBER},
	{"maxReplicas", NULL, NUMBER},
	{"paused", NULL, BOOL}, {"readOnly", NULL, BOOL}, {"optional", NULL, BOOL},
	{"enableServiceLinks", NULL, BOOL}, {"automountServiceAccountToken", NULL, BOOL},
	{"immutable", NULL, BOOL},
};

/* What the server's own words call the types, ours and JSON's. */
static const char *const type_names[] = {
	[TEXT] = "string", [NUMBER] = "int32", [BOOL] = "bool", [TEXT_MAP] = "map[string]string",
	[TEXT_LIST] = "[]string", [LIST] = "[]object"};

static const char *
json_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT: return "object";
	case JSON_ARRAY: return "array";
	case JSON_STRING: return "string";
	case JSON_INTEGER: case JSON_REAL: return "number";
	case JSON_TRUE: case JSON_FALSE: return "bool";
	case JSON_NULL: break;
	}
	return "null";
}

/* The first value that is not a text; NULL when all are (or null). */
static const json_t *
find_no_text(const json_t *collection)
{
	const char *key;
	json_t *value;
	size_t i;
	json_object_foreach (tree_loose(collection), key, value)
		if (!json_is_string(value) && !json_is_null(value))
			return value;
	json_array_foreach (collection, i, value)
		if (!json_is_string(value))
			return value;
	return NULL;
}

/* The value at fault, NULL when it is of the type; *ret_type is the type it should have. */
static const json_t *
find_fault(enum type type, const json_t *value, enum type *ret_type)
{
	*ret_type = type;
	switch (type) {
	case TEXT: return json_is_string(value) ? NULL : value;
	case NUMBER: return json_is_integer(value) ? NULL : value;
	case BOOL: return json_is_boolean(value) ? NULL : value;
	case LIST: return json_is_array(value) ? NULL : value;
	case TEXT_MAP: case TEXT_LIST: break;
	}
	if (type == TEXT_MAP ? !json_is_object(value) : !json_is_array(value))
		return value;
	*ret_type = TEXT;
	return find_no_text(value);
}

static const struct rule *
find_rule(const char *field, const char *under)
{
	for (size_t i = 0; i < array_length(rules); i++)
		if (strcmp(rules[i].field, field) == 0 &&
		    (rules[i].under == NULL || strcmp(rules[i].under, under) == 0))
			return &rules[i];
	return NULL;
}

struct walk {
	const struct resource *resource;
	struct buf path;
	json_t *fault; /* the Status */
	int depth;
};

static void walk_value(struct walk *walk, const char *field, const json_t *value);

static void
walk_field(struct walk *walk, const char *under, const char *field, const json_t *value)
{
	const struct resource *resource = walk->resource;
	const struct rule *rule = find_rule(field, under);
	enum type wanted = TEXT;
	size_t length = walk->path.length;
	buf_printf(&walk->path, "%s%s", length == 0 ? "" : ".", field);
	const json_t *wrong = rule == NULL ? NULL : find_fault(rule->type, value, &wanted);
	if (wrong != NULL && walk->fault == NULL)
		walk->fault = status_bad_request(
			"%s in version \"%s\" cannot be handled as a %s: json: cannot unmarshal %s into Go struct "
			"field %s.%s of type %s", resource->kind, resource->version, resource->kind,
			json_name(wrong), resource->kind, walk->path.bytes, type_names[wanted]);
	if (rule == NULL || rule->type == LIST)
		walk_value(walk, field, value); /* maps of texts hold the user's own keys */
	buf_truncate(&walk->path, length);
}

static void
walk_value(struct walk *walk, const char *field, const json_t *value)
{
	const char *key;
	json_t *child;
	size_t i;
	if (walk->fault != NULL || walk->depth == DEPTH_MAX)
		return;
	walk->depth++;
	json_object_foreach (tree_loose(value), key, child)
		if (!json_is_null(child) && strcmp(key, "managedFields") != 0)
			walk_field(walk, field, key, child);
	json_array_foreach (value, i, child)
		walk_value(walk, field, child);
	walk->depth--;
}

/* Kinds that hold other objects, or schemas of them, are let through. */
static bool
is_typed(const struct resource *resource)
{
	return !resource_is_custom(resource) && strcmp(resource->kind, "ControllerRevision") != 0 &&
	       strcmp(resource->kind, "CustomResourceDefinition") != 0;
}

json_t *
decode_check(const struct resource *resource, const json_t *object)
{
	struct walk walk = {.resource = resource, .path = BUF_INIT(PATH_MAX_BYTES)};
	if (is_typed(resource))
		walk_value(&walk, "", object);
	buf_release(&walk.path);
	return walk.fault;
}

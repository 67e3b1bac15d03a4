#include "sandbox/kubernetes/validate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "sandbox/kubernetes/status.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"

enum { NAME_MAX_BYTES = 253, LABEL_MAX_BYTES = 63, FIELD_BYTES = 256, PATH_BYTES = 512 };

static const char subdomain_rule[] =
	"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
	"and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
	"validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
static const char label_rule[] =
	"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
	"start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
	"validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
static const char service_rule[] =
	"a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
	"alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
	"regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
static const char value_rule[] =
	"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
	"and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
	"'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
static const char key_rule[] =
	"name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
	"an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
	"validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/* ---- names and labels ---- */

static bool
is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Dot-separated labels of lower case, digits and inner dashes. */
static bool
is_subdomain(const char *name)
{
	size_t length = strlen(name);
	if (length == 0 || length > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < length; i++) {
		bool is_edge = i == 0 || i + 1 == length || name[i - 1] == '.' || name[i + 1] == '.';
		if (!is_lower_alnum(name[i]) && !(!is_edge && name[i] == '-') &&
		    !(name[i] == '.' && i > 0 && i + 1 < length && name[i - 1] != '.'))
			return false;
	}
	return true;
}

static bool
is_label(const char *name)
{
	return is_subdomain(name) && strchr(name, '.') == NULL && strlen(name) <= LABEL_MAX_BYTES;
}

/* What label values and the name part of label keys are made of. */
static bool
is_qualified(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool is_edge = i == 0 || i + 1 == length;
		if (!isalnum((unsigned char)text[i]) && (is_edge || strchr("-_.", text[i]) == NULL))
			return false;
	}
	return true;
}

static const char *
name_fault(const struct resource *resource, const char *name)
{
	static const char *const any_name[] = {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"};
	for (size_t i = 0; i < array_length(any_name); i++)
		if (strcmp(resource->kind, any_name[i]) == 0)
			return NULL;
	if (strcmp(resource->kind, "Service") == 0)
		return is_label(name) && isalpha((unsigned char)name[0]) ? NULL : service_rule;
	if (strcmp(resource->kind, "Namespace") == 0)
		return is_label(name) ? NULL : label_rule;
	if (strlen(name) > NAME_MAX_BYTES)
		return "must be no more than 253 characters";
	return is_subdomain(name) ? NULL : subdomain_rule;
}

static void
check_name(const struct resource *resource, const json_t *object, json_t *causes)
{
	const char *name = tree_text(object, "metadata.name");
	const char *fault = name_fault(resource, name);
	if (name[0] == '\0')
		status_collect(causes, "FieldValueRequired", "metadata.name",
		               "Required value: name or generateName is required");
	else if (fault != NULL)
		status_collect(causes, "FieldValueInvalid", "metadata.name", "Invalid value: \"%s\": %s", name,
		               fault);
}

static void
check_label_key(const char *field, const char *key, json_t *causes)
{
	const char *slash = strchr(key, '/'), *name = slash == NULL ? key : slash + 1;
	size_t length = strlen(name);
	if (length == 0 || !is_qualified(name, length))
		status_collect(causes, "FieldValueInvalid", field, "Invalid value: \"%s\": %s", key, key_rule);
	else if (length > LABEL_MAX_BYTES)
		status_collect(causes, "FieldValueInvalid", field,
		               "Invalid value: \"%s\": name part must be no more than 63 characters", key);
}

static void
check_labels(const json_t *object, const char *field, json_t *causes)
{
	const char *key;
	json_t *value;
	json_object_foreach (tree_get(object, field), key, value) {
		const char *text = json_string_value(value);
		check_label_key(field, key, causes);
		if (text != NULL && strlen(text) > LABEL_MAX_BYTES)
			status_collect(causes, "FieldValueInvalid", field,
			               "Invalid value: \"%s\": must be no more than 63 characters", text);
		else if (text != NULL && !is_qualified(text, strlen(text)))
			status_collect(causes, "FieldValueInvalid", field, "Invalid value: \"%s\": %s", text,
			               value_rule);
	}
}

static void
check_annotations(const json_t *object, json_t *causes)
{
	enum { ALL_MAX_BYTES = 256 * 1024 };
	const char *key;
	json_t *value;
	size_t total = 0;
	json_object_foreach (tree_get(object, "metadata.annotations"), key, value) {
		check_label_key("metadata.annotations", key, causes);
		total += strlen(key) + json_string_length(value);
	}
	if (total > ALL_MAX_BYTES)
		status_collect(causes, "FieldValueTooLong", "metadata.annotations",
		               "Too long: may not be more than 262144 bytes");
}

/* ---- pods ---- */

static void
check_container(const json_t *list, size_t at, const char *field, json_t *causes)
{
	const json_t *container = json_array_get(list, at);
	const char *name = tree_text(container, "name"), *image = tree_text(container, "image");
	char path[PATH_BYTES];
	snprintf(path, sizeof path, "%s[%zu].name", field, at);
	if (name[0] == '\0')
		status_collect(causes, "FieldValueRequired", path, "Required value");
	else if (!is_label(name))
		status_collect(causes, "FieldValueInvalid", path, "Invalid value: \"%s\": %s", name, label_rule);
	for (size_t i = 0; i < at; i++)
		if (name[0] != '\0' && strcmp(tree_text(json_array_get(list, i), "name"), name) == 0)
			status_collect(causes, "FieldValueDuplicate", path, "Duplicate value: \"%s\"", name);
	snprintf(path, sizeof path, "%s[%zu].image", field, at);
	if (image[0] == '\0')
		status_collect(causes, "FieldValueRequired", path, "Required value");
	else if (isspace((unsigned char)image[0]) || isspace((unsigned char)image[strlen(image) - 1]))
		status_collect(causes, "FieldValueInvalid", path,
		               "Invalid value: \"%s\": must not have leading or trailing whitespace", image);
}

static bool
has_volume(const json_t *spec, const char *name)
{
	return tree_find(json_object_get(spec, "volumes"), "name", name) != NULL;
}

static void
check_mounts(const json_t *spec, const json_t *container, const char *field, size_t at, json_t *causes)
{
	char path[PATH_BYTES];
	size_t i;
	json_t *mount;
	json_array_foreach (json_object_get(container, "volumeMounts"), i, mount) {
		snprintf(path, sizeof path, "%s[%zu].volumeMounts[%zu].name", field, at, i);
		if (!has_volume(spec, tree_text(mount, "name")))
			status_collect(causes, "FieldValueNotFound", path, "Not found: \"%s\"",
			               tree_text(mount, "name"));
	}
}

static void
check_pod_spec(const json_t *spec, const char *prefix, json_t *causes)
{
	static const char *const lists[] = {"initContainers", "containers"};
	char field[FIELD_BYTES];
	for (size_t i = 0; i < array_length(lists); i++) {
		const json_t *list = json_object_get(spec, lists[i]);
		snprintf(field, sizeof field, "%s.%s", prefix, lists[i]);
		for (size_t at = 0; at < json_array_size(list); at++) {
			check_container(list, at, field, causes);
			check_mounts(spec, json_array_get(list, at), field, at, causes);
		}
	}
	if (json_array_size(json_object_get(spec, "containers")) == 0)
		status_collect(causes, "FieldValueRequired", field, "Required value");
}

static void
check_pod(const json_t *before, const json_t *pod, json_t *causes)
{
	(void)before;
	check_pod_spec(json_object_get(pod, "spec"), "spec", causes);
}

/* ---- workloads ---- */

static void
collect_value(json_t *causes, const char *field, const json_t *value, const char *fault)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	status_collect(causes, "FieldValueInvalid", field, "Invalid value: %s: %s",
	               text == NULL ? "null" : text, fault);
	free(text);
}

static void
check_selector(const json_t *object, json_t *causes)
{
	const json_t *labels = tree_get(object, "spec.template.metadata.labels");
	const char *key;
	json_t *value;
	if (tree_get(object, "spec.selector") == NULL) {
		status_collect(causes, "FieldValueRequired", "spec.selector", "Required value");
		return;
	}
	json_object_foreach (tree_get(object, "spec.selector.matchLabels"), key, value) {
		if (json_equal(json_object_get(labels, key), value))
			continue;
		collect_value(causes, "spec.template.metadata.labels", labels,
		              "`selector` does not match template `labels`");
		return;
	}
}

static void
check_workload(const json_t *before, const json_t *object, json_t *causes)
{
	if (tree_int(object, "spec.replicas") < 0)
		collect_value(causes, "spec.replicas", tree_get(object, "spec.replicas"),
		              "must be greater than or equal to 0");
	check_selector(object, causes);
	check_labels(object, "spec.template.metadata.labels", causes);
	check_pod_spec(tree_get(object, "spec.template.spec"), "spec.template.spec", causes);
	if (before != NULL && !json_equal(tree_get(before, "spec.selector"), tree_get(object, "spec.selector")))
		collect_value(causes, "spec.selector", tree_get(object, "spec.selector"), "field is immutable");
}

/* ---- others ---- */

static void
check_service(const json_t *before, const json_t *service, json_t *causes)
{
	char path[FIELD_BYTES];
	size_t i;
	json_t *port;
	bool needs_ports = strcmp(tree_text(service, "spec.clusterIP"), "None") != 0 &&
	                   strcmp(tree_text(service, "spec.type"), "ExternalName") != 0;
	if (needs_ports && json_array_size(tree_get(service, "spec.ports")) == 0)
		status_collect(causes, "FieldValueRequired", "spec.ports", "Required value");
	json_array_foreach (tree_get(service, "spec.ports"), i, port) {
		json_int_t number = tree_int(port, "port");
		snprintf(path, sizeof path, "spec.ports[%zu].port", i);
		if (number < 1 || number > 65535)
			status_collect(causes, "FieldValueInvalid", path,
			               "Invalid value: %lld: must be between 1 and 65535, inclusive",
			               (long long)number);
	}
	if (before != NULL && strcmp(tree_text(before, "spec.clusterIP"), tree_text(service, "spec.clusterIP")) != 0)
		status_collect(causes, "FieldValueInvalid", "spec.clusterIP",
		               "Invalid value: \"%s\": field is immutable", tree_text(service, "spec.clusterIP"));
}

static void
check_immutable_data(const json_t *before, const json_t *object, json_t *causes)
{
	if (before != NULL && tree_bool(before, "immutable") &&
	    !json_equal(json_object_get(before, "data"), json_object_get(object, "data")))
		status_collect(causes, "FieldValueForbidden", "data",
		               "Forbidden: field is immutable when `immutable` is set");
}

static void
check_role_binding(const json_t *before, const json_t *object, json_t *causes)
{
	if (before != NULL && !json_equal(json_object_get(before, "roleRef"), json_object_get(object, "roleRef")))
		collect_value(causes, "roleRef", json_object_get(object, "roleRef"), "cannot change roleRef");
}

/* The Application schema has types for these only. */
static void
check_application(const json_t *before, const json_t *object, json_t *causes)
{
	static const struct {
		const char *path, *type;
		json_type is;
	} typed[] = {{"spec.application", "string", JSON_STRING}, {"spec.image", "string", JSON_STRING},
	             {"spec.config", "object", JSON_OBJECT}};
	(void)before;
	for (size_t i = 0; i < array_length(typed); i++) {
		const json_t *value = tree_get(object, typed[i].path);
		if (value != NULL && json_typeof(value) != typed[i].is)
			status_collect(causes, "FieldValueTypeInvalid", typed[i].path,
			               "Invalid value: \"%s\": %s in body must be of type %s: \"%s\"",
			               json_is_integer(value) ? "integer" : "object", typed[i].path,
			               typed[i].type, json_is_integer(value) ? "integer" : "object");
	}
}

static const struct {
	const char *kind;
	void (*check)(const json_t *before, const json_t *object, json_t *causes);
} rules[] = {
	{"Pod", check_pod},
	{"Deployment", check_workload},
	{"ReplicaSet", check_workload},
	{"StatefulSet", check_workload},
	{"Service", check_service},
	{"ConfigMap", check_immutable_data},
	{"Secret", check_immutable_data},
	{"RoleBinding", check_role_binding},
	{"Application", check_application},
};

json_t *
validate_object(const struct resource *resource, const json_t *before, const json_t *object)
{
	json_t *causes = json_array();
	if (before == NULL)
		check_name(resource, object, causes);
	check_labels(object, "metadata.labels", causes);
	check_annotations(object, causes);
	for (size_t i = 0; i < array_length(rules); i++)
		if (strcmp(rules[i].kind, resource->kind) == 0)
			rules[i].check(before, object, causes);
	if (json_array_size(causes) > 0)
		return status_invalid(resource, tree_text(object, "metadata.name"), causes);
	json_decref(causes);
	return NULL;
}

/* ---- pruning: the schema of the operator's CRD, version v1 ---- */

static const struct {
	const char *path, *known; /* members known under the path, separated by spaces */
} known_fields[] = {
	{"", " apiVersion kind metadata spec status "},
	{"spec", " application image config additional_labels additional_annotations "},
	{"spec.additional_labels", " global deployment horizontal_pod_autoscaler ingress service "
	                           "service_account pod status "},
	{"spec.additional_annotations", " global deployment horizontal_pod_autoscaler ingress service "
	                                "service_account pod status "},
	{"status", " result observedGeneration logs deployment_id "},
};

static bool
is_known(const char *known, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = known; length > 0 && (at = strstr(at, name)) != NULL; at++)
		if (at > known && at[-1] == ' ' && at[length] == ' ')
			return true;
	return false;
}

static void
prune_map(json_t *map, const char *path, const char *known,
          void (*unknown)(void *data, const char *path), void *data)
{
	void *iterator = json_object_iter(map);
	while (iterator != NULL) {
		char name[FIELD_BYTES], where[FIELD_BYTES * 2];
		snprintf(name, sizeof name, "%s", json_object_iter_key(iterator));
		iterator = json_object_iter_next(map, iterator);
		if (is_known(known, name))
			continue;
		snprintf(where, sizeof where, "%s%s%s", path, path[0] == '\0' ? "" : ".", name);
		json_object_del(map, name);
		unknown(data, where);
	}
}

void
validate_prune(const struct resource *resource, json_t *object,
               void (*unknown)(void *data, const char *path), void *data)
{
	if (strcmp(resource->kind, "Application") != 0 || !resource_is_custom(resource))
		return;
	for (size_t i = 0; i < array_length(known_fields); i++)
		prune_map(tree_get(object, known_fields[i].path), known_fields[i].path,
		          known_fields[i].known, unknown, data);
}

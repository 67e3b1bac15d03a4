#include "sandbox/kubernetes/schema.h"

#include <string.h>

#include "base/compiler.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"

/* x-kubernetes-list-map-keys of the OpenAPI document; `under` is the field above, NULL = any. */
static const struct {
	const char *field, *under;
	struct schema schema;
} lists[] = {
	{"containers", NULL, {SCHEMA_LIST, {"name"}}},
	{"initContainers", NULL, {SCHEMA_LIST, {"name"}}},
	{"ephemeralContainers", NULL, {SCHEMA_LIST, {"name"}}},
	{"env", NULL, {SCHEMA_LIST, {"name"}}},
	{"ports", "containers", {SCHEMA_LIST, {"containerPort", "protocol"}}},
	{"ports", "initContainers", {SCHEMA_LIST, {"containerPort", "protocol"}}},
	{"ports", "spec", {SCHEMA_LIST, {"port", "protocol"}}},
	{"volumes", NULL, {SCHEMA_LIST, {"name"}}},
	{"volumeMounts", NULL, {SCHEMA_LIST, {"mountPath"}}},
	{"volumeDevices", NULL, {SCHEMA_LIST, {"devicePath"}}},
	{"imagePullSecrets", NULL, {SCHEMA_LIST, {"name"}}},
	{"hostAliases", NULL, {SCHEMA_LIST, {"ip"}}},
	{"topologySpreadConstraints", NULL, {SCHEMA_LIST, {"topologyKey", "whenUnsatisfiable"}}},
	{"schedulingGates", NULL, {SCHEMA_LIST, {"name"}}},
	{"conditions", "status", {SCHEMA_LIST, {"type"}}},
	{"podIPs", "status", {SCHEMA_LIST, {"ip"}}},
	{"secrets", NULL, {SCHEMA_LIST, {"name"}}},
	{"ownerReferences", "metadata", {SCHEMA_LIST, {"uid"}}},
	{"finalizers", "metadata", {SCHEMA_SET, {NULL}}},
};

/* x-kubernetes-map-type: atomic. */
static const char *const whole_maps[] = {
	"selector", "nodeSelector", "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef",
	"scaleTargetRef", "involvedObject", "labelSelector", "podSelector", "namespaceSelector",
	"roleRef", "claimRef", "objectRef", "targetRef",
};

static const char *
field_above(const struct place *place)
{
	const struct place *up = place->up;
	while (up != NULL && up->field == NULL)
		up = up->up;
	return up == NULL || up->field == NULL ? "" : up->field;
}

/* Inside a custom resource, outside of its metadata. */
static bool
is_custom(const struct place *place)
{
	const struct place *top = place;
	while (top->up != NULL && top->up->up != NULL)
		top = top->up;
	return resource_is_custom(place->resource) && top->up != NULL &&
	       strcmp(top->field, "metadata") != 0;
}

static bool
is_whole_map(const struct place *place)
{
	for (size_t i = 0; i < array_length(whole_maps); i++)
		if (place->field != NULL && strcmp(place->field, whole_maps[i]) == 0)
			return true;
	/* An owner reference is one value, told apart by its uid. */
	return place->field == NULL && strcmp(field_above(place), "ownerReferences") == 0;
}

json_t *
schema_item_key(const struct schema *schema, const json_t *item)
{
	json_t *key = json_object();
	for (size_t i = 0; i < SCHEMA_KEYS_MAX && schema->keys[i] != NULL; i++) {
		const char *name = schema->keys[i];
		json_t *value = json_object_get(item, name);
		if (value == NULL && strcmp(name, "protocol") == 0)
			json_object_set_new(key, name, json_string("TCP"));
		else
			json_object_set(key, name, value == NULL ? json_null() : value);
	}
	return key;
}

size_t
schema_find_item(const struct schema *schema, const json_t *list, const json_t *key)
{
	size_t i;
	json_t *item;
	json_array_foreach (list, i, item) {
		scoped(tree_release) json_t *item_key = schema_item_key(schema, item);
		if (json_equal(item_key, key))
			break;
	}
	return i;
}

/* Items that cannot be told apart: a server refuses them, and who merges must not mix them up. */
static bool
has_equal_keys(const struct schema *schema, const json_t *list)
{
	size_t i;
	json_t *item;
	if (schema->kind != SCHEMA_LIST)
		return false;
	json_array_foreach (list, i, item) {
		scoped(tree_release) json_t *key = schema_item_key(schema, item);
		if (schema_find_item(schema, list, key) != i)
			return true;
	}
	return false;
}

struct schema
schema_of(const struct place *place, const json_t *value)
{
	static const struct schema whole = {SCHEMA_WHOLE, {NULL}}, map = {SCHEMA_MAP, {NULL}};
	if (json_is_object(value))
		return !is_custom(place) && is_whole_map(place) ? whole : map;
	if (!json_is_array(value) || is_custom(place) || place->field == NULL)
		return whole;
	for (size_t i = 0; i < array_length(lists); i++)
		if (strcmp(lists[i].field, place->field) == 0 &&
		    (lists[i].under == NULL || strcmp(lists[i].under, field_above(place)) == 0))
			return has_equal_keys(&lists[i].schema, value) ? whole : lists[i].schema;
	return whole;
}

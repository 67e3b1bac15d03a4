#include "core/fiaas/schema.h"

#include <string.h>

#include "core/fiaas/spec_keys.h"
#include "data/yaml.h"

static json_t *build_map(const struct spec_key *keys, struct arena *arena);

/* {"type": [TYPE…, "null"]} */
static json_t *
build_scalar(const char *type, const char *or_type)
{
	return json_pack("{s:[s, s*, s]}", "type", type, or_type, "null");
}

static json_t *
build_map_of(json_t *values)
{
	return json_pack("{s:[s, s], s:o}", "type", "object", "null", "additionalProperties", values);
}

static json_t *
build_list_of(json_t *items)
{
	return json_pack("{s:[s, s], s:o}", "type", "array", "null", "items", items);
}

static json_t *
build_number(const struct spec_key *key)
{
	json_t *schema = build_scalar("integer", NULL);
	json_object_set_new(schema, "minimum", json_integer(key->min));
	if (key->max != 0)
		json_object_set_new(schema, "maximum", json_integer(key->max));
	return schema;
}

/* Both keys must be there, or the operator fails. */
static json_t *
build_secret(const struct spec_key *keys, struct arena *arena)
{
	json_t *schema = build_map(keys, arena), *required = json_array();
	for (const struct spec_key *key = keys; key->name != NULL; key++)
		json_array_append_new(required, json_string(key->name));
	json_object_set_new(schema, "required", required);
	return schema;
}

static json_t *
build_value(const struct spec_key *key, struct arena *arena)
{
	switch (key->type) {
	case SPEC_MAP:
		return build_map(key->keys, arena);
	case SPEC_LIST:
		return build_list_of(build_map(key->keys, arena));
	case SPEC_NUMBER:
		return build_number(key);
	case SPEC_BOOL:
		return build_scalar("boolean", NULL);
	case SPEC_TEXT:
		return build_scalar("string", NULL);
	case SPEC_PORT:
		return build_scalar("string", "integer");
	case SPEC_CPU:
	case SPEC_MEMORY:
		return build_scalar("string", "number");
	case SPEC_TEXTS:
		return build_list_of(json_pack("{s:s}", "type", "string"));
	case SPEC_VALUES:
	case SPEC_LABELS:
	case SPEC_ANNOTATIONS:
		return build_map_of(json_pack("{s:s}", "type", "string"));
	case SPEC_TAGS:
		return build_map_of(json_pack("{s:[s, s]}", "type", "string", "number"));
	case SPEC_TLS:
		return json_pack("{s:[{s:b}, o]}", "anyOf", "const", 1, build_map(key->keys, arena));
	case SPEC_SECRETS:
		return build_map_of(build_secret(key->keys, arena));
	case SPEC_ANY:
		break;
	}
	return json_object();
}

/* The default as the table writes it, in YAML. */
static void
add_default(json_t *schema, const struct spec_key *key, struct arena *arena)
{
	struct yaml_node *node;
	struct error err;
	if (key->initial != NULL && yaml_parse(key->initial, strlen(key->initial), key->name,
	                                       &yaml_limits_default, arena, &node, &err) && node != NULL)
		json_object_set_new(schema, "default", yaml_to_json(node));
}

static json_t *
build_map(const struct spec_key *keys, struct arena *arena)
{
	json_t *properties = json_object();
	for (const struct spec_key *key = keys; key->name != NULL; key++) {
		json_t *schema = build_value(key, arena);
		json_object_set_new(schema, "description", json_string(key->sentence));
		add_default(schema, key, arena);
		json_object_set_new(properties, key->name, schema);
	}
	return json_pack("{s:[s, s], s:o, s:b}", "type", "object", "null", "properties", properties,
	                 "additionalProperties", 0);
}

static json_t *
build_version(const struct spec_key *keys, int version, struct arena *arena)
{
	json_t *schema = build_map(keys, arena);
	json_t *of_version = json_object_get(json_object_get(schema, "properties"), "version");
	json_object_set_new(of_version, "const", json_integer(version));
	return schema;
}

json_t *
fiaas_schema_new(struct arena *arena)
{
	return json_pack("{s:s, s:s, s:s, s:[s], s:{s:{s:{s:i}}}, s:o, s:o}", "$schema",
	                 "http://json-schema.org/draft-07/schema#", "title", "fiaas.yml", "type", "object",
	                 "required", "version", "if", "properties", "version", "const", 2, "then",
	                 build_version(spec_keys_v2, 2, arena), "else",
	                 build_version(spec_keys_v3, 3, arena));
}

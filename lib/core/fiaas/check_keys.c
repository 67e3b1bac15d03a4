/* One walk over the file by the table of keys. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/fiaas/checking.h"
#include "core/fiaas/python.h"

enum { NAMES_MAX = 24 };

static void check_map(struct checking *checking, const struct spec_key *keys, const char *path,
                      const struct yaml_node *map);

static struct arena *
arena_of(const struct checking *checking)
{
	return checking->problems->arena;
}

static bool
is_null(const struct yaml_node *node)
{
	return node->kind == YAML_KIND_SCALAR && yaml_type_of(node) == YAML_TYPE_NULL;
}

static bool
is_truthy(const struct yaml_node *node)
{
	json_t *value = node->kind == YAML_KIND_SCALAR ? yaml_to_json(node) : NULL;
	bool truthy = value ? python_is_true(value) : node->count > 0;
	json_decref(value);
	return truthy;
}

static const char *
quoted(const struct checking *checking, const struct yaml_node *node)
{
	return arena_printf(arena_of(checking), "quote it: \"%s\"", node->text);
}

/* What a plain scalar became, in words: "the boolean false". */
static const char *
meaning_of(const struct checking *checking, const struct yaml_node *node)
{
	static const char *const names[] = {
		[YAML_TYPE_STRING] = "text",      [YAML_TYPE_NULL] = "null",
		[YAML_TYPE_BOOL] = "the boolean", [YAML_TYPE_INT] = "the number",
		[YAML_TYPE_FLOAT] = "the number", [YAML_TYPE_TIMESTAMP] = "a date",
	};
	enum yaml_type type = yaml_type_of(node);
	json_t *value = yaml_to_json(node);
	char *json = json_dumps(value, JSON_ENCODE_ANY);
	bool says_value = type == YAML_TYPE_BOOL || type == YAML_TYPE_INT || type == YAML_TYPE_FLOAT;
	const char *text = says_value ? arena_printf(arena_of(checking), "%s %s", names[type], json) : names[type];
	free(json);
	json_decref(value);
	return text;
}

/* ---- scalars ---- */

static bool
is_number_in_disguise(const struct yaml_node *node)
{
	const char *digits = node->text + strspn(node->text, "+-");
	return strpbrk(digits, ":_xb") || (digits[0] == '0' && digits[1]);
}

/* 010, 1:30, 1_000, 0x1f: numbers to YAML 1.1, text or other numbers to people and YAML 1.2. */
static void
check_disguise(struct checking *checking, const struct yaml_node *node)
{
	if (yaml_type_of(node) == YAML_TYPE_INT && is_number_in_disguise(node))
		check_warn(checking, RULE_YAML_1_1, node, "write the number in plain decimal, or quote text",
		           "%s is %s in YAML 1.1", node->text, meaning_of(checking, node));
}

static bool
expect_scalar(struct checking *checking, const char *path, const struct yaml_node *node, const char *wanted)
{
	if (node->kind == YAML_KIND_SCALAR)
		return true;
	check_error(checking, RULE_WRONG_TYPE, node, NULL, "%s must be %s, not a %s", path, wanted,
	            node->kind == YAML_KIND_MAP ? "map" : "list");
	return false;
}

static void
check_number(struct checking *checking, const struct spec_key *key, const char *path,
             const struct yaml_node *node)
{
	if (!expect_scalar(checking, path, node, "a whole number"))
		return;
	if (yaml_type_of(node) != YAML_TYPE_INT) {
		const char *fix = node->is_plain ? NULL : "remove the quotes";
		check_error(checking, RULE_WRONG_TYPE, node, fix, "%s must be a whole number, not %s", path,
		            meaning_of(checking, node));
		return;
	}
	check_disguise(checking, node);
	json_t *value = yaml_to_json(node);
	json_int_t number = json_integer_value(value);
	json_decref(value);
	bool has_range = key->min || key->max;
	if (has_range ? number < key->min || number > key->max : number < 0)
		check_error(checking, RULE_OUT_OF_RANGE, node, NULL,
		            has_range ? "%s must be from %ld to %ld" : "%s must not be negative", path, key->min,
		            key->max);
}

static void
check_bool(struct checking *checking, const char *path, const struct yaml_node *node)
{
	if (!expect_scalar(checking, path, node, "true or false"))
		return;
	if (yaml_type_of(node) != YAML_TYPE_BOOL)
		check_warn(checking, RULE_WRONG_TYPE, node, node->is_plain ? NULL : "remove the quotes",
		           "%s must be true or false; %s counts as %s here", path, meaning_of(checking, node),
		           strcmp(path, "extensions.tls.enabled") == 0 ? "not set"
		           : is_truthy(node)                           ? "true"
		                                                       : "false");
	else if (!strchr("tTfF", *node->text))
		check_warn(checking, RULE_YAML_1_1, node, strchr("yY", *node->text) || strcasecmp(node->text, "on") == 0
		                                               ? "write true" : "write false",
		           "%s is a boolean in YAML 1.1, and text in YAML 1.2", node->text);
}

/* FDD knows no templates: what looks like one arrives in the cluster as it is. */
static void
check_template(struct checking *checking, const struct yaml_node *node)
{
	if (strstr(node->text, "${") || strstr(node->text, "{{"))
		check_warn(checking, RULE_NO_TEMPLATES, node, "write the value itself",
		           "nothing fills in \"%s\": FIAAS has no templates", node->text);
}

static void
check_text(struct checking *checking, const char *path, const struct yaml_node *node)
{
	if (!expect_scalar(checking, path, node, "text"))
		return;
	if (yaml_type_of(node) != YAML_TYPE_STRING && !is_null(node))
		check_warn(checking, yaml_type_of(node) == YAML_TYPE_BOOL ? RULE_YAML_1_1 : RULE_WRONG_TYPE, node,
		           quoted(checking, node), "%s must be text, and %s is %s in YAML 1.1", path, node->text,
		           meaning_of(checking, node));
	check_template(checking, node);
}

static void
check_port(struct checking *checking, const char *path, const struct yaml_node *node)
{
	if (!expect_scalar(checking, path, node, "the name or number of a port"))
		return;
	enum yaml_type type = yaml_type_of(node);
	if (type != YAML_TYPE_INT && type != YAML_TYPE_STRING)
		check_warn(checking, RULE_WRONG_TYPE, node, quoted(checking, node),
		           "%s must be the name or number of a port, and %s is %s in YAML 1.1", path, node->text,
		           meaning_of(checking, node));
	check_disguise(checking, node);
}

static void
check_amount(struct checking *checking, const struct spec_key *key, const char *path,
             const struct yaml_node *node)
{
	double amount;
	if (!expect_scalar(checking, path, node, "a quantity"))
		return;
	const char *wrong = check_quantity(node->text, &amount);
	if (wrong) {
		check_error(checking, RULE_BAD_QUANTITY, node, NULL, "%s: \"%s\" %s", path, node->text, wrong);
		return;
	}
	check_disguise(checking, node);
	if (yaml_type_of(node) == YAML_TYPE_INT && is_number_in_disguise(node))
		return;
	size_t length = strlen(node->text);
	if (key->type == SPEC_MEMORY && amount < 1048576)
		check_warn(checking, RULE_ODD_QUANTITY, node,
		           arena_printf(arena_of(checking), "write %.*sMi if mebibytes are meant",
		                        (int)strspn(node->text, "0123456789."), node->text),
		           "%s: %s is %.10g bytes of memory", path, node->text, amount);
	if (key->type == SPEC_CPU && amount >= 256)
		check_warn(checking, RULE_ODD_QUANTITY, node,
		           isdigit((unsigned char)node->text[length - 1])
		                   ? arena_printf(arena_of(checking), "write %sm if thousandths are meant", node->text)
		                   : NULL,
		           "%s: %s is %.10g cores", path, node->text, amount);
}

/* ---- maps of the user's own keys ---- */

static void
check_own_value(struct checking *checking, const struct spec_key *key, const char *path,
                const struct yaml_pair *pair)
{
	const struct yaml_node *value = pair->value;
	const char *name = pair->key->text, *wrong = NULL;
	if (value->kind != YAML_KIND_SCALAR) {
		check_error(checking, RULE_NOT_TEXT, value, NULL, "%s: \"%s\" must be text, not a %s", path, name,
		            value->kind == YAML_KIND_MAP ? "map" : "list");
		return;
	}
	if (yaml_type_of(value) != YAML_TYPE_STRING) {
		if (key->type != SPEC_TAGS)
			check_error(checking, RULE_NOT_TEXT, value, quoted(checking, value),
			            "%s: \"%s\" is %s, and the API server takes text only", path, name,
			            meaning_of(checking, value));
	} else if (key->type == SPEC_LABELS) {
		wrong = check_label_value(value->text);
	}
	if (wrong)
		check_error(checking, RULE_BAD_LABEL, value, NULL, "%s: \"%s\" %s", path, value->text, wrong);
	check_template(checking, value);
}

static void
check_own_map(struct checking *checking, const struct spec_key *key, const char *path,
              const struct yaml_node *map)
{
	for (size_t i = 0; map->kind == YAML_KIND_MAP && i < map->count; i++) {
		const struct yaml_pair *pair = &map->pairs[i];
		bool is_label = key->type == SPEC_LABELS || key->type == SPEC_ANNOTATIONS;
		const char *wrong = is_label ? check_label_key(pair->key->text) : NULL;
		if (wrong)
			check_error(checking, RULE_BAD_LABEL, pair->key, NULL, "%s: \"%s\" %s", path, pair->key->text, wrong);
		check_own_value(checking, key, path, pair);
	}
}

static void
check_texts(struct checking *checking, const char *path, const struct yaml_node *list)
{
	for (size_t i = 0; list->kind == YAML_KIND_LIST && i < list->count; i++)
		if (list->items[i]->kind == YAML_KIND_SCALAR && yaml_type_of(list->items[i]) != YAML_TYPE_STRING)
			check_warn(checking, RULE_WRONG_TYPE, list->items[i], quoted(checking, list->items[i]),
			           "%s must hold texts, and %s is %s in YAML 1.1", path, list->items[i]->text,
			           meaning_of(checking, list->items[i]));
}

/* ---- the fixed structure ---- */

/* A truthy value of the wrong kind is refused by FDD; a falsy one counts as nothing at all. */
static bool
has_kind(struct checking *checking, enum yaml_kind kind, const char *path, const struct yaml_node *node)
{
	bool is_list = kind == YAML_KIND_LIST;
	if (node->kind == kind || is_truthy(node))
		return node->kind == kind;
	if (is_list && node->kind == YAML_KIND_SCALAR && yaml_type_of(node) != YAML_TYPE_STRING)
		return false; /* false and 0 have no length: FDD refuses them */
	check_warn(checking, RULE_FALSY_VALUE, node, is_list ? "write []" : NULL,
	           is_list ? "%s must be a list; this acts as an empty one"
	                   : "%s must be a map; this counts as absent, so every default applies",
	           path);
	return false;
}

static void
check_list(struct checking *checking, const struct spec_key *key, const char *path, const struct yaml_node *node)
{
	if (!has_kind(checking, YAML_KIND_LIST, path, node))
		return;
	for (size_t i = 0; i < node->count; i++) {
		const char *item = arena_printf(arena_of(checking), "%s[%zu]", path, i);
		if (is_null(node->items[i]))
			check_warn(checking, RULE_FALSY_VALUE, node->items[i], "remove it, or say what it is",
			           "%s is empty: it becomes the default item", item);
		else if (has_kind(checking, YAML_KIND_MAP, item, node->items[i]))
			check_map(checking, key->keys, item, node->items[i]);
	}
}

static void
check_secrets(struct checking *checking, const struct spec_key *key, const char *path,
              const struct yaml_node *node)
{
	if (!has_kind(checking, YAML_KIND_MAP, path, node))
		return;
	for (size_t i = 0; i < node->count; i++)
		if (node->pairs[i].value->kind == YAML_KIND_MAP)
			check_map(checking, key->keys,
			          arena_printf(arena_of(checking), "%s.%s", path, node->pairs[i].key->text),
			          node->pairs[i].value);
}

/* `true` is short for {enabled: true}; `false` is not its opposite. */
static void
check_tls(struct checking *checking, const struct spec_key *key, const char *path, const struct yaml_node *node)
{
	bool is_bool = node->kind == YAML_KIND_SCALAR && yaml_type_of(node) == YAML_TYPE_BOOL;
	if (is_bool && !is_truthy(node))
		check_warn(checking, RULE_TLS_FALSE, node, "write {enabled: false}", "%s: false is ignored", path);
	else if (is_bool)
		check_bool(checking, path, node);
	else if (has_kind(checking, YAML_KIND_MAP, path, node))
		check_map(checking, key->keys, path, node);
}

static void
check_value(struct checking *checking, const struct spec_key *key, const char *path, const struct yaml_node *node)
{
	switch (key->type) {
	case SPEC_MAP:
		if (has_kind(checking, YAML_KIND_MAP, path, node))
			check_map(checking, key->keys, path, node);
		return;
	case SPEC_LIST:
		check_list(checking, key, path, node);
		return;
	case SPEC_NUMBER:
		check_number(checking, key, path, node);
		return;
	case SPEC_BOOL:
		check_bool(checking, path, node);
		return;
	case SPEC_TEXT:
		check_text(checking, path, node);
		return;
	case SPEC_PORT:
		check_port(checking, path, node);
		return;
	case SPEC_CPU:
	case SPEC_MEMORY:
		check_amount(checking, key, path, node);
		return;
	case SPEC_TEXTS:
		check_texts(checking, path, node);
		return;
	case SPEC_VALUES:
	case SPEC_LABELS:
	case SPEC_ANNOTATIONS:
	case SPEC_TAGS:
		if (has_kind(checking, YAML_KIND_MAP, path, node))
			check_own_map(checking, key, path, node);
		return;
	case SPEC_TLS:
		check_tls(checking, key, path, node);
		return;
	case SPEC_SECRETS:
		check_secrets(checking, key, path, node);
		return;
	case SPEC_ANY:
		return;
	}
}

static void
complain_unknown(struct checking *checking, const struct spec_key *keys, const char *path,
                 const struct yaml_node *key)
{
	const char *names[NAMES_MAX], *where = *path ? path : "fiaas.yml";
	size_t n_names = 0;
	for (; n_names < NAMES_MAX && keys[n_names].name; n_names++)
		names[n_names] = keys[n_names].name;
	bool of_objects = strcmp(path, "labels") == 0 || strcmp(path, "annotations") == 0;
	const char *fix = problem_suggest(key->text, names, n_names, arena_of(checking));
	if (of_objects && (strcmp(key->text, "global") == 0 || strcmp(key->text, "_global") == 0))
		fix = "there is none here: repeat them for each object";
	else if (of_objects && strcmp(key->text, "status") == 0)
		fix = "only the Application's additional labels reach the status";
	check_warn(checking, RULE_UNKNOWN_KEY, key, fix, "unknown key \"%s\" in %s is ignored", key->text, where);
}

static const struct spec_key *
find_key(const struct spec_key *keys, const char *name)
{
	for (; keys->name; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

/* "null means the default": worth a word where people want to remove something by it. */
static void
check_null(struct checking *checking, const struct spec_key *key, const char *path, const struct yaml_node *node)
{
	if (key->initial && strncmp(path, "resources", strlen("resources")) == 0)
		check_warn(checking, RULE_NULL_IS_DEFAULT, node, NULL, "%s: null means the default, %s", path, key->initial);
}

static void
check_map(struct checking *checking, const struct spec_key *keys, const char *path, const struct yaml_node *map)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct yaml_pair *pair = &map->pairs[i];
		const struct spec_key *key = find_key(keys, pair->key->text);
		if (!key) {
			complain_unknown(checking, keys, path, pair->key);
			continue;
		}
		const char *inner = *path ? arena_printf(arena_of(checking), "%s.%s", path, key->name) : key->name;
		if (key->is_dropped)
			check_warn(checking, RULE_WITHOUT_EFFECT, pair->key, "remove it", "%s has no effect", inner);
		else if (is_null(pair->value))
			check_null(checking, key, inner, pair->value);
		else
			check_value(checking, key, inner, pair->value);
	}
}

void
check_keys(struct checking *checking, const struct spec_key *keys)
{
	const struct yaml_node *root = checking->check->root;
	if (root && root->kind == YAML_KIND_MAP)
		check_map(checking, keys, "", root);
}

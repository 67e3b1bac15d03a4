#include "data/schema.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/number.h"

/* Where a value goes, and what for. */
struct reading {
	const struct field *field;
	const struct yaml_node *node;
	char *base;
	enum problem_severity unknown_keys;
	struct problems *problems;
};

#define complain(reading, fix, ...) \
	problem_add((reading)->problems, PROBLEM_ERROR, RULE_WRONG_VALUE, (reading)->node, (fix), __VA_ARGS__)

static void *
target(const struct reading *reading)
{
	return reading->base + reading->field->offset;
}

static bool
is_scalar_of(const struct reading *reading, enum yaml_type type)
{
	return reading->node->kind == YAML_KIND_SCALAR && yaml_type_of(reading->node) == type;
}

/* ---- texts ---- */

static bool
expect_text(const struct reading *reading)
{
	if (reading->node->kind != YAML_KIND_SCALAR) {
		complain(reading, NULL, "\"%s\" must be text", reading->field->name);
		return false;
	}
	if (yaml_type_of(reading->node) == YAML_TYPE_STRING)
		return true;
	complain(reading, arena_printf(reading->problems->arena, "quote it: \"%s\"", reading->node->text),
	         "\"%s\" must be text, and YAML takes %s for something else", reading->field->name,
	         reading->node->text);
	return false;
}

static void
read_text(const struct reading *reading)
{
	if (!expect_text(reading))
		return;
	const struct field *field = reading->field;
	const char *wrong = field->check ? field->check(reading->node->text, reading->problems->arena) : NULL;
	if (wrong)
		complain(reading, NULL, "\"%s\": %s", field->name, wrong);
	*(const char **)target(reading) = reading->node->text;
}

static void
read_choice(const struct reading *reading)
{
	if (!expect_text(reading))
		return;
	const char *const *choices = reading->field->choices;
	size_t n_choices = 0;
	for (; choices[n_choices]; n_choices++) {
		if (strcmp(choices[n_choices], reading->node->text) == 0) {
			*(const char **)target(reading) = choices[n_choices];
			return;
		}
	}
	char *all = arena_strdup(reading->problems->arena, choices[0]);
	for (size_t i = 1; i < n_choices; i++)
		all = arena_printf(reading->problems->arena, "%s, %s", all, choices[i]);
	char *fix = problem_suggest(reading->node->text, choices, n_choices, reading->problems->arena);
	complain(reading, fix, "\"%s\" is \"%s\", but may be: %s", reading->field->name, reading->node->text, all);
}

static bool
is_loopback(const char *host)
{
	static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
	for (size_t i = 0; i < array_length(names); i++) {
		size_t length = strlen(names[i]);
		if (strncmp(host, names[i], length) == 0 && (!host[length] || strchr(":/", host[length])))
			return true;
	}
	return false;
}

/* What is wrong with a URL that credentials will be sent to; NULL when it is fine. */
static const char *
url_fault(const char *url)
{
	static const char secure[] = "https://", open[] = "http://";
	bool is_secure = strncmp(url, secure, strlen(secure)) == 0;
	if (!is_secure && strncmp(url, open, strlen(open)) != 0)
		return "must be a URL that begins with https://";
	const char *host = url + (is_secure ? strlen(secure) : strlen(open));
	for (const char *c = url; *c; c++)
		if (!isgraph((unsigned char)*c))
			return "must be a URL without spaces and control characters";
	if (memchr(host, '@', strcspn(host, "/?#")))
		return "must not hold a user name or password";
	if (!*host || strchr(":/?#", *host))
		return "must be a URL with a host name";
	if (!is_secure && !is_loopback(host))
		return "must begin with https://: credentials go over TLS only";
	return NULL;
}

static void
read_url(const struct reading *reading)
{
	if (!expect_text(reading))
		return;
	const char *wrong = url_fault(reading->node->text);
	if (wrong)
		complain(reading, NULL, "\"%s\" %s", reading->field->name, wrong);
	*(const char **)target(reading) = reading->node->text;
}

static void
read_texts(const struct reading *reading)
{
	if (reading->node->kind != YAML_KIND_LIST) {
		complain(reading, NULL, "\"%s\" must be a list of texts", reading->field->name);
		return;
	}
	size_t count = reading->node->count;
	const char **texts = arena_array(reading->problems->arena, const char *, count + 1);
	for (size_t i = 0; i < count; i++) {
		struct reading item = *reading;
		struct field field = {.name = reading->field->name, .check = reading->field->check};
		item.field = &field;
		item.node = reading->node->items[i];
		item.base = (char *)&texts[i];
		read_text(&item);
		if (!texts[i])
			texts[i] = "";
	}
	*(const char ***)target(reading) = texts;
	*(size_t *)(void *)(reading->base + reading->field->count_offset) = count;
}

/* ---- numbers ---- */

static void
read_bool(const struct reading *reading)
{
	if (!is_scalar_of(reading, YAML_TYPE_BOOL)) {
		complain(reading, NULL, "\"%s\" must be true or false", reading->field->name);
		return;
	}
	*(bool *)target(reading) = strchr("yYtT", *reading->node->text) || strcasecmp(reading->node->text, "on") == 0;
}

static void
read_number(const struct reading *reading)
{
	const struct field *field = reading->field;
	struct error err;
	uint64_t value;
	if (!is_scalar_of(reading, YAML_TYPE_INT) ||
	    !number_parse_u64(reading->node->text, (uint64_t)field->min, (uint64_t)field->max, &value, &err)) {
		complain(reading, NULL, "\"%s\" must be a whole number from %lld to %lld", field->name,
		         (long long)field->min, (long long)field->max);
		return;
	}
	*(int64_t *)target(reading) = (int64_t)value;
}

static void
read_duration(const struct reading *reading)
{
	struct error err;
	int64_t value;
	if (reading->node->kind == YAML_KIND_SCALAR &&
	    number_parse_duration_ms(reading->node->text, &value, &err))
		*(int64_t *)target(reading) = value;
	else
		complain(reading, NULL, "\"%s\" must be a duration such as 90s, 15m or 2h30m", reading->field->name);
}

/* "0.031" -> 31000; false when it is no plain decimal number, or has more than six places. */
static bool
parse_millionths(const char *text, int64_t *ret)
{
	int64_t value = 0;
	int places = -1;
	if (!isdigit((unsigned char)*text))
		return false;
	for (; *text; text++) {
		if (*text == '.' && places < 0) {
			places = 0;
			continue;
		}
		if (!isdigit((unsigned char)*text) || places == 6 || value > INT64_MAX / 10000000 / 10)
			return false;
		value = value * 10 + (*text - '0');
		places += places >= 0;
	}
	for (places = places < 0 ? 0 : places; places < 6; places++)
		value *= 10;
	*ret = value;
	return true;
}

static void
read_millionths(const struct reading *reading)
{
	if (reading->node->kind != YAML_KIND_SCALAR ||
	    !parse_millionths(reading->node->text, target(reading)))
		complain(reading, NULL, "\"%s\" must be a decimal number with at most six places",
		         reading->field->name);
}

/* ---- structs ---- */

static void
read_node(const struct reading *reading)
{
	*(const struct yaml_node **)target(reading) = reading->node;
}

static void
read_map(const struct reading *reading)
{
	if (reading->node->kind != YAML_KIND_MAP)
		complain(reading, NULL, "\"%s\" must be a map", reading->field->name);
	else
		schema_read(reading->node, reading->field->fields, reading->unknown_keys, target(reading),
		            reading->problems);
}

static char *
new_structs(const struct reading *reading)
{
	size_t count = reading->node->count;
	char *structs = arena_calloc(reading->problems->arena, count + 1, reading->field->size);
	*(char **)target(reading) = structs;
	*(size_t *)(void *)(reading->base + reading->field->count_offset) = count;
	return structs;
}

static void
read_entry(const struct reading *reading, const struct yaml_node *node, char *entry)
{
	if (node->kind == YAML_KIND_MAP)
		schema_read(node, reading->field->fields, reading->unknown_keys, entry, reading->problems);
	else
		problem_add(reading->problems, PROBLEM_ERROR, RULE_WRONG_VALUE, node, NULL,
		            "an entry of \"%s\" must be a map", reading->field->name);
}

static void
read_table(const struct reading *reading)
{
	if (reading->node->kind != YAML_KIND_MAP) {
		complain(reading, NULL, "\"%s\" must be a map of names", reading->field->name);
		return;
	}
	char *entry = new_structs(reading);
	for (size_t i = 0; i < reading->node->count; i++, entry += reading->field->size) {
		*(const char **)(void *)entry = reading->node->pairs[i].key->text;
		read_entry(reading, reading->node->pairs[i].value, entry);
	}
}

static void
read_list(const struct reading *reading)
{
	if (reading->node->kind != YAML_KIND_LIST) {
		complain(reading, NULL, "\"%s\" must be a list", reading->field->name);
		return;
	}
	char *entry = new_structs(reading);
	for (size_t i = 0; i < reading->node->count; i++, entry += reading->field->size)
		read_entry(reading, reading->node->items[i], entry);
}

static void (*const readers[])(const struct reading *) = {
	[FIELD_TEXT] = read_text,           [FIELD_CHOICE] = read_choice,
	[FIELD_URL] = read_url,             [FIELD_BOOL] = read_bool,
	[FIELD_NUMBER] = read_number,       [FIELD_DURATION] = read_duration,
	[FIELD_MILLIONTHS] = read_millionths, [FIELD_TEXTS] = read_texts,
	[FIELD_NODE] = read_node,           [FIELD_MAP] = read_map,
	[FIELD_TABLE] = read_table,         [FIELD_LIST] = read_list,
};

/* ---- the whole ---- */

static const struct field *
find_field(const struct field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (strcmp(fields->name, name) == 0)
			return fields;
	return NULL;
}

static void
complain_unknown(const struct yaml_node *key, const struct field *fields, enum problem_severity severity,
                 struct problems *problems)
{
	enum { NAMES_MAX = 32 };
	const char *names[NAMES_MAX];
	size_t n_names = 0;
	for (; n_names < NAMES_MAX && fields[n_names].name; n_names++)
		names[n_names] = fields[n_names].name;
	problem_add(problems, severity, RULE_UNKNOWN_KEY, key,
	            problem_suggest(key->text, names, n_names, problems->arena), "unknown key \"%s\"", key->text);
}

static bool
is_absent(const struct yaml_node *node)
{
	return !node || (node->kind == YAML_KIND_SCALAR && yaml_type_of(node) == YAML_TYPE_NULL);
}

void
schema_read(const struct yaml_node *map, const struct field *fields, enum problem_severity unknown_keys,
            void *base, struct problems *problems)
{
	for (size_t i = 0; map && i < map->count; i++) {
		const struct yaml_pair *pair = &map->pairs[i];
		const struct field *field = find_field(fields, pair->key->text);
		if (!field)
			complain_unknown(pair->key, fields, unknown_keys, problems);
		else if (!is_absent(pair->value))
			readers[field->type](&(struct reading){field, pair->value, base, unknown_keys, problems});
	}
	for (const struct field *field = fields; field->name; field++)
		if (field->is_required && is_absent(yaml_get(map, field->name)))
			problem_add(problems, PROBLEM_ERROR, RULE_MISSING_KEY, map, NULL, "\"%s\" is missing",
			            field->name);
}

bool
schema_open(const char *path, struct problems *problems, struct yaml_node **ret)
{
	struct error err;
	struct yaml_node *root = NULL;
	char *bytes;
	size_t length;
	problems->file = path;
	if (!(file_read(path, yaml_limits_default.max_bytes, problems->arena, &bytes, &length, &err) &&
	      yaml_parse(bytes, length, path, &yaml_limits_default, problems->arena, &root, &err))) {
		problem_add_error(problems, RULE_UNREADABLE, &err);
		return false;
	}
	if (root && root->kind != YAML_KIND_MAP) {
		problem_add(problems, PROBLEM_ERROR, RULE_WRONG_VALUE, root, NULL, "must be a map");
		return false;
	}
	*ret = root;
	return true;
}

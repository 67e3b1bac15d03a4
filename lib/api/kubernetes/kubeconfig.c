#include "api/kubernetes/kubeconfig.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"

enum { FILE_MAX = 4 * 1024 * 1024 };

static const struct yaml_limits limits = {.max_bytes = FILE_MAX, .max_nodes = 200000, .max_depth = 64};

/* ---- the fields, once: their types are checked in every entry, chosen or not ---- */

enum field_type { FIELD_TEXT, FIELD_FLAG, FIELD_TEXTS, FIELD_LIST, FIELD_MAP };

struct field {
	const char *key;
	enum field_type type;
	const struct field *fields; /* of a map, or of each item of a list */
};

static const struct field extension_fields[] = {{"name", FIELD_TEXT, NULL}, {0}};
static const struct field cluster_fields[] = {
	{"server", FIELD_TEXT, NULL},
	{"tls-server-name", FIELD_TEXT, NULL},
	{"insecure-skip-tls-verify", FIELD_FLAG, NULL},
	{"certificate-authority", FIELD_TEXT, NULL},
	{"certificate-authority-data", FIELD_TEXT, NULL},
	{"proxy-url", FIELD_TEXT, NULL},
	{"disable-compression", FIELD_FLAG, NULL},
	{"extensions", FIELD_LIST, extension_fields},
	{0},
};
static const struct field variable_fields[] = {
	{"name", FIELD_TEXT, NULL}, {"value", FIELD_TEXT, NULL}, {0}};
static const struct field exec_fields[] = {
	{"command", FIELD_TEXT, NULL},
	{"args", FIELD_TEXTS, NULL},
	{"env", FIELD_LIST, variable_fields},
	{"apiVersion", FIELD_TEXT, NULL},
	{"installHint", FIELD_TEXT, NULL},
	{"provideClusterInfo", FIELD_FLAG, NULL},
	{"interactiveMode", FIELD_TEXT, NULL},
	{0},
};
static const struct field provider_config_fields[] = {{"id-token", FIELD_TEXT, NULL}, {0}};
static const struct field provider_fields[] = {
	{"name", FIELD_TEXT, NULL}, {"config", FIELD_MAP, provider_config_fields}, {0}};
static const struct field user_fields[] = {
	{"client-certificate", FIELD_TEXT, NULL},
	{"client-certificate-data", FIELD_TEXT, NULL},
	{"client-key", FIELD_TEXT, NULL},
	{"client-key-data", FIELD_TEXT, NULL},
	{"token", FIELD_TEXT, NULL},
	{"tokenFile", FIELD_TEXT, NULL},
	{"username", FIELD_TEXT, NULL},
	{"password", FIELD_TEXT, NULL},
	{"as", FIELD_TEXT, NULL},
	{"as-uid", FIELD_TEXT, NULL},
	{"as-groups", FIELD_TEXTS, NULL},
	{"as-user-extra", FIELD_MAP, NULL},
	{"auth-provider", FIELD_MAP, provider_fields},
	{"exec", FIELD_MAP, exec_fields},
	{0},
};
static const struct field context_fields[] = {
	{"cluster", FIELD_TEXT, NULL},
	{"user", FIELD_TEXT, NULL},
	{"namespace", FIELD_TEXT, NULL},
	{0},
};

static const struct {
	const char *list, *body;
	const struct field *fields;
} sections[KUBECONFIG_SECTIONS] = {
	[KUBECONFIG_CLUSTERS] = {"clusters", "cluster", cluster_fields},
	[KUBECONFIG_USERS] = {"users", "user", user_fields},
	[KUBECONFIG_CONTEXTS] = {"contexts", "context", context_fields},
};

/* ---- places ---- */

void
kubeconfig_put(struct error *err, const struct kubeconfig_entry *entry, const struct yaml_node *node,
               const char *format, ...)
{
	char text[sizeof err->why];
	va_list args;
	if (node == NULL)
		node = entry->place;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	error_put(err, ERROR_INVALID_FILE, "%s:%u:%u: %s", entry->file->path, node->line, node->column, text);
}

/* ---- types ---- */

static bool
is_null(const struct yaml_node *node)
{
	return node == NULL || (node->kind == YAML_KIND_SCALAR && yaml_type_of(node) == YAML_TYPE_NULL);
}

/* kubectl's YAML has no sexagesimal numbers, and it keeps times as text. */
static bool
is_text(const struct yaml_node *node)
{
	if (node->kind != YAML_KIND_SCALAR)
		return false;
	enum yaml_type type = yaml_type_of(node);
	return type == YAML_TYPE_STRING || type == YAML_TYPE_TIMESTAMP || strchr(node->text, ':') != NULL;
}

static bool
check_text(const struct kubeconfig_entry *entry, const char *key, const struct yaml_node *node,
           struct error *err)
{
	if (is_null(node) || is_text(node))
		return true;
	return kubeconfig_fail(err, entry, node, "\"%s\" must be text; put it in quotes", key);
}

static bool
check_fields(const struct kubeconfig_entry *entry, const struct field *fields, const struct yaml_node *map,
             struct error *err);

static bool
check_items(const struct kubeconfig_entry *entry, const struct field *field, const struct yaml_node *list,
            struct error *err)
{
	if (list->kind != YAML_KIND_LIST)
		return kubeconfig_fail(err, entry, list, "\"%s\" must be a list", field->key);
	for (size_t i = 0; i < list->count; i++) {
		const struct yaml_node *item = list->items[i];
		if (field->type == FIELD_TEXTS) {
			if (!check_text(entry, field->key, item, err))
				return false;
			continue;
		}
		if (item->kind != YAML_KIND_MAP)
			return kubeconfig_fail(err, entry, item, "each of \"%s\" must be a map", field->key);
		if (!check_fields(entry, field->fields, item, err))
			return false;
	}
	return true;
}

static bool
check_field(const struct kubeconfig_entry *entry, const struct field *field, const struct yaml_node *node,
            struct error *err)
{
	if (is_null(node))
		return true;
	switch (field->type) {
	case FIELD_TEXT:
		return check_text(entry, field->key, node, err);
	case FIELD_FLAG:
		if (node->kind == YAML_KIND_SCALAR && yaml_type_of(node) == YAML_TYPE_BOOL)
			return true;
		return kubeconfig_fail(err, entry, node, "\"%s\" must be true or false", field->key);
	case FIELD_MAP:
		if (node->kind != YAML_KIND_MAP)
			return kubeconfig_fail(err, entry, node, "\"%s\" must be a map", field->key);
		return field->fields == NULL || check_fields(entry, field->fields, node, err);
	case FIELD_TEXTS:
	case FIELD_LIST:
		break;
	}
	return check_items(entry, field, node, err);
}

static bool
check_fields(const struct kubeconfig_entry *entry, const struct field *fields, const struct yaml_node *map,
             struct error *err)
{
	for (; fields->key != NULL; fields++) {
		if (!check_field(entry, fields, yaml_get(map, fields->key), err))
			return false;
	}
	return true;
}

/* ---- one file ---- */

static const char *
text_of(const struct yaml_node *node)
{
	return is_null(node) || node->length == 0 ? NULL : node->text;
}

/* Fails when this file already has the name; leaves the entry of an earlier file alone. */
static bool
add_entry(struct kubeconfig *config, enum kubeconfig_section section, struct kubeconfig_entry *entry,
          struct error *err)
{
	for (size_t i = 0; i < config->n_entries[section]; i++) {
		const struct kubeconfig_entry *other = &config->entries[section][i];
		if (strcmp(other->name, entry->name) != 0)
			continue;
		if (other->file == entry->file)
			return kubeconfig_fail(err, entry, NULL, "duplicate name \"%s\" in \"%s\" (first on line %u)",
			                       entry->name, sections[section].list, other->place->line);
		return true;
	}
	config->entries[section][config->n_entries[section]++] = *entry;
	return true;
}

static bool
read_entry(struct kubeconfig *config, enum kubeconfig_section section, const struct kubeconfig_file *file,
           const struct yaml_node *item, struct error *err)
{
	const struct yaml_node *name = yaml_get(item, "name");
	const struct yaml_node *body = yaml_get(item, sections[section].body);
	struct kubeconfig_entry entry = {.file = file, .place = item, .name = ""};
	if (item->kind != YAML_KIND_MAP)
		return kubeconfig_fail(err, &entry, NULL, "each of \"%s\" must be a map", sections[section].list);
	if (!check_text(&entry, "name", name, err))
		return false;
	if (!is_null(name))
		entry.name = name->text;
	if (!is_null(body)) {
		if (body->kind != YAML_KIND_MAP)
			return kubeconfig_fail(err, &entry, body, "\"%s\" must be a map", sections[section].body);
		if (!check_fields(&entry, sections[section].fields, body, err))
			return false;
		entry.body = body;
	}
	return add_entry(config, section, &entry, err);
}

static bool
read_section(struct kubeconfig *config, enum kubeconfig_section section, const struct kubeconfig_file *file,
             const struct yaml_node *list, struct error *err)
{
	struct kubeconfig_entry whole = {.file = file, .place = list};
	if (is_null(list))
		return true;
	if (list->kind != YAML_KIND_LIST)
		return kubeconfig_fail(err, &whole, NULL, "\"%s\" must be a list", sections[section].list);
	size_t n = config->n_entries[section];
	struct kubeconfig_entry *grown = arena_array(&config->arena, struct kubeconfig_entry, n + list->count);
	if (n > 0)
		memcpy(grown, config->entries[section], n * sizeof *grown);
	config->entries[section] = grown;
	for (size_t i = 0; i < list->count; i++) {
		if (!read_entry(config, section, file, list->items[i], err))
			return false;
	}
	return true;
}

static bool
read_root(struct kubeconfig *config, const struct kubeconfig_file *file, const struct yaml_node *root,
          struct error *err)
{
	struct kubeconfig_entry whole = {.file = file, .place = root};
	if (root->kind != YAML_KIND_MAP)
		return kubeconfig_fail(err, &whole, NULL, "a kubeconfig must be a map");
	const struct yaml_node *kind = yaml_get(root, "kind");
	if (text_of(kind) != NULL && strcmp(kind->text, "Config") != 0)
		return kubeconfig_fail(err, &whole, kind, "this is a \"%s\", not a kubeconfig (kind: Config)",
		                       kind->text);
	const struct yaml_node *current = yaml_get(root, "current-context");
	if (!check_text(&whole, "current-context", current, err))
		return false;
	if (config->current_context[0] == '\0' && text_of(current) != NULL)
		config->current_context = current->text;
	for (int section = 0; section < KUBECONFIG_SECTIONS; section++) {
		if (!read_section(config, section, file, yaml_get(root, sections[section].list), err))
			return false;
	}
	return true;
}

static bool
parse_file(struct kubeconfig *config, struct kubeconfig_file *file, struct error *err)
{
	if (!yaml_parse(file->bytes, file->length, file->path, &limits, &config->arena, &file->root, err))
		return false;
	return is_null(file->root) || read_root(config, file, file->root, err);
}

/* ---- which files ---- */

static bool
is_read_already(const struct kubeconfig *config, const char *path)
{
	for (size_t i = 0; i < config->n_files; i++) {
		if (strcmp(config->files[i].path, path) == 0)
			return true;
	}
	return false;
}

static bool
read_file(struct kubeconfig *config, const char *path, bool must_exist, struct error *err)
{
	struct error failure;
	if (is_read_already(config, path))
		return true;
	struct kubeconfig_file *file = &config->files[config->n_files];
	if (!file_read(path, FILE_MAX, &config->arena, &file->bytes, &file->length, &failure)) {
		if (failure.code == ERROR_NOT_FOUND && !must_exist)
			return true;
		*err = failure;
		return error_doing(err, "reading the kubeconfig");
	}
	file->path = arena_strdup(&config->arena, path);
	config->n_files++;
	return parse_file(config, file, err) || error_doing(err, "reading the kubeconfig");
}

static bool
read_list(struct kubeconfig *config, const char *list, struct error *err)
{
	size_t n = 1;
	for (const char *c = list; *c != '\0'; c++)
		n += *c == ':';
	config->files = arena_array(&config->arena, struct kubeconfig_file, n);
	config->searched = arena_strdup(&config->arena, list);
	for (const char *at = list;; at++) {
		size_t length = strcspn(at, ":");
		if (length > 0 && !read_file(config, arena_strndup(&config->arena, at, length), false, err))
			return false;
		at += length;
		if (*at == '\0')
			return true;
	}
}

bool
kubeconfig_load(const char *path, struct kubeconfig *ret, struct error *err)
{
	*ret = (struct kubeconfig){.current_context = "", .searched = path};
	const char *list = getenv("KUBECONFIG"), *home = getenv("HOME");
	if (path != NULL) {
		ret->files = arena_array(&ret->arena, struct kubeconfig_file, 1);
		return read_file(ret, path, true, err);
	}
	if (list != NULL && list[0] != '\0')
		return read_list(ret, list, err);
	ret->searched = "~/.kube/config";
	if (home == NULL || home[0] != '/')
		return true;
	ret->files = arena_array(&ret->arena, struct kubeconfig_file, 1);
	return read_file(ret, arena_printf(&ret->arena, "%s/.kube/config", home), false, err);
}

bool
kubeconfig_parse(const char *bytes, size_t length, const char *file, struct kubeconfig *ret,
                 struct error *err)
{
	*ret = (struct kubeconfig){.current_context = "", .searched = file, .n_files = 1};
	ret->files = arena_array(&ret->arena, struct kubeconfig_file, 1);
	ret->files[0] = (struct kubeconfig_file){
		.path = arena_strdup(&ret->arena, file),
		.bytes = arena_strndup(&ret->arena, bytes, length),
		.length = length,
	};
	return parse_file(ret, &ret->files[0], err);
}

/* ---- its end ---- */

static void
wipe_texts(const struct yaml_node *node)
{
	if (node == NULL)
		return;
	if (node->kind == YAML_KIND_SCALAR)
		secret_wipe((void *)(uintptr_t)node->text, node->length);
	for (size_t i = 0; i < node->count; i++)
		wipe_texts(node->kind == YAML_KIND_MAP ? node->pairs[i].value : node->items[i]);
}

void
kubeconfig_release(struct kubeconfig *config)
{
	for (size_t i = 0; i < config->n_files; i++) {
		wipe_texts(config->files[i].root);
		secret_wipe(config->files[i].bytes, config->files[i].length);
	}
	arena_release(&config->arena);
	*config = (struct kubeconfig){.current_context = ""};
}

/* ---- questions ---- */

bool
kubeconfig_is_empty(const struct kubeconfig *config)
{
	size_t n = 0;
	for (int section = 0; section < KUBECONFIG_SECTIONS; section++)
		n += config->n_entries[section];
	return n == 0 && config->current_context[0] == '\0';
}

const struct kubeconfig_entry *
kubeconfig_find(const struct kubeconfig *config, enum kubeconfig_section section, const char *name)
{
	for (size_t i = 0; i < config->n_entries[section]; i++) {
		if (strcmp(config->entries[section][i].name, name) == 0)
			return &config->entries[section][i];
	}
	return NULL;
}

const char *
kubeconfig_text(const struct kubeconfig_entry *entry, const char *key)
{
	return text_of(yaml_get(entry->body, key));
}

bool
kubeconfig_flag(const struct kubeconfig_entry *entry, const char *key)
{
	const struct yaml_node *node = yaml_get(entry->body, key);
	if (is_null(node))
		return false;
	/* 1.1 spellings: true, yes, on; the type was checked. */
	return strchr("tTyY", node->text[0]) != NULL || strcasecmp(node->text, "on") == 0;
}

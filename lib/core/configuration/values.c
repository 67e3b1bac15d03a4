#include "core/configuration/values.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/client.h"
#include "api/kubernetes/head.h"
#include "base/clock.h"
#include "core/configuration/controller.h"
#include "core/diagnose/object.h"

enum { ENTRIES_MAX = 20000, NOTES_MAX_BYTES = 256 * 1024 };

const struct values_form values_secret = {
	.resource = &kubernetes_secrets, .command = "secrets", .noun = "secret",
	.folder = "/var/run/secrets/fiaas", .volume = "secret", .name_key = "secretName", .env_key = "secretRef"};
const struct values_form values_variable = {
	.resource = &kubernetes_configmaps, .command = "vars", .noun = "variable",
	.folder = "/var/run/config/fiaas", .volume = "configMap", .name_key = "name", .env_key = "configMapRef"};

void
values_release(struct values *values)
{
	json_release(&values->notes);
}

/* ---- names ---- */

bool
value_name_check(const char *name, struct error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t length = strlen(name);
	bool is_reserved = strcmp(name, ".") == 0 || strncmp(name, "..", 2) == 0;
	if (length > 0 && length <= VALUES_NAME_MAX && strspn(name, allowed) == length && !is_reserved)
		return true;
	return error_set(err, ERROR_USAGE, "a name has letters, digits, '-', '_' and '.', at most %d, and does not begin "
	                 "with \"..\"", VALUES_NAME_MAX);
}

bool
value_name_is_variable(const char *name)
{
	if (*name == '\0' || isdigit((unsigned char)*name))
		return false;
	for (; *name != '\0'; name++)
		if (!isalnum((unsigned char)*name) && *name != '_')
			return false;
	return true;
}

/* ---- who holds what ---- */

struct fold {
	struct values *values;
	struct arena *arena;
	json_t *places; /* name to the number of its entry */
};

static struct value_entry *
entry_of(struct fold *fold, const char *name)
{
	struct values *values = fold->values;
	const json_t *place = json_object_get(fold->places, name);
	if (place != NULL)
		return &values->entries[json_integer_value(place)];
	if (values->count == ENTRIES_MAX)
		return NULL;
	if ((values->count & (values->count - 1)) == 0) { /* a power of two is full */
		struct value_entry *more = arena_array(fold->arena, struct value_entry, values->count ? values->count * 2 : 1);
		if (values->count > 0)
			memcpy(more, values->entries, values->count * sizeof *more);
		values->entries = more;
	}
	json_object_set_new(fold->places, name, json_integer((json_int_t)values->count));
	struct value_entry *entry = &values->entries[values->count++];
	*entry = (struct value_entry){.name = arena_strdup(fold->arena, name), .manager = "", .set_by = "", .set_ms = -1};
	return entry;
}

/* Several may hold the same value: then another one than we counts. */
static void
hold(struct value_entry *entry, const char *manager, int64_t at_ms)
{
	bool is_ours = strcmp(manager, VALUES_MANAGER) == 0;
	bool was_ours = *entry->manager == '\0' || strcmp(entry->manager, VALUES_MANAGER) == 0;
	if (is_ours && *entry->manager != '\0' && !was_ours)
		return;
	if (was_ours || at_ms > entry->set_ms) {
		entry->manager = manager;
		entry->set_ms = at_ms;
	}
}

static void
fold_fields(struct fold *fold, const json_t *managed, const char *map, bool is_binary)
{
	const char *manager = arena_strdup(fold->arena, json_text_or(managed, "manager", ""));
	int64_t at_ms = object_time(managed, "time");
	const char *field;
	json_t *value;
	json_object_foreach (json_object_get(json_object_get(managed, "fieldsV1"), map), field, value) {
		struct value_entry *entry = strncmp(field, "f:", 2) == 0 ? entry_of(fold, field + 2) : NULL;
		if (entry == NULL)
			continue;
		entry->is_binary = is_binary;
		hold(entry, manager, at_ms);
	}
}

/* What we set carries the time and the user in the annotation: managedFields keeps one time for all. */
static void
take_notes(struct fold *fold)
{
	struct values *values = fold->values;
	for (size_t i = 0; i < values->count; i++) {
		struct value_entry *entry = &values->entries[i];
		const json_t *note = json_object_get(values->notes, entry->name);
		int64_t at_ms = object_time(note, "at");
		if (strcmp(entry->manager, VALUES_MANAGER) != 0 || note == NULL)
			continue;
		entry->set_ms = at_ms >= 0 ? at_ms : entry->set_ms;
		entry->set_by = arena_strdup(fold->arena, json_text_or(note, "by", ""));
	}
}

static json_t *
parse_notes(const json_t *metadata)
{
	const char *text = json_string_value(json_object_get(json_object_get(metadata, "annotations"), VALUES_ANNOTATION));
	size_t length = text != NULL ? strlen(text) : 0;
	json_t *notes = length > 0 && length <= NOTES_MAX_BYTES ? json_loadb(text, length, 0, NULL) : NULL;
	if (json_is_object(notes))
		return notes;
	json_decref(notes);
	return json_object();
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct value_entry *)a)->name, ((const struct value_entry *)b)->name);
}

void
values_of(const json_t *metadata, const json_t *keys, struct arena *arena, struct values *ret)
{
	scoped(json_release) json_t *places = json_object();
	struct fold fold = {ret, arena, places};
	const json_t *managed, *key;
	size_t i;
	*ret = (struct values){.exists = true, .notes = parse_notes(metadata),
	                       .version = arena_strdup(arena, json_text_or(metadata, "resourceVersion", "")),
	                       .controller = controller_of(metadata, arena)};
	json_array_foreach(json_object_get(metadata, "managedFields"), i, managed) {
		fold_fields(&fold, managed, "f:data", false);
		fold_fields(&fold, managed, "f:binaryData", true);
	}
	json_array_foreach(keys, i, key)
		if (json_is_string(key))
			(void)entry_of(&fold, json_string_value(key));
	take_notes(&fold);
	if (ret->count > 1)
		qsort(ret->entries, ret->count, sizeof *ret->entries, by_name);
}

const struct value_entry *
values_find(const struct values *values, const char *name)
{
	for (size_t i = 0; i < values->count; i++)
		if (strcmp(values->entries[i].name, name) == 0)
			return &values->entries[i];
	return NULL;
}

/* ---- reading ---- */

/* An object that is not there may mean that its namespace is not. */
static bool
check_namespace(struct kubernetes *kubernetes, const char *namespace, struct error *err)
{
	scoped(json_release) json_t *object = NULL;
	struct error failure;
	if (kubernetes_get(kubernetes, &kubernetes_namespaces, NULL, namespace, &object, &failure) ||
	    failure.code != ERROR_NOT_FOUND)
		return true;
	*err = failure;
	error_put(err, ERROR_NOT_FOUND, "namespace %s does not exist", namespace);
	return error_next(err, "paas doctor");
}

bool
values_read(struct kubernetes *kubernetes, const struct values_form *form, const char *namespace, const char *name,
            struct arena *arena, struct values *ret, struct error *err)
{
	scoped(kubernetes_head_release) struct kubernetes_head head = {0};
	scoped(json_release) json_t *keys = NULL;
	struct error failure;
	if (!kubernetes_get_head(kubernetes, form->resource, namespace, name, &head, &failure)) {
		*ret = (struct values){.version = "", .notes = json_object()};
		if (failure.code == ERROR_NOT_FOUND && check_namespace(kubernetes, namespace, &failure))
			return true;
		values_release(ret);
		*err = failure;
		return false;
	}
	values_of(head.metadata, NULL, arena, ret);
	if (head.n_keys < 0 || (size_t)head.n_keys == ret->count)
		return true;
	values_release(ret);
	if (!kubernetes_get_keys(kubernetes, form->resource, namespace, name, &keys, err))
		return false;
	values_of(head.metadata, keys, arena, ret);
	return true;
}

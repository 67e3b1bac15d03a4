#include "data/json.h"

#include <ctype.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum { DOCUMENT_MAX_BYTES = 64 * 1024 * 1024, KEY_MAX_BYTES = 320 };

/* The first part of `path` into `key`; the rest, or NULL at the end. */
static const char *
split_path(const char *path, char key[static KEY_MAX_BYTES])
{
	size_t length = 0;
	for (; *path && *path != '.'; path++) {
		if (*path == '\\' && path[1])
			path++;
		if (length < KEY_MAX_BYTES - 1)
			key[length++] = *path;
	}
	key[length] = '\0';
	return *path ? path + 1 : NULL;
}

json_t *
json_at(const json_t *value, const char *path)
{
	char key[KEY_MAX_BYTES];
	while (value && path) {
		path = split_path(path, key);
		if (json_is_array(value))
			value = isdigit((unsigned char)*key) ? json_array_get(value, strtoul(key, NULL, 10)) : NULL;
		else
			value = json_object_get(value, key);
	}
	return json_is_null(value) ? NULL : (json_t *)(uintptr_t)value;
}

const char *
json_text_at(const json_t *value, const char *path)
{
	return json_string_value(json_at(value, path));
}

const char *
json_text_or(const json_t *value, const char *path, const char *fallback)
{
	const char *text = json_text_at(value, path);
	return text ? text : fallback;
}

int64_t
json_int_at(const json_t *value, const char *path, int64_t fallback)
{
	const json_t *found = json_at(value, path);
	return json_is_integer(found) ? json_integer_value(found) : fallback;
}

double
json_number_at(const json_t *value, const char *path, double fallback)
{
	const json_t *found = json_at(value, path);
	return json_is_number(found) ? json_number_value(found) : fallback;
}

bool
json_bool_at(const json_t *value, const char *path, bool fallback)
{
	const json_t *found = json_at(value, path);
	return json_is_boolean(found) ? json_is_true(found) : fallback;
}

json_t *
json_list_at(const json_t *value, const char *path)
{
	json_t *found = json_at(value, path);
	return json_is_array(found) ? found : NULL;
}

json_t *
json_map_at(const json_t *value, const char *path)
{
	json_t *found = json_at(value, path);
	return json_is_object(found) ? found : NULL;
}

bool
json_parse(const char *bytes, size_t length, const char *what, json_t **ret, struct error *err)
{
	if (length > DOCUMENT_MAX_BYTES)
		return error_set(err, ERROR_BAD_ANSWER, "%s is larger than %d MiB", what,
		                 DOCUMENT_MAX_BYTES / (1024 * 1024));
	json_error_t problem;
	json_t *value = json_loadb(bytes, length, JSON_DECODE_ANY, &problem);
	if (!value)
		return error_set(err, ERROR_BAD_ANSWER, "%s is not JSON: line %d, column %d: %s", what,
		                 problem.line, problem.column, problem.text);
	*ret = value;
	return true;
}

char *
json_write(const json_t *value, struct arena *arena)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (!text)
		abort(); /* out of memory, as in the arena */
	char *copy = arena_strdup(arena, text);
	free(text);
	return copy;
}

static void
wipe_and_free(void *bytes)
{
	if (bytes)
		secret_wipe(bytes, malloc_usable_size(bytes));
	free(bytes);
}

void
json_wipe_freed(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
}

void
json_release(json_t **value)
{
	json_decref(*value);
	*value = NULL;
}

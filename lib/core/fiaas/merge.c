#include "core/fiaas/merge.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "core/fiaas/python.h"

enum { PATH_MAX_BYTES = 180 };

static void
add_path(struct buf *path, const struct merged *at)
{
	if (at == NULL || at->parent == NULL)
		return;
	add_path(path, at->parent);
	if (at->key == NULL)
		buf_printf(path, "[%zu]", at->index);
	else
		buf_printf(path, "%s%s", path->length == 0 ? "" : ".", at->key);
}

bool
merged_fail(const struct merged *at, const char *key, const char *format, ...)
{
	scoped(buf_release) struct buf path = BUF_INIT(PATH_MAX_BYTES);
	struct merge *merge = at->merge;
	va_list args;
	if (merge->failed && merge->each == NULL)
		return false;
	va_start(args, format);
	const char *why = arena_vprintf(merge->arena, format, args);
	va_end(args);
	add_path(&path, at);
	if (key != NULL)
		buf_printf(&path, "%s%s", path.length == 0 ? "" : ".", key);
	if (merge->each != NULL)
		merge->each(merge->data, path.bytes, why);
	if (merge->failed)
		return false;
	merge->failed = true;
	error_put(merge->err, ERROR_INVALID_SPEC, "%s", why);
	error_put_source(merge->err, "fiaas.yml", path.bytes, NULL);
	return false;
}

static const struct merged *
place(const struct merged *parent, const char *key, size_t index, const json_t *config,
      const json_t *defaults)
{
	struct merged *at = arena_new(parent->merge->arena, struct merged);
	*at = (struct merged){parent->merge, config, defaults, parent, key, index};
	return at;
}

const struct merged *
merged_root(struct merge *merge, const json_t *config, const json_t *defaults)
{
	struct merged *root = arena_new(merge->arena, struct merged);
	*root = (struct merged){.merge = merge, .config = config, .defaults = defaults};
	return root;
}

const json_t *
merged_written(const struct merged *map, const char *key)
{
	const json_t *value = json_object_get(map->config, key);
	return json_is_null(value) ? NULL : value;
}

bool
merged_is_given(const struct merged *map, const char *key)
{
	return python_is_true(json_object_get(map->config, key));
}

const json_t *
merged_value(const struct merged *map, const char *key)
{
	const json_t *value = merged_written(map, key);
	return value != NULL ? value : json_object_get(map->defaults, key);
}

static bool
fail_type(const struct merged *at, const char *expected)
{
	return merged_fail(at, NULL, "%s is not of the expected type <class '%s'>",
	                   python_repr(at->config, at->merge->arena), expected);
}

/* A falsy value where a map belongs counts as absent. */
static const struct merged *
check_map(const struct merged *at)
{
	if (json_is_object(at->config))
		return at;
	if (python_is_true(at->config))
		fail_type(at, "dict");
	return place(at->parent, at->key, at->index, NULL, at->defaults);
}

const struct merged *
merged_map(const struct merged *map, const char *key)
{
	return check_map(place(map, key, 0, merged_written(map, key), json_object_get(map->defaults, key)));
}

const struct merged *
merged_list(const struct merged *map, const char *key)
{
	const struct merged *at =
		place(map, key, 0, merged_written(map, key), json_object_get(map->defaults, key));
	if (at->config == NULL || json_is_array(at->config))
		return at;
	if (python_is_true(at->config))
		fail_type(at, "list");
	else if (python_is_number(at->config))
		merged_fail(at, NULL, "Failed to parse configuration: object of type '%s' has no len()",
		            python_type_name(at->config));
	return at;
}

size_t
merged_count(const struct merged *list)
{
	return json_array_size(list->config != NULL ? list->config : list->defaults);
}

const struct merged *
merged_item(const struct merged *list, size_t i)
{
	const json_t *config = json_array_get(list->config, i);
	if (json_is_null(config))
		config = NULL;
	return check_map(place(list, NULL, i, config, json_array_get(list->defaults, 0)));
}

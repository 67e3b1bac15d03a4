#include "core/fiaas/options.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/similar.h"

static const struct fiaas_option *
find_or_explain(const char *name, struct error *err)
{
	const char *names[FIAAS_OPTIONS_MAX], *near[SIMILAR_MAX];
	const struct fiaas_option *option = fiaas_option_find(name);
	if (option != NULL)
		return option;
	error_put(err, ERROR_USAGE, "FIAAS has no option \"%s\"", name);
	for (size_t i = 0; i < n_fiaas_option_table; i++)
		names[i] = fiaas_option_table[i].name;
	if (similar_find(name, names, n_fiaas_option_table, near) > 0)
		error_put_next(err, "did you mean %s?", near[0]);
	return NULL;
}

/* ---- one setter a type; `text` outlives the options ---- */

typedef bool setter(void *field, const struct fiaas_option *option, const char *text,
                    struct arena *arena, struct error *err);

static bool
refuse(struct error *err, const struct fiaas_option *option, const char *text, const char *takes)
{
	return error_set(err, ERROR_USAGE, "FIAAS option %s takes %s, not \"%s\"", option->name, takes, text);
}

static bool
set_text(void *field, const struct fiaas_option *option, const char *text, struct arena *arena,
         struct error *err)
{
	(void)option, (void)arena, (void)err;
	*(const char **)field = *text == '\0' ? NULL : text;
	return true;
}

static bool
set_choice(void *field, const struct fiaas_option *option, const char *text, struct arena *arena,
           struct error *err)
{
	const char *found = strstr(option->choices, text);
	size_t length = strlen(text);
	(void)arena;
	if (length == 0 || strchr(text, ' ') != NULL || found == NULL ||
	    (found > option->choices && found[-1] != ' ') || (found[length] != ' ' && found[length] != '\0')) {
		char takes[80];
		snprintf(takes, sizeof takes, "one of: %s", option->choices);
		return refuse(err, option, text, takes);
	}
	*(const char **)field = text;
	return true;
}

static bool
set_flag(void *field, const struct fiaas_option *option, const char *text, struct arena *arena,
         struct error *err)
{
	(void)arena;
	bool is_true = strcmp(text, "true") == 0;
	if (!is_true && strcmp(text, "false") != 0)
		return refuse(err, option, text, "true or false");
	*(bool *)field = is_true;
	return true;
}

static bool
parse_number(const char *text, int *ret)
{
	struct error ignored;
	uint64_t number;
	if (!number_parse_u64(text, 0, INT32_MAX, &number, &ignored))
		return false;
	*ret = (int)number;
	return true;
}

static bool
set_number(void *field, const struct fiaas_option *option, const char *text, struct arena *arena,
           struct error *err)
{
	(void)arena;
	return parse_number(text, field) || refuse(err, option, text, "a number");
}

static bool
set_int_or_text(void *field, const struct fiaas_option *option, const char *text, struct arena *arena,
                struct error *err)
{
	struct fiaas_int_or_text value = {0};
	size_t n_digits = strspn(text, "0123456789");
	(void)arena;
	if (n_digits > 0 && strcmp(text + n_digits, "%") == 0)
		value.text = text;
	else if (!parse_number(text, &value.number))
		return refuse(err, option, text, "a number or a percentage");
	*(struct fiaas_int_or_text *)field = value;
	return true;
}

/* An array grows by copying: options are few, and the old one stays valid for whoever copied the
 * struct. */
static bool
add_to_list(void *field, const struct fiaas_option *option, const char *text, struct arena *arena,
            struct error *err)
{
	struct fiaas_list *list = field;
	const char **items = arena_array(arena, const char *, list->count + 1);
	if (*text == '\0')
		return refuse(err, option, text, "a value");
	if (list->count > 0)
		memcpy(items, list->items, list->count * sizeof *items);
	items[list->count] = text;
	*list = (struct fiaas_list){items, list->count + 1};
	return true;
}

static void
put_pair(struct fiaas_pairs *pairs, const char *key, const char *value, struct arena *arena)
{
	struct fiaas_pair *items = arena_array(arena, struct fiaas_pair, pairs->count + 1);
	if (pairs->count > 0)
		memcpy(items, pairs->items, pairs->count * sizeof *items);
	pairs->items = items;
	for (size_t i = 0; i < pairs->count; i++)
		if (strcmp(items[i].key, key) == 0) {
			items[i].value = value;
			return;
		}
	items[pairs->count++] = (struct fiaas_pair){key, value};
}

static bool
add_to_pairs(void *field, const struct fiaas_option *option, const char *text, struct arena *arena,
             struct error *err)
{
	const char *equals = strchr(text, '=');
	if (equals == NULL || equals == text || strchr(equals + 1, '=') != NULL)
		return refuse(err, option, text, "KEY=VALUE with exactly one \"=\"");
	put_pair(field, arena_strndup(arena, text, (size_t)(equals - text)), equals + 1, arena);
	return true;
}

static bool
set_nothing(void *field, const struct fiaas_option *option, const char *text, struct arena *arena,
            struct error *err)
{
	(void)field, (void)option, (void)text, (void)arena, (void)err;
	return true;
}

static setter *const setters[] = {
	[FIAAS_OPTION_TEXT] = set_text,
	[FIAAS_OPTION_CHOICE] = set_choice,
	[FIAAS_OPTION_FLAG] = set_flag,
	[FIAAS_OPTION_NUMBER] = set_number,
	[FIAAS_OPTION_INT_OR_TEXT] = set_int_or_text,
	[FIAAS_OPTION_LIST] = add_to_list,
	[FIAAS_OPTION_PAIRS] = add_to_pairs,
	[FIAAS_OPTION_OTHER] = set_nothing,
};

static void *
field_of(struct fiaas_options *options, const struct fiaas_option *option)
{
	return (char *)options + option->offset;
}

static bool
set_from_text(struct fiaas_options *options, const struct fiaas_option *option, const char *text,
              struct arena *arena, struct error *err)
{
	return setters[option->type](field_of(options, option), option, text, arena, err);
}

static bool
is_repeatable(const struct fiaas_option *option)
{
	return option->type == FIAAS_OPTION_LIST || option->type == FIAAS_OPTION_PAIRS;
}

static void
empty(struct fiaas_options *options, const struct fiaas_option *option)
{
	if (option->type == FIAAS_OPTION_LIST)
		*(struct fiaas_list *)field_of(options, option) = (struct fiaas_list){0};
	if (option->type == FIAAS_OPTION_PAIRS)
		*(struct fiaas_pairs *)field_of(options, option) = (struct fiaas_pairs){0};
}

void
fiaas_options_init(struct fiaas_options *options)
{
	struct error never;
	*options = (struct fiaas_options){0};
	for (size_t i = 0; i < n_fiaas_option_table; i++)
		if (fiaas_option_table[i].initial != NULL)
			set_from_text(options, &fiaas_option_table[i], fiaas_option_table[i].initial, NULL, &never);
}

/* ---- values of the platform file ---- */

/* A scalar as the text one would have typed; NULL when it is none. */
static const char *
scalar_text(const json_t *value, struct arena *arena)
{
	if (json_is_string(value))
		return arena_strdup(arena, json_string_value(value));
	if (json_is_integer(value))
		return arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_boolean(value))
		return json_is_true(value) ? "true" : "false";
	return NULL;
}

static bool
set_scalar(struct fiaas_options *options, const struct fiaas_option *option, const json_t *value,
           struct arena *arena, struct error *err)
{
	const char *text = scalar_text(value, arena);
	if (text == NULL)
		return error_set(err, ERROR_USAGE, "FIAAS option %s takes a single value", option->name);
	return set_from_text(options, option, text, arena, err);
}

static bool
set_map(struct fiaas_options *options, const struct fiaas_option *option, const json_t *map,
        struct arena *arena, struct error *err)
{
	const char *key;
	const json_t *value;
	if (option->type != FIAAS_OPTION_PAIRS)
		return error_set(err, ERROR_USAGE, "FIAAS option %s takes no map", option->name);
	for (void *at = json_object_iter((json_t *)(uintptr_t)map); at != NULL;
	     at = json_object_iter_next((json_t *)(uintptr_t)map, at)) {
		key = json_object_iter_key(at);
		value = json_object_iter_value(at);
		const char *text = scalar_text(value, arena);
		if (text == NULL || strchr(key, '=') != NULL || strchr(text, '=') != NULL)
			return refuse(err, option, key, "KEY: VALUE without \"=\"");
		put_pair(field_of(options, option), arena_strdup(arena, key), text, arena);
	}
	return true;
}

bool
fiaas_options_set(struct fiaas_options *options, const char *name, const json_t *value,
                  struct arena *arena, struct error *err)
{
	const struct fiaas_option *option = find_or_explain(name, err);
	if (option == NULL)
		return false;
	if (json_is_null(value) || option->type == FIAAS_OPTION_OTHER)
		return true;
	empty(options, option);
	if (json_is_object(value))
		return set_map(options, option, value, arena, err);
	if (!json_is_array(value))
		return set_scalar(options, option, value, arena, err);
	if (!is_repeatable(option))
		return error_set(err, ERROR_USAGE, "FIAAS option %s takes no list", option->name);
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!set_scalar(options, option, json_array_get(value, i), arena, err))
			return false;
	return true;
}

bool
fiaas_options_set_json(struct fiaas_options *options, const json_t *values, struct arena *arena,
                       struct error *err)
{
	json_t *map = (json_t *)(uintptr_t)values; /* iteration does not change it */
	if (values != NULL && !json_is_object(values) && !json_is_null(values))
		return error_set(err, ERROR_USAGE, "FIAAS options are a map");
	for (void *at = json_object_iter(map); at != NULL; at = json_object_iter_next(map, at))
		if (!fiaas_options_set(options, json_object_iter_key(at), json_object_iter_value(at), arena,
		                       err))
			return false;
	return true;
}

/* ---- --set-fiaas ---- */

bool
fiaas_options_set_texts(struct fiaas_options *options, const char *const *assignments, size_t count,
                        struct arena *arena, struct error *err)
{
	bool was_set[FIAAS_OPTIONS_MAX] = {false};
	for (size_t i = 0; i < count; i++) {
		size_t length = strcspn(assignments[i], "=");
		const struct fiaas_option *option =
			find_or_explain(arena_strndup(arena, assignments[i], length), err);
		if (option == NULL)
			return false;
		bool *is_known = &was_set[option - fiaas_option_table];
		if (!*is_known)
			empty(options, option);
		*is_known = true;
		const char *value = assignments[i][length] == '=' ? assignments[i] + length + 1 : NULL;
		if (value == NULL && option->type != FIAAS_OPTION_FLAG && option->type != FIAAS_OPTION_OTHER)
			return error_set(err, ERROR_USAGE, "FIAAS option %s needs a value: %s=VALUE",
			                 option->name, option->name);
		if (!set_from_text(options, option, value != NULL ? arena_strdup(arena, value) : "true",
		                   arena, err))
			return false;
	}
	return true;
}

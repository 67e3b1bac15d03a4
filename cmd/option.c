#include "cmd/option.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"

bool
option_takes_value(const struct option_spec *option)
{
	return option->kind == OPTION_TEXT || option->kind == OPTION_LIST || option->kind == OPTION_NUMBER ||
	       option->kind == OPTION_DURATION || option->kind == OPTION_CHOICE;
}

bool
option_is_positional(const struct option_spec *option)
{
	return option->kind == OPTION_ARG || option->kind == OPTION_ARGS || option->kind == OPTION_DATA;
}

static void
append(struct arena *arena, struct text_list *list, const char *item)
{
	/* Grown by copying: a command line holds a few, and the arena forgets the old ones. */
	const char **items = arena_array(arena, const char *, list->count + 1);
	if (list->count > 0)
		memcpy(items, list->items, list->count * sizeof *items);
	items[list->count++] = item;
	list->items = items;
}

static bool
set_choice(const struct option_spec *option, const char *value, struct arena *arena, struct error *err)
{
	const char *all = "";
	for (const char *const *choice = option->choices; *choice != NULL; choice++) {
		if (strcmp(*choice, value) == 0) {
			*option->text = value;
			return true;
		}
		all = arena_printf(arena, "%s%s%s", all, all[0] != '\0' ? ", " : "", *choice);
	}
	return error_set(err, ERROR_USAGE, "\"%s\" is none of %s", value, all);
}

static bool
set_flag(const struct option_spec *option, const char *value, struct error *err)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {{"1", true}, {"true", true}, {"yes", true}, {"on", true}, {"0", false},
	             {"false", false}, {"no", false}, {"off", false}, {"", false}};
	for (size_t i = 0; i < array_length(words); i++) {
		if (strcmp(words[i].word, value) == 0) {
			*option->flag = words[i].value;
			return true;
		}
	}
	return error_set(err, ERROR_USAGE, "\"%s\" is neither true nor false", value);
}

static bool
set_value(const struct option_spec *option, const char *value, struct arena *arena, struct error *err)
{
	switch (option->kind) {
	case OPTION_FLAG:
		return set_flag(option, value, err);
	case OPTION_TEXT:
	case OPTION_MAYBE:
	case OPTION_ARG:
	case OPTION_CHOICE:
		if (option->choices != NULL)
			return set_choice(option, value, arena, err);
		*option->text = value;
		return true;
	case OPTION_LIST:
	case OPTION_ARGS:
	case OPTION_DATA:
		append(arena, option->list, value);
		return true;
	case OPTION_NUMBER:
	case OPTION_COUNT:
		return number_parse_u64(value, option->min, option->max > 0 ? option->max : UINT64_MAX,
		                        option->number, err);
	case OPTION_DURATION:
		return number_parse_duration_ms(value, option->duration_ms, err);
	case OPTION_END:
		break;
	}
	return error_set(err, ERROR_USAGE, "takes no value");
}

bool
option_set(const struct option_spec *option, const char *origin, const char *value, struct arena *arena,
         struct error *err)
{
	struct error inner = {0};
	if (set_value(option, value, arena, &inner))
		return true;
	return error_set(err, ERROR_USAGE, "%s: %s", origin, inner.why);
}

bool
option_set_defaults(const struct option_spec *options, struct arena *arena, struct error *err)
{
	for (const struct option_spec *option = options; option->kind != OPTION_END; option++) {
		const char *value = option->environment != NULL ? getenv(option->environment) : NULL;
		if (value == NULL || value[0] == '\0')
			continue;
		if (!option_set(option, arena_printf(arena, "$%s", option->environment), value, arena, err))
			return false;
	}
	return true;
}

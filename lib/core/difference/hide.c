#include "core/difference/hide.h"

#include <string.h>

#include "base/compiler.h"
#include "core/diagnose/evidence.h"
#include "net/mask.h"

/* Below these stand names of secrets, not secrets. */
static const char *const references[] = {"valueFrom", "secretRef", "secretKeyRef", "secret", "secretName", "imagePullSecrets",
                                         "serviceAccountName"};

struct hiding {
	struct arena arena;
	bool is_all;    /* each value is a secret, whatever its name */
	bool was_needed;
};

static bool
is_reference(const char *key)
{
	for (size_t i = 0; i < array_length(references); i++)
		if (strcmp(references[i], key) == 0)
			return true;
	return false;
}

static bool
is_secret_name(const char *name)
{
	return name != NULL && mask_is_secret_name(name, strlen(name));
}

static json_t *hide(struct hiding *hiding, const char *name, const json_t *value);

/* {name: DATABASE_PASSWORD, value: …} */
static const char *
name_within(const json_t *map, const char *key)
{
	const char *name = json_string_value(json_object_get(map, "name"));
	return strcmp(key, "value") == 0 && name != NULL ? name : key;
}

static json_t *
hide_map(struct hiding *hiding, const json_t *map)
{
	json_t *ret = json_object(), *child;
	const char *key;
	json_object_foreach ((json_t *)(uintptr_t)map, key, child)
		json_object_set_new(ret, key, is_reference(key) && !hiding->is_all
		                                      ? json_deep_copy(child)
		                                      : hide(hiding, name_within(map, key), child));
	return ret;
}

static json_t *
hide_text(struct hiding *hiding, const char *name, const json_t *value)
{
	const char *text = json_string_value(value);
	bool is_secret = hiding->is_all || is_secret_name(name);
	const char *masked = is_secret ? HIDDEN_VALUE : text_mask(text, &hiding->arena);
	if (!is_secret && strcmp(masked, text) == 0)
		return json_incref((json_t *)(uintptr_t)value);
	hiding->was_needed = true;
	return json_string(masked);
}

static json_t *
hide(struct hiding *hiding, const char *name, const json_t *value)
{
	json_t *ret, *child;
	size_t i;
	if (value == NULL)
		return NULL;
	if (json_is_object(value))
		return hide_map(hiding, value);
	if (json_is_string(value))
		return hide_text(hiding, name, value);
	if (!json_is_array(value))
		return json_incref((json_t *)(uintptr_t)value);
	ret = json_array();
	json_array_foreach (value, i, child)
		json_array_append_new(ret, hide(hiding, name, child));
	return ret;
}

/* The name that the value of a change goes by: its own key, or that of the element it is the value of. */
static const char *
name_of(const struct change *change)
{
	const struct change_step *last = &change->steps[change->n_steps - 1];
	bool is_value = change->n_steps > 1 && last->key != NULL && last->field == NULL && strcmp(last->key, "value") == 0;
	return is_value && last[-1].field != NULL ? last[-1].key : last->field == NULL ? last->key : NULL;
}

static bool
is_below_reference(const struct change *change)
{
	for (size_t i = 0; i < change->n_steps; i++)
		if (change->steps[i].field == NULL && change->steps[i].key != NULL && is_reference(change->steps[i].key))
			return true;
	return false;
}

static bool
is_content(const char *kind, const struct change *change)
{
	const char *first = change->n_steps > 0 ? change->steps[0].key : "";
	return strcmp(kind, "Secret") == 0 && first != NULL && strcmp(first, "metadata") != 0 && strcmp(first, "type") != 0;
}

/* Both look the same now: say that they are not. */
static json_t *
mark_changed(struct hiding *hiding, json_t *after)
{
	const char *text = json_string_value(after);
	if (text == NULL)
		return after;
	json_t *ret = strcmp(text, HIDDEN_VALUE) == 0 ? json_string(HIDDEN_CHANGE)
	                                              : json_string(arena_printf(&hiding->arena, "%s " HIDDEN_CHANGE, text));
	json_decref(after);
	return ret;
}

struct shown
change_hide(const char *kind, const struct change *change)
{
	struct hiding hiding = {.is_all = is_content(kind, change)};
	const char *name = change->n_steps > 0 && !is_below_reference(change) ? name_of(change) : NULL;
	struct shown shown = {.before = hide(&hiding, name, change->before)};
	shown.after = hide(&hiding, name, change->after);
	if (change->action == CHANGE_SET && json_equal(shown.before, shown.after))
		shown.after = mark_changed(&hiding, shown.after);
	shown.is_secret = hiding.was_needed;
	arena_release(&hiding.arena);
	return shown;
}

void
shown_release(struct shown *shown)
{
	json_decref(shown->before);
	json_decref(shown->after);
	*shown = (struct shown){0};
}

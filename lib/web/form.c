#include "web/form.h"

#include <jansson.h>
#include <string.h>

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* jansson knows what UTF-8 is. */
static bool
is_utf8(const char *text)
{
	json_t *value = json_string(text);
	json_decref(value);
	return value != NULL;
}

/* NULL when it cannot be decoded. */
static const char *
decode(const char *bytes, size_t length, struct arena *arena)
{
	char *text = arena_alloc(arena, length + 1), *out = text;
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != '%') {
			*out++ = bytes[i] == '+' ? ' ' : bytes[i];
			continue;
		}
		int high = i + 2 < length ? digit_of(bytes[i + 1]) : -1;
		int low = high >= 0 ? digit_of(bytes[i + 2]) : -1;
		if (low < 0)
			return NULL;
		*out++ = (char)(high << 4 | low);
		i += 2;
	}
	bool has_nul = memchr(text, '\0', (size_t)(out - text)) != NULL;
	return has_nul || !is_utf8(text) ? NULL : text;
}

static bool
read_field(const char *bytes, size_t length, struct arena *arena, struct web_form_field *ret)
{
	const char *equals = memchr(bytes, '=', length);
	size_t name_length = equals != NULL ? (size_t)(equals - bytes) : length;
	ret->name = decode(bytes, name_length, arena);
	ret->value = equals != NULL ? decode(equals + 1, length - name_length - 1, arena) : arena_strdup(arena, "");
	return ret->name != NULL && ret->value != NULL;
}

bool
web_form_read(const char *bytes, size_t length, struct arena *arena, struct web_form *ret)
{
	struct web_form form = {.fields = arena_array(arena, struct web_form_field, WEB_FORM_FIELDS_MAX)};
	while (length > 0) {
		const char *end = memchr(bytes, '&', length);
		size_t field_length = end != NULL ? (size_t)(end - bytes) : length;
		size_t skipped = field_length + (end != NULL);
		if (field_length > 0 && (form.count == WEB_FORM_FIELDS_MAX ||
		                         !read_field(bytes, field_length, arena, &form.fields[form.count++])))
			return false;
		bytes += skipped;
		length -= skipped;
	}
	*ret = form;
	return true;
}

const char *
web_form_value(const struct web_form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value;
	return NULL;
}

bool
web_form_repeats(const struct web_form *form)
{
	for (size_t i = 0; i < form->count; i++)
		if (web_form_value(form, form->fields[i].name) != form->fields[i].value)
			return true;
	return false;
}

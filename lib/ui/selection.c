#include "ui/selection.h"

#include <string.h>

#include "base/similar.h"
#include "ui/neutral.h"
#include "ui/text.h"

enum { FIELD_MAX = 64, FIELD_LIST_MAX_BYTES = 4096 };

static bool
refuse_field(const json_t *object, const char *field, struct error *err)
{
	scoped(buf_release) struct buf names = BUF_INIT(FIELD_LIST_MAX_BYTES);
	void *at = json_object_iter((json_t *)(uintptr_t)object);
	for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)object, at))
		buf_printf(&names, "%s%s", names.length > 0 ? ", " : "", json_object_iter_key(at));
	return error_set(err, ERROR_USAGE, "--json: unknown field \"%s\"; there are: %s", field, names.bytes);
}

bool
selection_apply(json_t **value, const char *fields, struct error *err)
{
	if (fields == NULL || fields[0] == '\0')
		return true;
	json_t *whole = take(*value), *chosen = json_object();
	bool is_fine = true;
	while (is_fine && *fields != '\0') {
		size_t length = strcspn(fields, ",");
		char field[FIELD_MAX + 1];
		snprintf(field, sizeof field, "%.*s", (int)(length < FIELD_MAX ? length : FIELD_MAX), fields);
		json_t *found = json_object_get(whole, field);
		if (found == NULL)
			is_fine = refuse_field(whole, field, err);
		else
			json_object_set(chosen, field, found);
		fields += length + (fields[length] == ',');
	}
	json_decref(whole);
	if (is_fine)
		*value = chosen;
	else
		json_decref(chosen);
	return is_fine;
}

void
selection_escape(struct buf *buf, const char *json)
{
	size_t length = strlen(json);
	while (length > 0) {
		uint32_t character;
		size_t used = text_decode(json, length, &character);
		if (used == 0) /* jansson writes valid UTF-8 only */
			return;
		if (neutral_is_safe(character) || character == '\n')
			buf_add(buf, json, used);
		else if (character <= 0xFFFF)
			buf_printf(buf, "\\u%04x", (unsigned)character);
		else
			buf_printf(buf, "\\u%04x\\u%04x", (unsigned)(0xD800 + ((character - 0x10000) >> 10)),
			           (unsigned)(0xDC00 + (character & 0x3FF)));
		json += used;
		length -= used;
	}
}

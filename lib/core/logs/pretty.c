#include "core/logs/pretty.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "data/json.h"

enum { STRUCTURED_MAX = 1024 * 1024 };

static const char *const level_keys[] = {"level", "severity", "lvl", "log.level"};
static const char *const message_keys[] = {"message", "msg", "event"};
static const char *const time_keys[] = {"time", "ts", "timestamp", "@timestamp"};

static bool
is_among(const char *key, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}
#define is_one_of(key, keys) is_among(key, keys, array_length(keys))

static const char *
first_text(const json_t *object, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_object_get(object, keys[i]));
		if (text != NULL)
			return text;
	}
	return NULL;
}

/* ---- logfmt ---- */

/* key=value key="a b \" c" …, the whole line; a new reference, or NULL when it is something else. */
static json_t *
parse_logfmt(const char *text, size_t length)
{
	scoped(json_release) json_t *object = json_object();
	for (size_t at = 0; at < length;) {
		scoped(buf_release) struct buf key = BUF_INIT(128), value = BUF_INIT(STRUCTURED_MAX);
		for (; at < length && (isalnum((unsigned char)text[at]) || memchr("_.-/@", text[at], 5) != NULL); at++)
			buf_add_char(&key, text[at]);
		if (key.length == 0 || key.overflow || at == length || text[at++] != '=')
			return NULL;
		bool is_quoted = at < length && text[at] == '"';
		for (at += is_quoted; at < length && text[at] != (is_quoted ? '"' : ' '); at++) {
			at += is_quoted && text[at] == '\\' && at + 1 < length;
			buf_add_char(&value, text[at]);
		}
		json_t *string = json_stringn(value.bytes, value.length);
		if (string == NULL || (is_quoted && at == length))
			return json_decref(string), NULL;
		json_object_set_new(object, key.bytes, string);
		at += is_quoted;
		if (at < length && text[at] != ' ')
			return NULL;
		while (at < length && text[at] == ' ')
			at++;
	}
	return json_object_size(object) >= 2 ? json_incref(object) : NULL;
}

/* ---- writing ---- */

static void
add_value(struct buf *buf, const json_t *value)
{
	if (json_is_string(value)) {
		const char *text = json_string_value(value);
		bool is_plain = text[0] != '\0' && strpbrk(text, " \"=\n\t") == NULL;
		if (is_plain) {
			buf_add_text(buf, text);
			return;
		}
	}
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	buf_add_text(buf, text != NULL ? text : "?");
	free(text);
}

static void
add_level(struct buf *buf, const char *level)
{
	size_t length = strlen(level);
	for (size_t i = 0; i < length; i++)
		buf_add_char(buf, (char)toupper((unsigned char)level[i]));
	buf_add_repeated(buf, ' ', length < 5 ? 6 - length : 1);
}

static void
add_object(struct buf *buf, const json_t *object)
{
	const char *level = first_text(object, level_keys, array_length(level_keys));
	const char *message = first_text(object, message_keys, array_length(message_keys)), *key;
	const json_t *value;
	if (level != NULL)
		add_level(buf, level);
	if (message != NULL)
		buf_add_text(buf, message);
	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		if (is_one_of(key, time_keys) || is_one_of(key, message_keys) || (level != NULL && is_one_of(key, level_keys)))
			continue;
		buf_printf(buf, buf->length > 0 && buf->bytes[buf->length - 1] != ' ' ? " %s=" : "%s=", key);
		add_value(buf, value);
	}
}

bool
log_pretty_add(struct buf *buf, const char *text, size_t length)
{
	scoped(json_release) json_t *object = NULL;
	if (length == 0 || length > STRUCTURED_MAX)
		return false;
	if (text[0] == '{')
		object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	else if (memchr(text, '=', length) != NULL)
		object = parse_logfmt(text, length);
	if (!json_is_object(object))
		return false;
	add_object(buf, object);
	return true;
}

/* Block YAML for any reader.  A text is written plain only when no version of YAML, and no terminal,
 * can take it for anything else. */
#include "data/yaml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

enum { SIMPLE_KEY_MAX = 1000 }; /* YAML 1.1 and 1.2: an implicit key has at most 1024 characters */

static void write_value(const json_t *value, size_t indent, struct buf *out);

/* ---- characters ---- */

/* The code point at `text` (valid UTF-8, jansson sees to that) and its length. */
static unsigned
code_point(const char *text, size_t *ret_length)
{
	unsigned char first = (unsigned char)*text;
	size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	unsigned code = length == 1 ? first : first & (0xffU >> (length + 1));
	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)text[i] & 0x3fU);
	*ret_length = length;
	return code;
}

/* Controls, line separators, bidi and invisible format characters, private and unassigned planes. */
static const struct range {
	unsigned first, last;
} hidden[] = {
	{0x00, 0x1f},       {0x7f, 0xa0},       {0xad, 0xad},       {0x61c, 0x61c},
	{0x180e, 0x180e},   {0x200b, 0x200f},   {0x2028, 0x202f},   {0x2060, 0x206f},
	{0xd800, 0xf8ff},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xfff0, 0xffff},
	{0xe0000, 0x10ffff},
};

static bool
is_hidden(unsigned code)
{
	if (code >= 0x20 && code < 0x7f) /* nearly all there is */
		return false;
	for (size_t i = 0; i < array_length(hidden); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	return false;
}

/* ---- which style ---- */

static bool
is_reserved_word(const char *text)
{
	static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null",
	                                    "~", "=", "<<", ".inf", ".nan", NULL};
	if (strlen(text) > strlen("false")) /* the longest */
		return false;
	for (const char *const *word = words; *word; word++)
		if (strcasecmp(text, *word) == 0)
			return true;
	return false;
}

/* Might be a number, a date or a time to somebody: digits and what numbers are written with. */
static bool
looks_like_number(const char *text)
{
	if (!strchr("0123456789+-.", *text))
		return false;
	return !text[strspn(text, "0123456789abcdefABCDEFxXoOtTzZ_.,:+- ")];
}

static bool
is_plain_text(const char *text, size_t length)
{
	if (!length || strchr("-?:,[]{}#&*!|>'\"%@`~=<. ", *text) || text[length - 1] == ' ' ||
	    text[length - 1] == ':')
		return false;
	if (is_reserved_word(text) || looks_like_number(text) || strstr(text, ": ") || strstr(text, " #"))
		return false;
	if (strpbrk(text, ",[]{}"))
		return false;
	for (size_t i = 0, n; i < length; i += n)
		if (is_hidden(code_point(text + i, &n)))
			return false;
	return true;
}

/* Several plain lines, at most one newline at the end: a literal block keeps them readable. */
static bool
is_block_text(const char *text, size_t length)
{
	const char *newline = memchr(text, '\n', length);
	if (!newline || strchr(" \t\n", *text) || (length > 1 && strcmp(text + length - 2, "\n\n") == 0) ||
	    newline == text + length - 1)
		return false;
	for (size_t i = 0, n; i < length; i += n) {
		unsigned code = code_point(text + i, &n);
		bool at_line_end = i + n == length || text[i + n] == '\n';
		if (code != '\n' && (is_hidden(code) || (code == ' ' && at_line_end)))
			return false;
	}
	return true;
}

/* ---- scalars ---- */

static void
write_quoted(const char *text, size_t length, struct buf *out)
{
	buf_add_char(out, '"');
	for (size_t i = 0, n; i < length; i += n) {
		unsigned code = code_point(text + i, &n);
		if (code == '\n')
			buf_add_text(out, "\\n");
		else if (code == '\t')
			buf_add_text(out, "\\t");
		else if (code == '"' || code == '\\')
			buf_printf(out, "\\%c", (int)code);
		else if (is_hidden(code))
			buf_printf(out, code < 0x100 ? "\\x%02x" : code < 0x10000 ? "\\u%04x" : "\\U%08x", code);
		else
			buf_add(out, text + i, n);
	}
	buf_add_char(out, '"');
}

static void
write_block(const char *text, size_t length, size_t indent, struct buf *out)
{
	buf_add_text(out, text[length - 1] == '\n' ? "|" : "|-");
	while (length) {
		const char *newline = memchr(text, '\n', length);
		size_t n = newline ? (size_t)(newline - text) : length;
		buf_add_char(out, '\n');
		if (n)
			buf_add_repeated(out, ' ', indent);
		buf_add(out, text, n);
		n += newline != NULL;
		text += n;
		length -= n;
	}
}

static void
write_string(const json_t *value, size_t indent, struct buf *out)
{
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);
	bool has_nul = strlen(text) != length;
	if (!has_nul && is_plain_text(text, length))
		buf_add(out, text, length);
	else if (!has_nul && is_block_text(text, length))
		write_block(text, length, indent ? indent : 2, out);
	else
		write_quoted(text, length, out);
}

/* Shortest digits that read back the same; 1.1 wants the point and the exponent's sign. */
static void
write_real(double value, struct buf *out)
{
	char text[40];
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, value);
		if (strtod(text, NULL) == value)
			break;
	}
	size_t mantissa = strcspn(text, "e");
	buf_add(out, text, mantissa);
	if (!memchr(text, '.', mantissa))
		buf_add_text(out, ".0");
	buf_add_text(out, text + mantissa);
}

/* ---- collections ---- */

static void
start_line(size_t indent, struct buf *out)
{
	buf_add_char(out, '\n');
	buf_add_repeated(out, ' ', indent);
}

static bool
is_block_collection(const json_t *value)
{
	return json_object_size(value) || json_array_size(value);
}

static void
write_key(const char *key, size_t indent, struct buf *out)
{
	size_t length = strlen(key);
	if (length > SIMPLE_KEY_MAX)
		buf_add_text(out, "? ");
	if (is_plain_text(key, length))
		buf_add(out, key, length);
	else
		write_quoted(key, length, out);
	if (length > SIMPLE_KEY_MAX)
		start_line(indent, out);
	buf_add_char(out, ':');
}

/* The cursor stands where the first key belongs. */
static void
write_map(const json_t *map, size_t indent, struct buf *out)
{
	const char *key;
	json_t *value;
	bool is_first = true;
	json_object_foreach((json_t *)(uintptr_t)map, key, value) {
		if (!is_first)
			start_line(indent, out);
		is_first = false;
		write_key(key, indent, out);
		if (json_object_size(value))
			start_line(indent + 2, out);
		else if (json_array_size(value))
			start_line(indent, out);
		else
			buf_add_char(out, ' ');
		write_value(value, json_array_size(value) ? indent : indent + 2, out);
	}
}

static void
write_list(const json_t *list, size_t indent, struct buf *out)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i)
			start_line(indent, out);
		buf_add_text(out, "- ");
		write_value(json_array_get(list, i), indent + 2, out);
	}
}

/* `indent`: where the lines of a collection begin, and those of a block text. */
static void
write_value(const json_t *value, size_t indent, struct buf *out)
{
	if (json_is_string(value))
		write_string(value, indent, out);
	else if (json_is_integer(value))
		buf_printf(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		write_real(json_real_value(value), out);
	else if (json_is_object(value) && is_block_collection(value))
		write_map(value, indent, out);
	else if (json_is_array(value) && is_block_collection(value))
		write_list(value, indent, out);
	else
		buf_add_text(out, json_is_object(value)  ? "{}"
		                  : json_is_array(value) ? "[]"
		                  : json_is_true(value)  ? "true"
		                  : json_is_false(value) ? "false"
		                                         : "null");
}

bool
yaml_write(const json_t *value, struct buf *out)
{
	write_value(value, 0, out);
	return buf_add_char(out, '\n') && !out->overflow;
}

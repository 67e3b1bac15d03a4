#include "core/fiaas/python.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { REPR_MAX = 1 << 16, REPR_DEPTH_MAX = 64 };

const char *
python_type_name(const json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "dict", [JSON_ARRAY] = "list",  [JSON_STRING] = "str",
		[JSON_INTEGER] = "int", [JSON_REAL] = "float",  [JSON_TRUE] = "bool",
		[JSON_FALSE] = "bool",  [JSON_NULL] = "NoneType",
	};
	return value == NULL ? "NoneType" : names[json_typeof(value)];
}

bool
python_is_number(const json_t *value)
{
	return json_is_number(value) || json_is_boolean(value);
}

double
python_number(const json_t *value)
{
	return json_is_true(value) ? 1 : json_number_value(value);
}

bool
python_is_number_equal(const json_t *value, int number)
{
	return python_is_number(value) && !(python_number(value) < number) &&
	       !(python_number(value) > number);
}

bool
python_is_true(const json_t *value)
{
	if (python_is_number(value))
		return python_number(value) != 0;
	if (json_is_string(value))
		return json_string_length(value) > 0;
	return json_object_size(value) > 0 || json_array_size(value) > 0;
}

bool
python_is_equal(const json_t *a, const json_t *b)
{
	bool a_is_none = a == NULL || json_is_null(a), b_is_none = b == NULL || json_is_null(b);
	if (a_is_none || b_is_none)
		return a_is_none && b_is_none;
	if (json_is_integer(a) && json_is_integer(b))
		return json_integer_value(a) == json_integer_value(b);
	if (python_is_number(a) && python_is_number(b)) {
		double difference = python_number(a) - python_number(b);
		return !(difference < 0) && !(difference > 0);
	}
	return json_equal(a, b);
}

/* The shortest digits that read back as the same number, laid out as Python does. */
static void
add_real(struct buf *out, double number)
{
	char digits[32];
	int precision = 0;
	do
		snprintf(digits, sizeof digits, "%.*e", precision, number);
	while (precision++ < 17 && strtod(digits, NULL) != number);
	char *exponent_text = strchr(digits, 'e');
	int exponent = exponent_text == NULL ? 0 : (int)strtol(exponent_text + 1, NULL, 10);
	if (exponent >= -4 && exponent < 16) {
		int n_decimals = precision - 1 - exponent;
		buf_printf(out, "%.*f", n_decimals < 1 ? 1 : n_decimals, number);
		return;
	}
	buf_add(out, digits, (size_t)(exponent_text - digits));
	buf_printf(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

/* The letter behind the backslash, or NUL. */
static char
escape_letter(unsigned char c)
{
	return c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : '\0';
}

static void
add_quoted(struct buf *out, const char *text, size_t length)
{
	bool has_single = memchr(text, '\'', length) != NULL, has_double = memchr(text, '"', length) != NULL;
	char quote = has_single && !has_double ? '"' : '\'';
	buf_add_char(out, quote);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '\\' || c == quote)
			buf_printf(out, "\\%c", c);
		else if (escape_letter(c) != '\0')
			buf_printf(out, "\\%c", escape_letter(c));
		else if (c < ' ' || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_add_char(out, (char)c);
	}
	buf_add_char(out, quote);
}

static void add_repr(struct buf *out, const json_t *value, unsigned depth);

static void
add_list(struct buf *out, const json_t *list, unsigned depth)
{
	buf_add_char(out, '[');
	for (size_t i = 0; i < json_array_size(list); i++) {
		buf_add_text(out, i == 0 ? "" : ", ");
		add_repr(out, json_array_get(list, i), depth + 1);
	}
	buf_add_char(out, ']');
}

static void
add_map(struct buf *out, const json_t *map, unsigned depth)
{
	const char *key, *separator = "";
	json_t *value;
	buf_add_char(out, '{');
	json_object_foreach (json_borrow(map), key, value) {
		buf_add_text(out, separator);
		add_quoted(out, key, strlen(key));
		buf_add_text(out, ": ");
		add_repr(out, value, depth + 1);
		separator = ", ";
	}
	buf_add_char(out, '}');
}

static void
add_repr(struct buf *out, const json_t *value, unsigned depth)
{
	if (depth > REPR_DEPTH_MAX || out->overflow)
		buf_add_text(out, "...");
	else if (json_is_object(value))
		add_map(out, value, depth);
	else if (json_is_array(value))
		add_list(out, value, depth);
	else if (json_is_string(value))
		add_quoted(out, json_string_value(value), json_string_length(value));
	else if (json_is_integer(value))
		buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		add_real(out, json_real_value(value));
	else
		buf_add_text(out, json_is_true(value) ? "True" : json_is_false(value) ? "False" : "None");
}

const char *
python_repr(const json_t *value, struct arena *arena)
{
	scoped(buf_release) struct buf out = BUF_INIT(REPR_MAX);
	add_repr(&out, value, 0);
	return arena_strndup(arena, out.bytes, out.length);
}

const char *
python_text(const json_t *value, struct arena *arena)
{
	return json_is_string(value) ? json_string_value(value) : python_repr(value, arena);
}

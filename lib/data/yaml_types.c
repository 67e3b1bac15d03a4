/* PyYAML's implicit types (resolver.py and constructor.py of 6.0): the dialect of YAML 1.1 that
 * decides what fiaas-deploy-daemon reads.  `y` and `n` are text there, `0o10` and `1e3` too. */
#include "data/yaml.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char digits_of_base[][24] = {
	[2] = "01_", [8] = "01234567_", [10] = "0123456789_", [16] = "0123456789abcdefABCDEF_",
};

static const char *
skip_sign(const char *text)
{
	return text + (*text == '-' || *text == '+');
}

static size_t
span(const char *text, const char *set)
{
	return strspn(text, set);
}

static bool
is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

static const char *const true_words[] = {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On",
                                         "ON", NULL};
static const char *const false_words[] = {"no", "No", "NO", "false", "False", "FALSE", "off", "Off",
                                          "OFF", NULL};
static const char *const null_words[] = {"", "~", "null", "Null", "NULL", NULL};
static const char *const odd_floats[] = {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
                                         "-.Inf", "-.INF", ".nan", ".NaN", ".NAN", NULL};

/* `(:[0-5]?[0-9])+`; NULL when there is none. */
static const char *
skip_sexagesimal(const char *text)
{
	const char *start = text;
	while (*text == ':') {
		size_t n = span(text + 1, "0123456789");
		if (n == 0 || n > 2 || (n == 2 && text[1] > '5'))
			break;
		text += n + 1;
	}
	return text == start ? NULL : text;
}

/* The base of an integer, 60 for sexagesimal, 0 when it is none. */
static int
base_of_int(const char *text)
{
	text = skip_sign(text);
	size_t n;
	if (text[0] == '0' && text[1] == 'b')
		return (n = span(text + 2, digits_of_base[2])) && !text[2 + n] && n > span(text + 2, "_") ? 2 : 0;
	if (text[0] == '0' && text[1] == 'x')
		return (n = span(text + 2, digits_of_base[16])) && !text[2 + n] && n > span(text + 2, "_") ? 16 : 0;
	if (text[0] == '0' && text[1])
		return (n = span(text + 1, digits_of_base[8])) && !text[1 + n] ? 8 : 0;
	if (*text < '0' || *text > '9')
		return 0;
	n = span(text, digits_of_base[10]);
	if (!text[n])
		return 10;
	const char *end = skip_sexagesimal(text + n);
	return end && !*end ? 60 : 0;
}

/* `([eE][-+][0-9]+)?` to the end. */
static bool
is_exponent(const char *text)
{
	if (!*text)
		return true;
	if ((*text != 'e' && *text != 'E') || (text[1] != '-' && text[1] != '+'))
		return false;
	size_t n = span(text + 2, "0123456789");
	return n && !text[2 + n];
}

static bool
is_float(const char *text)
{
	if (is_one_of(text, odd_floats))
		return true;
	if (*text == '.')
		return text[1] >= '0' && text[1] <= '9' && is_exponent(text + 1 + span(text + 1, digits_of_base[10]));
	text = skip_sign(text);
	if (*text < '0' || *text > '9')
		return false;
	text += span(text, digits_of_base[10]);
	const char *after = skip_sexagesimal(text);
	if (after)
		return *after == '.' && !after[1 + span(after + 1, digits_of_base[10])];
	return *text == '.' && is_exponent(text + 1 + span(text + 1, digits_of_base[10]));
}

/* Consumes `min` to `max` digits. */
static bool
eat_digits(const char **text, size_t min, size_t max)
{
	size_t n = span(*text, "0123456789");
	*text += n;
	return n >= min && n <= max;
}

static bool
eat(const char **text, const char *set)
{
	bool found = **text && strchr(set, **text);
	*text += found;
	return found;
}

static bool
is_zone(const char *text)
{
	text += span(text, " \t");
	if (!*text || strcmp(text, "Z") == 0)
		return true;
	if (!eat(&text, "+-") || !eat_digits(&text, 1, 2))
		return false;
	return !*text || (eat(&text, ":") && eat_digits(&text, 2, 2) && !*text);
}

static bool
is_timestamp(const char *text)
{
	const char *date = text;
	if (!(eat_digits(&text, 4, 4) && eat(&text, "-") && eat_digits(&text, 1, 2) && eat(&text, "-") &&
	      eat_digits(&text, 1, 2)))
		return false;
	if (!*text)
		return text - date == 10;
	size_t blanks = span(text, " \t");
	text += blanks;
	if (!blanks && !eat(&text, "Tt"))
		return false;
	if (!(eat_digits(&text, 1, 2) && eat(&text, ":") && eat_digits(&text, 2, 2) && eat(&text, ":") &&
	      eat_digits(&text, 2, 2)))
		return false;
	if (eat(&text, "."))
		text += span(text, "0123456789");
	return is_zone(text);
}

enum yaml_type
yaml_type_of(const struct yaml_node *scalar)
{
	if (!scalar->is_plain)
		return YAML_TYPE_STRING;
	const char *text = scalar->text;
	if (is_one_of(text, true_words) || is_one_of(text, false_words))
		return YAML_TYPE_BOOL;
	if (is_one_of(text, null_words))
		return YAML_TYPE_NULL;
	if (is_float(text))
		return YAML_TYPE_FLOAT;
	if (base_of_int(text))
		return YAML_TYPE_INT;
	return is_timestamp(text) ? YAML_TYPE_TIMESTAMP : YAML_TYPE_STRING;
}

/* ---- values ---- */

/* Digits of `base` up to `end`; too large for JSON's integers counts on as a real. */
static double
read_digits(const char *text, const char *end, int base)
{
	double value = 0;
	for (; text < end; text++)
		if (*text != '_')
			value = value * base + (*text <= '9' ? *text - '0' : (*text | 0x20) - 'a' + 10);
	return value;
}

/* "190:20:30" and "190:20:30.5": the last part may have a fraction. */
static double
read_sexagesimal(const char *text)
{
	double value = 0;
	for (;;) {
		const char *end = text + strcspn(text, ":.");
		value = value * 60 + read_digits(text, end, 10);
		if (*end != ':')
			return *end ? value + strtod(end, NULL) : value;
		text = end + 1;
	}
}

static json_t *
int_to_json(const char *text)
{
	int base = base_of_int(text);
	const char *number = skip_sign(text);
	double sign = *text == '-' ? -1 : 1, value;
	if (base == 60)
		value = read_sexagesimal(number);
	else
		value = read_digits(number + (base == 2 || base == 16 ? 2 : 0), number + strlen(number), base);
	if (!isfinite(value))
		return json_string(text);
	if (value < 9007199254740992.0) /* 2^53: exact */
		return json_integer((json_int_t)(sign * value));
	if (base == 10 && !strchr(text, '_'))
		return value < 9.2e18 ? json_integer(strtoll(text, NULL, 10)) : json_real(strtod(text, NULL));
	return json_real(sign * value);
}

static json_t *
float_to_json(const char *text)
{
	if (is_one_of(text, odd_floats))
		return json_string(text);
	double sign = *text == '-' ? -1 : 1;
	if (strchr(text, ':'))
		return json_real(sign * read_sexagesimal(skip_sign(text)));
	char digits[64];
	size_t length = 0;
	for (const char *c = text; *c && length < sizeof(digits) - 1; c++)
		if (*c != '_')
			digits[length++] = *c;
	digits[length] = '\0';
	double value = strtod(digits, NULL);
	return isfinite(value) ? json_real(value) : json_string(text);
}

static json_t *
scalar_to_json(const struct yaml_node *node)
{
	switch (yaml_type_of(node)) {
	case YAML_TYPE_NULL:
		return json_null();
	case YAML_TYPE_BOOL:
		return json_boolean(is_one_of(node->text, true_words));
	case YAML_TYPE_INT:
		return int_to_json(node->text);
	case YAML_TYPE_FLOAT:
		return float_to_json(node->text);
	case YAML_TYPE_STRING:
	case YAML_TYPE_TIMESTAMP:
		break;
	}
	return json_stringn(node->text, node->length);
}

/* What JSON makes of a key that is no text: Python's json.dumps writes `no: x` as {"false": "x"}. */
static void
set_pair(json_t *object, const struct yaml_node *key, json_t *value)
{
	enum yaml_type type = yaml_type_of(key);
	char number[24];
	const char *name = key->text;
	if (type == YAML_TYPE_BOOL)
		name = is_one_of(name, true_words) ? "true" : "false";
	else if (type == YAML_TYPE_NULL)
		name = "null";
	json_t *parsed = type == YAML_TYPE_INT ? int_to_json(name) : NULL;
	if (json_is_integer(parsed)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(parsed));
		name = number;
	}
	json_decref(parsed);
	json_object_set_new(object, name, value);
}

json_t *
yaml_to_json(const struct yaml_node *node)
{
	if (!node)
		return json_null();
	if (node->kind == YAML_KIND_SCALAR)
		return scalar_to_json(node);
	json_t *value = node->kind == YAML_KIND_MAP ? json_object() : json_array();
	for (size_t i = 0; i < node->count; i++) {
		if (node->kind == YAML_KIND_MAP)
			set_pair(value, node->pairs[i].key, yaml_to_json(node->pairs[i].value));
		else
			json_array_append_new(value, yaml_to_json(node->items[i]));
	}
	return value;
}

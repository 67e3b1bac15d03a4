/* The few expressions that pipelines here are written with: paths from parameters, trigger and execution, and
 * #readJson of one, what earlier stages put out, and whether two are equal.  `${parameters.image}`,
 * `${trigger['user']}`, `${#readJson(parameters.config)}`, `${parameters.environment == 'dev'}`. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sandbox/spinnaker/parts.h"

enum { TEXT_MAX = 1024 * 1024 };

struct reader {
	const char *at;
	const json_t *execution;
	struct arena *arena;
	const char *why; /* it failed */
};

static json_t *
refuse(struct reader *reader, const char *why)
{
	if (reader->why == NULL)
		reader->why = why;
	return NULL;
}

static void
skip_blanks(struct reader *reader)
{
	reader->at += strspn(reader->at, " \t\n");
}

static bool
take_character(struct reader *reader, char c)
{
	skip_blanks(reader);
	bool is_there = *reader->at == c;
	reader->at += is_there;
	return is_there;
}

static const char *
take_word(struct reader *reader)
{
	size_t length = 0;
	skip_blanks(reader);
	while (isalnum((unsigned char)reader->at[length]) || reader->at[length] == '_')
		length++;
	const char *word = arena_strndup(reader->arena, reader->at, length);
	reader->at += length;
	return word;
}

/* ---- steps of a path ---- */

static json_t *
member(struct reader *reader, const json_t *value, const char *key)
{
	json_t *found = json_object_get(value, key);
	return found != NULL && !json_is_null(found)
	               ? found
	               : refuse(reader, arena_printf(reader->arena,
	                                             "EL1008E: Property or field '%s' cannot be found on object of type "
	                                             "'java.util.LinkedHashMap' - maybe not public or not valid?", key));
}

/* ['key'] or [0], behind the bracket. */
static json_t *
take_index(struct reader *reader, const json_t *value)
{
	skip_blanks(reader);
	char quote = *reader->at;
	json_t *found;
	if (quote == '\'' || quote == '"') {
		size_t length = strcspn(++reader->at, quote == '"' ? "\"" : "'");
		found = member(reader, value, arena_strndup(reader->arena, reader->at, length));
		reader->at += length + (reader->at[length] != '\0');
	} else {
		char *end;
		unsigned long place = strtoul(reader->at, &end, 10);
		found = end != reader->at ? json_array_get(value, place) : NULL;
		reader->at = end;
		if (found == NULL)
			refuse(reader, "EL1025E: The collection has no such element");
	}
	return take_character(reader, ']') ? found : refuse(reader, "EL1044E: Unexpectedly ran out of input");
}

static json_t *
root(struct reader *reader, const char *name)
{
	json_t *stage, *output;
	size_t i;
	if (strcmp(name, "execution") == 0)
		return tree_loose(reader->execution);
	if (strcmp(name, "trigger") == 0)
		return json_object_get(reader->execution, "trigger");
	if (strcmp(name, "parameters") == 0)
		return tree_get(reader->execution, "trigger.parameters");
	json_array_foreach (json_object_get(reader->execution, "stages"), i, stage)
		if ((output = json_object_get(json_object_get(stage, "outputs"), name)) != NULL)
			return output;
	return refuse(reader, arena_printf(reader->arena, "EL1008E: Property or field '%s' cannot be found", name));
}

/* Borrowed; NULL: it failed. */
static json_t *
take_path(struct reader *reader)
{
	json_t *value = root(reader, take_word(reader));
	while (value != NULL && reader->why == NULL) {
		if (take_character(reader, '.'))
			value = member(reader, value, take_word(reader));
		else if (take_character(reader, '['))
			value = take_index(reader, value);
		else
			break;
	}
	return value;
}

/* ---- an expression ---- */

static json_t *
read_json(struct reader *reader)
{
	json_error_t problem;
	const json_t *text = take_character(reader, '(') ? take_path(reader) : refuse(reader, "EL1043E: Expected '('");
	if (text == NULL || !take_character(reader, ')'))
		return refuse(reader, "EL1043E: Expected ')'");
	json_t *value = json_string_value(text) != NULL ? json_loads(json_string_value(text), JSON_DECODE_ANY, &problem) : NULL;
	return value != NULL ? value : refuse(reader, "An exception occurred while parsing the JSON string");
}

/* 'text', true, false, a number; NULL: none of them stands there. */
static json_t *
take_literal(struct reader *reader)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {{"true", true}, {"false", false}};
	char *end;
	skip_blanks(reader);
	if (*reader->at == '\'') {
		size_t length = strcspn(++reader->at, "'");
		json_t *text = json_stringn(reader->at, length);
		reader->at += length + (reader->at[length] != '\0');
		return text;
	}
	for (size_t i = 0; i < array_length(words); i++)
		if (strncmp(reader->at, words[i].word, strlen(words[i].word)) == 0) {
			reader->at += strlen(words[i].word);
			return json_boolean(words[i].value);
		}
	long long number = strtoll(reader->at, &end, 10);
	if (end == reader->at)
		return NULL;
	reader->at = end;
	return json_integer(number);
}

static json_t *
take_operand(struct reader *reader)
{
	json_t *value = take_literal(reader);
	if (value != NULL)
		return value;
	if (take_character(reader, '#'))
		return strcmp(take_word(reader), "readJson") == 0 ? read_json(reader)
		                                                  : refuse(reader, "EL1006E: Function cannot be found");
	return json_incref(take_path(reader));
}

/* New reference; NULL: it failed, and why. */
static json_t *
evaluate(struct reader *reader)
{
	json_t *value = take_operand(reader);
	skip_blanks(reader);
	if (value != NULL && (strncmp(reader->at, "==", 2) == 0 || strncmp(reader->at, "!=", 2) == 0)) {
		bool is_negated = *reader->at == '!';
		reader->at += 2;
		json_t *other = take_operand(reader);
		bool is_same = json_equal(value, other) != 0;
		json_decref(value);
		value = other != NULL ? json_boolean(is_same != is_negated) : NULL;
		json_decref(other);
	}
	skip_blanks(reader);
	if (value != NULL && *reader->at != '\0') {
		json_decref(value);
		return refuse(reader, "EL1041E: After parsing a valid expression, there is still more data");
	}
	return value;
}

/* ---- text with expressions in it ---- */

/* Where the expression that begins with "${" ends, at its "}"; NULL: nowhere. */
static const char *
end_of(const char *text)
{
	char quote = '\0';
	for (text += 2; *text != '\0'; text++) {
		if (quote != '\0')
			quote = *text == quote ? '\0' : quote;
		else if (*text == '\'' || *text == '"')
			quote = *text;
		else if (*text == '}')
			return text;
	}
	return NULL;
}

static void
note(json_t *summary, const char *expression, const char *why)
{
	json_object_set_new(summary, expression,
	                    json_pack("[{s:s, s:o, s:I}]", "level", "ERROR", "description",
	                              json_sprintf("Failed to evaluate [%s]: %s", expression, why), "timestamp",
	                              (json_int_t)clock_wall_ms()));
}

static void
add_value(struct buf *text, const json_t *value)
{
	char *dumped = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	buf_add_text(text, dumped != NULL ? dumped : json_string_value(value));
	free(dumped);
}

/* What a text stands for: anything where it is one expression, else text. */
static json_t *
fill_in_text(const json_t *execution, const char *text, json_t *summary)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(buf_release) struct buf filled = BUF_INIT(TEXT_MAX);
	for (const char *at = text; *at != '\0';) {
		const char *end = strncmp(at, "${", 2) == 0 ? end_of(at) : NULL;
		if (end == NULL) {
			buf_add_char(&filled, *at++);
			continue;
		}
		const char *expression = arena_strndup(&arena, at + 2, (size_t)(end - at - 2));
		struct reader reader = {.at = expression, .execution = execution, .arena = &arena};
		json_t *value = evaluate(&reader);
		if (value != NULL && at == text && end[1] == '\0')
			return value;
		if (value != NULL) {
			add_value(&filled, value);
		} else {
			note(summary, expression, reader.why);
			buf_add(&filled, at, (size_t)(end + 1 - at));
		}
		json_decref(value);
		at = end + 1;
	}
	return json_string(filled.bytes);
}

json_t *
expression_fill_in(const json_t *execution, json_t *value, json_t *summary)
{
	const char *key;
	json_t *child;
	size_t i;
	if (json_is_string(value) && strstr(json_string_value(value), "${") != NULL) {
		json_t *filled = fill_in_text(execution, json_string_value(value), summary);
		json_decref(value);
		return filled;
	}
	/* A member that is set again keeps its place, so that this is a walk. */
	json_object_foreach (value, key, child)
		json_object_set_new(value, key, expression_fill_in(execution, json_incref(child), summary));
	json_array_foreach (value, i, child)
		json_array_set_new(value, i, expression_fill_in(execution, json_incref(child), summary));
	return value;
}

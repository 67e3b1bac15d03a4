#include "core/configuration/environment_file.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const char *bytes;
	size_t length, at, line, line_start;
	const char *what;
	struct arena *arena;
	char *value; /* guarded; as large as the text, so nothing of it outgrows it */
	size_t n_value;
	struct value_change *changes;
	size_t n_changes;
	struct error *err;
};

void
value_changes_release(struct value_change *changes, size_t n_changes)
{
	for (size_t i = 0; i < n_changes; i++)
		secret_release(&changes[i].value);
}

static bool
fail(struct reader *reader, const char *problem)
{
	error_put(reader->err, ERROR_INVALID_FILE, "%s:%zu:%zu: %s", reader->what, reader->line,
	          reader->at - reader->line_start + 1, problem);
	return false;
}

/* ---- bytes ---- */

static char
peek(const struct reader *reader)
{
	return reader->at < reader->length ? reader->bytes[reader->at] : '\n';
}

static bool
is_at_end(const struct reader *reader)
{
	return reader->at >= reader->length;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void
skip_blanks(struct reader *reader)
{
	while (!is_at_end(reader) && is_blank(peek(reader)))
		reader->at++;
}

static void
skip_to_line_end(struct reader *reader)
{
	while (!is_at_end(reader) && peek(reader) != '\n')
		reader->at++;
}

static void
count_line(struct reader *reader)
{
	reader->line++;
	reader->line_start = reader->at + 1;
}

static void
keep(struct reader *reader, char c)
{
	reader->value[reader->n_value++] = c;
}

/* ---- values ---- */

static bool
read_escape(struct reader *reader)
{
	static const char letters[] = "nrt\"\\$", meanings[] = "\n\r\t\"\\$";
	reader->at++;
	const char *found = is_at_end(reader) || peek(reader) == '\0' ? NULL : strchr(letters, peek(reader));
	if (found == NULL)
		return fail(reader, "in double quotes, only \\n \\r \\t \\\" \\\\ \\$ follow a backslash");
	keep(reader, meanings[found - letters]);
	return true;
}

static bool
read_quoted(struct reader *reader, char quote)
{
	struct reader start = *reader;
	for (reader->at++; !is_at_end(reader) && peek(reader) != quote; reader->at++) {
		if (peek(reader) == '\n')
			count_line(reader);
		if (peek(reader) != '\\' || quote != '"')
			keep(reader, peek(reader));
		else if (!read_escape(reader))
			return false;
	}
	if (is_at_end(reader)) {
		reader->at = start.at;
		reader->line = start.line;
		reader->line_start = start.line_start;
		return fail(reader, "this quote is not closed");
	}
	reader->at++;
	skip_blanks(reader);
	if (peek(reader) == '#')
		skip_to_line_end(reader);
	return peek(reader) == '\n' || fail(reader, "something follows the closing quote");
}

static bool
read_plain(struct reader *reader)
{
	for (; peek(reader) != '\n'; reader->at++) {
		bool is_comment = peek(reader) == '#' && (reader->n_value == 0 || is_blank(reader->bytes[reader->at - 1]));
		if (is_comment) {
			skip_to_line_end(reader);
			break;
		}
		keep(reader, peek(reader));
	}
	while (reader->n_value > 0 && is_blank(reader->value[reader->n_value - 1]))
		reader->n_value--;
	return true;
}

/* ---- lines ---- */

static bool
read_name(struct reader *reader, const char **ret)
{
	size_t start = reader->at, length = 0;
	while (!is_at_end(reader) && peek(reader) != '=' && peek(reader) != '\n')
		reader->at++;
	if (peek(reader) != '=' || is_at_end(reader)) {
		reader->at = start;
		return fail(reader, "this line is no NAME=VALUE");
	}
	length = reader->at - start;
	while (length > 0 && is_blank(reader->bytes[start + length - 1]))
		length--;
	if (length > VALUES_NAME_MAX || memchr(reader->bytes + start, '\0', length) != NULL) {
		reader->at = start;
		return fail(reader, "what stands before \"=\" cannot be a name");
	}
	const char *name = arena_strndup(reader->arena, reader->bytes + start, length);
	struct error problem;
	if (value_name_check(name, &problem)) {
		*ret = name;
		return true;
	}
	reader->at = start;
	return fail(reader, "what stands before \"=\" cannot be a name");
}

static bool
add(struct reader *reader, const char *name, bool may_be_empty)
{
	for (size_t i = 0; i < reader->n_changes; i++)
		if (strcmp(reader->changes[i].name, name) == 0)
			return fail(reader, arena_printf(reader->arena, "%s is given twice", name));
	if (reader->n_changes == ENVIRONMENT_NAMES_MAX)
		return fail(reader, "too many names");
	if (reader->n_value == 0 && !may_be_empty)
		return fail(reader, arena_printf(reader->arena, "%s is empty; write %s=\"\" if that is meant", name, name));
	reader->changes[reader->n_changes++] = (struct value_change){name, secret_new(reader->value, reader->n_value)};
	return true;
}

static void
skip_export(struct reader *reader)
{
	static const char word[] = "export";
	size_t length = sizeof word - 1;
	if (reader->length - reader->at <= length || memcmp(reader->bytes + reader->at, word, length) != 0 ||
	    (reader->bytes[reader->at + length] != ' ' && reader->bytes[reader->at + length] != '\t'))
		return;
	reader->at += length;
	skip_blanks(reader);
}

/* An empty value in quotes is meant; without, it is more often a variable that was not set. */
static bool
read_value(struct reader *reader, const char *name)
{
	reader->n_value = 0;
	skip_blanks(reader);
	char quote = peek(reader);
	bool is_quoted = quote == '"' || quote == '\'';
	return (is_quoted ? read_quoted(reader, quote) : read_plain(reader)) && add(reader, name, is_quoted);
}

static bool
read_lines(struct reader *reader)
{
	for (; !is_at_end(reader); reader->at++) {
		const char *name;
		skip_blanks(reader);
		if (peek(reader) == '#')
			skip_to_line_end(reader);
		if (peek(reader) != '\n') {
			skip_export(reader);
			if (!read_name(reader, &name))
				return false;
			reader->at++;
			if (!read_value(reader, name))
				return false;
		}
		count_line(reader);
	}
	return true;
}

bool
environment_file_parse(const struct secret *text, const char *what, struct arena *arena, struct value_change **ret,
                       size_t *ret_count, struct error *err)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	struct reader reader = {.bytes = secret_reveal(text), .length = secret_length(text), .line = 1, .what = what,
	                        .arena = arena, .err = err};
	if (reader.length >= 3 && memcmp(reader.bytes, byte_order_mark, 3) == 0)
		reader.at = reader.line_start = 3;
	reader.changes = arena_array(arena, struct value_change, ENVIRONMENT_NAMES_MAX);
	reader.value = sodium_malloc(reader.length + 1);
	if (reader.value == NULL)
		abort();
	bool is_fine = read_lines(&reader);
	sodium_free(reader.value);
	*ret = reader.changes;
	*ret_count = reader.n_changes;
	if (is_fine && reader.n_changes == 0)
		return error_set(err, ERROR_INVALID_FILE, "%s holds no NAME=VALUE", what);
	return is_fine;
}

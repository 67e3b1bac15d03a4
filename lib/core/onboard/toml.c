#include "core/onboard/toml.h"

#include <stdbool.h>
#include <string.h>

enum { ENTRIES_MAX = 20000, SECTION_MAX = 200 };

struct reader {
	struct arena *arena;
	const char *at;
	unsigned line;
	const char *section;
	struct toml_entry *entries;
	size_t count, capacity;
};

static void
add(struct reader *reader, const char *key, const char *value, size_t length)
{
	if (reader->count == ENTRIES_MAX)
		return;
	if (reader->count == reader->capacity) {
		size_t capacity = reader->capacity != 0 ? reader->capacity * 2 : 64;
		struct toml_entry *entries = arena_array(reader->arena, struct toml_entry, capacity);
		if (reader->count > 0)
			memcpy(entries, reader->entries, reader->count * sizeof *entries);
		reader->entries = entries;
		reader->capacity = capacity;
	}
	reader->entries[reader->count++] = (struct toml_entry){
		reader->section, key, arena_strndup(reader->arena, value, length), reader->line};
}

static void
skip_line(struct reader *reader)
{
	reader->at += strcspn(reader->at, "\n");
}

/* Blanks, ends of lines and comments. */
static void
skip_space(struct reader *reader)
{
	for (;; reader->at++) {
		if (*reader->at == '#')
			skip_line(reader);
		if (*reader->at == '\n')
			reader->line++;
		else if (*reader->at == '\0' || !strchr(" \t\r", *reader->at))
			return;
	}
}

/* A string at its opening quote, to behind its end: its bytes without the quotes. */
static const char *
read_string(struct reader *reader, size_t *ret_length)
{
	char quote = *reader->at++;
	const char *start = reader->at;
	while (*reader->at != '\0' && *reader->at != '\n' && *reader->at != quote)
		reader->at += quote == '"' && *reader->at == '\\' && reader->at[1] != '\0' &&
		        reader->at[1] != '\n' ? 2 : 1;
	*ret_length = (size_t)(reader->at - start);
	if (*reader->at == quote)
		reader->at++;
	return start;
}

static bool
is_quote(char c)
{
	return c == '"' || c == '\'';
}

static void
skip_multi_line(struct reader *reader)
{
	const char mark[] = {*reader->at, *reader->at, *reader->at, '\0'};
	const char *end = strstr(reader->at + 3, mark);
	end = end != NULL ? end + 3 : reader->at + strlen(reader->at);
	for (; reader->at < end; reader->at++)
		reader->line += *reader->at == '\n';
}

static void
read_array(struct reader *reader, const char *key)
{
	unsigned depth = 0;
	do {
		skip_space(reader);
		if (is_quote(*reader->at)) {
			size_t length;
			const char *text = read_string(reader, &length);
			add(reader, key, text, length);
			continue;
		}
		depth += *reader->at == '[';
		depth -= *reader->at == ']';
		if (*reader->at == '\0')
			return;
		reader->at++;
	} while (depth > 0);
}

static void
read_value(struct reader *reader, const char *key)
{
	reader->at += strspn(reader->at, " \t");
	if (is_quote(*reader->at) && reader->at[1] == *reader->at && reader->at[2] == *reader->at) {
		skip_multi_line(reader);
	} else if (is_quote(*reader->at)) {
		size_t length;
		const char *text = read_string(reader, &length);
		add(reader, key, text, length);
	} else if (*reader->at == '[') {
		read_array(reader, key);
	} else {
		size_t length = strcspn(reader->at, *reader->at == '{' ? "\n" : "#\n");
		const char *start = reader->at;
		reader->at += length;
		while (length > 0 && strchr(" \t\r", start[length - 1]))
			length--;
		add(reader, key, start, length);
	}
	skip_line(reader);
}

/* "a.b" of `a.b`, `"a".b`: quotes out. */
static const char *
clean_key(struct reader *reader, const char *start, size_t length)
{
	char *key = arena_alloc(reader->arena, length + 1);
	size_t used = 0;
	for (size_t i = 0; i < length; i++)
		if (!is_quote(start[i]) && start[i] != ' ' && start[i] != '\t')
			key[used++] = start[i];
	return key;
}

static void
read_line(struct reader *reader)
{
	if (*reader->at == '[') {
		const char *start = reader->at + strspn(reader->at, "[");
		size_t length = strcspn(start, "]\n");
		if (length <= SECTION_MAX)
			reader->section = clean_key(reader, start, length);
		skip_line(reader);
		return;
	}
	size_t length = strcspn(reader->at, "=\n");
	if (reader->at[length] != '=' || length > SECTION_MAX) {
		skip_line(reader);
		return;
	}
	const char *key = clean_key(reader, reader->at, length);
	reader->at += length + 1;
	read_value(reader, key);
}

struct toml_entry *
toml_read(const char *text, struct arena *arena, size_t *ret_count)
{
	struct reader reader = {.arena = arena, .at = text, .line = 1, .section = ""};
	for (skip_space(&reader); *reader.at != '\0'; skip_space(&reader))
		read_line(&reader);
	*ret_count = reader.count;
	return reader.entries;
}

const struct toml_entry *
toml_find(const struct toml_entry *entries, size_t count, const char *section, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(entries[i].section, section) == 0 && strcmp(entries[i].key, key) == 0)
			return &entries[i];
	return NULL;
}

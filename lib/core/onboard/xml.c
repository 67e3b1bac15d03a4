#include "core/onboard/xml.h"

#include <stdbool.h>
#include <string.h>

enum { ENTRIES_MAX = 20000, DEPTH_MAX = 32, PATH_MAX_BYTES = 500 };

struct reader {
	struct arena *arena;
	const char *at;
	unsigned line;
	char path[PATH_MAX_BYTES + 1]; /* of the open elements */
	size_t lengths[DEPTH_MAX];     /* of the path before each */
	unsigned depth;
	struct xml_entry *entries;
	size_t count, capacity;
};

static const char blanks[] = " \t\r\n";

static void
add(struct reader *reader, const char *path, const char *value, size_t length)
{
	while (length > 0 && strchr(blanks, *value) != NULL) {
		value++;
		length--;
	}
	while (length > 0 && strchr(blanks, value[length - 1]) != NULL)
		length--;
	if (length == 0 || reader->count == ENTRIES_MAX)
		return;
	if (reader->count == reader->capacity) {
		size_t capacity = reader->capacity != 0 ? reader->capacity * 2 : 64;
		struct xml_entry *entries = arena_array(reader->arena, struct xml_entry, capacity);
		if (reader->count > 0)
			memcpy(entries, reader->entries, reader->count * sizeof *entries);
		reader->entries = entries;
		reader->capacity = capacity;
	}
	reader->entries[reader->count++] =
		(struct xml_entry){path, arena_strndup(reader->arena, value, length), reader->line};
}

/* Moves to `end`, counting lines. */
static void
move_to(struct reader *reader, const char *end)
{
	for (; reader->at < end; reader->at++)
		reader->line += *reader->at == '\n';
}

/* Behind the next `mark`, or to the end of the text. */
static void
skip_past(struct reader *reader, const char *mark)
{
	const char *found = strstr(reader->at, mark);
	move_to(reader, found != NULL ? found + strlen(mark) : reader->at + strlen(reader->at));
}

static bool
open_element(struct reader *reader, const char *name, size_t length)
{
	size_t used = strlen(reader->path);
	if (reader->depth == DEPTH_MAX || used + 1 + length > PATH_MAX_BYTES)
		return false;
	reader->lengths[reader->depth++] = used;
	if (used > 0)
		reader->path[used++] = '/';
	memcpy(reader->path + used, name, length);
	reader->path[used + length] = '\0';
	return true;
}

static void
close_element(struct reader *reader)
{
	if (reader->depth > 0)
		reader->path[reader->lengths[--reader->depth]] = '\0';
}

/* name="value" pairs up to the tag's end. False when it is none. */
static bool
read_attributes(struct reader *reader)
{
	for (;;) {
		move_to(reader, reader->at + strspn(reader->at, blanks));
		size_t length = strcspn(reader->at, "= \t\r\n/>");
		if (length == 0)
			return *reader->at == '/' || *reader->at == '>';
		const char *name = reader->at;
		move_to(reader, reader->at + length);
		move_to(reader, reader->at + strspn(reader->at, " \t\r\n="));
		if (*reader->at != '"' && *reader->at != '\'')
			return false;
		const char *value = reader->at + 1, *end = strchr(value, *reader->at);
		if (end == NULL)
			return false;
		const char *path = arena_printf(reader->arena, "%s@%.*s", reader->path, (int)length, name);
		add(reader, path, value, (size_t)(end - value));
		move_to(reader, end + 1);
	}
}

static bool
read_tag(struct reader *reader)
{
	static const struct {
		const char *start, *end;
	} skipped[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}, {NULL, NULL}};
	for (size_t i = 0; skipped[i].start != NULL; i++) {
		if (strncmp(reader->at, skipped[i].start, strlen(skipped[i].start)) == 0) {
			skip_past(reader, skipped[i].end);
			return true;
		}
	}
	if (reader->at[1] == '/') {
		skip_past(reader, ">");
		close_element(reader);
		return true;
	}
	size_t length = strcspn(reader->at + 1, " \t\r\n/><");
	if (length == 0 || !open_element(reader, reader->at + 1, length))
		return false;
	move_to(reader, reader->at + 1 + length);
	if (!read_attributes(reader))
		return false;
	if (*reader->at == '/')
		close_element(reader);
	skip_past(reader, ">");
	return true;
}

struct xml_entry *
xml_read(const char *text, struct arena *arena, size_t *ret_count)
{
	struct reader reader = {.arena = arena, .at = text, .line = 1};
	while (*reader.at != '\0' && reader.count < ENTRIES_MAX) {
		if (*reader.at == '<') {
			if (!read_tag(&reader))
				break;
			continue;
		}
		size_t length = strcspn(reader.at, "<");
		if (reader.at[strspn(reader.at, blanks)] != '<' && reader.depth > 0)
			add(&reader, arena_strdup(arena, reader.path), reader.at, length);
		move_to(&reader, reader.at + length);
	}
	*ret_count = reader.count;
	return reader.entries;
}

const struct xml_entry *
xml_find(const struct xml_entry *entries, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(entries[i].path, path) == 0)
			return &entries[i];
	return NULL;
}

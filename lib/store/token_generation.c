/* The highest generation seen of each store, beside the state of other things: an old copy that was put back cannot be
 * told from inside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "store/token_store_parts.h"

/* A line a store, "ID GENERATION"; the one written last stands last. */
enum { STORES_MAX = 32, LINE_BYTES = 64, FILE_BYTES_MAX = STORES_MAX * LINE_BYTES };
static const char file_name[] = "token-generations";

/* The file's lines without that of `id`; returns its generation. */
static uint64_t
read_others(const char *id, struct arena *arena, struct buf *others)
{
	uint64_t found = 0;
	size_t length;
	char *text, *path = file_state_path(arena, file_name);
	struct error ignored;
	if (path == NULL || !file_read(path, FILE_BYTES_MAX, arena, &text, &length, &ignored))
		return 0;
	for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		size_t id_length = strlen(id);
		if (strncmp(line, id, id_length) == 0 && line[id_length] == ' ')
			found = strtoull(line + id_length + 1, NULL, 10);
		else
			buf_add(others, line, (size_t)(end - line) + 1);
	}
	return found;
}

uint64_t
token_generation_seen(const char *id)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(buf_release) struct buf others = BUF_INIT(FILE_BYTES_MAX);
	return read_others(id, &arena, &others);
}

void
token_generation_note(const char *id, uint64_t generation)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(buf_release) struct buf lines = BUF_INIT(2 * FILE_BYTES_MAX);
	struct error ignored;
	char *path = file_state_path(&arena, file_name);
	if (path == NULL || read_others(id, &arena, &lines) >= generation)
		return;
	buf_printf(&lines, "%s %llu\n", id, (unsigned long long)generation);
	while (lines.length > FILE_BYTES_MAX) {
		char *end = strchr(lines.bytes, '\n');
		buf_consume(&lines, end != NULL ? (size_t)(end - lines.bytes) + 1 : lines.length);
	}
	(void)!file_write(path, lines.bytes, lines.length, 0600, &ignored);
}

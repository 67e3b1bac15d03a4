#include "role/ci_log.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

enum { LINES_MAX = 200, LINE_MAX_BYTES = 2000 };

struct line {
	const char *start;
	size_t length;
};

/* ---- one line ---- */

static void
skip(struct line *line, size_t count)
{
	line->start += count;
	line->length -= count;
}

static bool
begins_with(const struct line *line, const char *text)
{
	size_t length = strlen(text);
	return line->length >= length && memcmp(line->start, text, length) == 0;
}

/* "2026-11-24T10:00:00.1234567Z " */
static void
skip_timestamp(struct line *line)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	size_t at = 0;
	for (; at < sizeof shape - 1; at++)
		if (at >= line->length ||
		    (shape[at] == 'd' ? line->start[at] < '0' || line->start[at] > '9' : line->start[at] != shape[at]))
			return;
	while (at < line->length && (line->start[at] == '.' || (line->start[at] >= '0' && line->start[at] <= '9')))
		at++;
	if (at + 1 < line->length && line->start[at] == 'Z' && line->start[at + 1] == ' ')
		skip(line, at + 2);
}

/* What a carriage return sends the cursor back over was meant to be overwritten. */
static void
skip_overwritten(struct line *line)
{
	while (line->length > 0 && line->start[line->length - 1] == '\r')
		line->length--;
	for (size_t at = line->length; at > 0; at--)
		if (line->start[at - 1] == '\r') {
			skip(line, at);
			return;
		}
}

/* How long the escape sequence at `at` is, or 0. */
static size_t
escape_length(const struct line *line, size_t at)
{
	size_t end = at + 2;
	if (line->start[at] != '\033')
		return 0;
	if (at + 1 >= line->length || line->start[at + 1] != '[')
		return 1;
	while (end < line->length && (unsigned char)line->start[end] >= 0x20 && (unsigned char)line->start[end] < 0x40)
		end++;
	return (end < line->length ? end + 1 : end) - at;
}

static struct line
clean(const struct line *line, struct arena *arena)
{
	char *bytes = arena_alloc(arena, line->length + 1);
	size_t length = 0;
	for (size_t at = 0; at < line->length;) {
		size_t escape = escape_length(line, at);
		unsigned char byte = (unsigned char)line->start[at];
		if (escape == 0 && (byte >= 0x20 || byte == '\t') && byte != 0x7f)
			bytes[length++] = (char)byte;
		at += escape != 0 ? escape : 1;
	}
	while (length > 0 && (bytes[length - 1] == ' ' || bytes[length - 1] == '\t'))
		length--;
	return (struct line){bytes, length < LINE_MAX_BYTES ? length : LINE_MAX_BYTES};
}

static const struct mark {
	const char *text;
	bool is_whole, is_end; /* nothing else stands in its line; what comes after it does not count */
} marks[] = {
	{"##[endgroup]", true, false}, {"##[group]", false, false},   {"##[error]", false, true},  {"##[warning]", false, false},
	{"##[notice]", false, false},  {"##[command]", false, false}, {"##[debug]", false, false}, {"##[section]", false, false},
	{"travis_fold:", true, false}, {"travis_time:", true, false},
};

/* Returns the mark that it was without. */
static const struct mark *
take_mark(struct line *line)
{
	for (size_t i = 0; i < array_length(marks); i++)
		if (begins_with(line, marks[i].text)) {
			skip(line, marks[i].is_whole ? line->length : strlen(marks[i].text));
			return &marks[i];
		}
	return NULL;
}

static struct line
read_line(struct line raw, bool *ret_is_end, struct arena *arena)
{
	if (begins_with(&raw, "\xef\xbb\xbf"))
		skip(&raw, 3);
	skip_timestamp(&raw);
	skip_overwritten(&raw);
	struct line line = clean(&raw, arena);
	const struct mark *mark = take_mark(&line);
	*ret_is_end = mark != NULL && mark->is_end;
	return line;
}

/* ---- all of them ---- */

/* The last of them, in a ring; `count` is of all since the beginning. */
struct last_lines {
	struct line lines[LINES_MAX];
	size_t count;
};

static const char *
write_last(const struct last_lines *last, size_t n_lines, struct arena *arena)
{
	size_t count = last->count < n_lines ? last->count : n_lines;
	scoped(buf_release) struct buf all = BUF_INIT((size_t)LINES_MAX * (LINE_MAX_BYTES + 1));
	for (size_t at = last->count - count; at < last->count; at++) {
		const struct line *line = &last->lines[at % LINES_MAX];
		buf_add(&all, line->start, line->length);
		buf_add_char(&all, '\n');
	}
	return arena_strndup(arena, all.bytes, all.length);
}

const char *
ci_log_end(const char *text, size_t length, size_t n_lines, struct arena *arena)
{
	scoped(arena_release) struct arena scratch = {0};
	struct last_lines *last = arena_new(&scratch, struct last_lines);
	const char *failed = NULL;
	n_lines = n_lines < LINES_MAX ? n_lines : LINES_MAX;
	for (size_t at = 0; at < length;) {
		const char *end = memchr(text + at, '\n', length - at);
		size_t line_length = end != NULL ? (size_t)(end - text) - at : length - at;
		bool is_end;
		struct line line = read_line((struct line){text + at, line_length}, &is_end, &scratch);
		if (line.length > 0)
			last->lines[last->count++ % LINES_MAX] = line;
		if (is_end)
			failed = write_last(last, n_lines, arena);
		at += line_length + 1;
	}
	return failed != NULL ? failed : write_last(last, n_lines, arena);
}

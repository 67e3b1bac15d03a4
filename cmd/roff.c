#include "cmd/roff.h"

#include <stdbool.h>
#include <string.h>

static void
add_escaped(struct buf *buf, char c)
{
	if (c == '\\')
		buf_add_text(buf, "\\e");
	else
		buf_add_char(buf, c);
}

/* Two or three letters, the first a capital: a macro would be called in the middle of a line. */
static bool
looks_like_macro(const char *text)
{
	size_t length = strlen(text);
	return length <= 3 && length >= 2 && text[0] >= 'A' && text[0] <= 'Z';
}

void
roff_add_argument(struct buf *buf, const char *text)
{
	buf_add_char(buf, '"');
	if (looks_like_macro(text))
		buf_add_text(buf, "\\&");
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_add_text(buf, "\\(dq");
		else if (*text == '-')
			buf_add_text(buf, "\\-");
		else
			add_escaped(buf, *text);
	}
	buf_add_char(buf, '"');
}

/* How many blanks stand between the end of a sentence here and the next one, which begins with a
 * capital; 0 when this is no such end. */
static size_t
sentence_gap(const char *at, const char *end)
{
	if (*at != '.' && *at != '?')
		return 0;
	size_t gap = 0;
	while (at + 1 + gap < end && at[1 + gap] == ' ')
		gap++;
	const char *next = at + 1 + gap;
	return next < end && ((*next >= 'A' && *next <= 'Z') || *next == '`' || *next == '-') ? gap : 0;
}

static void
add_line(struct buf *buf, const char *text, size_t length)
{
	const char *end = text + length;
	bool is_line_start = true;
	for (; text < end; text++) {
		if (is_line_start && (*text == '.' || *text == '\''))
			buf_add_text(buf, "\\&");
		is_line_start = *text == '\n';
		add_escaped(buf, *text);
		size_t gap = sentence_gap(text, end);
		if (gap > 0) {
			buf_add_char(buf, '\n');
			is_line_start = true;
			text += gap;
		}
	}
	buf_add_char(buf, '\n');
}

void
roff_add_text(struct buf *buf, const char *text)
{
	add_line(buf, text, strlen(text));
}

void
roff_add_literal(struct buf *buf, const char *text, size_t length)
{
	buf_add_text(buf, ".Bd -literal -offset indent\n");
	for (const char *end = text + length; text < end;) {
		size_t line = strcspn(text, "\n");
		if (*text == '.' || *text == '\'')
			buf_add_text(buf, "\\&");
		for (size_t i = 0; i < line; i++)
			add_escaped(buf, text[i]);
		buf_add_char(buf, '\n');
		text += line + 1;
	}
	buf_add_text(buf, ".Ed\n");
}

static size_t
paragraph_length(const char *text)
{
	const char *end = strstr(text, "\n\n");
	return end != NULL ? (size_t)(end - text) : strlen(text);
}

void
roff_add_paragraphs(struct buf *buf, const char *text)
{
	bool is_first = true;
	while (*text != '\0') {
		size_t length = paragraph_length(text);
		if (text[0] == ' ') {
			roff_add_literal(buf, text, length);
		} else {
			if (!is_first)
				buf_add_text(buf, ".Pp\n");
			add_line(buf, text, text[length - 1] == '\n' ? length - 1 : length);
		}
		is_first = false;
		text += length;
		text += strspn(text, "\n");
	}
}

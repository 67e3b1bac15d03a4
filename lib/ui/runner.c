#include "ui/runner.h"

#include <ctype.h>
#include <string.h>

#include "ui/terminal.h"

enum { WRITTEN_MAX_BYTES = 4 * 1024 * 1024 };

bool
runner_takes_commands(void)
{
	return terminal_variable_is_true("GITHUB_ACTIONS") || terminal_variable_is_true("TF_BUILD");
}

/* "##[" or "##word[", of which `at` is the bracket. */
static bool
ends_prefix(const char *text, size_t at)
{
	while (at > 0 && isalpha((unsigned char)text[at - 1]))
		at--;
	return at >= 2 && text[at - 1] == '#' && text[at - 2] == '#';
}

/* What a runner may skip at the start of a line: it knows more blanks than we do, so every byte that is not visible
 * ASCII.  A line that is taken for one too many gets a backslash too many. */
static bool
may_be_blank(char c)
{
	return c <= ' ' || c > '~';
}

void
runner_add_text(struct buf *buf, const char *text, size_t length)
{
	bool is_at_start = true;
	for (size_t i = 0; i < length; i++) {
		bool begins = is_at_start && text[i] == ':' && i + 1 < length && text[i + 1] == ':';
		if (begins || (text[i] == '[' && ends_prefix(text, i)))
			buf_add_char(buf, '\\');
		buf_add_char(buf, text[i]);
		is_at_start = text[i] == '\n' || text[i] == '\r' || (is_at_start && may_be_blank(text[i]));
	}
}

void
runner_add_json(struct buf *buf, const char *json, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (json[i] == '[' && ends_prefix(json, i)) /* never outside a string */
			buf_add_text(buf, "\\u005b");
		else
			buf_add_char(buf, json[i]);
	}
}

void
runner_write(FILE *stream, const char *text, size_t length)
{
	scoped(buf_release) struct buf safe = BUF_INIT(WRITTEN_MAX_BYTES);
	if (runner_takes_commands())
		runner_add_text(&safe, text, length);
	else
		buf_add(&safe, text, length);
	fwrite(safe.bytes, 1, safe.length, stream);
}

/* Texts that a cluster sends may quote what nobody should see: credentials in URLs, tokens, the
 * values of variables with telling names. */
#include "core/diagnose/evidence.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"

static const char masked[] = "[hidden]";

/* "://user:password@": the length up to and with the '@', 0 when there is none. */
static size_t
userinfo_length(const char *text)
{
	if (strncmp(text, "://", 3))
		return 0;
	size_t length = 3 + strcspn(text + 3, "@/ \t\r\n\"'");
	return text[length] == '@' ? length + 1 : 0;
}

/* "password=", "token: ", "Bearer ": the length of the lead, 0 when there is none. */
static size_t
lead_length(const char *text)
{
	static const char *const words[] = {"password", "passwd", "secret_key", "access_key", "api_key",
	                                    "apikey", "token", "bearer ", "basic "};
	for (size_t i = 0; i < array_length(words); i++) {
		size_t length = strlen(words[i]);
		if (strncasecmp(text, words[i], length))
			continue;
		if (words[i][length - 1] == ' ')
			return length;
		size_t gap = strspn(text + length, "\"'");
		if (text[length + gap] != '=' && text[length + gap] != ':')
			continue;
		length += gap + 1;
		return length + strspn(text + length, " \"'");
	}
	return 0;
}

static size_t
value_length(const char *text)
{
	return strcspn(text, " \t\r\n\"',;&");
}

const char *
text_mask(const char *text, struct arena *arena)
{
	scoped(buf_release) struct buf out = BUF_INIT(64 << 10);
	for (const char *at = text; *at;) {
		bool starts_word = at == text || !isalnum((unsigned char)at[-1]);
		size_t userinfo = userinfo_length(at), lead = starts_word ? lead_length(at) : 0;
		size_t value = lead ? value_length(at + lead) : 0;
		if (userinfo) {
			buf_printf(&out, "://%s@", masked);
			at += userinfo;
		} else if (value >= 4) {
			buf_add(&out, at, lead);
			buf_add_text(&out, masked);
			at += lead + value;
		} else {
			buf_add_char(&out, *at++);
		}
	}
	return arena_strdup(arena, out.bytes);
}

static const char *
tail_start(const char *text, size_t length, unsigned lines)
{
	const char *start = text + length;
	while (start > text && start[-1] == '\n')
		start--;
	for (; start > text; start--)
		if (start[-1] == '\n' && !--lines)
			break;
	return start;
}

const char *
text_tail(const char *text, unsigned lines, struct arena *arena)
{
	scoped(buf_release) struct buf out = BUF_INIT(32 << 10);
	const char *before = NULL;
	size_t before_length = 0;
	unsigned repeats = 0;
	for (const char *at = tail_start(text, strlen(text), lines); *at;) {
		size_t length = strcspn(at, "\n");
		bool is_same = before && length == before_length && !memcmp(at, before, length);
		repeats = is_same ? repeats + 1 : 0;
		if (!is_same)
			buf_printf(&out, "%s%.*s", out.length ? "\n" : "", (int)length, at);
		bool is_last_repeat = repeats && (!at[length] || strncmp(at + length + 1, at, length) ||
		                                  (at[length + 1 + length] && at[length + 1 + length] != '\n'));
		if (is_last_repeat)
			buf_printf(&out, " (%u times)", repeats + 1);
		before = at;
		before_length = length;
		at += length + (at[length] == '\n');
	}
	return arena_strdup(arena, out.bytes);
}

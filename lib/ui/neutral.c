#include "ui/neutral.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ui/text.h"

/* ---- what a terminal must not see ---- */

/* Format characters that draw nothing or reorder what is drawn (Unicode categories Cf, Zl, Zp and
 * the blank letters), so that two texts that look alike are alike. */
static const struct {
	uint32_t first, last;
} invisible[] = {
	{0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x0600, 0x0605},   {0x061C, 0x061C},
	{0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x0890, 0x0891},   {0x08E2, 0x08E2},
	{0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},
	{0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFEFF, 0xFEFF},
	{0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD},
	{0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

bool
neutral_is_safe(uint32_t character)
{
	if (character < 0x20 || (character >= 0x7F && character < 0xA0))
		return false;
	for (size_t i = 0; i < array_length(invisible); i++)
		if (character >= invisible[i].first && character <= invisible[i].last)
			return false;
	return true;
}

/* ---- sinks ---- */

/* Added as a whole or not at all: half an escape or half a character is no longer harmless. */
static void
add_unit(struct buf *buf, const char *unit, size_t length)
{
	if (length > buf->max - buf->length)
		buf->overflow = true;
	else if (!buf->overflow)
		buf_add(buf, unit, length);
}

static void
add_percent(struct buf *buf, char c)
{
	char unit[4];
	snprintf(unit, sizeof unit, "%%%02X", (unsigned char)c);
	add_unit(buf, unit, 3);
}

static void
add_doubled(struct buf *buf, char c)
{
	add_unit(buf, (char[]){c, c}, 2);
}

/* GitHub looks for @somebody in what Markdown came to, so an escape is none; "shop@sha256:…" is nobody. */
static void
add_at(struct buf *buf)
{
	bool is_in_word = buf->length > 0 && isalnum((unsigned char)buf->bytes[buf->length - 1]);
	add_unit(buf, is_in_word ? "@" : "@&#8203;", is_in_word ? 1 : 8);
}

static void
add_markdown(struct buf *buf, char c)
{
	static const char *const entities[] = {['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;"};
	const char *entity = (size_t)c < array_length(entities) ? entities[(size_t)c] : NULL;
	if (entity != NULL)
		add_unit(buf, entity, strlen(entity));
	else if (c == '@')
		add_at(buf);
	else
		add_unit(buf, (char[]){'\\', c}, 2);
}

static void
add_itself(struct buf *buf, char c)
{
	add_unit(buf, &c, 1);
}

/* `special` characters are handed to `add_special` before anything else is looked at. */
static const struct rule {
	const char *special;
	void (*add_special)(struct buf *buf, char c);
} rules[] = {
	[NEUTRAL_LINE] = {"", NULL},
	[NEUTRAL_TEXT] = {"\n\t", add_itself},
	[NEUTRAL_CI] = {"%\r\n", add_percent},
	[NEUTRAL_CI_PROPERTY] = {"%\r\n:,", add_percent},
	[NEUTRAL_MARKDOWN] = {"\\`*_{}[]()<>#+-.!|&~$@", add_markdown},
	[NEUTRAL_CSV] = {"\"", add_doubled},
};

/* "\n", "\x1b", "\u202e", "\U000e0041"; an invalid byte is "\xff". */
static void
add_escaped(struct buf *buf, uint32_t character, bool is_valid)
{
	static const char letters[] = {['\n'] = 'n', ['\t'] = 't', ['\r'] = 'r'};
	char unit[16];
	if (is_valid && character < sizeof letters && letters[character] != 0) {
		add_unit(buf, (char[]){'\\', letters[character]}, 2);
		return;
	}
	bool is_byte = !is_valid || character < 0x80, is_short = character <= 0xFFFF;
	int length = snprintf(unit, sizeof unit, "\\%c%0*x", is_byte ? 'x' : is_short ? 'u' : 'U',
	                      is_byte ? 2 : is_short ? 4 : 8, (unsigned)character);
	add_unit(buf, unit, (size_t)length);
}

/* Which bytes are printable ASCII without a meaning to the sink: the usual case, and the fast one. */
static const bool *
plain_bytes(const struct rule *rule)
{
	static bool plain[array_length(rules)][256];
	bool *bytes = plain[rule - rules];
	if (!bytes['a'])
		for (int c = 0x20; c < 0x7F; c++)
			bytes[c] = strchr(rule->special, c) == NULL;
	return bytes;
}

static size_t
plain_span(const bool *plain, const char *text, size_t length)
{
	size_t n = 0;
	while (n < length && plain[(unsigned char)text[n]])
		n++;
	return n;
}

static void
add_by_rule(struct buf *buf, const struct rule *rule, const char *text, size_t length)
{
	const bool *plain = plain_bytes(rule);
	while (length > 0 && !buf->overflow) {
		size_t used = plain_span(plain, text, length);
		if (used > 0) {
			buf_add(buf, text, used);
		} else if (*text != '\0' && strchr(rule->special, *text) != NULL) {
			rule->add_special(buf, *text);
			used = 1;
		} else {
			uint32_t character;
			used = text_decode(text, length, &character);
			if (used > 0 && neutral_is_safe(character))
				add_unit(buf, text, used);
			else
				add_escaped(buf, used > 0 ? character : (unsigned char)*text, used > 0);
			used = used > 0 ? used : 1;
		}
		text += used;
		length -= used;
	}
}

static void
add_url(struct buf *buf, const char *text, size_t length)
{
	for (size_t i = 0; i < length && !buf->overflow; i++) {
		if (text[i] >= 0x21 && text[i] <= 0x7E)
			add_unit(buf, &text[i], 1);
		else
			add_percent(buf, text[i]);
	}
}

/* A cell that begins like a formula would be run by a spreadsheet (OWASP, CSV injection). */
static void
add_csv(struct buf *buf, const char *text, size_t length)
{
	add_unit(buf, "\"", 1);
	if (length > 0 && text[0] != '\0' && strchr("=+-@\t\r\n", text[0]) != NULL)
		add_unit(buf, "'", 1);
	add_by_rule(buf, &rules[NEUTRAL_CSV], text, length);
	add_unit(buf, "\"", 1);
}

void
neutral_add(struct buf *buf, enum neutral_sink sink, const char *text, size_t length)
{
	if (sink == NEUTRAL_URL)
		add_url(buf, text, length);
	else if (sink == NEUTRAL_CSV)
		add_csv(buf, text, length);
	else
		add_by_rule(buf, &rules[sink], text, length);
}

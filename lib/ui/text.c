#include "ui/text.h"

#include <locale.h>
#include <stdbool.h>
#include <string.h>
#include <wchar.h>

size_t
text_decode(const char *text, size_t length, uint32_t *ret)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000}; /* shorter forms are invalid */
	if (length == 0)
		return 0;
	unsigned char first = (unsigned char)text[0];
	size_t n = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
	if (n == 0 || n > length)
		return 0;
	uint32_t character = n == 1 ? first : first & (0x7FU >> n);
	for (size_t i = 1; i < n; i++) {
		unsigned char next = (unsigned char)text[i];
		if (next >> 6 != 2)
			return 0;
		character = character << 6 | (next & 0x3F);
	}
	if (character < smallest[n] || character > 0x10FFFF || (character >= 0xD800 && character < 0xE000))
		return 0;
	*ret = character;
	return n;
}

int
text_character_width(uint32_t character)
{
	static locale_t unicode;
	static bool is_loaded;
	if (character < 0x7F)
		return character < 0x20 ? -1 : 1;
	/* Letters of the west, dashes and quotes, the ellipsis: help has them, and reads no locale for it. */
	if ((character >= 0xA1 && character < 0x300 && character != 0xAD) || (character >= 0x2010 && character < 0x2028))
		return 1;
	if (!is_loaded) {
		unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
		is_loaded = true;
	}
	if (unicode == (locale_t)0)
		return 1;
	locale_t before = uselocale(unicode);
	int width = wcwidth((wchar_t)character);
	uselocale(before);
	return width;
}

static bool
is_printable_ascii(char c)
{
	return c >= ' ' && c < 0x7f;
}

/* One code point and what combines with it: its length in bytes and, in *ret_width, its columns. */
static size_t
cluster(const char *text, size_t length, size_t *ret_width)
{
	uint32_t character;
	if (length > 1 && is_printable_ascii(text[0]) && is_printable_ascii(text[1])) { /* nearly all there is */
		*ret_width = 1;
		return 1;
	}
	size_t used = text_decode(text, length, &character);
	if (used == 0) {
		*ret_width = 1;
		return 1;
	}
	int width = text_character_width(character);
	*ret_width = width < 0 ? 1 : (size_t)width;
	if (character < 0x80 && (used == length || (unsigned char)text[used] < 0x80))
		return used;
	for (size_t more; (more = text_decode(text + used, length - used, &character)) > 0; used += more)
		if (character < 0x80 || text_character_width(character) != 0)
			break;
	return used;
}

size_t
text_width(const char *text, size_t length)
{
	size_t columns = 0, width;
	for (size_t at = 0; at < length; columns += width)
		at += cluster(text + at, length - at, &width);
	return columns;
}

size_t
text_fit(const char *text, size_t length, size_t columns)
{
	size_t at = 0, width;
	while (at < length) {
		size_t used = cluster(text + at, length - at, &width);
		if (width > columns)
			break;
		columns -= width;
		at += used;
	}
	return at;
}

void
text_add_cut(struct buf *buf, const char *text, size_t columns, const char *ellipsis)
{
	size_t length = strlen(text), fits = text_fit(text, length, columns);
	if (fits == length) {
		buf_add(buf, text, length);
		return;
	}
	size_t mark = text_width(ellipsis, strlen(ellipsis));
	if (mark > columns)
		return;
	buf_add(buf, text, text_fit(text, length, columns - mark));
	buf_add_text(buf, ellipsis);
}

void
text_add_wrapped(struct buf *buf, const char *text, size_t columns, size_t indent)
{
	size_t column = indent;
	bool is_first = true;
	while (*text != '\0') {
		size_t blanks = strspn(text, " "), length = strcspn(text + blanks, " \n");
		size_t width = text_width(text + blanks, length);
		if (!is_first && column + blanks + width > columns) {
			buf_add_char(buf, '\n');
			buf_add_repeated(buf, ' ', indent);
			column = indent;
			blanks = 0;
			text += strspn(text, " ");
		}
		buf_add(buf, text, blanks + length);
		column += blanks + width;
		text += blanks + length;
		is_first = false;
		if (*text == '\n') {
			buf_add_char(buf, '\n');
			buf_add_repeated(buf, ' ', indent);
			column = indent;
			is_first = true;
			text++;
		}
	}
}

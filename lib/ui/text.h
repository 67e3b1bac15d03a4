/* Text as a terminal sees it: code points, columns, clusters.
 *
 * Widths are wcwidth(3)'s in a UTF-8 locale, which is loaded when the first character outside
 * ASCII is measured: combining = 0, East Asian wide and most emoji = 2.
 */
#ifndef PAAS_UI_TEXT_H
#define PAAS_UI_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"

/* Reads one code point of strict UTF-8 (RFC 3629): its length in bytes, or 0 when it is invalid. */
size_t text_decode(const char *text, size_t length, uint32_t *ret);
/* Columns of one code point; -1 when it has no width of its own (controls). */
int text_character_width(uint32_t character);
/* Columns of a neutralised text. */
size_t text_width(const char *text, size_t length);
/* How many bytes of `text` fit into `columns`, cut between clusters. */
size_t text_fit(const char *text, size_t length, size_t columns);
/* Appends `text`, cut to `columns` with `ellipsis` ("…") as its end when it is longer. */
void text_add_cut(struct buf *buf, const char *text, size_t columns, const char *ellipsis);
/* Appends `text` broken between words into lines of `columns`; every line but the first is
 * indented by `indent` blanks. The last line gets no newline. */
void text_add_wrapped(struct buf *buf, const char *text, size_t columns, size_t indent);

/* As buf_vprintf, but every %s and %c argument is neutralised (NEUTRAL_LINE) and padded by columns.
 * An argument that points at one of `trusted` (SGR codes of ours) passes as it is. */
struct text_trusted {
	const char *const *texts;
	size_t count;
};
void text_add_format(struct buf *buf, const struct text_trusted *trusted, const char *format,
                     va_list args) __attribute__((format(printf, 3, 0)));

#endif

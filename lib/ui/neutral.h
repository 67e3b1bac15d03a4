/* Makes text from outside harmless for the sink it goes to.
 *
 * Log lines, names, messages and YAML are hostile until proven otherwise: escape sequences move
 * cursors and set titles, bidi controls reorder what is read, "::" lines command a CI runner.
 * Each sink has its rule; JSON has none, there the text stays intact (json escapes by itself).
 */
#ifndef PAAS_UI_NEUTRAL_H
#define PAAS_UI_NEUTRAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum neutral_sink {
	NEUTRAL_LINE,     /* a terminal, one line: tables, errors, prompts, titles; newline and tab too */
	NEUTRAL_TEXT,     /* a terminal, many lines: newline and tab pass */
	NEUTRAL_URL,      /* OSC 8 target: percent-encoded outside 0x21..0x7e */
	NEUTRAL_CI,       /* GitHub Actions message: %, CR, LF encoded */
	NEUTRAL_CI_PROPERTY, /* … and ':' and ',' */
	NEUTRAL_MARKDOWN, /* inline Markdown, HTML and table cells; mentions nobody */
	NEUTRAL_CSV,      /* quoted, formulas defused */
};

/* Appends `text` made harmless.  C0, DEL, C1, bidi and invisible format characters and invalid
 * UTF-8 are shown as \x1b, \u202e, \xff.  What does not fit into `buf` is left out, never half an
 * escape or half a character. */
void neutral_add(struct buf *buf, enum neutral_sink sink, const char *text, size_t length);
/* True of a code point that draws itself and nothing else. */
bool neutral_is_safe(uint32_t character);

#endif

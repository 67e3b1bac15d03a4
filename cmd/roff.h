/* Text as mdoc(7) source: escaped, a sentence a line, no line that looks like a macro. */
#ifndef PAAS_CMD_ROFF_H
#define PAAS_CMD_ROFF_H

#include "base/buf.h"

/* One argument of a macro line, quoted. */
void roff_add_argument(struct buf *buf, const char *text);
/* Running text, ended by a newline. */
void roff_add_text(struct buf *buf, const char *text);
/* Paragraphs separated by empty lines; lines that begin with a blank are kept as they are. */
void roff_add_paragraphs(struct buf *buf, const char *text);
/* Lines as they are, in a fixed-width display. */
void roff_add_literal(struct buf *buf, const char *text, size_t length);

#endif

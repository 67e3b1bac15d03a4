/* What changes between two texts, as `diff -u` writes it. */
#ifndef PAAS_BASE_LINE_DIFF_H
#define PAAS_BASE_LINE_DIFF_H

#include "base/buf.h"

/* Appends a unified diff with three lines of context; nothing when the texts are equal.  Texts of more
 * than 2000 lines are shown as wholly replaced. */
void line_diff(struct buf *out, const char *old_name, const char *old_text, const char *new_name,
               const char *new_text);

#endif

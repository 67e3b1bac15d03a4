/* Which lines of a text with several were taken out, put in or kept.  Pure. */
#ifndef PAAS_CORE_DIFFERENCE_LINES_H
#define PAAS_CORE_DIFFERENCE_LINES_H

#include <stddef.h>

#include "base/arena.h"

struct line_change {
	char sign;         /* '-', '+', ' '; '@': lines left out that are the same */
	const char *text;  /* without newline; of '@' "" */
	size_t length;
};

struct line_changes {
	struct line_change *items;
	size_t count;
};

/* With `context` lines around each change.  As few changes as possible, unless the part that differs
 * is past a thousand lines each: then it is told as a whole. */
struct line_changes lines_compare(const char *before, const char *after, size_t context, struct arena *arena);

#endif

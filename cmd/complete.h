/* `paas __complete [--cursor N] -- WORD...`: what may stand where the cursor is: in the last word, or
 * in the Nth (from 1), which is given up to the cursor.  What comes after it tells what else the line says.
 *
 * The protocol is cobra's, which shells know: one candidate a line, "value<TAB>description",
 * then ":BITS".  Flags, commands and choices come from the table without any I/O; names that live in
 * files or systems come from a provider, under a hard stop of 300 ms.  Always exits 0 and never
 * writes to standard error, prompts, runs a program, or changes anything but the cache of names.
 */
#ifndef PAAS_CMD_COMPLETE_H
#define PAAS_CMD_COMPLETE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum complete_bits {
	COMPLETE_ERROR = 1,
	COMPLETE_NO_SPACE = 2,
	COMPLETE_NO_FILE = 4,
};

/* Real milliseconds after which a provider no longer waits, and after which the process ends: what is
 * between them is for printing what is known. */
enum { COMPLETE_WAIT_MS = 250, COMPLETE_STOP_MS = 300 };

/* Where a provider puts what it found; those that do not begin as the current word are left out. */
struct candidates {
	struct buf *buf;
	const char *prefix;  /* "--color=": stands before every value, is part of the current word */
	const char *current; /* what is typed of the value */
	struct arena *arena;
	/* What the line says, or NULL. */
	const char *platform_file, *environment, *team, *application, *setting;
	int64_t answer_by_ms; /* monotonic: when to stop waiting */
};
void candidates_add(struct candidates *candidates, const char *value, const char *description);

/* What may stand for words[cursor], less than `count` unless both are 0.  Fills `buf`, all of it or what
 * is known. */
void complete_words(size_t count, size_t cursor, const char *const *words, struct arena *arena, struct buf *buf);

/* main's: runs the words after "__complete", prints, never returns. */
_Noreturn void complete_main(size_t count, const char *const *words);

#endif

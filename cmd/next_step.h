/* The last "next:" that was a command of ours, kept for `paas next`.
 *
 * Texts may hold names from outside, so a line is kept as words that were looked at one by one, and
 * becomes a command line again without a shell.  Kept in $XDG_STATE_HOME/paas/next.json; not in CI,
 * where nobody comes back.
 */
#ifndef PAAS_CMD_NEXT_STEP_H
#define PAAS_CMD_NEXT_STEP_H

#include <stdint.h>

#include "cmd/command.h"

enum { NEXT_WORDS_MAX = 32 };

struct next_step {
	const char *words[NEXT_WORDS_MAX]; /* without "paas" */
	size_t n_words;
	const char *folder; /* where it was said */
	int64_t at_ms;      /* wall */
};

/* Cuts "paas status shop --env dev" into words; false for prose, for what a shell would treat, and
 * for what begins with no command. */
bool next_step_parse(const char *text, struct arena *arena, struct next_step *ret);
/* Keeps it when it is one, quietly. */
void next_step_record(const char *text);
/* Fails: ERROR_NOT_FOUND when none was said here, ERROR_INVALID_FILE. */
bool next_step_read(struct arena *arena, struct next_step *ret, struct error *err) must_use;
/* The first word that stands for something ("URL", "NAME"); NULL: it can be run as it is. */
const char *next_step_placeholder(const struct next_step *step);
/* "paas status shop --env dev" */
const char *next_step_line(const struct next_step *step, struct arena *arena);

#endif

/* What a stream is: a terminal or not, how wide, which colours, and whether a CI runner reads it.
 *
 * Decided per stream, never one from another: standard output decides colour and tables of the
 * result, standard error progress, standard input prompts.
 */
#ifndef PAAS_UI_TERMINAL_H
#define PAAS_UI_TERMINAL_H

#include <stdbool.h>

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct terminal {
	bool is_terminal;     /* or $PAAS_FORCE_TTY, which is its columns */
	bool has_cursor;      /* may be moved: a terminal whose TERM is neither dumb nor unset */
	bool has_color;       /* SGR colours */
	bool has_weight;      /* bold and faint: NO_COLOR leaves these */
	bool has_unicode;     /* signs of ours outside ASCII */
	bool has_hyperlinks;  /* OSC 8 */
	unsigned columns;     /* 0: no limit (not a terminal) */
};

/* `plain` (--plain) takes all dress away, whatever the environment says. */
struct terminal terminal_examine(int fd, enum color_choice color, bool plain);
/* Size now, for live views; 80 and 24 when nobody knows. */
unsigned terminal_columns(int fd);
unsigned terminal_rows(int fd);

/* First that speaks: the flag, NO_COLOR, PAAS_NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CLICOLOR=0,
 * TERM=dumb or unset, the stream.  An empty variable counts as unset.
 * Sources: no-color.org, bixense.com/clicolors, force-color.org. */
bool terminal_wants_color(enum color_choice color, bool is_terminal);

/* $CI or the mark of a known runner: dress and prompts change, results never do. */
bool terminal_is_ci(void);
/* Standard input and standard error are terminals, and nothing forbids asking. */
bool terminal_can_prompt(bool no_input);

/* The variable's value, or NULL when it is unset or empty. */
const char *terminal_variable(const char *name);
/* "1", "true", "yes", "on" in any case. */
bool terminal_variable_is_true(const char *name);

#endif

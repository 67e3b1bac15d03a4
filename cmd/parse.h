/* The command line, by the described objects (cmd/command.h).
 *
 * Grammar: -x, -xyz, -ofile, -o file, --long=v, --long v, --no-long; flags anywhere up to "--",
 * after which all is data; "-" alone is a positional.  No abbreviations, nothing ignored.
 */
#ifndef PAAS_CMD_PARSE_H
#define PAAS_CMD_PARSE_H

#include "cmd/command.h"

struct parsed {
	const struct command *command; /* the innermost; NULL: paas alone */
	const struct command *parent;  /* of a subcommand */
	const char *unknown;           /* the command word nobody knows; then `rest` follows it */
	const char *const *rest;
	size_t n_rest;
};

/* Fills the variables that the options point at.  An unknown command word ends the parsing with
 * ret->unknown set: aliases and external commands are the caller's.  On failure *ret holds what was
 * understood so far, for help.  Fails: ERROR_USAGE. */
bool parse_command_line(size_t count, const char *const *words, struct arena *arena, struct parsed *ret,
                        struct error *err) must_use;

/* "-h" or "--help" before any "--": it wins over every mistake. */
enum help_wanted { HELP_NONE, HELP_SHORT, HELP_FULL };
enum help_wanted parse_help_wanted(size_t count, const char *const *words);

/* The command of that name among `list` (NULL-terminated), or NULL. */
const struct command *parse_find_command(const struct command *const *list, const char *name);
/* The option that `word` ("--env", "--no-watch", "-e") names for `command`, or NULL. */
const struct option_spec *parse_find_option(const struct parsed *parsed, const char *word);
/* Where the words after "--" go when the command keeps them apart, or NULL. */
const struct option_spec *parse_find_data(const struct parsed *parsed);

/* Fills err->why with "unknown KIND "WORD"" and err->next with the nearest names. */
bool parse_refuse_word(const char *kind, const char *word, const char *const *names, size_t n_names,
                       const char *otherwise, struct error *err);

#endif

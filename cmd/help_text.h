/* The text of help, from the described objects: no I/O. */
#ifndef PAAS_CMD_HELP_TEXT_H
#define PAAS_CMD_HELP_TEXT_H

#include "base/buf.h"
#include "cmd/command.h"

/* As `columns`, which are the width to wrap at: for a screen reader, "name: meaning" in one line each. */
enum { HELP_LISTED = 1 << 20 };

void help_write_root(struct buf *buf, size_t columns);
/* `is_full` adds the description and the flags of every command. */
void help_write_command(struct buf *buf, const struct command *parent, const struct command *command,
                        bool is_full, size_t columns);

/* "paas config list [--show-origin] FILE..." */
void help_write_usage(struct buf *buf, const struct command *parent, const struct command *command);
/* "-e, --env NAME" */
void help_write_flag(struct buf *buf, const struct option_spec *option);
/* The sentence with default, choices and variable: "colour of the output (auto, always, never; default auto)". */
void help_write_meaning(struct buf *buf, const struct option_spec *option);

extern const char *const group_titles[]; /* by enum command_group */

#endif

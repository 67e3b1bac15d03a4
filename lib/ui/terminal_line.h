/* One line typed at a terminal, with or without echo; signals put the terminal back first. */
#ifndef PAAS_UI_TERMINAL_LINE_H
#define PAAS_UI_TERMINAL_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* A terminal's own line buffer takes no more (n_tty(4) of Linux); what is longer it drops silently. */
enum { TERMINAL_LINE_MAX_BYTES = 4095 };

/* Reads a line from `fd` into `ret`, NUL-terminated, without its newline.  `draw` is called first,
 * and again when the process was stopped and goes on.
 * Fails: ERROR_INTERRUPTED (SIGINT), ERROR_TERMINATED (SIGTERM), ERROR_CANCELLED (end of input),
 * ERROR_USAGE (longer than a terminal's line), ERROR_FAILED. */
bool terminal_read_line(int fd, bool is_hidden, void (*draw)(void *data), void *data,
                        char ret[static TERMINAL_LINE_MAX_BYTES + 1], struct error *err) must_use;

#endif

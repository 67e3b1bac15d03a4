/* The end of a CI job's log, for people: without timestamps, folds, colours and control characters. */
#ifndef PAAS_ROLE_CI_LOG_H
#define PAAS_ROLE_CI_LOG_H

#include <stddef.h>

#include "base/arena.h"

/* The last `n_lines` lines of `text` that say something, ended by newlines.  GitHub marks what failed: what comes after
 * the last such mark is tidying up, and left out.  `text` may begin in the middle of a line. */
const char *ci_log_end(const char *text, size_t length, size_t n_lines, struct arena *arena) returns_text;

#endif

/* The variable that a program says it misses, out of its last words. */
#ifndef PAAS_CORE_DIAGNOSE_MISSING_H
#define PAAS_CORE_DIAGNOSE_MISSING_H

#include "base/arena.h"

enum { MISSING_NAME_MAX = 64, MISSING_LINES = 20 };

/* "DATABASE_URL is not set", "KeyError: 'DATABASE_URL'", "missing environment variable DATABASE_URL" and the
 * like, the last such line first.  The name is [A-Z_][A-Z0-9_]* with a letter, at most MISSING_NAME_MAX long,
 * whatever else the text holds; NULL when none is named. */
const char *missing_variable(const char *log, struct arena *arena);

#endif

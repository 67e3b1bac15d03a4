/* Several things went wrong at once: which one the command ends with. */
#ifndef PAAS_CMD_GRAVEST_H
#define PAAS_CMD_GRAVEST_H

#include <stddef.h>

#include "base/error.h"

/* The first whose exit status wins (130, 143, 4, 7, 8, 1, then any); those of ERROR_NONE are none.  NULL: all are. */
const struct error *error_gravest(const struct error *errors, size_t count);
size_t error_count(const struct error *errors, size_t count);

#endif

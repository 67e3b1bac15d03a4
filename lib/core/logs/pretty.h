/* A structured line (a JSON object, logfmt) as people read it: "WARN  cannot pay  order=17 after=2s". */
#ifndef PAAS_CORE_LOGS_PRETTY_H
#define PAAS_CORE_LOGS_PRETTY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends it to `buf`; false, and nothing is added, when the line is neither. */
bool log_pretty_add(struct buf *buf, const char *text, size_t length);

#endif

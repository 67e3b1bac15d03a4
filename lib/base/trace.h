/* What happens underneath, for `-v` and `-vv`: one line a request, then bodies and timings.
 *
 * Always on standard error.  Secrets never reach a trace: whoever formats a request masks its
 * credentials by construction (net/http), bodies are masked by key.
 */
#ifndef PAAS_BASE_TRACE_H
#define PAAS_BASE_TRACE_H

#include <stdbool.h>

#include "base/compiler.h"

enum trace_level { TRACE_OFF, TRACE_REQUESTS, TRACE_BODIES };

void trace_set_level(enum trace_level level);
bool trace_is_on(enum trace_level level);
/* Where lines go: main gives a sink that neutralises them (ui). Without one, nothing is printed. */
void trace_set_sink(void (*sink)(const char *line));
void trace_print(enum trace_level level, const char *format, ...) printf_like(2, 3);

#endif

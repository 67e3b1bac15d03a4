/* One line of a container's log as the API sends it: "2026-01-02T03:04:05.123456789Z message". */
#ifndef PAAS_CORE_LOGS_LINE_H
#define PAAS_CORE_LOGS_LINE_H

#include <stddef.h>
#include <stdint.h>

struct log_line {
	const char *text; /* behind the time; borrowed; without the newline */
	size_t length;
	int64_t time_ns;  /* since 1970 UTC; -1: it has none (a runtime's own message) */
};

/* The second that was parsed last, of the same stream: lines come in bursts. */
struct log_time_cache {
	char text[20]; /* "2026-01-02T03:04:05" */
	int64_t second;
};

/* Takes the time off.  RFC 3339 with 0 to 9 digits of a fraction and any zone; what is no time
 * stays part of the text. */
void log_line_parse(const char *bytes, size_t length, struct log_time_cache *cache, struct log_line *ret);

#endif

/* How bad a log line is, by its own word: JSON and logfmt fields, klog's first letter, or a level
 * in capitals near its beginning. */
#ifndef PAAS_CORE_LOGS_LEVEL_H
#define PAAS_CORE_LOGS_LEVEL_H

#include <stddef.h>

enum log_level { LOG_LEVEL_NONE, LOG_LEVEL_TRACE, LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR, LOG_LEVEL_FATAL };

/* LOG_LEVEL_NONE: it does not say; a line of a stack trace is as bad as the line before it. */
enum log_level log_level_of(const char *text, size_t length);
/* "warn", "WARNING", "Err", pino's "40"; LOG_LEVEL_NONE: no level that anybody uses. */
enum log_level log_level_parse(const char *word, size_t length);
/* The words of --level, mildest first; NULL-terminated. */
extern const char *const log_level_names[];

#endif

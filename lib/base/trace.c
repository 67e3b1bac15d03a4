#include "base/trace.h"

#include <stdarg.h>
#include <stddef.h>

#include "base/buf.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

static enum trace_level level_on = TRACE_OFF;
static void (*line_sink)(const char *line);

void
trace_set_level(enum trace_level level)
{
	level_on = level;
}

bool
trace_is_on(enum trace_level level)
{
	return line_sink != NULL && level <= level_on;
}

void
trace_set_sink(void (*sink)(const char *line))
{
	line_sink = sink;
}

void
trace_print(enum trace_level level, const char *format, ...)
{
	if (!trace_is_on(level))
		return;
	scoped(buf_release) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	va_list args;
	va_start(args, format);
	buf_vprintf(&line, format, args);
	va_end(args);
	line_sink(line.bytes);
}

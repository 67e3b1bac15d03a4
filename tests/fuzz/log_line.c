/* A line of a container's log: its time, its level, its readable form; read from memory that ends where it ends. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/logs/level.h"
#include "core/logs/line.h"
#include "core/logs/pretty.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log_time_cache cache = {0};
	struct buf shown = BUF_INIT(1 << 20);
	struct log_line first, again;
	const char *line = (const char *)data;
	log_line_parse(line, size, &cache, &first);
	log_line_parse(line, size, &cache, &again);
	if (first.time_ns != again.time_ns || first.text != again.text || first.length != again.length ||
	    first.text + first.length != line + size)
		abort();
	(void)log_level_of(first.text, first.length);
	(void)!log_pretty_add(&shown, first.text, first.length);
	buf_release(&shown);
	return 0;
}

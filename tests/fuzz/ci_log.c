/* The end of a CI job's log: no more lines than asked for, each ended, and nothing that moves a cursor. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "role/ci_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	scoped(arena_release) struct arena arena = {0};
	const char *lines = ci_log_end((const char *)bytes, size, 3, &arena);
	size_t length = strlen(lines), count = 0;
	for (const char *at = lines; *at != '\0'; at++) {
		count += *at == '\n';
		if (((unsigned char)*at < 0x20 && *at != '\n' && *at != '\t') || *at == 0x7f)
			abort();
	}
	if (count > 3 || (length > 0 && lines[length - 1] != '\n'))
		abort();
	return 0;
}

/* The last words of a container: whatever they are, what comes out can stand on a command line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/diagnose/missing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	const char *name = missing_variable(arena_strndup(&arena, (const char *)data, size), &arena);
	if (name && (!*name || strlen(name) > MISSING_NAME_MAX || (*name >= '0' && *name <= '9') ||
	             name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")]))
		abort();
	arena_release(&arena);
	return 0;
}

/* Any bytes as a fiaas.yml of version 2: what it becomes is version 3, and cannot be migrated again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/onboard/migrate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena arena = {0};
	struct migration migration;
	struct error err = {0};
	const char *text = arena_strndup(&arena, (const char *)bytes, length);
	if (migrate(text, "fuzz", NULL, &arena, &migration, &err)) {
		if (migrate_version(migration.text) != 3)
			abort();
	} else if (err.code != ERROR_INVALID_FILE && err.code != ERROR_INVALID_SPEC) {
		abort();
	}
	arena_release(&arena);
	return 0;
}

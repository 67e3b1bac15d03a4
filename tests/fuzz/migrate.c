/* Any bytes as a fiaas.yml of version 2: what it becomes is version 3 and cannot be migrated again, and has no
 * key that version 3 does not know: no comment became a line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "core/fiaas/spec_keys.h"
#include "core/onboard/migrate.h"
#include "data/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool
is_known(const char *name)
{
	for (const struct spec_key *key = spec_keys_v3; key->name != NULL; key++)
		if (strcmp(key->name, name) == 0)
			return true;
	return false;
}

static void
check_keys(const char *text, struct arena *arena)
{
	struct yaml_node *root;
	struct error err;
	if (!yaml_parse(text, strlen(text), "migrated", &yaml_limits_default, arena, &root, &err))
		abort();
	for (size_t i = 0; i < root->count; i++)
		if (!is_known(root->pairs[i].key->text))
			abort();
}

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
		check_keys(migration.text, &arena);
	} else if (err.code != ERROR_INVALID_FILE && err.code != ERROR_INVALID_SPEC) {
		abort();
	}
	arena_release(&arena);
	return 0;
}

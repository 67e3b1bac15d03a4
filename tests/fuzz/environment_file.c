/* NAME=VALUE lines: what is accepted can be keys, and no message holds what is not a name. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/configuration/environment_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(secret_release) struct secret *text = secret_new(data, size);
	struct value_change *changes;
	struct error err;
	size_t count;
	bool is_fine = environment_file_parse(text, "file", &arena, &changes, &count, &err);
	for (size_t i = 0; i < count; i++)
		if (!value_name_check(changes[i].name, &err) || secret_length(changes[i].value) > size)
			abort();
	if (is_fine && count == 0)
		abort();
	value_changes_release(changes, count);
	return 0;
}

/* The name of an image: what is accepted must mean the same when it is written out and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/oci/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct oci_reference first, second;
	struct error err;
	const char *text = arena_strndup(&arena, (const char *)data, size);
	if (oci_reference_parse(text, &arena, &first, &err)) {
		const char *whole = oci_reference_format(&first, &arena);
		if (!oci_reference_parse(whole, &arena, &second, &err) ||
		    strcmp(whole, oci_reference_format(&second, &arena)) != 0)
			abort();
	}
	arena_release(&arena);
	return 0;
}

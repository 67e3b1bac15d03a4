/* Location and Link of any server: what is accepted has an origin that stays the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct error err;
	const char *to, *origin, *again;
	const char *reference = arena_strndup(&arena, (const char *)data, size);
	if (http_url_resolve("https://base.example:8443/a/b?c", reference, &arena, &to, &err)) {
		if (!http_origin_of(to, &arena, &origin, &err) || !http_origin_of(origin, &arena, &again, &err) ||
		    strcmp(origin, again) != 0)
			abort();
	}
	arena_release(&arena);
	return 0;
}

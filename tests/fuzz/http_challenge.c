/* The WWW-Authenticate of any server. */
#include <stdint.h>
#include <stdlib.h>

#include "net/challenge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct challenge challenges[4];
	const char *value = arena_strndup(&arena, (const char *)data, size);
	size_t n = challenge_parse(value, &arena, challenges, 4);
	if (n > 4)
		abort();
	for (size_t i = 0; i < n; i++) {
		if (challenges[i].scheme[0] == '\0' || challenges[i].n_parameters > CHALLENGE_PARAMETERS)
			abort();
		challenge_parameter(&challenges[i], "realm");
	}
	arena_release(&arena);
	return 0;
}

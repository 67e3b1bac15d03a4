/* Keys and signatures: whatever is accepted as a key reads back as itself, and no signature that a
 * fuzzer can write verifies. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/minisign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char pinned[] = "RWQp4fbOI0AdS6kAlkZDZ3ZaFfhw4ZfuQRbO2XUztJ7mBoupaUQOlIyd";
	struct minisign_key key, again, ours;
	struct minisign_signature signature;
	struct error err;
	const char *text = (const char *)data;
	if (minisign_read_key(text, size, &key, &err) &&
	    (!minisign_read_key(key.text, strlen(key.text), &again, &err) || memcmp(&key, &again, sizeof(key)) != 0))
		abort();
	if (minisign_read_key(pinned, strlen(pinned), &ours, &err) && minisign_read_signature(text, size, &signature, &err) &&
	    minisign_verify(&signature, &ours, 1, "a file nobody signed", 20, &err))
		abort();
	return 0;
}

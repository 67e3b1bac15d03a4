/* Any bytes as a token store: what is accepted has a cost that the machine bears, and opens only as a whole. */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "store/token_file.h"
#include "store/token_slot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena_release) struct arena arena = {0};
	struct token_file file;
	struct error err;
	if (!token_file_parse(data, size, &file, &err)) {
		if (err.code != ERROR_INVALID_FILE)
			abort();
		return 0;
	}
	if (file.header.n_slots == 0 || file.header.n_slots > TOKEN_SLOTS_MAX || file.sealed + file.sealed_length != data + size)
		abort();
	static const unsigned char zero[TOKEN_KEY_BYTES];
	scoped(secret_release) struct secret *key = secret_new(zero, sizeof zero), *content = NULL;
	for (size_t i = 0; i < file.header.n_slots; i++) {
		scoped(secret_release) struct secret *master = NULL;
		token_slot_label(file.header.slots[i], &arena);
		if (token_slot_type(file.header.slots[i]) != TOKEN_SLOT_PASSPHRASE &&
		    token_slot_unwrap(file.header.slots[i], file.header.id, key, &master, &err))
			abort();
	}
	if (token_file_open(&file, key, &content, &err))
		abort();
	return 0;
}

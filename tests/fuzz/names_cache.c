/* The cache of names: what is read back goes to a shell. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/names/cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file that is believed is, to the byte, one that we write. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char key[] = "key";
	struct arena arena = {0};
	struct buf buf = BUF_INIT(NAMES_FILE_MAX);
	struct names names;
	if (names_parse((const char *)data, size, key, &arena, &names)) {
		if (!names_format(&names, key, &buf) || buf.length != size || memcmp(buf.bytes, data, size) != 0)
			abort();
		for (size_t i = 0; i < size; i++)
			if (data[i] >= 0x7f || (data[i] < 0x20 && data[i] != '\n' && data[i] != '\t'))
				abort();
	}
	buf_release(&buf);
	arena_release(&arena);
	return 0;
}

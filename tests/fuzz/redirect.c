/* The query that anybody may send to the loopback port. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/redirect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *text, size_t size)
{
	if (strnlen(text, size) == size)
		abort();
	for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
		if (*at < ' ' || *at == 0x7f)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct redirect redirect;
	if (redirect_read((const char *)data, size, &redirect)) {
		check(redirect.code, sizeof redirect.code);
		check(redirect.state, sizeof redirect.state);
		check(redirect.iss, sizeof redirect.iss);
		check(redirect.error, sizeof redirect.error);
		check(redirect.description, sizeof redirect.description);
	}
	redirect_wipe(&redirect);
	return 0;
}

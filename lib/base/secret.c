#include "base/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

struct secret {
	size_t length;
	char bytes[];
};

struct secret *
secret_new(const void *bytes, size_t length)
{
	if (sodium_init() < 0)
		abort();
	/* sodium puts the end at a guard page: only a rounded size leaves the start aligned. */
	size_t size = (sizeof(struct secret) + length + 1 + 15) & ~(size_t)15;
	struct secret *secret = sodium_malloc(size);
	if (secret == NULL)
		abort();
	secret->length = length;
	memcpy(secret->bytes, bytes, length);
	secret->bytes[length] = '\0';
	sodium_mprotect_readonly(secret);
	return secret;
}

void
secret_free(struct secret *secret)
{
	sodium_free(secret);
}

void
secret_release(struct secret **secret)
{
	secret_free(*secret);
	*secret = NULL;
}

const char *
secret_reveal(const struct secret *secret)
{
	return secret->bytes;
}

size_t
secret_length(const struct secret *secret)
{
	return secret->length;
}

bool
secret_equals(const struct secret *a, const struct secret *b)
{
	return a->length == b->length && sodium_memcmp(a->bytes, b->bytes, a->length) == 0;
}

void
secret_wipe(void *bytes, size_t length)
{
	sodium_memzero(bytes, length);
}

void
secret_protect_process(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

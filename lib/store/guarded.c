#include "store/guarded.h"

#include <sodium.h>
#include <stdlib.h>

unsigned char *
guarded_new(size_t size)
{
	if (sodium_init() < 0)
		abort();
	unsigned char *bytes = sodium_malloc(size);
	if (bytes == NULL)
		abort();
	return bytes;
}

void
guarded_free(unsigned char **bytes)
{
	sodium_free(*bytes);
	*bytes = NULL;
}

/* Any bytes as the content of a store: what is accepted reads the same when it is written again. */
#include <stdint.h>
#include <stdlib.h>

#include "store/token_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(secret_release) struct secret *json = secret_new(data, size), *once = NULL, *twice = NULL;
	scoped(token_list_release) struct token_list *list = NULL, *again = NULL;
	struct error err;
	if (!token_list_read(json, &list, &err))
		return 0;
	once = token_list_write(list);
	if (!token_list_read(once, &again, &err))
		abort();
	twice = token_list_write(again);
	if (!secret_equals(once, twice))
		abort();
	return 0;
}

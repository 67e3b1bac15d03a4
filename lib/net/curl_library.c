#include "net/curl_library.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/library.h"
#include "base/secret.h"

struct curl_library curl_library;

#define SYMBOL(name) LIBRARY_SYMBOL(curl_##name, curl_library.name)
static const struct library_symbol symbols[] = {
	SYMBOL(global_init_mem), SYMBOL(easy_init), SYMBOL(easy_cleanup), SYMBOL(easy_setopt),
	SYMBOL(easy_getinfo), SYMBOL(easy_pause), SYMBOL(easy_strerror), SYMBOL(slist_append),
	SYMBOL(slist_free_all), SYMBOL(multi_init), SYMBOL(multi_cleanup), SYMBOL(multi_setopt),
	SYMBOL(multi_add_handle), SYMBOL(multi_remove_handle), SYMBOL(multi_socket_action),
	SYMBOL(multi_info_read), SYMBOL(multi_assign),
};

/* curl copies headers, so tokens pass through its memory: nothing is given back unwiped. */
static void
wipe_and_free(void *memory)
{
	if (memory == NULL)
		return;
	secret_wipe(memory, malloc_usable_size(memory));
	free(memory);
}

static void *
wipe_and_realloc(void *memory, size_t size)
{
	void *larger = malloc(size);
	if (larger == NULL || memory == NULL)
		return larger;
	size_t old = malloc_usable_size(memory);
	memcpy(larger, memory, old < size ? old : size);
	wipe_and_free(memory);
	return larger;
}

bool
curl_library_load(struct error *err)
{
	static bool is_loaded;
	if (is_loaded)
		return true;
	if (!library_load(LIBRARY_CURL, symbols, array_length(symbols), err))
		return false;
	if (curl_library.global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_and_free, wipe_and_realloc,
	                                 strdup, calloc) != CURLE_OK)
		return error_set(err, ERROR_FAILED, "libcurl does not start");
	is_loaded = true;
	return true;
}

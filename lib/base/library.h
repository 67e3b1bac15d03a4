/* A library loaded when first used.
 *
 * Linking curl and its forty dependencies costs 13 ms before main; a command that does not use
 * them should not pay.  Each such library has one function table, filled by its names; the
 * single-file release (`make STATIC=1`) fills the same tables with direct symbols.
 *
 *	static struct { CURL *(*easy_init)(void); … } curl;
 *	static const struct library_symbol symbols[] = {{"curl_easy_init", (void **)&curl.easy_init}, …};
 */
#ifndef PAAS_BASE_LIBRARY_H
#define PAAS_BASE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct library_symbol {
	const char *name;
	void **address;
};

/* Opens `file` (a soname such as "libcurl.so.4") for good and resolves every symbol.
 * Fails: ERROR_FAILED, naming the Debian package. */
bool library_load(const char *file, const char *package, const struct library_symbol *symbols,
                  size_t n_symbols, struct error *err) must_use;

#endif

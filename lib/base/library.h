/* A library loaded when first used.
 *
 * Linking curl and its forty dependencies costs 13 ms before main; a command that does not use
 * them should not pay.  Each such library has one function table, filled by its names; the
 * single-file release (`make single`, which defines PAAS_SINGLE_FILE) fills the same tables with
 * direct symbols.
 *
 *	static struct { CURL *(*easy_init)(void); … } curl;
 *	static const struct library_symbol symbols[] = {
 *		LIBRARY_SYMBOL(curl_easy_init, curl.easy_init), …
 *	};
 */
#ifndef PAAS_BASE_LIBRARY_H
#define PAAS_BASE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/library_table.h"

enum library {
#define _(constant, file, package, purpose) LIBRARY_##constant,
	LIBRARIES(_)
#undef _
	LIBRARY_COUNT,
};

struct library_info {
	const char *file, *package, *purpose;
};
extern const struct library_info library_info[LIBRARY_COUNT];

/* Whether the library is part of this binary: nothing is loaded, and no package is needed. */
bool library_is_built_in(enum library library);

struct library_symbol {
	const char *name;
	void **address;
#ifdef PAAS_SINGLE_FILE
	const void *symbol; /* NULL: the library exists as a shared one only */
#endif
};

/* Of a library that exists as a shared one only; LIBRARY_SYMBOL for all others. */
#define LIBRARY_SHARED_SYMBOL(function, pointer) \
	{.name = #function, .address = (void **)(void *)&(pointer)}
#ifdef PAAS_SINGLE_FILE
#define LIBRARY_SYMBOL(function, pointer)                          \
	{.name = #function, .address = (void **)(void *)&(pointer), \
	 .symbol = __extension__(const void *)&(function)}
#else
#define LIBRARY_SYMBOL(function, pointer) LIBRARY_SHARED_SYMBOL(function, pointer)
#endif

/* Opens the library for good and resolves every symbol.
 * Fails: ERROR_FAILED, naming the Debian package. */
bool library_load(enum library library, const struct library_symbol *symbols, size_t n_symbols,
                  struct error *err) must_use;

#endif

#include "base/library.h"

#include <dlfcn.h>
#include <stdint.h>

const struct library_info library_info[LIBRARY_COUNT] = {
#define _(constant, file, package, purpose) [LIBRARY_##constant] = {file, package, purpose},
	LIBRARIES(_)
#undef _
};

bool
library_is_built_in(enum library library)
{
#ifdef PAAS_SINGLE_FILE
	return library != LIBRARY_JQ && library != LIBRARY_SECRET; /* Debian has no libjq.a, no libsecret-1.a */
#else
	(void)library;
	return false;
#endif
}

#ifdef PAAS_SINGLE_FILE
static void
take_direct(const struct library_symbol *symbols, size_t n_symbols)
{
	for (size_t i = 0; i < n_symbols; i++)
		*symbols[i].address = (void *)(uintptr_t)symbols[i].symbol;
}
#endif

static bool
open_shared(const struct library_info *info, const struct library_symbol *symbols, size_t n_symbols,
            struct error *err)
{
	/* Lazily: binding all of libcurl's forty dependencies at once is 7 % of a small status. */
	void *handle = dlopen(info->file, RTLD_LAZY | RTLD_LOCAL);
	if (handle == NULL) {
		error_put(err, ERROR_FAILED, "loading %s: %s", info->file, dlerror());
		return error_next(err, "install the package %s", info->package);
	}
	for (size_t i = 0; i < n_symbols; i++) {
		*symbols[i].address = dlsym(handle, symbols[i].name);
		if (*symbols[i].address == NULL) {
			error_put(err, ERROR_FAILED, "%s has no %s", info->file, symbols[i].name);
			return error_next(err, "upgrade the package %s", info->package);
		}
	}
	return true;
}

bool
library_load(enum library library, const struct library_symbol *symbols, size_t n_symbols,
             struct error *err)
{
#ifdef PAAS_SINGLE_FILE
	if (library_is_built_in(library)) {
		take_direct(symbols, n_symbols);
		return true;
	}
#endif
	return open_shared(&library_info[library], symbols, n_symbols, err);
}

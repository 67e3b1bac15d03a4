#include "base/library.h"

#include <dlfcn.h>

bool
library_load(const char *file, const char *package, const struct library_symbol *symbols,
             size_t n_symbols, struct error *err)
{
	/* Lazily: binding all of libcurl's forty dependencies at once is 7 % of a small status. */
	void *handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
	if (handle == NULL) {
		error_put(err, ERROR_FAILED, "loading %s: %s", file, dlerror());
		return error_next(err, "install the package %s", package);
	}
	for (size_t i = 0; i < n_symbols; i++) {
		*symbols[i].address = dlsym(handle, symbols[i].name);
		if (*symbols[i].address == NULL) {
			error_put(err, ERROR_FAILED, "%s has no %s", file, symbols[i].name);
			return error_next(err, "upgrade the package %s", package);
		}
	}
	return true;
}

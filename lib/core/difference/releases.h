/* What differs between two releases: what is described, and the objects made of it for one cluster. */
#ifndef PAAS_CORE_DIFFERENCE_RELEASES_H
#define PAAS_CORE_DIFFERENCE_RELEASES_H

#include "core/difference/objects.h"
#include "core/difference/reference.h"
#include "core/fiaas/options.h"

struct releases_request {
	const char *name, *namespace;
	const struct platform_environment *environment; /* for whose cluster both are rendered */
	const struct reference *before, *after;
};

/* `ret` begins with its arena only; the caller releases it, on failure too.  Where of one only the pod
 * template is known, nothing else is compared.  Fails: ERROR_INVALID_SPEC, ERROR_INVALID_FILE. */
bool releases_compare(const struct releases_request *request, struct differences *ret, struct error *err) must_use;

#endif

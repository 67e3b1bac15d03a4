/* What deploying a release with `paas deploy --direct` would change, where no operator is: each object as a
 * server-side dry run of the very write.  Nothing is written.
 */
#ifndef PAAS_CORE_DIFFERENCE_PREVIEW_DIRECT_H
#define PAAS_CORE_DIFFERENCE_PREVIEW_DIRECT_H

#include "base/error.h"
#include "core/difference/objects.h"

struct direct;

/* After direct_look; call from a fiber.  `ret` begins with its arena only; the caller releases it, on failure
 * too.  Fails as the cluster does. */
bool preview_direct(struct direct *direct, struct differences *ret, struct error *err) must_use;

#endif

/* What deploying a release would change in a cluster: the Application against what is stored, and each
 * object that the operator would write, replace or delete against the live one.  Nothing is written.
 *
 * Each object is put to the server as a dry run, the way the operator writes it, so that defaults and
 * webhooks are in the answer; where that cannot be, it is compared locally, and says why.
 */
#ifndef PAAS_CORE_DIFFERENCE_PREVIEW_H
#define PAAS_CORE_DIFFERENCE_PREVIEW_H

#include "core/deploy/release.h"
#include "core/difference/objects.h"

struct kubernetes;
struct loop;
struct standing;

struct preview_request {
	struct loop *loop;
	struct kubernetes *kubernetes;
	const struct release *release;   /* what would be deployed, and where */
	const struct standing *standing; /* what stands there */
};

/* Call from a fiber.  `ret` begins with its arena only; the caller releases it, on failure too.
 * Fails: ERROR_INVALID_SPEC when the operator would refuse the release, else as the cluster does. */
bool preview(const struct preview_request *request, struct differences *ret, struct error *err) must_use;

#endif

/* The registry that keeps the company's images.
 *
 *	scoped(artifacts_close) struct artifacts *artifacts = NULL;
 *	if (!artifacts_open(http, platform, arena, &artifacts, err) ||
 *	    !artifacts_resolve(artifacts, "r.acme.example/shop/checkout:1.4", "linux/amd64", arena, &image, err))
 *		return false;
 */
#ifndef PAAS_ROLE_ARTIFACTS_H
#define PAAS_ROLE_ARTIFACTS_H

#include <stdbool.h>

#include "api/oci/registry.h"
#include "base/arena.h"
#include "base/error.h"

struct artifacts;
struct http;
struct platform; /* data/platform.h */

/* `platform` may be NULL: every registry is then asked without credentials.  These come from
 * $PAAS_TOKEN_ARTIFACTS, "user:password" or a token alone, else from the token store, and go to the platform's registry only.
 * Nothing is asked yet.  `platform` and the arena outlive it.  Fails: ERROR_INVALID_FILE (ca_file). */
bool artifacts_open(struct http *http, const struct platform *platform, struct arena *arena,
                    struct artifacts **ret, struct error *err) must_use;
/* For scoped(). */
void artifacts_close(struct artifacts **artifacts);

/* What `image` ("host/path:tag") stands for; `os_and_architecture` as oci_resolve, whose failures
 * these are, and ERROR_USAGE for what is no image name. */
bool artifacts_resolve(struct artifacts *artifacts, const char *image, const char *os_and_architecture,
                       struct arena *arena, struct oci_image *ret, struct error *err) must_use;
/* The digest alone, which costs less. */
bool artifacts_resolve_digest(struct artifacts *artifacts, const char *image, struct arena *arena,
                              const char **ret, struct error *err) must_use;
/* A raw request to the platform's registry, for `paas api`; any status is an answer.  Fails also:
 * ERROR_NOT_FOUND, when the platform names no registry. */
bool artifacts_request(struct artifacts *artifacts, const struct oci_raw_request *raw,
                       struct arena *arena, struct http_response *ret, struct error *err) must_use;

#endif

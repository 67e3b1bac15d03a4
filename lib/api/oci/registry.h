/* An image registry (OCI distribution 1.1, Docker Registry v2): what an image is, by its name.
 * Called from fibers.  Anonymous unless given credentials; https only.
 *
 *	if (!oci_resolve(oci, &reference, "linux/amd64", arena, &image, err))
 *		return error_doing(err, "resolving %s", text);
 *
 * Fails: ERROR_NOT_FOUND (no such image, tag or platform), ERROR_NOT_LOGGED_IN (it wants
 * credentials), ERROR_FORBIDDEN (these do not suffice), ERROR_RATE_LIMITED, ERROR_UNREACHABLE,
 * ERROR_BAD_ANSWER (a digest that is not the content's).
 */
#ifndef PAAS_API_OCI_REGISTRY_H
#define PAAS_API_OCI_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/oci/reference.h"
#include "net/http.h"

struct oci;

struct oci_platform {
	const char *os, *architecture, *variant; /* variant NULL when it has none */
	const char *digest;                      /* of its manifest */
};

struct oci_label {
	const char *name, *value;
};

struct oci_image {
	const char *digest;     /* of what the name stands for: what a deployment pins */
	const char *media_type;
	const struct oci_platform *platforms; /* one when it is no index */
	size_t n_platforms;
	const char *manifest_digest; /* of the platform looked at: what a node reports as imageID, or `digest` */
	int64_t size_bytes;     /* to download for that platform, compressed */
	const struct oci_label *labels; /* the config's, then the annotations */
	size_t n_labels;
	const char *revision;   /* the commit (org.opencontainers.image.revision), or NULL */
	const char *created;    /* as the image says, or NULL */
};

/* `endpoint` (may be NULL): credentials, authority, proxy for the registry at endpoint->origin; it
 * and `token_origin` (a further https origin that may see the credentials, or NULL) outlive it.
 * Other registries are asked without credentials. */
struct oci *oci_open(struct http *http, const struct http_endpoint *endpoint, const char *token_origin)
	__attribute__((returns_nonnull));
void oci_close(struct oci *oci);

/* Everything above: one to three requests.  `platform` "os/architecture[/variant]", or NULL: labels
 * and size are then linux/amd64's if there is one, else the first's. */
bool oci_resolve(struct oci *oci, const struct oci_reference *reference, const char *platform,
                 struct arena *arena, struct oci_image *ret, struct error *err) must_use;
/* The digest alone, by HEAD where the registry tells it there (often free of rate limits). */
bool oci_resolve_digest(struct oci *oci, const struct oci_reference *reference, struct arena *arena,
                        const char **ret, struct error *err) must_use;
/* A raw request to the registry at endpoint->origin, for `paas api`: `path` as on the wire,
 * "/v2/shop/checkout/tags/list".  Any status is an answer. */
struct oci_raw_request {
	const char *method, *path;
	const struct http_header *headers;
	size_t n_headers;
	const void *body; /* NULL: none */
	size_t length;
};
bool oci_request_raw(struct oci *oci, const struct oci_raw_request *raw, struct arena *arena,
                     struct http_response *ret, struct error *err) must_use;
const char *oci_image_label(const struct oci_image *image, const char *name);

#endif

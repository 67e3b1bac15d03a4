/* The name of an image: [registry[:port]/]path[:tag][@sha256:…]
 *
 * The first part is a registry when it holds '.' or ':' or is "localhost"; without one the image
 * is Docker Hub's, where a name of one part stands below "library/".  Without tag and digest the
 * tag is "latest".  Source: the distribution project's reference grammar. */
#ifndef PAAS_API_OCI_REFERENCE_H
#define PAAS_API_OCI_REFERENCE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

enum { OCI_NAME_MAX = 255, OCI_TAG_MAX = 128, OCI_DIGEST_LENGTH = 71 };

struct oci_reference {
	const char *registry;   /* "docker.io", "localhost:5000" */
	const char *repository; /* "library/nginx", "shop/checkout" */
	const char *tag;        /* NULL when only a digest was given */
	const char *digest;     /* "sha256:" and 64 hex digits, or NULL */
	bool is_tag_implied;    /* "latest" stands for nothing said */
};

/* Fails: ERROR_USAGE, saying what is wrong and, where it can, what was meant. */
bool oci_reference_parse(const char *text, struct arena *arena, struct oci_reference *ret,
                         struct error *err) must_use;
/* "registry/repository:tag@digest", as far as there is. */
const char *oci_reference_format(const struct oci_reference *reference, struct arena *arena);
/* Where its registry answers: "https://registry-1.docker.io", "https://localhost:5000". */
const char *oci_reference_origin(const struct oci_reference *reference, struct arena *arena);

bool oci_is_digest(const char *text);

#endif

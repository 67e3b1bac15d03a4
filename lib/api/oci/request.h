/* One request to a registry, with its token.  For lib/api/oci only. */
#ifndef PAAS_API_OCI_REQUEST_H
#define PAAS_API_OCI_REQUEST_H

#include "api/oci/reference.h"
#include "api/oci/token.h"
#include "net/http.h"

struct oci {
	struct http *http;
	const struct http_endpoint *endpoint;
	const char *token_origin;
	struct oci_tokens *tokens;
};

/* `path` follows "/v2/repository/": "manifests/1.0".  Any answer but success is a failure, said with
 * the registry's own words. */
bool oci_request(struct oci *oci, const char *method, const struct oci_reference *reference,
                 const char *path, struct arena *arena, struct http_response *ret, struct error *err) must_use;
/* The body of `path`, whose sha256 must be `digest` ("sha256:…"), or what the registry says it is
 * when NULL; *ret_digest is what it is. */
bool oci_fetch(struct oci *oci, const struct oci_reference *reference, const char *path,
               const char *digest, struct arena *arena, struct http_response *ret,
               const char **ret_digest, struct error *err) must_use;

#endif

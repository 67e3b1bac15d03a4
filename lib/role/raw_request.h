/* A raw request to any system of the platform file, for `paas api`: with its credential, and for Spinnaker within a session. */
#ifndef PAAS_ROLE_RAW_REQUEST_H
#define PAAS_ROLE_RAW_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "net/http.h"
#include "role/systems.h"

struct raw_request {
	const char *method, *path; /* path: begins with '/', escaped; below the system's url, or with the path of that before it */
	const struct http_header *headers;
	size_t n_headers;
	const char *body;          /* NULL: none */
	size_t length;
};

/* Any status is an answer; no redirect is followed, none of another origin gets the credential.  Without a credential it is asked as a
 * stranger.  Fails: as credential_find, systems_endpoint and http_send. */
bool raw_request_send(struct http *http, const struct system *system, const struct raw_request *request, struct arena *arena,
                      struct http_response *ret, struct error *err) must_use;

#endif

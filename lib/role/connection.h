/* A role of the platform file as an open REST client: its address, its credential, its headers.
 *
 *	scoped(connection_release) struct connection connection = {0};
 *	if (!connection_open(http, platform, "scm", arena, &connection, err))
 *		return false;
 */
#ifndef PAAS_ROLE_CONNECTION_H
#define PAAS_ROLE_CONNECTION_H

#include <stdbool.h>

#include "api/rest/rest.h"
#include "net/http.h"
#include "role/systems.h"

struct platform;

struct connection {
	const struct system *system; /* in the arena */
	struct credential credential;
	struct http_endpoint endpoint;
	struct rest rest; /* without headers and the member of errors: the provider's */
};

/* Nothing is asked yet.  The arena outlives it; *ret is released with connection_release, and does not move.  CI that is
 * GitHub Actions takes the credential of the scm of the same origin when it has none of its own.  Fails: ERROR_NOT_FOUND
 * (no such role), ERROR_NOT_LOGGED_IN (no credential), ERROR_INVALID_FILE (ca_file), and as credential_find. */
bool connection_open(struct http *http, const struct platform *platform, const char *role, struct arena *arena,
                     struct connection *ret, struct error *err) must_use;
/* For scoped(); all zero is fine. */
void connection_release(struct connection *connection);

#endif

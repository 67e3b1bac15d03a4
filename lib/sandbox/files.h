/* The folder of a sandbox: what its clients read, and what it reads again itself.
 *
 *	connection.json   where it listens, its process and the token of its control routes
 *	ca.pem            what clients trust; server.pem and server.key are its own
 *	kubeconfig        context "sandbox"
 *	platform.yml      the platform file
 *	application/      the sample application, a folder to deploy from
 *	state.json        the state of the last time; snapshots/NAME.json those with a name
 */
#ifndef PAAS_SANDBOX_FILES_H
#define PAAS_SANDBOX_FILES_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "web/certificate.h"

struct sandbox_connection {
	unsigned api_port, registry_port;
	long pid;
	const char *control_token; /* of /-/sandbox/ */
	const char *api_token;     /* of the kubeconfig's user */
};

/* "FOLDER/NAME" in `arena`. */
const char *sandbox_file(const char *folder, const char *name, struct arena *arena);

/* False without an error when there is none or it makes no sense. */
bool sandbox_read_connection(const char *folder, struct arena *arena, struct sandbox_connection *ret);
bool sandbox_write_connection(const char *folder, const struct sandbox_connection *connection,
                              struct error *err) must_use;

/* The certificate of the last time, or a new one. */
bool sandbox_certificate(const char *folder, struct arena *arena, struct certificate *ret,
                         struct error *err) must_use;
/* kubeconfig, platform.yml (with the operator's options `fiaas`, a map) and application/ (left
 * alone when it is there already). */
bool sandbox_write_client_files(const char *folder, const struct sandbox_connection *connection,
                                const json_t *fiaas, struct error *err) must_use;

/* *ret: new reference.  Fails: ERROR_NOT_FOUND, ERROR_INVALID_FILE. */
bool sandbox_read_state(const char *folder, const char *name, json_t **ret, struct error *err) must_use;
bool sandbox_write_state(const char *folder, const char *name, const json_t *state,
                         struct error *err) must_use;
/* "state.json", or "snapshots/NAME.json" for a name of letters, digits, '.', '_' and '-'. */
bool sandbox_snapshot_file(const char *name, struct arena *arena, const char **ret,
                           struct error *err) must_use;

#endif

/* The folder of a sandbox: what its clients read, and what it reads again itself.
 *
 *	connection.json   where it listens, its process and the token of its control routes
 *	ca.pem            what clients trust; server.pem and server.key are its own
 *	client.pem        a certificate of ada's with which Spinnaker knows her; client.key is its key
 *	sso-*.pem         what its sign-on server signs with
 *	kubeconfig        context "sandbox"
 *	platform.yml      the platform file
 *	application/      the sample application, a folder to deploy from
 *	git/              bare repositories of its GitHub, once git has asked for one
 *	state.json        the state of the last time; snapshots/NAME.json those with a name
 */
#ifndef PAAS_SANDBOX_FILES_H
#define PAAS_SANDBOX_FILES_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "web/certificate.h"

enum sandbox_server {
	SERVER_KUBERNETES, SERVER_REGISTRY, SERVER_SSO, SERVER_GATE, SERVER_GITHUB, SERVER_TRAVIS, SERVER_SLACK, SERVER_COUNT,
};
struct sandbox_server_kind {
	const char *name;  /* in connection.json, of --server, and in the status "NAME_requests" */
	const char *title; /* in a list of them */
	const char *words; /* in a sentence */
	const char *path;  /* of its address, after the port */
};
extern const struct sandbox_server_kind sandbox_servers[SERVER_COUNT];

struct sandbox_connection {
	unsigned ports[SERVER_COUNT]; /* 0: none yet */
	long pid;
	const char *control_token; /* of /-/sandbox/ */
	const char *api_token;     /* of the kubeconfig's user */
	const char *issuer;        /* of the sign-on server */
	const char *cd, *ci, *artifacts; /* what the platform file says deploys, builds, and keeps images */
};

/* "FOLDER/NAME" in `arena`. */
const char *sandbox_file(const char *folder, const char *name, struct arena *arena);
/* "https://localhost:PORT", and with the path behind it. */
const char *sandbox_origin(const struct sandbox_connection *connection, enum sandbox_server server, struct arena *arena);
const char *sandbox_address(const struct sandbox_connection *connection, enum sandbox_server server, struct arena *arena);

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

/* The golden path emulated in one process on loopback: a Kubernetes API with the FIAAS operator and
 * fake nodes, an OCI registry, a sign-on server, Spinnaker, GitHub with Actions, Travis CI and Slack,
 * each over TLS with a CA of its own.
 *
 * Everything another program needs to use it stands in one folder (sandbox/files.h); its state is
 * written there when it closes and read when it opens again.  It listens on the same ports as the
 * last time when these are free.
 */
#ifndef PAAS_SANDBOX_SANDBOX_H
#define PAAS_SANDBOX_SANDBOX_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct loop;
struct sandbox;

struct sandbox_options {
	const char *folder;      /* absolute; made when missing, mode 0700 */
	bool is_empty;           /* neither images nor namespaces of the sample application */
	bool has_operator;
	bool without_fiaas;      /* its kinds are not defined either */
	int64_t operator_delay_ms; /* before it looks at a changed Application */
	const json_t *fiaas;     /* options of the operator, as in the platform file; borrowed */
	uint64_t seed;           /* of generated names; 0 = from the clock */
	bool sign_on_asks;       /* somebody has to approve who signs on; else it happens by itself */
	const char *cd;          /* what the platform file says deploys: "fiaas" or "spinnaker"; NULL: as the last time */
	const char *ci;          /* … and builds: "github-actions" or "travis"; NULL: as the last time */
	const char *artifacts;   /* … and keeps images: "oci" or "artifactory"; NULL: as the last time */
	int64_t token_lifetime_ms; /* of the sign-on server's access and ID tokens; 0 = an hour */
};

/* Fails: ERROR_FILE (the folder), ERROR_FAILED (a library, a port, the certificate). */
bool sandbox_open(struct loop *loop, const struct sandbox_options *options, struct sandbox **ret,
                  struct error *err) must_use;
/* Writes the state; then it is gone.  False when it could not be written. */
bool sandbox_close(struct sandbox *sandbox, struct error *err);

#endif

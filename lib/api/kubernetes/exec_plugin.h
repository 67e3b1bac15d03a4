/* Credentials from an exec plugin: a program named by the kubeconfig prints a token or certificate.
 *
 * Each plugin runs once a process: what it answered serves until 20 s before its expiry, or until
 * a server refuses it.  Never two runs of one plugin at a time, never two with the terminal.
 * Source: client.authentication.k8s.io/v1, client-go plugin/pkg/client/auth/exec.
 */
#ifndef PAAS_API_KUBERNETES_EXEC_PLUGIN_H
#define PAAS_API_KUBERNETES_EXEC_PLUGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "api/kubernetes/access.h"
#include "base/error.h"

struct loop;

/* Lives as long as the process, as requests under way keep pointing at it. */
struct exec_credential {
	const struct secret *token; /* NULL: none */
	const char *client_certificate_pem;
	const struct secret *client_key_pem;
	int64_t expires_at_ms; /* wall; 0 = does not say */
};

/* The current credential of `access->exec`; runs the plugin when there is none, when it expires,
 * or when the current one is `refused` (NULL: none was).  From a fiber.  Fails:
 * ERROR_NOT_LOGGED_IN (missing, failed), ERROR_BAD_ANSWER, ERROR_TIMED_OUT, ERROR_INTERRUPTED. */
bool exec_plugin_get(struct loop *loop, const struct kubernetes_access *access,
                     const struct exec_credential *refused, const struct exec_credential **ret,
                     struct error *err) must_use;

#endif

/* What kubectl asks a credential plugin: the ExecCredential in $KUBERNETES_EXEC_INFO (client.authentication.k8s.io, v1 and v1beta1).
 *
 * Whoever wrote the kubeconfig wrote what stands in it.
 */
#ifndef PAAS_AUTH_KUBECTL_QUESTION_H
#define PAAS_AUTH_KUBECTL_QUESTION_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

struct kubectl_question {
	const char *version; /* in which the answer is wanted: "client.authentication.k8s.io/v1" */
	const char *server;  /* NULL: kubectl does not say which; the rest is not known then */
	const char *ca_pem;  /* whom kubectl trusts instead of the system's authorities; NULL: nobody */
	const char *proxy;   /* NULL: none but the environment's */
	bool skips_verification;
};

/* NULL or "": somebody asks by hand.  Fails: ERROR_USAGE (no ExecCredential, another version, a cluster that is not described as
 * kubectl describes one). */
bool kubectl_question_read(const char *text, struct arena *arena, struct kubectl_question *ret, struct error *err) must_use;

#endif

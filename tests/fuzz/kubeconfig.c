/* Any bytes as a kubeconfig: parsed, its context resolved, released. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "api/kubernetes/access.h"
#include "api/kubernetes/kubeconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	scoped(kubeconfig_release) struct kubeconfig config = {0};
	scoped(kubernetes_access_release) struct kubernetes_access access = {0};
	scoped(arena_release) struct arena arena = {0};
	struct error err;
	/* Paths in it lead nowhere: its folder does not exist. */
	if (kubeconfig_parse((const char *)bytes, length, "/nonexistent/kubeconfig", &config, &err) &&
	    kubernetes_access_from_kubeconfig(&config, &(struct kubernetes_choice){0}, &arena, &access, &err) &&
	    (access.server == NULL || access.namespace == NULL || access.credential == NULL))
		abort();
	return 0;
}

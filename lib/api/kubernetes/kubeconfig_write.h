/* A kubeconfig for other programs, of a cluster that no file of the user names: in memory, and gone
 * with the last process that holds it, however that ends.
 */
#ifndef PAAS_API_KUBERNETES_KUBECONFIG_WRITE_H
#define PAAS_API_KUBERNETES_KUBECONFIG_WRITE_H

#include "api/kubernetes/access.h"

/* Its text: one context, with the token where the server is https. */
struct secret *kubeconfig_text_of(const struct kubernetes_access *access, struct arena *arena)
	__attribute__((returns_nonnull));

/* A descriptor that a child inherits, and the path under which that child reads it.  Closed by the
 * caller.  Fails: ERROR_FAILED. */
bool kubeconfig_open(const struct kubernetes_access *access, struct arena *arena, int *ret_fd, const char **ret_path,
                     struct error *err) must_use;

#endif

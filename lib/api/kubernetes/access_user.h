/* The user of a kubeconfig context: every kind of credential, and which of them may stand together. */
#ifndef PAAS_API_KUBERNETES_ACCESS_USER_H
#define PAAS_API_KUBERNETES_ACCESS_USER_H

#include <stdbool.h>

#include "api/kubernetes/access.h"
#include "api/kubernetes/kubeconfig.h"

/* Fills the credentials of `ret`.  `cluster` is for the exec plugin's cluster information. */
bool access_read_user(const struct kubeconfig_entry *user, const struct kubeconfig_entry *cluster,
                      struct arena *arena, struct kubernetes_access *ret, struct error *err) must_use;

/* PEM given as a path or as base64 "data"; both at once are refused. */
struct access_pem {
	const char *path_key, *data_key;
};
/* Into *ret_text (arena) or, when that is NULL, into *ret_secret.  Neither key: untouched. */
bool access_read_pem(const struct kubeconfig_entry *entry, const struct access_pem *pem, struct arena *arena,
                     const char **ret_text, struct secret **ret_secret, struct error *err) must_use;

#endif

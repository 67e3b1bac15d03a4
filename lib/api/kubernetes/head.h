/* Objects whose content stays in the cluster: their metadata, the names of their keys, and writing
 * them.  Of a Secret nothing is read but what this file names: managedFields tells its keys, and the
 * answer to a write is metadata too.  Traces show no body.
 */
#ifndef PAAS_API_KUBERNETES_HEAD_H
#define PAAS_API_KUBERNETES_HEAD_H

#include "api/kubernetes/client.h"

struct secret;

struct kubernetes_head {
	json_t *metadata; /* with managedFields; owned */
	int64_t n_keys;   /* in data and binaryData together; -1: the server did not tell */
};
/* For scoped(). */
void kubernetes_head_release(struct kubernetes_head *head);

/* Asks for a row of a Table, which holds no content. */
bool kubernetes_get_head(struct kubernetes *kubernetes, const struct kubernetes_resource *resource,
                         const char *namespace, const char *name, struct kubernetes_head *ret,
                         struct error *err) must_use;
/* The names of its keys, sorted as they come: the whole object is read and wiped.  For what
 * managedFields does not tell. A new reference to a list of texts. */
bool kubernetes_get_keys(struct kubernetes *kubernetes, const struct kubernetes_resource *resource,
                         const char *namespace, const char *name, json_t **ret, struct error *err) must_use;

struct kubernetes_private_write {
	const struct kubernetes_resource *resource;
	const char *namespace;
	const char *name;          /* NULL: created by POST; else changed by a merge patch */
	const char *field_manager;
	const struct secret *body;
};
bool kubernetes_write_private(struct kubernetes *kubernetes, const struct kubernetes_private_write *write,
                              struct kubernetes_head *ret, struct error *err) must_use;

#endif

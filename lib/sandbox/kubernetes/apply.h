/* Server-side apply and the book-keeping of who owns which field (metadata.managedFields). */
#ifndef PAAS_SANDBOX_KUBERNETES_APPLY_H
#define PAAS_SANDBOX_KUBERNETES_APPLY_H

#include <jansson.h>
#include <stdbool.h>

struct resource;

struct apply {
	const struct resource *resource;
	const char *manager;
	const char *subresource; /* "" or "status" */
	bool force;
};

/* What `live` (NULL = none yet) becomes when the manager's intent is `config`: values merged,
 * fields dropped that it alone owned, managedFields brought up to date.  *ret is a new reference.
 * False: *ret_status is the 409 that names every conflict. */
bool apply_merge(const struct apply *apply, const json_t *live, const json_t *config, json_t **ret,
                 json_t **ret_status);

/* Notes in `object` that the manager changed it from `live` (NULL = created) by other means. */
void apply_note_update(const struct apply *apply, const json_t *live, json_t *object);

#endif

/* Label and field selectors, as requests carry them.
 *
 *	labels: "app=web,tier!=db,env in (dev,pro),!canary,zone"
 *	fields: "metadata.name=web,status.phase!=Running"
 */
#ifndef PAAS_SANDBOX_KUBERNETES_SELECTOR_H
#define PAAS_SANDBOX_KUBERNETES_SELECTOR_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"

struct resource;
struct requirement;

struct selector {
	const struct requirement *labels, *fields; /* NULL = everything */
};

/* NULL texts select everything.  On failure *ret_status is the answer (new reference). */
bool selector_parse(const struct resource *resource, const char *labels, const char *fields,
                    struct arena *arena, struct selector *ret, json_t **ret_status);
bool selector_matches(const struct selector *selector, const json_t *object);
bool selector_is_empty(const struct selector *selector);

#endif

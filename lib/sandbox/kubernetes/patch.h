/* The three patch formats that are not apply. */
#ifndef PAAS_SANDBOX_KUBERNETES_PATCH_H
#define PAAS_SANDBOX_KUBERNETES_PATCH_H

#include <jansson.h>
#include <stdbool.h>

struct resource;

/* RFC 6902.  New reference in *ret; false: *ret_status is the 422 (or 400). */
bool patch_json(const json_t *object, const json_t *operations, json_t **ret, json_t **ret_status);
/* RFC 7386.  New reference. */
json_t *patch_merge(const json_t *object, const json_t *patch);
/* Lists of built-in kinds merge by key; understands $patch, $retainKeys, $deleteFromPrimitiveList
 * and $setElementOrder (ignored: order is that of arrival).  New reference. */
json_t *patch_strategic(const struct resource *resource, const json_t *object, const json_t *patch);

#endif

/* Sets of fields of an object, as managedFields tracks them.
 *
 * A set is a JSON trie of path elements in the spelling of FieldsV1 (f:name, k:{"name":"web"},
 * v:"x"); a node that is itself in the set has the member ".".  FieldsV1 abbreviates a lone
 * {".":{}} to {}: convert at the border.  All functions return new references.
 */
#ifndef PAAS_SANDBOX_KUBERNETES_FIELD_SET_H
#define PAAS_SANDBOX_KUBERNETES_FIELD_SET_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

struct resource;

json_t *field_set_from_v1(const json_t *fields);
json_t *field_set_to_v1(const json_t *set);

/* Every field of the object that can be owned: not its identity nor what the server sets. */
json_t *field_set_of(const struct resource *resource, const json_t *object);
/* Fields added or with another value in `after`, and fields gone from it. */
void field_set_compare(const struct resource *resource, const json_t *before, const json_t *after,
                       json_t **ret_changed, json_t **ret_removed);

json_t *field_set_union(const json_t *a, const json_t *b);
json_t *field_set_minus(const json_t *a, const json_t *b);
json_t *field_set_common(const json_t *a, const json_t *b);
bool field_set_is_empty(const json_t *set);

/* Calls `each` for every field: ".spec.template.spec.containers[name=\"web\"].image". */
void field_set_each(const json_t *set, void (*each)(void *data, const char *path), void *data);

/* Takes the fields out of the object, and what they leave empty; never what is in `kept`, nor the
 * keys of a list item that stays. */
void field_set_remove_from(const struct resource *resource, json_t *object, const json_t *set,
                           const json_t *kept);

#endif

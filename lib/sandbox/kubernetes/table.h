/* Objects as rows, the way the API server prints them for `kubectl get`. */
#ifndef PAAS_SANDBOX_KUBERNETES_TABLE_H
#define PAAS_SANDBOX_KUBERNETES_TABLE_H

#include <jansson.h>
#include <stdbool.h>

struct resource;

/* New reference: a meta.k8s.io/v1 Table without rows; in a watch only the first has columns. */
json_t *resource_table_new(const struct resource *resource, bool with_columns);
/* `include` is includeObject: "Object", "None", anything else = metadata. */
void resource_table_add_row(json_t *table, const struct resource *resource, const json_t *object,
                   const char *include);

#endif

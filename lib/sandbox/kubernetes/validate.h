/* What the API server refuses to store. */
#ifndef PAAS_SANDBOX_KUBERNETES_VALIDATE_H
#define PAAS_SANDBOX_KUBERNETES_VALIDATE_H

#include <jansson.h>
#include <stdbool.h>

struct resource;

/* NULL when `object` may replace `before` (NULL = creation); else the 422, a new reference. */
json_t *validate_object(const struct resource *resource, const json_t *before, const json_t *object);

/* Takes out of a custom resource what its schema does not know, and calls `unknown` for each with
 * its path ("spec.foo").  Built-in kinds are left alone. */
void validate_prune(const struct resource *resource, json_t *object,
                    void (*unknown)(void *data, const char *path), void *data);

#endif

/* What the API server fills in, and the canonical form it gives to quantities. */
#ifndef PAAS_SANDBOX_KUBERNETES_DEFAULT_H
#define PAAS_SANDBOX_KUBERNETES_DEFAULT_H

#include <jansson.h>
#include <stddef.h>

struct resource;

/* Changes the object in place.  The world may use it for what it creates itself. */
void default_object(const struct resource *resource, json_t *object);

/* "1024Mi" → "1Gi", "0.5" → "500m", "1000m" → "1"; other text as it is. */
enum { QUANTITY_BYTES = 64 };
const char *quantity_canonical(const char *text, char ret[static QUANTITY_BYTES]);

#endif

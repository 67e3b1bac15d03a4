/* Whether a built-in object could be decoded: values of the wrong type are refused before anything
 * else is looked at. */
#ifndef PAAS_SANDBOX_KUBERNETES_DECODE_H
#define PAAS_SANDBOX_KUBERNETES_DECODE_H

#include <jansson.h>

struct resource;

/* NULL, or the 400 for the first value of a wrong type: a new reference.  Custom resources are
 * checked by their schema instead (validate.h). */
json_t *decode_check(const struct resource *resource, const json_t *object);

#endif

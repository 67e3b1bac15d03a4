/* What the server alone writes into an object's metadata: uid, times, generation, version. */
#ifndef PAAS_SANDBOX_KUBERNETES_METADATA_H
#define PAAS_SANDBOX_KUBERNETES_METADATA_H

#include <jansson.h>
#include <stdint.h>

struct resource;

/* A uid and creationTimestamp that the object brings are kept. */
void metadata_complete_new(const struct resource *resource, json_t *object);
/* Carried over from what is stored; generation rises when what is desired has changed. */
void metadata_complete_replacement(const struct resource *resource, const json_t *before,
                                   json_t *object);
void metadata_set_version(json_t *object, uint64_t version);

#endif

/* Request bodies in the API's protobuf encoding, which typed clients (`kubectl create`, `kubectl
 * auth`) send: the few kinds they create.  Answers are always JSON, which all of them take. */
#ifndef PAAS_SANDBOX_KUBERNETES_PROTOBUF_H
#define PAAS_SANDBOX_KUBERNETES_PROTOBUF_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether the bytes begin with the encoding's magic, "k8s\0". */
bool protobuf_is(const void *bytes, size_t length);
/* New reference, with apiVersion and kind; NULL when malformed or of a kind not in the table. */
json_t *protobuf_decode(const void *bytes, size_t length);

#endif

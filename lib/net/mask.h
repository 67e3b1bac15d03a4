/* Takes secrets out of what traces show.  By construction: a value is shown only when its name
 * does not smell of a secret, so a mask too many is possible, one too few should not be. */
#ifndef PAAS_NET_MASK_H
#define PAAS_NET_MASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* "Authorization", "x-api-key", "client_secret", "Set-Cookie", "sig"… */
bool mask_is_secret_name(const char *name, size_t length);
/* "/path?token=(hidden)&limit=500" */
void mask_add_target(struct buf *ret, const char *target);
/* JSON: values of secret names, and of every "data" and "stringData" where a Kubernetes Secret is
 * named.  Forms (key=value&…): likewise.  Anything else passes. */
void mask_add_body(struct buf *ret, const char *body, size_t length);

#endif

/* gzip (RFC 1952), at the level servers use for answers on the fly, and back. */
#ifndef PAAS_WEB_GZIP_H
#define PAAS_WEB_GZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* False when zlib is missing or `ret` is too small; then send the bytes as they are. */
bool gzip_compress(const void *bytes, size_t length, struct buf *ret) __attribute__((warn_unused_result));
/* Adds what one gzip member holds.  False when it is none, zlib is missing, or `ret` is too small. */
bool gzip_expand(const void *bytes, size_t length, struct buf *ret) __attribute__((warn_unused_result));

#endif

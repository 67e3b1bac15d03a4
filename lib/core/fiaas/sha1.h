/* SHA-1 (RFC 3174), for names FDD derives with it and nothing else: it protects nothing.
 * Our own sixty lines, because libsodium has none and rendering loads no libcrypto. */
#ifndef PAAS_CORE_FIAAS_SHA1_H
#define PAAS_CORE_FIAAS_SHA1_H

#include <stddef.h>

enum { SHA1_BYTES = 20 };

void sha1(const void *bytes, size_t length, unsigned char ret[SHA1_BYTES]);

#endif

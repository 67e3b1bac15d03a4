/* Base64 for URLs without padding (RFC 7515 2): one spelling for each bytes, no other taken. */
#ifndef PAAS_AUTH_BASE64URL_H
#define PAAS_AUTH_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* At most `size` bytes. */
bool base64url_decode(const char *text, size_t length, unsigned char *ret, size_t size, size_t *ret_length) must_use;
const char *base64url_encode(const unsigned char *bytes, size_t length, struct arena *arena) returns_text;

#endif

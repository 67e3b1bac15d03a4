/* Public keys and the signatures of JSON Web Tokens (RFC 7518 3, 8037), by OpenSSL's libcrypto,
 * loaded when first used.  For lib/auth only.
 */
#ifndef PAAS_AUTH_SIGNATURE_H
#define PAAS_AUTH_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum signature_algorithm {
	SIGNATURE_RS256, /* RSA of 2048 to 8192 bits, PKCS #1 1.5, SHA-256 */
	SIGNATURE_ES256, /* P-256, SHA-256; the signature is r and s, 32 bytes each */
	SIGNATURE_EDDSA, /* Ed25519 */
	SIGNATURE_ALGORITHMS,
};

struct signature_key;

/* The numbers of a key, big-endian: n and e, x and y, x alone.  Fails: ERROR_BAD_ANSWER (unfit numbers),
 * ERROR_FAILED (no libcrypto). */
struct signature_numbers {
	unsigned char first[1024], second[1024];
	size_t first_length, second_length;
};
bool signature_key_make(enum signature_algorithm algorithm, const struct signature_numbers *numbers,
                        struct signature_key **ret, struct error *err) must_use;
void signature_key_free(struct signature_key *key);

/* Whether it is the key's signature of these bytes. */
bool signature_verify(const struct signature_key *key, const void *bytes, size_t length, const unsigned char *signature,
                      size_t signature_length);

#endif

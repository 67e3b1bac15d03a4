/* Signatures of minisign (https://jedisct1.github.io/minisign, "Signature format"): verified, never
 * made.
 *
 * A public key is base64 of "Ed", an id of eight bytes and an Ed25519 key; a .pub file has it in its
 * second line.  A signature file has four lines: a comment, base64 of "ED" (of the BLAKE2b-512 of
 * the file) or "Ed" (of the file itself, legacy) with id and signature, a trusted comment, and
 * base64 of a signature over signature and trusted comment.
 */
#ifndef PAAS_DATA_MINISIGN_H
#define PAAS_DATA_MINISIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { MINISIGN_ID_BYTES = 17, MINISIGN_KEY_TEXT = 56, MINISIGN_FILE_MAX = 16 * 1024, MINISIGN_COMMENT_MAX = 1024 };

struct minisign_key {
	unsigned char id[8], key[32];
	char text[MINISIGN_KEY_TEXT + 1]; /* base64, as it was given */
};
/* The line itself, or a whole .pub file.  Fails: ERROR_INVALID_FILE. */
bool minisign_read_key(const char *text, size_t length, struct minisign_key *ret, struct error *err) must_use;
/* "E7620F1842B4E81F", as minisign prints it: shorter when it begins with zeros. */
const char *minisign_key_id(const struct minisign_key *key, char ret[static MINISIGN_ID_BYTES]);

struct minisign_signature {
	bool is_hashed;
	unsigned char id[8], signature[64], whole[64];
	char comment[MINISIGN_COMMENT_MAX]; /* the trusted one: foreign text until verified */
};
/* Fails: ERROR_INVALID_FILE. */
bool minisign_read_signature(const char *text, size_t length, struct minisign_signature *ret, struct error *err) must_use;

/* Of `bytes`, by one of `keys`.  Fails: ERROR_INVALID_FILE, saying which of key, bytes and comment
 * does not fit. */
bool minisign_verify(const struct minisign_signature *signature, const struct minisign_key *keys, size_t n_keys,
                     const void *bytes, size_t length, struct error *err) must_use;

#endif

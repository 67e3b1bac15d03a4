/* The bytes of a token store: what they say without a key, and the seal over all of them.
 *
 * Pure: bytes in, bytes out.  Everything that can be refused is refused by token_file_parse, before any key
 * is derived.  The whole content is one message of XChaCha20-Poly1305 (IETF, draft-irtf-cfrg-xchacha-03) with all that comes
 * before the nonce as its associated data.  The fields: token_format.c.
 */
#ifndef PAAS_STORE_TOKEN_FILE_H
#define PAAS_STORE_TOKEN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/secret.h"

enum {
	TOKEN_FILE_FORMAT = 1,
	TOKEN_ID_BYTES = 16,
	TOKEN_KEY_BYTES = 32,
	TOKEN_NONCE_BYTES = 24,
	TOKEN_TAG_BYTES = 16,
	TOKEN_PADDING_BYTES = 4096,
	TOKEN_SLOT_BYTES = 160,
	TOKEN_SLOTS_MAX = 8,
	TOKEN_HEADER_BYTES = 44,
	TOKEN_SUM_BYTES = 32,
	TOKEN_SEALED_MAX = 16 * 1024 * 1024,
	TOKEN_FILE_MAX = TOKEN_HEADER_BYTES + TOKEN_SLOTS_MAX * TOKEN_SLOT_BYTES + TOKEN_SUM_BYTES + TOKEN_NONCE_BYTES + TOKEN_SEALED_MAX,
};

/* The readable part. */
struct token_header {
	unsigned format;
	size_t n_slots;
	unsigned char id[TOKEN_ID_BYTES];
	uint64_t generation;
	unsigned char slots[TOKEN_SLOTS_MAX][TOKEN_SLOT_BYTES];
};

struct token_file {
	struct token_header header;
	const unsigned char *bytes, *nonce, *sealed; /* the caller's */
	size_t sealed_length;
};

/* Fails with ERROR_INVALID_FILE: not a token store, made by a newer paas, damaged (the generation and the lengths
 * that do not fit), a slot that no version writes. */
bool token_file_parse(const void *bytes, size_t length, struct token_file *ret, struct error *err) must_use;

/* The content, its padding taken off.  Fails with ERROR_INVALID_FILE: the seal does not open with this key. */
bool token_file_open(const struct token_file *file, const struct secret *key, struct secret **ret, struct error *err) must_use;

/* The bytes of a store; `nonce` NULL: a random one.  Fails with ERROR_FILE: the content is too large. */
bool token_file_seal(const struct token_header *header, const struct secret *key, const struct secret *content,
                     const unsigned char *nonce, struct buf *ret, struct error *err) must_use;

#endif

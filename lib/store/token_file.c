#include "store/token_file.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "store/guarded.h"
#include "store/token_slot.h"

static const char magic[8] = "paas-tok";

enum { FORMAT_AT = 8, SLOTS_AT = 10, ID_AT = 12, GENERATION_AT = 28, LENGTH_AT = 36 };

static uint64_t
read_number(const unsigned char *bytes, size_t size)
{
	uint64_t value = 0;
	for (size_t i = 0; i < size; i++)
		value = value << 8 | bytes[i];
	return value;
}

static void
write_number(unsigned char *bytes, size_t size, uint64_t value)
{
	for (size_t i = size; i > 0; i--, value >>= 8)
		bytes[i - 1] = (unsigned char)value;
}

/* ---- refusing ---- */

static const char way_out[] = "paas logout --all forgets it, then paas login: tokens can be had again, nothing else is lost";

static bool
damaged(struct error *err, const char *why)
{
	error_put(err, ERROR_INVALID_FILE, "the token store is damaged: %s", why);
	return error_next(err, "%s", way_out);
}

static bool
wrong_length(struct error *err, uint64_t generation, uint64_t expected, size_t length)
{
	error_put(err, ERROR_INVALID_FILE, "the token store is damaged: of the %llu bytes of generation %llu it has %zu",
	          (unsigned long long)expected, (unsigned long long)generation, length);
	return error_next(err, "%s", way_out);
}

static bool
check_format(const unsigned char *bytes, size_t length, struct error *err)
{
	if (length < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0) {
		error_put(err, ERROR_INVALID_FILE, "this is no token store: its first bytes are others");
		return error_next(err, "%s", way_out);
	}
	if (length < TOKEN_HEADER_BYTES)
		return damaged(err, "the end is missing");
	unsigned format = (unsigned)read_number(bytes + FORMAT_AT, 2);
	if (format == TOKEN_FILE_FORMAT)
		return true;
	error_put(err, ERROR_INVALID_FILE, "the token store was made by a newer paas (format %u, this one knows %d)", format,
	          TOKEN_FILE_FORMAT);
	return error_next(err, "update paas");
}

/* Everything up to the checksum. */
static size_t
summed_length(size_t n_slots)
{
	return TOKEN_HEADER_BYTES + n_slots * TOKEN_SLOT_BYTES;
}

static bool
sum_holds(const unsigned char *bytes, size_t summed)
{
	unsigned char sum[TOKEN_SUM_BYTES];
	crypto_generichash(sum, sizeof sum, bytes, summed, NULL, 0);
	return sodium_memcmp(sum, bytes + summed, sizeof sum) == 0;
}

static bool
check_lengths(const unsigned char *bytes, size_t length, struct token_header *header, struct error *err)
{
	uint64_t sealed = read_number(bytes + LENGTH_AT, 8);
	header->generation = read_number(bytes + GENERATION_AT, 8);
	header->n_slots = (size_t)read_number(bytes + SLOTS_AT, 2);
	if (header->n_slots == 0 || header->n_slots > TOKEN_SLOTS_MAX)
		return damaged(err, "it says to have no key slot, or more than 8");
	if (sealed > TOKEN_SEALED_MAX || sealed < TOKEN_PADDING_BYTES + TOKEN_TAG_BYTES ||
	    (sealed - TOKEN_TAG_BYTES) % TOKEN_PADDING_BYTES != 0)
		return damaged(err, "it tells of a length that no store has");
	uint64_t expected = summed_length(header->n_slots) + TOKEN_SUM_BYTES + TOKEN_NONCE_BYTES + sealed;
	return expected == length || wrong_length(err, header->generation, expected, length);
}

bool
token_file_parse(const void *bytes, size_t length, struct token_file *ret, struct error *err)
{
	const unsigned char *at = bytes;
	struct token_file file = {.bytes = bytes, .header.format = TOKEN_FILE_FORMAT};
	struct token_header *header = &file.header;
	if (sodium_init() < 0)
		abort();
	if (!check_format(at, length, err) || !check_lengths(at, length, header, err))
		return false;
	size_t summed = summed_length(header->n_slots);
	if (!sum_holds(at, summed))
		return damaged(err, "its checksum differs");
	memcpy(header->id, at + ID_AT, TOKEN_ID_BYTES);
	memcpy(header->slots, at + TOKEN_HEADER_BYTES, header->n_slots * TOKEN_SLOT_BYTES);
	for (size_t i = 0; i < header->n_slots; i++)
		if (!token_slot_check(header->slots[i], err))
			return false;
	file.nonce = at + summed + TOKEN_SUM_BYTES;
	file.sealed = file.nonce + TOKEN_NONCE_BYTES;
	file.sealed_length = length - (size_t)(file.sealed - at);
	*ret = file;
	return true;
}

/* ---- the seal ---- */

static const unsigned char *
key_bytes(const struct secret *key)
{
	return (const unsigned char *)secret_reveal(key);
}

bool
token_file_open(const struct token_file *file, const struct secret *key, struct secret **ret, struct error *err)
{
	unsigned long long length;
	size_t content;
	scoped(guarded_free) unsigned char *bytes = guarded_new(file->sealed_length);
	if (secret_length(key) != TOKEN_KEY_BYTES ||
	    crypto_aead_xchacha20poly1305_ietf_decrypt(bytes, &length, NULL, file->sealed, file->sealed_length, file->bytes,
	                                               (size_t)(file->nonce - file->bytes), file->nonce, key_bytes(key)) != 0 ||
	    sodium_unpad(&content, bytes, (size_t)length, TOKEN_PADDING_BYTES) != 0) {
		error_put(err, ERROR_INVALID_FILE, "the token store was altered: its seal does not open with the right key");
		return error_next(err, "do not trust this machine: end its sign-ons at the servers; paas logout --all forgets it");
	}
	*ret = secret_new(bytes, content);
	return true;
}

static void
write_header(const struct token_header *header, size_t sealed, unsigned char *at)
{
	memcpy(at, magic, sizeof magic);
	write_number(at + FORMAT_AT, 2, TOKEN_FILE_FORMAT);
	write_number(at + SLOTS_AT, 2, header->n_slots);
	memcpy(at + ID_AT, header->id, TOKEN_ID_BYTES);
	write_number(at + GENERATION_AT, 8, header->generation);
	write_number(at + LENGTH_AT, 8, sealed);
	memcpy(at + TOKEN_HEADER_BYTES, header->slots, header->n_slots * TOKEN_SLOT_BYTES);
	size_t summed = summed_length(header->n_slots);
	crypto_generichash(at + summed, TOKEN_SUM_BYTES, at, summed, NULL, 0);
}

bool
token_file_seal(const struct token_header *header, const struct secret *key, const struct secret *content,
                const unsigned char *nonce, struct buf *ret, struct error *err)
{
	size_t length = secret_length(content), padded = (length / TOKEN_PADDING_BYTES + 1) * TOKEN_PADDING_BYTES;
	size_t sealed = padded + TOKEN_TAG_BYTES, before = summed_length(header->n_slots) + TOKEN_SUM_BYTES;
	if (sealed > TOKEN_SEALED_MAX)
		return error_set(err, ERROR_FILE, "the token store would be larger than %d bytes", TOKEN_SEALED_MAX);
	scoped(guarded_free) unsigned char *plain = guarded_new(padded);
	memcpy(plain, secret_reveal(content), length);
	sodium_pad(&padded, plain, length, TOKEN_PADDING_BYTES, padded);
	buf_clear(ret);
	if (!buf_add_repeated(ret, '\0', before + TOKEN_NONCE_BYTES + sealed))
		return error_set(err, ERROR_FILE, "the token store does not fit in memory");
	unsigned char *at = (unsigned char *)ret->bytes, *nonce_at = at + before;
	write_header(header, sealed, at);
	if (nonce != NULL)
		memcpy(nonce_at, nonce, TOKEN_NONCE_BYTES);
	else
		randombytes_buf(nonce_at, TOKEN_NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(nonce_at + TOKEN_NONCE_BYTES, NULL, plain, padded, at, before, NULL, nonce_at,
	                                           key_bytes(key));
	return true;
}

#include "data/minisign.h"

#include <endian.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { ALGORITHM_BYTES = 2, SIGNATURE_LINE = 2 + 8 + 64, KEY_LINE = 2 + 8 + 32 };
static const char untrusted[] = "untrusted comment:", trusted[] = "trusted comment: ";

/* ---- lines ---- */

/* The line at *at without its end ("\n" or "\r\n"); false when there is none. */
static bool
next_line(const char *text, size_t length, size_t *at, const char **ret, size_t *ret_length)
{
	if (*at >= length)
		return false;
	const char *line = text + *at, *newline = memchr(line, '\n', length - *at);
	size_t bytes = newline ? (size_t)(newline - line) : length - *at;
	*at += bytes + (newline != NULL);
	*ret = line;
	*ret_length = bytes && line[bytes - 1] == '\r' ? bytes - 1 : bytes;
	return true;
}

static bool
begins_with(const char *line, size_t length, const char *prefix)
{
	return length >= strlen(prefix) && !memcmp(line, prefix, strlen(prefix));
}

/* libsodium takes some letters with their highest bit set for those without. */
static bool
is_base64(const char *text, size_t length)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	for (size_t i = 0; i < length; i++)
		if (!memchr(letters, text[i], sizeof(letters) - 1))
			return false;
	return true;
}

/* Exactly `size` bytes, in base64 with padding and without a second spelling. */
static bool
decode(const char *line, size_t length, unsigned char *ret, size_t size)
{
	size_t decoded;
	const char *end;
	return is_base64(line, length) &&
	       sodium_base642bin(ret, size, line, length, NULL, &decoded, &end, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       decoded == size && end == line + length;
}

/* ---- keys ---- */

bool
minisign_read_key(const char *text, size_t length, struct minisign_key *ret, struct error *err)
{
	unsigned char bytes[KEY_LINE];
	const char *line = "";
	size_t at = 0, line_length = 0;
	struct minisign_key key = {0};
	if (next_line(text, length, &at, &line, &line_length) && begins_with(line, line_length, untrusted) &&
	    !next_line(text, length, &at, &line, &line_length))
		line_length = 0;
	if (line_length != MINISIGN_KEY_TEXT || !decode(line, line_length, bytes, sizeof(bytes)) ||
	    memcmp(bytes, "Ed", ALGORITHM_BYTES)) {
		error_put(err, ERROR_INVALID_FILE, "this is no minisign public key: %d letters that begin with RW were expected",
		          MINISIGN_KEY_TEXT);
		return error_next(err, "take the second line of the .pub file that minisign -G wrote");
	}
	memcpy(key.id, bytes + ALGORITHM_BYTES, sizeof(key.id));
	memcpy(key.key, bytes + ALGORITHM_BYTES + sizeof(key.id), sizeof(key.key));
	memcpy(key.text, line, MINISIGN_KEY_TEXT);
	*ret = key;
	return true;
}

/* A number, which minisign prints without zeros in front. */
static const char *
format_id(const unsigned char id[static 8], char ret[static MINISIGN_ID_BYTES])
{
	uint64_t number;
	memcpy(&number, id, sizeof(number));
	snprintf(ret, MINISIGN_ID_BYTES, "%" PRIX64, le64toh(number));
	return ret;
}

const char *
minisign_key_id(const struct minisign_key *key, char ret[static MINISIGN_ID_BYTES])
{
	return format_id(key->id, ret);
}

/* ---- signatures ---- */

static bool
read_first(const char *line, size_t length, struct minisign_signature *ret)
{
	unsigned char bytes[SIGNATURE_LINE];
	if (!decode(line, length, bytes, sizeof(bytes)) || bytes[0] != 'E' || (bytes[1] != 'd' && bytes[1] != 'D'))
		return false;
	ret->is_hashed = bytes[1] == 'D';
	memcpy(ret->id, bytes + ALGORITHM_BYTES, sizeof(ret->id));
	memcpy(ret->signature, bytes + ALGORITHM_BYTES + sizeof(ret->id), sizeof(ret->signature));
	return true;
}

static bool
read_comment(const char *line, size_t length, struct minisign_signature *ret)
{
	size_t prefix = sizeof(trusted) - 1;
	if (!begins_with(line, length, trusted) || length - prefix >= sizeof(ret->comment) || memchr(line, '\0', length))
		return false;
	memcpy(ret->comment, line + prefix, length - prefix);
	ret->comment[length - prefix] = '\0';
	return true;
}

bool
minisign_read_signature(const char *text, size_t length, struct minisign_signature *ret, struct error *err)
{
	struct minisign_signature signature = {0};
	const char *line;
	size_t at = 0, line_length;
	bool is_one = length <= MINISIGN_FILE_MAX &&
		next_line(text, length, &at, &line, &line_length) && begins_with(line, line_length, untrusted) &&
		next_line(text, length, &at, &line, &line_length) && read_first(line, line_length, &signature) &&
		next_line(text, length, &at, &line, &line_length) && read_comment(line, line_length, &signature) &&
		next_line(text, length, &at, &line, &line_length) &&
		decode(line, line_length, signature.whole, sizeof(signature.whole)) && at == length;
	if (!is_one)
		return error_set(err, ERROR_INVALID_FILE, "this is no minisign signature of four lines");
	*ret = signature;
	return true;
}

/* ---- verifying ---- */

static const struct minisign_key *
find_key(const struct minisign_signature *signature, const struct minisign_key *keys, size_t n_keys)
{
	for (size_t i = 0; i < n_keys; i++)
		if (!memcmp(keys[i].id, signature->id, sizeof(signature->id)))
			return &keys[i];
	return NULL;
}

static bool
is_of_bytes(const struct minisign_signature *signature, const struct minisign_key *key, const void *bytes, size_t length)
{
	unsigned char hash[crypto_generichash_BYTES_MAX];
	if (!signature->is_hashed)
		return crypto_sign_verify_detached(signature->signature, bytes, length, key->key) == 0;
	crypto_generichash(hash, sizeof(hash), bytes, length, NULL, 0);
	return crypto_sign_verify_detached(signature->signature, hash, sizeof(hash), key->key) == 0;
}

static bool
is_of_comment(const struct minisign_signature *signature, const struct minisign_key *key)
{
	unsigned char signed_bytes[sizeof(signature->signature) + sizeof(signature->comment)];
	size_t length = strlen(signature->comment);
	memcpy(signed_bytes, signature->signature, sizeof(signature->signature));
	memcpy(signed_bytes + sizeof(signature->signature), signature->comment, length);
	return crypto_sign_verify_detached(signature->whole, signed_bytes, sizeof(signature->signature) + length,
	                                   key->key) == 0;
}

bool
minisign_verify(const struct minisign_signature *signature, const struct minisign_key *keys, size_t n_keys,
                const void *bytes, size_t length, struct error *err)
{
	char id[MINISIGN_ID_BYTES];
	const struct minisign_key *key = find_key(signature, keys, n_keys);
	if (sodium_init() < 0)
		return error_set(err, ERROR_FAILED, "libsodium does not start");
	if (!key)
		return error_set(err, ERROR_INVALID_FILE, "it is signed by key %s, which is not pinned here",
		                 format_id(signature->id, id));
	if (!is_of_bytes(signature, key, bytes, length))
		return error_set(err, ERROR_INVALID_FILE, "the signature of key %s is of other bytes: the file was changed after "
		                 "it was signed", format_id(key->id, id));
	if (!is_of_comment(signature, key))
		return error_set(err, ERROR_INVALID_FILE, "the trusted comment of the signature was changed after it was signed");
	return true;
}

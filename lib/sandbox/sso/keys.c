#include "sandbox/sso/keys.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/library.h"

enum { RSA_BITS = 2048, EC_BYTES = 32, PEM_BYTES_MAX = 16 * 1024, TOKEN_BYTES_MAX = 16 * 1024 };

static struct {
	__typeof__(gnutls_strerror) *strerror;
	__typeof__(gnutls_free) *free;
	__typeof__(gnutls_x509_privkey_init) *x509_privkey_init;
	__typeof__(gnutls_x509_privkey_deinit) *x509_privkey_deinit;
	__typeof__(gnutls_x509_privkey_generate) *x509_privkey_generate;
	__typeof__(gnutls_x509_privkey_import) *x509_privkey_import;
	__typeof__(gnutls_x509_privkey_export2) *x509_privkey_export2;
	__typeof__(gnutls_privkey_init) *privkey_init;
	__typeof__(gnutls_privkey_deinit) *privkey_deinit;
	__typeof__(gnutls_privkey_import_x509) *privkey_import_x509;
	__typeof__(gnutls_privkey_sign_data) *privkey_sign_data;
	__typeof__(gnutls_pubkey_init) *pubkey_init;
	__typeof__(gnutls_pubkey_deinit) *pubkey_deinit;
	__typeof__(gnutls_pubkey_import_privkey) *pubkey_import_privkey;
	__typeof__(gnutls_pubkey_export_rsa_raw) *pubkey_export_rsa_raw;
	__typeof__(gnutls_pubkey_export_ecc_raw) *pubkey_export_ecc_raw;
	__typeof__(gnutls_pubkey_verify_data2) *pubkey_verify_data2;
	__typeof__(gnutls_decode_rs_value) *decode_rs_value;
	__typeof__(gnutls_encode_rs_value) *encode_rs_value;
} tls;

#define SYMBOL(name) LIBRARY_SYMBOL(gnutls_##name, tls.name)
static const struct library_symbol symbols[] = {
	SYMBOL(strerror), SYMBOL(free), SYMBOL(x509_privkey_init), SYMBOL(x509_privkey_deinit),
	SYMBOL(x509_privkey_generate), SYMBOL(x509_privkey_import), SYMBOL(x509_privkey_export2),
	SYMBOL(privkey_init), SYMBOL(privkey_deinit), SYMBOL(privkey_import_x509),
	SYMBOL(privkey_sign_data), SYMBOL(pubkey_init), SYMBOL(pubkey_deinit),
	SYMBOL(pubkey_import_privkey), SYMBOL(pubkey_export_rsa_raw), SYMBOL(pubkey_export_ecc_raw),
	SYMBOL(pubkey_verify_data2), SYMBOL(decode_rs_value), SYMBOL(encode_rs_value),
};

static const struct kind {
	const char *algorithm, *file;
	gnutls_pk_algorithm_t pk;
	unsigned bits;
	gnutls_sign_algorithm_t signature;
} kinds[] = {
	{"RS256", "sso-rsa.pem", GNUTLS_PK_RSA, RSA_BITS, GNUTLS_SIGN_RSA_SHA256},
	{"ES256", "sso-ec.pem", GNUTLS_PK_EC, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
	 GNUTLS_SIGN_ECDSA_SHA256},
};

struct key {
	gnutls_privkey_t private;
	gnutls_pubkey_t public;
	json_t *jwk;
};

struct sso_keys {
	struct key keys[array_length(kinds)]; /* as `kinds` */
};

/* The library exports a pointer to its allocator. */
static void
datum_release(gnutls_datum_t *datum)
{
	if (datum->data != NULL)
		(*tls.free)(datum->data);
}

/* ---- base64url ---- */

const char *
sso_base64url(const void *bytes, size_t length, struct arena *arena)
{
	size_t size = sodium_base64_encoded_len(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return sodium_bin2base64(arena_alloc(arena, size), size, bytes, length,
	                         sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool
read_base64url(const char *text, size_t length, struct arena *arena, gnutls_datum_t *ret)
{
	size_t n_bytes;
	unsigned char *bytes = arena_alloc(arena, length + 1);
	if (sodium_base642bin(bytes, length, text, length, NULL, &n_bytes, NULL,
	                      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return false;
	*ret = (gnutls_datum_t){.data = bytes, .size = (unsigned)n_bytes};
	return true;
}

/* An unsigned number without leading zeros, or of `width` bytes where that is given. */
static const char *
number_base64url(const gnutls_datum_t *number, size_t width, struct arena *arena)
{
	const unsigned char *bytes = number->data;
	size_t length = number->size;
	while (length > 1 && bytes[0] == 0 && length != width) {
		bytes++;
		length--;
	}
	if (width <= length)
		return sso_base64url(bytes, length, arena);
	unsigned char *padded = arena_alloc(arena, width);
	memcpy(padded + width - length, bytes, length);
	return sso_base64url(padded, width, arena);
}

/* ---- public keys ---- */

/* RFC 7638: the key's name is the hash of its required members in order. */
static void
name_key(json_t *jwk, const char *algorithm)
{
	scoped(arena_release) struct arena arena = {0};
	unsigned char hash[crypto_hash_sha256_BYTES];
	char *text = json_dumps(jwk, JSON_COMPACT | JSON_SORT_KEYS);
	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	free(text);
	json_object_set_new(jwk, "kid", json_string(sso_base64url(hash, sizeof hash, &arena)));
	json_object_set_new(jwk, "alg", json_string(algorithm));
	json_object_set_new(jwk, "use", json_string("sig"));
}

static int
describe(const struct kind *kind, struct key *key)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(datum_release) gnutls_datum_t first = {0};
	scoped(datum_release) gnutls_datum_t second = {0};
	gnutls_ecc_curve_t curve;
	bool is_rsa = kind->pk == GNUTLS_PK_RSA;
	int bad = is_rsa ? tls.pubkey_export_rsa_raw(key->public, &first, &second)
	                 : tls.pubkey_export_ecc_raw(key->public, &curve, &first, &second);
	if (bad != 0)
		return bad;
	key->jwk = is_rsa ? json_pack("{s:s, s:s, s:s}", "kty", "RSA", "n", number_base64url(&first, 0, &arena), "e",
	                              number_base64url(&second, 0, &arena))
	                  : json_pack("{s:s, s:s, s:s, s:s}", "kty", "EC", "crv", "P-256", "x",
	                              number_base64url(&first, EC_BYTES, &arena), "y",
	                              number_base64url(&second, EC_BYTES, &arena));
	name_key(key->jwk, kind->algorithm);
	return 0;
}

json_t *
sso_keys_public(const struct sso_keys *keys)
{
	json_t *list = json_array();
	for (size_t i = 0; i < array_length(kinds); i++)
		json_array_append(list, keys->keys[i].jwk);
	return json_pack("{s:o}", "keys", list);
}

/* ---- life ---- */

static void
release_x509_key(gnutls_x509_privkey_t *key)
{
	if (*key != NULL)
		tls.x509_privkey_deinit(*key);
}

static int
adopt(const struct kind *kind, gnutls_x509_privkey_t made, struct key *key)
{
	int bad = tls.privkey_init(&key->private);
	if (bad == 0)
		bad = tls.privkey_import_x509(key->private, made, GNUTLS_PRIVKEY_IMPORT_COPY);
	if (bad == 0)
		bad = tls.pubkey_init(&key->public);
	if (bad == 0)
		bad = tls.pubkey_import_privkey(key->public, key->private, 0, 0);
	return bad == 0 ? describe(kind, key) : bad;
}

static bool
keep(gnutls_x509_privkey_t key, const char *path, struct error *err)
{
	scoped(datum_release) gnutls_datum_t text = {0};
	int bad = tls.x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &text);
	if (bad != 0)
		return error_set(err, ERROR_FAILED, "exporting a key: %s", tls.strerror(bad));
	return file_write(path, text.data, text.size, 0600, err);
}

/* *ret_is_new: it was not in the file. */
static bool
read_or_make(const struct kind *kind, const char *path, gnutls_x509_privkey_t key, bool *ret_is_new,
             struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	char *text;
	size_t length;
	*ret_is_new = path == NULL || !file_exists(path);
	if (!*ret_is_new && !file_read(path, PEM_BYTES_MAX, &arena, &text, &length, err))
		return false;
	int bad = *ret_is_new
	                  ? tls.x509_privkey_generate(key, kind->pk, kind->bits, 0)
	                  : tls.x509_privkey_import(
				    key, &(gnutls_datum_t){.data = (unsigned char *)text, .size = (unsigned)length},
				    GNUTLS_X509_FMT_PEM);
	if (bad == 0)
		return true;
	return error_set(err, *ret_is_new ? ERROR_FAILED : ERROR_INVALID_FILE, "%s: %s",
	                 *ret_is_new ? "making a key" : path, tls.strerror(bad));
}

static bool
open_key(const struct kind *kind, const char *folder, struct key *key, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(release_x509_key) gnutls_x509_privkey_t made = NULL;
	bool is_new;
	const char *path = folder != NULL ? arena_printf(&arena, "%s/%s", folder, kind->file) : NULL;
	int bad = tls.x509_privkey_init(&made);
	if (bad != 0)
		return error_set(err, ERROR_FAILED, "making a key: %s", tls.strerror(bad));
	if (!read_or_make(kind, path, made, &is_new, err) || (is_new && path != NULL && !keep(made, path, err)))
		return false;
	bad = adopt(kind, made, key);
	return bad == 0 || error_set(err, ERROR_FAILED, "using a key: %s", tls.strerror(bad));
}

bool
sso_keys_open(const char *folder, struct sso_keys **ret, struct error *err)
{
	if (!library_load(LIBRARY_GNUTLS, symbols, array_length(symbols), err))
		return false;
	struct sso_keys *keys = calloc(1, sizeof *keys);
	if (keys == NULL)
		abort();
	for (size_t i = 0; i < array_length(kinds); i++) {
		if (!open_key(&kinds[i], folder, &keys->keys[i], err)) {
			sso_keys_free(keys);
			return false;
		}
	}
	*ret = keys;
	return true;
}

void
sso_keys_free(struct sso_keys *keys)
{
	for (size_t i = 0; keys != NULL && i < array_length(kinds); i++) {
		struct key *key = &keys->keys[i];
		if (key->private != NULL)
			tls.privkey_deinit(key->private);
		if (key->public != NULL)
			tls.pubkey_deinit(key->public);
		json_decref(key->jwk);
	}
	free(keys);
}

/* ---- tokens ---- */

static const char *
json_base64url(json_t *value, struct arena *arena)
{
	char *text = json_dumps(value, JSON_COMPACT);
	const char *encoded = sso_base64url(text, strlen(text), arena);
	free(text);
	json_decref(value);
	return encoded;
}

/* r and s, 32 bytes each (RFC 7518 3.4), out of the DER that the library makes. */
static const char *
ec_signature(const gnutls_datum_t *der, struct arena *arena)
{
	scoped(datum_release) gnutls_datum_t r = {0};
	scoped(datum_release) gnutls_datum_t s = {0};
	unsigned char raw[2 * EC_BYTES] = {0};
	if (tls.decode_rs_value(der, &r, &s) != 0)
		return NULL;
	const gnutls_datum_t *numbers[] = {&r, &s};
	for (size_t i = 0; i < 2; i++) {
		size_t extra = numbers[i]->size > EC_BYTES ? numbers[i]->size - EC_BYTES : 0;
		size_t length = numbers[i]->size - extra;
		memcpy(raw + (i + 1) * EC_BYTES - length, numbers[i]->data + extra, length);
	}
	return sso_base64url(raw, sizeof raw, arena);
}

const char *
sso_keys_sign(const struct sso_keys *keys, const char *algorithm, json_t *claims, struct arena *arena)
{
	size_t at = 0;
	while (at + 1 < array_length(kinds) && strcmp(kinds[at].algorithm, algorithm) != 0)
		at++;
	json_t *header = json_pack("{s:s, s:s, s:O}", "alg", kinds[at].algorithm, "typ", "JWT", "kid",
	                           json_object_get(keys->keys[at].jwk, "kid"));
	const char *head = json_base64url(header, arena), *body = json_base64url(claims, arena);
	char *text = arena_printf(arena, "%s.%s", head, body);
	scoped(datum_release) gnutls_datum_t signature = {0};
	const gnutls_datum_t data = {.data = (unsigned char *)text, .size = (unsigned)strlen(text)};
	if (tls.privkey_sign_data(keys->keys[at].private, GNUTLS_DIG_SHA256, 0, &data, &signature) != 0)
		return NULL;
	const char *signed_with = kinds[at].pk == GNUTLS_PK_EC
	                                  ? ec_signature(&signature, arena)
	                                  : sso_base64url(signature.data, signature.size, arena);
	return signed_with != NULL ? arena_printf(arena, "%s.%s", text, signed_with) : NULL;
}

static bool
fits(const struct kind *kind, const struct key *key, const gnutls_datum_t *data, const gnutls_datum_t *raw)
{
	if (kind->pk != GNUTLS_PK_EC)
		return tls.pubkey_verify_data2(key->public, kind->signature, 0, data, raw) >= 0;
	scoped(datum_release) gnutls_datum_t der = {0};
	const gnutls_datum_t r = {.data = raw->data, .size = EC_BYTES},
	                     s = {.data = raw->data + EC_BYTES, .size = EC_BYTES};
	return raw->size == 2 * EC_BYTES && tls.encode_rs_value(&der, &r, &s) == 0 &&
	       tls.pubkey_verify_data2(key->public, kind->signature, 0, data, &der) >= 0;
}

json_t *
sso_keys_verify(const struct sso_keys *keys, const char *token)
{
	scoped(arena_release) struct arena arena = {0};
	size_t length = strnlen(token, TOKEN_BYTES_MAX);
	const char *body = memchr(token, '.', length);
	const char *signature = body != NULL ? strchr(body + 1, '.') : NULL;
	gnutls_datum_t head, payload, raw;
	if (length == TOKEN_BYTES_MAX || signature == NULL || strchr(signature + 1, '.') != NULL ||
	    !read_base64url(token, (size_t)(body - token), &arena, &head) ||
	    !read_base64url(body + 1, (size_t)(signature - body - 1), &arena, &payload) ||
	    !read_base64url(signature + 1, strlen(signature + 1), &arena, &raw))
		return NULL;
	json_t *header = json_loadb((const char *)head.data, head.size, JSON_REJECT_DUPLICATES, NULL);
	const char *algorithm = json_string_value(json_object_get(header, "alg"));
	const gnutls_datum_t data = {.data = (unsigned char *)(uintptr_t)token, .size = (unsigned)(signature - token)};
	bool is_ours = false;
	for (size_t i = 0; algorithm != NULL && !is_ours && i < array_length(kinds); i++)
		is_ours = strcmp(algorithm, kinds[i].algorithm) == 0 && fits(&kinds[i], &keys->keys[i], &data, &raw);
	json_decref(header);
	return is_ours ? json_loadb((const char *)payload.data, payload.size, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

#include "auth/signature.h"

#include <openssl/core.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/library.h"

enum { RSA_LEAST_BYTES = 256, RSA_MOST_BYTES = 1024, EXPONENT_MOST_BYTES = 8, COORDINATE_BYTES = 32, RAW_BYTES = 64,
       DER_MAX = 72 };

/* ---- libcrypto ---- */

#define FUNCTIONS(_) \
	_(EVP_PKEY_CTX_new_from_name) _(EVP_PKEY_CTX_free) _(EVP_PKEY_fromdata_init) _(EVP_PKEY_fromdata) _(EVP_PKEY_free) \
	_(EVP_MD_CTX_new) _(EVP_MD_CTX_free) _(EVP_DigestVerifyInit) _(EVP_DigestVerify) _(EVP_sha256) _(ERR_clear_error)

static struct {
#define _(name) __typeof__(name) *name;
	FUNCTIONS(_)
#undef _
	bool is_loaded;
} crypto;

static bool
load(struct error *err)
{
	static const struct library_symbol symbols[] = {
#define _(name) LIBRARY_SYMBOL(name, crypto.name),
		FUNCTIONS(_)
#undef _
	};
	if (crypto.is_loaded)
		return true;
	crypto.is_loaded = library_load(LIBRARY_CRYPTO, symbols, array_length(symbols), err);
	return crypto.is_loaded;
}

/* ---- keys ---- */

struct signature_key {
	enum signature_algorithm algorithm;
	EVP_PKEY *pkey;
};

void
signature_key_free(struct signature_key *key)
{
	if (key == NULL)
		return;
	crypto.EVP_PKEY_free(key->pkey);
	free(key);
}

/* An exponent of 1 would make every message its own signature. */
static bool
are_fit_rsa(const struct signature_numbers *numbers)
{
	const unsigned char *n = numbers->first, *e = numbers->second;
	size_t n_length = numbers->first_length, e_length = numbers->second_length;
	return n_length >= RSA_LEAST_BYTES && n_length <= RSA_MOST_BYTES && (n_length > RSA_LEAST_BYTES || n[0] >= 0x80) &&
	       n[0] != 0 && n[n_length - 1] % 2 == 1 && e_length > 0 && e_length <= EXPONENT_MOST_BYTES && e[0] != 0 &&
	       e[e_length - 1] % 2 == 1 && (e_length > 1 || e[0] > 1);
}

static void
reverse(unsigned char *ret, const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		ret[i] = bytes[length - 1 - i];
}

static EVP_PKEY *
make(const char *type, OSSL_PARAM *parameters)
{
	EVP_PKEY_CTX *context = crypto.EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;
	if (context == NULL || crypto.EVP_PKEY_fromdata_init(context) != 1 ||
	    crypto.EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		pkey = NULL;
	crypto.EVP_PKEY_CTX_free(context);
	crypto.ERR_clear_error();
	return pkey;
}

/* libcrypto wants numbers in the machine's order: little-endian on what Debian 12 has packages for but s390x. */
static EVP_PKEY *
make_rsa(const struct signature_numbers *numbers)
{
	unsigned char n[RSA_MOST_BYTES], e[EXPONENT_MOST_BYTES];
	bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	if (!are_fit_rsa(numbers))
		return NULL;
	memcpy(n, numbers->first, numbers->first_length);
	memcpy(e, numbers->second, numbers->second_length);
	if (is_little) {
		reverse(n, numbers->first, numbers->first_length);
		reverse(e, numbers->second, numbers->second_length);
	}
	OSSL_PARAM parameters[] = {
		{"n", OSSL_PARAM_UNSIGNED_INTEGER, n, numbers->first_length, 0},
		{"e", OSSL_PARAM_UNSIGNED_INTEGER, e, numbers->second_length, 0},
		{NULL, 0, NULL, 0, 0},
	};
	return make("RSA", parameters);
}

/* That the point lies on the curve is checked by libcrypto. */
static EVP_PKEY *
make_ec(const struct signature_numbers *numbers)
{
	char group[] = "prime256v1";
	unsigned char point[1 + 2 * COORDINATE_BYTES] = {4}; /* SEC 1, 2.3.3: not compressed */
	if (numbers->first_length != COORDINATE_BYTES || numbers->second_length != COORDINATE_BYTES)
		return NULL;
	memcpy(point + 1, numbers->first, COORDINATE_BYTES);
	memcpy(point + 1 + COORDINATE_BYTES, numbers->second, COORDINATE_BYTES);
	OSSL_PARAM parameters[] = {
		{"group", OSSL_PARAM_UTF8_STRING, group, strlen(group), 0},
		{"pub", OSSL_PARAM_OCTET_STRING, point, sizeof point, 0},
		{NULL, 0, NULL, 0, 0},
	};
	return make("EC", parameters);
}

static EVP_PKEY *
make_ed25519(const struct signature_numbers *numbers)
{
	unsigned char point[COORDINATE_BYTES];
	if (numbers->first_length != sizeof point || numbers->second_length != 0)
		return NULL;
	memcpy(point, numbers->first, sizeof point);
	OSSL_PARAM parameters[] = {
		{"pub", OSSL_PARAM_OCTET_STRING, point, sizeof point, 0},
		{NULL, 0, NULL, 0, 0},
	};
	return make("ED25519", parameters);
}

bool
signature_key_make(enum signature_algorithm algorithm, const struct signature_numbers *numbers,
                   struct signature_key **ret, struct error *err)
{
	static EVP_PKEY *(*const makers[SIGNATURE_ALGORITHMS])(const struct signature_numbers *) = {
		[SIGNATURE_RS256] = make_rsa, [SIGNATURE_ES256] = make_ec, [SIGNATURE_EDDSA] = make_ed25519,
	};
	if (!load(err))
		return false;
	EVP_PKEY *pkey = makers[algorithm](numbers);
	if (pkey == NULL)
		return error_set(err, ERROR_BAD_ANSWER, "a key has unfit numbers");
	struct signature_key *key = malloc(sizeof *key);
	if (key == NULL)
		abort();
	*key = (struct signature_key){.algorithm = algorithm, .pkey = pkey};
	*ret = key;
	return true;
}

/* ---- signatures ---- */

/* An INTEGER of at most 32 bytes (X.690 8.3): no zeroes in front but one where it would be negative. */
static unsigned char *
put_integer(unsigned char *at, const unsigned char *number)
{
	size_t skipped = 0;
	while (skipped < COORDINATE_BYTES - 1 && number[skipped] == 0)
		skipped++;
	bool is_high = number[skipped] >= 0x80;
	*at++ = 2;
	*at++ = (unsigned char)(COORDINATE_BYTES - skipped + is_high);
	if (is_high)
		*at++ = 0;
	return mempcpy(at, number + skipped, COORDINATE_BYTES - skipped);
}

/* Of r and s as they are, the SEQUENCE that libcrypto takes. */
static size_t
to_der(const unsigned char *raw, unsigned char ret[static DER_MAX])
{
	unsigned char *end = put_integer(put_integer(ret + 2, raw), raw + COORDINATE_BYTES);
	ret[0] = 0x30;
	ret[1] = (unsigned char)(end - ret - 2);
	return (size_t)(end - ret);
}

bool
signature_verify(const struct signature_key *key, const void *bytes, size_t length, const unsigned char *signature,
                 size_t signature_length)
{
	unsigned char der[DER_MAX];
	if (key->algorithm == SIGNATURE_ES256) {
		if (signature_length != RAW_BYTES)
			return false;
		signature_length = to_der(signature, der);
		signature = der;
	}
	EVP_MD_CTX *context = crypto.EVP_MD_CTX_new();
	const EVP_MD *digest = key->algorithm == SIGNATURE_EDDSA ? NULL : crypto.EVP_sha256();
	bool ok = context != NULL && crypto.EVP_DigestVerifyInit(context, NULL, digest, NULL, key->pkey) == 1 &&
	          crypto.EVP_DigestVerify(context, signature, signature_length, bytes, length) == 1;
	crypto.EVP_MD_CTX_free(context);
	crypto.ERR_clear_error();
	return ok;
}

/* ID tokens.  The first letter says what the rest is: a whole token ('t'), which nobody can have signed
 * and is never accepted; or a header ('h') or a payload ('p') that is signed here, as by the server. */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/base64url.h"
#include "auth/token_verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct token_expectation expected = {.issuer = "https://sso.acme.example", .audience = "paas-cli", .nonce = "n-1",
                                                  .now_ms = 1800000000000};
static const char header[] = "{\"alg\":\"EdDSA\",\"kid\":\"k\"}";
static const char payload[] = "{\"iss\":\"https://sso.acme.example\",\"aud\":\"paas-cli\",\"sub\":\"u\",\"exp\":1800000300,"
                              "\"iat\":1800000000,\"nonce\":\"n-1\"}";
static unsigned char public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];

static struct token_keyset *
our_keys(struct arena *arena)
{
	static const unsigned char seed[crypto_sign_SEEDBYTES] = "a server that nobody else speaks";
	struct token_keyset *keyset = NULL;
	struct error err;
	if (sodium_init() < 0 || crypto_sign_seed_keypair(public_key, secret_key, seed) != 0)
		abort();
	const char *text = arena_printf(arena, "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"k\",\"x\":\"%s\"}]}",
	                                base64url_encode(public_key, sizeof public_key, arena));
	if (!token_keyset_read(text, strlen(text), &keyset, &err))
		abort();
	return keyset;
}

static const char *
sign(const void *head, size_t head_length, const void *body, size_t body_length, struct arena *arena)
{
	unsigned char signature[crypto_sign_BYTES];
	const char *text = arena_printf(arena, "%s.%s", base64url_encode(head, head_length, arena),
	                                base64url_encode(body, body_length, arena));
	crypto_sign_detached(signature, NULL, (const unsigned char *)text, strlen(text), secret_key);
	return arena_printf(arena, "%s.%s", text, base64url_encode(signature, sizeof signature, arena));
}

static void
check(const char *text, size_t length, bool may_be_good, const struct token_keyset *keyset, struct arena *arena)
{
	scoped(secret_release) struct secret *token = secret_new(text, length);
	struct token_claims claims;
	struct error err;
	bool is_unknown_key;
	int64_t expires_at_ms;
	token_peek_expiry(token, &expires_at_ms);
	if (!token_verify(token, keyset, &expected, "realm_access.roles", arena, &claims, &is_unknown_key, &err))
		return;
	if (!may_be_good || claims.subject[0] == '\0' || claims.name[0] == '\0' || is_unknown_key ||
	    claims.expires_at_ms <= expected.now_ms - 60000 || claims.issued_at_ms >= expected.now_ms + 60000)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	scoped(token_keyset_release) struct token_keyset *keyset = our_keys(&arena);
	const uint8_t *rest = data + 1;
	if (size > 0 && data[0] == 'h') {
		const char *token = sign(rest, size - 1, payload, sizeof payload - 1, &arena);
		check(token, strlen(token), true, keyset, &arena);
	} else if (size > 0 && data[0] == 'p') {
		const char *token = sign(header, sizeof header - 1, rest, size - 1, &arena);
		check(token, strlen(token), true, keyset, &arena);
	} else if (size > 0) {
		check((const char *)rest, size - 1, false, keyset, &arena);
	}
	arena_release(&arena);
	return 0;
}

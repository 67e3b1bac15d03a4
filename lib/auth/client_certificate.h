/* A certificate and its key, with which one shows who one is in the TLS handshake.
 *
 *	scoped(client_certificate_release) struct client_certificate certificate = {0};
 *	if (!client_certificate_read("ada.pem", "ada.key", arena, &certificate, err))
 *		return false;
 *
 * PEM (RFC 7468), looked at by OpenSSL's libcrypto, loaded when first used.  In the token store such a pair is an entry of the kind
 * TOKEN_KIND_CERTIFICATE: its token is the key, and CLIENT_CERTIFICATE_EXTRA the certificates.
 */
#ifndef PAAS_AUTH_CLIENT_CERTIFICATE_H
#define PAAS_AUTH_CLIENT_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"

struct token_entry;

#define CLIENT_CERTIFICATE_EXTRA "certificate"

struct client_certificate {
	const char *pem;     /* its own, then those that lead from it to an authority */
	const char *subject; /* RFC 4514: "CN=ada,O=Acme"; from outside */
	int64_t expires_at_ms; /* wall */
	struct secret *key;  /* PEM; NULL after client_certificate_describe */
};
/* For scoped(). */
void client_certificate_release(struct client_certificate *certificate);

/* `key_path` NULL: the key stands beside the certificate in one file.  Whatever else the files hold is left there.
 * Fails: ERROR_INVALID_FILE (not PEM, a key that wants a passphrase, a key of another certificate, expired), ERROR_NOT_FOUND. */
bool client_certificate_read(const char *path, const char *key_path, struct arena *arena, struct client_certificate *ret,
                             struct error *err) must_use;
/* The public part of what the store holds; false: it is no such entry, or it cannot be told. */
bool client_certificate_describe(const struct token_entry *entry, struct arena *arena, struct client_certificate *ret);

#endif

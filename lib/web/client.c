/* Whom a client's certificate names. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/library.h"
#include "web/exchange.h"

enum { NAME_BYTES_MAX = 256 };

static struct {
	__typeof__(gnutls_certificate_verify_peers2) *certificate_verify_peers2;
	__typeof__(gnutls_certificate_get_peers) *certificate_get_peers;
	__typeof__(gnutls_x509_crt_init) *x509_crt_init;
	__typeof__(gnutls_x509_crt_deinit) *x509_crt_deinit;
	__typeof__(gnutls_x509_crt_import) *x509_crt_import;
	__typeof__(gnutls_x509_crt_get_subject_alt_name) *x509_crt_get_subject_alt_name;
} tls;

#define SYMBOL(name) LIBRARY_SYMBOL(gnutls_##name, tls.name)
static const struct library_symbol symbols[] = {
	SYMBOL(certificate_verify_peers2), SYMBOL(certificate_get_peers), SYMBOL(x509_crt_init), SYMBOL(x509_crt_deinit),
	SYMBOL(x509_crt_import), SYMBOL(x509_crt_get_subject_alt_name),
};

/* The first address among its names; NULL when there is none. */
static const char *
address_of(gnutls_x509_crt_t certificate, struct arena *arena)
{
	char name[NAME_BYTES_MAX];
	int kind = 0;
	for (unsigned i = 0; kind != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE; i++) {
		size_t length = sizeof name;
		kind = tls.x509_crt_get_subject_alt_name(certificate, i, name, &length, NULL);
		if (kind == GNUTLS_SAN_RFC822NAME)
			return arena_strndup(arena, name, length);
	}
	return NULL;
}

const char *
web_client(const struct web_request *request)
{
	struct error ignored;
	unsigned status = 1, count = 0;
	gnutls_x509_crt_t certificate;
	struct exchange *exchange = exchange_of(request);
	const union MHD_ConnectionInfo *info =
		mhd.get_connection_info(exchange->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	if (exchange->server->options.client_ca_pem == NULL || info == NULL ||
	    !library_load(LIBRARY_GNUTLS, symbols, array_length(symbols), &ignored))
		return NULL;
	gnutls_session_t session = info->tls_session;
	const gnutls_datum_t *chain = tls.certificate_get_peers(session, &count);
	if (chain == NULL || count == 0 || tls.certificate_verify_peers2(session, &status) != 0 || status != 0 ||
	    tls.x509_crt_init(&certificate) != 0)
		return NULL;
	bool is_read = tls.x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER) == 0;
	const char *name = is_read ? address_of(certificate, request->arena) : NULL;
	tls.x509_crt_deinit(certificate);
	return name;
}

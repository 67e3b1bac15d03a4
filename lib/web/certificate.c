#include "web/certificate.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "base/library.h"

static struct {
	__typeof__(gnutls_strerror) *strerror;
	__typeof__(gnutls_rnd) *rnd;
	__typeof__(gnutls_free) *free;
	__typeof__(gnutls_x509_privkey_init) *x509_privkey_init;
	__typeof__(gnutls_x509_privkey_deinit) *x509_privkey_deinit;
	__typeof__(gnutls_x509_privkey_generate) *x509_privkey_generate;
	__typeof__(gnutls_x509_privkey_export2) *x509_privkey_export2;
	__typeof__(gnutls_x509_crt_init) *x509_crt_init;
	__typeof__(gnutls_x509_crt_deinit) *x509_crt_deinit;
	__typeof__(gnutls_x509_crt_set_version) *x509_crt_set_version;
	__typeof__(gnutls_x509_crt_set_serial) *x509_crt_set_serial;
	__typeof__(gnutls_x509_crt_set_activation_time) *x509_crt_set_activation_time;
	__typeof__(gnutls_x509_crt_set_expiration_time) *x509_crt_set_expiration_time;
	__typeof__(gnutls_x509_crt_set_dn_by_oid) *x509_crt_set_dn_by_oid;
	__typeof__(gnutls_x509_crt_set_subject_alt_name) *x509_crt_set_subject_alt_name;
	__typeof__(gnutls_x509_crt_set_basic_constraints) *x509_crt_set_basic_constraints;
	__typeof__(gnutls_x509_crt_set_key_usage) *x509_crt_set_key_usage;
	__typeof__(gnutls_x509_crt_set_key_purpose_oid) *x509_crt_set_key_purpose_oid;
	__typeof__(gnutls_x509_crt_set_subject_key_id) *x509_crt_set_subject_key_id;
	__typeof__(gnutls_x509_crt_set_authority_key_id) *x509_crt_set_authority_key_id;
	__typeof__(gnutls_x509_crt_get_key_id) *x509_crt_get_key_id;
	__typeof__(gnutls_x509_crt_set_key) *x509_crt_set_key;
	__typeof__(gnutls_x509_crt_sign2) *x509_crt_sign2;
	__typeof__(gnutls_x509_crt_export2) *x509_crt_export2;
} tls;

#define SYMBOL(name) LIBRARY_SYMBOL(gnutls_##name, tls.name)
static const struct library_symbol symbols[] = {
	SYMBOL(strerror), SYMBOL(rnd), SYMBOL(free), SYMBOL(x509_privkey_init),
	SYMBOL(x509_privkey_deinit), SYMBOL(x509_privkey_generate), SYMBOL(x509_privkey_export2),
	SYMBOL(x509_crt_init), SYMBOL(x509_crt_deinit), SYMBOL(x509_crt_set_version),
	SYMBOL(x509_crt_set_serial), SYMBOL(x509_crt_set_activation_time),
	SYMBOL(x509_crt_set_expiration_time), SYMBOL(x509_crt_set_dn_by_oid),
	SYMBOL(x509_crt_set_subject_alt_name), SYMBOL(x509_crt_set_basic_constraints),
	SYMBOL(x509_crt_set_key_usage), SYMBOL(x509_crt_set_key_purpose_oid),
	SYMBOL(x509_crt_set_subject_key_id), SYMBOL(x509_crt_set_authority_key_id),
	SYMBOL(x509_crt_get_key_id), SYMBOL(x509_crt_set_key), SYMBOL(x509_crt_sign2),
	SYMBOL(x509_crt_export2),
};

/* A certificate in the making; `issuer` is itself for the CA. */
struct draft {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

static void
draft_release(struct draft *draft)
{
	if (draft->crt != NULL)
		tls.x509_crt_deinit(draft->crt);
	if (draft->key != NULL)
		tls.x509_privkey_deinit(draft->key);
}

static int
draft_begin(struct draft *draft, const char *common_name)
{
	enum { HOUR_S = 3600, TEN_YEARS_S = 10 * 365 * 24 * HOUR_S };
	unsigned char serial[16] = {0};
	time_t now = time(NULL);
	int bad = tls.x509_privkey_init(&draft->key);
	if (bad == 0)
		bad = tls.x509_privkey_generate(draft->key, GNUTLS_PK_EC,
		                                GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (bad == 0)
		bad = tls.x509_crt_init(&draft->crt);
	if (bad == 0)
		bad = tls.rnd(GNUTLS_RND_NONCE, serial, sizeof serial);
	serial[0] = (unsigned char)((serial[0] & 0x7f) | 0x01); /* positive, not zero */
	if (bad == 0)
		bad = tls.x509_crt_set_version(draft->crt, 3);
	if (bad == 0)
		bad = tls.x509_crt_set_serial(draft->crt, serial, sizeof serial);
	if (bad == 0)
		bad = tls.x509_crt_set_activation_time(draft->crt, now - HOUR_S);
	if (bad == 0)
		bad = tls.x509_crt_set_expiration_time(draft->crt, now + TEN_YEARS_S);
	if (bad == 0)
		bad = tls.x509_crt_set_dn_by_oid(draft->crt, GNUTLS_OID_X520_COMMON_NAME, 0, common_name,
		                                 (unsigned)strlen(common_name));
	return bad == 0 ? tls.x509_crt_set_key(draft->crt, draft->key) : bad;
}

static int
draft_sign(struct draft *draft, const struct draft *issuer)
{
	unsigned char id[64];
	size_t length = sizeof id;
	int bad = tls.x509_crt_get_key_id(draft->crt, 0, id, &length);
	if (bad == 0)
		bad = tls.x509_crt_set_subject_key_id(draft->crt, id, length);
	length = sizeof id;
	if (bad == 0)
		bad = tls.x509_crt_get_key_id(issuer->crt, 0, id, &length);
	if (bad == 0)
		bad = tls.x509_crt_set_authority_key_id(draft->crt, id, length);
	return bad == 0 ? tls.x509_crt_sign2(draft->crt, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0)
	                : bad;
}

static int
make_ca(struct draft *ca, const char *common_name)
{
	int bad = draft_begin(ca, common_name);
	if (bad == 0)
		bad = tls.x509_crt_set_basic_constraints(ca->crt, 1, 0);
	if (bad == 0)
		bad = tls.x509_crt_set_key_usage(ca->crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
	return bad == 0 ? draft_sign(ca, ca) : bad;
}

static int
add_names(gnutls_x509_crt_t crt)
{
	struct in_addr v4 = {.s_addr = htonl(INADDR_LOOPBACK)};
	struct in6_addr v6 = IN6ADDR_LOOPBACK_INIT;
	int bad = tls.x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, "localhost", 9,
	                                            GNUTLS_FSAN_SET);
	if (bad == 0)
		bad = tls.x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, &v4, sizeof v4,
		                                        GNUTLS_FSAN_APPEND);
	return bad == 0 ? tls.x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, &v6, sizeof v6,
	                                                    GNUTLS_FSAN_APPEND)
	                : bad;
}

static int
make_server(struct draft *server, const struct draft *ca)
{
	int bad = draft_begin(server, "localhost");
	if (bad == 0)
		bad = add_names(server->crt);
	if (bad == 0)
		bad = tls.x509_crt_set_basic_constraints(server->crt, 0, -1);
	if (bad == 0)
		bad = tls.x509_crt_set_key_usage(server->crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
	if (bad == 0)
		bad = tls.x509_crt_set_key_purpose_oid(server->crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
	return bad == 0 ? draft_sign(server, ca) : bad;
}

static int
make_client(struct draft *client, const struct draft *ca)
{
	int bad = draft_begin(client, "ada");
	if (bad == 0)
		bad = tls.x509_crt_set_subject_alt_name(client->crt, GNUTLS_SAN_RFC822NAME, CERTIFICATE_PERSON,
		                                        (unsigned)strlen(CERTIFICATE_PERSON), GNUTLS_FSAN_SET);
	if (bad == 0)
		bad = tls.x509_crt_set_basic_constraints(client->crt, 0, -1);
	if (bad == 0)
		bad = tls.x509_crt_set_key_usage(client->crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
	if (bad == 0)
		bad = tls.x509_crt_set_key_purpose_oid(client->crt, GNUTLS_KP_TLS_WWW_CLIENT, 0);
	return bad == 0 ? draft_sign(client, ca) : bad;
}

static const char *
keep_text(struct arena *arena, gnutls_datum_t *text)
{
	const char *kept = arena_strndup(arena, (const char *)text->data, text->size);
	(*tls.free)(text->data); /* the library exports a pointer to its allocator */
	return kept;
}

static int
export(const struct draft *draft, struct arena *arena, const char **ret_pem, const char **ret_key_pem)
{
	gnutls_datum_t text;
	int bad = tls.x509_crt_export2(draft->crt, GNUTLS_X509_FMT_PEM, &text);
	if (bad != 0)
		return bad;
	*ret_pem = keep_text(arena, &text);
	bad = ret_key_pem != NULL ? tls.x509_privkey_export2(draft->key, GNUTLS_X509_FMT_PEM, &text) : 0;
	if (bad == 0 && ret_key_pem != NULL)
		*ret_key_pem = keep_text(arena, &text);
	return bad;
}

bool
certificate_make(const char *common_name, struct arena *arena, struct certificate *ret,
                 struct error *err)
{
	scoped(draft_release) struct draft ca = {0}, server = {0}, client = {0};
	struct certificate made = {0};
	if (!library_load(LIBRARY_GNUTLS, symbols, array_length(symbols), err))
		return false;
	int bad = make_ca(&ca, common_name);
	if (bad == 0)
		bad = make_server(&server, &ca);
	if (bad == 0)
		bad = make_client(&client, &ca);
	if (bad == 0)
		bad = export(&ca, arena, &made.ca_pem, NULL);
	if (bad == 0)
		bad = export(&server, arena, &made.server_pem, &made.key_pem);
	if (bad == 0)
		bad = export(&client, arena, &made.client_pem, &made.client_key_pem);
	if (bad != 0)
		return error_set(err, ERROR_FAILED, "making a certificate: %s", tls.strerror(bad));
	*ret = made;
	return true;
}

#include "auth/client_certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/library.h"
#include "store/token_entry.h"

enum { SUBJECT_MAX = 500 };

/* ---- libcrypto ---- */

#define FUNCTIONS(_) \
	_(BIO_new) _(BIO_s_mem) _(BIO_new_mem_buf) _(BIO_free) _(BIO_read) _(PEM_read_bio_X509) _(PEM_read_bio_PrivateKey) _(X509_free) \
	_(EVP_PKEY_free) _(X509_check_private_key) _(X509_get0_notAfter) _(X509_get_subject_name) _(X509_NAME_print_ex) \
	_(ASN1_TIME_to_tm) _(ERR_clear_error)

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
	if (!crypto.is_loaded)
		crypto.is_loaded = library_load(LIBRARY_CRYPTO, symbols, array_length(symbols), err);
	return crypto.is_loaded;
}

static BIO *
open_text(const char *text, size_t length)
{
	BIO *bio = crypto.BIO_new_mem_buf(text, (int)length);
	if (bio == NULL)
		abort();
	return bio;
}

static X509 *
parse_certificate(const char *pem)
{
	BIO *bio = open_text(pem, strlen(pem));
	X509 *x509 = crypto.PEM_read_bio_X509(bio, NULL, NULL, NULL);
	crypto.BIO_free(bio);
	crypto.ERR_clear_error();
	return x509;
}

/* Nobody is asked: libcrypto would at the terminal. */
static int
know_no_passphrase(char *ret, int size, int is_writing, void *data)
{
	(void)ret, (void)size, (void)is_writing, (void)data;
	return -1;
}

static bool
is_key_of(const struct secret *key, X509 *x509, bool *ret_is_key)
{
	BIO *bio = open_text(secret_reveal(key), secret_length(key));
	EVP_PKEY *pkey = crypto.PEM_read_bio_PrivateKey(bio, NULL, know_no_passphrase, NULL);
	bool fits = pkey != NULL && crypto.X509_check_private_key(x509, pkey) == 1;
	*ret_is_key = pkey != NULL;
	crypto.EVP_PKEY_free(pkey);
	crypto.BIO_free(bio);
	crypto.ERR_clear_error();
	return fits;
}

static void
describe(X509 *x509, struct arena *arena, struct client_certificate *ret)
{
	char subject[SUBJECT_MAX];
	struct tm tm = {0};
	BIO *bio = crypto.BIO_new(crypto.BIO_s_mem());
	if (bio == NULL)
		abort();
	crypto.X509_NAME_print_ex(bio, crypto.X509_get_subject_name(x509), 0, XN_FLAG_RFC2253);
	int length = crypto.BIO_read(bio, subject, sizeof subject);
	crypto.BIO_free(bio);
	ret->subject = arena_strndup(arena, subject, length > 0 ? (size_t)length : 0);
	ret->expires_at_ms = crypto.ASN1_TIME_to_tm(crypto.X509_get0_notAfter(x509), &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : 0;
	crypto.ERR_clear_error();
}

/* ---- PEM: the blocks of a text ---- */

struct block {
	const char *label;     /* "EC PRIVATE KEY-----…" */
	size_t label_length;
	size_t start, length;  /* of the whole block in the text, its two lines included */
};

/* The next one from *at on. */
static bool
next_block(const char *text, size_t *at, struct block *ret)
{
	static const char begin[] = "-----BEGIN ", end[] = "\n-----END ", dashes[] = "-----";
	const char *from = strstr(text + *at, begin);
	if (from == NULL)
		return false;
	const char *label = from + strlen(begin), *label_end = strstr(label, dashes), *last = strstr(label, end);
	const char *close = last != NULL ? strstr(last + strlen(end), dashes) : NULL;
	if (label_end == NULL || close == NULL || label_end > last)
		return false;
	*ret = (struct block){label, (size_t)(label_end - label), (size_t)(from - text), (size_t)(close + strlen(dashes) - from)};
	*at = ret->start + ret->length;
	return true;
}

static bool
ends_in(const struct block *block, const char *word)
{
	size_t length = strlen(word);
	return block->label_length >= length && memcmp(block->label + block->label_length - length, word, length) == 0;
}

static const char *
take_certificates(const struct secret *file, struct arena *arena)
{
	scoped(buf_release) struct buf all = BUF_INIT(TOKEN_BYTES_MAX);
	struct block block;
	const char *text = secret_reveal(file);
	for (size_t at = 0; next_block(text, &at, &block);)
		if (block.label_length == 11 && ends_in(&block, "CERTIFICATE")) {
			buf_add(&all, text + block.start, block.length);
			buf_add_char(&all, '\n');
		}
	return all.length > 0 && !all.overflow ? arena_strdup(arena, all.bytes) : NULL;
}

/* RFC 7468 11; RFC 1421 4.6.1.1 of what OpenSSL wrote before. */
static bool
is_encrypted(const char *text, const struct block *block)
{
	static const char header[] = "Proc-Type: 4,ENCRYPTED";
	return ends_in(block, "ENCRYPTED PRIVATE KEY") || memmem(text + block->start, block->length, header, strlen(header)) != NULL;
}

static bool
take_key(const struct secret *file, const char *path, struct secret **ret, struct error *err)
{
	struct block block;
	const char *text = secret_reveal(file);
	size_t at = 0;
	do {
		if (!next_block(text, &at, &block))
			return error_set(err, ERROR_INVALID_FILE, "%s holds no private key in PEM", path);
	} while (!ends_in(&block, "PRIVATE KEY"));
	if (is_encrypted(text, &block)) {
		error_put(err, ERROR_INVALID_FILE, "the key in %s is encrypted; it is kept encrypted by the token store instead", path);
		return error_next(err, "openssl pkey -in FILE -out PLAIN, log in with that, then delete it");
	}
	*ret = secret_slice(file, block.start, block.length);
	return true;
}

/* ---- reading ---- */

void
client_certificate_release(struct client_certificate *certificate)
{
	secret_release(&certificate->key);
}

static bool
check(const struct client_certificate *certificate, X509 *x509, const char *path, const char *key_path, struct error *err)
{
	char expiry[CLOCK_TEXT_BYTES];
	bool is_key;
	if (!is_key_of(certificate->key, x509, &is_key))
		return is_key ? error_set(err, ERROR_INVALID_FILE, "the key in %s is not that of the certificate in %s", key_path, path)
		              : error_set(err, ERROR_INVALID_FILE, "the private key in %s cannot be read", key_path);
	if (certificate->expires_at_ms <= clock_wall_ms())
		return error_set(err, ERROR_INVALID_FILE, "the certificate in %s ended at %s", path,
		                 clock_format(certificate->expires_at_ms, expiry));
	return true;
}

static bool
examine(struct client_certificate *draft, const char *path, const char *key_path, struct arena *arena, struct error *err)
{
	if (!load(err))
		return false;
	X509 *x509 = parse_certificate(draft->pem);
	if (x509 == NULL)
		return error_set(err, ERROR_INVALID_FILE, "the certificate in %s cannot be read", path);
	describe(x509, arena, draft);
	bool is_fine = check(draft, x509, path, key_path, err);
	crypto.X509_free(x509);
	return is_fine;
}

bool
client_certificate_read(const char *path, const char *key_path, struct arena *arena, struct client_certificate *ret,
                        struct error *err)
{
	scoped(secret_release) struct secret *file = NULL, *key_file = NULL;
	scoped(client_certificate_release) struct client_certificate draft = {0};
	if (!file_read_secret(path, TOKEN_BYTES_MAX, &file, err) ||
	    (key_path != NULL && !file_read_secret(key_path, TOKEN_BYTES_MAX, &key_file, err)))
		return false;
	draft.pem = take_certificates(file, arena);
	if (draft.pem == NULL)
		return error_set(err, ERROR_INVALID_FILE, "%s holds no certificate in PEM", path);
	const char *key_of = key_path != NULL ? key_path : path;
	if (!take_key(key_file != NULL ? key_file : file, key_of, &draft.key, err) || !examine(&draft, path, key_of, arena, err))
		return false;
	*ret = draft;
	draft.key = NULL;
	return true;
}

bool
client_certificate_describe(const struct token_entry *entry, struct arena *arena, struct client_certificate *ret)
{
	const struct secret *pem = token_entry_extra(entry, CLIENT_CERTIFICATE_EXTRA);
	struct error ignored;
	if (entry->kind != TOKEN_KIND_CERTIFICATE || pem == NULL || !load(&ignored))
		return false;
	*ret = (struct client_certificate){.pem = arena_strdup(arena, secret_reveal(pem))};
	X509 *x509 = parse_certificate(ret->pem);
	if (x509 == NULL)
		return false;
	describe(x509, arena, ret);
	crypto.X509_free(x509);
	return true;
}

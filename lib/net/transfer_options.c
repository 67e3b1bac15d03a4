/* All that curl must know of one request. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "net/proxy.h"
#include "net/transfer.h"

#define set(transfer, option, value) curl_library.easy_setopt((transfer)->easy, option, value)

#if defined(__x86_64__)
#define MACHINE "amd64"
#elif defined(__aarch64__)
#define MACHINE "arm64"
#else
#define MACHINE "unknown"
#endif

static const struct http_endpoint nobody = {.origin = ""};

static const struct http_endpoint *
endpoint_of(const struct transfer *transfer)
{
	return transfer_is_home(transfer) ? transfer->request->endpoint : &nobody;
}

bool
transfer_is_home(const struct transfer *transfer)
{
	const struct http_endpoint *endpoint = transfer->request->endpoint;
	struct arena scratch = {0};
	struct error ignored;
	const char *origin;
	bool is_home = endpoint != NULL && endpoint->origin != NULL &&
	               http_origin_of(endpoint->origin, &scratch, &origin, &ignored) &&
	               strcmp(origin, transfer->url.origin) == 0;
	arena_release(&scratch);
	return is_home;
}

/* ---- where we are ---- */

/* Before a name is looked up. curl splits its connect timeout among the addresses of a host, so it
 * is told the right one, though ours is the deadline that counts. */
static int
begin_resolving(void *resolver, void *reserved, void *data)
{
	struct transfer *transfer = data;
	int64_t queued_ms = (clock_monotonic_ms() - transfer->started_ms) / clock_rate();
	(void)resolver, (void)reserved;
	if (transfer->policy->connect_ms > 0)
		set(transfer, CURLOPT_CONNECTTIMEOUT_MS, (long)(queued_ms + transfer->policy->connect_ms));
	transfer_enter(transfer, TRANSFER_RESOLVING);
	return 0;
}

/* As curl would, but not for our children: close-on-exec. */
static curl_socket_t
open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)purpose;
	transfer_enter(data, TRANSFER_CONNECTING);
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int
begin_asking(void *data, char *remote, char *local, int remote_port, int local_port)
{
	(void)remote, (void)local, (void)remote_port, (void)local_port;
	transfer_enter(data, TRANSFER_ASKING);
	return CURL_PREREQFUNC_OK;
}

/* ---- headers and credentials ---- */

static bool
is_header_clean(const char *name, const char *value)
{
	return name[0] != '\0' && strpbrk(name, "\r\n: ") == NULL && strpbrk(value, "\r\n") == NULL;
}

static void
add_header(struct transfer *transfer, const char *line)
{
	transfer->header_list = curl_library.slist_append(transfer->header_list, line);
	if (transfer->header_list == NULL)
		abort();
}

/* Appends "name: value", or "name;" which is how curl sends an empty one; wipes its own copy. */
static void
add_field(struct transfer *transfer, const char *name, const char *value)
{
	size_t size = strlen(name) + strlen(value) + sizeof ": ";
	char *line = malloc(size);
	if (line == NULL)
		abort();
	snprintf(line, size, value[0] != '\0' ? "%s: %s" : "%s;%s", name, value);
	add_header(transfer, line);
	secret_wipe(line, size);
	free(line);
}

static void
add_basic(struct transfer *transfer, const char *username, const struct secret *password)
{
	const char *word = password != NULL ? secret_reveal(password) : "";
	size_t plain_size = strlen(username) + strlen(word) + sizeof ":";
	size_t coded_size = sizeof "Basic " + sodium_base64_encoded_len(plain_size, sodium_base64_VARIANT_ORIGINAL);
	char *plain = malloc(plain_size), *coded = malloc(coded_size);
	if (plain == NULL || coded == NULL)
		abort();
	snprintf(plain, plain_size, "%s:%s", username, word);
	memcpy(coded, "Basic ", 6);
	sodium_bin2base64(coded + 6, coded_size - 6, (unsigned char *)plain, plain_size - 1,
	                  sodium_base64_VARIANT_ORIGINAL);
	add_field(transfer, "Authorization", coded);
	secret_wipe(plain, plain_size);
	secret_wipe(coded, coded_size);
	free(plain);
	free(coded);
}

/* "name: prefix" and the secret. */
static bool
add_secret(struct transfer *transfer, const struct http_secret_header *header, struct error *err)
{
	const char *word = secret_reveal(header->value), *prefix = header->prefix != NULL ? header->prefix : "";
	if (!is_header_clean(header->name, word))
		return error_set(err, ERROR_NOT_LOGGED_IN, "the token for %s holds a line break", transfer->url.site);
	size_t size = strlen(prefix) + strlen(word) + 1;
	char *value = malloc(size);
	if (value == NULL)
		abort();
	snprintf(value, size, "%s%s", prefix, word);
	add_field(transfer, header->name, value);
	secret_wipe(value, size);
	free(value);
	return true;
}

static bool
has_credentials(const struct http_endpoint *endpoint)
{
	return endpoint->bearer != NULL || endpoint->username != NULL || endpoint->n_secret_headers > 0;
}

static bool
add_credentials(struct transfer *transfer, const struct http_endpoint *endpoint, struct error *err)
{
	if (!has_credentials(endpoint))
		return true;
	if (strcmp(transfer->url.scheme, "https") != 0) {
		error_put(err, ERROR_INVALID_FILE, "credentials are not sent over plain http to %s",
		          transfer->url.site);
		return error_next(err, "configure an https address for it");
	}
	for (size_t i = 0; i < endpoint->n_secret_headers; i++)
		if (!add_secret(transfer, &endpoint->secret_headers[i], err))
			return false;
	if (endpoint->bearer != NULL)
		return add_secret(transfer, &(struct http_secret_header){"Authorization", "Bearer ", endpoint->bearer}, err);
	if (endpoint->username != NULL)
		add_basic(transfer, endpoint->username, endpoint->password);
	return true;
}

static bool
set_headers(struct transfer *transfer, const struct http_endpoint *endpoint, struct error *err)
{
	const struct http_request *request = transfer->request;
	bool has_type = false;
	for (size_t i = 0; i < request->n_headers; i++) {
		const struct http_header *header = &request->headers[i];
		if (!is_header_clean(header->name, header->value))
			return error_set(err, ERROR_USAGE, "the header \"%s\" holds a line break", header->name);
		has_type |= strcasecmp(header->name, "content-type") == 0;
		add_field(transfer, header->name, header->value);
	}
	if (!has_type)
		add_header(transfer, "Content-Type:"); /* curl would say it is a form */
	add_header(transfer, "Expect:"); /* no pause before a body of more than 1 MiB */
	if (!add_credentials(transfer, endpoint, err))
		return false;
	set(transfer, CURLOPT_HTTPHEADER, transfer->header_list);
	return true;
}

/* ---- the rest ---- */

static void
set_method(struct transfer *transfer)
{
	const struct http_request *request = transfer->request;
	const char *method = request->method != NULL ? request->method : "GET";
	bool wants_length = strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0;
	if (strcmp(method, "HEAD") == 0) {
		set(transfer, CURLOPT_NOBODY, 1L);
		return;
	}
	if (request->body_length > 0 || wants_length) {
		set(transfer, CURLOPT_POST, 1L);
		set(transfer, CURLOPT_POSTFIELDS, request->body_length > 0 ? request->body : (const void *)"");
		set(transfer, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
	}
	set(transfer, CURLOPT_CUSTOMREQUEST, method);
}

/* The server's name in TLS differs from where it is: the URL carries the name, CONNECT_TO the place. */
static void
set_url(struct transfer *transfer, const struct http_endpoint *endpoint)
{
	struct arena scratch = {0};
	const struct url *url = &transfer->url;
	const char *text = arena_printf(&scratch, "%s%s", url->site, url->target);
	if (endpoint->tls_server_name != NULL && strcmp(endpoint->tls_server_name, url->host) != 0) {
		const char *name = endpoint->tls_server_name;
		const char *place = strchr(url->host, ':') != NULL ? arena_printf(&scratch, "[%s]", url->host) : url->host;
		transfer->connect_to = curl_library.slist_append(
			NULL, arena_printf(&scratch, "%s:%s:%s:%s", name, url->port, place, url->port));
		text = arena_printf(&scratch, "https://%s:%s%s", name, url->port, url->target);
		add_field(transfer, "Host", strstr(url->site, "://") + 3);
		set(transfer, CURLOPT_CONNECT_TO, transfer->connect_to);
	}
	set(transfer, CURLOPT_URL, text);
	arena_release(&scratch);
}

static void
set_blob(struct transfer *transfer, CURLoption option, const char *bytes, size_t length)
{
	struct curl_blob blob = {.data = (void *)(uintptr_t)bytes, .len = length, .flags = CURL_BLOB_NOCOPY};
	set(transfer, option, &blob);
}

static void
set_trust(struct transfer *transfer, const struct http_endpoint *endpoint)
{
	const struct trust *trust = &transfer->http->trust;
	set(transfer, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	set(transfer, CURLOPT_CAINFO, endpoint->ca_pem == NULL ? trust->bundle : NULL);
	set(transfer, CURLOPT_CAPATH, endpoint->ca_pem == NULL ? trust->folder : NULL);
	const char *pem = endpoint->ca_pem != NULL ? endpoint->ca_pem : trust->pem;
	if (pem != NULL)
		set_blob(transfer, CURLOPT_CAINFO_BLOB, pem, strlen(pem));
	if (endpoint->insecure_skip_tls_verify) {
		set(transfer, CURLOPT_SSL_VERIFYPEER, 0L);
		set(transfer, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (endpoint->client_certificate_pem != NULL)
		set_blob(transfer, CURLOPT_SSLCERT_BLOB, endpoint->client_certificate_pem,
		         strlen(endpoint->client_certificate_pem));
	if (endpoint->client_key_pem != NULL)
		set_blob(transfer, CURLOPT_SSLKEY_BLOB, secret_reveal(endpoint->client_key_pem),
		         secret_length(endpoint->client_key_pem));
}

static void
set_connection(struct transfer *transfer)
{
	const struct http_request *request = transfer->request;
	const struct http_endpoint *endpoint = request->endpoint;
	const char *proxy = endpoint != NULL ? endpoint->proxy : NULL;
	if (proxy_is_loopback(transfer->url.host))
		proxy = "";
	transfer->proxy = proxy != NULL ? proxy : proxy_from_environment(transfer->url.scheme, transfer->url.host);
	set(transfer, CURLOPT_PROXY, transfer->proxy);
	set(transfer, CURLOPT_NOPROXY, ""); /* it is decided already */
	set(transfer, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	set(transfer, CURLOPT_HTTP_VERSION, (long)(request->http1_only ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
	set(transfer, CURLOPT_PIPEWAIT, request->http1_only ? 0L : 1L);
	set(transfer, CURLOPT_TCP_KEEPALIVE, 1L);
	set(transfer, CURLOPT_NOSIGNAL, 1L);
	set(transfer, CURLOPT_QUICK_EXIT, 1L); /* else a slow resolver holds up whoever gives up */
	set(transfer, CURLOPT_CONNECTTIMEOUT_MS, 24L * 3600 * 1000);
	set(transfer, CURLOPT_PROTOCOLS_STR, "http,https");
	if (request->max_waiting != 0) /* fewer and larger reads, yet some before it is full */
		set(transfer, CURLOPT_BUFFERSIZE, (long)request->max_waiting / 4);
	if (request->peer != NULL) { /* it shall see a connection being made */
		set(transfer, CURLOPT_FRESH_CONNECT, 1L);
		set(transfer, CURLOPT_CERTINFO, 1L);
	}
	if (!request->http1_only && (endpoint == NULL || !endpoint->no_compression))
		set(transfer, CURLOPT_ACCEPT_ENCODING, "gzip");
}

static void
set_callbacks(struct transfer *transfer)
{
	set(transfer, CURLOPT_PRIVATE, transfer);
	set(transfer, CURLOPT_ERRORBUFFER, transfer->error_text);
	set(transfer, CURLOPT_HEADERFUNCTION, transfer_take_header);
	set(transfer, CURLOPT_HEADERDATA, transfer);
	set(transfer, CURLOPT_WRITEFUNCTION, transfer_take_body);
	set(transfer, CURLOPT_WRITEDATA, transfer);
	set(transfer, CURLOPT_RESOLVER_START_FUNCTION, begin_resolving);
	set(transfer, CURLOPT_RESOLVER_START_DATA, transfer);
	set(transfer, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	set(transfer, CURLOPT_OPENSOCKETDATA, transfer);
	set(transfer, CURLOPT_PREREQFUNCTION, begin_asking);
	set(transfer, CURLOPT_PREREQDATA, transfer);
}

bool
transfer_set_options(struct transfer *transfer, struct error *err)
{
	const struct http_endpoint *endpoint = endpoint_of(transfer);
	set(transfer, CURLOPT_USERAGENT, "paas/" PAAS_VERSION " (linux/" MACHINE ")");
	set(transfer, CURLOPT_PATH_AS_IS, 1L);
	set_callbacks(transfer);
	set_method(transfer);
	set_url(transfer, endpoint);
	set_connection(transfer);
	set_trust(transfer, endpoint);
	return set_headers(transfer, endpoint, err);
}

/* One asynchronous HTTP client on the event loop (libcurl's multi interface, loaded at first use).
 *
 * Calls look blocking and are made from a fiber; others go on meanwhile.  An answer with any
 * status is a success here: the caller judges it.  Fails: ERROR_UNREACHABLE (said with host,
 * phase, elapsed time and proxy), ERROR_BAD_ANSWER (body larger than asked for, broken framing),
 * ERROR_INTERRUPTED (the fiber was cancelled).
 *
 *	struct http_response answer;
 *	if (!http_send(http, &(struct http_request){.url = url, .endpoint = &registry}, arena, &answer, err))
 *		return error_doing(err, "resolving %s", image);
 */
#ifndef PAAS_NET_HTTP_H
#define PAAS_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"

struct loop;
struct http;

/* A header whose value is a secret: "DD-API-KEY", or "Authorization" with the prefix "token ". */
struct http_secret_header {
	const char *name, *prefix; /* prefix NULL: none */
	const struct secret *value;
};

/* What is known of a server before talking to it.  Strings are the caller's and outlive the use.
 * Credentials, client certificate, ca_pem and tls_server_name hold for `origin` alone; elsewhere
 * (a redirect, a next page on another host) the request goes without and the system's authorities
 * count, with those of $PAAS_CA_FILE.  Credentials for a plain http origin, loopback too, are
 * refused: ERROR_INVALID_FILE.  Loopback never goes through a proxy. */
struct http_endpoint {
	const char *system;     /* for errors and traces: "kubernetes dev", "registry" */
	const char *origin;     /* "https://host[:port]": the only place credentials go to */
	const struct secret *bearer;               /* sent as Authorization, to `origin` only, https only */
	const char *username;                      /* basic; with `password` */
	const struct secret *password;
	const struct http_secret_header *secret_headers; /* of systems with ways of their own; as `bearer` */
	size_t n_secret_headers;
	const char *ca_pem;                        /* trusted instead of the system's; NULL = the system's */
	const char *client_certificate_pem;
	const struct secret *client_key_pem;
	const char *tls_server_name;               /* SNI and verified name, when not the URL's host */
	bool insecure_skip_tls_verify;
	const char *proxy;                         /* NULL: from the environment; "": none */
	bool no_compression;
	bool has_secret_url;   /* an incoming webhook: traces and errors show its origin only */
};

/* Policy is data.  Only idempotent requests are retried: transport errors, 429, 502, 503, 504 (500
 * only with Retry-After); what never left this machine is, whatever its method.  Retry-After wins
 * over back-off; full jitter.  A wait that would pass total_ms is not begun: the last answer or
 * error is the outcome. */
struct http_policy {
	unsigned tries;          /* in all */
	int64_t base_ms, cap_ms; /* back-off before the 2nd try, and its ceiling */
	int64_t connect_ms; /* a try: name, socket and TLS, not the wait for a free connection; 0 = none */
	int64_t idle_ms;    /* a try: since the last byte; 0 = none */
	int64_t total_ms;   /* over all tries; of a stream, until its headers; 0 = none */
};
extern const struct http_policy http_policy_default; /* 4 tries, 5 s to connect, 20 s idle, 30 s in all */
extern const struct http_policy http_policy_stream;  /* 1 try, 5 s to connect, 150 s idle, no total */

/* How far a connection came, for whoever asks (`paas doctor`); then a new one is made. */
enum http_phase { HTTP_PHASE_RESOLVE, HTTP_PHASE_CONNECT, HTTP_PHASE_TLS, HTTP_PHASE_ANSWER };
struct http_peer {
	enum http_phase phase; /* under way at the end; HTTP_PHASE_ANSWER: connected */
	bool is_tls;
	char address[64];      /* connected to: "10.0.0.1" */
	char proxy[200];       /* "" = none */
	int64_t resolve_ms, connect_ms, tls_ms; /* each phase alone */
	char certificate_issuer[200];           /* "CN = Acme CA"; "" = not known */
	int64_t certificate_expires_at_ms;      /* wall; 0 = not known */
};

struct http_header {
	const char *name, *value;
};

struct http_request {
	const char *method;  /* NULL: GET */
	const char *url;
	const struct http_endpoint *endpoint;
	const struct http_header *headers; /* without credentials: these come from the endpoint */
	size_t n_headers;
	const void *body;
	size_t body_length;
	const struct secret *secret_body; /* instead of `body`: wiped by whoever made it */
	bool is_private;     /* traces show no body and no warning, of either side */
	const struct http_policy *policy; /* NULL: http_policy_default */
	size_t max_bytes;     /* of the body, decompressed; 0 = 16 MiB */
	size_t max_waiting;   /* of a stream: paused when more waits to be read; 0 = 256 KiB */
	bool is_idempotent;   /* true of GET, HEAD, PUT, DELETE without saying; e.g. of a server-side apply */
	bool http1_only;      /* a connection of its own (log streams) */
	bool is_repeated;     /* a GET that is asked again and again: the last answer is kept, a server that has nothing new
	                       * says so (304), and the answer is that of before, with its status */
	bool is_endless;      /* a stream that holds its connection until somebody ends it (watches): apart from requests */
	unsigned max_redirects; /* 0: a redirect is an answer.  Neither credentials nor a body nor unusual
	                         * headers cross an origin; from https to http is refused. */
	struct http_peer *peer; /* filled, also on failure; NULL: nobody asks */
};

struct http_response {
	int status;
	const char *url;                   /* the last one, after redirects */
	const struct http_header *headers; /* names in lower case */
	size_t n_headers;
	const char *body; /* NUL-terminated */
	size_t length;
};

bool http_open(struct loop *loop, struct http **ret, struct error *err) must_use;
/* Cancels what is under way. */
void http_close(struct http *http);
/* The jitter of retries is seeded with this, for tests. */
void http_seed(struct http *http, uint64_t seed);

/* From now on `tell` hears of each request of http_send, once, that has no answer `after_ms` after it began, all
 * tries together.  In real time, whatever the rate of the clock: it is for somebody who waits. */
void http_tell_slow(struct http *http, int64_t after_ms, void (*tell)(void *data, const struct http_request *request),
                    void *data);

bool http_send(struct http *http, const struct http_request *request, struct arena *arena,
               struct http_response *ret, struct error *err) must_use;
/* First value of a header (name in lower case), or NULL. */
const char *http_header_value(const struct http_response *response, const char *name);

/* A body that goes on: watches and logs.  http_stream_open returns when the headers are there;
 * with a status of 400 or more the error body (up to 64 KiB) is in ret_head->body and the stream
 * is closed already (*ret is NULL).  The arena and the endpoint's strings outlive the stream. */
struct http_stream;
bool http_stream_open(struct http *http, const struct http_request *request, struct arena *arena,
                      struct http_response *ret_head, struct http_stream **ret,
                      struct error *err) must_use;
/* Waits for bytes (for ever when max_wait_ms is negative): *ret_bytes points at *ret_length of them, valid until the next call.  A length
 * of 0 is the regular end.  When `max_wait_ms` passed first: true, with *ret_bytes NULL.
 * While nobody reads, the stream is paused after `max_waiting`. */
bool http_stream_read(struct http_stream *stream, int64_t max_wait_ms, const char **ret_bytes,
                      size_t *ret_length, struct error *err) must_use;
void http_stream_close(struct http_stream *stream);

/* `reference` (a Location, a Link) as seen from `base`, RFC 3986 5.2.  Fails: ERROR_BAD_ANSWER. */
bool http_url_resolve(const char *base, const char *reference, struct arena *arena, const char **ret,
                      struct error *err) must_use;
/* "scheme://host:port" of a URL, lower case, default port made explicit.  Fails: ERROR_BAD_ANSWER. */
bool http_origin_of(const char *url, struct arena *arena, const char **ret, struct error *err) must_use;
/* Percent-encodes everything but unreserved characters (RFC 3986 2.3). */
const char *http_escape(const char *text, struct arena *arena);

#endif

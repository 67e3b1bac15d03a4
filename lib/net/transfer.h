/* One try of one request: a curl handle from its options to its end.  For lib/net only.
 *
 *	queued → resolving → connecting → asking → answering → done
 *
 * A request that gets a connection that is open already goes from queued to asking.  Deadlines
 * are ours and real time: curl's would count the wait for a free connection as connecting.
 */
#ifndef PAAS_NET_TRANSFER_H
#define PAAS_NET_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/loop.h"
#include "net/client.h"
#include "net/http.h"
#include "net/url.h"

struct fiber;

enum transfer_phase {
	TRANSFER_QUEUED,     /* waits for a connection */
	TRANSFER_RESOLVING,
	TRANSFER_CONNECTING, /* socket and TLS */
	TRANSFER_ASKING,     /* sent, no answer yet */
	TRANSFER_ANSWERING,
};

enum transfer_deadline { DEADLINE_NONE, DEADLINE_CONNECT, DEADLINE_IDLE, DEADLINE_TOTAL };

struct transfer {
	/* Given. */
	struct http *http;
	const struct http_request *request;
	const struct http_policy *policy;
	struct url url;
	const char *proxy;      /* "" = none */
	struct arena *arena;    /* for headers */
	int64_t total_due_ms;   /* loop's clock; INT64_MAX = never */
	bool is_stream;
	/* Under way. */
	CURL *easy;             /* NULL when done */
	struct curl_slist *header_list, *connect_to;
	struct fiber *waiter;
	struct transfer *next;  /* of http->transfers */
	struct loop_timer timer;
	enum transfer_phase phase;
	int64_t started_ms, connect_started_ms, last_byte_ms; /* loop's clock */
	bool is_paused;
	/* Outcome. */
	bool has_head, is_done, is_too_large;
	CURLcode result;
	enum transfer_deadline missed;
	int elapsed_ms;         /* real */
	bool reached_tls;       /* the socket was connected */
	char error_text[CURL_ERROR_SIZE];
	int os_error;
	int status;
	struct http_header *headers;
	size_t n_headers, header_capacity, header_bytes;
	struct buf body;        /* of a stream: what arrived and was not read yet */
};

enum {
	TRANSFER_BODY_DEFAULT = 16 * 1024 * 1024,
	TRANSFER_STREAM_BUFFER = 256 * 1024, /* a stream that holds more is paused, unless it says another */
	TRANSFER_ERROR_BODY = 64 * 1024,     /* what is kept of the body of a failed stream */
	TRANSFER_HEADER_BYTES = 256 * 1024,
};

/* The given part must be filled, the rest zero; transfer_release is due afterwards, also on
 * failure.  Fails: ERROR_INVALID_FILE (credentials for plain http), ERROR_USAGE (header values
 * with line breaks). */
bool transfer_start(struct transfer *transfer, struct error *err) must_use;
/* Until the headers are there or it is done. False when the fiber was cancelled. */
bool transfer_wait_head(struct transfer *transfer);
bool transfer_wait_end(struct transfer *transfer);
/* Ends it with a result: curl's, or ours for a deadline or a cancellation. */
void transfer_finish(struct transfer *transfer, CURLcode result);
void transfer_resume(struct transfer *transfer);
void transfer_release(struct transfer *transfer);

/* Phase and deadlines changed. */
void transfer_enter(struct transfer *transfer, enum transfer_phase phase);

static inline size_t
transfer_max_waiting(const struct http_request *request)
{
	return request->max_waiting != 0 ? request->max_waiting : TRANSFER_STREAM_BUFFER;
}

/* transfer_options.c: all that curl must know. */
bool transfer_set_options(struct transfer *transfer, struct error *err) must_use;
/* transfer_answer.c: curl's callbacks for headers and body; `data` is the transfer. */
size_t transfer_take_header(char *bytes, size_t size, size_t count, void *data);
size_t transfer_take_body(char *bytes, size_t size, size_t count, void *data);

/* transfer_peer.c: fills request->peer from the handle, before it goes. */
void transfer_put_peer(const struct transfer *transfer);

/* transfer_failure.c: what went wrong, for people; always false. */
bool transfer_put_error(const struct transfer *transfer, struct error *err);
/* May another try end differently? */
bool transfer_is_retryable(const struct transfer *transfer);
/* "https://host/path" without query, which may hold secrets. */
const char *transfer_shown_url(const struct transfer *transfer, struct arena *arena);
/* Without the password that it may hold; "" = none. */
const char *transfer_shown_proxy(const struct transfer *transfer);
/* Did the socket get as far as TLS, and no further? */
bool transfer_is_in_tls(const struct transfer *transfer);
/* Is the request for the endpoint's own origin? */
bool transfer_is_home(const struct transfer *transfer);

#endif

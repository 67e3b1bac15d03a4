/* The inside of `struct http`: curl's sockets and timers on the event loop.  For lib/net only. */
#ifndef PAAS_NET_CLIENT_H
#define PAAS_NET_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/loop.h"
#include "net/curl_library.h"
#include "net/trust.h"

struct http_request;
struct recall;
struct transfer;
struct socket_watch;

/* One multi handle.  Three are kept: a cap of connections a host suits requests, which share them
 * (HTTP/2), and would starve streams, which hold them; and a stream that may share waits until it
 * is known whether the connections to its host can be shared, which those of streams alone
 * (http1_only) tell only with their first byte: a log may be silent for hours. */
struct connections {
	struct http *http;
	CURLM *multi;
	struct loop_timer timer;
};

struct http {
	struct loop *loop;
	struct connections requests, streams, lone_streams;
	struct socket_watch *free_sockets; /* kept: the loop may look at one that is gone once more */
	struct transfer *transfers;        /* under way */
	struct trust trust;
	struct arena arena;
	struct recall *recall; /* NULL until something is kept */
	uint64_t random;
	int64_t slow_ms; /* see http_tell_slow */
	void (*tell_slow)(void *data, const struct http_request *request);
	void *slow_data;
	unsigned n_users; /* calls that still hold it */
	bool is_closed;
};

/* The struct outlives http_close until the calls that it cancelled have unwound. */
void http_hold(struct http *http);
void http_let_go(struct http *http);
/* The next of the seeded sequence. */
uint64_t http_random(struct http *http);

#endif

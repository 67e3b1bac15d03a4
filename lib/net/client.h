/* The inside of `struct http`: curl's sockets and timers on the event loop.  For lib/net only. */
#ifndef PAAS_NET_CLIENT_H
#define PAAS_NET_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/loop.h"
#include "net/curl_library.h"
#include "net/trust.h"

struct transfer;
struct socket_watch;

/* One multi handle. Two are kept: a cap of connections a host suits requests, which share them
 * (HTTP/2), and would starve streams, which hold them. */
struct connections {
	struct http *http;
	CURLM *multi;
	struct loop_timer timer;
};

struct http {
	struct loop *loop;
	struct connections requests, streams;
	struct socket_watch *free_sockets; /* kept: the loop may look at one that is gone once more */
	struct transfer *transfers;        /* under way */
	struct trust trust;
	struct arena arena;
	uint64_t random;
	unsigned n_users; /* calls that still hold it */
	bool is_closed;
};

/* The struct outlives http_close until the calls that it cancelled have unwound. */
void http_hold(struct http *http);
void http_let_go(struct http *http);
/* The next of the seeded sequence. */
uint64_t http_random(struct http *http);

#endif

/* curl drives nothing by itself here: it names sockets and a time, the loop tells when they are
 * ready (curl's "multi_socket" interface). */
#include "net/http.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "net/client.h"
#include "net/recall.h"
#include "net/transfer.h"

const struct http_policy http_policy_default = {
	.tries = 4, .base_ms = 200, .cap_ms = 5000,
	.connect_ms = 5000, .idle_ms = 20000, .total_ms = 30000,
};
const struct http_policy http_policy_stream = {.tries = 1, .connect_ms = 5000, .idle_ms = 150000};

struct socket_watch {
	struct loop_watch watch;
	struct connections *connections;
	struct socket_watch *next_free;
};

/* ---- curl to loop ---- */

static void
collect_finished(struct connections *connections)
{
	CURLMsg *message;
	int n_left;
	while ((message = curl_library.multi_info_read(connections->multi, &n_left)) != NULL) {
		struct transfer *transfer = NULL;
		CURLcode result = message->data.result; /* message dies with the handle's removal */
		curl_library.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		transfer_finish(transfer, result);
	}
}

static void
act(struct connections *connections, curl_socket_t fd, int events)
{
	int n_running;
	curl_library.multi_socket_action(connections->multi, fd, events, &n_running);
	collect_finished(connections);
}

static void
socket_ready(struct loop_watch *watch, uint32_t events)
{
	struct socket_watch *socket = watch->data;
	act(socket->connections, watch->fd,
	    (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
		    (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0));
}

static void
time_passed(struct loop_timer *timer)
{
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static struct socket_watch *
socket_new(struct connections *connections, curl_socket_t fd)
{
	struct http *http = connections->http;
	struct socket_watch *socket = http->free_sockets;
	if (socket != NULL)
		http->free_sockets = socket->next_free;
	else if ((socket = calloc(1, sizeof *socket)) == NULL)
		abort();
	/* Not cleared as a whole: the loop tells a stale event by the watch's own fields. */
	socket->connections = connections;
	socket->watch.fd = fd;
	socket->watch.ready = socket_ready;
	socket->watch.data = socket;
	return socket;
}

static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *assigned)
{
	struct connections *connections = data;
	struct http *http = connections->http;
	struct socket_watch *socket = assigned;
	struct error ignored; /* a socket that cannot be watched ends at its deadline */
	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (socket == NULL)
			return 0;
		loop_watch_remove(http->loop, &socket->watch);
		socket->next_free = http->free_sockets;
		http->free_sockets = socket;
		curl_library.multi_assign(connections->multi, fd, NULL);
		return 0;
	}
	if (socket == NULL) {
		socket = socket_new(connections, fd);
		curl_library.multi_assign(connections->multi, fd, socket);
	}
	loop_watch_set(http->loop, &socket->watch,
	               (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u), &ignored);
	return 0;
}

static int
set_timer(CURLM *multi, long timeout_ms, void *data)
{
	struct connections *connections = data;
	(void)multi;
	if (timeout_ms < 0)
		loop_timer_cancel(connections->http->loop, &connections->timer);
	else /* curl counts in real time, the loop at the clock's rate */
		loop_timer_set(connections->http->loop, &connections->timer, (int64_t)timeout_ms * clock_rate());
	return 0;
}

/* ---- life ---- */

static void
connections_open(struct http *http, struct connections *connections)
{
	connections->http = http;
	connections->timer = (struct loop_timer){.fire = time_passed, .data = connections};
	connections->multi = curl_library.multi_init();
	if (connections->multi == NULL)
		abort();
	curl_library.multi_setopt(connections->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_library.multi_setopt(connections->multi, CURLMOPT_SOCKETDATA, connections);
	curl_library.multi_setopt(connections->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_library.multi_setopt(connections->multi, CURLMOPT_TIMERDATA, connections);
}

static void
connections_close(struct connections *connections)
{
	curl_library.multi_cleanup(connections->multi);
	loop_timer_cancel(connections->http->loop, &connections->timer);
}

bool
http_open(struct loop *loop, struct http **ret, struct error *err)
{
	/* PIPEWAIT alone opened up to 201 connections for 300 requests; with a cap, HTTP/2 shares one
	 * and HTTP/1.1 gets as many as browsers give it. */
	const long max_host_connections = 6;
	struct arena arena = {0};
	struct trust trust;
	if (!curl_library_load(err) || !trust_find(&arena, &trust, err)) {
		arena_release(&arena);
		return false;
	}
	struct http *http = calloc(1, sizeof *http);
	if (http == NULL || sodium_init() < 0)
		abort();
	*http = (struct http){.loop = loop, .trust = trust, .arena = arena, .n_users = 1};
	randombytes_buf(&http->random, sizeof http->random);
	connections_open(http, &http->requests);
	connections_open(http, &http->streams);
	connections_open(http, &http->lone_streams);
	curl_library.multi_setopt(http->requests.multi, CURLMOPT_MAX_HOST_CONNECTIONS, max_host_connections);
	*ret = http;
	return true;
}

void
http_close(struct http *http)
{
	if (http == NULL)
		return;
	http->is_closed = true;
	while (http->transfers != NULL)
		transfer_finish(http->transfers, CURLE_ABORTED_BY_CALLBACK);
	connections_close(&http->requests);
	connections_close(&http->streams);
	connections_close(&http->lone_streams);
	while (http->free_sockets != NULL) {
		struct socket_watch *socket = http->free_sockets;
		http->free_sockets = socket->next_free;
		free(socket);
	}
	http_let_go(http);
}

void
http_hold(struct http *http)
{
	http->n_users++;
}

void
http_let_go(struct http *http)
{
	if (--http->n_users > 0)
		return;
	recall_free(http->recall);
	arena_release(&http->arena);
	free(http);
}

void
http_seed(struct http *http, uint64_t seed)
{
	http->random = seed;
}

void
http_tell_slow(struct http *http, int64_t after_ms, void (*tell)(void *data, const struct http_request *request),
               void *data)
{
	http->slow_ms = after_ms;
	http->tell_slow = tell;
	http->slow_data = data;
}

/* splitmix64 (Vigna, public domain). */
uint64_t
http_random(struct http *http)
{
	uint64_t z = http->random += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

const char *
http_header_value(const struct http_response *response, const char *name)
{
	for (size_t i = 0; i < response->n_headers; i++) {
		if (strcmp(response->headers[i].name, name) == 0)
			return response->headers[i].value;
	}
	return NULL;
}

#include "auth/loopback_listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/secret.h"

enum { CLIENTS_MAX = 16, HEAD_MAX = 16 * 1024, ANSWER_MAX = 2048 };

struct client {
	struct loop_watch watch;
	bool is_open;
	size_t length;
	char head[HEAD_MAX];
};

struct loopback_listener {
	struct loopback_options options;
	struct loop_watch watch;
	const char *host;
	uint16_t port;
	size_t next; /* whose place the next client takes: that of the one who has been here longest */
	struct client clients[CLIENTS_MAX];
};

/* ---- pages ---- */

/* The address holds the code: it leaves the history before the window closes. */
#define SCRIPT "history.replaceState(null,\"\",\"/\");window.close()"
/* Of SCRIPT; a test compares. */
#define SCRIPT_SHA256 "sha256-756gkIbiUnb8obE15kOkUyNj4a1ZPwwlfzIPcXtYld4="

static const struct page {
	const char *status, *text;
} page_granted = {"200 OK", "You may close this window and go back to the terminal."},
  page_refused = {"200 OK", "There is no login from here. The terminal says why; you may close this window."},
  page_not_it = {"400 Bad Request", "This is not the answer that paas waits for."},
  page_not_found = {"404 Not Found", "There is nothing here."},
  page_not_get = {"405 Method Not Allowed", "Only GET is known here."},
  page_too_large = {"431 Request Header Fields Too Large", "That is too long."};

static void
send_page(const struct client *client, const struct page *page)
{
	char body[ANSWER_MAX / 2], answer[ANSWER_MAX];
	int length = snprintf(body, sizeof body, "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>paas</title>"
	                      "<p>%s</p><script>" SCRIPT "</script></html>\n", page->text);
	int total = snprintf(answer, sizeof answer,
	                     "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n"
	                     "Content-Security-Policy: default-src 'none'; script-src '" SCRIPT_SHA256 "'; base-uri 'none'; "
	                     "form-action 'none'; frame-ancestors 'none'\r\n"
	                     "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\r\n%s",
	                     page->status, length, body);
	/* A fresh socket takes that much at once; a client that resets has given up. */
	ssize_t ignored = send(client->watch.fd, answer, (size_t)total, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)ignored;
}

/* ---- clients ---- */

static void
drop(struct loopback_listener *listener, struct client *client)
{
	if (!client->is_open)
		return;
	loop_watch_remove(listener->options.loop, &client->watch);
	close(client->watch.fd);
	secret_wipe(client->head, client->length); /* it may hold the code */
	client->is_open = false;
}

/* No more answers are wanted. */
static void
stop(struct loopback_listener *listener)
{
	loop_watch_remove(listener->options.loop, &listener->watch);
	if (listener->watch.fd >= 0)
		close(listener->watch.fd);
	listener->watch.fd = -1;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		drop(listener, &listener->clients[i]);
}

/* The target of "GET target HTTP/1.1"; false when it is none. */
static bool
read_target(const char *head, size_t length, const char **ret, size_t *ret_length)
{
	static const char method[] = "GET ";
	const char *target = head + sizeof method - 1, *end = memchr(head, '\r', length);
	if (end == NULL || strncmp(head, method, sizeof method - 1) != 0)
		return false;
	const char *space = memchr(target, ' ', (size_t)(end - target));
	if (space == NULL || end - space != (ptrdiff_t)strlen(" HTTP/1.1") || strncmp(space, " HTTP/1.", 8) != 0)
		return false;
	*ret = target;
	*ret_length = (size_t)(space - target);
	return true;
}

static void
answer(struct loopback_listener *listener, struct client *client)
{
	const char *target, *path = listener->options.path;
	size_t length, path_length = strlen(path);
	if (!read_target(client->head, client->length, &target, &length)) {
		send_page(client, &page_not_get);
		return;
	}
	if (length < path_length || strncmp(target, path, path_length) != 0 || (length > path_length && target[path_length] != '?')) {
		send_page(client, &page_not_found);
		return;
	}
	size_t skipped = length > path_length ? path_length + 1 : path_length;
	enum loopback_verdict verdict = listener->options.judge(listener->options.data, target + skipped, length - skipped);
	send_page(client, verdict == LOOPBACK_GRANTED ? &page_granted : verdict == LOOPBACK_REFUSED ? &page_refused : &page_not_it);
	if (verdict != LOOPBACK_NOT_IT)
		stop(listener);
}

static void
client_ready(struct loop_watch *watch, uint32_t events)
{
	struct client *client = container_of(watch, struct client, watch);
	struct loopback_listener *listener = watch->data;
	(void)events;
	for (;;) {
		ssize_t n = recv(watch->fd, client->head + client->length, HEAD_MAX - client->length, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0)
			break;
		client->length += (size_t)n;
		bool is_whole = memmem(client->head, client->length, "\r\n\r\n", 4) != NULL;
		if (!is_whole && client->length < HEAD_MAX)
			continue;
		if (is_whole)
			answer(listener, client);
		else
			send_page(client, &page_too_large);
		break;
	}
	drop(listener, client);
}

static void
listener_ready(struct loop_watch *watch, uint32_t events)
{
	struct loopback_listener *listener = watch->data;
	struct error ignored;
	(void)events;
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	struct client *client = &listener->clients[listener->next++ % CLIENTS_MAX];
	drop(listener, client);
	client->watch = (struct loop_watch){.fd = fd, .ready = client_ready, .data = listener};
	client->length = 0;
	client->is_open = true;
	if (!loop_watch_set(listener->options.loop, &client->watch, EPOLLIN, &ignored))
		drop(listener, client);
}

/* ---- life ---- */

/* Any free port of `address`, which learns it. */
static bool
listen_at(int family, struct sockaddr *address, socklen_t length, int *ret)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && bind(fd, address, length) == 0 && listen(fd, CLIENTS_MAX) == 0 && getsockname(fd, address, &length) == 0) {
		*ret = fd;
		return true;
	}
	int why = errno;
	if (fd >= 0)
		close(fd);
	errno = why;
	return false;
}

/* RFC 8252 7.3 wants both: a sandbox or a container may have but one. */
static bool
listen_anywhere(struct loopback_listener *listener, struct error *err)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd;
	if (listen_at(AF_INET, (struct sockaddr *)&four, sizeof four, &fd)) {
		listener->host = "127.0.0.1";
		listener->port = ntohs(four.sin_port);
	} else if (listen_at(AF_INET6, (struct sockaddr *)&six, sizeof six, &fd)) {
		listener->host = "[::1]";
		listener->port = ntohs(six.sin6_port);
	} else {
		return error_set(err, ERROR_FAILED, "listening on 127.0.0.1 and on ::1: %s", strerror(errno));
	}
	listener->watch.fd = fd;
	return loop_watch_set(listener->options.loop, &listener->watch, EPOLLIN, err);
}

bool
loopback_listener_open(const struct loopback_options *options, struct loopback_listener **ret, struct error *err)
{
	struct loopback_listener *listener = calloc(1, sizeof *listener);
	if (listener == NULL)
		abort();
	listener->options = *options;
	listener->watch = (struct loop_watch){.fd = -1, .ready = listener_ready, .data = listener};
	if (!listen_anywhere(listener, err)) {
		loopback_listener_close(listener);
		return false;
	}
	*ret = listener;
	return true;
}

void
loopback_listener_close(struct loopback_listener *listener)
{
	if (listener == NULL)
		return;
	stop(listener);
	free(listener);
}

uint16_t
loopback_listener_port(const struct loopback_listener *listener)
{
	return listener->port;
}

const char *
loopback_listener_host(const struct loopback_listener *listener)
{
	return listener->host;
}

/* A port on 127.0.0.1, or on ::1 of a machine without that, where the browser comes back once (RFC 8252 7.3).  For lib/auth only.
 *
 * Takes one GET of one path; others are told 404.  Reads bounded heads and no bodies; a client that
 * says nothing (browsers connect ahead) holds up nobody.  When the answer is there, the port closes.
 */
#ifndef PAAS_AUTH_LOOPBACK_LISTENER_H
#define PAAS_AUTH_LOOPBACK_LISTENER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct loop;
struct loopback_listener;

enum loopback_verdict {
	LOOPBACK_NOT_IT,  /* told 400; goes on listening */
	LOOPBACK_GRANTED, /* these two end it, with a page that says so */
	LOOPBACK_REFUSED,
};

struct loopback_options {
	struct loop *loop;
	const char *path; /* "/callback" */
	/* What follows the '?', as sent; valid during the call. */
	enum loopback_verdict (*judge)(void *data, const char *query, size_t length);
	void *data;
};

/* Fails: ERROR_FAILED. */
bool loopback_listener_open(const struct loopback_options *options, struct loopback_listener **ret, struct error *err) must_use;
void loopback_listener_close(struct loopback_listener *listener);
uint16_t loopback_listener_port(const struct loopback_listener *listener);
/* As in a URL: "127.0.0.1" or "[::1]". */
const char *loopback_listener_host(const struct loopback_listener *listener) returns_text;

#endif

/* An http(s) server on 127.0.0.1, on the event loop: one handler, answers now or later.
 *
 * The handler gets each request with its whole (bounded) body and answers it once, from within or
 * any time after: whole (web_respond) or as a stream that grows (web_stream_open, _push, _end).
 * A request lives until its answer is sent or its client is gone; `closed` tells which, last of
 * all, and only if the handler set it.
 *
 *	static void handle(void *data, struct web_request *request)
 *	{
 *		web_add_header(request, "Content-Type", "text/plain");
 *		web_respond(request, 200, "hello\n", 6);
 *	}
 */
#ifndef PAAS_WEB_SERVER_H
#define PAAS_WEB_SERVER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct loop;
struct web_server;

struct web_request {
	const char *method;        /* "GET" */
	const char *target;        /* as sent: "/a%20b?c=d" */
	const char *path;          /* decoded, without the query: "/a b" */
	const char *body;          /* NUL-terminated */
	size_t body_length;
	struct arena *arena;       /* released with the request */
	void *data;                /* the handler's */
	void (*closed)(struct web_request *request, bool is_complete); /* the handler's */
};

struct web_server_options {
	struct loop *loop;
	uint16_t port;             /* 0 = any free one */
	const char *certificate_pem, *key_pem; /* both NULL = plain http */
	const char *client_ca_pem; /* clients are asked for a certificate of this authority; NULL = they are not */
	size_t max_body_bytes;     /* larger requests are answered 413; 0 = 4 MiB */
	size_t max_stream_bytes;   /* unread bytes of a stream before it is cut; 0 = 64 MiB */
	void (*handle)(void *data, struct web_request *request);
	void *data;
};

/* Fails: ERROR_FAILED (library missing, port taken, unusable certificate). */
bool web_server_open(const struct web_server_options *options, struct web_server **ret,
                     struct error *err) must_use;
/* Cuts what is not answered. */
void web_server_close(struct web_server *server);
uint16_t web_server_port(const struct web_server *server);

/* The first of that name, decoded, or NULL; "" for a query parameter without a value. */
const char *web_header(const struct web_request *request, const char *name);
/* All of that name joined with ", " (RFC 9110 5.3), or NULL. */
const char *web_header_list(const struct web_request *request, const char *name);
const char *web_query(const struct web_request *request, const char *name);

/* Whom the certificate names that the client showed and that client_ca_pem signed, an e-mail address; NULL when it
 * showed none of these. */
const char *web_client(const struct web_request *request);

/* Before the answer; names may repeat. */
void web_add_header(struct web_request *request, const char *name, const char *value);

/* Copies the body. */
void web_respond(struct web_request *request, unsigned status, const void *body, size_t length);
/* As compact application/json; steals `answer`.  NULL, which jansson makes of an answer that quotes bytes of
 * the request that are no UTF-8: 400. */
void web_respond_json(struct web_request *request, unsigned status, json_t *answer);
/* An answer in chunks, or one that declares `declared_length` bytes (UINT64_MAX: chunks). */
void web_stream_open(struct web_request *request, unsigned status, uint64_t declared_length);
/* False when the client reads too slowly for what is unread: the stream is cut. */
bool web_stream_push(struct web_request *request, const void *bytes, size_t length);
void web_stream_end(struct web_request *request);

/* Closes the connection: before an answer, or where the stream stands (after what was pushed).
 * `reset` sends RST in place of FIN. */
void web_cut(struct web_request *request, bool reset);
/* Spoils the answer still to come, for tests of clients. */
enum web_sabotage {
	WEB_INTACT,
	WEB_CUT_BODY,         /* closes in the middle of the body (of a stream: of its first bytes) */
	WEB_CUT_AFTER,        /* closes after the answer, though nothing announced it */
	WEB_LIE_ABOUT_LENGTH, /* declares more than it sends, then closes */
};
void web_spoil(struct web_request *request, enum web_sabotage sabotage);

#endif

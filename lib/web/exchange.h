/* A request and what becomes of it, as the files of this folder see it: server.c receives,
 * answer.c answers. */
#ifndef PAAS_WEB_EXCHANGE_H
#define PAAS_WEB_EXCHANGE_H

#include <microhttpd.h>

#include "base/buf.h"
#include "base/loop.h"
#include "web/server.h"

/* libmicrohttpd, once a server was opened. */
struct mhd_library {
	__typeof__(MHD_start_daemon) *start_daemon;
	__typeof__(MHD_stop_daemon) *stop_daemon;
	__typeof__(MHD_run) *run;
	__typeof__(MHD_get_timeout) *get_timeout;
	__typeof__(MHD_get_daemon_info) *get_daemon_info;
	__typeof__(MHD_get_connection_info) *get_connection_info;
	__typeof__(MHD_suspend_connection) *suspend_connection;
	__typeof__(MHD_resume_connection) *resume_connection;
	__typeof__(MHD_lookup_connection_value) *lookup_connection_value;
	__typeof__(MHD_get_connection_values) *get_connection_values;
	__typeof__(MHD_create_response_from_buffer) *create_response_from_buffer;
	__typeof__(MHD_create_response_from_callback) *create_response_from_callback;
	__typeof__(MHD_add_response_header) *add_response_header;
	__typeof__(MHD_queue_response) *queue_response;
	__typeof__(MHD_destroy_response) *destroy_response;
};
extern struct mhd_library mhd;

struct web_server {
	struct web_server_options options;
	struct MHD_Daemon *daemon;
	uint16_t port;
	struct loop_watch watch;  /* libmicrohttpd's epoll descriptor */
	struct loop_timer timer;  /* when libmicrohttpd wants to run again */
	struct exchange *exchanges;
};

struct header {
	const char *name, *value;
	struct header *next;
};

/* A request and what becomes of it. */
struct exchange {
	struct web_request request;  /* first, so that a request is an exchange */
	struct web_server *server;
	struct exchange *next, **link; /* of server->exchanges */
	struct arena arena;
	struct MHD_Connection *connection;
	struct loop_watch hang_up;   /* our look at the socket while suspended */
	struct buf body;
	struct header *headers, **last_header;
	unsigned status;             /* 0 = not answered yet */
	struct buf output;           /* of a stream: not yet read by libmicrohttpd */
	size_t output_read;
	uint64_t declared_length;
	bool is_begun, is_handled, is_queued, is_suspended;
	bool is_stream, is_ended, is_cut;
	enum web_sabotage sabotage;
};

static inline struct exchange *
exchange_of(const struct web_request *request)
{
	return (struct exchange *)(uintptr_t)request;
}

/* Until there is something to send, libmicrohttpd does not look at the connection. */
void exchange_suspend(struct exchange *exchange);
/* Nothing when it is not suspended. */
void exchange_resume(struct exchange *exchange);
int exchange_socket(const struct exchange *exchange);
/* Hands the answer, or the stream's beginning, to libmicrohttpd. */
enum MHD_Result exchange_queue_answer(struct exchange *exchange);

#endif

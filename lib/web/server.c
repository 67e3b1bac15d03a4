/* libmicrohttpd in external epoll mode: its epoll descriptor is watched by our loop, its timeout is
 * a timer of ours, and a connection with nothing to send is suspended, so that nothing spins.
 *
 *   received --handle--> answered --queue--> sending <--> (stream: suspended while empty) --> closed
 *       \--not answered yet: suspended--/
 *
 * A suspended connection is not looked at by libmicrohttpd; we watch its socket for the client's
 * end ourselves.  The handler's first call only takes note: answering it there would close the
 * connection each time. */
#include "web/server.h"

#include <errno.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/library.h"
#include "web/exchange.h"

enum {
	DEFAULT_BODY_BYTES = 4 << 20,
	DEFAULT_STREAM_BYTES = 64 << 20,
	CONNECTIONS_MAX = 4000,
};

struct mhd_library mhd;

#define SYMBOL(name) LIBRARY_SYMBOL(MHD_##name, mhd.name)
static const struct library_symbol symbols[] = {
	SYMBOL(start_daemon), SYMBOL(stop_daemon), SYMBOL(run), SYMBOL(get_timeout),
	SYMBOL(get_daemon_info), SYMBOL(get_connection_info), SYMBOL(suspend_connection),
	SYMBOL(resume_connection), SYMBOL(lookup_connection_value), SYMBOL(get_connection_values),
	SYMBOL(create_response_from_buffer), SYMBOL(create_response_from_callback),
	SYMBOL(add_response_header), SYMBOL(queue_response), SYMBOL(destroy_response),
};

/* ---- the loop ---- */

static void
run_soon(struct web_server *server)
{
	loop_timer_set(server->options.loop, &server->timer, 0);
}

static void
run_daemon(struct web_server *server)
{
	unsigned long long timeout_ms;
	loop_timer_cancel(server->options.loop, &server->timer);
	mhd.run(server->daemon);
	bool is_resuming = server->timer.place != 0;
	if (!is_resuming && mhd.get_timeout(server->daemon, &timeout_ms) == MHD_YES)
		loop_timer_set(server->options.loop, &server->timer, (int64_t)timeout_ms);
}

static void
watch_ready(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	run_daemon(watch->data);
}

static void
timer_fired(struct loop_timer *timer)
{
	run_daemon(timer->data);
}

/* ---- suspending ---- */

int
exchange_socket(const struct exchange *exchange)
{
	return mhd.get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
		->connect_fd;
}

void
exchange_resume(struct exchange *exchange)
{
	if (!exchange->is_suspended)
		return;
	exchange->is_suspended = false;
	loop_watch_remove(exchange->server->options.loop, &exchange->hang_up);
	mhd.resume_connection(exchange->connection);
	run_soon(exchange->server);
}

static void
client_hung_up(struct loop_watch *watch, uint32_t events)
{
	struct exchange *exchange = watch->data;
	(void)events;
	exchange->is_cut = true;
	exchange_resume(exchange);
}

void
exchange_suspend(struct exchange *exchange)
{
	struct error ignored;
	exchange->is_suspended = true;
	exchange->hang_up = (struct loop_watch){
		.fd = exchange_socket(exchange), .ready = client_hung_up, .data = exchange};
	/* Without the watch the end is only seen at the next write. */
	if (!loop_watch_set(exchange->server->options.loop, &exchange->hang_up, EPOLLRDHUP, &ignored))
		exchange->hang_up.is_added = false;
	mhd.suspend_connection(exchange->connection);
}

/* ---- requests ---- */

const char *
web_header(const struct web_request *request, const char *name)
{
	return mhd.lookup_connection_value(exchange_of(request)->connection, MHD_HEADER_KIND, name);
}

struct wanted {
	const char *name, *value;
};

struct joined {
	const char *name, *value;
	struct arena *arena;
};

static enum MHD_Result
join_header(void *data, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct joined *joined = data;
	(void)kind;
	if (strcasecmp(name, joined->name) == 0)
		joined->value = joined->value == NULL
		                        ? value
		                        : arena_printf(joined->arena, "%s, %s", joined->value, value);
	return MHD_YES;
}

const char *
web_header_list(const struct web_request *request, const char *name)
{
	struct joined joined = {.name = name, .arena = request->arena};
	mhd.get_connection_values(exchange_of(request)->connection, MHD_HEADER_KIND, join_header, &joined);
	return joined.value;
}

static enum MHD_Result
match_query(void *data, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct wanted *wanted = data;
	(void)kind;
	if (wanted->value == NULL && strcmp(name, wanted->name) == 0)
		wanted->value = value == NULL ? "" : value;
	return MHD_YES;
}

const char *
web_query(const struct web_request *request, const char *name)
{
	struct wanted wanted = {.name = name};
	mhd.get_connection_values(exchange_of(request)->connection, MHD_GET_ARGUMENT_KIND, match_query,
	                          &wanted);
	return wanted.value;
}

/* libmicrohttpd calls this first; what it returns becomes *context of the handler. */
static void *
begin_exchange(void *data, const char *target, struct MHD_Connection *connection)
{
	struct web_server *server = data;
	struct exchange *exchange = calloc(1, sizeof *exchange);
	if (exchange == NULL)
		abort();
	exchange->server = server;
	exchange->connection = connection;
	exchange->body = (struct buf)BUF_INIT(server->options.max_body_bytes);
	exchange->output = (struct buf)BUF_INIT(server->options.max_stream_bytes);
	exchange->last_header = &exchange->headers;
	exchange->request.arena = &exchange->arena;
	exchange->request.target = arena_strdup(&exchange->arena, target);
	exchange->next = server->exchanges;
	exchange->link = &server->exchanges;
	if (exchange->next != NULL)
		exchange->next->link = &exchange->next;
	server->exchanges = exchange;
	return exchange;
}

static void
end_exchange(void *data, struct MHD_Connection *connection, void **context,
             enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *context;
	(void)data;
	(void)connection;
	if (exchange == NULL)
		return;
	*context = NULL;
	loop_watch_remove(exchange->server->options.loop, &exchange->hang_up);
	if (exchange->sabotage == WEB_CUT_AFTER)
		shutdown(exchange_socket(exchange), SHUT_RDWR);
	if (exchange->request.closed != NULL)
		exchange->request.closed(&exchange->request, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	*exchange->link = exchange->next;
	if (exchange->next != NULL)
		exchange->next->link = exchange->link;
	buf_release(&exchange->body);
	buf_release(&exchange->output);
	arena_release(&exchange->arena);
	free(exchange);
}

static void
handle_exchange(struct exchange *exchange, const char *method, const char *path)
{
	static const char too_large[] = "request body too large\n";
	exchange->is_handled = true;
	exchange->request.method = arena_strdup(&exchange->arena, method);
	exchange->request.path = arena_strdup(&exchange->arena, path);
	exchange->request.body = exchange->body.bytes;
	exchange->request.body_length = exchange->body.length;
	if (exchange->body.overflow)
		web_respond(&exchange->request, MHD_HTTP_CONTENT_TOO_LARGE, too_large,
		            sizeof too_large - 1);
	else
		exchange->server->options.handle(exchange->server->options.data, &exchange->request);
}

static enum MHD_Result
receive(void *data, struct MHD_Connection *connection, const char *path, const char *method,
        const char *version, const char *upload, size_t *upload_length, void **context)
{
	struct exchange *exchange = *context;
	(void)data;
	(void)connection;
	(void)version;
	if (!exchange->is_begun) {
		exchange->is_begun = true;
		return MHD_YES;
	}
	if (*upload_length > 0) {
		buf_add(&exchange->body, upload, *upload_length);
		*upload_length = 0;
		return MHD_YES;
	}
	if (!exchange->is_handled)
		handle_exchange(exchange, method, path);
	if (exchange->status != 0 && !exchange->is_queued)
		return exchange_queue_answer(exchange);
	if (exchange->is_cut)
		return MHD_NO;
	if (!exchange->is_queued && !exchange->is_suspended)
		exchange_suspend(exchange);
	return MHD_YES;
}

/* ---- life ---- */

static bool
start_daemon(struct web_server *server, struct error *err)
{
	const struct web_server_options *options = &server->options;
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(options->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	bool is_tls = options->certificate_pem != NULL;
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->certificate_pem},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->key_pem},
		{options->client_ca_pem != NULL ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0,
	         (void *)(uintptr_t)options->client_ca_pem},
		{MHD_OPTION_END, 0, NULL},
	};
	struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

	server->daemon = mhd.start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK | (is_tls ? MHD_USE_TLS : 0u),
		options->port, NULL, NULL, receive, server,
		MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
		MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, server,
		MHD_OPTION_NOTIFY_COMPLETED, end_exchange, server,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
		MHD_OPTION_ARRAY, is_tls ? tls : none, MHD_OPTION_END);
	if (server->daemon == NULL)
		return error_set(err, ERROR_FAILED, "listening on 127.0.0.1:%u: %s", options->port,
		                 strerror(errno));
	server->port = mhd.get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
	return true;
}

static struct web_server *
server_new(const struct web_server_options *options)
{
	struct web_server *server = calloc(1, sizeof *server);
	if (server == NULL)
		abort();
	server->options = *options;
	if (server->options.max_body_bytes == 0)
		server->options.max_body_bytes = DEFAULT_BODY_BYTES;
	if (server->options.max_stream_bytes == 0)
		server->options.max_stream_bytes = DEFAULT_STREAM_BYTES;
	server->timer = (struct loop_timer){.fire = timer_fired, .data = server};
	return server;
}

bool
web_server_open(const struct web_server_options *options, struct web_server **ret, struct error *err)
{
	if (!library_load(LIBRARY_MICROHTTPD, symbols, array_length(symbols), err))
		return false;
	struct web_server *server = server_new(options);
	if (!start_daemon(server, err)) {
		free(server);
		return false;
	}
	server->watch = (struct loop_watch){
		.fd = mhd.get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
		.ready = watch_ready, .data = server};
	if (!loop_watch_set(options->loop, &server->watch, EPOLLIN, err)) {
		web_server_close(server);
		return false;
	}
	*ret = server;
	return true;
}

void
web_server_close(struct web_server *server)
{
	if (server == NULL)
		return;
	/* libmicrohttpd refuses to stop while connections are suspended. */
	for (struct exchange *at = server->exchanges, *next; at != NULL; at = next) {
		next = at->next;
		at->is_cut = true;
		exchange_resume(at);
	}
	mhd.run(server->daemon);
	loop_watch_remove(server->options.loop, &server->watch);
	mhd.stop_daemon(server->daemon);
	loop_timer_cancel(server->options.loop, &server->timer);
	free(server);
}

uint16_t
web_server_port(const struct web_server *server)
{
	return server->port;
}

#include "web/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/epoll.h>
#include <time.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/loop.h"
#include "web/certificate.h"

static struct loop *loop;
static struct web_server *server;
static struct web_request *held;  /* by /later and /stream */
static int n_closed, n_complete;
static struct loop_watch client;
static char reply[70000];
static size_t reply_length;
static bool is_at_end;

static void
closed(struct web_request *request, bool is_complete)
{
	n_closed++;
	n_complete += is_complete;
	if (held == request)
		held = NULL;
}

static void
handle(void *data, struct web_request *request)
{
	char text[200];
	(void)data;
	request->closed = closed;
	if (strcmp(request->path, "/later") == 0) {
		held = request;
	} else if (strcmp(request->path, "/stream") == 0) {
		held = request;
		web_stream_open(request, 200, UINT64_MAX);
		web_stream_push(request, "one\n", 4);
	} else if (strcmp(request->path, "/cut") == 0) {
		web_cut(request, false);
	} else {
		const char *name = web_query(request, "name");
		int n = snprintf(text, sizeof text, "%s %s %s %zu", request->method, request->target,
		                 name == NULL ? "-" : name, request->body_length);
		web_add_header(request, "X-One", "1");
		web_respond(request, 201, text, (size_t)n);
	}
}

static void
client_ready(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	ssize_t got = read(watch->fd, reply + reply_length, sizeof reply - 1 - reply_length);
	if (got <= 0) {
		is_at_end = true;
		loop_watch_remove(loop, watch);
	} else {
		reply_length += (size_t)got;
	}
	reply[reply_length] = '\0';
	loop_stop(loop);
}

static int
set_up(void **state)
{
	struct error err;
	(void)state;
	held = NULL;
	n_closed = n_complete = 0;
	reply_length = 0;
	reply[0] = '\0';
	is_at_end = false;
	if (!loop_open(&loop, &err) ||
	    !web_server_open(&(struct web_server_options){.loop = loop, .handle = handle,
	                                                  .max_body_bytes = 1000}, &server, &err))
		return -1;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(web_server_port(server)),
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	client = (struct loop_watch){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
	                             .ready = client_ready};
	if (connect(client.fd, (struct sockaddr *)&address, sizeof address) != 0)
		return -1;
	return loop_watch_set(loop, &client, EPOLLIN, &err) ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	web_server_close(server);
	loop_watch_remove(loop, &client);
	close(client.fd);
	loop_close(loop);
	return 0;
}

static void
stop(struct loop_timer *timer)
{
	(void)timer;
	loop_stop(loop);
}

static void
run_for(int64_t ms)
{
	struct loop_timer timer = {.fire = stop};
	loop_timer_set(loop, &timer, ms);
	loop_run(loop);
	loop_timer_cancel(loop, &timer);
}

static void
send_text(const char *text)
{
	assert_int_equal(write(client.fd, text, strlen(text)), strlen(text));
}

static void
wait_for_text(const char *text)
{
	for (int i = 0; i < 100 && strstr(reply, text) == NULL; i++)
		run_for(20);
	assert_non_null(strstr(reply, text));
}

static void
test_server__answers_with_query_headers_and_body(void **state)
{
	(void)state;
	send_text("POST /a%20b?name=x%2Cy&z HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
	wait_for_text("POST /a%20b?name=x%2Cy&z x,y 5");
	assert_non_null(strstr(reply, "HTTP/1.1 201"));
	assert_non_null(strstr(reply, "X-One: 1"));
}

static void
test_server__keeps_the_connection(void **state)
{
	(void)state;
	send_text("GET /first HTTP/1.1\r\nHost: h\r\n\r\n");
	wait_for_text("GET /first");
	send_text("GET /second HTTP/1.1\r\nHost: h\r\n\r\n");
	wait_for_text("GET /second");
	assert_false(is_at_end);
	assert_int_equal(n_complete, 2);
}

static void
test_server__refuses_a_body_too_large(void **state)
{
	(void)state;
	char request[2000];
	int n = snprintf(request, sizeof request,
	                 "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n%01001d", 0);
	assert_true(n > 1000);
	send_text(request);
	wait_for_text("HTTP/1.1 413");
}

static void
test_server__an_answer_may_come_later(void **state)
{
	(void)state;
	send_text("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
	for (int i = 0; i < 100 && held == NULL; i++)
		run_for(5);
	assert_non_null(held);
	web_respond(held, 200, "at last", 7);
	wait_for_text("at last");
}

static void
test_server__a_stream_arrives_piece_by_piece(void **state)
{
	(void)state;
	send_text("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
	wait_for_text("one\n");
	assert_true(web_stream_push(held, "two\n", 4));
	wait_for_text("two\n");
	web_stream_end(held);
	wait_for_text("\r\n0\r\n");
	assert_int_equal(n_complete, 1);
}

static void
test_server__waiting_streams_cost_nothing(void **state)
{
	(void)state;
	send_text("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
	wait_for_text("one\n");
	run_for(20);
	clock_t before = clock();
	run_for(100);
	assert_true(clock() - before < CLOCKS_PER_SEC / 20);
}

static void
test_server__a_client_that_leaves_is_noticed(void **state)
{
	(void)state;
	send_text("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
	wait_for_text("one\n");
	assert_int_equal(n_closed, 0);
	shutdown(client.fd, SHUT_RDWR);
	for (int i = 0; i < 100 && n_closed == 0; i++)
		run_for(5);
	assert_int_equal(n_closed, 1);
	assert_int_equal(n_complete, 0);
	assert_null(held);
}

static void
test_server__a_cut_closes_without_an_answer(void **state)
{
	(void)state;
	send_text("GET /cut HTTP/1.1\r\nHost: h\r\n\r\n");
	for (int i = 0; i < 100 && !is_at_end; i++)
		run_for(20);
	assert_true(is_at_end);
	assert_int_equal(reply_length, 0);
}

static void
test_certificate__is_made_and_serves(void **state)
{
	(void)state;
	struct error err;
	struct arena arena = {0};
	struct certificate certificate;
	struct web_server *secure;
	assert_true(certificate_make("test", &arena, &certificate, &err));
	assert_memory_equal(certificate.ca_pem, "-----BEGIN CERTIFICATE-----", 27);
	assert_true(web_server_open(&(struct web_server_options){
		.loop = loop, .handle = handle, .certificate_pem = certificate.server_pem,
		.key_pem = certificate.key_pem}, &secure, &err));
	assert_int_not_equal(web_server_port(secure), 0);
	web_server_close(secure);
	arena_release(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(server__answers_with_query_headers_and_body),
		TEST(server__keeps_the_connection),
		TEST(server__refuses_a_body_too_large),
		TEST(server__an_answer_may_come_later),
		TEST(server__a_stream_arrives_piece_by_piece),
		TEST(server__waiting_streams_cost_nothing),
		TEST(server__a_client_that_leaves_is_noticed),
		TEST(server__a_cut_closes_without_an_answer),
		TEST(certificate__is_made_and_serves),
	};
	return cmocka_run_group_tests_name("web/server", tests, NULL, NULL);
}

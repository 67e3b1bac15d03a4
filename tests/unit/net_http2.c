/* The client over HTTP/2, as nghttpx speaks it in front of the plain server. */
#include "net_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 300, MIB = 1024 * 1024 };

static unsigned port;
static pid_t nghttpx;
static const char *site;
static char key_path[64], certificate_path[64];
static char block[64 * 1024];
static int n_answered, n_connections_most;
static struct web_request *to_cut; /* once its beginning has arrived: a reset overtakes bytes */

static void
handle(void *data, struct web_request *request)
{
	(void)data;
	if (strcmp(request->path, "/much") == 0) {
		web_stream_open(request, 200, UINT64_MAX);
		for (int i = 0; i < 4 * MIB / (int)sizeof block; i++)
			web_stream_push(request, block, sizeof block);
		web_stream_end(request);
	} else if (strcmp(request->path, "/cut") == 0) {
		web_stream_open(request, 200, 1000);
		web_stream_push(request, "less", 4);
		to_cut = request;
	} else {
		web_respond(request, 200, request->target, strlen(request->target));
	}
}

static struct sockaddr_in
address_of(unsigned number)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)number),
	                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static unsigned
find_free_port(void)
{
	struct sockaddr_in address = address_of(0);
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool ok = bind(fd, (struct sockaddr *)&address, size) == 0 &&
	          getsockname(fd, (struct sockaddr *)&address, &size) == 0;
	close(fd);
	return ok ? ntohs(address.sin_port) : 0;
}

static bool
answers(void)
{
	struct sockaddr_in address = address_of(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool ok = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
	close(fd);
	return ok;
}

static bool
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	bool ok = file != NULL && fputs(text, file) >= 0;
	return (file != NULL && fclose(file) == 0) && ok;
}

static bool
start_nghttpx(void)
{
	const char *front = arena_printf(&arena, "-f127.0.0.1,%u", port);
	const char *back = arena_printf(&arena, "-b127.0.0.1,%u", (unsigned)web_server_port(plain));
	nghttpx = fork();
	if (nghttpx == 0) {
		execlp("nghttpx", "nghttpx", front, back, "--workers=1", "--log-level=FATAL", "--no-ocsp", "--conf=/dev/null",
		       "--errorlog-file=/dev/null", "--accesslog-file=/dev/null", key_path, certificate_path, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 300 && !answers(); i++)
		usleep(10 * 1000);
	return answers();
}

static int
set_up(void **state)
{
	if (open_all(state) != 0)
		return -1;
	snprintf(key_path, sizeof key_path, "/tmp/paas-test-%d.key", (int)getpid());
	snprintf(certificate_path, sizeof certificate_path, "/tmp/paas-test-%d.pem", (int)getpid());
	port = find_free_port();
	site = arena_printf(&arena, "https://localhost:%u", port);
	return write_text(key_path, certificate.key_pem) && write_text(certificate_path, certificate.server_pem) &&
	       start_nghttpx() ? 0 : -1;
}

static int
tear_down(void **state)
{
	int result = close_all(state);
	kill(nghttpx, SIGKILL);
	waitpid(nghttpx, NULL, 0);
	unlink(key_path);
	unlink(certificate_path);
	return result;
}

/* This process's connections to nghttpx.  Its own descriptors, not /proc/net/tcp: a table read in
 * pieces while others connect and part shows a line twice. */
static int
count_connections(void)
{
	int count = 0;
	for (int fd = 0; fd < 1024; fd++) {
		struct sockaddr_in peer = {0};
		socklen_t size = sizeof peer;
		count += getpeername(fd, (struct sockaddr *)&peer, &size) == 0 && peer.sin_family == AF_INET &&
		         ntohs(peer.sin_port) == port;
	}
	return count;
}

static void
ask_one(void *data)
{
	struct http_response answer;
	struct error mine;
	struct http_endpoint endpoint = {.origin = site, .ca_pem = certificate.ca_pem};
	const char *path = arena_printf(&arena, "/%d", *(int *)data);
	n_answered += http_send(http, &(struct http_request){.url = at(site, path), .endpoint = &endpoint}, &arena,
	                        &answer, &mine) && strcmp(answer.body, path) == 0;
	if (n_answered % 50 == 1) {
		int now = count_connections();
		n_connections_most = now > n_connections_most ? now : n_connections_most;
	}
}

static void
ask_many(void)
{
	static struct fiber *fibers[MANY];
	static int numbers[MANY];
	for (int i = 0; i < MANY; i++) {
		numbers[i] = i;
		fibers[i] = fiber_start(loop, ask_one, &numbers[i]);
	}
	for (int i = 0; i < MANY; i++)
		fiber_join(fibers[i]);
}

static void
test_http2__many_requests_share_few_connections(void **state)
{
	(void)state;
	n_answered = n_connections_most = 0;
	in_fiber(ask_many);
	assert_int_equal(n_answered, MANY);
	assert_in_range(n_connections_most, 1, 6);
}

static bool
open_stream(const char *path, struct http_stream **ret)
{
	struct http_response head;
	struct http_endpoint endpoint = {.origin = site, .ca_pem = certificate.ca_pem};
	return http_stream_open(http, &(struct http_request){.url = at(site, path), .endpoint = &endpoint}, &arena, &head,
	                        ret, &err) && head.status == 200;
}

static void
read_streams(void)
{
	struct http_stream *stream;
	const char *bytes;
	size_t length, total = 0;
	assert_true(open_stream("/much", &stream));
	assert_true(fiber_sleep(loop, 50));
	do {
		assert_true(http_stream_read(stream, -1, &bytes, &length, &err));
		total += length;
	} while (length > 0);
	http_stream_close(stream);
	assert_int_equal(total, 4 * MIB);
	err = (struct error){0};
	assert_true(open_stream("/cut", &stream));
	assert_true(http_stream_read(stream, -1, &bytes, &length, &err));
	assert_int_equal(length, 4);
	web_cut(to_cut, true);
	while (http_stream_read(stream, -1, &bytes, &length, &err))
		assert_true(length > 0);
	http_stream_close(stream);
	assert_int_equal(err.code, ERROR_UNREACHABLE);
}

static void
test_http2__streams_are_paused_and_a_cut_is_no_end(void **state)
{
	(void)state;
	in_fiber(read_streams);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_http2__many_requests_share_few_connections, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_http2__streams_are_paused_and_a_cut_is_no_end, set_up, tear_down),
	};
	if (access("/usr/sbin/nghttpx", X_OK) != 0) {
		puts("1..0 # SKIP no nghttpx");
		return 0;
	}
	setenv("PATH", "/usr/sbin:/usr/bin:/bin", 1);
	return cmocka_run_group_tests_name("net/http2", tests, NULL, NULL);
}

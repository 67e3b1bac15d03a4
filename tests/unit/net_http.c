/* covers: token-store-9.7 */
#include "net_fixture.h"

#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"

static int n_requests, n_mute;
static char seen_authorization[128], seen_key[128], seen_accept[128], seen_target[256];

static void
answer_text(struct web_request *request, unsigned status, const char *text)
{
	web_respond(request, status, text, strlen(text));
}

static void
answer_flaky(struct web_request *request)
{
	if (n_requests >= 3) {
		answer_text(request, 200, "at last");
		return;
	}
	const char *after = web_query(request, "after");
	if (after != NULL)
		web_add_header(request, "Retry-After", after);
	answer_text(request, (unsigned)strtoul(web_query(request, "status"), NULL, 10), "not yet");
}

static void
answer_redirect(struct web_request *request)
{
	web_add_header(request, "Location", web_query(request, "to"));
	answer_text(request, (unsigned)strtoul(web_query(request, "status"), NULL, 10), "");
}

/* 32 MiB of zeroes in 32 KiB of gzip: the same stored member, many times. */
static void
answer_bomb(struct web_request *request)
{
	FILE *pipe = popen("head -c 33554432 /dev/zero | gzip -9", "r");
	static char body[256 * 1024];
	size_t length = fread(body, 1, sizeof body, pipe);
	pclose(pipe);
	web_add_header(request, "Content-Encoding", "gzip");
	web_respond(request, 200, body, length);
}

static void
handle(void *data, struct web_request *request)
{
	const char *authorization = web_header(request, "Authorization");
	(void)data;
	n_requests++;
	const char *key = web_header(request, "X-JFrog-Art-Api"), *accept = web_header(request, "Accept");
	snprintf(seen_authorization, sizeof seen_authorization, "%s", authorization != NULL ? authorization : "-");
	snprintf(seen_key, sizeof seen_key, "%s", key != NULL ? key : "-");
	snprintf(seen_accept, sizeof seen_accept, "%s", accept != NULL ? accept : "-");
	snprintf(seen_target, sizeof seen_target, "%s", request->target);
	if (strcmp(request->path, "/flaky") == 0) {
		answer_flaky(request);
	} else if (strcmp(request->path, "/redirect") == 0) {
		answer_redirect(request);
	} else if (strcmp(request->path, "/bomb") == 0) {
		answer_bomb(request);
	} else if (strcmp(request->path, "/mute") == 0) {
		n_mute++; /* no answer, ever */
	} else if (strcmp(request->path, "/cut") == 0) {
		if (n_requests < 3) {
			web_stream_open(request, 200, 100);
			web_stream_push(request, "only this", 9);
			web_cut(request, false);
		} else {
			answer_text(request, 200, "whole");
		}
	} else {
		web_add_header(request, "X-Method", request->method);
		web_add_header(request, "X-Agent", web_header(request, "User-Agent"));
		web_respond(request, 200, request->body_length > 0 ? request->body : request->target,
		            request->body_length > 0 ? request->body_length : strlen(request->target));
	}
}

static int
set_up(void **state)
{
	n_requests = n_mute = 0;
	return open_all(state);
}

static bool
get(const char *url, const struct http_endpoint *endpoint, struct http_response *ret)
{
	return http_send(http, &(struct http_request){.url = url, .endpoint = endpoint, .policy = &quick,
	                                              .max_redirects = 5}, &arena, ret, &err);
}

static struct http_endpoint
secure_endpoint(void)
{
	return (struct http_endpoint){.system = "test", .origin = secure_site, .ca_pem = certificate.ca_pem};
}

/* ---- asking ---- */

static void
ask_plainly(void)
{
	struct http_response answer;
	assert_true(get(at(plain_site, "/a%20b?c=d"), NULL, &answer));
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body, "/a%20b?c=d");
	assert_string_equal(http_header_value(&answer, "x-method"), "GET");
	assert_non_null(strstr(http_header_value(&answer, "x-agent"), "paas/"));
	assert_true(http_send(http, &(struct http_request){.method = "PATCH", .url = at(plain_site, "/"),
	                                                   .body = "{}", .body_length = 2}, &arena, &answer, &err));
	assert_string_equal(http_header_value(&answer, "x-method"), "PATCH");
	assert_string_equal(answer.body, "{}");
	assert_true(http_send(http, &(struct http_request){.method = "HEAD", .url = at(plain_site, "/")}, &arena,
	                      &answer, &err));
	assert_string_equal(http_header_value(&answer, "x-method"), "HEAD");
	assert_int_equal(answer.length, 0);
}

static void
test_http__asks_and_answers(void **state)
{
	(void)state;
	in_fiber(ask_plainly);
}

static void
ask_over_tls(void)
{
	struct http_response answer;
	struct http_endpoint endpoint = secure_endpoint();
	assert_true(get(at(secure_site, "/x"), &endpoint, &answer));
	assert_string_equal(answer.body, "/x");
	endpoint.ca_pem = NULL;
	n_requests = 0;
	assert_false(get(at(secure_site, "/x"), &endpoint, &answer));
	assert_int_equal(n_requests, 0);
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	assert_non_null(strstr(err.why, "TLS with localhost:"));
	assert_non_null(strstr(err.next, "PAAS_CA_FILE"));
	/* Another name than the certificate's, and the right one said. */
	const char *other = arena_printf(&arena, "https://127.0.0.2:%u", (unsigned)web_server_port(secure));
	endpoint = secure_endpoint();
	endpoint.origin = other;
	assert_false(get(at(other, "/"), &endpoint, &answer));
	assert_non_null(strstr(err.why, "127.0.0.2"));
}

static void
test_http__verifies_the_server(void **state)
{
	(void)state;
	in_fiber(ask_over_tls);
}

static void
ask_by_another_name(void)
{
	struct http_response answer;
	const char *numeric = arena_printf(&arena, "https://127.0.0.1:%u", (unsigned)web_server_port(secure));
	struct http_endpoint endpoint = {.origin = numeric, .ca_pem = certificate.ca_pem,
	                                 .tls_server_name = "wrong.example"};
	assert_false(get(at(numeric, "/"), &endpoint, &answer));
	endpoint.tls_server_name = "localhost";
	assert_true(get(at(numeric, "/named"), &endpoint, &answer));
	assert_string_equal(answer.body, "/named");
}

static void
test_http__verifies_the_name_it_is_told(void **state)
{
	(void)state;
	in_fiber(ask_by_another_name);
}

static void
ask_who_answers(void)
{
	struct http_response answer;
	struct http_peer peer;
	struct http_endpoint endpoint = secure_endpoint();
	struct http_request request = {.url = secure_site, .endpoint = &endpoint, .policy = &quick, .peer = &peer};
	assert_true(http_send(http, &request, &arena, &answer, &err));
	assert_int_equal(peer.phase, HTTP_PHASE_ANSWER);
	assert_true(peer.is_tls);
	assert_true(strcmp(peer.address, "127.0.0.1") == 0 || strcmp(peer.address, "::1") == 0);
	assert_non_null(strstr(peer.certificate_issuer, "test"));
	assert_in_range(peer.certificate_expires_at_ms, clock_wall_ms(), clock_wall_ms() + 3660LL * 86400000);
	endpoint.ca_pem = NULL;
	assert_false(http_send(http, &request, &arena, &answer, &err));
	assert_int_equal(peer.phase, HTTP_PHASE_TLS);
	request.url = "https://no-such-host.invalid/";
	assert_false(http_send(http, &request, &arena, &answer, &err));
	assert_int_equal(peer.phase, HTTP_PHASE_RESOLVE);
	assert_string_equal(peer.address, "");
}

static void
test_http__tells_who_answers(void **state)
{
	(void)state;
	in_fiber(ask_who_answers);
}

/* ---- credentials ---- */

static void
carry_credentials(void)
{
	struct http_response answer;
	scoped(secret_release) struct secret *token = secret_new("s3cret", 6);
	struct http_endpoint endpoint = secure_endpoint();
	endpoint.bearer = token;
	assert_true(get(at(secure_site, "/"), &endpoint, &answer));
	assert_string_equal(seen_authorization, "Bearer s3cret");
	endpoint.bearer = NULL;
	endpoint.username = "me";
	endpoint.password = token;
	assert_true(get(at(secure_site, "/"), &endpoint, &answer));
	assert_string_equal(seen_authorization, "Basic bWU6czNjcmV0");
	/* Not over plain http, loopback or not. */
	endpoint.origin = plain_site;
	n_requests = 0;
	assert_false(get(at(plain_site, "/"), &endpoint, &answer));
	assert_int_equal(n_requests, 0);
	assert_non_null(strstr(err.why, "plain http"));
	/* Not to another origin than the endpoint's. */
	endpoint.origin = "https://elsewhere.example";
	assert_true(get(at(plain_site, "/"), &endpoint, &answer));
	assert_string_equal(seen_authorization, "-");
}

static void
test_http__credentials_stay_with_their_origin(void **state)
{
	(void)state;
	in_fiber(carry_credentials);
}

static void
follow_redirects(void)
{
	struct http_response answer;
	scoped(secret_release) struct secret *token = secret_new("s3cret", 6);
	struct http_endpoint endpoint = secure_endpoint();
	endpoint.bearer = token;
	assert_true(get(at(secure_site, "/redirect?status=302&to=there%3Fa"), &endpoint, &answer));
	assert_string_equal(answer.body, "/there?a");
	assert_string_equal(answer.url, at(secure_site, "/there?a"));
	assert_string_equal(seen_authorization, "Bearer s3cret");
	/* To another origin: here that is a request without our authority, so it must fail in TLS. */
	const char *numeric = arena_printf(&arena, "/redirect?status=307&to=https://127.0.0.1:%u/x",
	                                   (unsigned)web_server_port(secure));
	n_requests = 0;
	assert_false(get(at(secure_site, numeric), &endpoint, &answer));
	assert_int_equal(n_requests, 1);
	/* From https to http: refused. */
	assert_false(get(at(secure_site, arena_printf(&arena, "/redirect?status=302&to=%s/", plain_site)), &endpoint,
	                 &answer));
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
	assert_non_null(strstr(err.why, "plain http"));
	/* Round and round. */
	assert_false(get(at(secure_site, "/redirect?status=302&to=/redirect%3Fstatus%3D302%26to%3D/x"), NULL, &answer));
	assert_false(get(at(plain_site, "/redirect?status=302&to=%3Fstatus%3D302"), NULL, &answer) && answer.status != 302);
}

static void
test_http__redirects_carry_nothing_away(void **state)
{
	(void)state;
	in_fiber(follow_redirects);
}

static void
follow_to_another_origin(void)
{
	char path[64];
	struct http_response answer;
	scoped(secret_release) struct secret *token = secret_new("s3cret", 6);
	struct http_endpoint endpoint = secure_endpoint();
	endpoint.bearer = token;
	snprintf(path, sizeof path, "/tmp/paas-test-%d-ca.pem", (int)getpid());
	assert_true(file_write(path, certificate.ca_pem, strlen(certificate.ca_pem), 0600, &err));
	setenv("PAAS_CA_FILE", path, 1);
	http_close(http);
	assert_true(http_open(loop, &http, &err));
	const struct http_header headers[] = {{"X-JFrog-Art-Api", "k3y"}, {"Accept", "text/x"}};
	struct http_request request = {
		.url = at(secure_site, arena_printf(&arena, "/redirect?status=307&to=https://127.0.0.1:%u/there",
		                                    (unsigned)web_server_port(secure))),
		.endpoint = &endpoint, .headers = headers, .n_headers = 2, .max_redirects = 1,
	};
	assert_true(http_send(http, &request, &arena, &answer, &err));
	assert_string_equal(answer.body, "/there");
	assert_string_equal(seen_authorization, "-");
	assert_string_equal(seen_key, "-");
	assert_string_equal(seen_accept, "text/x");
	request.method = "PUT";
	request.body = "private";
	request.body_length = 7;
	assert_true(http_send(http, &request, &arena, &answer, &err));
	assert_int_equal(answer.status, 307);
	assert_string_equal(seen_key, "k3y");
	/* A file that is none. */
	struct http *other;
	assert_true(file_write(path, "no pem", 6, 0600, &err));
	assert_false(http_open(loop, &other, &err));
	assert_int_equal(err.code, ERROR_INVALID_FILE);
	assert_non_null(strstr(err.why, "PAAS_CA_FILE"));
	unlink(path);
	unsetenv("PAAS_CA_FILE");
}

static void
test_http__another_origin_hears_nothing_private(void **state)
{
	(void)state;
	in_fiber(follow_to_another_origin);
}

/* ---- proxies ---- */

static void
ask_through_a_proxy(void)
{
	struct http_response answer;
	struct http_endpoint endpoint = {.proxy = arena_printf(&arena, "http://me:w0rd@%s", strstr(plain_site, "localhost"))};
	assert_true(get("http://far.example/x", &endpoint, &answer));
	assert_string_equal(seen_target, "http://far.example/x");
	assert_true(get(at(plain_site, "/near"), &endpoint, &answer));
	assert_string_equal(seen_target, "/near");
	assert_false(get("https://far.example/x", &endpoint, &answer));
	assert_non_null(strstr(err.why, "through the proxy localhost:"));
	assert_null(strstr(err.why, "w0rd"));
	setenv("http_proxy", plain_site, 1);
	assert_true(get("http://far.example/y", NULL, &answer));
	assert_string_equal(seen_target, "http://far.example/y");
	unsetenv("http_proxy");
}

static void
test_http__goes_through_a_proxy_but_not_to_loopback(void **state)
{
	(void)state;
	in_fiber(ask_through_a_proxy);
}

static void
send_header_with_break(void)
{
	struct http_response answer;
	struct http_header header = {"X-Name", "a\r\nX-Other: b"};
	assert_false(http_send(http, &(struct http_request){.url = plain_site, .headers = &header, .n_headers = 1},
	                       &arena, &answer, &err));
	assert_int_equal(err.code, ERROR_USAGE);
	assert_int_equal(n_requests, 0);
}

static void
test_http__a_header_is_one_line(void **state)
{
	(void)state;
	in_fiber(send_header_with_break);
}

/* ---- retries ---- */

static void
retry_by_status(void)
{
	static const struct {
		const char *path;
		int status, n_requests;
	} rows[] = {
		{"/flaky?status=503", 200, 3}, {"/flaky?status=502", 200, 3}, {"/flaky?status=504", 200, 3},
		{"/flaky?status=429&after=0", 200, 3}, {"/flaky?status=500", 500, 1}, {"/flaky?status=500&after=0", 200, 3},
		{"/flaky?status=404", 404, 1}, {"/flaky?status=503&after=3600", 503, 1},
		{"/flaky?status=503&after=Fri,%2001%20Jan%202021%2000:00:00%20GMT", 200, 3},
	};
	for (size_t i = 0; i < array_length(rows); i++) {
		struct http_response answer;
		n_requests = 0;
		assert_true(get(at(plain_site, rows[i].path), NULL, &answer));
		assert_int_equal(answer.status, rows[i].status);
		assert_int_equal(n_requests, rows[i].n_requests);
	}
	struct http_response answer;
	n_requests = 0;
	struct http_request post = {.method = "POST", .url = at(plain_site, "/flaky?status=503"), .policy = &quick};
	assert_true(http_send(http, &post, &arena, &answer, &err));
	assert_int_equal(n_requests, 1);
	post.is_idempotent = true;
	n_requests = 0;
	assert_true(http_send(http, &post, &arena, &answer, &err));
	assert_int_equal(n_requests, 3);
}

static void
test_http__retries_what_time_may_cure(void **state)
{
	(void)state;
	in_fiber(retry_by_status);
}

static void
retry_cut(void)
{
	struct http_response answer;
	assert_true(get(at(plain_site, "/cut"), NULL, &answer));
	assert_string_equal(answer.body, "whole");
	assert_int_equal(n_requests, 3);
	n_requests = 0;
	assert_false(http_send(http, &(struct http_request){.method = "POST", .url = at(plain_site, "/cut"),
	                                                    .policy = &quick}, &arena, &answer, &err));
	assert_int_equal(n_requests, 1);
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	assert_true(err.retryable);
}

static void
test_http__retries_a_cut_answer_unless_it_might_act_twice(void **state)
{
	(void)state;
	in_fiber(retry_cut);
}

/* ---- bounds ---- */

static void
meet_a_bomb(void)
{
	struct http_response answer;
	assert_false(http_send(http, &(struct http_request){.url = at(plain_site, "/bomb"), .max_bytes = 1000000},
	                       &arena, &answer, &err));
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
	assert_non_null(strstr(err.why, "larger than 1000000 bytes"));
	assert_int_equal(n_requests, 1);
	assert_true(http_send(http, &(struct http_request){.url = at(plain_site, "/bomb"), .max_bytes = 33554432},
	                      &arena, &answer, &err));
	assert_int_equal(answer.length, 33554432);
}

static void
test_http__bounds_the_body_after_decompression(void **state)
{
	(void)state;
	in_fiber(meet_a_bomb);
}

static void
meet_a_mute(void)
{
	struct http_response answer;
	int64_t begin_ms = clock_monotonic_ms();
	assert_false(get(at(plain_site, "/mute"), NULL, &answer));
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	assert_non_null(strstr(err.why, "waiting for the answer"));
	assert_int_equal(n_mute, 3);
	assert_in_range(clock_monotonic_ms() - begin_ms, 180, 1500);
	const struct http_policy patient = {.tries = 4, .total_ms = 50};
	n_mute = 0;
	assert_false(http_send(http, &(struct http_request){.url = at(plain_site, "/mute"), .policy = &patient}, &arena,
	                       &answer, &err));
	assert_int_equal(n_mute, 1);
}

static void
test_http__a_mute_server_meets_the_deadlines(void **state)
{
	(void)state;
	in_fiber(meet_a_mute);
}

/* A port that is bound and, unless it listens, refuses. */
static int
bind_any(unsigned *ret_port)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static void
meet_silence_in_tls(void)
{
	const struct http_policy short_of_time = {.tries = 1, .connect_ms = 50};
	struct http_response answer;
	unsigned port;
	int fd = bind_any(&port);
	listen(fd, 5); /* the kernel accepts, nobody reads */
	assert_false(http_send(http, &(struct http_request){.url = arena_printf(&arena, "https://127.0.0.1:%u/", port),
	                                                    .policy = &short_of_time}, &arena, &answer, &err));
	close(fd);
	assert_non_null(strstr(err.why, "TLS with 127.0.0.1:"));
	assert_non_null(strstr(err.why, "nothing came"));
}

static void
test_http__connecting_has_a_deadline(void **state)
{
	(void)state;
	in_fiber(meet_silence_in_tls);
}

static void
meet_nobody(void)
{
	struct http_response answer;
	unsigned port;
	int fd = bind_any(&port);
	const char *url = arena_printf(&arena, "http://127.0.0.1:%u/x?token=abc", port);
	struct http_endpoint endpoint = {.system = "registry", .origin = url};
	assert_false(get(url, &endpoint, &answer));
	close(fd);
	assert_non_null(strstr(err.why, "connecting to 127.0.0.1:"));
	assert_non_null(strstr(err.why, "Connection refused"));
	assert_string_equal(err.what, "asking 3 times");
	assert_null(strstr(err.why, "abc"));
	assert_string_equal(err.source.system, "registry");
	assert_string_equal(err.source.object, "/x");
	assert_null(strstr(err.source.url, "abc"));
}

static void
test_http__says_where_it_failed(void **state)
{
	(void)state;
	in_fiber(meet_nobody);
}

/* ---- many, and none ---- */

enum { MANY = 200 };
static int n_answered;

static void
ask_one(void *data)
{
	struct http_response answer;
	struct http_endpoint endpoint = secure_endpoint();
	const char *path = arena_printf(&arena, "/%d", *(int *)data);
	struct error mine;
	n_answered += http_send(http, &(struct http_request){.url = at(secure_site, path), .endpoint = &endpoint},
	                        &arena, &answer, &mine) && strcmp(answer.body, path) == 0;
}

static void
ask_many(void)
{
	struct fiber *fibers[MANY];
	int numbers[MANY];
	for (int i = 0; i < MANY; i++) {
		numbers[i] = i;
		fibers[i] = fiber_start(loop, ask_one, &numbers[i]);
	}
	for (int i = 0; i < MANY; i++)
		fiber_join(fibers[i]);
}

static void
test_http__asks_many_at_once(void **state)
{
	(void)state;
	n_answered = 0;
	in_fiber(ask_many);
	assert_int_equal(n_answered, MANY);
}

/* libcurl's threads find this one before the C library's: a resolver that takes its time. */
int
getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
            struct addrinfo **restrict ret)
{
	typeof(getaddrinfo) *real;
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (name == NULL || strcmp(name, "slow.example") != 0)
		return real(name, service, hints, ret);
	usleep(600 * 1000);
	return EAI_AGAIN;
}

static void
ask_the_slow_resolver(void *data)
{
	struct http_response answer;
	const struct http_policy *policy = data;
	assert_false(http_send(http, &(struct http_request){.url = "https://slow.example/", .policy = policy}, &arena,
	                       &answer, &err));
}

static void
leave_a_slow_resolver(void)
{
	static const struct http_policy short_of_time = {.tries = 1, .connect_ms = 30};
	int64_t begin_ms = clock_monotonic_ms();
	ask_the_slow_resolver((void *)(uintptr_t)&short_of_time);
	assert_in_range(clock_monotonic_ms() - begin_ms, 20, 130);
	assert_non_null(strstr(err.why, "looking up slow.example"));
	struct fiber *fiber = fiber_start(loop, ask_the_slow_resolver, (void *)(uintptr_t)&http_policy_default);
	assert_true(fiber_sleep(loop, 20));
	begin_ms = clock_monotonic_ms();
	fiber_cancel(fiber);
	fiber_join(fiber);
	http_close(http);
	http = NULL;
	assert_in_range(clock_monotonic_ms() - begin_ms, 0, 100);
	assert_int_equal(err.code, ERROR_INTERRUPTED);
}

static void
test_http__a_slow_resolver_holds_nobody(void **state)
{
	(void)state;
	in_fiber(leave_a_slow_resolver);
}

static struct error cancelled_error;

static void
ask_the_mute(void *data)
{
	struct http_response answer;
	(void)data;
	assert_false(http_send(http, &(struct http_request){.url = at(plain_site, "/mute")}, &arena, &answer,
	                       &cancelled_error));
}

static void
cancel_one(void)
{
	struct fiber *fiber = fiber_start(loop, ask_the_mute, NULL);
	assert_true(fiber_sleep(loop, 20));
	int64_t begin_ms = clock_monotonic_ms();
	fiber_cancel(fiber);
	fiber_join(fiber);
	assert_in_range(clock_monotonic_ms() - begin_ms, 0, 100);
	assert_int_equal(cancelled_error.code, ERROR_INTERRUPTED);
}

static void
test_http__a_cancelled_fiber_leaves_at_once(void **state)
{
	(void)state;
	in_fiber(cancel_one);
}

static void
close_under_one(void)
{
	struct fiber *fiber = fiber_start(loop, ask_the_mute, NULL);
	assert_true(fiber_sleep(loop, 20));
	http_close(http);
	http = NULL;
	fiber_join(fiber);
	assert_int_equal(cancelled_error.code, ERROR_INTERRUPTED);
}

static void
test_http__closing_ends_what_is_under_way(void **state)
{
	(void)state;
	in_fiber(close_under_one);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_http__##name, set_up, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(asks_and_answers), TEST(verifies_the_server), TEST(verifies_the_name_it_is_told), TEST(tells_who_answers),
		TEST(credentials_stay_with_their_origin), TEST(redirects_carry_nothing_away), TEST(a_header_is_one_line),
		TEST(another_origin_hears_nothing_private), TEST(goes_through_a_proxy_but_not_to_loopback),
		TEST(retries_what_time_may_cure), TEST(retries_a_cut_answer_unless_it_might_act_twice),
		TEST(bounds_the_body_after_decompression), TEST(a_mute_server_meets_the_deadlines),
		TEST(connecting_has_a_deadline), TEST(says_where_it_failed), TEST(asks_many_at_once), TEST(a_slow_resolver_holds_nobody), TEST(a_cancelled_fiber_leaves_at_once),
		TEST(closing_ends_what_is_under_way),
	};
	return cmocka_run_group_tests_name("net/http", tests, NULL, NULL);
}

/* The browser's way: what comes back to the loopback port, from the browser and from others.
 * covers: token-store-9.17 token-store-9.18 */
#include "auth_fixture.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sodium.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/base64url.h"
#include "auth/loopback_listener.h"

static const char tokens[] = "{\"access_token\":\"access-1\",\"token_type\":\"Bearer\",\"id_token\":\"a.b.c\"}";
static struct code_flow *flow;
static struct granted granted;
static const char *url, *nonce;

/* ---- what the server and the browser see ---- */

static const char *
parameter(const char *text, const char *name)
{
	const char *key = arena_printf(&arena, "%s=", name), *found = text;
	while ((found = strstr(found, key)) != NULL && found != text && found[-1] != '?' && found[-1] != '&')
		found++;
	assert_non_null(found);
	return arena_strndup(&arena, found + strlen(key), strcspn(found + strlen(key), "&"));
}

static uint16_t
port(void)
{
	const char *redirect = parameter(url, "redirect_uri");
	static const char prefix[] = "http%3A%2F%2F127.0.0.1%3A";
	assert_int_equal(strncmp(redirect, prefix, strlen(prefix)), 0);
	return (uint16_t)strtoul(redirect + strlen(prefix), NULL, 10);
}

static bool
visit(const char *method, const char *target, struct http_response *ret)
{
	static const struct http_policy once = {.tries = 1, .connect_ms = 2000, .idle_ms = 5000, .total_ms = 5000};
	struct error ignored;
	return http_send(http, &(struct http_request){.method = method, .policy = &once,
	                 .url = arena_printf(&arena, "http://127.0.0.1:%u%s", (unsigned)port(), target)}, &arena, ret, &ignored);
}

static int
status_of(const char *target)
{
	struct http_response answer;
	assert_true(visit(NULL, target, &answer));
	return answer.status;
}

static const char *
callback(const char *rest)
{
	return arena_printf(&arena, "/callback?state=%s%s", parameter(url, "state"), rest);
}

static void
begin(void)
{
	granted = (struct granted){0};
	assert_true(discover(secure_site));
	assert_true(grant_code_begin(loop, &issuer, "openid email", false, &arena, &flow, &url, &nonce, &err));
}

static bool
wait_for_browser(int64_t deadline_ms)
{
	bool ok = grant_code_wait(http, flow, deadline_ms, &arena, &granted, &err);
	grant_code_close(&flow);
	return ok;
}

static void
end(void)
{
	grant_code_close(&flow);
	granted_release(&granted);
}

/* ---- */

static void
log_in(void)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	begin();
	assert_int_equal(strncmp(url, at(secure_site, "/authorize?"), strlen(secure_site)), 0);
	assert_string_equal(parameter(url, "response_type"), "code");
	assert_string_equal(parameter(url, "client_id"), "paas%20cli");
	assert_string_equal(parameter(url, "scope"), "openid%20email");
	assert_string_equal(parameter(url, "code_challenge_method"), "S256");
	assert_string_equal(parameter(url, "nonce"), nonce);
	assert_int_equal(strlen(parameter(url, "state")), 43);
	assert_null(strstr(url, "prompt="));
	assert_int_equal(status_of(callback("&code=c%2F1")), 200); /* before anybody waits */
	reply_with(WHOLE, 200, tokens);
	assert_true(wait_for_browser(60000));
	assert_secret(granted.access_token, "access-1");
	assert_int_equal(n_seen, 1);
	assert_string_equal(seen[0].path, "/token");
	assert_string_equal(parameter(seen[0].body, "grant_type"), "authorization_code");
	assert_string_equal(parameter(seen[0].body, "code"), "c%2F1");
	assert_string_equal(parameter(seen[0].body, "redirect_uri"), parameter(url, "redirect_uri"));
	const char *verifier = parameter(seen[0].body, "code_verifier");
	assert_int_equal(strlen(verifier), 43);
	crypto_hash_sha256(hash, (const unsigned char *)verifier, strlen(verifier));
	assert_string_equal(base64url_encode(hash, sizeof hash, &arena), parameter(url, "code_challenge"));
	end();
}

static void
test_code__is_redeemed_with_its_verifier(void **state)
{
	(void)state;
	in_fiber(log_in);
}

static void
begin_twice(void)
{
	begin();
	const char *first = url, *first_nonce = nonce;
	end();
	issuer.authorization_endpoint = arena_printf(&arena, "%s?tenant=1", issuer.authorization_endpoint);
	assert_true(grant_code_begin(loop, &issuer, "openid", true, &arena, &flow, &url, &nonce, &err));
	assert_non_null(strstr(url, "/authorize?tenant=1&response_type="));
	assert_string_equal(parameter(url, "prompt"), "login");
	assert_string_not_equal(nonce, first_nonce);
	assert_string_not_equal(parameter(url, "state"), parameter(first, "state"));
	assert_string_not_equal(parameter(url, "code_challenge"), parameter(first, "code_challenge"));
	end();
	assert_true(grant_code_begin(loop, &issuer, "openid offline_access", false, &arena, &flow, &url, &nonce, &err));
	assert_string_equal(parameter(url, "prompt"), "consent");
	end();
	assert_true(grant_code_begin(loop, &issuer, "openid offline_access", true, &arena, &flow, &url, &nonce, &err));
	assert_string_equal(parameter(url, "prompt"), "login%20consent");
	end();
	issuer.supports_s256 = false;
	assert_false(grant_code_begin(loop, &issuer, "openid", true, &arena, &flow, &url, &nonce, &err));
	assert_said("no PKCE with S256");
}

static void
test_code__18_each_login_has_numbers_of_its_own(void **state)
{
	(void)state;
	in_fiber(begin_twice);
}

/* Others on this machine, and the browser's own curiosity, change nothing. */
static void
come_wrongly(void)
{
	struct http_response answer;
	begin();
	assert_int_equal(status_of("/favicon.ico"), 404);
	assert_int_equal(status_of("/"), 404);
	assert_int_equal(status_of("/callback/x?code=1"), 404);
	assert_int_equal(status_of("/callbackx"), 404);
	assert_int_equal(status_of("/callback"), 400);
	assert_int_equal(status_of("/callback?code=evil"), 400);
	assert_int_equal(status_of("/callback?code=evil&state="), 400);
	assert_int_equal(status_of("/callback?code=evil&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 400);
	assert_int_equal(status_of("/callback?error=access_denied&state=x"), 400);
	assert_int_equal(status_of(callback("&state=x&code=evil")), 400);
	assert_int_equal(status_of(callback("&code=evil&code=c")), 400);
	assert_int_equal(status_of(callback("&code=%0a")), 400);
	assert_int_equal(status_of(callback("&code=%4")), 400);
	assert_int_equal(status_of(callback("x&code=evil")), 400);
	assert_true(visit("POST", callback("&code=evil"), &answer));
	assert_int_equal(answer.status, 405);
	assert_int_equal(status_of(callback("&session_state=1&code=good")), 200);
	reply_with(WHOLE, 200, tokens);
	assert_true(wait_for_browser(60000));
	assert_string_equal(parameter(seen[0].body, "code"), "good");
	end();
}

static void
test_code__18_a_wrong_state_or_path_is_not_the_answer(void **state)
{
	(void)state;
	in_fiber(come_wrongly);
}

static void
come_twice(void)
{
	struct http_response answer;
	begin();
	assert_int_equal(status_of(callback("&code=first")), 200);
	assert_false(visit(NULL, callback("&code=second"), &answer)); /* nobody listens any more */
	reply_with(WHOLE, 200, tokens);
	assert_true(wait_for_browser(60000));
	assert_string_equal(parameter(seen[0].body, "code"), "first");
	assert_int_equal(n_seen, 1);
	end();
}

static void
test_code__18_the_port_closes_after_the_answer(void **state)
{
	(void)state;
	in_fiber(come_twice);
}

static int
connect_and_say(const char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port()), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	return fd;
}

static void
come_slowly(void)
{
	enum { MANY = 40, FLOOD = 64 * 1024 };
	int mute[MANY];
	char *flood = arena_alloc(&arena, FLOOD + 1);
	begin();
	for (int i = 0; i < MANY; i++) {
		mute[i] = connect_and_say(i % 2 == 0 ? "" : "GET /callb");
		fiber_sleep(loop, 1);
	}
	memset(flood, 'A', FLOOD);
	memcpy(flood, "GET /callback?", strlen("GET /callback?"));
	int flooding = connect_and_say(flood);
	assert_int_equal(status_of(callback("&code=good")), 200);
	reply_with(WHOLE, 200, tokens);
	assert_true(wait_for_browser(60000));
	for (int i = 0; i < MANY; i++)
		close(mute[i]);
	close(flooding);
	end();
}

static void
test_code__18_slow_and_loud_clients_hold_up_nobody(void **state)
{
	(void)state;
	in_fiber(come_slowly);
}

/* Another client comes in the middle, and goes. */
static void
come_in_pieces(void)
{
	char text[4096] = "";
	begin();
	const char *target = callback("&code=good");
	int fd = connect_and_say("GET ");
	fiber_sleep(loop, 100);
	for (const char *at = target; *at != '\0'; at += strlen(at) < 10 ? strlen(at) : 10) {
		assert_true(send(fd, at, strlen(at) < 10 ? strlen(at) : 10, MSG_NOSIGNAL) > 0);
		fiber_sleep(loop, 100);
	}
	assert_int_equal(status_of("/favicon.ico"), 404);
	static const char rest[] = " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
	assert_int_equal(send(fd, rest, strlen(rest), MSG_NOSIGNAL), strlen(rest));
	reply_with(WHOLE, 200, tokens);
	assert_true(wait_for_browser(60000));
	size_t length = 0;
	ssize_t n;
	while ((n = recv(fd, text + length, sizeof text - 1 - length, 0)) > 0)
		length += (size_t)n;
	close(fd);
	assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\n"));
	end();
}

static void
test_code__comes_in_pieces_too(void **state)
{
	(void)state;
	in_fiber(come_in_pieces);
}

/* Nothing of the login stands in the page, and only its own script runs there. */
static void
read_page(void)
{
	struct http_response answer;
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[128];
	begin();
	assert_true(visit(NULL, callback("&code=good&x=<b>"), &answer));
	const char *policy = http_header_value(&answer, "content-security-policy"), *script = strstr(answer.body, "<script>");
	assert_non_null(script);
	script += strlen("<script>");
	crypto_hash_sha256(hash, (const unsigned char *)script, (size_t)(strstr(script, "</script>") - script));
	sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
	assert_non_null(strstr(policy, arena_printf(&arena, "script-src 'sha256-%s'", text)));
	assert_non_null(strstr(policy, "default-src 'none'"));
	assert_string_equal(http_header_value(&answer, "referrer-policy"), "no-referrer");
	assert_string_equal(http_header_value(&answer, "cache-control"), "no-store");
	assert_null(strstr(answer.body, "good"));
	assert_null(strstr(answer.body, "<b>"));
	assert_null(strstr(answer.body, parameter(url, "state")));
	end();
}

static void
test_code__the_page_holds_no_secret(void **state)
{
	(void)state;
	in_fiber(read_page);
}

/* ---- a machine without 127.0.0.1 ---- */

enum { IS_SKIPPED = 77 };

/* A network of our own, whose loopback interface has no address of IPv4. */
static bool
leave_ipv4(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	struct sockaddr_in nothing = {.sin_family = AF_INET};
	int fd = unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0)
		return false;
	memcpy(&request.ifr_addr, &nothing, sizeof nothing);
	return ioctl(fd, SIOCSIFADDR, &request) == 0;
}

static int
listen_there(void)
{
	struct loopback_listener *listener;
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct loop *own;
	if (!leave_ipv4())
		return IS_SKIPPED;
	if (!loop_open(&own, &err) || !loopback_listener_open(&(struct loopback_options){.loop = own, .path = "/callback"}, &listener, &err))
		return 1;
	address.sin6_port = htons(loopback_listener_port(listener));
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_there = strcmp(loopback_listener_host(listener), "[::1]") == 0 &&
	                connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
	close(fd);
	loopback_listener_close(listener);
	loop_close(own);
	return is_there ? 0 : 2;
}

static void
test_code__without_ipv4_the_browser_comes_back_over_ipv6(void **state)
{
	int status = 0;
	(void)state;
	pid_t child = fork();
	if (child == 0)
		_exit(listen_there());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == IS_SKIPPED)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- refusals ---- */

static void
assert_ends(const char *rest, enum error_code expected, const char *why)
{
	begin();
	assert_int_equal(status_of(callback(rest)), 200);
	assert_false(wait_for_browser(60000));
	assert_int_equal(err.code, expected);
	assert_said(why);
	assert_int_equal(n_seen, 0);
	end();
}

static void
refuse(void)
{
	assert_ends("&error=access_denied", ERROR_FORBIDDEN, "access_denied");
	assert_ends("&error=login_required&error_description=no+session", ERROR_NOT_LOGGED_IN, "login_required: no session");
	assert_ends("&error=made_up", ERROR_BAD_ANSWER, "made_up");
	assert_ends("", ERROR_BAD_ANSWER, "without a code");
	assert_ends("&error=access_denied&code=x", ERROR_FORBIDDEN, "access_denied");
}

static void
test_code__refusals_end_it(void **state)
{
	(void)state;
	in_fiber(refuse);
}

static void
mix_up(void)
{
	assert_ends("&code=c&iss=https%3A%2F%2Fsso.evil.example", ERROR_BAD_ANSWER, "\"https://sso.evil.example\"");
	assert_ends(arena_printf(&arena, "&code=c&iss=%s%%2F", http_escape(secure_site, &arena)), ERROR_BAD_ANSWER, "not from");
	document = arena_printf(&arena, "{\"authorization_response_iss_parameter_supported\":true,%s", good_document(secure_site) + 1);
	assert_ends("&code=c", ERROR_BAD_ANSWER, "without saying from which sign-on server");
	begin();
	assert_int_equal(status_of(callback(arena_printf(&arena, "&code=c&iss=%s", http_escape(secure_site, &arena)))), 200);
	reply_with(WHOLE, 200, tokens);
	assert_true(wait_for_browser(60000));
	end();
}

static void
test_code__17_of_another_issuer_is_not_redeemed(void **state)
{
	(void)state;
	in_fiber(mix_up);
}

static void
lose_answer(void)
{
	begin();
	assert_int_equal(status_of(callback("&code=c")), 200);
	reply_with(SHUT, 0, "");
	assert_false(wait_for_browser(60000));
	assert_int_equal(n_seen, 1);
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	assert_false(err.retryable);
	end();
}

static void
test_code__is_redeemed_once(void **state)
{
	(void)state;
	in_fiber(lose_answer);
}

static void
stay_away(void)
{
	begin();
	assert_false(wait_for_browser(300));
	assert_int_equal(err.code, ERROR_TIMED_OUT);
	end();
}

static void
test_code__nobody_comes(void **state)
{
	(void)state;
	in_fiber(stay_away);
}

static void
wait_cancelled(void *data)
{
	begin();
	*(bool *)data = true;
	assert_false(wait_for_browser(3600 * 1000));
	assert_int_equal(err.code, ERROR_INTERRUPTED);
	end();
}

static void
cancel_soon(void)
{
	bool is_waiting = false;
	struct fiber *fiber = fiber_start(loop, wait_cancelled, &is_waiting);
	while (!is_waiting)
		fiber_sleep(loop, 100);
	fiber_cancel(fiber);
	fiber_join(fiber);
}

static void
test_code__the_wait_can_be_interrupted(void **state)
{
	(void)state;
	in_fiber(cancel_soon);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_code__is_redeemed_with_its_verifier),
		TEST(test_code__18_each_login_has_numbers_of_its_own),
		TEST(test_code__18_a_wrong_state_or_path_is_not_the_answer),
		TEST(test_code__18_the_port_closes_after_the_answer),
		TEST(test_code__18_slow_and_loud_clients_hold_up_nobody),
		TEST(test_code__comes_in_pieces_too),
		TEST(test_code__the_page_holds_no_secret),
		TEST(test_code__without_ipv4_the_browser_comes_back_over_ipv6),
		TEST(test_code__refusals_end_it),
		TEST(test_code__17_of_another_issuer_is_not_redeemed),
		TEST(test_code__is_redeemed_once),
		TEST(test_code__nobody_comes),
		TEST(test_code__the_wait_can_be_interrupted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

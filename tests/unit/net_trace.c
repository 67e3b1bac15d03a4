/* What -v and -vv show, and what they never do. */
#include "net_fixture.h"

#include "base/buf.h"
#include "base/trace.h"

static struct buf shown = BUF_INIT(1 << 20);

static void
handle(void *data, struct web_request *request)
{
	static const char body[] = "{\"name\":\"shop\",\"access_token\":\"t0ken\"}";
	(void)data;
	web_add_header(request, "Set-Cookie", "session=c00kie");
	web_add_header(request, "Location", "https://store.example/x?X-Amz-Signature=s1gn");
	web_respond(request, strcmp(request->path, "/late") == 0 ? 503 : 200, body, sizeof body - 1);
}

static void
keep_line(const char *line)
{
	buf_add_text(&shown, line);
	buf_add_char(&shown, '\n');
}

static int
set_up(void **state)
{
	buf_clear(&shown);
	trace_set_sink(keep_line);
	return open_all(state);
}

static int
tear_down(void **state)
{
	trace_set_level(TRACE_OFF);
	trace_set_sink(NULL);
	buf_release(&shown);
	return close_all(state);
}

static void
ask(const char *target)
{
	struct http_response answer;
	scoped(secret_release) struct secret *token = secret_new("b3arer", 6);
	struct http_endpoint endpoint = {.system = "kubernetes dev", .origin = secure_site,
	                                 .ca_pem = certificate.ca_pem, .bearer = token};
	struct http_header header = {"X-Api-Key", "k3y"};
	assert_true(http_send(http, &(struct http_request){.method = "PUT", .url = at(secure_site, target),
	                                                   .endpoint = &endpoint, .policy = &quick, .headers = &header,
	                                                   .n_headers = 1, .body = "password=w0rd&a=b", .body_length = 17},
	                      &arena, &answer, &err));
}

static void
ask_all(void)
{
	trace_set_level(TRACE_REQUESTS);
	ask("/api/v1/pods?limit=500&token=qu3ry");
	assert_non_null(strstr(shown.bytes, "paas api kubernetes PUT '/api/v1/pods?limit=500&token=(hidden)'  # dev, 200, "));
	assert_null(strchr(strchr(shown.bytes, '\n') + 1, '\n'));
	ask("/late");
	assert_non_null(strstr(shown.bytes, "# try 3 of 3 in "));
	trace_set_level(TRACE_BODIES);
	ask("/x");
	assert_non_null(strstr(shown.bytes, "> authorization: (bearer, hidden)"));
	assert_non_null(strstr(shown.bytes, "> password=(hidden)&a=b"));
	assert_non_null(strstr(shown.bytes, "< {\"name\":\"shop\",\"access_token\":\"(hidden)\"}"));
	static const char *const secrets[] = {"b3arer", "k3y", "w0rd", "t0ken", "c00kie", "s1gn", "qu3ry"};
	for (size_t i = 0; i < array_length(secrets); i++)
		assert_null(strstr(shown.bytes, secrets[i]));
}

static void
test_trace__can_be_pasted_and_holds_no_secret(void **state)
{
	(void)state;
	in_fiber(ask_all);
}

static void
ask_webhook(void)
{
	struct http_response answer;
	struct http_endpoint endpoint = {.system = "chat", .origin = plain_site, .has_secret_url = true};
	trace_set_level(TRACE_BODIES);
	assert_true(http_send(http, &(struct http_request){.url = at(plain_site, "/services/h00k"), .endpoint = &endpoint},
	                      &arena, &answer, &err));
	assert_null(strstr(shown.bytes, "h00k"));
	web_server_close(plain);
	plain = NULL;
	assert_false(http_send(http, &(struct http_request){.url = at(plain_site, "/services/h00k"), .endpoint = &endpoint,
	                                                    .policy = &quick}, &arena, &answer, &err));
	assert_null(strstr(err.why, "h00k"));
	assert_null(strstr(err.source.object, "h00k"));
	assert_null(strstr(err.source.url, "h00k"));
	assert_null(strstr(shown.bytes, "h00k"));
}

static void
test_trace__a_webhook_is_a_secret_as_a_whole(void **state)
{
	(void)state;
	in_fiber(ask_webhook);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_trace__can_be_pasted_and_holds_no_secret, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_trace__a_webhook_is_a_secret_as_a_whole, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("net/trace", tests, NULL, NULL);
}

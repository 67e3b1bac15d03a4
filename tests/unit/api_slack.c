/* Slack's Web API: what is sent, and what its refusals become. */
#include "net_fixture.h"

#include <stdio.h>

#include "api/slack/slack.h"

static char seen_path[64], seen_body[1000];
static const char *answer;
static unsigned n_requests;

static void
handle(void *data, struct web_request *request)
{
	(void)data;
	n_requests++;
	snprintf(seen_path, sizeof seen_path, "%s", request->path);
	snprintf(seen_body, sizeof seen_body, "%.*s", (int)request->body_length, request->body);
	web_respond(request, strcmp(answer, "500") == 0 ? 500 : 200, answer, strlen(answer));
}

static void
test_slack__says_text_as_text(void **state)
{
	(void)state;
	assert_string_equal(slack_escape("<!channel> & @here\n*x*\033[2J", &arena),
	                    "&lt;!channel&gt; &amp; @\xe2\x80\x8bhere *x* [2J");
	char *many = arena_alloc(&arena, 10001);
	memset(many, '<', 10000);
	assert_true(strlen(slack_escape(many, &arena)) < 3501);
	/* A character is never cut, wherever the end falls: half of one is no JSON, and nobody would be told. */
	for (size_t before = 0; before < 4; before++) {
		memset(many, 'a', before);
		for (size_t i = before; i + 4 < 10000; i += 4)
			memcpy(many + i, "\xf0\x9f\x9a\x80", 5);
		json_t *said = json_string(slack_escape(many, &arena));
		assert_non_null(said);
		json_decref(said);
	}
}

static bool
say(const char *ts, struct slack_message *ret)
{
	struct http_endpoint endpoint = {.system = "slack", .origin = secure_site, .ca_pem = certificate.ca_pem};
	struct rest rest = {.http = http, .endpoint = &endpoint, .url = at(secure_site, "/api"), .name = "slack",
	                    .label = "Slack", .message = "error"};
	struct slack_message message = {.channel = "#payments", .ts = ts, .text = "hello", .event_type = "paas_deployment",
	                                .event_id = "20261124-x"};
	return slack_say(&rest, &message, &arena, ret, &err);
}

static void
say_all(void)
{
	struct slack_message said;
	answer = "{\"ok\":true,\"channel\":\"C1\",\"ts\":\"1700000000.000100\"}";
	assert_true(say(NULL, &said));
	assert_string_equal(seen_path, "/api/chat.postMessage");
	assert_string_equal(said.channel, "C1");
	assert_string_equal(said.ts, "1700000000.000100");
	assert_non_null(strstr(seen_body, "\"event_payload\":{\"id\":\"20261124-x\"}"));
	assert_null(strstr(seen_body, "\"ts\""));
	assert_true(say("1700000000.000100", &said));
	assert_string_equal(seen_path, "/api/chat.update");
	assert_non_null(strstr(seen_body, "\"ts\":\"1700000000.000100\""));
	answer = "{\"ok\":false,\"error\":\"not_in_channel\"}";
	assert_false(say(NULL, &said));
	assert_true(err.code == ERROR_FORBIDDEN && strstr(err.next, "/invite") != NULL);
	static const struct {
		const char *answer;
		enum error_code code;
	} refusals[] = {
		{"{\"ok\":false,\"error\":\"channel_not_found\"}", ERROR_NOT_FOUND},
		{"{\"ok\":false,\"error\":\"is_archived\"}", ERROR_CONFLICT},
		{"{\"ok\":false,\"error\":\"missing_scope\"}", ERROR_FORBIDDEN},
		{"{\"ok\":false,\"error\":\"token_expired\"}", ERROR_NOT_LOGGED_IN},
		{"{\"ok\":false,\"error\":\"account_inactive\"}", ERROR_NOT_LOGGED_IN},
		{"{\"ok\":false,\"error\":\"ratelimited\"}", ERROR_RATE_LIMITED},
		{"{}", ERROR_FAILED},
	};
	for (size_t i = 0; i < array_length(refusals); i++) {
		answer = refusals[i].answer;
		assert_false(say(NULL, &said));
		assert_int_equal(err.code, refusals[i].code);
	}
	answer = "{\"ok\":false,\"error\":\"something_new\"}";
	assert_false(say(NULL, &said));
	assert_true(err.code == ERROR_FAILED && strstr(err.why, "something_new") != NULL);
	answer = "500";
	n_requests = 0;
	assert_false(say(NULL, &said));
	assert_true(err.code == ERROR_UNREACHABLE && n_requests == 1);
}

static void
test_slack__posts_once_and_changes(void **state)
{
	(void)state;
	in_fiber(say_all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_slack__says_text_as_text, open_all, close_all),
		cmocka_unit_test_setup_teardown(test_slack__posts_once_and_changes, open_all, close_all),
	};
	return cmocka_run_group_tests_name("api/slack", tests, NULL, NULL);
}

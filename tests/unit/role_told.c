/* Who is told of a deployment: what GitHub and Slack are sent, and that no text in it is more than text. */
#include "net_fixture.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "data/json.h"
#include "data/platform.h"
#include "role/chat.h"
#include "role/scm.h"

static struct platform platform;
static char ca_path[64], asked[2000], sent[4][4000];
static size_t n_sent;
static const char *deployments, *commit_status;

/* Whatever is posted is kept, in order. */
static void
handle(void *data, struct web_request *request)
{
	const char *answer = "{\"id\":9,\"ok\":true,\"channel\":\"C1\",\"ts\":\"1.2\"}";
	(void)data;
	snprintf(asked + strlen(asked), sizeof asked - strlen(asked), "%s %s\n", request->method, request->target);
	if (strcmp(request->method, "POST") == 0 && n_sent < array_length(sent))
		snprintf(sent[n_sent++], sizeof sent[0], "%.*s", (int)request->body_length, request->body);
	else if (strstr(request->target, "/statuses?") != NULL)
		answer = "[]";
	else
		answer = strstr(request->target, "/deployments?") != NULL ? deployments : commit_status;
	web_respond(request, 200, answer, strlen(answer));
}

static int
set_up(void **state)
{
	asked[0] = '\0';
	n_sent = 0;
	deployments = "[]";
	commit_status = "{\"statuses\":[]}";
	snprintf(ca_path, sizeof ca_path, "/tmp/paas-test-%d-told.pem", (int)getpid());
	if (open_all(state) != 0 || !file_write(ca_path, certificate.ca_pem, strlen(certificate.ca_pem), 0600, &err))
		return -1;
	setenv("PAAS_TOKEN_SCM", "tok-scm", 1);
	setenv("PAAS_TOKEN_CHAT", "tok-chat", 1);
	platform = (struct platform){.scm = {.provider = "github", .url = at(secure_site, "/api/v3"), .ca_file = ca_path},
	                             .chat = {.provider = "slack", .url = at(secure_site, "/api"), .ca_file = ca_path}};
	return 0;
}

static int
tear_down(void **state)
{
	unlink(ca_path);
	unsetenv("PAAS_TOKEN_SCM");
	unsetenv("PAAS_TOKEN_CHAT");
	return close_all(state);
}

static void
assert_sent(size_t i, const char *path, const char *expected)
{
	json_t *body = json_loads(sent[i], 0, NULL);
	assert_non_null(body);
	assert_string_equal(json_text_or(body, path, ""), expected);
	json_decref(body);
}

/* ---- Slack ---- */

static void
say_in_chat(void)
{
	scoped(chat_close) struct chat *chat = NULL;
	struct chat_message said, message = {.channel = "#<!here>", .event_type = "paas_deployment", .event_id = "<!channel>",
	                                     .text = "<!channel> <@U1> <http://x|y> a & b\033[2J\n\177@here"};
	assert_true(chat_open(http, &platform, &arena, &chat, &err));
	assert_true(chat_say(chat, &message, &arena, &said, &err));
	assert_sent(0, "text", "&lt;!channel&gt; &lt;@\xe2\x80\x8bU1&gt; &lt;http://x|y&gt; a &amp; b [2J  @\xe2\x80\x8bhere");
	assert_sent(0, "channel", "#<!here>"); /* a name, of which Slack makes no mark-up */
	assert_non_null(strstr(sent[0], "\"unfurl_links\":false"));
	assert_non_null(strstr(sent[0], "\"unfurl_media\":false"));
	message.text = "\xff";
	assert_false(chat_say(chat, &message, &arena, &said, &err));
	assert_int_equal(n_sent, 1);
}

static void
test_chat__mentions_and_links_nobody(void **state)
{
	(void)state;
	in_fiber(say_in_chat);
}

/* ---- GitHub ---- */

static bool
tell(enum scm_stage stage, const char *text)
{
	scoped(scm_close) struct scm *scm = NULL;
	const struct scm_deployment deployment = {.commit = "c0/../ff?x=#", .id = "20261124-x", .environment = "p&r/../o",
	                                          .text = text, .url = "https://gate.example/run"};
	n_sent = 0;
	asked[0] = '\0';
	return scm_open(http, &platform, &arena, &scm, &err) &&
	       scm_say_deployment(scm, "acme/shop", &deployment, stage, &arena, &err);
}

static void
tell_new(void)
{
	char text[300];
	assert_true(tell(SCM_FAILED, "<img> @all | `E`"));
	assert_int_equal(n_sent, 3);
	assert_non_null(strstr(asked, "/deployments?environment=p%26r%2F..%2Fo&sha=c0%2F..%2Fff%3Fx%3D%23&"));
	assert_non_null(strstr(asked, "GET /api/v3/repos/acme/shop/commits/c0%2F..%2Fff%3Fx%3D%23/status?"));
	assert_non_null(strstr(asked, "POST /api/v3/repos/acme/shop/statuses/c0%2F..%2Fff%3Fx%3D%23\n"));
	/* Else GitHub merges, or waits for checks, in place of making one. */
	assert_non_null(strstr(sent[0], "\"auto_merge\":false"));
	assert_non_null(strstr(sent[0], "\"required_contexts\":[]"));
	assert_sent(1, "state", "failure");
	assert_sent(2, "state", "failure");
	assert_sent(2, "context", "paas/deploy/p&r/../o");
	assert_sent(2, "description", "<img> @all | `E`");
	assert_sent(1, "log_url", "https://gate.example/run");
	assert_sent(2, "target_url", "https://gate.example/run");
	assert_true(tell(SCM_WAITING, "x"));
	assert_sent(1, "state", "pending");
	assert_sent(2, "state", "pending");
	assert_true(tell(SCM_UNCLEAR, "x"));
	assert_sent(1, "state", "error");
	assert_sent(2, "state", "error");
	memset(text, 'a', sizeof text);
	memcpy(text + 134, "\xf0\x9f\x9a\x80", 4); /* where 140 bytes end */
	text[299] = '\0';
	assert_true(tell(SCM_UNDER_WAY, text));
	text[134] = '\0';
	assert_sent(1, "state", "in_progress");
	assert_sent(2, "state", "pending");
	assert_sent(1, "description", arena_printf(&arena, "%s\xe2\x80\xa6", text));
	assert_sent(2, "description", arena_printf(&arena, "%s\xe2\x80\xa6", text));
}

static void
test_scm__text_and_names_are_data(void **state)
{
	(void)state;
	in_fiber(tell_new);
}

static void
tell_again(void)
{
	deployments = "[{\"id\":8,\"payload\":{\"paas_deployment\":\"other\"}},{\"id\":7,\"payload\":\"{\\\"paas_deployment\\\":"
	              "\\\"20261124-x\\\"}\"},{\"id\":6,\"payload\":{\"paas_deployment\":\"20261124-x\"}}]";
	commit_status = "{\"statuses\":[{\"context\":\"paas/deploy/dev\",\"state\":\"success\",\"description\":\"x\"},"
	                "{\"context\":\"paas/deploy/p&r/../o\",\"state\":\"success\",\"description\":\"x\"}]}";
	assert_true(tell(SCM_SUCCEEDED, "x"));
	assert_int_equal(n_sent, 1); /* the commit says so already */
	assert_non_null(strstr(asked, "POST /api/v3/repos/acme/shop/deployments/7/statuses\n"));
	assert_true(tell(SCM_SUCCEEDED, "y"));
	assert_int_equal(n_sent, 2);
	assert_true(tell(SCM_FAILED, "x"));
	assert_int_equal(n_sent, 2);
}

static void
test_scm__finds_the_newest_of_a_deployment(void **state)
{
	(void)state;
	in_fiber(tell_again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_chat__mentions_and_links_nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_scm__text_and_names_are_data, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_scm__finds_the_newest_of_a_deployment, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("role/told", tests, NULL, NULL);
}

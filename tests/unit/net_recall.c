/* Answers that are kept, and a server that says of them that they still hold. */
#include "net_fixture.h"

#include <stdio.h>

#include "net/client.h"
#include "net/recall.h"

static char condition[300], body[RECALL_BODY_MAX + 2];
static const char *tag, *control, *text;
static int n_requests;
static bool is_forgetting;

static void
forget_all(void)
{
	const struct http_header header = {"etag", "\"other\""};
	for (int i = 0; i < RECALL_ENTRIES; i++) {
		unsigned char key[RECALL_KEY_BYTES] = {(unsigned char)i};
		recall_keep(http->recall, key, &(struct http_response){.status = 200, .headers = &header, .n_headers = 1, .body = ""});
	}
}

static void
handle(void *data, struct web_request *request)
{
	const char *known = web_header(request, "If-None-Match");
	(void)data;
	n_requests++;
	snprintf(condition, sizeof condition, "%s", known != NULL ? known : "-");
	if (is_forgetting && known != NULL)
		forget_all();
	if (tag != NULL)
		web_add_header(request, "ETag", tag);
	if (control != NULL)
		web_add_header(request, "Cache-Control", control);
	if (known != NULL && tag != NULL && strcmp(known, tag) == 0) {
		web_respond(request, 304, "", 0);
		return;
	}
	web_add_header(request, "Link", "<https://there/?page=2>; rel=\"next\"");
	web_respond(request, 200, text, strlen(text));
}

static int
set_up(void **state)
{
	tag = "W/\"one\"";
	control = NULL;
	text = "the first";
	n_requests = 0;
	is_forgetting = false;
	return open_all(state);
}

/* Asks, and checks what was said in the condition and what came of it. */
static void
ask(const char *path, const char *token, const char *wanted_condition, const char *wanted_body)
{
	struct secret *secret = secret_new(token, strlen(token));
	const struct http_endpoint endpoint = {.system = "test", .origin = secure_site, .ca_pem = certificate.ca_pem, .bearer = secret};
	const struct http_request request = {.url = at(secure_site, path), .endpoint = &endpoint, .policy = &quick, .is_repeated = true};
	struct http_response answer;
	assert_true(http_send(http, &request, &arena, &answer, &err));
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body, wanted_body);
	assert_int_equal(answer.length, strlen(wanted_body));
	assert_string_equal(http_header_value(&answer, "link"), "<https://there/?page=2>; rel=\"next\"");
	assert_string_equal(answer.url, request.url);
	assert_string_equal(condition, wanted_condition);
	secret_free(secret);
}

static void
ask_again(void)
{
	ask("/a", "me", "-", "the first");
	ask("/a", "me", "W/\"one\"", "the first");
	ask("/b", "me", "-", "the first");
	ask("/a", "you", "-", "the first");
	tag = "W/\"two\"";
	text = "the second";
	ask("/a", "me", "W/\"one\"", "the second");
	ask("/a", "me", "W/\"two\"", "the second");
}

static void
test_recall__what_still_holds_is_not_sent_again(void **state)
{
	(void)state;
	in_fiber(ask_again);
}

static void
ask_what_is_not_kept(void)
{
	control = "private, No-Store";
	ask("/a", "me", "-", "the first");
	ask("/a", "me", "-", "the first");
	control = NULL;
	tag = NULL;
	ask("/a", "me", "-", "the first");
	ask("/a", "me", "-", "the first");
	tag = "\"large\"";
	memset(body, 'x', sizeof body - 1);
	text = body;
	ask("/a", "me", "-", body);
	ask("/a", "me", "-", body);
}

static void
test_recall__keeps_neither_what_it_may_not_nor_what_is_large(void **state)
{
	(void)state;
	in_fiber(ask_what_is_not_kept);
}

static void
ask_what_is_gone(void)
{
	ask("/a", "me", "-", "the first");
	is_forgetting = true;
	ask("/a", "me", "-", "the first");
	assert_int_equal(n_requests, 3);
}

static void
test_recall__what_went_meanwhile_is_asked_for_once_more(void **state)
{
	(void)state;
	in_fiber(ask_what_is_gone);
}

static void
ask_many(void)
{
	for (int i = 0; i < RECALL_ENTRIES; i++)
		ask(arena_printf(&arena, "/%d", i), "me", "-", "the first");
	ask("/0", "me", "W/\"one\"", "the first");
	ask("/one-more", "me", "-", "the first");
	ask("/0", "me", "W/\"one\"", "the first");
	ask("/1", "me", "-", "the first");
	memset(body, 'x', sizeof body - 1);
	body[RECALL_BODY_MAX] = '\0';
	text = body;
	for (int i = 0; i < 4; i++)
		ask(arena_printf(&arena, "/large/%d", i), "me", "-", body);
	ask("/0", "me", "-", body);
}

static void
test_recall__is_bounded_in_number_and_size(void **state)
{
	(void)state;
	in_fiber(ask_many);
}

/* To a condition that the caller made itself. */
static void
ask_plainly(void)
{
	struct http_response answer;
	const struct http_endpoint endpoint = {.system = "test", .origin = secure_site, .ca_pem = certificate.ca_pem};
	const struct http_header header = {"If-None-Match", "W/\"one\""};
	assert_true(http_send(http, &(struct http_request){.url = at(secure_site, "/a"), .endpoint = &endpoint, .policy = &quick,
	                                                   .headers = &header, .n_headers = 1, .is_repeated = true},
	                      &arena, &answer, &err));
	assert_int_equal(answer.status, 304);
}

static void
test_recall__nothing_kept_is_no_answer(void **state)
{
	(void)state;
	in_fiber(ask_plainly);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_recall__##name, set_up, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_still_holds_is_not_sent_again), TEST(keeps_neither_what_it_may_not_nor_what_is_large),
		TEST(what_went_meanwhile_is_asked_for_once_more), TEST(is_bounded_in_number_and_size), TEST(nothing_kept_is_no_answer),
	};
	return cmocka_run_group_tests_name("net/recall", tests, NULL, NULL);
}

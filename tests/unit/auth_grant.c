/* covers: token-store-9.21 */
#include "auth_fixture.h"

static const char tokens[] = "{\"access_token\":\"access-1\",\"token_type\":\"Bearer\",\"expires_in\":3600,"
                             "\"refresh_token\":\"refresh-2\",\"id_token\":\"a.b.c\",\"scope\":\"openid\"}";
static struct device_code code;
static struct granted granted;

static void
release_all(void)
{
	granted_release(&granted);
	device_code_release(&code);
}

/* ---- device (RFC 8628) ---- */

static bool
begin(const char *answer)
{
	assert_true(discover(secure_site));
	reply_with(WHOLE, 200, answer);
	return grant_device_begin(http, &issuer, "openid offline_access", &arena, &code, &err);
}

static const char *
device_answer(const char *rest)
{
	return arena_printf(&arena, "{\"device_code\":\"de+vice\",\"user_code\":\"WDJB-MJHT\",\"verification_uri\":\"%s/go\"%s}",
	                    secure_site, rest);
}

static bool
wait_for_person(void)
{
	return grant_device_wait(http, loop, &issuer, &code, &arena, &granted, &err);
}

static void
poll_until_granted(void)
{
	assert_true(begin(device_answer(",\"expires_in\":1800,\"interval\":5")));
	assert_string_equal(seen[0].path, "/device");
	assert_string_equal(seen[0].body, "client_id=paas%20cli&scope=openid%20offline_access");
	assert_string_equal(code.user_code, "WDJB-MJHT");
	assert_null(code.verification_uri_complete);
	assert_int_equal(code.expires_in_ms, 1800 * 1000);
	reply_with(WHOLE, 400, "{\"error\":\"authorization_pending\"}");
	reply_with(WHOLE, 400, "{\"error\":\"slow_down\"}");
	reply_with(WHOLE, 400, "{\"error\":\"authorization_pending\"}");
	reply_with(WHOLE, 200, tokens);
	assert_true(wait_for_person());
	assert_int_equal(n_seen, 5); /* stops at once */
	assert_string_equal(seen[1].path, "/token");
	assert_string_equal(seen[1].body, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=paas%20cli"
	                                  "&device_code=de%2Bvice");
	assert_true(seen[2].at_ms - seen[1].at_ms >= 5000);
	assert_true(seen[3].at_ms - seen[2].at_ms >= 10000);
	assert_true(seen[4].at_ms - seen[3].at_ms >= 10000); /* for good */
	assert_secret(granted.access_token, "access-1");
	assert_secret(granted.refresh_token, "refresh-2");
	assert_secret(granted.id_token, "a.b.c");
	assert_true(granted.expires_at_ms > clock_wall_ms());
	release_all();
}

static void
test_device__polls_and_slows_down_for_good(void **state)
{
	(void)state;
	in_fiber(poll_until_granted);
}

static void
read_intervals(void)
{
	static const struct {
		const char *rest;
		int64_t interval_ms, expires_in_ms;
	} rows[] = {
		{"", 5000, 600 * 1000},
		{",\"interval\":null,\"expires_in\":\"900\"", 5000, 900 * 1000},
		{",\"interval\":0,\"expires_in\":-1", 1000, 0},
		{",\"interval\":2.5,\"expires_in\":1e300", 2500, 86400 * 1000},
		{",\"interval\":86400", 60000, 600 * 1000},
		{",\"interval\":[]", 5000, 600 * 1000},
	};
	for (size_t i = 0; i < array_length(rows); i++) {
		assert_true(begin(device_answer(rows[i].rest)));
		assert_int_equal(code.interval_ms, rows[i].interval_ms);
		assert_int_equal(code.expires_in_ms, rows[i].expires_in_ms);
		release_all();
	}
}

static void
test_device__interval_may_be_missing(void **state)
{
	(void)state;
	in_fiber(read_intervals);
}

static void
refuse_begin(void)
{
	static const char *const answers[] = {
		"{}", "[]", "<html>", "{\"device_code\":\"x\",\"user_code\":\"y\",\"verification_uri\":\"javascript:alert(1)\"}",
		"{\"device_code\":\"x\",\"user_code\":\"y\",\"verification_uri\":\"http://sso.acme.example/\"}",
		"{\"device_code\":\"x\",\"user_code\":\"\",\"verification_uri\":\"https://sso.acme.example/\"}",
		"{\"device_code\":\"x\",\"user_code\":\"y\",\"verification_uri\":\"https://sso.acme.example/\","
		"\"verification_uri_complete\":\"http://sso.acme.example/?y\"}",
		"{\"device_code\":\"x\\ny\",\"user_code\":\"y\",\"verification_uri\":\"https://sso.acme.example/\"}",
	};
	for (size_t i = 0; i < array_length(answers); i++) {
		assert_false(begin(answers[i]));
		assert_int_equal(err.code, ERROR_BAD_ANSWER);
	}
	assert_true(begin("{\"device_code\":\"x\",\"user_code\":\"y\",\"verification_url\":\"https://sso.acme.example/\"}"));
	release_all();
	reply_with(WHOLE, 401, "{\"error\":\"unauthorized_client\"}");
	assert_false(grant_device_begin(http, &issuer, "openid", &arena, &code, &err));
	assert_int_equal(err.code, ERROR_FORBIDDEN);
	issuer.device_authorization_endpoint = NULL;
	assert_false(grant_device_begin(http, &issuer, "openid", &arena, &code, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
}

static void
test_device__no_code_is_a_failure(void **state)
{
	(void)state;
	in_fiber(refuse_begin);
}

static void
survive_outage(void)
{
	assert_true(begin(device_answer(",\"interval\":1,\"expires_in\":1800")));
	reply_with(WHOLE, 503, "<html>busy</html>");
	reply_with(SHUT, 0, "");
	reply_with(WHOLE, 429, "");
	reply_with(CUT, 400, "{\"error\":\"authorization_pending\"}");
	reply_with(WHOLE, 400, "{\"error\":\"authorization_pending\"}");
	reply_with(WHOLE, 200, tokens);
	assert_true(wait_for_person());
	assert_int_equal(n_seen, 7);
	assert_true(seen[3].at_ms - seen[2].at_ms >= 4000); /* 1, 2, 4, 8, 16 s; then as before */
	assert_true(seen[5].at_ms - seen[4].at_ms >= 16000);
	release_all();
}

static void
test_device__outages_are_waited_for(void **state)
{
	(void)state;
	in_fiber(survive_outage);
}

static void
assert_ends(const char *answer, enum error_code expected)
{
	assert_true(begin(device_answer(",\"interval\":1,\"expires_in\":1800")));
	size_t before = n_seen;
	reply_with(WHOLE, 400, answer);
	assert_false(wait_for_person());
	assert_int_equal(err.code, expected);
	assert_int_equal(n_seen, before + 1);
	release_all();
}

static void
end_at_refusals(void)
{
	assert_ends("{\"error\":\"access_denied\"}", ERROR_FORBIDDEN);
	assert_ends("{\"error\":\"expired_token\"}", ERROR_TIMED_OUT);
	assert_ends("{\"error\":\"invalid_grant\"}", ERROR_NOT_LOGGED_IN);
	assert_ends("{\"error\":\"made_up\"}", ERROR_BAD_ANSWER);
	assert_ends("{\"error\":1}", ERROR_BAD_ANSWER);
	assert_ends("nonsense", ERROR_BAD_ANSWER);
}

static void
test_device__refusals_end_it(void **state)
{
	(void)state;
	in_fiber(end_at_refusals);
}

static void
lose_tokens(void)
{
	assert_true(begin(device_answer(",\"interval\":1,\"expires_in\":1800")));
	reply_with(CUT, 200, tokens);
	reply_with(WHOLE, 400, "{\"error\":\"invalid_grant\"}");
	assert_false(wait_for_person());
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_string_equal(err.what, "an earlier answer was lost, perhaps the one with the tokens");
	release_all();
}

static void
test_device__a_lost_answer_is_told(void **state)
{
	(void)state;
	in_fiber(lose_tokens);
}

static void
expire(void)
{
	assert_true(begin(device_answer(",\"interval\":5,\"expires_in\":12")));
	for (int i = 0; i < 5; i++)
		reply_with(WHOLE, 400, "{\"error\":\"authorization_pending\"}");
	assert_false(wait_for_person());
	assert_int_equal(err.code, ERROR_TIMED_OUT);
	assert_said("WDJB-MJHT");
	assert_in_range(n_seen, 1, 4);
	release_all();
}

static void
test_device__the_code_expires(void **state)
{
	(void)state;
	in_fiber(expire);
}

static void
expire_while_down(void)
{
	assert_true(begin(device_answer(",\"interval\":20,\"expires_in\":100")));
	assert_false(wait_for_person()); /* the script is over: 500 */
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	assert_said("the script is over");
	release_all();
}

static void
test_device__a_server_that_stays_down_is_told(void **state)
{
	(void)state;
	in_fiber(expire_while_down);
}

static void
wait_cancelled(void *data)
{
	assert_true(begin(device_answer(",\"interval\":60,\"expires_in\":1800")));
	*(bool *)data = true;
	assert_false(wait_for_person());
	assert_int_equal(err.code, ERROR_INTERRUPTED);
	release_all();
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
test_device__can_be_interrupted(void **state)
{
	(void)state;
	in_fiber(cancel_soon);
}

/* ---- refresh ---- */

static bool
refresh(void)
{
	scoped(secret_release) struct secret *old = secret_of("refresh/1=");
	granted = (struct granted){0};
	return grant_refresh(http, &issuer, old, &arena, &granted, &err);
}

static void
refresh_well(void)
{
	assert_true(discover(secure_site));
	reply_with(WHOLE, 200, tokens);
	assert_true(refresh());
	assert_string_equal(seen[0].body, "grant_type=refresh_token&client_id=paas%20cli&refresh_token=refresh%2F1%3D");
	assert_secret(granted.refresh_token, "refresh-2");
	release_all();
	reply_with(WHOLE, 200, "{\"access_token\":\"access-3\",\"token_type\":\"bearer\",\"expires_in\":-1}"); /* the old one stays */
	assert_true(refresh());
	assert_null(granted.refresh_token);
	assert_null(granted.scopes);
	assert_int_equal(granted.expires_at_ms, 0);
	release_all();
}

static void
test_refresh__rotates_or_keeps(void **state)
{
	(void)state;
	in_fiber(refresh_well);
}

/* The connection of the discovery is open still: over that, libcurl would ask again by itself. */
static void
lose_answer(void)
{
	static const enum how ways[] = {SHUT, CUT};
	for (size_t i = 0; i < array_length(ways); i++) {
		n_seen = n_replies = 0;
		assert_true(discover(secure_site));
		reply_with(ways[i], 200, tokens);
		assert_false(refresh());
		assert_int_equal(n_seen, 1);
		assert_int_equal(err.code, ERROR_UNREACHABLE);
		assert_false(err.retryable);
		assert_said("the answer was lost, and the request is not made again");
	}
}

static void
test_refresh__21_a_lost_answer_is_not_asked_for_again(void **state)
{
	(void)state;
	in_fiber(lose_answer);
}

static void
refuse_refresh(void)
{
	static const struct {
		unsigned status;
		const char *body;
		enum error_code expected;
	} rows[] = {
		{400, "{\"error\":\"invalid_grant\",\"error_description\":\"Token is not active\"}", ERROR_NOT_LOGGED_IN},
		{401, "{\"error\":\"invalid_client\"}", ERROR_FORBIDDEN},
		{400, "{\"error\":\"invalid_grant\",\"error\":\"x\"}", ERROR_BAD_ANSWER},
		{503, "", ERROR_UNREACHABLE},
		{429, "", ERROR_RATE_LIMITED},
		{302, "", ERROR_BAD_ANSWER},
		{200, "", ERROR_BAD_ANSWER},
		{200, "{\"access_token\":\"\"}", ERROR_BAD_ANSWER},
		{200, "{\"access_token\":\"a b\"}", ERROR_BAD_ANSWER},
		{200, "{\"access_token\":\"a\\r\\nb\"}", ERROR_BAD_ANSWER},
		{200, "{\"access_token\":\"a\",\"access_token\":\"b\"}", ERROR_BAD_ANSWER},
		{200, "{\"access_token\":\"a\",\"token_type\":\"DPoP\"}", ERROR_BAD_ANSWER},
	};
	assert_true(discover(secure_site));
	for (size_t i = 0; i < array_length(rows); i++) {
		n_seen = n_replies = 0;
		reply_with(WHOLE, rows[i].status, rows[i].body);
		assert_false(refresh());
		assert_int_equal(err.code, rows[i].expected);
		assert_int_equal(n_seen, 1);
	}
}

static void
test_refresh__21_refusals_are_final(void **state)
{
	(void)state;
	in_fiber(refuse_refresh);
}

static void
repeat_secret(void)
{
	assert_true(discover(secure_site));
	reply_with(WHOLE, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"no such token: refresh/1=\"}");
	assert_false(refresh());
	assert_null(strstr(err.why, "refresh/1="));
	assert_said("invalid_grant");
}

static void
test_refresh__a_repeated_secret_is_not_shown(void **state)
{
	(void)state;
	in_fiber(repeat_secret);
}

static void
refresh_unsent(void)
{
	assert_true(discover(secure_site));
	issuer.token_endpoint = "https://127.0.0.1:1/token";
	assert_false(refresh());
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	assert_true(err.retryable);
	assert_null(strstr(err.why, "lost"));
}

static void
test_refresh__what_was_not_sent_may_be_tried_again(void **state)
{
	(void)state;
	in_fiber(refresh_unsent);
}

/* ---- revocation and exchange ---- */

static void
revoke(void)
{
	scoped(secret_release) struct secret *token = secret_of("r&1");
	assert_true(discover(secure_site));
	reply_with(SHUT, 0, ""); /* asking twice does no harm */
	reply_with(WHOLE, 200, "");
	assert_true(grant_revoke(http, &issuer, token, "refresh_token", &arena, &err));
	assert_string_equal(seen[1].path, "/revoke");
	assert_string_equal(seen[1].body, "client_id=paas%20cli&token_type_hint=refresh_token&token=r%261");
	reply_with(WHOLE, 400, "{\"error\":\"unsupported_token_type\"}");
	assert_false(grant_revoke(http, &issuer, token, "refresh_token", &arena, &err));
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
	reply_with(WHOLE, 400, "{\"error\":\"unsupported_token_type\"}"); /* it ends by itself */
	assert_true(grant_revoke(http, &issuer, token, "access_token", &arena, &err));
	reply_with(WHOLE, 400, "{\"error\":\"invalid_client\"}");
	assert_false(grant_revoke(http, &issuer, token, "access_token", &arena, &err));
	assert_int_equal(err.code, ERROR_FORBIDDEN);
	issuer.revocation_endpoint = NULL;
	assert_false(grant_revoke(http, &issuer, token, "refresh_token", &arena, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
}

static void
test_revoke__tells_the_server(void **state)
{
	(void)state;
	in_fiber(revoke);
}

static void
exchange(void)
{
	scoped(secret_release) struct secret *subject = secret_of("h.c.s");
	assert_true(discover(secure_site));
	reply_with(WHOLE, 200, "{\"access_token\":\"x\",\"token_type\":\"N_A\",\"expires_in\":600,"
	                       "\"issued_token_type\":\"urn:ietf:params:oauth:token-type:access_token\"}");
	assert_true(grant_exchange(http, &issuer, subject, "urn:ietf:params:oauth:token-type:jwt", "paas", &arena, &granted, &err));
	assert_non_null(strstr(seen[0].body, "subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt&audience=paas"
	                                     "&subject_token=h.c.s"));
	assert_secret(granted.access_token, "x");
	release_all();
}

static void
test_exchange__gives_another_token(void **state)
{
	(void)state;
	in_fiber(exchange);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_device__polls_and_slows_down_for_good),
		TEST(test_device__interval_may_be_missing),
		TEST(test_device__no_code_is_a_failure),
		TEST(test_device__outages_are_waited_for),
		TEST(test_device__refusals_end_it),
		TEST(test_device__a_lost_answer_is_told),
		TEST(test_device__the_code_expires),
		TEST(test_device__a_server_that_stays_down_is_told),
		TEST(test_device__can_be_interrupted),
		TEST(test_refresh__rotates_or_keeps),
		TEST(test_refresh__21_a_lost_answer_is_not_asked_for_again),
		TEST(test_refresh__21_refusals_are_final),
		TEST(test_refresh__a_repeated_secret_is_not_shown),
		TEST(test_refresh__what_was_not_sent_may_be_tried_again),
		TEST(test_revoke__tells_the_server),
		TEST(test_exchange__gives_another_token),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

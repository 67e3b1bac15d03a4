#include "api/kubernetes/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#define STATUS(rest) "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\"," rest "}"

static const struct {
	int http_status;
	const char *body;
	enum error_code code;
	bool is_retryable;
	const char *why;
} answers[] = {
	{401, STATUS("\"message\":\"Unauthorized\",\"reason\":\"Unauthorized\",\"code\":401"), ERROR_NOT_LOGGED_IN,
	 false, "GET /x: HTTP 401: Unauthorized"},
	{403, STATUS("\"message\":\"u cannot list pods\",\"code\":403"), ERROR_FORBIDDEN, false, "u cannot list pods"},
	{404, STATUS("\"message\":\"pods \\\"a\\\" not found\",\"code\":404,\"details\":{\"kind\":\"pods\"}"),
	 ERROR_NOT_FOUND, false, "not found"},
	{409, STATUS("\"reason\":\"Conflict\",\"code\":409"), ERROR_CONFLICT, false, "HTTP 409: Conflict"},
	{410, STATUS("\"reason\":\"Expired\",\"code\":410"), ERROR_CONFLICT, true, "Expired"},
	{422, STATUS("\"reason\":\"Invalid\",\"message\":\"bad\",\"code\":422"), ERROR_INVALID_SPEC, false, "bad"},
	{400, STATUS("\"message\":\"bad selector\",\"code\":400"), ERROR_INVALID_SPEC, false, "bad selector"},
	{429, STATUS("\"message\":\"slow down\",\"code\":429"), ERROR_RATE_LIMITED, true, "slow down"},
	{500, STATUS("\"message\":\"failed calling webhook\",\"code\":500"), ERROR_UNREACHABLE, true, "webhook"},
	{502, "<html><head><title>502 Bad Gateway</title></head>\n<body>nginx</body></html>", ERROR_UNREACHABLE, true,
	 "HTTP 502: 502 Bad Gateway nginx"},
	{302, "", ERROR_BAD_ANSWER, false, "GET /x: HTTP 302"},
	{415, "no", ERROR_BAD_ANSWER, false, "HTTP 415: no"},
	/* lies: the body counts where it is a Status, wrong types count as absent */
	{500, STATUS("\"message\":7,\"reason\":[],\"code\":\"x\",\"details\":4"), ERROR_UNREACHABLE, true, "HTTP 500: "},
	{503, "{\"kind\":\"Stat", ERROR_UNREACHABLE, true, "HTTP 503: {\"kind\":\"Stat"},
	{503, "[1]", ERROR_UNREACHABLE, true, "HTTP 503: [1]"},
};

static void
test_status__each_answer_has_its_code_and_says_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(answers); i++) {
		struct error err = {0};
		kubernetes_status_put(&err, "GET /x", answers[i].http_status, answers[i].body,
		                      strlen(answers[i].body));
		if (err.code != answers[i].code || err.retryable != answers[i].is_retryable ||
		    strstr(err.why, answers[i].why) == NULL)
			fail_msg("HTTP %d %s: %s, %s", answers[i].http_status, answers[i].body,
			         error_kind(err.code)->name, err.why);
	}
}

static void
test_status__an_unknown_route_is_told_from_an_unknown_object(void **state)
{
	static const char route[] = STATUS("\"message\":\"the server could not find the requested resource\","
	                                   "\"reason\":\"NotFound\",\"details\":{},\"code\":404");
	struct error err = {0};
	(void)state;
	kubernetes_status_put(&err, "GET /x", 404, route, strlen(route));
	assert_non_null(strstr(err.next, "does not know this kind"));
}

static void
test_status__details_are_read(void **state)
{
	struct kubernetes_status status;
	scoped(json_decrefp) json_t *object = json_loads(
		STATUS("\"code\":410,"
		       "\"details\":{\"retryAfterSeconds\":3,\"kind\":\"pods\"}"), 0, NULL);
	(void)state;
	assert_true(kubernetes_status_read(object, &status));
	assert_int_equal(status.code, 410);
	assert_int_equal(status.retry_after_ms, 3000);
	assert_string_equal(status.kind, "pods");
}

static void
test_status__other_objects_are_none(void **state)
{
	struct kubernetes_status status;
	scoped(json_decrefp) json_t *pod = json_loads("{\"kind\":\"Pod\",\"status\":{}}", 0, NULL);
	scoped(json_decrefp) json_t *success = json_loads("{\"kind\":\"Status\",\"status\":\"Success\"}", 0, NULL);
	(void)state;
	assert_false(kubernetes_status_read(pod, &status));
	assert_false(kubernetes_status_read(success, &status));
	assert_false(kubernetes_status_read(NULL, &status));
	assert_string_equal(status.message, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status__each_answer_has_its_code_and_says_why),
		cmocka_unit_test(test_status__an_unknown_route_is_told_from_an_unknown_object),
		cmocka_unit_test(test_status__details_are_read),
		cmocka_unit_test(test_status__other_objects_are_none),
	};
	return cmocka_run_group_tests_name("api/status", tests, NULL, NULL);
}

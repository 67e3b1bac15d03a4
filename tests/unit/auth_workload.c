#include "auth_fixture.h"

#include <unistd.h>

#include "auth/base64url.h"
#include "auth/workload.h"
#include "base/file.h"

static const char *folder;
static struct secret *token;

static int
set_up_machine(void **state)
{
	static char path[] = "/tmp/paas-workload-XXXXXX";
	static const char *const variables[] = {"ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
	                                        "PAAS_WORKLOAD_TOKEN_FILE"};
	for (size_t i = 0; i < array_length(variables); i++)
		unsetenv(variables[i]);
	memcpy(path + strlen(path) - 6, "XXXXXX", 6);
	folder = mkdtemp(path);
	if (folder == NULL || set_up(state) != 0)
		return -1;
	clock_set_rate(1);
	const char *ca = arena_printf(&arena, "%s/ca.pem", folder);
	setenv("PAAS_CA_FILE", ca, 1);
	http_close(http); /* one that trusts it */
	return file_write(ca, certificate.ca_pem, strlen(certificate.ca_pem), 0600, &err) && http_open(loop, &http, &err) ? 0 : -1;
}

static int
tear_down_machine(void **state)
{
	unlink(arena_printf(&arena, "%s/ca.pem", folder));
	unlink(arena_printf(&arena, "%s/token", folder));
	rmdir(folder);
	unsetenv("PAAS_CA_FILE");
	return tear_down(state);
}

static bool
ask(const char *audience)
{
	secret_release(&token);
	return workload_token(http, workload_find(), audience, &arena, &token, &err);
}

/* ---- GitHub Actions ---- */

static void
be_a_job(const char *site)
{
	setenv("ACTIONS_ID_TOKEN_REQUEST_URL", at(site, "/idtoken/1?api-version=2.0"), 1);
	setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "runner", 1);
}

static void
ask_github(void)
{
	be_a_job(secure_site);
	assert_string_equal(workload_name(workload_find()), "GitHub Actions");
	reply_with(WHOLE, 503, "");
	reply_with(WHOLE, 200, "{\"count\":1,\"value\":\"h.p.s\"}");
	assert_true(ask("https://paas.example/a b"));
	assert_secret(token, "h.p.s");
	assert_string_equal(seen[1].target, "/idtoken/1?api-version=2.0&audience=https%3A%2F%2Fpaas.example%2Fa%20b");
	assert_string_equal(seen[1].authorization, "Bearer runner");
	secret_release(&token);
}

static void
test_workload__github_gives_a_token_for_an_audience(void **state)
{
	(void)state;
	in_fiber(ask_github);
}

static void
refuse_github(void)
{
	static const struct {
		unsigned status;
		const char *body;
		enum error_code expected;
	} rows[] = {
		{403, "", ERROR_NOT_LOGGED_IN}, {401, "", ERROR_NOT_LOGGED_IN}, {404, "", ERROR_BAD_ANSWER}, {302, "", ERROR_BAD_ANSWER},
		{200, "{}", ERROR_BAD_ANSWER}, {200, "{\"value\":\"a b\"}", ERROR_BAD_ANSWER}, {200, "h.p.s", ERROR_BAD_ANSWER},
	};
	be_a_job(secure_site);
	for (size_t i = 0; i < array_length(rows); i++) {
		err = (struct error){0};
		reply_with(WHOLE, rows[i].status, rows[i].body);
		assert_false(ask("paas"));
		assert_int_equal(err.code, rows[i].expected);
		assert_int_equal(rows[i].expected == ERROR_NOT_LOGGED_IN, strstr(err.next, "id-token: write") != NULL);
	}
	be_a_job(plain_site);
	n_seen = 0;
	assert_false(ask("paas"));
	assert_said("is not https");
	assert_int_equal(n_seen, 0);
}

static void
test_workload__github_may_refuse(void **state)
{
	(void)state;
	in_fiber(refuse_github);
}

static void
lack_permission(void)
{
	setenv("ACTIONS_ID_TOKEN_REQUEST_URL", "", 1);
	setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "runner", 1);
	assert_int_equal(workload_find(), WORKLOAD_NONE);
	assert_false(workload_token(http, WORKLOAD_GITHUB_ACTIONS, "paas", &arena, &token, &err));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_non_null(strstr(err.next, "id-token: write"));
	assert_false(ask("paas"));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
}

static void
test_workload__an_empty_variable_is_unset(void **state)
{
	(void)state;
	in_fiber(lack_permission);
}

/* ---- service account ---- */

static const char *
pod_token(int64_t expires_s)
{
	const char *payload = arena_printf(&arena, "{\"sub\":\"system:serviceaccount:paas:bot\",\"exp\":%lld}", (long long)expires_s);
	return arena_printf(&arena, "e30.%s.c2ln", base64url_encode((const unsigned char *)payload, strlen(payload), &arena));
}

static void
write_token(const char *text)
{
	const char *path = arena_printf(&arena, "%s/token", folder);
	setenv("PAAS_WORKLOAD_TOKEN_FILE", path, 1);
	assert_true(file_write(path, text, strlen(text), 0600, &err));
}

static void
read_files(void)
{
	const int64_t now_s = clock_wall_ms() / 1000;
	be_a_job(secure_site); /* what is named comes first */
	write_token(arena_printf(&arena, "%s\n", pod_token(now_s + 600)));
	assert_string_equal(workload_name(workload_find()), "service account");
	assert_true(ask("paas"));
	assert_secret(token, pod_token(now_s + 600));
	write_token(pod_token(now_s + 1200)); /* rotated */
	assert_true(ask("paas"));
	assert_secret(token, pod_token(now_s + 1200));
	write_token(pod_token(now_s - 600));
	assert_false(ask("paas"));
	assert_said("expired 60");
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	write_token("hunter2");
	assert_false(ask("paas"));
	assert_said("holds no service account token");
	assert_null(strstr(err.why, "hunter2"));
	setenv("PAAS_WORKLOAD_TOKEN_FILE", arena_printf(&arena, "%s/absent", folder), 1);
	assert_false(ask("paas"));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_non_null(strstr(err.next, "PAAS_WORKLOAD_TOKEN_FILE"));
	assert_int_equal(n_seen, 0);
}

static void
test_workload__a_pods_token_is_read_at_each_use(void **state)
{
	(void)state;
	in_fiber(read_files);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_machine, tear_down_machine)
	const struct CMUnitTest tests[] = {
		TEST(test_workload__github_gives_a_token_for_an_audience),
		TEST(test_workload__github_may_refuse),
		TEST(test_workload__an_empty_variable_is_unset),
		TEST(test_workload__a_pods_token_is_read_at_each_use),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

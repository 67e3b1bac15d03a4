#include "api/kubernetes/exec_plugin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "base/file.h"
#include "base/loop.h"

static struct loop *loop;
static struct arena arena;
static char folder[64];
static struct error err;
static const struct exec_credential *credential, *refused;
static bool is_ok;
static struct kubernetes_exec exec_;
static struct kubernetes_access access_;

static int
set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/exec-plugin-XXXXXX");
	memset(&err, 0, sizeof err);
	credential = refused = NULL;
	return mkdtemp(folder) != NULL && loop_open(&loop, &err) ? 0 : -1;
}

static int
tear_down(void **state)
{
	char command[96];
	(void)state;
	loop_close(loop);
	arena_release(&arena);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

static void
get_one(void *data)
{
	(void)data;
	is_ok = exec_plugin_get(loop, &access_, refused, &credential, &err);
}

static bool
get(void)
{
	fiber_run(loop, get_one, NULL);
	return is_ok;
}

/* A plugin that appends a line to "runs" and to "info", and then does `script`. */
static void
plugin(const char *script)
{
	static const char *const nothing[] = {NULL};
	const char *path = arena_printf(&arena, "%s/plugin", folder);
	const char *text = arena_printf(&arena, "#!/bin/sh\ncd '%s'; echo run >>runs\n"
	                                "printf '%%s\\n' \"$KUBERNETES_EXEC_INFO\" >>info\n%s\n", folder, script);
	assert_true(file_write(path, text, strlen(text), 0700, &err));
	const char **argv = arena_array(&arena, const char *, 2);
	argv[0] = path;
	exec_ = (struct kubernetes_exec){.argv = argv, .environment = nothing, .mode = KUBERNETES_EXEC_NEVER,
	                                 .api_version = "client.authentication.k8s.io/v1"};
	access_ = (struct kubernetes_access){.server = "https://h", .exec = &exec_};
}

#define ANSWER(status) \
	"echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\"," \
	"\"status\":" status "}'"

static size_t
n_runs(void)
{
	char *text;
	size_t length;
	if (!file_read(arena_printf(&arena, "%s/runs", folder), 10000, &arena, &text, &length, &err))
		return 0;
	return length / strlen("run\n");
}

static void
test_exec_plugin__a_token_is_kept_for_the_process(void **state)
{
	(void)state;
	plugin(ANSWER("{\"token\":\"t1\"}"));
	assert_true(get());
	assert_string_equal(secret_reveal(credential->token), "t1");
	assert_true(get());
	assert_int_equal(n_runs(), 1);
}

static void
test_exec_plugin__a_refused_credential_is_fetched_again_once(void **state)
{
	(void)state;
	plugin(ANSWER("{\"token\":\"t\"}"));
	assert_true(get());
	refused = credential;
	assert_true(get());
	assert_ptr_not_equal(credential, refused);
	assert_int_equal(n_runs(), 2);
	/* Another request was refused with the same old credential: the new one serves. */
	assert_true(get());
	assert_int_equal(n_runs(), 2);
}

static void
test_exec_plugin__it_runs_again_twenty_seconds_before_the_expiry(void **state)
{
	(void)state;
	clock_freeze(clock_parse_ms("2030-01-02T03:04:00Z"));
	plugin(ANSWER("{\"token\":\"t\",\"expirationTimestamp\":\"2030-01-02T03:05:00Z\"}"));
	assert_true(get());
	clock_advance(39 * 1000);
	assert_true(get());
	assert_int_equal(n_runs(), 1);
	clock_advance(2 * 1000);
	assert_true(get());
	assert_int_equal(n_runs(), 2);
}

static void
test_exec_plugin__certificates_are_plain_pem(void **state)
{
	(void)state;
	plugin(ANSWER("{\"clientCertificateData\":\"-----BEGIN C\",\"clientKeyData\":\"-----BEGIN K\"}"));
	assert_true(get());
	assert_string_equal(credential->client_certificate_pem, "-----BEGIN C");
	assert_string_equal(secret_reveal(credential->client_key_pem), "-----BEGIN K");
	assert_null(credential->token);
}

static void
test_exec_plugin__it_is_told_of_the_cluster_when_it_wants(void **state)
{
	char *text;
	size_t length;
	(void)state;
	plugin(ANSWER("{\"token\":\"t\"}"));
	exec_.provides_cluster_info = true;
	exec_.cluster_config = "{\"audience\":\"abc\"}";
	access_.ca_pem = "CA";
	access_.tls_server_name = "name";
	assert_true(get());
	assert_true(file_read(arena_printf(&arena, "%s/info", folder), 10000, &arena, &text, &length, &err));
	assert_string_equal(text, "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\","
	                    "\"spec\":{\"interactive\":false,\"cluster\":{\"server\":\"https://h\","
	                    "\"tls-server-name\":\"name\",\"certificate-authority-data\":\"Q0E=\","
	                    "\"config\":{\"audience\":\"abc\"}}}}\n");
}

static void
test_exec_plugin__the_information_is_there_without_a_cluster_too(void **state)
{
	char *text;
	size_t length;
	(void)state;
	plugin(ANSWER("{\"token\":\"t\"}"));
	assert_true(get());
	assert_true(file_read(arena_printf(&arena, "%s/info", folder), 10000, &arena, &text, &length, &err));
	assert_string_equal(text, "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\","
	                    "\"spec\":{\"interactive\":false}}\n");
}

static const struct {
	const char *script;
	enum error_code code;
	const char *why;
} failures[] = {
	{"exit 3", ERROR_NOT_LOGGED_IN, "ended with status 3"},
	{"echo hello", ERROR_BAD_ANSWER, "did not print one JSON object"},
	{"echo '{}'", ERROR_BAD_ANSWER, "did not print an ExecCredential"},
	{"echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\"}'",
	 ERROR_BAD_ANSWER, "answers in client.authentication.k8s.io/v1beta1"},
	{"echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\"}'",
	 ERROR_BAD_ANSWER, "has no status"},
	{ANSWER("{}"), ERROR_BAD_ANSWER, "neither a token nor"},
	{ANSWER("{\"clientCertificateData\":\"x\"}"), ERROR_BAD_ANSWER, "without the other"},
	{ANSWER("{\"token\":\"t\",\"clientKeyData\":\"x\"}"), ERROR_BAD_ANSWER, "without the other"},
	{ANSWER("{\"token\":\"t\",\"expirationTimestamp\":\"soon\"}"), ERROR_BAD_ANSWER, "is no time"},
	{"head -c 2000000 /dev/zero", ERROR_BAD_ANSWER, "printed more than 1048576 bytes"},
};

static void
test_exec_plugin__each_bad_answer_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(failures); i++) {
		plugin(arena_printf(&arena, ": %zu\n%s", i, failures[i].script));
		exec_.environment = (const char *const[]){arena_printf(&arena, "ROW=%zu", i), NULL};
		if (get() || err.code != failures[i].code || strstr(err.why, failures[i].why) == NULL)
			fail_msg("%s: %s", failures[i].script, is_ok ? "succeeded" : err.why);
	}
}

static void
test_exec_plugin__a_missing_program_comes_with_its_hint_defused(void **state)
{
	(void)state;
	plugin("");
	exec_.argv = (const char *const[]){"no-such-plugin-here", NULL};
	exec_.install_hint = "run\n\x1b[31minstall";
	assert_false(get());
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_string_equal(err.next, "run  [31minstall");
}

static void
test_exec_plugin__one_that_needs_a_terminal_does_not_run_without(void **state)
{
	(void)state;
	plugin(ANSWER("{\"token\":\"t\"}"));
	exec_.mode = KUBERNETES_EXEC_ALWAYS;
	int in = dup(STDIN_FILENO), none = open("/dev/null", O_RDONLY);
	dup2(none, STDIN_FILENO);
	assert_false(get());
	dup2(in, STDIN_FILENO);
	close(in);
	close(none);
	assert_int_equal(n_runs(), 0);
}

static void
get_thrice(void *data)
{
	struct fiber *fibers[3];
	(void)data;
	for (size_t i = 0; i < array_length(fibers); i++)
		fibers[i] = fiber_start(loop, get_one, NULL);
	for (size_t i = 0; i < array_length(fibers); i++)
		fiber_join(fibers[i]);
}

static void
test_exec_plugin__three_who_ask_at_once_share_one_run(void **state)
{
	(void)state;
	plugin("sleep 0.05; " ANSWER("{\"token\":\"t\"}"));
	fiber_run(loop, get_thrice, NULL);
	assert_true(is_ok);
	assert_int_equal(n_runs(), 1);
}

static void
test_exec_plugin__one_that_hangs_is_ended(void **state)
{
	(void)state;
	plugin("sleep 100000");
	clock_set_rate(1000); /* its minute takes 60 ms */
	assert_false(get());
	clock_set_rate(1);
	assert_int_equal(err.code, ERROR_TIMED_OUT);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_exec_plugin__##name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_token_is_kept_for_the_process),
		TEST(a_refused_credential_is_fetched_again_once),
		TEST(certificates_are_plain_pem),
		TEST(it_is_told_of_the_cluster_when_it_wants),
		TEST(the_information_is_there_without_a_cluster_too),
		TEST(each_bad_answer_is_named),
		TEST(a_missing_program_comes_with_its_hint_defused),
		TEST(one_that_needs_a_terminal_does_not_run_without),
		TEST(three_who_ask_at_once_share_one_run),
		TEST(one_that_hangs_is_ended),
		TEST(it_runs_again_twenty_seconds_before_the_expiry), /* stops the clock for good */
	};
	return cmocka_run_group_tests_name("api/exec_plugin", tests, NULL, NULL);
}

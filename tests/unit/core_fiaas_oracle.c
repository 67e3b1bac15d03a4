/* What the renderer derives by Python's rules, compared with Python itself (tests/oracle/fiaas.py). */
#include "fiaas_fixture.h"

#include "core/fiaas/host.h"
#include "core/fiaas/python.h"
#include "core/fiaas/sha1.h"
#include "core/fiaas/shell_split.h"

static json_t *
rows_of(const char *name)
{
	char *bytes;
	size_t length;
	assert_true(file_read("tests/fixtures/oracle/fiaas.json", FIXTURE_MAX, &arena, &bytes, &length, &err));
	config = json_loadb(bytes, length, 0, NULL); /* released by tear_down */
	json_t *rows = json_object_get(config, name);
	assert_true(json_array_size(rows) > 10);
	return rows;
}

static void
test_shell_split__agrees_with_shlex(void **state)
{
	json_t *row, *rows = rows_of("shell_words");
	size_t i;
	(void)state;
	json_array_foreach (rows, i, row) {
		const char *text = json_text_at(row, "text"), *why = "";
		json_t *expected = json_object_get(row, "words"), *words = shell_split(text, &why);
		if (words == NULL ? strcmp(why, json_text_or(row, "words", "words")) != 0
		                  : !json_equal(words, expected))
			fail_msg("%s: %s instead of %s", text, python_repr(words, &arena),
			         python_repr(expected, &arena));
		json_decref(words);
	}
}

static void
test_host_rewrite__agrees_with_re(void **state)
{
	json_t *row, *rule, *rows = rows_of("hosts");
	size_t i, j;
	(void)state;
	json_array_foreach (rows, i, row) {
		struct fiaas_pair pairs[8];
		struct fiaas_pairs rules = {pairs, 0};
		const char *host = json_text_at(row, "host"), *rewritten;
		json_array_foreach (json_object_get(row, "rules"), j, rule)
			pairs[rules.count++] = (struct fiaas_pair){json_text_at(rule, "0"), json_text_at(rule, "1")};
		if (!host_rewrite(&rules, host, &arena, &rewritten, &err))
			fail_msg("%s", err.why);
		if (strcmp(rewritten, json_text_at(row, "rewritten")) != 0)
			fail_msg("%s=%s of %s: %s instead of %s", pairs[0].key, pairs[0].value, host, rewritten,
			         json_text_at(row, "rewritten"));
	}
}

static void
test_short_host__agrees_with_hashlib(void **state)
{
	json_t *row, *rows = json_incref(rows_of("short_hosts"));
	size_t i, j;
	json_t *suffix, *oracle = config;
	(void)state;
	config = NULL;
	json_array_foreach (rows, i, row) {
		const char *expected = json_text_at(row, "host"), *hosts[8];
		application.name = json_text_at(row, "name");
		application.namespace = json_text_at(row, "namespace");
		size_t n_hosts = 0;
		json_array_foreach (json_object_get(row, "suffixes"), j, suffix)
			hosts[n_hosts++] = arena_printf(&arena, "ingress-suffix=%s", json_string_value(suffix));
		options_many(hosts, n_hosts);
		option("use-ingress-tls=default_on");
		render("{version: 3}");
		const char *first = json_text_or(find_object("Ingress", 0), "spec.tls.0.hosts.0", "");
		const char *first_rule = json_text_or(find_object("Ingress", 0), "spec.rules.0.host", "");
		assert_string_equal(first, expected != NULL ? expected : first_rule);
	}
	json_decref(rows);
	json_decref(oracle);
}

static void
test_sha1__agrees_with_hashlib(void **state)
{
	json_t *row, *rows = rows_of("sha1");
	size_t i;
	(void)state;
	json_array_foreach (rows, i, row) {
		const char *text = json_text_at(row, "text");
		unsigned char hash[SHA1_BYTES];
		char hex[2 * SHA1_BYTES + 1];
		sha1(text, strlen(text), hash);
		for (size_t j = 0; j < SHA1_BYTES; j++)
			snprintf(hex + 2 * j, 3, "%02x", hash[j]);
		assert_string_equal(hex, json_text_at(row, "hash"));
	}
}

static void
test_repr__agrees_with_python(void **state)
{
	json_t *row, *rows = rows_of("repr");
	size_t i;
	(void)state;
	json_array_foreach (rows, i, row)
		assert_string_equal(python_repr(json_object_get(row, "value"), &arena),
		                    json_text_at(row, "repr"));
}

static void
test_host_rewrite__a_bad_pattern_is_an_error(void **state)
{
	struct fiaas_pair pair = {"(", "x"};
	struct fiaas_pairs rules = {&pair, 1};
	const char *host = NULL;
	(void)state;
	assert_false(host_rewrite(&rules, "a", &arena, &host, &err));
	assert_string_equal(err.why, "host-rewrite-rule (=x: missing closing parenthesis");
	assert_null(host);
}

static void
test_host_rewrite__a_runaway_pattern_ends(void **state)
{
	struct fiaas_pair pair = {"(a+)+$", "x"};
	struct fiaas_pairs rules = {&pair, 1};
	const char *host;
	(void)state;
	bool done = host_rewrite(&rules, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", &arena,
	                         &host, &err);
	assert_true(done || err.code == ERROR_INVALID_SPEC);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_shell_split__agrees_with_shlex),
		TEST(test_host_rewrite__agrees_with_re),
		TEST(test_short_host__agrees_with_hashlib),
		TEST(test_sha1__agrees_with_hashlib),
		TEST(test_repr__agrees_with_python),
		TEST(test_host_rewrite__a_bad_pattern_is_an_error),
		TEST(test_host_rewrite__a_runaway_pattern_ends),
	};
	return cmocka_run_group_tests_name("core/fiaas/oracle", tests, NULL, NULL);
}

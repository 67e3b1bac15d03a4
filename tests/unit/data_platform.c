/* covers: token-store-9.11 */
#include "data/platform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "data/json.h"

static struct arena arena;
static struct problems problems;
static struct error err;
static char folder[] = "/tmp/paas-platform-XXXXXX";
static char *path;

static int
set_up(void **state)
{
	(void)state;
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	assert_non_null(mkdtemp(folder));
	path = arena_printf(&arena, "%s/platform.yml", folder);
	problems = (struct problems){.arena = &arena};
	memset(&err, 0, sizeof(err));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	rmdir(folder);
	arena_release(&arena);
	return 0;
}

static const struct platform *
load(const char *text)
{
	const struct platform *platform = NULL;
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return platform_load(path, &arena, &problems, &platform, &err) ? platform : NULL;
}

#define LEAST \
	"version: 1\nclusters: {dev: {kubeconfig_context: c}}\n" \
	"environments: [{name: dev, cluster: dev, namespace: n}]\n"

static const char whole[] =
	"version: 1\nserial: 2026112301\ncompany: acme\n"
	"sso: {provider: oidc, issuer: \"https://sso.acme.example\", client_id: paas-cli, groups_claim: groups}\n"
	"scm: {provider: github, url: \"https://github.acme.example/api/v3\"}\n"
	"ci: {provider: github-actions}\n"
	"artifacts: {provider: artifactory, url: \"https://artifacts.acme.example/x\", image: \"{registry}/{team}/{name}:{commit}\"}\n"
	"cd: {provider: fiaas}\n"
	"metrics: {provider: prometheus, url: \"https://p.acme.example\"}\n"
	"logs: {provider: elasticsearch, url: \"https://l.acme.example\", index: \"k8s-*\"}\n"
	"tickets: {provider: jira, url: \"https://jira.acme.example\", project: PLAT}\n"
	"chat: {provider: slack}\n"
	"events: {collector: \"https://e.acme.example\", bus: embedded}\n"
	"clusters:\n"
	"  dev: {kubeconfig_context: acme-dev, fiaas: {ingress_suffix: [dev.acme.example], use_networkingv1_ingress: true}}\n"
	"  pro: {server: \"https://k8s.acme.example\", ca_file: acme-ca.pem}\n"
	"environments:\n"
	"  - {name: dev, cluster: dev, namespace: \"{team}\", on: push}\n"
	"  - {name: pro, cluster: pro, namespace: \"{team}\", needs: approval}\n"
	"teams:\n  payments: {github_team: payments, slack: \"#payments\", jira_component: payments}\n"
	"prices: {currency: EUR, cpu_core_hour: 0.031, memory_gib_hour: 0.004}\n";

static void
test_platform__everything_is_read(void **state)
{
	const struct platform *platform = load(whole);
	const struct platform_environment *environment;
	(void)state;
	if (!platform)
		fail_msg("%s", err.why);
	assert_int_equal(problems.count, 0);
	assert_string_equal(platform->artifacts.registry, "artifacts.acme.example");
	assert_string_equal(platform->events.bus, "embedded");
	assert_int_equal(platform->prices.cpu_core_hour, 31000);
	assert_int_equal(platform->serial, 2026112301);
	assert_true(platform_environment(platform, NULL, &environment, &err));
	assert_string_equal(environment->name, "dev");
	assert_string_equal(environment->cluster->kubeconfig_context, "acme-dev");
	assert_true(platform_environment(platform, "pro", &environment, &err));
	assert_string_equal(environment->needs, "approval");
	assert_string_equal(environment->cluster->ca_file, arena_printf(&arena, "%s/acme-ca.pem", folder));
	assert_string_equal(platform_team(platform, "payments")->slack, "#payments");
	assert_null(platform_team(platform, "nobody"));
	scoped(json_release) json_t *options = platform_fiaas_options(platform->clusters);
	assert_string_equal(json_text_at(options, "ingress_suffix.0"), "dev.acme.example");
	assert_true(json_bool_at(options, "use_networkingv1_ingress", false));
	assert_null(platform_fiaas_options(environment->cluster));
}

static void
test_platform__an_unknown_environment_is_answered_with_the_nearest(void **state)
{
	const struct platform_environment *environment;
	const struct platform *platform = load(whole);
	(void)state;
	assert_false(platform_environment(platform, "prod", &environment, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_string_equal(err.next, "did you mean \"pro\"?");
	assert_false(platform_environment(platform, "elsewhere", &environment, &err));
	assert_string_equal(err.next, "it has: dev, pro");
}

static void
expect_problem(const char *more, const char *message, const char *fix)
{
	problems = (struct problems){.arena = &arena};
	const struct platform *platform = load(arena_printf(&arena, LEAST "%s", more));
	if (problems.count != 1)
		fail_msg("%s: %zu problems", more, problems.count);
	assert_string_equal(problems.items[0].message, message);
	if (fix)
		assert_string_equal(problems.items[0].fix, fix);
	assert_int_equal(platform == NULL, problems.items[0].severity == PROBLEM_ERROR);
}

static void
test_platform__mistakes_are_named(void **state)
{
	(void)state;
	expect_problem("artefacts: {}\n", "unknown key \"artefacts\"", "did you mean \"artifacts\"?");
	expect_problem("ci: {provider: travs}\n", "\"provider\" is \"travs\", but may be: travis, github-actions",
	               "did you mean \"travis\"?");
	expect_problem("ci: {}\n", "\"provider\" is missing", NULL);
	expect_problem("ci: 3\n", "\"ci\" must be a map", NULL);
	expect_problem("scm: {provider: github, url: \"http://x.example\"}\n",
	               "\"url\" must begin with https://: credentials go over TLS only", NULL);
	expect_problem("scm: {provider: github, url: \"https://u:p@x.example\"}\n",
	               "\"url\" must not hold a user name or password", NULL);
	expect_problem("company: 010\n", "\"company\" must be text, and YAML takes 010 for something else",
	               "quote it: \"010\"");
	expect_problem("serial: -1\n", "\"serial\" must be a whole number from 0 to 9223372036854775807", NULL);
	expect_problem("prices: {cpu_core_hour: 1e3}\n",
	               "\"cpu_core_hour\" must be a decimal number with at most six places", NULL);
	expect_problem("artifacts: {provider: oci, image: \"{regstry}/x\"}\n",
	               "\"image\": nothing is filled in for \"{regstry}\"; did you mean \"registry\"?", NULL);
	expect_problem("artifacts: {provider: oci, image: \"{name\"}\n", "\"image\": a \"{\" without its \"}\"", NULL);
}

static void
expect_refused(const char *text, const char *why)
{
	problems = (struct problems){.arena = &arena};
	assert_null(load(text));
	assert_int_equal(err.code, ERROR_INVALID_FILE);
	if (!strstr(err.why, why))
		fail_msg("\"%s\" is not in \"%s\"", why, err.why);
}

static void
test_platform__what_cannot_be_used_is_refused(void **state)
{
	(void)state;
	expect_refused("", "\"version\" is missing (and 2 more)");
	expect_refused("- a\n", "platform.yml:1:1: must be a map");
	expect_refused("version: 1\nclusters: {a: {kubeconfig: k}}\n"
	               "environments: [{name: dev, cluster: b, namespace: n}]\n",
	               "platform.yml:3:37: no cluster is named \"b\"");
	expect_refused("version: 1\nclusters: {a: {}}\nenvironments: [{name: d, cluster: a, namespace: n}]\n",
	               "2:12: cluster \"a\" does not say how it is reached");
	expect_refused("version: 1\nclusters: {a: {kubeconfig: k}}\nenvironments: []\n", "no environment is listed");
	expect_refused("version: 2\nclusters: {a: {kubeconfig: k}}\n"
	               "environments: [{name: d, cluster: a, namespace: n}]\n",
	               "1:10: \"version\" must be a whole number from 1 to 1");
	expect_refused("version: 1\nclusters: {a: {kubeconfig: k}}\nenvironments:\n"
	               "- {name: d, cluster: a, namespace: n}\n- {name: d, cluster: a, namespace: n}\n",
	               "5:3: a second environment is named \"d\"");
}

static void
test_platform__templates_are_filled_in(void **state)
{
	const struct platform_words words = {.team = "pay", .name = "checkout", .registry = "r.example"};
	const char *text = NULL;
	(void)state;
	assert_true(platform_expand("{registry}/{team}/{name}:1", &words, &arena, &text, &err));
	assert_string_equal(text, "r.example/pay/checkout:1");
	assert_true(platform_expand("plain", &words, &arena, &text, &err));
	assert_string_equal(text, "plain");
	assert_false(platform_expand("{name}:{commit}", &words, &arena, &text, &err));
	assert_string_equal(err.why, "the commit is not known");
	assert_string_equal(text, "plain");
}

static void
test_platform__none_says_how_to_get_one(void **state)
{
	const char *found;
	(void)state;
	assert_true(platform_find("/a", &found, &err));
	assert_string_equal(found, "/a");
	if (access("/etc/paas/platform.yml", F_OK) == 0)
		skip();
	assert_false(platform_find(NULL, &found, &err));
	assert_int_equal(err.code, ERROR_INVALID_FILE);
	assert_non_null(strstr(err.next, "paas sandbox start"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_platform__everything_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_platform__an_unknown_environment_is_answered_with_the_nearest,
		                                set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_platform__mistakes_are_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_platform__what_cannot_be_used_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_platform__templates_are_filled_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_platform__none_says_how_to_get_one, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

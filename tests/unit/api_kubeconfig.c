#include "api/kubernetes/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/kubernetes/kubeconfig.h"
#include "base/clock.h"
#include "base/file.h"

static char folder[64];
static struct arena arena;
static struct kubernetes_access access_;
static struct error err;

static int
set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/kubeconfig-XXXXXX");
	memset(&err, 0, sizeof err);
	if (mkdtemp(folder) == NULL)
		return -1;
	setenv("HOME", folder, 1);
	unsetenv("KUBECONFIG");
	unsetenv("KUBERNETES_SERVICE_HOST");
	unsetenv("KUBERNETES_SERVICE_PORT");
	unsetenv("POD_NAMESPACE");
	return 0;
}

static int
tear_down(void **state)
{
	char command[96];
	(void)state;
	kubernetes_access_release(&access_);
	memset(&access_, 0, sizeof access_);
	arena_release(&arena);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

static const char *
path_of(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder, name);
}

static void
put(const char *name, const char *text)
{
	assert_true(file_write(path_of(name), text, strlen(text), 0600, &err));
}

static bool
find(struct kubernetes_choice choice)
{
	return kubernetes_access_find(&choice, &arena, &access_, &err);
}

/* A whole kubeconfig around one cluster and one user; line 4 begins the cluster's fields, and the
 * user's begin after them. */
static const char *
config_of(const char *cluster, const char *user)
{
	return arena_printf(&arena,
		"current-context: c\n"
		"contexts: [{name: c, context: {cluster: k, user: u, namespace: n}}]\n"
		"clusters: [{name: k, cluster: {%s}}]\n"
		"users: [{name: u, user: {%s}}]\n", cluster, user);
}

static bool
find_of(const char *cluster, const char *user)
{
	put("config", config_of(cluster, user));
	return find((struct kubernetes_choice){.kubeconfig = path_of("config")});
}

static const char good_cluster[] = "server: 'https://h:6443'";

/* ---- merge ---- */

static void
test_kubeconfig__the_first_file_owns_the_whole_entry(void **state)
{
	(void)state;
	put("a", "users: [{name: u, user: {token: from-a}}]\n"
	         "contexts: [{name: c, context: {cluster: k, user: u}}]\n");
	put("b", "current-context: c\nusers: [{name: u, user: {client-certificate: x, client-key: y}}]\n"
	         "clusters: [{name: k, cluster: {server: 'https://b'}}]\n");
	put("c", "current-context: other\n");
	setenv("KUBECONFIG", arena_printf(&arena, "%s::%s:%s:%s/missing:%s", path_of("a"), path_of("b"),
	                                  path_of("c"), folder, path_of("a")), 1);
	assert_true(find((struct kubernetes_choice){0}));
	assert_string_equal(secret_reveal(access_.token), "from-a");
	assert_null(access_.client_certificate_pem);
	assert_string_equal(access_.server, "https://b");
}

static void
test_kubeconfig__relative_paths_follow_the_file_of_the_entry(void **state)
{
	(void)state;
	put("one/ca.pem", "CA\n");
	put("two/token", "  tok\n");
	put("one/config", "clusters: [{name: k, cluster: {server: 'https://h', certificate-authority: ca.pem}}]\n"
	                  "contexts: [{name: c, context: {cluster: k, user: u}}]\ncurrent-context: c\n");
	put("two/config", "users: [{name: u, user: {tokenFile: token}}]\n");
	setenv("KUBECONFIG", arena_printf(&arena, "%s:%s", path_of("one/config"), path_of("two/config")), 1);
	assert_true(find((struct kubernetes_choice){0}));
	assert_string_equal(access_.ca_pem, "CA\n");
	assert_string_equal(secret_reveal(access_.token), "tok");
	assert_string_equal(access_.token_file, path_of("two/token"));
}

static void
test_kubeconfig__home_is_the_default_and_may_be_absent(void **state)
{
	(void)state;
	assert_false(find((struct kubernetes_choice){0}));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	put(".kube/config", config_of(good_cluster, "token: t"));
	assert_true(find((struct kubernetes_choice){0}));
	assert_string_equal(access_.namespace, "n");
}

static void
test_kubeconfig__a_named_file_must_exist(void **state)
{
	(void)state;
	assert_false(find((struct kubernetes_choice){.kubeconfig = path_of("nowhere")}));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
}

static void
test_kubeconfig__the_choice_wins_over_the_file(void **state)
{
	(void)state;
	put("config", "current-context: a\n"
	              "clusters: [{name: k, cluster: {server: 'https://k'}}, {name: l, cluster: {server: 'https://l/p/'}}]\n"
	              "contexts: [{name: a, context: {cluster: k}}, {name: b, context: {cluster: l, namespace: n}}]\n");
	const char *file = path_of("config");
	assert_true(find((struct kubernetes_choice){.kubeconfig = file}));
	assert_string_equal(access_.server, "https://k");
	assert_string_equal(access_.namespace, "default");
	assert_true(find((struct kubernetes_choice){.kubeconfig = file, .context = "b"}));
	assert_string_equal(access_.server, "https://l/p");
	assert_string_equal(access_.namespace, "n");
	assert_true(find((struct kubernetes_choice){.kubeconfig = file, .context = "b", .namespace = "m"}));
	assert_string_equal(access_.namespace, "m");
	assert_false(find((struct kubernetes_choice){.kubeconfig = file, .context = "x"}));
	assert_non_null(strstr(err.why, "context \"x\" was not found"));
}

/* ---- what is refused, each with its place ---- */

static const struct refusal {
	const char *cluster, *user; /* NULL: a good one */
	const char *why;            /* in the message */
} refusals[] = {
	{NULL, "token: t, username: n, password: p", "has a token and a user name"},
	{NULL, "token: 12345", ":4:33: \"token\" must be text"},
	{NULL, "token: yes", "\"token\" must be text"},
	{NULL, "token: [t]", "\"token\" must be text"},
	{NULL, "client-certificate-data: QQ==", "has a client certificate but no client key"},
	{NULL, "client-key-data: QQ==", "has a client key but no client certificate"},
	{NULL, "client-certificate: a, client-certificate-data: QQ==", "are both given"},
	{NULL, "client-certificate-data: QQ==, client-key: a, client-key-data: QQ==", "are both given"},
	{NULL, "client-certificate-data: '!!', client-key-data: QQ==", "is not base64"},
	{NULL, "client-certificate: nowhere.pem, client-key: k", "\"client-certificate\": "},
	{NULL, "tokenFile: nowhere", "\"tokenFile\": "},
	{NULL, "as-uid: '1'", "without \"as\""},
	{NULL, "as-groups: [g]", "without \"as\""},
	{NULL, "as-user-extra: {k: [v]}", "without \"as\""},
	{NULL, "as: a, as-user-extra: {k: v}", "must be a list of texts"},
	{NULL, "auth-provider: {name: x}, exec: {command: a}", "has both auth-provider and exec"},
	{NULL, "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}", "needs \"command\""},
	{NULL, "exec: {command: a, interactiveMode: Never}", "needs \"apiVersion\""},
	{NULL, "exec: {command: a, apiVersion: client.authentication.k8s.io/v1}", "needs \"interactiveMode\""},
	{NULL, "exec: {command: a, apiVersion: client.authentication.k8s.io/v1alpha1, interactiveMode: Never}",
	 "v1alpha1"},
	{NULL, "exec: {command: a, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Maybe}",
	 "not \"Maybe\""},
	{NULL, "exec: {command: a, args: x}", "\"args\" must be a list"},
	{"server: ''", "", "names no server"},
	{"server: 6443", "", "\"server\" must be text"},
	{"server: 'ftp://h'", "", "is not an address"},
	{"server: 'https://'", "", "is not an address"},
	{"server: 'https://u@h'", "", "is not an address"},
	{"server: 'https://h', insecure-skip-tls-verify: 'true'", "", "must be true or false"},
	{"server: 'https://h', insecure-skip-tls-verify: true, certificate-authority-data: QQ==", "",
	 "together with insecure-skip-tls-verify"},
	{"server: 'https://h', certificate-authority: a, certificate-authority-data: QQ==", "", "are both given"},
	{"server: 'https://h', proxy-url: 'ftp://p'", "", "\"proxy-url\" must begin with"},
};

static void
test_kubeconfig__each_mistake_is_named_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(refusals); i++) {
		const struct refusal *row = &refusals[i];
		bool ok = find_of(row->cluster != NULL ? row->cluster : good_cluster,
		                  row->user != NULL ? row->user : "");
		const char *place = arena_printf(&arena, "%s:%c:", path_of("config"),
		                                 row->cluster != NULL ? '3' : '4');
		if (ok || err.code != ERROR_INVALID_FILE || strstr(err.why, row->why) == NULL ||
		    strstr(err.why, place) == NULL)
			fail_msg("%s | %s: wanted %s at %s, got %s", row->cluster, row->user, row->why, place,
			         ok ? "success" : err.why);
		kubernetes_access_release(&access_);
	}
}

static const struct {
	const char *text, *why;
} bad_files[] = {
	{"users: [{name: a}, {name: b}, {name: a}]\n", ":1:31: duplicate name \"a\" in \"users\""},
	{"clusters: {}\n", "\"clusters\" must be a list"},
	{"contexts: [1]\n", "must be a map"},
	{"users: [{name: 5}]\n", "\"name\" must be text"},
	{"users: [{name: u, user: x}]\n", "\"user\" must be a map"},
	{"[]\n", "must be a map"},
	{"kind: Pod\n", "this is a \"Pod\""},
	{"current-context: 1\n", "\"current-context\" must be text"},
	{"current-context: c\ncontexts: [{name: c}]\n", "names no cluster"},
	{"current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n", "names the cluster \"k\""},
	{"current-context: c\ncontexts: [{name: c, context: {cluster: k, user: x}}]\n"
	 "clusters: [{name: k, cluster: {server: 'https://h'}}]\n", ":2:50: context \"c\" names the user \"x\""},
	{"users: [\n", "config:2:"},
	/* wrong in an entry that nobody chose */
	{"users: [{name: u, user: {token: 1}}]\ncurrent-context: c\n", "\"token\" must be text"},
};

static void
test_kubeconfig__a_bad_file_is_refused_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(bad_files); i++) {
		put("config", bad_files[i].text);
		bool ok = find((struct kubernetes_choice){.kubeconfig = path_of("config")});
		if (ok || err.code != ERROR_INVALID_FILE || strstr(err.why, bad_files[i].why) == NULL)
			fail_msg("%s: wanted %s, got %s", bad_files[i].text, bad_files[i].why,
			         ok ? "success" : err.why);
	}
}

/* ---- what is understood ---- */

static void
test_kubeconfig__base64_may_be_wrapped(void **state)
{
	(void)state;
	put("config", "current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n"
	              "clusters:\n- name: k\n  cluster:\n    server: https://h\n"
	              "    certificate-authority-data: |\n      LS0tLS1CRUdJ\n      Ti0tLS0t\n");
	assert_true(find((struct kubernetes_choice){.kubeconfig = path_of("config")}));
	assert_string_equal(access_.ca_pem, "-----BEGIN-----");
}

static void
test_kubeconfig__a_token_and_a_certificate_may_stand_together(void **state)
{
	(void)state;
	assert_true(find_of(good_cluster, "token: t, client-certificate-data: QQ==, client-key-data: Qg=="));
	assert_string_equal(secret_reveal(access_.token), "t");
	assert_string_equal(access_.client_certificate_pem, "A");
	assert_string_equal(secret_reveal(access_.client_key_pem), "B");
}

static void
test_kubeconfig__a_token_file_wins_over_a_token(void **state)
{
	(void)state;
	put("tok", "from-file\n");
	assert_true(find_of(good_cluster, "token: inline, tokenFile: tok"));
	assert_string_equal(secret_reveal(access_.token), "from-file");
	kubernetes_access_release(&access_);
	assert_true(find_of(good_cluster, "token: inline, tokenFile: nowhere"));
	assert_string_equal(secret_reveal(access_.token), "inline");
}

static const struct {
	const char *cluster, *server;
} servers[] = {
	{"server: h", "http://h"},
	{"server: 'h:8080'", "http://h:8080"},
	{"server: h, insecure-skip-tls-verify: true", "https://h"},
	{"server: h, certificate-authority-data: QQ==", "https://h"},
	{"server: h, tls-server-name: n", "https://h"},
	{"server: 'https://h/k8s/clusters/c-1/'", "https://h/k8s/clusters/c-1"},
};

static void
test_kubeconfig__a_server_without_scheme_is_https_when_tls_is_set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(servers); i++) {
		assert_true(find_of(servers[i].cluster, ""));
		assert_string_equal(access_.server, servers[i].server);
	}
}

static void
test_kubeconfig__impersonation_becomes_headers(void **state)
{
	(void)state;
	assert_true(find_of(good_cluster, "as: me, as-uid: u1, as-groups: [g1, g2], "
	                    "as-user-extra: {'Acme%/Scope': [x, y]}"));
	static const char *const wanted[][2] = {
		{"Impersonate-User", "me"}, {"Impersonate-Uid", "u1"}, {"Impersonate-Group", "g1"},
		{"Impersonate-Group", "g2"}, {"Impersonate-Extra-acme%25%2fscope", "x"},
		{"Impersonate-Extra-acme%25%2fscope", "y"},
	};
	assert_int_equal(access_.impersonation.count, array_length(wanted));
	for (size_t i = 0; i < array_length(wanted); i++) {
		assert_string_equal(access_.impersonation.names[i], wanted[i][0]);
		assert_string_equal(access_.impersonation.values[i], wanted[i][1]);
	}
}

static void
test_kubeconfig__an_exec_plugin_is_read_whole(void **state)
{
	(void)state;
	assert_true(find_of("server: 'https://h', extensions: [{name: client.authentication.k8s.io/exec, "
	                    "extension: {audience: abc}}]",
	                    "exec: {command: bin/plug, args: [a, b], env: [{name: N, value: v}], "
	                    "apiVersion: client.authentication.k8s.io/v1beta1, provideClusterInfo: true, "
	                    "installHint: 'get it'}"));
	assert_string_equal(access_.exec->argv[0], path_of("bin/plug"));
	assert_string_equal(access_.exec->argv[2], "b");
	assert_null(access_.exec->argv[3]);
	assert_string_equal(access_.exec->environment[0], "N=v");
	assert_int_equal(access_.exec->mode, KUBERNETES_EXEC_IF_AVAILABLE);
	assert_true(access_.exec->provides_cluster_info);
	assert_string_equal(access_.exec->cluster_config, "{\"audience\":\"abc\"}");
	assert_string_equal(access_.exec->install_hint, "get it");
}

static void
test_kubeconfig__a_static_credential_leaves_the_plugin_alone(void **state)
{
	(void)state;
	assert_true(find_of(good_cluster, "token: t, exec: {command: plug, "
	                    "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}"));
	assert_null(access_.exec);
}

static void
test_kubeconfig__a_bare_plugin_name_is_left_to_the_path(void **state)
{
	(void)state;
	assert_true(find_of(good_cluster, "exec: {command: plug, apiVersion: client.authentication.k8s.io/v1, "
	                    "interactiveMode: Never}"));
	assert_string_equal(access_.exec->argv[0], "plug");
}

static void
test_kubeconfig__retired_auth_providers_name_their_successor(void **state)
{
	(void)state;
	assert_false(find_of(good_cluster, "auth-provider: {name: gcp}"));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_non_null(strstr(err.next, "gke-gcloud-auth-plugin"));
}

static void
test_kubeconfig__an_id_token_serves_until_it_expires(void **state)
{
	(void)state;
	/* {"exp":2000000000} */
	const char *user = "auth-provider: {name: oidc, config: {id-token: e30.eyJleHAiOjIwMDAwMDAwMDB9.c2ln}}";
	clock_freeze(1900000000000);
	assert_true(find_of(good_cluster, user));
	assert_string_equal(secret_reveal(access_.token), "e30.eyJleHAiOjIwMDAwMDAwMDB9.c2ln");
	kubernetes_access_release(&access_);
	clock_freeze(2000000001000);
	assert_false(find_of(good_cluster, user));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
}

/* ---- the pod we run in ---- */

static void
test_kubeconfig__a_pod_uses_its_service_account(void **state)
{
	(void)state;
	put("sa/token", "pod-token\n");
	put("sa/ca.crt", "CA");
	put("sa/namespace", "team\n");
	setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
	setenv("KUBERNETES_SERVICE_PORT", "443", 1);
	struct kubernetes_choice choice = {.service_account = path_of("sa")};
	assert_true(find(choice));
	assert_string_equal(access_.server, "https://[fd00::1]:443");
	assert_string_equal(secret_reveal(access_.token), "pod-token");
	assert_string_equal(access_.namespace, "team");
	kubernetes_access_release(&access_);
	setenv("POD_NAMESPACE", "given", 1);
	assert_true(find(choice));
	assert_string_equal(access_.namespace, "given");
	kubernetes_access_release(&access_);
	/* A kubeconfig that says anything goes first. */
	put(".kube/config", config_of(good_cluster, "token: t"));
	assert_true(find(choice));
	assert_string_equal(access_.server, "https://h:6443");
}

static void
test_kubeconfig__a_platform_server_takes_its_token_from_the_environment(void **state)
{
	(void)state;
	put("ca.pem", "CA");
	setenv("PAAS_TOKEN", "general", 1);
	assert_true(kubernetes_access_of_server("https://k8s/", path_of("ca.pem"), NULL, &arena, &access_, &err));
	assert_string_equal(access_.server, "https://k8s");
	assert_string_equal(access_.ca_pem, "CA");
	assert_string_equal(secret_reveal(access_.token), "general");
	kubernetes_access_release(&access_);
	setenv("PAAS_TOKEN_KUBERNETES", "special", 1);
	assert_true(kubernetes_access_of_server("https://k8s", NULL, "ns", &arena, &access_, &err));
	assert_string_equal(secret_reveal(access_.token), "special");
	assert_string_equal(access_.credential, "token of $PAAS_TOKEN_KUBERNETES");
	unsetenv("PAAS_TOKEN");
	unsetenv("PAAS_TOKEN_KUBERNETES");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_kubeconfig__##name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_first_file_owns_the_whole_entry),
		TEST(relative_paths_follow_the_file_of_the_entry),
		TEST(home_is_the_default_and_may_be_absent),
		TEST(a_named_file_must_exist),
		TEST(the_choice_wins_over_the_file),
		TEST(each_mistake_is_named_with_its_place),
		TEST(a_bad_file_is_refused_with_its_place),
		TEST(base64_may_be_wrapped),
		TEST(a_token_and_a_certificate_may_stand_together),
		TEST(a_token_file_wins_over_a_token),
		TEST(a_server_without_scheme_is_https_when_tls_is_set_up),
		TEST(impersonation_becomes_headers),
		TEST(an_exec_plugin_is_read_whole),
		TEST(a_static_credential_leaves_the_plugin_alone),
		TEST(a_bare_plugin_name_is_left_to_the_path),
		TEST(retired_auth_providers_name_their_successor),
		TEST(an_id_token_serves_until_it_expires),
		TEST(a_pod_uses_its_service_account),
		TEST(a_platform_server_takes_its_token_from_the_environment),
	};
	return cmocka_run_group_tests_name("api/kubeconfig", tests, NULL, NULL);
}

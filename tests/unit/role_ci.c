/* Source control and CI of a platform file, against scripted answers. */
#include "net_fixture.h"

#include <stdio.h>
#include <unistd.h>

#include "api/github/github.h"
#include "base/file.h"
#include "data/json.h"
#include "data/platform.h"
#include "data/repository.h"
#include "role/ci.h"
#include "role/scm.h"

static struct platform platform;
static char ca_path[64], asked[2000], authorizations[2000], redirect[200];

/* What is asked for, and what is answered; the first row that the target begins with. */
static const struct script {
	const char *target;
	unsigned status;
	const char *body;
} *script;

static void
handle(void *data, struct web_request *request)
{
	const char *authorization = web_header(request, "Authorization");
	(void)data;
	snprintf(asked + strlen(asked), sizeof asked - strlen(asked), "%s\n", request->target);
	snprintf(authorizations + strlen(authorizations), sizeof authorizations - strlen(authorizations), "%s\n",
	         authorization != NULL ? authorization : "-");
	for (const struct script *row = script; row->target != NULL; row++) {
		if (strncmp(request->target, row->target, strlen(row->target)) != 0)
			continue;
		if (row->status == 302)
			web_add_header(request, "Location", redirect);
		if (row->status == 403) {
			web_add_header(request, "X-RateLimit-Remaining", "0");
			web_add_header(request, "X-RateLimit-Reset", "1795687200");
		}
		web_respond(request, row->status, row->body, strlen(row->body));
		return;
	}
	web_respond(request, 404, "{\"message\":\"Not Found\"}", 23);
}

static int
set_up(void **state)
{
	asked[0] = authorizations[0] = '\0';
	snprintf(ca_path, sizeof ca_path, "/tmp/paas-test-%d-ci.pem", (int)getpid());
	if (open_all(state) != 0 || !file_write(ca_path, certificate.ca_pem, strlen(certificate.ca_pem), 0600, &err))
		return -1;
	http_close(http);
	setenv("PAAS_CA_FILE", ca_path, 1); /* for where a redirect leads to */
	setenv("PAAS_TOKEN_SCM", "tok-scm", 1);
	platform = (struct platform){.scm = {.provider = "github", .url = at(secure_site, "/api/v3"), .ca_file = ca_path},
	                             .ci = {.provider = "github-actions", .url = at(secure_site, "/api/v3"), .ca_file = ca_path}};
	return http_open(loop, &http, &err) ? 0 : -1;
}

static int
tear_down(void **state)
{
	unlink(ca_path);
	unsetenv("PAAS_CA_FILE");
	unsetenv("PAAS_TOKEN_SCM");
	unsetenv("PAAS_TOKEN_CI");
	return close_all(state);
}

/* ---- which repository ---- */

static bool
slug_is(const char *url, const char *expected)
{
	struct repository repository = {.remote_url = url};
	const char *slug = NULL;
	if (url != NULL)
		repository_split_url(url, &arena, &repository.remote_owner, &repository.remote_name);
	bool is_found = scm_slug(&platform, &repository, &arena, &slug, &err);
	assert_true(is_found || err.code == ERROR_NOT_FOUND);
	return expected == NULL ? !is_found : is_found && strcmp(slug, expected) == 0;
}

static void
test_scm__takes_origins_of_its_host_only(void **state)
{
	(void)state;
	platform.scm.url = NULL;
	assert_true(slug_is("https://github.com/acme/shop.git", "acme/shop"));
	assert_true(slug_is("git@github.com:acme/shop", "acme/shop"));
	assert_true(slug_is("ssh://git@GitHub.com:22/acme/shop.git", "acme/shop"));
	assert_true(slug_is("https://github.com.evil.example/acme/shop", NULL));
	assert_true(slug_is("https://github.com@evil.example/acme/shop", NULL));
	assert_true(slug_is("https://github.com:8443/acme/shop", NULL));
	assert_true(slug_is("git@evil.example:github.com/acme/shop", NULL));
	assert_true(slug_is("https://github.com/acme/sh%2fop", NULL));
	assert_true(slug_is("https://github.com/acme/..", NULL));
	assert_true(slug_is("/srv/git/shop.git", NULL));
	char longest[101];
	memset(longest, 'a', 100);
	longest[100] = '\0';
	assert_true(slug_is(arena_printf(&arena, "git@github.com:%s/b", longest), arena_printf(&arena, "%s/b", longest)));
	assert_true(slug_is(arena_printf(&arena, "git@github.com:%sa/b", longest), NULL));
	assert_true(slug_is(NULL, NULL));
	platform.scm.url = "https://ghe.acme.example:8443/api/v3";
	assert_true(slug_is("https://ghe.acme.example:8443/acme/shop", "acme/shop"));
	assert_true(slug_is("git@ghe.acme.example:acme/shop", "acme/shop"));
	assert_true(slug_is("https://ghe.acme.example/acme/shop", NULL));
	platform.scm = (struct platform_role){0};
	platform.ci = (struct platform_role){.provider = "travis"};
	assert_true(slug_is("https://github.com/acme/shop", NULL));
}

/* ---- pull requests and checks ---- */

static const struct script pull_script[] = {
	{"/api/v3/repos/acme/shop/pulls?", 200,
	 "[{\"number\":1,\"head\":{\"ref\":\"other\"}},{\"number\":2,\"head\":{\"ref\":\"a/b\",\"repo\":{\"full_name\":\"eve/shop\"}}},"
	 "{\"number\":3,\"head\":{\"ref\":\"gone\",\"sha\":\"dead\"},\"base\":{\"ref\":\"gone\"}},{\"number\":7,\"title\":\"Add \\u001b[31mred\",\"draft\":true,"
	 "\"html_url\":\"https://forge/7\",\"head\":{\"ref\":\"a/b\",\"sha\":\"c0ffee\",\"repo\":{\"full_name\":\"Acme/shop\"}},"
	 "\"base\":{\"ref\":\"main\"}}]"},
	{"/api/v3/repos/acme/shop/rules/branches/main", 200,
	 "[{\"type\":\"required_status_checks\",\"parameters\":{\"required_status_checks\":[{\"context\":\"build\"},"
	 "{\"context\":\"scan\"}]}},{\"type\":\"pull_request\"}]"},
	{"/api/v3/repos/acme/shop/branches/main", 200,
	 "{\"protection\":{\"required_status_checks\":{\"contexts\":[\"build\",\"travis\",\"never\"]}}}"},
	{"/api/v3/repos/acme/shop/commits/c0ffee/check-runs", 200,
	 "{\"check_runs\":[{\"name\":\"build\",\"status\":\"completed\",\"conclusion\":\"neutral\"},"
	 "{\"name\":\"scan\",\"status\":\"completed\",\"conclusion\":\"timed_out\"},"
	 "{\"name\":\"scan\",\"status\":\"completed\",\"conclusion\":\"success\"},{\"name\":\"scan\",\"status\":\"queued\"},"
	 "{\"name\":\"optional\",\"status\":\"in_progress\",\"conclusion\":null}]}"},
	{"/api/v3/repos/acme/shop/commits/dead/check-runs", 200,
	 "{\"check_runs\":[{\"name\":\"build\",\"status\":\"completed\",\"conclusion\":\"skipped\"},"
	 "{\"name\":\"scan\",\"status\":\"in_progress\"},"
	 "{\"name\":\"scan\",\"status\":\"completed\",\"conclusion\":\"failure\"}]}"},
	{"/api/v3/repos/acme/shop/commits/dead/status", 200, "{\"statuses\":[]}"},
	{"/api/v3/repos/acme/shop/compare/old%2F..%2F%3F...new%23?per_page=100", 200,
	 "{\"commits\":[{\"sha\":\"1\",\"commit\":{\"message\":\"first\\r\\n::error::x\"}},{\"sha\":\"2\"},"
	 "{\"sha\":\"3\",\"commit\":{\"message\":\"third\\nmore\"}}]}"},
	{"/api/v3/repos/acme/shop/commits/c0ffee/status", 200,
	 "{\"state\":\"pending\",\"statuses\":[{\"context\":\"travis\",\"state\":\"pending\"}]}"},
	{NULL, 0, NULL},
};

static void
look_for_pull(void)
{
	struct scm *scm = NULL;
	struct scm_pull pull;
	bool is_found;
	script = pull_script;
	assert_true(scm_open(http, &platform, &arena, &scm, &err));
	assert_true(scm_pull_of_branch(scm, "acme/shop", "a/b", &arena, &pull, &is_found, &err));
	assert_true(is_found && pull.is_draft && pull.are_required);
	assert_string_equal(pull.number, "7");
	assert_int_equal(pull.n_passed, 1);
	assert_int_equal(pull.n_failed, 1);
	assert_int_equal(pull.n_pending, 2);
	assert_non_null(strstr(asked, "head=acme%3Aa%2Fb"));
	assert_non_null(strstr(authorizations, "Bearer tok-scm"));
	/* Its base is gone: nothing is demanded, all there is counts. */
	assert_true(scm_pull_of_branch(scm, "acme/shop", "gone", &arena, &pull, &is_found, &err));
	assert_true(is_found && !pull.are_required);
	assert_int_equal(pull.n_passed, 1);
	assert_int_equal(pull.n_failed, 1);
	assert_int_equal(pull.n_pending, 1);
	assert_true(scm_pull_of_branch(scm, "acme/shop", "third", &arena, &pull, &is_found, &err));
	assert_false(is_found);
	assert_false(scm_pull_of_branch(scm, "acme/none", "a/b", &arena, &pull, &is_found, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	scm_close(&scm);
}

static void
test_scm__counts_required_checks_of_both_kinds(void **state)
{
	(void)state;
	in_fiber(look_for_pull);
}

/* A server that demands more than anybody ever did. */
static void
look_for_many(void)
{
	scoped(scm_close) struct scm *scm = NULL;
	struct scm_pull pull;
	bool is_found;
	scoped(json_release) json_t *contexts = json_array();
	for (int i = 0; i < 250; i++)
		json_array_append_new(contexts, json_sprintf("check %d", i));
	const struct script many[] = {
		{"/api/v3/repos/acme/shop/pulls?", 200, "[{\"number\":1,\"head\":{\"ref\":\"a\",\"sha\":\"b\"},\"base\":{\"ref\":\"main\"}}]"},
		{"/api/v3/repos/acme/shop/rules/", 200, "[]"},
		{"/api/v3/repos/acme/shop/branches/main", 200,
		 arena_printf(&arena, "{\"protection\":{\"required_status_checks\":{\"contexts\":%s}}}", json_write(contexts, &arena))},
		{"/api/v3/repos/acme/shop/commits/b/check-runs", 200, "{\"check_runs\":[]}"},
		{"/api/v3/repos/acme/shop/commits/b/status", 200, "{\"statuses\":[]}"},
		{NULL, 0, NULL},
	};
	script = many;
	assert_true(scm_open(http, &platform, &arena, &scm, &err));
	assert_true(scm_pull_of_branch(scm, "acme/shop", "a", &arena, &pull, &is_found, &err));
	assert_true(is_found && pull.are_required);
	assert_int_equal(pull.n_pending, 200);
}

static void
test_scm__counts_two_hundred_checks(void **state)
{
	(void)state;
	in_fiber(look_for_many);
}

static void
compare_commits(void)
{
	struct scm *scm = NULL;
	struct repository_commit *commits;
	size_t count;
	script = pull_script;
	assert_true(scm_open(http, &platform, &arena, &scm, &err));
	assert_true(scm_commits_between(scm, "acme/shop", "old/../?", "new#", 20, &arena, &commits, &count, &err));
	assert_int_equal(count, 3);
	assert_string_equal(commits[0].title, "third");
	assert_string_equal(commits[1].title, "");
	assert_string_equal(commits[2].title, "first");
	assert_true(scm_commits_between(scm, "acme/shop", "old/../?", "new#", 1, &arena, &commits, &count, &err));
	assert_int_equal(count, 1);
	assert_string_equal(commits[0].commit, "3");
	scm_close(&scm);
}

static void
test_scm__compares_newest_first(void **state)
{
	(void)state;
	in_fiber(compare_commits);
}

/* ---- Actions ---- */

static const struct script runs_script[] = {
	{"/api/v3/repos/acme/shop/actions/runs?per_page=50&head_sha=c0ffee", 200,
	 "{\"workflow_runs\":["
	 "{\"id\":9007199254740993,\"run_number\":12,\"workflow_id\":1,\"status\":\"completed\",\"conclusion\":\"failure\","
	 "\"head_sha\":\"c0ffee\",\"head_branch\":\"main\",\"run_started_at\":\"2026-11-24T10:00:00Z\",\"html_url\":\"https://forge/12\"},"
	 "{\"id\":8,\"run_number\":3,\"workflow_id\":2,\"status\":\"in_progress\",\"conclusion\":null,\"head_sha\":\"c0ffee\"}]}"},
	{"/api/v3/repos/acme/shop/actions/runs?per_page=50&branch=main", 200,
	 "{\"workflow_runs\":["
	 "{\"id\":5,\"run_number\":2,\"workflow_id\":1,\"status\":\"completed\",\"conclusion\":\"success\",\"head_sha\":\"a\"},"
	 "{\"id\":4,\"run_number\":1,\"workflow_id\":1,\"status\":\"completed\",\"conclusion\":\"failure\",\"head_sha\":\"a\"},"
	 "{\"id\":3,\"run_number\":1,\"workflow_id\":2,\"status\":\"completed\",\"conclusion\":\"failure\",\"head_sha\":\"b\"}]}"},
	{"/api/v3/repos/acme/shop/actions/runs?per_page=50&branch=odd", 200,
	 "{\"workflow_runs\":[{\"id\":5,\"run_number\":2,\"status\":\"on_fire\",\"head_sha\":\"a\"}]}"},
	{"/api/v3/repos/acme/shop/actions/runs?per_page=50&head_sha=two", 200,
	 "{\"workflow_runs\":["
	 "{\"id\":9,\"workflow_id\":1,\"status\":\"completed\",\"conclusion\":\"success\",\"head_sha\":\"two\"},"
	 "{\"id\":8,\"workflow_id\":2,\"status\":\"in_progress\",\"head_sha\":\"two\",\"updated_at\":\"2026-11-24T10:00:00Z\"},"
	 "{\"id\":7,\"workflow_id\":3,\"status\":\"in_progress\",\"head_sha\":\"two\"},"
	 "{\"id\":6,\"workflow_id\":1,\"status\":\"completed\",\"conclusion\":\"failure\",\"head_sha\":\"two\"}]}"},
	{"/api/v3/repos/acme/shop/actions/runs?per_page=50&branch=none", 200, "{\"workflow_runs\":[]}"},
	{"/api/v3/repos/acme/shop/actions/runs?per_page=50&branch=spent", 403, "{\"message\":\"API rate limit exceeded\"}"},
	{"/api/v3/repos/acme/shop/actions/runs/9007199254740993/jobs", 200,
	 "{\"jobs\":[{\"id\":1,\"name\":\"lint\",\"status\":\"completed\",\"conclusion\":\"success\"},"
	 "{\"id\":2,\"name\":\"image\",\"status\":\"completed\",\"conclusion\":\"failure\"}]}"},
	{"/api/v3/repos/acme/shop/actions/jobs/2/logs", 302, ""},
	{"/api/v3/repos/acme/shop/actions/runs/10/jobs", 200,
	 "{\"jobs\":[{\"id\":10,\"name\":\"gone\",\"status\":\"completed\",\"conclusion\":\"failure\"}]}"},
	{"/api/v3/repos/acme/shop/actions/runs/11/jobs", 200,
	 "{\"jobs\":[{\"id\":11,\"name\":\"secret\",\"status\":\"completed\",\"conclusion\":\"failure\"}]}"},
	{"/api/v3/repos/acme/shop/actions/jobs/11/logs", 403, "{\"message\":\"API rate limit exceeded\"}"},
	{"/elsewhere", 200, "2026-11-24T10:00:00.1234567Z one\n2026-11-24T10:00:00.1234567Z ##[error]two\nthree\n"},
	{NULL, 0, NULL},
};

static struct ci_build
build_of(struct ci *ci, const char *branch, bool expected)
{
	struct ci_build build = {0};
	bool is_found = !expected;
	assert_true(ci_build_of_branch(ci, branch, &arena, &build, &is_found, &err));
	assert_int_equal(is_found, expected);
	return build;
}

static void
look_for_runs(void)
{
	struct ci *ci = NULL;
	struct ci_build build;
	struct ci_job job;
	const char *lines;
	bool is_found;
	script = runs_script;
	snprintf(redirect, sizeof redirect, "https://127.0.0.1%s/elsewhere", strrchr(secure_site, ':'));
	assert_true(ci_open(http, &platform, "acme/shop", &arena, &ci, &err));
	assert_true(ci_build_of_commit(ci, "c0ffee", &arena, &build, &is_found, &err));
	assert_true(is_found && build.state == CI_FAILED && build.started_ms == 1795514400000);
	assert_string_equal(build.id, "9007199254740993");
	assert_string_equal(build.number, "12");
	authorizations[0] = '\0';
	assert_true(ci_failure(ci, &build, 20, &arena, &job, &lines, &is_found, &err));
	assert_true(is_found);
	assert_string_equal(job.name, "image");
	assert_string_equal(lines, "one\ntwo\n");
	assert_string_equal(authorizations, "Bearer tok-scm\nBearer tok-scm\n-\n");
	assert_int_equal(build_of(ci, "main", true).state, CI_PASSED);
	build = build_of(ci, "odd", true);
	assert_true(build.state == CI_UNKNOWN && strcmp(build.word, "on_fire") == 0);
	build_of(ci, "none", false);
	assert_false(ci_build_of_branch(ci, "spent", &arena, &build, &is_found, &err));
	assert_true(err.code == ERROR_RATE_LIMITED && err.retryable);
	assert_non_null(strstr(err.why, "until 2026-11-26T10:00:00Z"));
	ci_close(&ci);
}

static void
test_ci__folds_the_runs_of_a_commit(void **state)
{
	(void)state;
	in_fiber(look_for_runs);
}

/* A workflow's last run counts, of each workflow; of two that are alike the newest; what runs has no end. */
static void
look_for_several(void)
{
	struct ci *ci = NULL;
	struct ci_build build;
	struct ci_job job;
	const char *lines;
	bool is_found;
	script = runs_script;
	assert_true(ci_open(http, &platform, "acme/shop", &arena, &ci, &err));
	assert_true(ci_build_of_commit(ci, "two", &arena, &build, &is_found, &err));
	assert_true(is_found && build.state == CI_RUNNING && build.ended_ms == -1);
	assert_string_equal(build.id, "8");
	/* A log that is gone is no reason to keep quiet about the job; one that cannot be read now is. */
	build.id = "10";
	assert_true(ci_failure(ci, &build, 20, &arena, &job, &lines, &is_found, &err));
	assert_true(is_found && strcmp(job.name, "gone") == 0 && *lines == '\0');
	build.id = "11";
	assert_false(ci_failure(ci, &build, 20, &arena, &job, &lines, &is_found, &err));
	assert_int_equal(err.code, ERROR_RATE_LIMITED);
	ci_close(&ci);
}

static void
test_ci__takes_the_last_run_of_each_workflow(void **state)
{
	(void)state;
	in_fiber(look_for_several);
}

/* ---- words ---- */

/* One run of whatever status or conclusion is asked for. */
static enum ci_state
state_of(const char *status, const char *conclusion, struct ci *ci)
{
	struct script answer[] = {{"/", 200, NULL}, {NULL, 0, NULL}};
	struct ci_build build;
	bool is_found;
	const char *word = *conclusion != '\0' ? conclusion : status;
	answer[0].body = arena_printf(&arena, "{\"workflow_runs\":[{\"id\":1,\"status\":\"%s\",\"conclusion\":\"%s\","
	                              "\"head_sha\":\"a\"}],\"builds\":[{\"id\":1,\"state\":\"%s\",\"commit\":{\"sha\":\"a\"}}]}",
	                              status, conclusion, word);
	script = answer;
	asked[0] = authorizations[0] = '\0';
	assert_true(ci_build_of_commit(ci, "a", &arena, &build, &is_found, &err) && is_found);
	assert_string_equal(build.word, word);
	return build.state;
}

static void
read_words(void)
{
	static const struct {
		const char *status, *conclusion;
		enum ci_state state;
	} runs[] = {
		{"queued", "", CI_QUEUED}, {"requested", "", CI_QUEUED}, {"waiting", "", CI_QUEUED}, {"pending", "", CI_QUEUED},
		{"in_progress", "", CI_RUNNING}, {"completed", "success", CI_PASSED}, {"completed", "neutral", CI_PASSED},
		{"completed", "skipped", CI_PASSED}, {"completed", "failure", CI_FAILED}, {"completed", "timed_out", CI_FAILED},
		{"completed", "startup_failure", CI_FAILED}, {"completed", "action_required", CI_FAILED},
		{"completed", "cancelled", CI_CANCELLED}, {"completed", "stale", CI_CANCELLED}, {"on_fire", "", CI_UNKNOWN},
	}, builds[] = {
		{"created", "", CI_QUEUED}, {"queued", "", CI_QUEUED}, {"received", "", CI_QUEUED}, {"started", "", CI_RUNNING},
		{"passed", "", CI_PASSED}, {"failed", "", CI_FAILED}, {"errored", "", CI_FAILED}, {"canceled", "", CI_CANCELLED},
		{"on_fire", "", CI_UNKNOWN},
	};
	struct ci *ci = NULL;
	assert_true(ci_open(http, &platform, "acme/shop", &arena, &ci, &err));
	for (size_t i = 0; i < array_length(runs); i++)
		assert_int_equal(state_of(runs[i].status, runs[i].conclusion, ci), runs[i].state);
	ci_close(&ci);
	setenv("PAAS_TOKEN_CI", "tok-ci", 1);
	platform.ci = (struct platform_role){.provider = "travis", .url = secure_site, .ca_file = ca_path};
	assert_true(ci_open(http, &platform, "acme/shop", &arena, &ci, &err));
	for (size_t i = 0; i < array_length(builds); i++)
		assert_int_equal(state_of(builds[i].status, builds[i].conclusion, ci), builds[i].state);
	ci_close(&ci);
}

static void
test_ci__knows_every_word(void **state)
{
	(void)state;
	in_fiber(read_words);
}

/* ---- Travis ---- */

static const struct script travis_script[] = {
	{"/repo/acme%2Fshop/builds?sort_by=id:desc&event_type=push,pull_request&limit=100", 200,
	 "{\"builds\":[{\"id\":3,\"number\":\"13\",\"state\":\"started\",\"commit\":{\"sha\":\"beef\"}},"
	 "{\"id\":2,\"number\":\"12\",\"state\":\"errored\",\"commit\":{\"sha\":\"c0ffee\"},\"branch\":{\"name\":\"main\"},"
	 "\"started_at\":\"2026-11-24T10:00:00Z\",\"finished_at\":null}]}"},
	{"/repo/acme%2Fshop/builds?sort_by=id:desc&event_type=push,pull_request&limit=1&branch.name=a%2Fb", 200,
	 "{\"builds\":[{\"id\":3,\"number\":\"13\",\"state\":\"started\",\"commit\":{\"sha\":\"beef\"}}]}"},
	{"/build/2/jobs", 200, "{\"jobs\":[{\"id\":21,\"number\":\"12.1\",\"state\":\"failed\"}]}"},
	{"/job/21/log.txt", 200, "travis_fold:start:x\r\033[0K$ make\nboom\n"},
	{NULL, 0, NULL},
};

static void
look_for_builds(void)
{
	struct ci *ci = NULL;
	struct ci_build build;
	struct ci_job job;
	const char *lines;
	bool is_found;
	script = travis_script;
	platform.ci = (struct platform_role){.provider = "travis", .url = secure_site, .ca_file = ca_path};
	assert_false(ci_open(http, &platform, "acme/shop", &arena, &ci, &err));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	setenv("PAAS_TOKEN_CI", "tok-ci", 1);
	assert_true(ci_open(http, &platform, "acme/shop", &arena, &ci, &err));
	assert_true(ci_build_of_commit(ci, "c0ffee", &arena, &build, &is_found, &err));
	assert_true(is_found && build.state == CI_FAILED && build.ended_ms == -1);
	assert_string_equal(build.url, at(secure_site, "/acme/shop/builds/2"));
	assert_true(ci_failure(ci, &build, 1, &arena, &job, &lines, &is_found, &err));
	assert_string_equal(job.name, "12.1");
	assert_string_equal(lines, "boom\n");
	assert_int_equal(build_of(ci, "a/b", true).state, CI_RUNNING);
	assert_true(ci_build_of_commit(ci, "0000", &arena, &build, &is_found, &err));
	assert_false(is_found);
	assert_non_null(strstr(authorizations, "token tok-ci\n"));
	ci_close(&ci);
}

static void
test_ci__speaks_to_travis_in_its_way(void **state)
{
	(void)state;
	in_fiber(look_for_builds);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_scm__takes_origins_of_its_host_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_scm__counts_required_checks_of_both_kinds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_scm__counts_two_hundred_checks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_scm__compares_newest_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ci__folds_the_runs_of_a_commit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ci__takes_the_last_run_of_each_workflow, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ci__knows_every_word, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ci__speaks_to_travis_in_its_way, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("role/ci", tests, NULL, NULL);
}

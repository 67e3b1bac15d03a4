#include "sandbox/forge/forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "sandbox/path_pattern.h"

#define COMMIT "1111111111111111111111111111111111111111"

static const int64_t noon_ms = INT64_C(1795694400000);
static int n_published;

static void
count(void *data, const char *repository, const char *commit)
{
	assert_null(data);
	assert_string_equal(repository, "payments/checkout");
	assert_string_equal(commit, COMMIT);
	n_published++;
}

static void
expect(struct forge *forge, const char *whole, const char *lint, const char *build)
{
	forge_settle(forge);
	const json_t *at = forge_build_numbered(forge_repository(forge, "payments/checkout"), 5);
	assert_string_equal(forge_build_progress(at).status, whole);
	assert_string_equal(forge_job_progress(at, 0).status, lint);
	assert_string_equal(forge_job_progress(at, 1).status, build);
}

static void
test_forge__a_build_follows_the_clock_and_publishes_once(void **state)
{
	(void)state;
	struct error err;
	const json_t *build;
	struct forge *forge = forge_new(&(struct forge_options){.publish = count});
	struct forge_order order = {"payments/checkout", COMMIT, NULL, false, 1000, 10000};
	clock_freeze(noon_ms);
	n_published = 0;
	assert_true(forge_build(forge, &order, &build, &err));
	expect(forge, "queued", "queued", "queued");
	clock_advance(1000);
	expect(forge, "in_progress", "in_progress", "in_progress");
	clock_advance(4000);
	expect(forge, "in_progress", "completed", "in_progress");
	assert_int_equal(n_published, 0);
	clock_advance(6000);
	expect(forge, "completed", "completed", "completed");
	expect(forge, "completed", "completed", "completed");
	assert_int_equal(n_published, 1);
	forge_free(forge);
}

static void
test_forge__a_build_does_not_go_back_with_the_clock(void **state)
{
	(void)state;
	struct error err;
	const json_t *build;
	struct forge *forge = forge_new(&(struct forge_options){.publish = count}), *later;
	struct forge_order order = {"payments/checkout", COMMIT, NULL, true, 0, 0};
	clock_freeze(noon_ms);
	n_published = 0;
	assert_true(forge_build(forge, &order, &build, &err));
	expect(forge, "completed", "completed", "completed");
	json_t *kept = forge_snapshot(forge);
	later = forge_new(&(struct forge_options){.is_empty = true});
	assert_null(forge_repository(later, "payments/checkout"));
	assert_true(forge_restore(later, kept));
	clock_freeze(noon_ms - 3600 * 1000);
	expect(later, "completed", "completed", "completed");
	assert_string_equal(forge_build_progress(build).conclusion, "failure");
	assert_int_equal(n_published, 0); /* it failed */
	json_decref(kept);
	kept = json_pack("{s:i}", "repositories", 1);
	assert_false(forge_restore(later, kept));
	json_decref(kept);
	forge_free(later);
	forge_free(forge);
}

static void
test_forge__refuses_orders_that_make_no_sense(void **state)
{
	(void)state;
	struct error err;
	const json_t *build;
	struct forge *forge = forge_new(&(struct forge_options){0});
	struct forge_order order = {"payments/nobody", COMMIT, NULL, false, 0, 0};
	assert_false(forge_build(forge, &order, &build, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	order = (struct forge_order){"payments/checkout", "main", NULL, false, 0, 0};
	assert_false(forge_build(forge, &order, &build, &err));
	order = (struct forge_order){"payments/checkout", COMMIT, "", false, 0, 0};
	assert_false(forge_build(forge, &order, &build, &err));
	order = (struct forge_order){"payments/checkout", COMMIT, NULL, false, -1, 0};
	assert_false(forge_build(forge, &order, &build, &err));
	assert_int_equal(err.code, ERROR_USAGE);
	forge_free(forge);
}

static void
test_forge__finds_commits_by_branch_and_digits(void **state)
{
	(void)state;
	struct forge *forge = forge_new(&(struct forge_options){0});
	const json_t *repository = forge_repository(forge, "payments/checkout"), *head = forge_commit(repository, "main");
	assert_non_null(head);
	assert_ptr_equal(forge_commit(repository, "refs/heads/main"), head);
	assert_ptr_equal(forge_commit(repository, "a276192"), head);
	assert_null(forge_commit(repository, "c3d2e1"));
	assert_null(forge_commit(repository, "C3D2E1F"));
	assert_null(forge_commit(repository, COMMIT));
	forge_free(forge);
}

static void
test_path__matches_one_segment_or_more(void **state)
{
	(void)state;
	struct arena arena = {0};
	const char *params[PATH_PARAMS_MAX];
	assert_true(path_matches("/jobs/{}/log", "/jobs/12/log", &arena, params));
	assert_string_equal(params[0], "12");
	assert_false(path_matches("/jobs/{}/log", "/jobs/1/2/log", &arena, params));
	assert_false(path_matches("/jobs/{}/log", "/jobs//log", &arena, params));
	assert_false(path_matches("/jobs/{}", "/jobs/", &arena, params));
	assert_true(path_matches("/commits/{+}/status", "/commits/a/b/status", &arena, params));
	assert_string_equal(params[0], "a/b");
	assert_false(path_matches("/commits/{+}/status", "/commits/status", &arena, params));
	assert_false(path_matches("/commits/{+}/status", "/commits/a/statuses", &arena, params));
	assert_true(path_matches("/branches/{+}", "/branches/x/y", &arena, params));
	assert_string_equal(params[0], "x/y");
	assert_true(path_matches("", "", &arena, params));
	assert_false(path_matches("", "/x", &arena, params));
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forge__a_build_follows_the_clock_and_publishes_once),
		cmocka_unit_test(test_forge__a_build_does_not_go_back_with_the_clock),
		cmocka_unit_test(test_forge__refuses_orders_that_make_no_sense),
		cmocka_unit_test(test_forge__finds_commits_by_branch_and_digits),
		cmocka_unit_test(test_path__matches_one_segment_or_more),
	};
	return cmocka_run_group_tests_name("sandbox/forge", tests, NULL, NULL);
}

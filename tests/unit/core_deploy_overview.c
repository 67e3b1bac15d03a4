#include "core/deploy/overview_fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct overview overview;
static struct overview_fold fold;
static const char *id = ""; /* of the rows that follow */

static int
set_up(void **state)
{
	(void)state;
	id = "";
	overview = (struct overview){0};
	fold = (struct overview_fold){.arena = &arena, .overview = &overview};
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void
deployment(const char *name, const char *ready, const char *updated, const char *age)
{
	overview_fold_deployment(&fold, (const char *[]){name, ready, updated, age, id});
}

static void
application(const char *name, const char *age)
{
	overview_fold_application(&fold, (const char *[]){name, age, id});
}

static void
pod(const char *name, const char *ready, const char *status, const char *restarts, const char *age)
{
	overview_fold_pod(&fold, (const char *[]){name, ready, status, restarts, age});
}

static const struct overview_app *
app(const char *name)
{
	for (size_t i = 0; i < overview.n_apps; i++)
		if (strcmp(overview.apps[i].name, name) == 0)
			return &overview.apps[i];
	fail_msg("no application %s", name);
	return NULL;
}

static void
test_overview__pods_belong_to_the_deployment_they_are_named_after(void **state)
{
	/* 63 bytes: what the API server makes of NAME-REVISION-, cut to 58, and a suffix. */
	static const char long_name[] = "a-name-so-long-that-the-revision-is-cut-off-in-its-pod";
	(void)state;
	deployment("shop", "1/1", "1", "5d");
	deployment("shop-api", "2/2", "2", "5d");
	deployment(long_name, "1/1", "1", "5d");
	deployment("a-name-so-long", "1/1", "1", "5d");
	application("job", "5d");
	overview_index(&fold);
	pod("shop-7d9f-x2k4v", "1/1", "Running", "0", "5d");
	pod("shop-api-7d9f-aaaaa", "1/1", "Running", "2 (5m ago)", "5d");
	pod("shop-api-7d9f-bbbbb", "1/1", "Running", "3", "5d");
	pod("shop-0", "1/1", "Running", "0", "5d");
	pod("shop", "1/1", "Running", "0", "5d");
	pod("job-12345-xxxxx", "0/1", "Error", "0", "5d"); /* an Application runs no pods itself */
	pod("a-name-so-long-that-the-revision-is-cut-off-in-its-pod-5d8cqkz7", "1/1", "Running", "0", "5d");
	pod("a-pod-of-a-name-that-is-longer-than-any-name-of-a-pod-can-be-in-kubernetes", "1/1", "Running", "0", "5d");
	overview_judge(&fold);
	assert_int_equal(app("shop")->pods, 1);
	assert_int_equal(app("shop-api")->pods, 2);
	assert_int_equal(app("shop-api")->restarts, 5);
	assert_int_equal(app(long_name)->pods, 1);
	assert_int_equal(app("a-name-so-long")->pods, 0);
	assert_int_equal(overview.pods, 8);
	assert_int_equal(overview.others, 4);
	assert_int_equal(overview.others_unwell, 1);
}

static void
test_overview__one_application_a_name(void **state)
{
	(void)state;
	application("b", "5d");
	application("a", "5d");
	deployment("b", "1/1", "1", "4d");
	deployment("", "1/1", "1", "4d");
	overview_index(&fold);
	overview_judge(&fold);
	assert_int_equal(overview.n_apps, 2);
	assert_true(app("b")->has_application && app("b")->has_deployment);
	assert_true(app("a")->has_application && !app("a")->has_deployment);
	assert_int_equal(app("b")->age_ms, (int64_t)4 * 86400 * 1000);
}

/* A row of the table that decides; the pod is left out when its status is NULL. */
static const struct {
	const char *ready, *updated, *age, *pod_ready, *status, *restarts, *pod_age;
	enum status_state expected;
	int64_t unwell, starting;
} decisions[] = {
	{"1/1", "1", "5d", "1/1", "Running", "0", "5d", STATUS_HEALTHY, 0, 0},
	{"0/0", "0", "5d", NULL, NULL, NULL, NULL, STATUS_STOPPED, 0, 0},
	{"1/1", "1", "5d", "0/1", "Evicted", "0", "5d", STATUS_HEALTHY, 1, 0}, /* replaced long ago */
	{"0/1", "1", "5d", "0/1", "CrashLoopBackOff", "9 (1m ago)", "5d", STATUS_UNHEALTHY, 1, 0},
	{"1/1", "0", "5d", "0/1", "ImagePullBackOff", "0", "1m", STATUS_UNHEALTHY, 1, 0}, /* the old one serves */
	{"0/1", "1", "5d", "0/1", "ContainerCreating", "0", "4m59s", STATUS_ROLLING, 0, 1},
	{"0/1", "1", "5d", "0/1", "ContainerCreating", "0", "5m", STATUS_UNHEALTHY, 1, 0},
	{"0/1", "1", "5d", "0/1", "Pending", "0", "<invalid>", STATUS_UNHEALTHY, 1, 0},
	{"0/1", "1", "5d", "0/1", "Running", "0", "10s", STATUS_ROLLING, 0, 1},
	{"0/1", "1", "5d", "0/1", "Running", "1", "10s", STATUS_UNHEALTHY, 1, 0},
	{"0/1", "1", "5d", "0/2", "Init:0/1", "0", "10s", STATUS_ROLLING, 0, 1},
	{"0/1", "1", "5d", "0/2", "Init:Error", "0", "10s", STATUS_UNHEALTHY, 1, 0},
	{"0/1", "1", "5d", "0/1", "Completed", "0", "5d", STATUS_UNHEALTHY, 0, 0},
	{"0/1", "1", "5d", "1/1", "Terminating", "0", "5d", STATUS_UNHEALTHY, 0, 0},
	{"0/1", "0", "5d", NULL, NULL, NULL, NULL, STATUS_UNHEALTHY, 0, 0}, /* nobody may make its pods */
	{"0/1", "0", "2m", NULL, NULL, NULL, NULL, STATUS_ROLLING, 0, 0},
	{"1/1", "0", "2m", NULL, NULL, NULL, NULL, STATUS_ROLLING, 0, 0},
	{"x", "-1", "", "y", "", "z", "", STATUS_STOPPED, 1, 0},
};

static void
test_overview__states_follow_the_cells(void **state)
{
	for (size_t i = 0; i < array_length(decisions); i++) {
		set_up(state);
		deployment("a", decisions[i].ready, decisions[i].updated, decisions[i].age);
		overview_index(&fold);
		if (decisions[i].status != NULL)
			pod("a-1-2", decisions[i].pod_ready, decisions[i].status, decisions[i].restarts, decisions[i].pod_age);
		overview_judge(&fold);
		if (app("a")->state != decisions[i].expected || app("a")->pods_unwell != decisions[i].unwell ||
		    app("a")->pods_starting != decisions[i].starting)
			fail_msg("row %zu: %s, %lld unwell, %lld starting", i, status_state_name(app("a")->state),
			         (long long)app("a")->pods_unwell, (long long)app("a")->pods_starting);
	}
}

static void
test_overview__an_application_without_deployment_failed_after_a_while(void **state)
{
	(void)state;
	application("old", "5m");
	application("new", "4m59s");
	overview_index(&fold);
	overview_judge(&fold);
	assert_int_equal(app("old")->state, STATUS_FAILED);
	assert_int_equal(app("new")->state, STATUS_ROLLING);
	assert_int_equal(overview.n_unwell, 1);
	assert_int_equal(overview.n_under_way, 1);
}

static void
test_overview__a_release_the_operator_has_not_made_is_under_way(void **state)
{
	(void)state;
	id = "1";
	deployment("behind", "1/1", "1", "5d");
	deployment("crashing", "0/1", "1", "5d");
	deployment("made", "1/1", "1", "5d");
	deployment("stopped", "0/0", "0", "5d");
	deployment("foreign", "1/1", "1", "5d");
	application("made", "5d");
	id = "2";
	application("behind", "5d");
	application("crashing", "5d");
	application("stopped", "5d");
	id = "";
	application("foreign", "5d");
	overview_index(&fold);
	pod("crashing-1-1", "0/1", "Error", "3", "5d");
	overview_judge(&fold);
	assert_int_equal(app("behind")->state, STATUS_ROLLING);
	assert_string_equal(app("behind")->deployment_id, "2");
	assert_int_equal(app("stopped")->state, STATUS_ROLLING);
	assert_int_equal(app("crashing")->state, STATUS_UNHEALTHY);
	assert_int_equal(app("made")->state, STATUS_HEALTHY);
	assert_int_equal(app("foreign")->state, STATUS_HEALTHY);
}

static void
test_overview__what_was_looked_into_is_put_in_its_place(void **state)
{
	(void)state;
	deployment("a", "1/1", "1", "5d");
	deployment("b", "0/1", "1", "1m");
	overview_index(&fold);
	overview_judge(&fold);
	overview.apps[0].state = STATUS_FAILED; /* b */
	overview.apps[1].state = STATUS_PAUSED; /* a */
	overview_order(&overview);
	assert_string_equal(overview.apps[0].name, "a");
	assert_int_equal(overview.n_unwell, 2);
	assert_int_equal(overview.n_under_way, 0);
}

static void
test_overview__what_is_unwell_comes_first(void **state)
{
	static const char *const expected[] = {"c", "d", "b", "a", "e"};
	(void)state;
	deployment("e", "1/1", "1", "5d");
	deployment("d", "0/1", "1", "5d");
	deployment("c", "0/1", "1", "5d");
	deployment("b", "0/1", "1", "1m");
	deployment("a", "1/1", "1", "5d");
	overview_index(&fold);
	overview_judge(&fold);
	for (size_t i = 0; i < array_length(expected); i++)
		assert_string_equal(overview.apps[i].name, expected[i]);
	assert_int_equal(overview.n_unwell, 2);
}

static void
test_overview__samples_and_words_are_few(void **state)
{
	char name[32];
	(void)state;
	deployment("a", "0/9", "9", "5d");
	overview_index(&fold);
	pod("a-1-x", "0/1", "Running", "1", "5d");
	pod("a-1-y", "0/1", "CrashLoopBackOff", "1", "5d");
	size_t before = 0;
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(name, sizeof name, "a-%u-%u", i, i);
		pod(name, "0/1", i % 2 ? "Running" : "Error", "1", "5d");
		if (i == 10)
			before = arena.used_bytes;
	}
	assert_int_equal(arena.used_bytes, before);
	assert_int_equal(app("a")->n_samples, OVERVIEW_SAMPLES);
	assert_string_equal(app("a")->samples[0], "a-1-x");
	assert_string_equal(app("a")->word, "CrashLoopBackOff");
}

static void
test_overview__what_is_kept_of_a_lying_server_is_little(void **state)
{
	static char endless[60000];
	(void)state;
	memset(endless, 'x', sizeof endless - 1);
	id = endless;
	deployment("a", "0/1", "1", "5d");
	application("a", "5d");
	deployment(endless, "0/1", "1", "5d");
	overview_index(&fold);
	pod("a-1-1", "0/1", endless, "0", "5d");
	pod(endless, "0/1", "Error", "0", "5d");
	overview_judge(&fold);
	assert_int_equal(overview.n_apps, 1);
	assert_int_equal(overview.pods, 2);
	assert_int_equal(strlen(app("a")->deployment_id), 63);
	assert_in_range(strlen(app("a")->word), 60, 80);
	assert_in_range(arena.used_bytes, 0, 4096);
}

static void
test_overview__what_begins_again_counts_once(void **state)
{
	(void)state;
	deployment("gone", "1/1", "1", "5d");
	overview_forget_deployments(&fold);
	deployment("a", "0/1", "1", "5d");
	application("gone", "5d");
	overview_forget_applications(&fold);
	overview_index(&fold);
	pod("a-1-1", "0/1", "Error", "3", "5d");
	pod("other", "0/1", "Error", "3", "5d");
	overview_forget_pods(&fold);
	pod("a-1-1", "0/1", "Unknown", "1", "5d");
	overview_judge(&fold);
	assert_int_equal(overview.n_apps, 1);
	assert_int_equal(overview.pods, 1);
	assert_int_equal(overview.pods_unwell, 1);
	assert_int_equal(overview.others, 0);
	assert_int_equal(app("a")->restarts, 1);
	assert_int_equal(app("a")->n_samples, 1);
	assert_string_equal(app("a")->word, "Unknown");
}

static void
test_overview__more_applications_than_anybody_has_are_counted(void **state)
{
	char name[32];
	(void)state;
	for (unsigned i = 0; i < OVERVIEW_APPS_MAX + 7; i++) {
		snprintf(name, sizeof name, "a%u", i);
		deployment(name, "1/1", "1", "5d");
	}
	overview_index(&fold);
	overview_judge(&fold);
	assert_int_equal(overview.n_apps, OVERVIEW_APPS_MAX);
	assert_int_equal(overview.n_dropped, 7);
}

static void
test_overview__ages_are_the_servers(void **state)
{
	char years[4000];
	(void)state;
	assert_int_equal(overview_parse_age_ms("0s"), 0);
	assert_int_equal(overview_parse_age_ms("3m20s"), 200 * 1000);
	assert_int_equal(overview_parse_age_ms("2d3h"), (int64_t)51 * 3600 * 1000);
	assert_int_equal(overview_parse_age_ms("1y"), (int64_t)365 * 86400 * 1000);
	static const char *const wrong[] = {"", "<unknown>", "5", "s", "-5s", "5x", "99999999999999999999s", "5m ", NULL};
	for (size_t i = 0; wrong[i] != NULL; i++)
		assert_int_equal(overview_parse_age_ms(wrong[i]), -1);
	for (size_t i = 0; i + 7 < sizeof years; i += 7)
		memcpy(years + i, "100000y", 8);
	assert_int_equal(overview_parse_age_ms(years), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_overview__##name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pods_belong_to_the_deployment_they_are_named_after),
		TEST(one_application_a_name),
		TEST(states_follow_the_cells),
		TEST(an_application_without_deployment_failed_after_a_while),
		TEST(a_release_the_operator_has_not_made_is_under_way),
		TEST(what_was_looked_into_is_put_in_its_place),
		TEST(what_is_unwell_comes_first),
		TEST(samples_and_words_are_few),
		TEST(what_is_kept_of_a_lying_server_is_little),
		TEST(what_begins_again_counts_once),
		TEST(more_applications_than_anybody_has_are_counted),
		TEST(ages_are_the_servers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

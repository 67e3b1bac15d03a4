/* What logs_read tells when it does not follow.  core_logs_follow.c has the rest of the plain cases,
 * core_logs_random.c the wild ones. */
#include "core/logs/logs.h"

#include "told_fixture.h"

/* Bytes come in pieces of all sizes, and in no order among the containers. */
static void
merge_three(void)
{
	struct log_container *containers[3];
	static char names[300][8];
	for (size_t i = 0; i < 3; i++) {
		containers[i] = add_container();
		containers[i]->is_mute = true;
	}
	for (size_t i = 0; i < 300; i++) {
		snprintf(names[i], sizeof names[i], "%03zu", i);
		add_line(containers[i * 7 / 3 % 3], (int64_t)i * 7919, names[i]);
	}
	for (size_t i = 0; i < 3; i++)
		containers[i]->runs[0].n_written = containers[i]->runs[0].n_lines;
	start_reading(&reading);
	for (size_t n = 1; !reading.is_done; n++) {
		assert_in_range(n, 1, 100 * 1000);
		containers[n % 3]->is_mute = false;
		log_pump(containers[n % 3], n * 37 % 101);
		assert_true(fiber_sleep(loop, 0));
	}
	fiber_join(reading.fiber);
	assert_true(reading.is_ok);
}

static void
test_logs__once_the_merge_is_exact_by_time(void **state)
{
	(void)state;
	in_fiber(merge_three);
	const char *at = told_text.bytes;
	for (size_t i = 0; i < 300; i++) {
		char expected[8];
		snprintf(expected, sizeof expected, "%03zu", i);
		at = strchr(at, ' ') + 1;
		assert_memory_equal(at, expected, 3);
		at += 4;
	}
	assert_int_equal(*at, 0);
	assert_int_equal(reading.result.n_pods, 3);
	assert_int_equal(reading.result.n_containers, 3);
	assert_int_equal(reading.result.n_failed, 0);
}

static void
read_the_last_two(void)
{
	struct log_container *container = add_container();
	for (int i = 0; i < 5; i++)
		add_line(container, i, (const char *[]){"a", "b", "c", "d", "e"}[i]);
	write_all(container);
	reading.request.tail_lines = 2;
	reading.request.since_ms = start_ns / 1000000 - 60 * 1000;
	read_to_the_end();
}

static void
test_logs__tail_and_since_are_passed_on(void **state)
{
	char since[CLOCK_TEXT_BYTES];
	(void)state;
	in_fiber(read_the_last_two);
	assert_string_equal(told_text.bytes, "0/app d\n0/app e\n");
	assert_true(has_parameter(log_target(0), "tailLines=2"));
	assert_true(has_parameter(log_target(0), "timestamps=true"));
	clock_format(reading.request.since_ms, since);
	char *parameter = arena_printf(&arena, "sinceTime=%s", http_escape(since, &arena));
	if (!has_parameter(log_target(0), parameter))
		fail_msg("%s lacks %s", log_target(0), parameter);
}

static void
read_previous(void)
{
	struct log_pod *pod = add_pod("v1");
	write_line(&pod->containers[0], 0, "before");
	restart(&pod->containers[0], pod, 1);
	write_line(&pod->containers[0], 10, "after");
	reading.request.previous = true;
	read_to_the_end();
}

static void
test_logs__the_previous_run_is_read_in_place_of_the_present(void **state)
{
	(void)state;
	in_fiber(read_previous);
	assert_string_equal(told_text.bytes, "0/app before\n");
}

static bool
wants_second(void *data, const char *pod, const char *container)
{
	(void)data;
	(void)container;
	return strcmp(pod, "checkout-1") == 0;
}

static void
read_wanted(void)
{
	write_line(add_container(), 0, "a");
	write_line(add_container(), 1, "b");
	reading.request.wants = wants_second;
	read_to_the_end();
}

static void
test_logs__only_what_is_wanted_is_asked_for(void **state)
{
	(void)state;
	in_fiber(read_wanted);
	assert_string_equal(told_text.bytes, "1/app b\n");
	assert_int_equal(count_log_targets(), 1);
}

static void
read_release(void)
{
	write_line(&add_pod("v1")->containers[0], 0, "a");
	write_line(&add_pod("v2")->containers[0], 1, "b");
	reading.request.deployment_id = "v1";
	read_to_the_end();
}

static void
test_logs__only_the_release_asked_for_is_read(void **state)
{
	(void)state;
	in_fiber(read_release);
	assert_string_equal(told_text.bytes, "0/app a\n");
}

/* One waits for its image, one for a node. */
static void
read_waiting(void)
{
	add_container()->state = CONTAINER_CREATING;
	add_pod("v1")->is_scheduled = false;
	write_line(add_container(), 0, "a");
	read_to_the_end();
}

static void
test_logs__who_has_written_nothing_yet_is_told_as_waiting(void **state)
{
	(void)state;
	in_fiber(read_waiting);
	assert_true(is_told("0/app waits: ContainerCreating\n"));
	assert_true(is_told("1/app waits: "));
	assert_true(is_told("2/app a\n"));
	assert_int_equal(reading.result.n_failed, 0);
}

static void
read_with_failures(void)
{
	static const unsigned refusals[] = {403, 0, 500};
	for (int i = 0; i < 3; i++) {
		struct log_container *container = add_container();
		write_line(container, i, "hello");
		container->refusal = refusals[i];
	}
	read_to_the_end();
}

static void
test_logs__one_that_fails_does_not_stop_the_others(void **state)
{
	(void)state;
	clock_set_rate(200);
	in_fiber(read_with_failures);
	assert_true(is_told("0/app is given up\n"));
	assert_true(is_told("1/app hello\n"));
	assert_true(is_told("2/app is given up\n"));
	assert_int_equal(reading.result.n_failed, 2);
	assert_int_equal(reading.result.n_containers, 3);
	assert_int_equal(cluster.pods[0].containers[0].n_asked, 1); /* time does not cure a 403 */
	assert_in_range(cluster.pods[2].containers[0].n_asked, 2, 20);
}

static void
read_after_a_failure(void)
{
	struct log_container *container = add_container();
	write_line(container, 0, "hello");
	container->refusal = 503;
	container->n_refusals = 2;
	read_to_the_end();
}

static void
test_logs__what_passes_is_tried_again(void **state)
{
	(void)state;
	clock_set_rate(200);
	in_fiber(read_after_a_failure);
	assert_true(is_told("0/app hello\n"));
	assert_int_equal(reading.result.n_failed, 0);
}

/* It brings the earliest line of all, and late. */
static void
read_with_a_silent_one(void)
{
	struct log_container *silent = add_container(), *other = add_container();
	silent->is_mute = true;
	add_line(silent, 0, "first");
	write_all(silent);
	write_line(other, second_ns, "second");
	int64_t start_ms = clock_monotonic_ms();
	start_reading(&reading);
	wait_until_told("1/app second\n");
	assert_in_range(told_ms - start_ms, 2000, 4000);
	silent->is_mute = false;
	log_pump(silent, SIZE_MAX / 4);
	fiber_join(reading.fiber);
	assert_true(reading.is_ok);
}

static void
test_logs__a_silent_stream_is_left_behind_after_2_s(void **state)
{
	(void)state;
	clock_set_rate(FAST);
	in_fiber(read_with_a_silent_one);
	assert_string_equal(told_text.bytes, "0/app is left behind\n1/app second\n0/app (late) first\n");
}

/* A runtime that fails says so within the log, without a time; whatever else a line is, it is passed on as it is. */
static void
read_odd_lines(void)
{
	static const char text[] = "2026-01-02T03:04:05Z whole second\n"
		"rpc error: code = Unknown\n"
		"2026-01-02T05:04:05.1+02:00 offset\n"
		"\n"
		"2026-01-02T03:04:06.000000001Z \n"
		"2026-01-02T03:04:07Z  two \t\xff\xfe\r\n"
		"2026-01-02T03:04:08Z 2026-01-02T03:04:05Z twice\n";
	struct log_container *container = add_container();
	container->is_mute = true;
	start_reading(&reading);
	while (cluster.outlets == NULL)
		assert_true(fiber_sleep(loop, 1));
	outlet_push(cluster.outlets, text, sizeof text - 1);
	outlet_stop(cluster.outlets, OUTLET_END);
	fiber_join(reading.fiber);
	assert_true(reading.is_ok);
}

static void
test_logs__odd_lines_stay_as_they_are(void **state)
{
	(void)state;
	in_fiber(read_odd_lines);
	assert_string_equal(told_text.bytes, "0/app whole second\n0/app (no time) rpc error: code = Unknown\n0/app offset\n"
	                    "0/app (no time) \n0/app \n0/app  two \t\xff\xfe\r\n0/app 2026-01-02T03:04:05Z twice\n");
}

static void
read_a_huge_line(void)
{
	struct log_container *container = add_container();
	char *huge = arena_alloc(&cluster.arena, LOGS_LINE_MAX + 100000);
	memset(huge, 'x', LOGS_LINE_MAX + 99999);
	write_line(container, 0, "before");
	write_line(container, 1, huge);
	write_line(container, 2, "after");
	read_to_the_end();
}

static void
test_logs__a_line_that_is_too_long_is_cut(void **state)
{
	(void)state;
	in_fiber(read_a_huge_line);
	/* With its time or without: the limit is what one line may take of memory. */
	assert_non_null(strstr(told_text.bytes, "0/app before\n0/app (cut) 167"));
	assert_non_null(strstr(told_text.bytes, " bytes\n0/app after\n"));
}

static void
list_nothing(void)
{
	reading.request.namespace = "other";
	start_reading(&reading);
	fiber_join(reading.fiber);
}

static void
test_logs__pods_that_cannot_be_listed_are_a_failure(void **state)
{
	(void)state;
	in_fiber(list_nothing);
	assert_false(reading.is_ok);
	assert_int_equal(reading.err.code, ERROR_NOT_FOUND);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_logs__##name, set_up_reading, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(once_the_merge_is_exact_by_time),
		TEST(tail_and_since_are_passed_on),
		TEST(the_previous_run_is_read_in_place_of_the_present),
		TEST(only_what_is_wanted_is_asked_for),
		TEST(only_the_release_asked_for_is_read),
		TEST(who_has_written_nothing_yet_is_told_as_waiting),
		TEST(one_that_fails_does_not_stop_the_others),
		TEST(what_passes_is_tried_again),
		TEST(a_silent_stream_is_left_behind_after_2_s),
		TEST(odd_lines_stay_as_they_are),
		TEST(a_line_that_is_too_long_is_cut),
		TEST(pods_that_cannot_be_listed_are_a_failure),
	};
	return cmocka_run_group_tests_name("core/logs", tests, NULL, NULL);
}

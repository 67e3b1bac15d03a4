/* What logs_read tells when it follows, in plain cases. */
#include "core/logs/logs.h"

#include "told_fixture.h"

static void
follow_late(void)
{
	struct log_container *first = add_container(), *second = add_container();
	start_following();
	write_line(first, 2 * second_ns, "two");
	wait_until_told("0/app two\n");
	write_line(second, 1 * second_ns, "one");
	wait_until_told("one\n");
	write_line(first, 3 * second_ns, "three");
	wait_until_told("three\n");
	stop_following();
}

static void
test_logs__a_late_line_is_told_as_late(void **state)
{
	(void)state;
	clock_set_rate(FAST);
	in_fiber(follow_late);
	assert_string_equal(told_text.bytes, "0/app two\n1/app (late) one\n0/app three\n");
}

/* The later line arrives first, the earlier one at once after it. */
static void
follow_swapped(void)
{
	struct log_container *first = add_container(), *second = add_container();
	start_following();
	while (first->n_asked == 0 || second->n_asked == 0)
		assert_true(fiber_sleep(loop, 1));
	int64_t start_ms = clock_monotonic_ms();
	write_line(first, 2 * second_ns, "two");
	assert_true(fiber_sleep(loop, 20));
	write_line(second, 1 * second_ns, "one");
	wait_until_told("two\n");
	assert_in_range(told_ms - start_ms, 280, 2000);
	stop_following();
}

static void
test_logs__lines_are_held_back_for_300_ms_to_be_ordered(void **state)
{
	(void)state;
	in_fiber(follow_swapped);
	assert_string_equal(told_text.bytes, "1/app one\n0/app two\n");
}

static void
follow_restart(void)
{
	struct log_pod *pod = add_pod("v1");
	struct log_container *container = &pod->containers[0];
	write_line(container, 0, "a");
	start_following();
	wait_until_told("0/app a\n");
	add_line(container, 1, "last words");
	container->runs[0].n_written = 2;
	restart(container, pod, 1);
	write_line(container, second_ns, "b");
	wait_until_told("0/app b\n");
	stop_following();
}

static void
test_logs__a_restart_is_told_between_the_runs(void **state)
{
	(void)state;
	clock_set_rate(FAST);
	in_fiber(follow_restart);
	assert_string_equal(told_text.bytes, "0/app a\n0/app last words\n0/app restarted: Error, exit 1\n0/app b\n");
}

static void
follow_releases(void)
{
	write_line(&add_pod("v1")->containers[0], 0, "a");
	start_following();
	wait_until_told("0/app a\n");
	write_line(&add_pod("v2")->containers[0], 1, "b");
	wait_until_told("1/app b\n");
	write_line(&add_pod("v2")->containers[0], 2, "c");
	wait_until_told("2/app c\n");
	pod_changed(&cluster.pods[0]);
	write_line(&add_pod("v2")->containers[0], 3, "d");
	wait_until_told("3/app d\n");
	stop_following();
}

static void
test_logs__another_release_is_told_once(void **state)
{
	(void)state;
	clock_set_rate(FAST);
	in_fiber(follow_releases);
	assert_string_equal(told_text.bytes, "0/app a\nrelease v2\n1/app b\n2/app c\n3/app d\n");
}

/* It has ended, all is read: asking again and again would bring nothing. */
static void
follow_to_the_end(void)
{
	struct log_pod *pod = add_pod("v1");
	struct log_container *container = &pod->containers[0];
	write_line(container, 0, "a");
	start_following();
	wait_until_told("0/app a\n");
	container->state = CONTAINER_ENDED;
	log_pump(container, SIZE_MAX / 4);
	pod_changed(pod);
	assert_true(fiber_sleep(loop, 60 * 1000));
	stop_following();
}

static void
test_logs__the_log_of_an_ended_container_is_not_polled(void **state)
{
	(void)state;
	clock_set_rate(500);
	in_fiber(follow_to_the_end);
	assert_string_equal(told_text.bytes, "0/app a\n");
	assert_in_range(count_log_targets(), 1, 2);
}

/* Lines vanish while nobody can read them. */
static void
follow_rotation(void)
{
	struct log_container *container = add_container();
	write_line(container, 0, "a");
	write_line(container, 1, "b");
	start_following();
	wait_until_told("0/app b\n");
	outlet_stop(cluster.outlets->container != NULL ? cluster.outlets : cluster.outlets->next, OUTLET_CUT);
	add_line(container, second_ns / 2, "lost");
	write_line(container, 5 * second_ns, "c");
	container->runs[0].n_rotated = 3;
	wait_until_told("0/app c\n");
	stop_following();
}

static void
test_logs__lines_that_vanished_are_told_as_a_gap(void **state)
{
	(void)state;
	clock_set_rate(FAST);
	in_fiber(follow_rotation);
	assert_string_equal(told_text.bytes, "0/app a\n0/app b\n0/app gap\n0/app c\n");
}

/* In its back-off, in a silent stream, with bytes at hand. */
static void
cancel_in_the_middle(void)
{
	struct log_container *refused = add_container(), *silent = add_container(), *loud = add_container();
	refused->refusal = 500;
	silent->is_mute = true;
	start_following();
	while (refused->n_asked < 4 || silent->n_asked < 1 || loud->n_asked < 1)
		assert_true(fiber_sleep(loop, 1));
	write_line(loud, 0, "held back");
	int64_t start_ms = real_ms();
	stop_following();
	assert_in_range(real_ms() - start_ms, 0, 200);
}

static void
test_logs__cancelled_it_ends_at_once(void **state)
{
	(void)state;
	in_fiber(cancel_in_the_middle);
}

/* It stopped at a line; what it asks for again is from there on, not the tail again. */
static void
cut_once(void)
{
	struct log_container *container = add_container();
	write_line(container, 0, "a");
	write_line(container, 1, "b");
	write_line(container, 2, "c");
	reading.request.tail_lines = 1;
	start_following();
	wait_until_told("0/app c\n");
	outlet_stop(cluster.outlets->container != NULL ? cluster.outlets : cluster.outlets->next, OUTLET_RESET);
	write_line(container, 3, "d");
	wait_until_told("0/app d\n");
	stop_following();
}

static void
test_logs__the_tail_is_asked_for_once(void **state)
{
	(void)state;
	clock_set_rate(FAST);
	in_fiber(cut_once);
	assert_string_equal(told_text.bytes, "0/app c\n0/app d\n");
	assert_true(has_parameter(log_target(0), "tailLines=1"));
	assert_null(strstr(log_target(1), "tailLines"));
	assert_non_null(strstr(log_target(1), "sinceTime="));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_logs__##name, set_up_reading, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_tail_is_asked_for_once),
		TEST(a_late_line_is_told_as_late),
		TEST(lines_are_held_back_for_300_ms_to_be_ordered),
		TEST(a_restart_is_told_between_the_runs),
		TEST(another_release_is_told_once),
		TEST(the_log_of_an_ended_container_is_not_polled),
		TEST(lines_that_vanished_are_told_as_a_gap),
		TEST(cancelled_it_ends_at_once),
	};
	return cmocka_run_group_tests_name("core/logs follow", tests, NULL, NULL);
}

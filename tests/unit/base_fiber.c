#include "base/fiber.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop.h"

static struct loop *loop;
static int log_of[32], n_log;

static void
note(int what)
{
	log_of[n_log++] = what;
}

static int
set_up(void **state)
{
	struct error err;
	(void)state;
	n_log = 0;
	return loop_open(&loop, &err) ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	loop_close(loop);
	return 0;
}

static void
sleep_then_note(void *data)
{
	int *delay_ms = data;
	note(fiber_sleep(loop, *delay_ms) ? *delay_ms : -*delay_ms);
}

static void
sleep_twice(void *data)
{
	int slow = 20, fast = 5;
	(void)data;
	struct fiber *a = fiber_start(loop, sleep_then_note, &slow);
	struct fiber *b = fiber_start(loop, sleep_then_note, &fast);
	fiber_join(a);
	fiber_join(b);
	note(99);
}

static void
test_fiber__two_wait_at_the_same_time(void **state)
{
	(void)state;
	fiber_run(loop, sleep_twice, NULL);
	assert_int_equal(n_log, 3);
	assert_int_equal(log_of[0], 5);
	assert_int_equal(log_of[1], 20);
	assert_int_equal(log_of[2], 99);
}

static void
cancel_a_sleeper(void *data)
{
	int for_ever = 1000000;
	(void)data;
	struct fiber *sleeper = fiber_start(loop, sleep_then_note, &for_ever);
	assert_true(fiber_sleep(loop, 1));
	fiber_cancel(sleeper);
	fiber_join(sleeper);
	note(fiber_is_cancelled());
}

static void
test_fiber__cancel_ends_a_wait_with_false(void **state)
{
	(void)state;
	fiber_run(loop, cancel_a_sleeper, NULL);
	assert_int_equal(n_log, 2);
	assert_int_equal(log_of[0], -1000000);
	assert_int_equal(log_of[1], 0);
}

static void
join_a_sleeper(void *data)
{
	int for_ever = 1000000;
	(void)data;
	fiber_join(fiber_start(loop, sleep_then_note, &for_ever));
	note(fiber_is_cancelled());
}

static void
cancel_the_joiner(void *data)
{
	(void)data;
	struct fiber *joiner = fiber_start(loop, join_a_sleeper, NULL);
	assert_true(fiber_sleep(loop, 1));
	fiber_cancel(joiner);
	fiber_join(joiner);
}

static void
test_fiber__cancel_reaches_the_one_joined(void **state)
{
	(void)state;
	fiber_run(loop, cancel_the_joiner, NULL);
	assert_int_equal(n_log, 2);
	assert_int_equal(log_of[0], -1000000);
	assert_int_equal(log_of[1], 1);
}

static void
wait_shortly(void *data)
{
	bool timed_out = false;
	(void)data;
	note(fiber_wait_for(loop, 3, &timed_out));
	note(timed_out);
}

static void
test_fiber__a_bounded_wait_ends(void **state)
{
	(void)state;
	fiber_run(loop, wait_shortly, NULL);
	assert_int_equal(log_of[0], 1);
	assert_int_equal(log_of[1], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fiber__two_wait_at_the_same_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fiber__cancel_ends_a_wait_with_false, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fiber__cancel_reaches_the_one_joined, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fiber__a_bounded_wait_ends, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("base/fiber", tests, NULL, NULL);
}

#include "base/loop.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct loop *loop;
static int log_of[512], n_log;

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
note_timer(struct loop_timer *timer)
{
	log_of[n_log++] = (int)(size_t)timer->data;
}

static void
test_loop__fires_timers_in_order(void **state)
{
	static struct loop_timer timers[200];
	(void)state;
	srand(7);
	for (size_t i = 0; i < array_length(timers); i++) {
		timers[i] = (struct loop_timer){.fire = note_timer, .data = (void *)i};
		loop_timer_set(loop, &timers[i], rand() % 30);
	}
	for (size_t i = 0; i < array_length(timers); i += 3)
		loop_timer_cancel(loop, &timers[i]);
	for (size_t i = 1; i < array_length(timers); i += 3)
		loop_timer_set(loop, &timers[i], 40); /* moved to the end */
	loop_run(loop);
	int64_t last = 0;
	for (int i = 0; i < n_log; i++) {
		assert_true(log_of[i] % 3 != 0);
		assert_true(timers[log_of[i]].due_ms >= last);
		last = timers[log_of[i]].due_ms;
	}
	assert_int_equal(n_log, 200 - 67);
}

static struct loop_watch reader;

static void
read_one(struct loop_watch *watch, uint32_t events)
{
	char byte;
	assert_true(events & EPOLLIN);
	assert_int_equal(read(watch->fd, &byte, 1), 1);
	log_of[n_log++] = byte;
	loop_watch_remove(loop, watch);
}

static void
test_loop__ends_when_nothing_is_left(void **state)
{
	int ends[2];
	struct error err;
	(void)state;
	assert_int_equal(pipe(ends), 0);
	reader = (struct loop_watch){.fd = ends[0], .ready = read_one};
	assert_true(loop_watch_set(loop, &reader, EPOLLIN, &err));
	assert_int_equal(write(ends[1], "x", 1), 1);
	loop_run(loop);
	assert_int_equal(n_log, 1);
	close(ends[0]);
	close(ends[1]);
}

static struct loop_watch pair[2];

static void
remove_the_other(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	n_log++;
	loop_watch_remove(loop, &pair[0]);
	loop_watch_remove(loop, &pair[1]);
	(void)watch;
}

static void
test_loop__a_removed_watch_is_not_called_in_the_same_turn(void **state)
{
	int ends[2][2];
	struct error err;
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe(ends[i]), 0);
		assert_int_equal(write(ends[i][1], "x", 1), 1);
		pair[i] = (struct loop_watch){.fd = ends[i][0], .ready = remove_the_other};
		assert_true(loop_watch_set(loop, &pair[i], EPOLLIN, &err));
	}
	loop_run(loop);
	assert_int_equal(n_log, 1);
	for (int i = 0; i < 2; i++) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
}

static void
note_exit(struct loop_child *child, int wait_status)
{
	(void)child;
	log_of[n_log++] = WEXITSTATUS(wait_status);
}

static void
test_loop__tells_a_child_s_end_once(void **state)
{
	struct error err;
	(void)state;
	pid_t pid = fork();
	if (pid == 0)
		_exit(42);
	struct loop_child child = {.pid = pid, .exited = note_exit};
	assert_true(loop_child_add(loop, &child, &err));
	loop_run(loop);
	assert_int_equal(n_log, 1);
	assert_int_equal(log_of[0], 42);
}

static void
note_task(struct loop_task *task)
{
	(void)task;
	n_log++;
	loop_expect(loop, -1);
}

static struct loop_task from_thread[100] ;

static void *
post_many(void *data)
{
	(void)data;
	for (size_t i = 0; i < array_length(from_thread); i++)
		loop_post_from_thread(loop, &from_thread[i]);
	return NULL;
}

static void
test_loop__loses_nothing_a_thread_posts(void **state)
{
	pthread_t thread;
	(void)state;
	for (size_t i = 0; i < array_length(from_thread); i++)
		from_thread[i] = (struct loop_task){.run = note_task};
	loop_expect(loop, (int)array_length(from_thread));
	assert_int_equal(pthread_create(&thread, NULL, post_many, NULL), 0);
	loop_run(loop);
	pthread_join(thread, NULL);
	assert_int_equal(n_log, array_length(from_thread));
}

static void
stop_at_signal(struct loop_signal *signal)
{
	log_of[n_log++] = signal->number;
	loop_stop(loop);
}

static void
never(struct loop_timer *timer)
{
	(void)timer;
	fail();
}

static void
test_loop__signals_arrive_as_calls(void **state)
{
	struct error err;
	struct loop_signal usr1 = {.number = SIGUSR1, .arrived = stop_at_signal};
	struct loop_timer far = {.fire = never};
	(void)state;
	assert_true(loop_signal_add(loop, &usr1, &err));
	loop_timer_set(loop, &far, 60000);
	kill(getpid(), SIGUSR1);
	loop_run(loop);
	assert_int_equal(log_of[0], SIGUSR1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_loop__fires_timers_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_loop__ends_when_nothing_is_left, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_loop__a_removed_watch_is_not_called_in_the_same_turn, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_loop__tells_a_child_s_end_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_loop__loses_nothing_a_thread_posts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_loop__signals_arrive_as_calls, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("base/loop", tests, NULL, NULL);
}

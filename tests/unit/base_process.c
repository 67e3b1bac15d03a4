#include "base/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "base/loop.h"

static struct loop *loop;
static struct process_result result;
static struct error err;
static bool is_ok;

static int
set_up(void **state)
{
	(void)state;
	memset(&result, 0, sizeof result);
	memset(&err, 0, sizeof err);
	return loop_open(&loop, &err) ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	process_release(&result);
	loop_close(loop);
	return 0;
}

static void
run_request(void *data)
{
	is_ok = process_run(loop, data, &result, &err);
}

static void
run(struct process_request request)
{
	fiber_run(loop, run_request, &request);
}

#define SHELL(script) (const char *const[]){"sh", "-c", script, NULL}

static void
test_process__output_and_exit_status_come_back(void **state)
{
	(void)state;
	run((struct process_request){.argv = SHELL("printf hello; exit 7")});
	assert_true(is_ok);
	assert_int_equal(result.exit_status, 7);
	assert_string_equal(result.output.bytes, "hello");
}

static void
test_process__a_signal_is_128_and_its_number(void **state)
{
	(void)state;
	run((struct process_request){.argv = SHELL("kill -9 $$")});
	assert_true(is_ok);
	assert_int_equal(result.exit_status, 128 + SIGKILL);
}

static void
test_process__its_environment_is_ours_with_the_additions_winning(void **state)
{
	(void)state;
	setenv("PROCESS_KEPT", "kept", 1);
	setenv("PROCESS_CHANGED", "old", 1);
	run((struct process_request){
		.argv = SHELL("echo $PROCESS_KEPT $PROCESS_CHANGED $PROCESS_NEW; env | grep -c ^PROCESS_CHANGED"),
		.environment = (const char *const[]){"PROCESS_CHANGED=changed", "PROCESS_NEW=new", NULL},
	});
	assert_true(is_ok);
	assert_string_equal(result.output.bytes, "kept changed new\n1\n");
}

static void
test_process__standard_input_is_empty(void **state)
{
	(void)state;
	run((struct process_request){.argv = SHELL("wc -c"), .deadline_ms = 5000});
	assert_true(is_ok);
	assert_int_equal(atoi(result.output.bytes), 0);
}

static void
test_process__errors_are_captured_when_asked(void **state)
{
	(void)state;
	run((struct process_request){.argv = SHELL("echo out; echo bad >&2"), .captures_errors = true});
	assert_true(is_ok);
	assert_string_equal(result.output.bytes, "out\n");
	assert_string_equal(result.errors.bytes, "bad\n");
}

static void
test_process__a_missing_program_is_not_found(void **state)
{
	(void)state;
	run((struct process_request){.argv = (const char *const[]){"no-such-program-here", NULL}});
	assert_false(is_ok);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
}

static void
test_process__the_deadline_ends_it_and_its_children(void **state)
{
	(void)state;
	int64_t started = clock_monotonic_ms();
	run((struct process_request){.argv = SHELL("sleep 60 & echo $!; wait"), .deadline_ms = 100});
	assert_false(is_ok);
	assert_int_equal(err.code, ERROR_TIMED_OUT);
	assert_true(clock_monotonic_ms() - started < 10000);
	pid_t grandchild = (pid_t)atoi(result.output.bytes);
	assert_true(grandchild > 1);
	/* A kill takes a moment, and its new parent may not have reaped it: a zombie is dead enough. */
	char command[160];
	snprintf(command, sizeof command,
	         "for i in $(seq 200); do grep -q '^State:.[RS]' /proc/%d/status 2>/dev/null || exit 0;"
	         " sleep 0.01; done; exit 1",
	         grandchild);
	assert_int_equal(system(command), 0);
}

static void
test_process__too_much_output_is_an_error_at_once(void **state)
{
	(void)state;
	run((struct process_request){.argv = SHELL("yes"), .max_bytes = 1000, .deadline_ms = 20000});
	assert_false(is_ok);
	assert_int_equal(err.code, ERROR_BAD_ANSWER);
}

static void
test_process__a_grandchild_that_keeps_the_pipe_does_not_hold_us(void **state)
{
	(void)state;
	int64_t started = clock_monotonic_ms();
	run((struct process_request){.argv = SHELL("sleep 5 & echo done"), .captures_errors = true});
	assert_true(is_ok);
	assert_string_equal(result.output.bytes, "done\n");
	assert_true(clock_monotonic_ms() - started < 4000);
}

static void
cancel_soon(void *data)
{
	struct fiber *fiber = fiber_start(loop, run_request, data);
	fiber_sleep(loop, 20);
	fiber_cancel(fiber);
	fiber_join(fiber);
}

static void
test_process__cancellation_ends_it(void **state)
{
	(void)state;
	struct process_request request = {.argv = SHELL("sleep 60")};
	fiber_run(loop, cancel_soon, &request);
	assert_false(is_ok);
	assert_int_equal(err.code, ERROR_INTERRUPTED);
}

static void
test_process__our_descriptors_stay_ours(void **state)
{
	(void)state;
	run((struct process_request){.argv = SHELL("ls /proc/self/fd | tr '\\n' ' '")});
	assert_true(is_ok);
	/* ls itself opens the folder as 3 */
	assert_string_equal(result.output.bytes, "0 1 2 3 ");
}

static void
test_process__input_arrives_whole_and_ends(void **state)
{
	enum { LENGTH = 300000 }; /* more than a pipe holds */
	static char input[LENGTH];
	(void)state;
	memset(input, 'x', sizeof input);
	run((struct process_request){.argv = SHELL("wc -c"), .input = input, .input_length = sizeof input});
	assert_true(is_ok);
	assert_string_equal(result.output.bytes, "300000\n");
}

static void
test_process__a_whole_environment_has_nothing_of_ours(void **state)
{
	static const char *const environment[] = {"A=b", NULL};
	(void)state;
	setenv("OURS", "1", 1);
	run((struct process_request){.argv = (const char *const[]){"env", NULL}, .environment = environment,
	                             .is_environment_whole = true});
	assert_true(is_ok);
	assert_string_equal(result.output.bytes, "A=b\n");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_process__##name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(output_and_exit_status_come_back),
		TEST(a_signal_is_128_and_its_number),
		TEST(its_environment_is_ours_with_the_additions_winning),
		TEST(standard_input_is_empty),
		TEST(input_arrives_whole_and_ends),
		TEST(a_whole_environment_has_nothing_of_ours),
		TEST(errors_are_captured_when_asked),
		TEST(a_missing_program_is_not_found),
		TEST(the_deadline_ends_it_and_its_children),
		TEST(too_much_output_is_an_error_at_once),
		TEST(a_grandchild_that_keeps_the_pipe_does_not_hold_us),
		TEST(cancellation_ends_it),
		TEST(our_descriptors_stay_ours),
	};
	return cmocka_run_group_tests_name("base/process", tests, NULL, NULL);
}

#include "base/detach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

static int kept[2], other[2];

static int
set_up(void **state)
{
	(void)state;
	return pipe(kept) == 0 && pipe(other) == 0 ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	close(kept[0]);
	close(other[0]);
	return 0;
}

/* The end of a pipe comes when the last holder is gone. */
static bool
has_ended(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	char byte;
	return poll(&wait, 1, PATIENCE_MS) == 1 && read(fd, &byte, 1) == 0;
}

static void
test_detach__the_child_holds_nothing_but_what_was_kept(void **state)
{
	(void)state;
	pid_t child = detach_fork((int[]){kept[1], -1}, 2, 60);
	if (child == 0) {
		char byte = getsid(0) == getpid() && isatty(STDIN_FILENO) == 0 ? 'y' : 'n';
		(void)!write(kept[1], &byte, 1);
		pause();
		_exit(0);
	}
	assert_true(child > 0);
	close(kept[1]);
	close(other[1]);
	assert_true(has_ended(other[0]));
	char byte = 0;
	assert_int_equal(read(kept[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	assert_int_equal(kill(child, SIGKILL), 0); /* it was there all the time */
	assert_true(has_ended(kept[0]));
	waitpid(child, NULL, 0);
}

static void
test_detach__the_streams_of_the_child_lead_nowhere(void **state)
{
	(void)state;
	int out = dup(STDOUT_FILENO);
	dup2(other[1], STDOUT_FILENO);
	pid_t child = detach_fork(&kept[1], 1, 60);
	if (child == 0) {
		(void)!write(STDOUT_FILENO, "x", 1);
		(void)!write(kept[1], "x", 1);
		_exit(read(STDIN_FILENO, &(char){0}, 1) == 0 ? 0 : 1);
	}
	dup2(out, STDOUT_FILENO);
	close(out);
	close(other[1]);
	close(kept[1]);
	assert_true(has_ended(other[0]));
	int status = -1;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
test_detach__the_child_ends_at_its_limit(void **state)
{
	(void)state;
	signal(SIGALRM, SIG_IGN); /* as its parent may have it */
	pid_t child = detach_fork(NULL, 0, 1);
	if (child == 0) {
		for (;;)
			pause();
	}
	close(kept[1]);
	close(other[1]);
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGALRM);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_detach__##name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_child_holds_nothing_but_what_was_kept),
		TEST(the_streams_of_the_child_lead_nowhere),
		TEST(the_child_ends_at_its_limit),
	};
	return cmocka_run_group_tests_name("base/detach", tests, NULL, NULL);
}

#include "base/detach.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static int
compare_fds(const void *a, const void *b)
{
	const int *left = a, *right = b;
	return (*left > *right) - (*left < *right);
}

/* Every descriptor past the standard streams, between the kept ones. */
static void
close_others(const int *kept, size_t n_kept)
{
	int sorted[DETACH_KEPT_MAX];
	unsigned next = STDERR_FILENO + 1;
	for (size_t i = 0; i < n_kept; i++)
		sorted[i] = kept[i];
	qsort(sorted, n_kept, sizeof *sorted, compare_fds);
	for (size_t i = 0; i < n_kept; i++) {
		if (sorted[i] < 0 || (unsigned)sorted[i] < next)
			continue;
		if ((unsigned)sorted[i] > next)
			close_range(next, (unsigned)sorted[i] - 1, 0);
		next = (unsigned)sorted[i] + 1;
	}
	close_range(next, UINT_MAX, 0);
}

/* Who reads our output waits until the last holder of it is gone. */
static void
let_go_of_streams(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (null < 0)
			close(fd);
		else
			dup2(null, fd);
	}
	if (null > STDERR_FILENO)
		close(null);
}

pid_t
detach_fork(const int *kept, size_t n_kept, unsigned limit_s)
{
	assert(n_kept <= DETACH_KEPT_MAX);
	pid_t child = fork();
	if (child != 0)
		return child;
	setsid();
	signal(SIGALRM, SIG_DFL);
	signal(SIGHUP, SIG_IGN);
	alarm(limit_s);
	let_go_of_streams();
	close_others(kept, n_kept);
	return 0;
}

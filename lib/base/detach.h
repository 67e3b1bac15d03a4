/* A child that outlives us and that nobody waits for: work that goes on behind an answer.
 *
 *	pid_t child = detach_fork((int[]){lock, pipe}, 2, 10);
 *	if (child == 0) {
 *		…
 *		_exit(0);
 *	}
 */
#ifndef PAAS_BASE_DETACH_H
#define PAAS_BASE_DETACH_H

#include <stddef.h>
#include <sys/types.h>

enum { DETACH_KEPT_MAX = 64 };

/* As fork, from a process without threads.  The child has a session of its own, the standard
 * streams on /dev/null, no other descriptor than the `n_kept` ones (at most DETACH_KEPT_MAX), and is
 * ended by SIGALRM after `limit_s` seconds.  It leaves through _exit: what is buffered is ours. */
pid_t detach_fork(const int *kept, size_t n_kept, unsigned limit_s);

#endif

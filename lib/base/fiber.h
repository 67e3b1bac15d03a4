/* Straight code that waits: a fiber is a function with a stack of its own on the event loop.
 *
 * Inside a fiber, a call such as http_send or fiber_sleep looks blocking; meanwhile the loop and
 * the other fibers go on.  All of them run on one thread and only change hands where something
 * waits, so plain variables need no locks.
 *
 * Cancellation: fiber_cancel makes the present wait, and every later one, return false; the code
 * unwinds by its ordinary error path and its scopes release what they hold.
 *
 *	static void ask_all(void *data) {
 *		struct fiber *a = fiber_start(loop, ask_build, &build);
 *		struct fiber *b = fiber_start(loop, ask_cluster, &cluster);
 *		fiber_join(a);
 *		fiber_join(b);
 *	}
 */
#ifndef PAAS_BASE_FIBER_H
#define PAAS_BASE_FIBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct loop;
struct fiber;

/* Runs `run(data)` in a new fiber on the next turn of the loop.  Every fiber started is joined
 * exactly once, which frees it. Never NULL. */
struct fiber *fiber_start(struct loop *loop, void (*run)(void *data), void *data)
	__attribute__((returns_nonnull));
/* Waits for its end and frees it. Not cut short by cancellation, but hands it on: when the caller
 * is cancelled while waiting, so is `fiber`. */
void fiber_join(struct fiber *fiber);
/* Starts a fiber and runs the loop until it ended: main's and the tests' way in. */
void fiber_run(struct loop *loop, void (*run)(void *data), void *data);

/* Asks it to unwind; nothing to do when it ended. Callable from anywhere on the loop's thread. */
void fiber_cancel(struct fiber *fiber);

/* The fiber that runs, or NULL outside any. */
struct fiber *fiber_current(void);
/* The loop it runs on. */
struct loop *fiber_loop(const struct fiber *fiber);
bool fiber_is_cancelled(void);

/* Gives way until fiber_wake; false when cancelled (at once if it already was).  A wake that
 * comes first is kept. For those who build waits: http, children, streams. */
bool fiber_wait(void);
void fiber_wake(struct fiber *fiber);
/* False when cancelled. */
bool fiber_sleep(struct loop *loop, int64_t delay_ms);
/* As fiber_wait, but also ends after `delay_ms`; *ret_timed_out says which. */
bool fiber_wait_for(struct loop *loop, int64_t delay_ms, bool *ret_timed_out);

#endif

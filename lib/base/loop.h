/* The one event loop: descriptors, timers, signals, children, and work posted from a thread.
 *
 * Everything that waits hangs here: curl's sockets, the http server, exec plugins, fibers.  All
 * calls come from loop_run on the thread that runs it; only loop_post_from_thread may be called
 * from elsewhere.  The structs below are the caller's storage and must outlive their stay in the
 * loop; the loop never allocates for them.
 */
#ifndef PAAS_BASE_LOOP_H
#define PAAS_BASE_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct loop;

bool loop_open(struct loop **ret, struct error *err) must_use;
void loop_close(struct loop *loop);

/* Runs until loop_stop, or until nothing is left that could ever happen (no descriptor, timer,
 * child or posted work; signals alone do not keep it alive). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* A descriptor. `events` and what `ready` gets are epoll's (EPOLLIN, EPOLLOUT, EPOLLHUP, …). */
struct loop_watch {
	int fd;
	void (*ready)(struct loop_watch *watch, uint32_t events);
	void *data;
	bool is_added;     /* the loop's */
	uint32_t serial;   /* the loop's: tells a stale event from a live one */
};
/* Adds it, or changes what it waits for. */
bool loop_watch_set(struct loop *loop, struct loop_watch *watch, uint32_t events, struct error *err);
void loop_watch_remove(struct loop *loop, struct loop_watch *watch);

/* A timer, once. Setting it again moves it. */
struct loop_timer {
	void (*fire)(struct loop_timer *timer);
	void *data;
	int64_t due_ms;    /* the loop's: monotonic */
	size_t place;      /* the loop's: 1-based place in its heap, 0 = not set */
};
void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t delay_ms);
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/* A call on the next turn of the loop. */
struct loop_task {
	void (*run)(struct loop_task *task);
	void *data;
	struct loop_task *next; /* the loop's */
	bool is_posted;         /* the loop's */
};
void loop_post(struct loop *loop, struct loop_task *task);
void loop_post_from_thread(struct loop *loop, struct loop_task *task);
/* Work that a thread will post: keeps loop_run alive until then. */
void loop_expect(struct loop *loop, int change);

/* A signal (SIGINT, SIGTERM, SIGWINCH, …), blocked and delivered here from now on. */
struct loop_signal {
	int number;
	void (*arrived)(struct loop_signal *signal);
	void *data;
	struct loop_signal *next; /* the loop's */
};
bool loop_signal_add(struct loop *loop, struct loop_signal *signal, struct error *err);
void loop_signal_remove(struct loop *loop, struct loop_signal *signal);

/* A child of ours; `exited` gets waitpid's status, once. Remove it to stop caring. */
struct loop_child {
	struct loop_watch watch; /* the loop's: a pidfd */
	pid_t pid;
	void (*exited)(struct loop_child *child, int wait_status);
	void *data;
	struct loop *loop; /* the loop's */
};
bool loop_child_add(struct loop *loop, struct loop_child *child, struct error *err);
void loop_child_remove(struct loop *loop, struct loop_child *child);

#endif

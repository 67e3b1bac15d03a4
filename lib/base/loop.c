#include "base/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

struct loop {
	int epoll_fd;
	bool is_stopping;
	uint32_t serial;   /* of the last watch added */
	size_t n_watches;  /* the caller's, without our own two */
	int n_expected;    /* threads that will post */
	struct loop_timer **heap; /* heap[1..n_timers], earliest first */
	size_t n_timers, heap_capacity;
	struct loop_task *first_task, **last_task;
	struct loop_signal *signals;
	sigset_t caught;
	struct loop_watch signal_watch, wake_watch;
	pthread_mutex_t thread_lock;
	struct loop_task *thread_tasks; /* newest first; under thread_lock */
};

/* ---- descriptors ---- */

bool
loop_watch_set(struct loop *loop, struct loop_watch *watch, uint32_t events, struct error *err)
{
	if (!watch->is_added)
		watch->serial = ++loop->serial;
	struct epoll_event event = {.events = events, .data.ptr = watch};
	int operation = watch->is_added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	if (epoll_ctl(loop->epoll_fd, operation, watch->fd, &event) != 0)
		return error_set(err, ERROR_FAILED, "epoll_ctl: %s", strerror(errno));
	if (!watch->is_added)
		loop->n_watches++;
	watch->is_added = true;
	return true;
}

void
loop_watch_remove(struct loop *loop, struct loop_watch *watch)
{
	if (!watch->is_added)
		return;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->is_added = false;
	loop->n_watches--;
}

/* ---- timers: a binary heap, as a rollout of a hundred pods sets and moves many ---- */

static void
heap_put(struct loop *loop, size_t place, struct loop_timer *timer)
{
	loop->heap[place] = timer;
	timer->place = place;
}

static void
heap_settle(struct loop *loop, size_t place)
{
	struct loop_timer *timer = loop->heap[place];
	for (; place > 1 && timer->due_ms < loop->heap[place / 2]->due_ms; place /= 2)
		heap_put(loop, place, loop->heap[place / 2]);
	for (size_t child; (child = place * 2) <= loop->n_timers; place = child) {
		if (child < loop->n_timers && loop->heap[child + 1]->due_ms < loop->heap[child]->due_ms)
			child++;
		if (timer->due_ms <= loop->heap[child]->due_ms)
			break;
		heap_put(loop, place, loop->heap[child]);
	}
	heap_put(loop, place, timer);
}

void
loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t delay_ms)
{
	timer->due_ms = clock_monotonic_ms() + (delay_ms < 0 ? 0 : delay_ms);
	if (timer->place == 0) {
		if (loop->n_timers + 1 >= loop->heap_capacity) {
			loop->heap_capacity = loop->heap_capacity == 0 ? 16 : loop->heap_capacity * 2;
			loop->heap = realloc(loop->heap, loop->heap_capacity * sizeof *loop->heap);
			if (loop->heap == NULL)
				abort();
		}
		heap_put(loop, ++loop->n_timers, timer);
	}
	heap_settle(loop, timer->place);
}

void
loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	size_t place = timer->place;
	if (place == 0)
		return;
	timer->place = 0;
	struct loop_timer *moved = loop->heap[loop->n_timers--];
	if (moved == timer)
		return;
	heap_put(loop, place, moved);
	heap_settle(loop, place);
}

static void
fire_due_timers(struct loop *loop)
{
	int64_t now = clock_monotonic_ms();
	while (!loop->is_stopping && loop->n_timers > 0 && loop->heap[1]->due_ms <= now) {
		struct loop_timer *timer = loop->heap[1];
		loop_timer_cancel(loop, timer);
		timer->fire(timer);
	}
}

/* ---- tasks ---- */

void
loop_post(struct loop *loop, struct loop_task *task)
{
	if (task->is_posted)
		return;
	task->is_posted = true;
	task->next = NULL;
	*loop->last_task = task;
	loop->last_task = &task->next;
}

void
loop_post_from_thread(struct loop *loop, struct loop_task *task)
{
	static const uint64_t one = 1;
	pthread_mutex_lock(&loop->thread_lock);
	task->next = loop->thread_tasks;
	loop->thread_tasks = task;
	pthread_mutex_unlock(&loop->thread_lock);
	ssize_t written = write(loop->wake_watch.fd, &one, sizeof one);
	(void)written; /* the counter cannot be full: the loop reads it every turn */
}

void
loop_expect(struct loop *loop, int change)
{
	loop->n_expected += change;
}

static void
collect_thread_tasks(struct loop_watch *watch, uint32_t events)
{
	struct loop *loop = watch->data;
	uint64_t count;
	(void)events;
	ssize_t got = read(watch->fd, &count, sizeof count);
	(void)got;
	pthread_mutex_lock(&loop->thread_lock);
	struct loop_task *tasks = loop->thread_tasks;
	loop->thread_tasks = NULL;
	pthread_mutex_unlock(&loop->thread_lock);
	while (tasks != NULL) {
		struct loop_task *task = tasks;
		tasks = task->next;
		loop_post(loop, task);
	}
}

/* Runs what was posted before this turn; what these post waits for the next. */
static void
run_tasks(struct loop *loop)
{
	struct loop_task *task = loop->first_task;
	loop->first_task = NULL;
	loop->last_task = &loop->first_task;
	while (task != NULL) {
		struct loop_task *next = task->next;
		task->is_posted = false;
		task->run(task);
		task = next;
	}
}

/* ---- signals ---- */

static void
read_signals(struct loop_watch *watch, uint32_t events)
{
	struct loop *loop = watch->data;
	struct signalfd_siginfo info;
	(void)events;
	while (read(watch->fd, &info, sizeof info) == (ssize_t)sizeof info) {
		for (struct loop_signal *signal = loop->signals, *next; signal != NULL; signal = next) {
			next = signal->next;
			if ((uint32_t)signal->number == info.ssi_signo)
				signal->arrived(signal);
		}
	}
}

bool
loop_signal_add(struct loop *loop, struct loop_signal *signal, struct error *err)
{
	sigaddset(&loop->caught, signal->number);
	pthread_sigmask(SIG_BLOCK, &loop->caught, NULL);
	if (signalfd(loop->signal_watch.fd, &loop->caught, 0) < 0)
		return error_set(err, ERROR_FAILED, "signalfd: %s", strerror(errno));
	signal->next = loop->signals;
	loop->signals = signal;
	return true;
}

void
loop_signal_remove(struct loop *loop, struct loop_signal *signal)
{
	for (struct loop_signal **at = &loop->signals; *at != NULL; at = &(*at)->next) {
		if (*at == signal) {
			*at = signal->next;
			return;
		}
	}
}

/* ---- children ---- */

static void
reap_child(struct loop_watch *watch, uint32_t events)
{
	struct loop_child *child = watch->data;
	int status = 0;
	(void)events;
	if (waitpid(child->pid, &status, WNOHANG) == 0)
		return;
	loop_child_remove(child->loop, child);
	child->exited(child, status);
}

bool
loop_child_add(struct loop *loop, struct loop_child *child, struct error *err)
{
	int fd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (fd < 0)
		return error_set(err, ERROR_FAILED, "pidfd_open: %s", strerror(errno));
	child->loop = loop;
	child->watch = (struct loop_watch){.fd = fd, .ready = reap_child, .data = child};
	if (loop_watch_set(loop, &child->watch, EPOLLIN, err))
		return true;
	close(fd);
	return false;
}

void
loop_child_remove(struct loop *loop, struct loop_child *child)
{
	if (!child->watch.is_added)
		return;
	loop_watch_remove(loop, &child->watch);
	close(child->watch.fd);
}

/* ---- life ---- */

static bool
add_own_watch(struct loop *loop, struct loop_watch *watch, int fd,
              void (*ready)(struct loop_watch *, uint32_t), struct error *err)
{
	*watch = (struct loop_watch){.fd = fd, .ready = ready, .data = loop};
	if (fd < 0)
		return error_set(err, ERROR_FAILED, "event loop: %s", strerror(errno));
	return loop_watch_set(loop, watch, EPOLLIN, err);
}

bool
loop_open(struct loop **ret, struct error *err)
{
	struct loop *loop = calloc(1, sizeof *loop);
	if (loop == NULL)
		abort();
	loop->last_task = &loop->first_task;
	sigemptyset(&loop->caught);
	pthread_mutex_init(&loop->thread_lock, NULL);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->signal_watch.fd = loop->wake_watch.fd = -1;
	if (!add_own_watch(loop, &loop->signal_watch,
	                   signalfd(-1, &loop->caught, SFD_CLOEXEC | SFD_NONBLOCK), read_signals, err) ||
	    !add_own_watch(loop, &loop->wake_watch, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	                   collect_thread_tasks, err)) {
		loop_close(loop);
		return false;
	}
	loop->n_watches = 0;
	*ret = loop;
	return true;
}

void
loop_close(struct loop *loop)
{
	if (loop == NULL)
		return;
	if (loop->signal_watch.fd >= 0)
		close(loop->signal_watch.fd);
	if (loop->wake_watch.fd >= 0)
		close(loop->wake_watch.fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	pthread_mutex_destroy(&loop->thread_lock);
	free(loop->heap);
	free(loop);
}

/* How long epoll may sleep, in real milliseconds; -1 for ever. */
static int
sleep_ms(const struct loop *loop)
{
	if (loop->first_task != NULL)
		return 0;
	if (loop->n_timers == 0)
		return -1;
	int64_t left = loop->heap[1]->due_ms - clock_monotonic_ms();
	if (left <= 0)
		return 0;
	left = (left + clock_rate() - 1) / clock_rate();
	return left > 3600 * 1000 ? 3600 * 1000 : (int)left;
}

static bool
has_future(const struct loop *loop)
{
	return loop->n_watches > 0 || loop->n_timers > 0 || loop->first_task != NULL ||
	       loop->n_expected > 0;
}

static void
wait_for_events(struct loop *loop)
{
	struct epoll_event events[64];
	uint32_t serials[64];
	int n = epoll_wait(loop->epoll_fd, events, (int)array_length(events), sleep_ms(loop));
	uint32_t newest = loop->serial;
	for (int i = 0; i < n; i++)
		serials[i] = ((struct loop_watch *)events[i].data.ptr)->serial;
	for (int i = 0; i < n && !loop->is_stopping; i++) {
		struct loop_watch *watch = events[i].data.ptr;
		/* An earlier handler of this batch may have removed it, or reused its storage. */
		if (watch->is_added && watch->serial == serials[i] && watch->serial <= newest)
			watch->ready(watch, events[i].events);
	}
}

void
loop_run(struct loop *loop)
{
	loop->is_stopping = false;
	while (!loop->is_stopping && has_future(loop)) {
		wait_for_events(loop);
		if (!loop->is_stopping)
			fire_due_timers(loop);
		if (!loop->is_stopping)
			run_tasks(loop);
	}
}

void
loop_stop(struct loop *loop)
{
	loop->is_stopping = true;
}

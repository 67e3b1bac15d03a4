#include "base/fiber.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/loop.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#define HAS_TSAN 1
#include <sanitizer/tsan_interface.h>
#endif

/* Address space only: pages are touched as the stack grows. TLS handshakes and YAML need < 64 KiB,
 * sanitizers several times that. */
enum { STACK_BYTES = 1024 * 1024 };

struct fiber {
	struct loop *loop;
	void (*run)(void *data);
	void *data;
	ucontext_t here, caller;
	char *stack; /* lowest page is the guard */
	struct fiber *resumed_by;   /* the fiber that ran when we were entered */
	struct fiber *joiner;
	struct loop_task resume;
	bool is_waiting, is_woken, is_cancelled, is_done, stops_loop;
#ifdef HAS_ASAN
	void *fake_stack, *caller_fake_stack;
	const void *caller_bottom;
	size_t caller_size;
#endif
#ifdef HAS_TSAN
	void *tsan, *tsan_caller;
#endif
};

static struct fiber *current;

static size_t
guard_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- changing hands; the sanitizers want to be told which stack is in use ---- */

static void
enter(struct fiber *fiber)
{
	fiber->resumed_by = current;
	current = fiber;
#ifdef HAS_ASAN
	__sanitizer_start_switch_fiber(&fiber->caller_fake_stack, fiber->stack + guard_bytes(), STACK_BYTES);
#endif
#ifdef HAS_TSAN
	fiber->tsan_caller = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(fiber->tsan, 0);
#endif
	swapcontext(&fiber->caller, &fiber->here);
#ifdef HAS_ASAN
	__sanitizer_finish_switch_fiber(fiber->caller_fake_stack, NULL, NULL);
#endif
	current = fiber->resumed_by;
}

static void
leave(struct fiber *fiber)
{
#ifdef HAS_ASAN
	__sanitizer_start_switch_fiber(fiber->is_done ? NULL : &fiber->fake_stack, fiber->caller_bottom,
	                               fiber->caller_size);
#endif
#ifdef HAS_TSAN
	__tsan_switch_to_fiber(fiber->tsan_caller, 0);
#endif
	swapcontext(&fiber->here, &fiber->caller);
#ifdef HAS_ASAN
	__sanitizer_finish_switch_fiber(fiber->fake_stack, &fiber->caller_bottom, &fiber->caller_size);
#endif
}

static void
fiber_main(unsigned high, unsigned low)
{
	struct fiber *fiber = (struct fiber *)(((uintptr_t)high << 32) | low);
#ifdef HAS_ASAN
	__sanitizer_finish_switch_fiber(NULL, &fiber->caller_bottom, &fiber->caller_size);
#endif
	fiber->run(fiber->data);
	fiber->is_done = true;
	if (fiber->joiner != NULL)
		fiber_wake(fiber->joiner);
	if (fiber->stops_loop)
		loop_stop(fiber->loop);
	leave(fiber);
	abort(); /* nobody enters a fiber that is done */
}

static void
resume_fiber(struct loop_task *task)
{
	enter(task->data);
}

/* ---- life ---- */

static char *
stack_new(void)
{
	size_t guard = guard_bytes();
	char *stack = mmap(NULL, STACK_BYTES + guard, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED || mprotect(stack, guard, PROT_NONE) != 0)
		abort();
	return stack;
}

struct fiber *
fiber_start(struct loop *loop, void (*run)(void *data), void *data)
{
	struct fiber *fiber = calloc(1, sizeof *fiber);
	if (fiber == NULL)
		abort();
	*fiber = (struct fiber){.loop = loop, .run = run, .data = data, .stack = stack_new()};
	fiber->resume = (struct loop_task){.run = resume_fiber, .data = fiber};
#ifdef HAS_TSAN
	fiber->tsan = __tsan_create_fiber(0);
#endif
	getcontext(&fiber->here);
	fiber->here.uc_stack.ss_sp = fiber->stack + guard_bytes();
	fiber->here.uc_stack.ss_size = STACK_BYTES;
	fiber->here.uc_link = NULL;
	uintptr_t self = (uintptr_t)fiber;
	makecontext(&fiber->here, (void (*)(void))fiber_main, 2, (unsigned)(self >> 32), (unsigned)self);
	loop_post(loop, &fiber->resume);
	return fiber;
}

static void
fiber_free(struct fiber *fiber)
{
	munmap(fiber->stack, STACK_BYTES + guard_bytes());
#ifdef HAS_TSAN
	__tsan_destroy_fiber(fiber->tsan);
#endif
	free(fiber);
}

void
fiber_join(struct fiber *fiber)
{
	assert(current != NULL && fiber->joiner == NULL);
	fiber->joiner = current;
	while (!fiber->is_done) {
		if (!fiber_wait() && !fiber->is_cancelled)
			fiber_cancel(fiber);
		if (!fiber->is_done && current->is_cancelled) {
			/* Cancelled ourselves, yet its stack must unwind before we may free it. */
			current->is_waiting = true;
			leave(current);
			current->is_woken = false;
		}
	}
	fiber_free(fiber);
}

void
fiber_run(struct loop *loop, void (*run)(void *data), void *data)
{
	struct fiber *fiber = fiber_start(loop, run, data);
	fiber->stops_loop = true;
	loop_run(loop);
	assert(fiber->is_done); /* else it waits for something that nothing can bring */
	fiber_free(fiber);
}

/* ---- waiting ---- */

struct fiber *
fiber_current(void)
{
	return current;
}

struct loop *
fiber_loop(const struct fiber *fiber)
{
	return fiber->loop;
}

bool
fiber_is_cancelled(void)
{
	return current != NULL && current->is_cancelled;
}

bool
fiber_wait(void)
{
	struct fiber *self = current;
	assert(self != NULL);
	if (self->is_cancelled)
		return false;
	if (!self->is_woken) {
		self->is_waiting = true;
		leave(self);
	}
	self->is_woken = false;
	return !self->is_cancelled;
}

void
fiber_wake(struct fiber *fiber)
{
	fiber->is_woken = true;
	if (!fiber->is_waiting)
		return;
	fiber->is_waiting = false;
	loop_post(fiber->loop, &fiber->resume);
}

void
fiber_cancel(struct fiber *fiber)
{
	if (fiber->is_done || fiber->is_cancelled)
		return;
	fiber->is_cancelled = true;
	fiber_wake(fiber);
}

struct wait_timer {
	struct loop_timer timer;
	struct fiber *fiber;
	bool has_fired;
};

static void
wake_by_timer(struct loop_timer *timer)
{
	struct wait_timer *wait = timer->data;
	wait->has_fired = true;
	fiber_wake(wait->fiber);
}

bool
fiber_wait_for(struct loop *loop, int64_t delay_ms, bool *ret_timed_out)
{
	struct wait_timer wait = {.fiber = current};
	wait.timer = (struct loop_timer){.fire = wake_by_timer, .data = &wait};
	loop_timer_set(loop, &wait.timer, delay_ms);
	bool is_going_on = fiber_wait();
	loop_timer_cancel(loop, &wait.timer);
	*ret_timed_out = wait.has_fired;
	return is_going_on;
}

bool
fiber_sleep(struct loop *loop, int64_t delay_ms)
{
	struct wait_timer wait = {.fiber = current};
	wait.timer = (struct loop_timer){.fire = wake_by_timer, .data = &wait};
	loop_timer_set(loop, &wait.timer, delay_ms);
	while (!wait.has_fired && fiber_wait())
		;
	loop_timer_cancel(loop, &wait.timer);
	return !fiber_is_cancelled();
}

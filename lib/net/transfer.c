#include "net/transfer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fiber.h"

/* ---- deadlines ---- */

static int64_t
real_ms(int64_t duration_ms)
{
	return duration_ms * clock_rate();
}

/* The nearest deadline that holds in this phase. */
static int64_t
next_deadline(const struct transfer *transfer, enum transfer_deadline *ret_kind)
{
	const struct http_policy *policy = transfer->policy;
	bool is_connecting = transfer->phase == TRANSFER_RESOLVING || transfer->phase == TRANSFER_CONNECTING;
	bool is_talking = transfer->phase >= TRANSFER_ASKING && !transfer->is_paused;
	int64_t due_ms = INT64_MAX, candidate;
	*ret_kind = DEADLINE_NONE;
	if (!(transfer->is_stream && transfer->has_head) && transfer->total_due_ms < due_ms) {
		due_ms = transfer->total_due_ms;
		*ret_kind = DEADLINE_TOTAL;
	}
	candidate = transfer->connect_started_ms + real_ms(policy->connect_ms);
	if (is_connecting && policy->connect_ms > 0 && candidate < due_ms) {
		due_ms = candidate;
		*ret_kind = DEADLINE_CONNECT;
	}
	candidate = transfer->last_byte_ms + real_ms(policy->idle_ms);
	if (is_talking && policy->idle_ms > 0 && candidate < due_ms) {
		due_ms = candidate;
		*ret_kind = DEADLINE_IDLE;
	}
	return due_ms;
}

static void
set_timer(struct transfer *transfer)
{
	enum transfer_deadline kind;
	int64_t due_ms = next_deadline(transfer, &kind);
	if (kind == DEADLINE_NONE)
		loop_timer_cancel(transfer->http->loop, &transfer->timer);
	else
		loop_timer_set(transfer->http->loop, &transfer->timer, due_ms - clock_monotonic_ms());
}

/* Bytes only move the idle deadline away, so they do not touch the timer: it looks again here. */
static void
look_at_deadline(struct loop_timer *timer)
{
	struct transfer *transfer = timer->data;
	enum transfer_deadline kind;
	int64_t due_ms = next_deadline(transfer, &kind);
	if (kind == DEADLINE_NONE || due_ms > clock_monotonic_ms()) {
		set_timer(transfer);
		return;
	}
	transfer->missed = kind;
	transfer_finish(transfer, CURLE_OPERATION_TIMEDOUT);
}

void
transfer_enter(struct transfer *transfer, enum transfer_phase phase)
{
	int64_t now_ms = clock_monotonic_ms();
	if (transfer->phase == TRANSFER_QUEUED)
		transfer->connect_started_ms = now_ms;
	transfer->phase = phase;
	transfer->last_byte_ms = now_ms;
	set_timer(transfer);
}

/* ---- life ---- */

static struct connections *
connections_of(const struct transfer *transfer)
{
	struct http *http = transfer->http;
	if (!transfer->is_stream || !(transfer->request->is_endless || transfer->request->http1_only))
		return &http->requests;
	return transfer->request->http1_only ? &http->lone_streams : &http->streams;
}

bool
transfer_start(struct transfer *transfer, struct error *err)
{
	struct http *http = transfer->http;
	size_t max = transfer->request->max_bytes != 0 ? transfer->request->max_bytes : TRANSFER_BODY_DEFAULT;
	if (http->is_closed || fiber_is_cancelled())
		return error_set(err, ERROR_INTERRUPTED, "interrupted");
	transfer->body = (struct buf)BUF_INIT(transfer->is_stream ? transfer_max_waiting(transfer->request) * 2 : max);
	transfer->timer = (struct loop_timer){.fire = look_at_deadline, .data = transfer};
	transfer->easy = curl_library.easy_init();
	if (transfer->easy == NULL)
		abort();
	transfer->started_ms = transfer->last_byte_ms = clock_monotonic_ms();
	if (!transfer_set_options(transfer, err))
		return false;
	transfer->next = http->transfers;
	http->transfers = transfer;
	set_timer(transfer);
	curl_library.multi_add_handle(connections_of(transfer)->multi, transfer->easy);
	return true;
}

static void
remember_outcome(struct transfer *transfer)
{
	long os_error = 0, port = 0;
	curl_library.easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_error);
	curl_library.easy_getinfo(transfer->easy, CURLINFO_PRIMARY_PORT, &port);
	transfer->os_error = (int)os_error;
	transfer->reached_tls = port > 0;
}

static void
leave_client(struct transfer *transfer)
{
	struct http *http = transfer->http;
	struct transfer **at = &http->transfers;
	while (*at != NULL && *at != transfer)
		at = &(*at)->next;
	if (*at == NULL)
		return; /* never got that far */
	*at = transfer->next;
	loop_timer_cancel(http->loop, &transfer->timer);
	curl_library.multi_remove_handle(connections_of(transfer)->multi, transfer->easy);
}

void
transfer_finish(struct transfer *transfer, CURLcode result)
{
	transfer->elapsed_ms = (int)((clock_monotonic_ms() - transfer->started_ms) / clock_rate());
	transfer->result = result;
	remember_outcome(transfer);
	transfer_put_peer(transfer);
	leave_client(transfer);
	curl_library.easy_cleanup(take(transfer->easy));
	transfer->is_done = true;
	if (transfer->waiter != NULL)
		fiber_wake(transfer->waiter);
}

void
transfer_release(struct transfer *transfer)
{
	transfer->waiter = NULL;
	if (transfer->easy != NULL) {
		leave_client(transfer);
		curl_library.easy_cleanup(take(transfer->easy));
	}
	curl_library.slist_free_all(take(transfer->header_list));
	curl_library.slist_free_all(take(transfer->connect_to));
	if (transfer->request->is_private && transfer->body.length > 0)
		secret_wipe(transfer->body.bytes, transfer->body.length);
	buf_release(&transfer->body);
}

/* ---- waiting ---- */

static bool
wait_for(struct transfer *transfer, const bool *condition)
{
	assert(fiber_current() != NULL);
	transfer->waiter = fiber_current();
	bool is_going_on = true;
	while (is_going_on && !*condition && !transfer->is_done)
		is_going_on = fiber_wait();
	transfer->waiter = NULL;
	return is_going_on && !fiber_is_cancelled();
}

bool
transfer_wait_head(struct transfer *transfer)
{
	return wait_for(transfer, &transfer->has_head);
}

bool
transfer_wait_end(struct transfer *transfer)
{
	return wait_for(transfer, &transfer->is_done);
}

void
transfer_resume(struct transfer *transfer)
{
	if (!transfer->is_paused || transfer->is_done)
		return;
	transfer->is_paused = false;
	transfer->last_byte_ms = clock_monotonic_ms();
	set_timer(transfer);
	curl_library.easy_pause(transfer->easy, CURLPAUSE_CONT);
}

/* A merge by time of streams that may be silent.
 *
 * Each source shows its next line (its head).  The earliest head is told when every source shows
 * one; a source that shows none could still bring an earlier line, so it is waited for: 2 s when
 * everything was written before we asked, 300 ms when lines come as they are written. */
#include "core/logs/merge.h"

#include "base/clock.h"

enum { SILENCE_MS = 2000, REORDER_MS = 300 };

/* The two earliest heads, and who is waited for. */
struct view {
	struct log_source *first;
	int64_t second_key;    /* of the next source; INT64_MAX: none */
	bool is_waiting;       /* a source shows nothing and may yet */
	bool is_all_over;
	bool has_gone;         /* a source whose pod is gone has told everything */
	int64_t silent_since_ms; /* of the source that has been waited for longest */
};

static bool
may_bring_more(const struct log_source *source)
{
	return !source->is_over && !source->is_parked && !source->is_behind;
}

static bool
is_gone(const struct log_source *source)
{
	return source->is_over && !source->has_head && source->state.is_gone;
}

static struct view
look(const struct logs *logs)
{
	struct view view = {.second_key = INT64_MAX, .is_all_over = true, .silent_since_ms = INT64_MAX};
	for (size_t i = 0; i < logs->n_sources; i++) {
		struct log_source *source = logs->sources[i];
		view.is_all_over &= source->is_over && !source->has_head;
		view.has_gone |= is_gone(source);
		if (!source->has_head) {
			if (!may_bring_more(source))
				continue;
			view.is_waiting = true;
			if (source->silent_since_ms < view.silent_since_ms)
				view.silent_since_ms = source->silent_since_ms;
		} else if (view.first == NULL || source->head_key < view.first->head_key) {
			view.second_key = view.first == NULL ? INT64_MAX : view.first->head_key;
			view.first = source;
		} else if (source->head_key < view.second_key) {
			view.second_key = source->head_key;
		}
	}
	return view;
}

/* ---- telling ---- */

static void
tell_gap(struct logs *logs, struct log_source *source)
{
	struct logs_event event = {.type = LOGS_GAP, .container = &source->container, .gap_ms = source->gap_ms,
	                           .time_ns = source->head.time_ns};
	logs->request->told(logs->request->data, &event);
	source->gap_ms = 0;
}

static void
tell_head(struct logs *logs, struct log_source *source)
{
	struct logs_event event = {
		.type = LOGS_LINE, .container = &source->container, .text = source->head.text, .length = source->head.length,
		.time_ns = source->head.time_ns, .is_cut = source->is_head_cut,
		.is_late = source->head_key < logs->told_key && logs->told_last != source,
	};
	if (source->gap_ms != 0)
		tell_gap(logs, source);
	logs->request->told(logs->request->data, &event);
	if (source->head_key >= logs->told_key) {
		logs->told_key = source->head_key;
		logs->told_last = source;
	}
}

/* Lines of one source, as long as no other's would come before. */
static void
tell_run(struct logs *logs, const struct view *view)
{
	struct log_source *source = view->first;
	do
		tell_head(logs, source);
	while (log_source_advance(source) && source->head_key <= view->second_key);
}

/* ---- waiting ---- */

/* Until when the earliest head is held back for those that show nothing. */
static int64_t
due_ms(const struct logs *logs, const struct view *view)
{
	if (!view->is_waiting)
		return 0;
	if (!logs->request->follow)
		return view->silent_since_ms + SILENCE_MS;
	return view->first->is_pressing ? 0 : view->first->arrived_ms + REORDER_MS;
}

static void
leave_behind(struct logs *logs, int64_t now_ms)
{
	for (size_t i = 0; i < logs->n_sources; i++) {
		struct log_source *source = logs->sources[i];
		if (source->has_head || !may_bring_more(source) || source->silent_since_ms + SILENCE_MS > now_ms)
			continue;
		source->is_behind = true;
		struct logs_event event = {.type = LOGS_LEFT_BEHIND, .container = &source->container};
		logs->request->told(logs->request->data, &event);
	}
}

/* Pods come and go for as long as one follows: what is over and told is let go. */
static void
let_go(struct logs *logs)
{
	size_t kept = 0;
	for (size_t i = 0; i < logs->n_sources; i++) {
		struct log_source *source = logs->sources[i];
		if (!is_gone(source)) {
			logs->sources[kept++] = source;
			continue;
		}
		logs->told_last = logs->told_last == source ? NULL : logs->told_last;
		log_source_free(source);
	}
	logs->n_sources = kept;
}

/* Nothing can be told now. False when cancelled. */
static bool
wait_for_more(struct logs *logs, int64_t until_ms)
{
	bool timed_out;
	if (logs->request->idle != NULL)
		logs->request->idle(logs->request->data);
	if (until_ms == INT64_MAX)
		return fiber_wait();
	int64_t left = until_ms - clock_monotonic_ms();
	return fiber_wait_for(logs->request->loop, left > 0 ? left : 0, &timed_out);
}

bool
merge_lines(struct logs *logs)
{
	bool is_following = logs->request->follow;
	while (!logs->is_stopping) {
		struct view view = look(logs);
		if (view.has_gone)
			let_go(logs);
		if (view.is_all_over && !is_following)
			return true;
		int64_t due = view.first == NULL ? INT64_MAX : due_ms(logs, &view);
		int64_t now = due > 0 ? clock_monotonic_ms() : 0; /* most lines wait for nobody: a clock for each would be felt */
		if (view.first != NULL && due <= now) {
			if (!is_following && view.is_waiting)
				leave_behind(logs, now);
			tell_run(logs, &view);
		} else if (!wait_for_more(logs, due)) {
			return false;
		}
	}
	return !fiber_is_cancelled();
}

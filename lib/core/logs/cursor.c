#include "core/logs/cursor.h"

static const int64_t second_ns = 1000000000;

void
log_cursor_resume(struct log_cursor *cursor)
{
	cursor->is_resuming = cursor->has_time;
	cursor->n_to_drop = cursor->is_partial ? cursor->n_newest : cursor->n_second;
}

static void
count(struct log_cursor *cursor, int64_t time_ns)
{
	int64_t second = time_ns / second_ns;
	if (!cursor->has_time || second > cursor->second) {
		cursor->is_partial &= !cursor->has_time;
		cursor->second = second;
		cursor->n_second = 0;
	}
	if (!cursor->has_time || time_ns > cursor->newest_ns) {
		cursor->newest_ns = time_ns;
		cursor->n_newest = 0;
	}
	cursor->is_unordered |= cursor->has_time && time_ns < cursor->newest_ns;
	cursor->has_time = true;
	cursor->n_second += second == cursor->second;
	cursor->n_newest += time_ns == cursor->newest_ns;
}

/* Of what was seen already?  All that is left of the newest time are those counted for it. */
static bool
drops(struct log_cursor *cursor, int64_t time_ns)
{
	if (time_ns > cursor->newest_ns)
		return false;
	if (!cursor->is_unordered && time_ns == cursor->newest_ns && cursor->n_to_drop > cursor->n_newest)
		cursor->n_to_drop = cursor->n_newest;
	if (cursor->is_partial && time_ns < cursor->newest_ns)
		return true;
	if (cursor->n_to_drop == 0)
		return false;
	cursor->n_to_drop--;
	return true;
}

bool
log_cursor_takes(struct log_cursor *cursor, int64_t time_ns, int64_t *ret_gap_ns)
{
	*ret_gap_ns = 0;
	if (time_ns < 0)
		return true;
	if (cursor->is_resuming) {
		if (drops(cursor, time_ns))
			return false;
		cursor->is_resuming = false;
		if (cursor->n_to_drop > 0 && time_ns > cursor->newest_ns)
			*ret_gap_ns = time_ns - cursor->newest_ns;
	}
	count(cursor, time_ns);
	return true;
}

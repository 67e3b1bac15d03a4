/* Where a container's log was left, so that it can be taken up again without a lost or doubled line.
 *
 * The server resumes only at whole seconds, inclusive: after a cut it sends again what was seen of
 * that second.  The cursor counts the lines it has seen of it and drops as many.
 *
 *	log_cursor_resume(&cursor);              ask with sinceTime = log_cursor_second(&cursor)
 *	…
 *	if (log_cursor_takes(&cursor, line.time_ns, &gap_ns))
 *		show(line);
 *
 * After a tail the first lines of the second were never seen: those before the newest time are
 * dropped uncounted.
 *
 * When fewer than it counted come again, some are gone (rotated away), and perhaps others that
 * nobody saw: a gap.
 */
#ifndef PAAS_CORE_LOGS_CURSOR_H
#define PAAS_CORE_LOGS_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

struct log_cursor {
	bool has_time;      /* a line with a time was taken */
	int64_t second;     /* the newest that a line was taken of: since 1970 UTC */
	int64_t newest_ns;  /* the latest time taken */
	uint64_t n_second;  /* lines taken whose time is not before `second` */
	uint64_t n_newest;  /* … and whose time is newest_ns */
	uint64_t n_to_drop; /* that are expected again */
	bool is_resuming;
	bool is_unordered;  /* a time went back: only counting helps */
	bool is_partial;    /* of `second` the beginning was not asked for (a tail): only times help */
};

/* The stream is about to be opened again. */
void log_cursor_resume(struct log_cursor *cursor);
/* True when the line is new; *ret_gap_ns: the time between it and the last one when lines are
 * missing in between, else 0.  Lines without time (-1) are new, always. */
bool log_cursor_takes(struct log_cursor *cursor, int64_t time_ns, int64_t *ret_gap_ns);

#endif

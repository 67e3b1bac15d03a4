/* The lines of the bytes that a source has at hand. */
#include <string.h>

#include "base/clock.h"
#include "core/logs/source.h"

static void
carry(struct log_source *source, const char *bytes, size_t length)
{
	size_t room = LOGS_LINE_MAX - source->carry.length;
	buf_add(&source->carry, bytes, length < room ? length : room);
	source->is_carry_cut |= length > room;
}

void
log_source_drop_carry(struct log_source *source)
{
	buf_clear(&source->carry);
	if (source->carry.capacity > 1024 * 1024)
		buf_release(&source->carry); /* one long line shall not cost for ever */
	source->carry.max = LOGS_LINE_MAX;
	source->is_carry_cut = source->is_carry_done = false;
}

/* The next whole line, without its newline; false when there is none. */
static bool
next_line(struct log_source *source, const char **ret, size_t *ret_length)
{
	if (source->is_carry_done)
		log_source_drop_carry(source);
	const char *bytes = source->chunk + source->chunk_at;
	size_t left = source->chunk_length - source->chunk_at;
	const char *newline = left > 0 ? memchr(bytes, '\n', left) : NULL;
	size_t length = newline != NULL ? (size_t)(newline - bytes) : left;
	source->chunk_at += newline != NULL ? length + 1 : left;
	*ret = bytes;
	*ret_length = length;
	source->is_head_cut = false;
	if (newline != NULL && source->carry.length == 0)
		return true;
	if (left > 0)
		carry(source, bytes, length);
	source->is_carry_done = newline != NULL;
	*ret = source->carry.bytes;
	*ret_length = source->carry.length;
	source->is_head_cut = source->is_carry_cut;
	return source->is_carry_done;
}

/* The line becomes the head, unless it was seen before the stream was cut. */
static bool
take_line(struct log_source *source, const char *bytes, size_t length)
{
	int64_t gap_ns;
	log_line_parse(bytes, length, &source->times, &source->head);
	if (!log_cursor_takes(&source->cursor, source->head.time_ns, &gap_ns))
		return false;
	if (source->head.time_ns > source->head_key)
		source->head_key = source->head.time_ns;
	source->gap_ms = gap_ns > 0 ? gap_ns / 1000000 + 1 : source->has_lost ? -1 : 0;
	source->has_lost = false;
	source->n_taken++;
	source->has_head = true;
	return true;
}

bool
log_source_advance(struct log_source *source)
{
	const char *bytes;
	size_t length;
	source->has_head = false;
	while (next_line(source, &bytes, &length))
		if (take_line(source, bytes, length))
			return true;
	source->silent_since_ms = clock_monotonic_ms();
	fiber_wake(source->fiber);
	return false;
}

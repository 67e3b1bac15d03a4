#include "api/kubernetes/frames.h"

#include <string.h>

void
frames_release(struct frames *frames)
{
	buf_release(&frames->pending);
}

bool
frames_add(struct frames *frames, const char *bytes, size_t length, struct error *err)
{
	buf_consume(&frames->pending, frames->start);
	frames->scanned -= frames->start;
	frames->start = 0;
	if (buf_add(&frames->pending, bytes, length))
		return true;
	return error_set(err, ERROR_BAD_ANSWER, "one object of the stream is larger than %d bytes", FRAMES_MAX);
}

/* Steps over one byte of an object; true when it was the last. */
static bool
step(struct frames *frames, char c)
{
	if (frames->in_text) {
		if (frames->is_escaped)
			frames->is_escaped = false;
		else if (c == '\\')
			frames->is_escaped = true;
		else if (c == '"')
			frames->in_text = false;
		return false;
	}
	if (c == '"')
		frames->in_text = true;
	else if (c == '{' || c == '[')
		frames->depth++;
	else if (c == '}' || c == ']')
		return --frames->depth == 0;
	return false;
}

/* Up to the '{' that opens the next object; false when there is none yet. */
static bool
find_start(struct frames *frames)
{
	const char *from = frames->pending.bytes + frames->scanned;
	const char *open = memchr(from, '{', frames->pending.length - frames->scanned);
	frames->scanned = open != NULL ? (size_t)(open - frames->pending.bytes) : frames->pending.length;
	frames->start = frames->scanned;
	return open != NULL;
}

bool
frames_next(struct frames *frames, const char **ret, size_t *ret_length)
{
	if (frames->depth == 0 && !find_start(frames))
		return false;
	while (frames->scanned < frames->pending.length) {
		if (!step(frames, frames->pending.bytes[frames->scanned++]))
			continue;
		*ret = frames->pending.bytes + frames->start;
		*ret_length = frames->scanned - frames->start;
		frames->start = frames->scanned;
		return true;
	}
	return false;
}

/* Cuts a stream of JSON objects into its objects, wherever the network cut it.
 *
 * A watch is one object after the other; an event may be larger than any chunk, and chunks end
 * inside characters and escapes.  Bounded: an object that does not end within 8 MiB is an error.
 *
 *	scoped(frames_release) struct frames frames = FRAMES_INIT;
 *	if (!frames_add(&frames, bytes, length, err))
 *		return false;
 *	while (frames_next(&frames, &object, &object_length))
 *		…
 */
#ifndef PAAS_API_KUBERNETES_FRAMES_H
#define PAAS_API_KUBERNETES_FRAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

enum { FRAMES_MAX = 8 * 1024 * 1024 };

struct frames {
	struct buf pending;
	size_t start;   /* of the object under way */
	size_t scanned; /* up to here */
	size_t depth;
	bool in_text, is_escaped;
};
#define FRAMES_INIT {.pending = BUF_INIT(FRAMES_MAX)}

void frames_release(struct frames *frames);
/* Fails: ERROR_BAD_ANSWER when what is pending grows past the maximum. */
bool frames_add(struct frames *frames, const char *bytes, size_t length, struct error *err) must_use;
/* The next whole object, valid until the next frames_add; false when more bytes are needed.
 * What stands between objects is passed over. */
bool frames_next(struct frames *frames, const char **ret, size_t *ret_length);

#endif

/* Any bytes as a watch stream, cut at two places; each object as a Status. */
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "api/kubernetes/frames.h"
#include "api/kubernetes/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* How many objects there are when the stream arrives in chunks of `size`, and their bytes. */
static size_t
count(const char *bytes, size_t length, size_t size, size_t *ret_bytes)
{
	scoped(frames_release) struct frames frames = FRAMES_INIT;
	struct error err;
	size_t n = 0, object_length;
	const char *object;
	for (size_t at = 0; at < length; at += size) {
		if (!frames_add(&frames, bytes + at, length - at < size ? length - at : size, &err))
			abort(); /* the input is far below the maximum */
		while (frames_next(&frames, &object, &object_length)) {
			n++;
			*ret_bytes += object_length;
		}
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct error err = {0};
	size_t whole = 0, cut = 0;
	const char *text = (const char *)bytes;
	if (count(text, length, length + 1, &whole) != count(text, length, 7, &cut) || whole != cut)
		abort(); /* where the network cuts must not matter */
	kubernetes_status_put(&err, "GET /", length > 0 ? 300 + bytes[0] : 500, text, length);
	if (err.code == ERROR_NONE)
		abort();
	return 0;
}

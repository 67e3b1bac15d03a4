/* Any bytes as a watch stream, cut at two places; each object as a Status. */
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/status.h"
#include "base/buf.h"
#include "data/json_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool
tell_piece(void *data, const void *record, struct error *err)
{
	(void)err;
	return buf_add_text(data, ((const struct json_piece *)record)->bytes);
}

static bool
tell_type(void *data, const void *record, struct error *err)
{
	const char *type = *(const char *const *)record;
	(void)err;
	return buf_printf(data, "<%s>", type != NULL ? type : "");
}

/* What events there are when the stream arrives in chunks of `size`; false: one is none. */
static bool
read_events(const char *bytes, size_t length, size_t size, struct buf *told)
{
	static const struct json_field fields[] = {{"type", JSON_FIELD_TEXT, 0}};
	static const struct json_record records[] = {{"object", NULL, 0, 0, tell_piece, NULL},
	                                             {"", fields, 1, sizeof(char *), tell_type, NULL}};
	struct error err;
	scoped(json_stream_free) struct json_stream *stream = json_stream_new(records, 2, "it", told);
	json_stream_expect_more(stream);
	for (size_t at = 0; at < length; at += size)
		if (!json_stream_feed(stream, bytes + at, length - at < size ? length - at : size, &err))
			return false;
	return json_stream_end(stream, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct error err = {0};
	scoped(buf_release) struct buf whole = BUF_INIT(1 << 20), cut = BUF_INIT(1 << 20);
	const char *text = (const char *)bytes;
	bool is_fine = read_events(text, length, length + 1, &whole);
	if (read_events(text, length, 7, &cut) != is_fine || strcmp(whole.bytes, cut.bytes) != 0)
		abort(); /* where the network cuts must not matter */
	kubernetes_status_put(&err, "GET /", length > 0 ? 300 + bytes[0] : 500, text, length);
	if (err.code == ERROR_NONE)
		abort();
	return 0;
}

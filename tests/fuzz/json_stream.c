/* Any bytes as a streamed document: what is accepted is what jansson accepts, and where the bytes
 * are cut changes nothing. */
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "data/json_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct pod {
	const char *name, *cell;
	int64_t restarts;
	bool ready;
};

static bool
tell(void *data, const void *record, struct error *err)
{
	const struct pod *pod = record;
	(void)err;
	buf_printf(data, "%s %s %lld %d\n", pod->name != NULL ? pod->name : "-", pod->cell != NULL ? pod->cell : "-",
	           (long long)pod->restarts, pod->ready);
	return true;
}

/* What is kept as it is written is a document of its own. */
static bool
tell_piece(void *data, const void *record, struct error *err)
{
	const struct json_piece *piece = record;
	json_error_t problem;
	json_t *root = json_loadb(piece->bytes, piece->length, 0, &problem);
	(void)err;
	if (root == NULL && json_error_code(&problem) != json_error_numeric_overflow && piece->length <= 512)
		abort();
	json_decref(root);
	buf_printf(data, "%s\n", piece->bytes);
	return true;
}

static const struct json_field fields[] = {
	{"metadata.name", JSON_FIELD_TEXT, offsetof(struct pod, name)},
	{"cells[1]", JSON_FIELD_SCALAR, offsetof(struct pod, cell)},
	{"status[].restarts", JSON_FIELD_INT, offsetof(struct pod, restarts)},
	{"ready", JSON_FIELD_BOOL, offsetof(struct pod, ready)},
};
static const struct json_record records[] = {
	{"", fields, array_length(fields), sizeof(struct pod), tell, NULL},
	{"items[]", fields, array_length(fields), sizeof(struct pod), tell, NULL},
	{"cells[0]", NULL, 0, 0, tell_piece, NULL},
};

static bool
read_by(const char *bytes, size_t length, size_t size, struct buf *told)
{
	scoped(json_stream_free) struct json_stream *stream =
		json_stream_new(records, array_length(records), "it", told);
	struct error err;
	for (size_t at = 0; at < length; at += size)
		if (!json_stream_feed(stream, bytes + at, length - at < size ? length - at : size, &err))
			return false;
	return json_stream_end(stream, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *text = (const char *)bytes;
	json_error_t problem;
	scoped(buf_release) struct buf whole = BUF_INIT(1 << 20), cut = BUF_INIT(1 << 20);
	bool is_fine = read_by(text, length, length + 1, &whole);
	if (read_by(text, length, length > 0 ? 1 + bytes[0] % 7 : 1, &cut) != is_fine || strcmp(whole.bytes, cut.bytes) != 0)
		abort();
	json_t *root = json_loadb(text, length, JSON_DECODE_ANY, &problem);
	/* jansson refuses numbers it cannot hold, of whatever use, and overlooks a NUL after a number;
	 * we refuse very long numbers. */
	bool is_incomparable = (root == NULL && json_error_code(&problem) == json_error_numeric_overflow) ||
	                       memchr(text, '\0', length) != NULL || length > 512;
	if (!is_incomparable && is_fine != (root != NULL))
		abort();
	json_decref(root);
	return 0;
}

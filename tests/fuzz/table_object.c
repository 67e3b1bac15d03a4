/* Any bytes as a list of whole objects: the cells hold together, and where the bytes are cut changes nothing. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/table_object.h"
#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char *const columns[] = {"Name", "Ready", "Status", "Restarts", "Up-to-date", "Age"};
static const struct kubernetes_table table = {.query = {.resource = &kubernetes_pods}, .columns = columns,
                                              .n_columns = array_length(columns), .label = "app"};

static bool
note(void *data, const char *const *cells, struct error *err)
{
	(void)err;
	for (size_t i = 0; i <= table.n_columns; i++) {
		if (i > 0 && i < table.n_columns && strlen(cells[i]) >= TABLE_WORD_MAX)
			abort();
		buf_printf(data, "%s|", cells[i]);
	}
	return true;
}

static bool
read_by(const char *bytes, size_t length, size_t size, struct buf *told)
{
	scoped(arena_release) struct arena arena = {0};
	const struct kubernetes kubernetes = {.server_time_ms = 1000000000000};
	struct table_object object = {.table = &table, .kubernetes = &kubernetes, .told = note, .data = told};
	struct json_record records[TABLE_OBJECT_RECORDS];
	struct error err;
	table_object_records(&object, "items[]", records, &arena);
	scoped(json_stream_free) struct json_stream *stream = json_stream_new(records, TABLE_OBJECT_RECORDS, "it", NULL);
	for (size_t at = 0; at < length; at += size)
		if (!json_stream_feed(stream, bytes + at, length - at < size ? length - at : size, &err))
			return false;
	return json_stream_end(stream, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *text = (const char *)bytes;
	scoped(buf_release) struct buf whole = BUF_INIT(1 << 20), cut = BUF_INIT(1 << 20);
	bool is_fine = read_by(text, length, length + 1, &whole);
	if (read_by(text, length, length > 0 ? 1 + bytes[0] % 7 : 1, &cut) != is_fine || strcmp(whole.bytes, cut.bytes) != 0)
		abort();
	return 0;
}

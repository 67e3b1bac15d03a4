#include "api/kubernetes/table.h"

#include <string.h>

#include "api/kubernetes/table_row.h"

enum { PAGE_SIZE = 500, PAGES_MAX = 10000, ANSWER_MAX = 512 * 1024 * 1024, TOKEN_MAX = 4096, VERSION_MAX = 128 };

/* As in list.c: in pages; in pages once more; in one answer. */
enum attempt { PAGED, PAGED_AGAIN, WHOLE, ATTEMPTS };

struct reading {
	const struct kubernetes_table *table;
	struct table_places places;
	bool is_table;
	char next[TOKEN_MAX];      /* "" at the end */
	char version[VERSION_MAX]; /* of the first page; "" = it does not say */
	bool may_repeat;      /* what failed may succeed from the start */
	bool has_stopped;     /* the caller's row did not want more */
};

/* ---- the document ---- */

struct top {
	const char *kind, *next, *version;
};

static bool
tell_top(void *data, const void *record, struct error *err)
{
	const struct top *top = record;
	struct reading *reading = data;
	const char *kind = top->kind != NULL ? top->kind : "an object without kind";
	const char *next = top->next != NULL ? top->next : "";
	if (strcmp(kind, "Table") != 0)
		return error_set(err, ERROR_BAD_ANSWER, "the answer is no Table (%s)", kind);
	if (strlen(next) >= TOKEN_MAX)
		return error_set(err, ERROR_BAD_ANSWER, "a continue token of %zu bytes", strlen(next));
	memcpy(reading->next, next, strlen(next) + 1);
	if (reading->version[0] == '\0' && top->version != NULL && strlen(top->version) < VERSION_MAX)
		memcpy(reading->version, top->version, strlen(top->version) + 1);
	reading->is_table = true;
	return true;
}

static bool
tell_definition(void *data, const void *record, struct error *err)
{
	const struct table_definition *definition = record;
	struct reading *reading = data;
	(void)err;
	table_places_define(&reading->places, reading->table, definition->name);
	return true;
}

static bool
tell_row(void *data, const void *record, struct error *err)
{
	struct reading *reading = data;
	const struct kubernetes_table *table = reading->table;
	const char *cells[KUBERNETES_CELLS_MAX + 1];
	if (!table_row_pick(record, &reading->places, table, cells, err))
		return false;
	reading->has_stopped = !table->row(table->data, cells, err);
	return !reading->has_stopped;
}

static const struct json_field top_fields[] = {
	{"kind", JSON_FIELD_TEXT, offsetof(struct top, kind)},
	{"metadata.continue", JSON_FIELD_TEXT, offsetof(struct top, next)},
	{"metadata.resourceVersion", JSON_FIELD_TEXT, offsetof(struct top, version)},
};
/* ---- a page ---- */

static bool
read_body(struct reading *reading, struct http_stream *body, const char *what, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	struct json_field fields[TABLE_ROW_FIELDS];
	const struct json_record records[] = {
		{"", top_fields, array_length(top_fields), sizeof(struct top), tell_top},
		{"columnDefinitions[]", table_definition_fields, TABLE_DEFINITION_FIELDS, sizeof(struct table_definition),
		 tell_definition},
		{"rows[]", fields, table_row_fields(reading->table, fields, &scratch), sizeof(struct table_row), tell_row},
	};
	scoped(json_stream_free) struct json_stream *stream = json_stream_new(records, array_length(records), what, reading);
	const char *bytes;
	size_t length, total = 0;
	do {
		if (!http_stream_read(body, -1, &bytes, &length, err) || !json_stream_feed(stream, bytes, length, err))
			return false;
		total += length;
		if (total > ANSWER_MAX)
			return error_set(err, ERROR_BAD_ANSWER, "the answer is larger than %d bytes", ANSWER_MAX);
	} while (length > 0);
	if (!json_stream_end(stream, err))
		return false;
	return reading->is_table || error_set(err, ERROR_BAD_ANSWER, "the answer is no Table");
}

static bool
read_page(struct kubernetes *kubernetes, struct reading *reading, const char *path, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	struct kubernetes_call call = {.path = path, .headers = &table_accept, .n_headers = 1, .raw_status = true};
	struct http_response head;
	struct http_stream *body;
	if (!kubernetes_call_open(kubernetes, &call, &scratch, &head, &body, err))
		return false;
	reading->may_repeat = head.status == 410;
	if (head.status >= 300) {
		kubernetes_put_status(kubernetes, &call, &head, &scratch, err);
		http_stream_close(body);
		return false;
	}
	bool is_fine = read_body(reading, body, arena_printf(&scratch, "the answer of %s", kubernetes_call_what(&call, &scratch)), err);
	http_stream_close(body);
	if (is_fine)
		return true;
	/* Nonsense or a cut may have been an accident of the way, and so is worth one more try. */
	reading->may_repeat = !reading->has_stopped && err->code != ERROR_INTERRUPTED;
	if (err->code == ERROR_BAD_ANSWER)
		error_put_next(err, "look at clusters of the platform file: is %s an API server?", kubernetes_server(kubernetes));
	return false;
}

static void
forget_page(struct reading *reading)
{
	reading->places = (struct table_places){0};
	reading->next[0] = '\0';
	reading->is_table = reading->may_repeat = reading->has_stopped = false;
}

static bool
read_once(struct kubernetes *kubernetes, struct reading *reading, bool is_whole, struct error *err)
{
	for (unsigned n = 0; n < PAGES_MAX; n++) {
		scoped(arena_release) struct arena scratch = {0};
		const char *parameters = reading->table->label != NULL ? "includeObject=Metadata" : "includeObject=None";
		if (!is_whole)
			parameters = arena_printf(&scratch, "%s&limit=%d", parameters, PAGE_SIZE);
		if (reading->next[0] != '\0')
			parameters = arena_printf(&scratch, "%s&continue=%s", parameters, http_escape(reading->next, &scratch));
		forget_page(reading);
		if (!read_page(kubernetes, reading, kubernetes_query_path(&reading->table->query, parameters, &scratch), err))
			return false;
		if (reading->next[0] == '\0')
			return true;
	}
	return error_set(err, ERROR_BAD_ANSWER, "the list has more than %d pages", PAGES_MAX);
}

bool
table_read(struct kubernetes *kubernetes, const struct kubernetes_table *table, char *ret_version, size_t size,
           struct error *err)
{
	struct reading reading = {.may_repeat = true};
	for (int attempt = PAGED; attempt < ATTEMPTS && reading.may_repeat; attempt++) {
		reading = (struct reading){.table = table};
		table->begun(table->data);
		if (read_once(kubernetes, &reading, attempt == WHOLE, err)) {
			error_copy_text(ret_version, size, reading.version);
			return true;
		}
	}
	return false;
}

bool
kubernetes_read_table(struct kubernetes *kubernetes, const struct kubernetes_table *table, struct error *err)
{
	char version[VERSION_MAX];
	return table_read(kubernetes, table, version, sizeof version, err);
}

#include "api/kubernetes/table.h"

#include <string.h>

#include "api/kubernetes/call.h"
#include "data/json_stream.h"

enum { PAGE_SIZE = 500, PAGES_MAX = 10000, ANSWER_MAX = 512 * 1024 * 1024, TOKEN_MAX = 4096 };

/* As in list.c: in pages; in pages once more; in one answer. */
enum attempt { PAGED, PAGED_AGAIN, WHOLE, ATTEMPTS };

struct reading {
	const struct kubernetes_table *table;
	size_t n_defined;                      /* columns the server told so far */
	size_t places[KUBERNETES_CELLS_MAX];   /* of each wanted column among its cells; */
	bool is_defined[KUBERNETES_CELLS_MAX]; /* when the server has it */
	bool is_table;
	char next[TOKEN_MAX]; /* "" at the end */
	bool may_repeat;      /* what failed may succeed from the start */
	bool has_stopped;     /* the caller's row did not want more */
};

/* ---- the document ---- */

struct top {
	const char *kind, *next;
};
struct definition {
	const char *name;
};
struct row {
	const char *cells[KUBERNETES_CELLS_MAX], *label;
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
	reading->is_table = true;
	return true;
}

static bool
tell_definition(void *data, const void *record, struct error *err)
{
	const struct definition *definition = record;
	struct reading *reading = data;
	const struct kubernetes_table *table = reading->table;
	size_t place = reading->n_defined++;
	(void)err;
	for (size_t i = 0; i < table->n_columns && place < KUBERNETES_CELLS_MAX; i++)
		if (definition->name != NULL && !reading->is_defined[i] && strcmp(definition->name, table->columns[i]) == 0) {
			reading->is_defined[i] = true;
			reading->places[i] = place;
		}
	return true;
}

static bool
tell_row(void *data, const void *record, struct error *err)
{
	const struct row *row = record;
	struct reading *reading = data;
	const struct kubernetes_table *table = reading->table;
	const char *cells[KUBERNETES_CELLS_MAX + 1];
	if (!reading->is_defined[0])
		return error_set(err, ERROR_BAD_ANSWER, "the Table has no column %s", table->columns[0]);
	for (size_t i = 0; i < table->n_columns; i++) {
		const char *cell = reading->is_defined[i] ? row->cells[reading->places[i]] : NULL;
		cells[i] = cell != NULL ? cell : "";
	}
	cells[table->n_columns] = row->label != NULL ? row->label : "";
	reading->has_stopped = !table->row(table->data, cells, err);
	return !reading->has_stopped;
}

#define CELL(n) {"cells[" #n "]", JSON_FIELD_SCALAR, offsetof(struct row, cells) + (n) * sizeof(const char *)}
static const struct json_field top_fields[] = {
	{"kind", JSON_FIELD_TEXT, offsetof(struct top, kind)},
	{"metadata.continue", JSON_FIELD_TEXT, offsetof(struct top, next)},
};
static const struct json_field definition_fields[] = {
	{"name", JSON_FIELD_TEXT, offsetof(struct definition, name)},
};
static const struct json_field row_fields[KUBERNETES_CELLS_MAX] = {
	CELL(0), CELL(1), CELL(2), CELL(3), CELL(4), CELL(5), CELL(6), CELL(7),
	CELL(8), CELL(9), CELL(10), CELL(11), CELL(12), CELL(13), CELL(14), CELL(15),
};
enum { RECORD_TOP, RECORD_DEFINITION, RECORD_ROW, RECORDS };
static const struct json_record records[RECORDS] = {
	{"", top_fields, array_length(top_fields), sizeof(struct top), tell_top},
	{"columnDefinitions[]", definition_fields, array_length(definition_fields), sizeof(struct definition),
	 tell_definition},
	{"rows[]", row_fields, array_length(row_fields), sizeof(struct row), tell_row},
};

/* ---- a page ---- */

static bool
read_body(struct reading *reading, struct http_stream *body, const char *what, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	struct json_field fields[KUBERNETES_CELLS_MAX + 1];
	struct json_record asked[RECORDS];
	memcpy(asked, records, sizeof asked);
	if (reading->table->label != NULL) {
		memcpy(fields, row_fields, sizeof row_fields);
		fields[KUBERNETES_CELLS_MAX] = (struct json_field){
			arena_printf(&scratch, "object.metadata.labels.%s", reading->table->label), JSON_FIELD_TEXT,
			offsetof(struct row, label)};
		asked[RECORD_ROW].fields = fields;
		asked[RECORD_ROW].n_fields = array_length(fields);
	}
	scoped(json_stream_free) struct json_stream *stream = json_stream_new(asked, RECORDS, what, reading);
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
	static const struct http_header accept = {
		"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"};
	scoped(arena_release) struct arena scratch = {0};
	struct kubernetes_call call = {.path = path, .headers = &accept, .n_headers = 1, .raw_status = true};
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
		*reading = (struct reading){.table = reading->table};
		if (!read_page(kubernetes, reading, kubernetes_query_path(&reading->table->query, parameters, &scratch), err))
			return false;
		if (reading->next[0] == '\0')
			return true;
	}
	return error_set(err, ERROR_BAD_ANSWER, "the list has more than %d pages", PAGES_MAX);
}

bool
kubernetes_read_table(struct kubernetes *kubernetes, const struct kubernetes_table *table, struct error *err)
{
	struct reading reading = {.may_repeat = true};
	for (int attempt = PAGED; attempt < ATTEMPTS && reading.may_repeat; attempt++) {
		reading = (struct reading){.table = table};
		table->begun(table->data);
		if (read_once(kubernetes, &reading, attempt == WHOLE, err))
			return true;
	}
	return false;
}

/* Rows kept up to date (cycle.h).  An event of the watch is a Table with the row of one object; only
 * the first one defines the columns (apiserver/pkg/endpoints/handlers, response.go: asTable).
 */
#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/cycle.h"
#include "api/kubernetes/table_row.h"
#include "base/fiber.h"

enum { EVENT_ROWS_MAX = 64, SECOND_MS = 1000 };

struct kubernetes_table_informer {
	struct cycle cycle;
	struct kubernetes_table table; /* texts in arena */
	const struct kubernetes_table_listener *listener;
	struct arena arena;
	struct table_places places;
	struct fiber *fiber;
};

/* ---- one event ---- */

struct event {
	struct kubernetes_table_informer *informer;
	struct arena arena;
	bool has_columns;
	size_t n_rows;
	struct table_row rows[EVENT_ROWS_MAX]; /* the type of the event may come after them */
};

struct top {
	const char *type, *version, *reason, *message;
	int64_t code, retry_after_s;
};
static const struct json_field top_fields[] = {
	{"type", JSON_FIELD_TEXT, offsetof(struct top, type)},
	{"object.metadata.resourceVersion", JSON_FIELD_TEXT, offsetof(struct top, version)},
	{"object.reason", JSON_FIELD_TEXT, offsetof(struct top, reason)},
	{"object.message", JSON_FIELD_TEXT, offsetof(struct top, message)},
	{"object.code", JSON_FIELD_INT, offsetof(struct top, code)},
	{"object.details.retryAfterSeconds", JSON_FIELD_INT, offsetof(struct top, retry_after_s)},
};

static bool
tell_definition(void *data, const void *record, struct error *err)
{
	const struct table_definition *definition = record;
	struct event *event = data;
	(void)err;
	if (!event->has_columns)
		event->informer->places = (struct table_places){0};
	event->has_columns = true;
	table_places_define(&event->informer->places, &event->informer->table, definition->name);
	return true;
}

static bool
tell_row(void *data, const void *record, struct error *err)
{
	const struct table_row *row = record;
	struct event *event = data;
	if (event->n_rows == EVENT_ROWS_MAX)
		return error_set(err, ERROR_BAD_ANSWER, "an event of more than %d rows", EVENT_ROWS_MAX);
	struct table_row *kept = &event->rows[event->n_rows++];
	*kept = (struct table_row){.label = arena_strdup(&event->arena, row->label)};
	for (size_t i = 0; i < KUBERNETES_CELLS_MAX; i++)
		kept->cells[i] = arena_strdup(&event->arena, row->cells[i]);
	return true;
}

static bool
tell_trouble(struct cycle *cycle, const struct top *top, struct error *err)
{
	struct kubernetes_status status = {.code = (int)top->code, .reason = top->reason != NULL ? top->reason : "",
	                                   .message = top->message != NULL ? top->message : "", .kind = "",
	                                   .retry_after_ms = top->retry_after_s > 0 && top->retry_after_s < 3600
	                                                             ? top->retry_after_s * SECOND_MS : 0};
	return cycle_fail(cycle, &status, err);
}

static bool
tell_rows(struct event *event, const char *type, struct error *err)
{
	struct kubernetes_table_informer *informer = event->informer;
	const struct kubernetes_table *table = &informer->table;
	const char *cells[KUBERNETES_CELLS_MAX + 1];
	bool is_there = strcmp(type, "ADDED") == 0 || strcmp(type, "MODIFIED") == 0;
	if (!is_there && strcmp(type, "DELETED") != 0)
		return true; /* a bookmark: its row is that of no object */
	for (size_t i = 0; i < event->n_rows; i++) {
		if (!table_row_pick(&event->rows[i], &informer->places, table, cells, err))
			return false;
		if (!is_there)
			informer->listener->gone(table->data, cells);
		else if (!table->row(table->data, cells, err))
			return false;
	}
	informer->listener->changed(table->data);
	return true;
}

static bool
tell_top(void *data, const void *record, struct error *err)
{
	const struct top *top = record;
	struct event *event = data;
	struct cycle *cycle = &event->informer->cycle;
	const char *type = top->type != NULL ? top->type : "";
	if (strcmp(type, "ERROR") == 0)
		return tell_trouble(cycle, top, err);
	if (type[0] == '\0')
		return error_set(err, ERROR_BAD_ANSWER, "the watch of %s sent something that is no event",
		                 cycle->query->resource->plural);
	if (!tell_rows(event, type, err))
		return false;
	cycle_keep_version(cycle, top->version != NULL ? top->version : "");
	return true;
}

static bool
parse_event(struct event *event, const char *bytes, size_t length, struct error *err)
{
	struct json_field fields[TABLE_ROW_FIELDS];
	const struct json_record records[] = {
		{"", top_fields, array_length(top_fields), sizeof(struct top), tell_top},
		{"object.columnDefinitions[]", table_definition_fields, TABLE_DEFINITION_FIELDS,
		 sizeof(struct table_definition), tell_definition},
		{"object.rows[]", fields, table_row_fields(&event->informer->table, fields, &event->arena),
		 sizeof(struct table_row), tell_row},
	};
	scoped(json_stream_free) struct json_stream *stream =
		json_stream_new(records, array_length(records), "an event of the watch", event);
	return json_stream_feed(stream, bytes, length, err) && json_stream_end(stream, err);
}

static bool
read_event(struct cycle *cycle, const char *bytes, size_t length, struct error *err)
{
	struct event event = {.informer = (struct kubernetes_table_informer *)cycle};
	bool is_fine = parse_event(&event, bytes, length, err);
	arena_release(&event.arena);
	return is_fine;
}

/* ---- life ---- */

static bool
list_anew(struct cycle *cycle, struct error *err)
{
	struct kubernetes_table_informer *informer = (struct kubernetes_table_informer *)cycle;
	if (!table_read(cycle->kubernetes, &informer->table, cycle->version, sizeof cycle->version, err))
		return false;
	cycle_back(cycle);
	informer->listener->synced(informer->table.data);
	return true;
}

static void
tell_connection(struct cycle *cycle, enum kubernetes_event_type type, const struct error *trouble)
{
	const struct kubernetes_table_informer *informer = (struct kubernetes_table_informer *)cycle;
	if (type == KUBERNETES_LOST)
		informer->listener->lost(informer->table.data, trouble);
	else
		informer->listener->back(informer->table.data);
}

static void
run(void *data)
{
	cycle_run(data);
}

struct kubernetes_table_informer *
kubernetes_table_informer_start(struct kubernetes *kubernetes, const struct kubernetes_table *table,
                                const struct kubernetes_table_listener *listener)
{
	struct kubernetes_table_informer *informer = calloc(1, sizeof *informer);
	if (informer == NULL)
		abort();
	struct kubernetes_query *query = &informer->table.query;
	*informer = (struct kubernetes_table_informer){.table = *table, .listener = listener};
	query->namespace = arena_strdup(&informer->arena, query->namespace);
	query->label_selector = arena_strdup(&informer->arena, query->label_selector);
	query->field_selector = arena_strdup(&informer->arena, query->field_selector);
	informer->cycle = (struct cycle){
		.kubernetes = kubernetes, .query = query, .accept = &table_accept,
		.parameters = table->label != NULL ? "includeObject=Metadata" : "includeObject=None",
		.list = list_anew, .event = read_event, .told = tell_connection,
	};
	informer->fiber = fiber_start(fiber_loop(fiber_current()), run, &informer->cycle);
	return informer;
}

void
kubernetes_table_informer_stop(struct kubernetes_table_informer *informer)
{
	if (informer == NULL)
		return;
	fiber_cancel(informer->fiber);
	fiber_join(informer->fiber);
	arena_release(&informer->arena);
	free(informer);
}

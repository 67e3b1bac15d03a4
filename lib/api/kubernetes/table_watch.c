/* Rows kept up to date (cycle.h).  An event of the watch is a Table with the row of one object; only
 * the first one defines the columns (apiserver/pkg/endpoints/handlers, response.go: asTable).
 */
#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/cycle.h"
#include "api/kubernetes/table_object.h"
#include "base/fiber.h"

enum { EVENT_ROWS_MAX = 64, SECOND_MS = 1000 };
enum { RECORD_TOP, RECORD_DEFINITION, RECORD_ROW, RECORD_OBJECT, RECORDS = RECORD_OBJECT + TABLE_OBJECT_RECORDS };

struct kubernetes_table_informer {
	struct cycle cycle;            /* first, for the casts */
	struct kubernetes_table table; /* texts in arena */
	const struct kubernetes_table_listener *listener;
	struct arena arena;
	struct table_places places;
	struct fiber *fiber;
	struct json_field row_fields[TABLE_ROW_FIELDS];
	struct json_record records[RECORDS];
	/* Of the event that is being read: its type may come after its rows. */
	struct arena event;
	bool has_columns;
	size_t n_rows;
	struct table_row rows[EVENT_ROWS_MAX];
	struct table_object object;                          /* of a server that sends these instead */
	const char *object_cells[KUBERNETES_CELLS_MAX + 1];
	bool has_object;
};

/* ---- one event ---- */

static void
forget_event(struct cycle *cycle)
{
	struct kubernetes_table_informer *informer = (struct kubernetes_table_informer *)cycle;
	arena_reset(&informer->event);
	informer->has_columns = false;
	informer->n_rows = 0;
	informer->has_object = false;
	informer->object.main = informer->object.init = (struct table_containers){0};
}

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
	struct kubernetes_table_informer *informer = data;
	(void)err;
	if (!informer->has_columns)
		informer->places = (struct table_places){0};
	informer->has_columns = true;
	table_places_define(&informer->places, &informer->table, definition->name);
	return true;
}

static bool
tell_row(void *data, const void *record, struct error *err)
{
	const struct table_row *row = record;
	struct kubernetes_table_informer *informer = data;
	if (informer->n_rows == EVENT_ROWS_MAX)
		return error_set(err, ERROR_BAD_ANSWER, "an event of more than %d rows", EVENT_ROWS_MAX);
	struct table_row *kept = &informer->rows[informer->n_rows++];
	*kept = (struct table_row){.label = arena_strdup(&informer->event, row->label)};
	for (size_t i = 0; i < KUBERNETES_CELLS_MAX; i++)
		kept->cells[i] = arena_strdup(&informer->event, row->cells[i]);
	return true;
}

static bool
tell_object(void *data, const char *const *cells, struct error *err)
{
	struct kubernetes_table_informer *informer = data;
	(void)err;
	for (size_t i = 0; i <= informer->table.n_columns; i++)
		informer->object_cells[i] = arena_strdup(&informer->event, cells[i]);
	informer->has_object = true;
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
tell_cells(struct kubernetes_table_informer *informer, bool is_there, const char *const *cells, struct error *err)
{
	const struct kubernetes_table *table = &informer->table;
	if (is_there)
		return table->row(table->data, cells, err);
	informer->listener->gone(table->data, cells);
	return true;
}

static bool
tell_rows(struct kubernetes_table_informer *informer, const char *type, struct error *err)
{
	const char *cells[KUBERNETES_CELLS_MAX + 1];
	bool is_there = strcmp(type, "ADDED") == 0 || strcmp(type, "MODIFIED") == 0;
	if (!is_there && strcmp(type, "DELETED") != 0)
		return true; /* a bookmark: its row is that of no object */
	for (size_t i = 0; i < informer->n_rows; i++)
		if (!table_row_pick(&informer->rows[i], &informer->places, &informer->table, cells, err) ||
		    !tell_cells(informer, is_there, cells, err))
			return false;
	if (informer->n_rows == 0 && informer->has_object && !tell_cells(informer, is_there, informer->object_cells, err))
		return false;
	informer->listener->changed(informer->table.data);
	return true;
}

static bool
tell_top(void *data, const void *record, struct error *err)
{
	const struct top *top = record;
	struct kubernetes_table_informer *informer = data;
	struct cycle *cycle = &informer->cycle;
	const char *type = top->type != NULL ? top->type : "";
	if (strcmp(type, "ERROR") == 0)
		return tell_trouble(cycle, top, err);
	if (type[0] == '\0')
		return error_set(err, ERROR_BAD_ANSWER, "the watch of %s sent something that is no event",
		                 cycle->query->resource->plural);
	if (!tell_rows(informer, type, err))
		return false;
	cycle_keep_version(cycle, top->version != NULL ? top->version : "");
	forget_event(cycle);
	return true;
}

static void
put_records(struct kubernetes_table_informer *informer)
{
	size_t n_fields = table_row_fields(&informer->table, informer->row_fields, &informer->arena);
	informer->records[RECORD_TOP] = (struct json_record){"", top_fields, array_length(top_fields), sizeof(struct top), tell_top, NULL};
	informer->records[RECORD_DEFINITION] = (struct json_record){
		"object.columnDefinitions[]", table_definition_fields, TABLE_DEFINITION_FIELDS, sizeof(struct table_definition),
		tell_definition, NULL};
	informer->records[RECORD_ROW] = (struct json_record){
		"object.rows[]", informer->row_fields, n_fields, sizeof(struct table_row), tell_row, NULL};
	informer->object = (struct table_object){
		.table = &informer->table, .kubernetes = informer->cycle.kubernetes, .told = tell_object, .data = informer};
	table_object_records(&informer->object, "object", informer->records + RECORD_OBJECT, &informer->arena);
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
		.list = list_anew, .records = informer->records, .n_records = RECORDS, .watch_begun = forget_event,
		.told = tell_connection,
	};
	put_records(informer);
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
	arena_release(&informer->event);
	arena_release(&informer->arena);
	free(informer);
}

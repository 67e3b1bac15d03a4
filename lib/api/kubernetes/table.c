#include "api/kubernetes/table.h"

#include "api/kubernetes/pages.h"
#include "api/kubernetes/table_object.h"
#include "api/kubernetes/table_row.h"

struct reading {
	struct pages pages; /* first, for the casts */
	const struct kubernetes_table *table;
	struct table_places places;
	struct table_object object; /* of a server that sends these */
};

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
	reading->pages.has_stopped = !table->row(table->data, cells, err);
	return !reading->pages.has_stopped;
}

static bool
tell_object(void *data, const char *const *cells, struct error *err)
{
	struct reading *reading = data;
	const struct kubernetes_table *table = reading->table;
	reading->pages.has_stopped = !table->row(table->data, cells, err);
	return !reading->pages.has_stopped;
}

static void
begin(struct pages *pages)
{
	const struct kubernetes_table *table = ((struct reading *)pages)->table;
	table->begun(table->data);
}

static void
begin_page(struct pages *pages)
{
	struct reading *reading = (struct reading *)pages;
	reading->places = (struct table_places){0};
	reading->object.main = reading->object.init = (struct table_containers){0};
}

bool
table_read(struct kubernetes *kubernetes, const struct kubernetes_table *table, char *ret_version, size_t size,
           struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	struct json_field fields[TABLE_ROW_FIELDS];
	struct json_record records[2 + TABLE_OBJECT_RECORDS] = {
		{"columnDefinitions[]", table_definition_fields, TABLE_DEFINITION_FIELDS, sizeof(struct table_definition),
		 tell_definition, NULL},
		{"rows[]", fields, table_row_fields(table, fields, &scratch), sizeof(struct table_row), tell_row, NULL},
	};
	struct reading reading = {
		.pages = {.kubernetes = kubernetes, .query = &table->query, .accept = &table_accept,
		          .parameters = table->label != NULL ? "includeObject=Metadata" : "includeObject=None", .kind = "Table",
		          .records = records, .n_records = array_length(records), .begun = begin, .page_begun = begin_page},
		.table = table, .object = {.table = table, .kubernetes = kubernetes, .told = tell_object},
	};
	reading.object.data = &reading;
	table_object_records(&reading.object, "items[]", records + 2, &scratch);
	if (!pages_read(&reading.pages, err))
		return false;
	error_copy_text(ret_version, size, reading.pages.version);
	return true;
}

bool
kubernetes_read_table(struct kubernetes *kubernetes, const struct kubernetes_table *table, struct error *err)
{
	char version[PAGES_VERSION_MAX];
	return table_read(kubernetes, table, version, sizeof version, err);
}

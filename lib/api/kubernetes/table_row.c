#include "api/kubernetes/table_row.h"

#include <stdio.h>
#include <string.h>

const struct http_header table_accept = {
	"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"};

const struct json_field table_definition_fields[TABLE_DEFINITION_FIELDS] = {
	{"name", JSON_FIELD_TEXT, offsetof(struct table_definition, name)},
};

#define CELL(n) {"cells[" #n "]", JSON_FIELD_SCALAR, offsetof(struct table_row, cells) + (n) * sizeof(const char *)}
static const struct json_field cell_fields[KUBERNETES_CELLS_MAX] = {
	CELL(0), CELL(1), CELL(2), CELL(3), CELL(4), CELL(5), CELL(6), CELL(7),
	CELL(8), CELL(9), CELL(10), CELL(11), CELL(12), CELL(13), CELL(14), CELL(15),
};

size_t
table_row_fields(const struct kubernetes_table *table, struct json_field ret[static TABLE_ROW_FIELDS],
                 struct arena *arena)
{
	memcpy(ret, cell_fields, sizeof cell_fields);
	if (table->label == NULL)
		return KUBERNETES_CELLS_MAX;
	ret[KUBERNETES_CELLS_MAX] = (struct json_field){
		arena_printf(arena, "object.metadata.labels.%s", table->label), JSON_FIELD_TEXT,
		offsetof(struct table_row, label)};
	return TABLE_ROW_FIELDS;
}

void
table_places_define(struct table_places *places, const struct kubernetes_table *table, const char *name)
{
	size_t at = places->n_defined++;
	for (size_t i = 0; i < table->n_columns && at < KUBERNETES_CELLS_MAX; i++)
		if (name != NULL && !places->is_known[i] && strcmp(name, table->columns[i]) == 0) {
			places->is_known[i] = true;
			places->at[i] = at;
		}
}

bool
table_row_pick(const struct table_row *row, const struct table_places *places, const struct kubernetes_table *table,
               const char *ret[static KUBERNETES_CELLS_MAX + 1], struct error *err)
{
	if (!places->is_known[0])
		return error_set(err, ERROR_BAD_ANSWER, "the Table has no column %s", table->columns[0]);
	for (size_t i = 0; i < table->n_columns; i++) {
		const char *cell = places->is_known[i] ? row->cells[places->at[i]] : NULL;
		ret[i] = cell != NULL ? cell : "";
	}
	ret[table->n_columns] = row->label != NULL ? row->label : "";
	return true;
}

const char *
kubernetes_age_text(int64_t age_ms, char ret[static KUBERNETES_AGE_BYTES])
{
	static const struct {
		int64_t ms;
		char letter;
	} units[] = {{86400 * 1000, 'd'}, {3600 * 1000, 'h'}, {60 * 1000, 'm'}, {1000, 's'}};
	size_t i = 0;
	while (i < array_length(units) - 1 && age_ms < 10 * units[i].ms)
		i++;
	snprintf(ret, KUBERNETES_AGE_BYTES, "%lld%c", (long long)(age_ms / units[i].ms), units[i].letter);
	return ret;
}

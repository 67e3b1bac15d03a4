/* From the cells of a Table's row to the wanted ones; for table.c (lists) and table_watch.c. */
#ifndef PAAS_API_KUBERNETES_TABLE_ROW_H
#define PAAS_API_KUBERNETES_TABLE_ROW_H

#include "api/kubernetes/call.h"
#include "api/kubernetes/table.h"
#include "data/json_stream.h"

/* Where the wanted columns are among the cells; zeroed at first. */
struct table_places {
	size_t n_defined;                  /* columns the server told so far */
	size_t at[KUBERNETES_CELLS_MAX];   /* of each wanted column, */
	bool is_known[KUBERNETES_CELLS_MAX]; /* when the server has it */
};
/* The next column of the server; NULL: without a name. */
void table_places_define(struct table_places *places, const struct kubernetes_table *table, const char *name);

/* A row as it stands in the document. */
struct table_row {
	const char *cells[KUBERNETES_CELLS_MAX], *label;
};
struct table_definition {
	const char *name;
};
enum { TABLE_DEFINITION_FIELDS = 1, TABLE_ROW_FIELDS = KUBERNETES_CELLS_MAX + 1 };
extern const struct json_field table_definition_fields[TABLE_DEFINITION_FIELDS];
/* Fields of struct table_row for what this table wants; how many. */
size_t table_row_fields(const struct kubernetes_table *table, struct json_field ret[static TABLE_ROW_FIELDS],
                        struct arena *arena);
/* The wanted cells and the label.  Fails: the first column does not exist. */
bool table_row_pick(const struct table_row *row, const struct table_places *places,
                    const struct kubernetes_table *table, const char *ret[static KUBERNETES_CELLS_MAX + 1],
                    struct error *err) must_use;

/* Accept: a Table. */
extern const struct http_header table_accept;
/* kubernetes_read_table, and the version of what was read, in a buffer of `size` bytes. */
bool table_read(struct kubernetes *kubernetes, const struct kubernetes_table *table, char *ret_version, size_t size,
                struct error *err) must_use;

#endif

/* Rows and columns for people and for pipes, declared once.
 *
 *	static const struct table_column columns[] = {
 *		{.title = "ENV"}, {.title = "READY", .align_right = true}, {.title = "AGE", .priority = 2},
 *	};
 *	struct table *table = table_new(arena, columns, array_length(columns));
 *	table_add_row(table);
 *	table_set(table, 0, STYLE_PLAIN, "%s", environment);
 *	table_print(table, out);
 *
 * On a terminal: aligned by display width, fitted into its columns (less important columns go
 * first, then long cells are cut with "…"; the last one goes on below itself; where nothing helps, a
 * cell a line).  Without rows: nothing.  Piped: one row a
 * line, cells separated by tabs, whole, without header.  --accessible: "TITLE: value" lines, an
 * empty line between rows.
 * Cells are neutralised, so a tab or newline within one cannot pretend to be a separator.
 */
#ifndef PAAS_UI_TABLE_H
#define PAAS_UI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "ui/output.h"

struct table;

struct table_column {
	const char *title;   /* "READY" */
	bool align_right;
	bool may_cut;        /* a long cell may end in "…" */
	bool may_break;      /* a last one goes on below itself whatever its words: a path, of which all counts */
	unsigned priority;   /* 0: always shown; the highest number is dropped first */
};

/* `columns` outlive the table. */
struct table *table_new(struct arena *arena, const struct table_column *columns, size_t n_columns)
	__attribute__((returns_nonnull));
/* Begins a row of empty cells. */
void table_add_row(struct table *table);
/* Fills a cell of the last row. */
void table_set(struct table *table, size_t column, enum style style, const char *format, ...)
	printf_like(4, 5);
/* A line under the last row, as wide as the terminal (a finding below its environment); piped, it
 * is left out. */
void table_add_note(struct table *table, enum style style, const char *format, ...) printf_like(3, 4);
size_t table_rows(const struct table *table);
void table_print(const struct table *table, struct output *out);

#endif

#include "core/deploy/overview_rows.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/table.h"
#include "core/deploy/overview_fold.h"

struct row {
	int64_t told_ms, age_ms; /* age_ms: -1 = not known */
	char cells[];            /* one after the other, each with its NUL */
};

static const char *
name_of(const void *row)
{
	return ((const struct row *)row)->cells;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(name_of(a), name_of(b));
}

static struct row *
row_new(const struct overview_rows *rows, const char *const *cells, int64_t now_ms)
{
	size_t size = sizeof(struct row);
	for (size_t i = 0; i < rows->n_cells; i++)
		size += strlen(cells[i]) + 1;
	struct row *row = malloc(size);
	if (row == NULL)
		abort();
	row->told_ms = now_ms;
	row->age_ms = overview_parse_age_ms(cells[rows->age]);
	char *at = row->cells;
	for (size_t i = 0; i < rows->n_cells; i++) {
		memcpy(at, cells[i], strlen(cells[i]) + 1);
		at += strlen(cells[i]) + 1;
	}
	return row;
}

bool
overview_rows_put(struct overview_rows *rows, const char *const *cells, int64_t now_ms)
{
	struct row *row = row_new(rows, cells, now_ms), **place = tsearch(row, &rows->tree, compare);
	if (place == NULL)
		abort();
	if (*place != row) {
		free(*place);
		*place = row;
	} else {
		rows->count++;
	}
	return rows->count <= OVERVIEW_ROWS_MAX;
}

/* A row that stands for a name, to look for it. */
static struct row *
key_new(const char *name)
{
	const struct overview_rows only_name = {.n_cells = 1};
	return row_new(&only_name, &name, 0);
}

void
overview_rows_remove(struct overview_rows *rows, const char *name)
{
	struct row *key = key_new(name), **place = tfind(key, &rows->tree, compare);
	if (place != NULL) {
		struct row *row = *place;
		tdelete(key, &rows->tree, compare);
		free(row);
		rows->count--;
	}
	free(key);
}

void
overview_rows_clear(struct overview_rows *rows)
{
	tdestroy(rows->tree, free);
	rows->tree = NULL;
	rows->count = 0;
}

struct visit {
	const struct overview_rows *rows;
	int64_t now_ms;
	void (*told)(void *data, const char *const *cells);
	void *data;
};

static void
visit_row(const void *node, VISIT order, void *closure)
{
	const struct visit *visit = closure;
	const struct row *row = *(const struct row *const *)node;
	const char *cells[OVERVIEW_ROW_CELLS_MAX], *at = row->cells;
	char age[KUBERNETES_AGE_BYTES];
	if (order != postorder && order != leaf)
		return;
	for (size_t i = 0; i < visit->rows->n_cells; i++, at += strlen(at) + 1)
		cells[i] = at;
	if (row->age_ms >= 0)
		cells[visit->rows->age] = kubernetes_age_text(row->age_ms + visit->now_ms - row->told_ms, age);
	visit->told(visit->data, cells);
}

void
overview_rows_each(const struct overview_rows *rows, int64_t now_ms,
                   void (*told)(void *data, const char *const *cells), void *data)
{
	struct visit visit = {.rows = rows, .now_ms = now_ms, .told = told, .data = data};
	twalk_r(rows->tree, visit_row, &visit);
}

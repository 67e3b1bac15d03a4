/* The rows of one Table by name, as they are now; some hundred bytes each. */
#ifndef PAAS_CORE_DEPLOY_OVERVIEW_ROWS_H
#define PAAS_CORE_DEPLOY_OVERVIEW_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OVERVIEW_ROWS_MAX = 100 * 1000, OVERVIEW_ROW_CELLS_MAX = 8 };

struct overview_rows {
	void *tree; /* of tsearch(3) */
	size_t count, n_cells;
	size_t age; /* which cell is the age at the time it was told: it grows since then */
};

/* The first cell is the name.  `now_ms` is our clock.  False when there are too many. */
bool overview_rows_put(struct overview_rows *rows, const char *const *cells, int64_t now_ms);
void overview_rows_remove(struct overview_rows *rows, const char *name);
void overview_rows_clear(struct overview_rows *rows);
/* By name; the cells are gone when `told` returns. */
void overview_rows_each(const struct overview_rows *rows, int64_t now_ms,
                        void (*told)(void *data, const char *const *cells), void *data);

#endif

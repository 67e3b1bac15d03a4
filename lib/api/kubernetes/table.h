/* Lists as `kubectl get` shows them: rows of cells instead of objects, ten times fewer bytes, passed
 * on as they arrive and never collected.
 *
 *	static const char *const columns[] = {"Name", "Ready", "Status"};
 *	struct kubernetes_table table = {.query = {.resource = &kubernetes_pods, .namespace = "payments"},
 *	                                 .columns = columns, .n_columns = 3, .begun = forget, .row = add, .data = &pods};
 *	kubernetes_read_table(kubernetes, &table, err);
 *
 * A server that makes no Tables sends whole objects; the cells Name, Ready, Status, Restarts,
 * Up-to-date and Age are then computed from these as they arrive, in the same memory.
 *
 * Columns are found by their titles, which are the server's (the built-in kinds have had theirs
 * for years; a custom resource has Name and Age unless it says otherwise).
 */
#ifndef PAAS_API_KUBERNETES_TABLE_H
#define PAAS_API_KUBERNETES_TABLE_H

#include "api/kubernetes/client.h"

enum { KUBERNETES_CELLS_MAX = 16 };

struct kubernetes_table {
	struct kubernetes_query query;
	const char *const *columns; /* titles, at most KUBERNETES_CELLS_MAX; the first must exist */
	size_t n_columns;
	/* A label of the objects, as a path is written ("app\\.example/name"), or NULL.  With it each row
	 * comes with the metadata of its object, some 3 KiB: for kinds of which there are few. */
	const char *label;
	/* The rows come from the first one, perhaps again (an expired continue token): earlier ones do not count. */
	void (*begun)(void *data);
	/* A cell a column, then the label's value; "" where the server has none; gone when it returns.
	 * False, with *err set, ends it. */
	bool (*row)(void *data, const char *const *cells, struct error *err);
	void *data;
};

/* Pages, the restart and the unpaged list as kubernetes_list; fails as that does. */
bool kubernetes_read_table(struct kubernetes *kubernetes, const struct kubernetes_table *table,
                           struct error *err) must_use;

/* An age as a cell: "41s", "12m", "41d", in units that lose less than a tenth. */
enum { KUBERNETES_AGE_BYTES = 24 };
const char *kubernetes_age_text(int64_t age_ms, char ret[static KUBERNETES_AGE_BYTES]);

/* Rows kept up to date: the list (`begun`, each `row`, `synced`), then a watch, which tells `row` of
 * what is new or changed; an end, a reset, a bookmark or a 410 changes nothing of that, but a list
 * may begin again.  `table->data` goes to all of them. */
struct kubernetes_table_listener {
	void (*synced)(void *data);                          /* the rows since `begun` are all there are */
	void (*changed)(void *data);                         /* an event of the watch was told */
	void (*gone)(void *data, const char *const *cells);  /* of an object that was deleted */
	/* As KUBERNETES_LOST and KUBERNETES_BACK of client.h. */
	void (*lost)(void *data, const struct error *trouble);
	void (*back)(void *data);
};
struct kubernetes_table_informer;
/* Columns, label and listener outlive it.  Runs in a fiber of its own until stopped, which none of
 * the callbacks may do; call both from a fiber. */
struct kubernetes_table_informer *kubernetes_table_informer_start(struct kubernetes *kubernetes,
                                                                  const struct kubernetes_table *table,
                                                                  const struct kubernetes_table_listener *listener);
void kubernetes_table_informer_stop(struct kubernetes_table_informer *informer);

#endif

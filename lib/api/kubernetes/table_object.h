/* Rows from whole objects, of a server that makes no Tables (an aggregated API, a proxy that drops
 * Accept): the cells that kubectl prints (kubernetes/pkg/printers/internalversion: printPod,
 * printDeployment), computed as the objects arrive.
 */
#ifndef PAAS_API_KUBERNETES_TABLE_OBJECT_H
#define PAAS_API_KUBERNETES_TABLE_OBJECT_H

#include "api/kubernetes/table_row.h"

enum { TABLE_OBJECT_RECORDS = 5, TABLE_WORD_MAX = 96 };

/* What the containers of one list say; `word` is that of the first that is not well. */
struct table_containers {
	int64_t ready, restarts;
	size_t n_told, n_wanted;
	bool is_any_running;
	char word[TABLE_WORD_MAX];
};

struct table_object {
	const struct kubernetes_table *table;
	const struct kubernetes *kubernetes; /* for its clock */
	/* The cells and the label, gone when it returns; what has no name is not told. */
	bool (*told)(void *data, const char *const *cells, struct error *err);
	void *data;
	struct table_containers init, main; /* of the object under way */
};

/* Records of the objects at `prefix` ("items[]"), their fields in `arena`. */
void table_object_records(struct table_object *object, const char *prefix,
                          struct json_record ret[static TABLE_OBJECT_RECORDS], struct arena *arena);

#endif

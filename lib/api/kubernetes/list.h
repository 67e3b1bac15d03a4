/* A list whose objects are told one at a time; for watch.c. */
#ifndef PAAS_API_KUBERNETES_LIST_H
#define PAAS_API_KUBERNETES_LIST_H

#include "api/kubernetes/client.h"

/* What the tree of an item takes at least beside its text. */
enum { ITEM_WEIGHT = 1024 };

struct list_reader {
	/* The list begins, perhaps again: items told before do not count. */
	void (*begun)(void *data);
	/* Borrowed until it returns, with kind and apiVersion. */
	void (*item)(void *data, json_t *item);
	void *data;
	size_t max_weight; /* of all items together: their bytes, and ITEM_WEIGHT each; 0 = no limit */
};

/* As kubernetes_list; the list's version in a buffer of `size` bytes, "" when it does not say. */
bool list_read_items(struct kubernetes *kubernetes, const struct kubernetes_query *query, const struct list_reader *reader,
               char *ret_version, size_t size, struct error *err) must_use;

#endif

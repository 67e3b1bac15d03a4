/* Lists: selectors, pages and resource versions, by the rules of the API's concepts page. */
#ifndef PAAS_SANDBOX_KUBERNETES_LIST_H
#define PAAS_SANDBOX_KUBERNETES_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "sandbox/kubernetes/selector.h"

struct store;

struct list_query {
	const struct resource *resource;
	const char *namespace;
	struct selector selector;
	const char *limit, *token, *version, *version_match; /* as sent; NULL = absent */
};

struct list_page {
	json_t *items;               /* new reference to an array of the stored objects */
	uint64_t version;            /* of the whole list */
	const char *token;           /* NULL on the last page */
	size_t n_remaining;
};

/* On failure *ret_status is the answer (new reference). */
bool list_read(struct store *store, const struct list_query *query, struct arena *arena,
               struct list_page *ret, json_t **ret_status);

#endif

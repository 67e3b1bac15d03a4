/* A list in pages, read as it arrives; for list.c (objects) and table.c (rows).
 *
 * An expired continue token begins again once, then asks without pages; nonsense or a cut may have
 * been an accident of the way, and so is worth the same.  A list that could not be read to its end
 * is an error, never a shorter list.
 */
#ifndef PAAS_API_KUBERNETES_PAGES_H
#define PAAS_API_KUBERNETES_PAGES_H

#include "api/kubernetes/call.h"
#include "data/json_stream.h"

enum { PAGES_TOKEN_MAX = 4096, PAGES_VERSION_MAX = 128, PAGES_RECORDS_MAX = 8 };

/* The first member of whatever reads it, which is found by a cast. */
struct pages {
	struct kubernetes *kubernetes;
	const struct kubernetes_query *query;
	const struct http_header *accept;  /* NULL: plain JSON */
	const char *parameters;            /* of each query besides; NULL = none */
	const char *kind;                  /* how that of the answer ends: "Table"; "List" always will do */
	const struct json_record *records; /* of a page, but "", told with the struct pages as data; */
	size_t n_records;                  /* fewer than PAGES_RECORDS_MAX */
	void (*begun)(struct pages *pages);      /* from the first page on, perhaps again: earlier ones do not count */
	void (*page_begun)(struct pages *pages); /* NULL: no matter */
	bool has_stopped;                  /* set by whoever does not want more: that is not tried again */
	/* What was read: */
	char version[PAGES_VERSION_MAX]; /* of the first page; "" = it does not say */
	char next[PAGES_TOKEN_MAX];      /* "" at the end */
	bool is_list, may_repeat;
};

bool pages_read(struct pages *pages, struct error *err) must_use;

#endif

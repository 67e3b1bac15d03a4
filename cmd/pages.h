/* What `paas help TOPIC` shows, offline: topics and one page an error code.
 *
 * Pages of other tables (finding codes of the diagnosis, formats) join through `help_sources`:
 * a source writes the page of a name it knows and lists its names.
 */
#ifndef PAAS_CMD_PAGES_H
#define PAAS_CMD_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct page {
	const char *name;  /* "exit-codes" */
	const char *title; /* one line */
	const char *text;  /* paragraphs; lines that begin with a blank are kept as they are */
	void (*write)(struct buf *buf); /* instead of, or after, the text */
};

struct page_source {
	const char *kind; /* "topic", "error code" */
	/* Appends the page; false when there is none of that name. */
	bool (*write)(const char *name, struct buf *buf);
	/* The i-th name, or NULL past the last. */
	const char *(*name_at)(size_t i);
};

extern const struct page_source page_sources[];
extern const size_t n_page_sources;

/* Looks through all sources. */
bool page_write(const char *name, struct buf *buf);

#endif

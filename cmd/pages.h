/* What `paas help TOPIC` and `paas help CODE` show, offline.
 *
 * Each kind of page is a source: it writes the page of a name it knows and lists its names.  A new
 * kind (finding codes, formats) is one more line in `page_sources` (cmd/pages.c).
 */
#ifndef PAAS_CMD_PAGES_H
#define PAAS_CMD_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct page_source {
	const char *kind; /* "topic", "error code" */
	/* Appends the page, wrapped at `columns`; false when there is none of that name. */
	bool (*write)(const char *name, size_t columns, struct buf *buf);
	/* The i-th name, or NULL past the last. */
	const char *(*name_at)(size_t i);
};

extern const struct page_source *const page_sources[];
extern const size_t n_page_sources;

/* Looks through all sources. */
bool page_write(const char *name, size_t columns, struct buf *buf);

extern const struct page_source page_source_topics; /* cmd/pages_topics.c */
extern const struct page_source page_source_errors; /* cmd/pages_errors.c */
extern const struct page_source page_source_findings; /* cmd/pages_findings.c */

/* The text of the topic `following`. */
void page_write_following(struct buf *buf, size_t columns);

/* Rows that the man pages print as well. */
struct page_row {
	const char *name, *text;
};
extern const struct page_row page_exit_statuses[]; /* ends with a NULL name */
extern const struct page_row page_variables[];     /* those that no option declares */

#endif

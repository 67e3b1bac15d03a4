/* What `paas help TOPIC` and `paas help CODE` show, offline.
 *
 * Each kind of page is a source: it writes the page of a name it knows and lists its names.  A new
 * kind is one more line in `page_sources` (cmd/pages.c).
 */
#ifndef PAAS_CMD_PAGES_H
#define PAAS_CMD_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct page_source {
	const char *kind; /* "topic", "error code": completion shows it */
	/* Appends the page, wrapped at `columns`; false when there is none of that name. */
	bool (*write)(const char *name, size_t columns, struct buf *buf);
	/* The i-th name, or NULL past the last. */
	const char *(*name_at)(size_t i);
};

extern const struct page_source *const page_sources[];
extern const size_t n_page_sources;

/* "Example:" and the lines of `example`, each indented; nothing without one. */
void page_add_example(struct buf *buf, const char *example);

/* Looks through all sources. */
bool page_write(const char *name, size_t columns, struct buf *buf);

extern const struct page_source page_source_topics; /* cmd/pages_topics.c */
extern const struct page_source page_source_errors; /* cmd/pages_errors.c */
extern const struct page_source page_source_findings; /* cmd/pages_findings.c */
extern const struct page_source page_source_rules;    /* cmd/pages_rules.c */

/* The text of the topic `following`. */
void page_write_following(struct buf *buf, size_t columns);

/* Rows that the man pages print as well. */
struct page_row {
	const char *name, *text;
};
extern const struct page_row page_exit_statuses[]; /* ends with a NULL name */
/* Every variable: of the global options, the commands' options, the settings, and those of nobody. */
typedef void page_row_writer(struct buf *buf, const char *name, const char *text, size_t columns);
void page_write_variables(struct buf *buf, page_row_writer *write, size_t columns);

#endif

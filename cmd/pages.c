#include "cmd/pages.h"

#include <string.h>

const struct page_source *const page_sources[] = {
	&page_source_topics,
	&page_source_errors,
	&page_source_findings,
	&page_source_rules,
};
const size_t n_page_sources = array_length(page_sources);

void
page_add_example(struct buf *buf, const char *example)
{
	buf_add_text(buf, "\nExample:\n\n");
	for (const char *line = example; *line != '\0'; line += *line == '\n') {
		size_t length = strcspn(line, "\n");
		buf_printf(buf, "  %.*s\n", (int)length, line);
		line += length;
	}
}

bool
page_write(const char *name, size_t columns, struct buf *buf)
{
	for (size_t i = 0; i < n_page_sources; i++)
		if (page_sources[i]->write(name, columns, buf))
			return true;
	return false;
}

#include "cmd/pages.h"

const struct page_source *const page_sources[] = {
	&page_source_topics,
	&page_source_errors,
	&page_source_findings,
};
const size_t n_page_sources = array_length(page_sources);

bool
page_write(const char *name, size_t columns, struct buf *buf)
{
	for (size_t i = 0; i < n_page_sources; i++)
		if (page_sources[i]->write(name, columns, buf))
			return true;
	return false;
}

#include "cmd/pages.h"

#include <string.h>

#include "base/error.h"
#include "ui/text.h"

enum { COLUMNS = 80 };

/* ---- topics ---- */

static const struct {
	int status;
	const char *meaning;
} statuses[] = {
	{0, "done"},
	{1, "the operation failed: deploy unhealthy, rolled back, cancelled"},
	{2, "usage: the command line was not understood"},
	{3, "\"no\": a problem or difference was found where that was the question"},
	{4, "not logged in, or not allowed"},
	{5, "not found"},
	{6, "conflict, locked, superseded, or waiting for a person"},
	{7, "a system is unreachable or answered nonsense"},
	{8, "the wait ended before the outcome"},
	{9, "an unusable file: platform, settings, or a spec that cannot be deployed"},
	{130, "interrupted"},
	{143, "terminated"},
};

static void
write_exit_codes(struct buf *buf)
{
	for (size_t i = 0; i < array_length(statuses); i++) {
		buf_printf(buf, "  %3d  %s\n", statuses[i].status, statuses[i].meaning);
		bool has_codes = false;
		for (unsigned code = 1; code < ERROR_COUNT; code++) {
			const struct error_kind *kind = error_kind((enum error_code)code);
			if (kind->exit_status != statuses[i].status)
				continue;
			buf_printf(buf, "%s%s", has_codes ? ", " : "       error codes: ", kind->name);
			has_codes = true;
		}
		if (has_codes)
			buf_add_char(buf, '\n');
	}
	buf_add_text(buf, "\nSeveral at once: the first of 130, 4, 7, 8, 1, 3.\n"
	                  "A closed pipe (paas ... | head) is not an error.\n");
}

static const struct page topics[] = {
	{"exit-codes", "What the exit status says", NULL, write_exit_codes},
};

static const char *
topic_at(size_t i)
{
	return i < array_length(topics) ? topics[i].name : NULL;
}

static bool
write_topic(const char *name, struct buf *buf)
{
	for (size_t i = 0; i < array_length(topics); i++) {
		if (strcmp(topics[i].name, name) != 0)
			continue;
		buf_printf(buf, "%s\n\n", topics[i].title);
		if (topics[i].text != NULL)
			buf_add_text(buf, topics[i].text);
		if (topics[i].write != NULL)
			topics[i].write(buf);
		return true;
	}
	return false;
}

/* ---- sources ---- */

const struct page_source page_sources[] = {
	{"topic", write_topic, topic_at},
};
const size_t n_page_sources = array_length(page_sources);

bool
page_write(const char *name, struct buf *buf)
{
	for (size_t i = 0; i < n_page_sources; i++)
		if (page_sources[i].write(name, buf))
			return true;
	return false;
}

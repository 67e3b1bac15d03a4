/* One page a rule of files: what `paas validate` and `paas config check` say. */
#include <string.h>

#include "cmd/pages.h"
#include "data/problem.h"
#include "ui/text.h"

static const char *
rule_at(size_t i)
{
	return i < RULE_COUNT ? problem_kind((enum problem_rule)i)->name : NULL;
}

static const struct problem_kind *
find_rule(const char *name)
{
	for (size_t i = 0; i < RULE_COUNT; i++)
		if (strcmp(rule_at(i), name) == 0)
			return problem_kind((enum problem_rule)i);
	return NULL;
}

static bool
write_rule(const char *name, size_t columns, struct buf *buf)
{
	const struct problem_kind *kind = find_rule(name);
	if (kind == NULL)
		return false;
	buf_printf(buf, "%s: %s\n\n", kind->name, kind->sentence);
	text_add_wrapped(buf, kind->why, columns, 0);
	buf_add_text(buf, "\n\n");
	text_add_wrapped(buf, kind->remedy, columns, 0);
	buf_add_char(buf, '\n');
	page_add_example(buf, kind->example);
	return true;
}

const struct page_source page_source_rules = {"problem of a file", write_rule, rule_at};

/* Any bytes as the rows of three Tables: counts add up, order holds, and nothing is read beyond. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/deploy/overview_fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { CELLS = 5 };

/* The next cells, one a line; "" when the text is over. */
static const char **
take_cells(char **text, const char *cells[CELLS + 1])
{
	for (size_t i = 0; i <= CELLS; i++) {
		cells[i] = *text;
		*text += strcspn(*text, "\n");
		if (**text == '\n')
			*(*text)++ = '\0';
	}
	return cells;
}

static void
check(const struct overview *overview)
{
	int64_t pods = overview->others, unwell = overview->others_unwell;
	for (size_t i = 0; i < overview->n_apps; i++) {
		const struct overview_app *app = &overview->apps[i];
		pods += app->pods;
		unwell += app->pods_unwell;
		bool is_first = i < overview->n_unwell;
		if (*app->name == '\0' || status_is_unwell(app->state) != is_first || (app->n_samples > 0) != (app->pods_unwell > 0))
			abort();
	}
	if (pods != overview->pods || unwell != overview->pods_unwell)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	scoped(arena_release) struct arena arena = {0};
	struct overview overview = {0};
	struct overview_fold fold = {.arena = &arena, .overview = &overview};
	const char *cells[CELLS + 1];
	char *text = arena_strndup(&arena, (const char *)bytes, length);
	/* A line that says which Table, then its cells; pods only count once all others are there. */
	bool is_indexed = false;
	while (*text != '\0') {
		char which = *text++;
		if (which == 'p' && !is_indexed)
			overview_index(&fold);
		is_indexed |= which == 'p';
		if (which == 'p')
			overview_fold_pod(&fold, take_cells(&text, cells));
		else if (!is_indexed && which == 'd')
			overview_fold_deployment(&fold, take_cells(&text, cells));
		else if (!is_indexed)
			overview_fold_application(&fold, take_cells(&text, cells));
	}
	if (!is_indexed)
		overview_index(&fold);
	overview_judge(&fold);
	check(&overview);
	return 0;
}

#include "cmd/complete_names.h"

#include <string.h>

#include "cmd/command.h"
#include "cmd/pages.h"

static unsigned
add_files(struct candidates *candidates)
{
	(void)candidates; /* the shell knows its files best */
	return 0;
}

static unsigned
add_help_subjects(struct candidates *candidates)
{
	for (size_t i = 0; i < n_commands; i++)
		if (!commands[i]->is_hidden)
			candidates_add(candidates, commands[i]->name, commands[i]->summary);
	for (size_t i = 0; i < n_page_sources; i++) {
		const char *name;
		for (size_t k = 0; (name = page_sources[i]->name_at(k)) != NULL; k++)
			candidates_add(candidates, name, page_sources[i]->kind);
	}
	return COMPLETE_NO_FILE;
}

static const struct {
	const char *kind;
	unsigned (*add)(struct candidates *candidates);
} providers[] = {
	{"file", add_files},
	{"help", add_help_subjects},
};

unsigned
complete_names(const char *kind, struct candidates *candidates)
{
	for (size_t i = 0; i < array_length(providers); i++)
		if (strcmp(providers[i].kind, kind) == 0)
			return providers[i].add(candidates);
	return COMPLETE_NO_FILE;
}

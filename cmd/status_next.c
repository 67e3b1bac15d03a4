#include "cmd/status_next.h"

#include <string.h>

#include "cmd/command.h"
#include "cmd/next_step.h"
#include "data/platform.h"
#include "data/project.h"
#include "ui/output.h"

/* What is wrong comes first: the step of its worst finding, else a look at its log. */
static const char *
step_of_trouble(const char *name, const struct status_row *row, struct arena *arena)
{
	const struct deployment *deployment = row->deployment;
	if (row->state == STATUS_UNKNOWN)
		return *row->trouble.next ? row->trouble.next : "paas doctor";
	if (deployment && deployment->findings.count && *deployment->findings.items[0].next)
		return deployment->findings.items[0].next;
	return arena_printf(arena, "paas logs %s --env %s", name, row->environment->name);
}

static bool
is_another_release(const struct status_row *row, const struct status_row *than)
{
	return row->state == STATUS_ABSENT || strcmp(row->image ? row->image : "", than->image ? than->image : "") != 0;
}

/* What runs in one environment goes to the next; of what was applied without the operator only the image is known there. */
static const char *
step_of_progress(const char *name, const struct status_row *from, const struct status_row *to, struct arena *arena)
{
	if (from->deployment && from->deployment->operator == OPERATOR_DIRECT)
		return arena_printf(arena, "paas deploy --direct --env %s --image %s", to->environment->name, from->image);
	return arena_printf(arena, "paas promote %s --from %s --to %s", name, from->environment->name, to->environment->name);
}

const char *
status_next_command(const char *name, const struct status_row *rows, size_t count, const char *commit,
                    struct arena *arena)
{
	for (size_t i = 0; i < count; i++)
		if (status_is_unwell(rows[i].state) || rows[i].state == STATUS_UNKNOWN)
			return step_of_trouble(name, &rows[i], arena);
	for (size_t i = 0; i < count; i++)
		if (rows[i].state == STATUS_ROLLING)
			return arena_printf(arena, "paas status %s --env %s --watch", name, rows[i].environment->name);
	const char *deployed = count && rows[0].commit ? rows[0].commit : "";
	if (!count || rows[0].state == STATUS_ABSENT || (commit && *deployed && strcmp(commit, deployed)))
		return "paas deploy";
	for (size_t i = 1; i < count; i++)
		if (is_another_release(&rows[i], &rows[i - 1]))
			return step_of_progress(name, &rows[i - 1], &rows[i], arena);
	return arena_printf(arena, "paas logs %s --follow", name);
}

void
status_next(struct session *session, const char *name, const struct status_row *rows, size_t count)
{
	const struct repository *repository;
	struct error ignored;
	const char *commit = session->project->root && project_repository(session->project, &repository, &ignored)
	                     ? repository->commit : NULL;
	const char *next = status_next_command(name, rows, count, commit, session->arena);
	output_note(session->out, "next: %s\n", next);
	next_step_record(next);
}

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

/* What is wrong comes first, a first deploy before going on to the next environment. */
enum urgency { TROUBLE, ROLLING, DEPLOY, PROGRESS, NOTHING };

/* NULL: all of them are well. */
static const char *
step_of_unwell(const struct status_standing *standing, struct arena *arena)
{
	for (size_t i = 0; i < standing->count; i++)
		if (status_is_unwell(standing->rows[i].state) || standing->rows[i].state == STATUS_UNKNOWN)
			return step_of_trouble(standing->name, &standing->rows[i], arena);
	return NULL;
}

/* NULL: nothing is on its way. */
static const char *
step_of_rolling(const struct status_standing *standing, struct arena *arena)
{
	for (size_t i = 0; i < standing->count; i++)
		if (standing->rows[i].state == STATUS_ROLLING)
			return arena_printf(arena, "paas status %s --env %s --watch", standing->name,
			                    standing->rows[i].environment->name);
	return NULL;
}

static bool
is_to_deploy(const struct status_standing *standing, const char *commit)
{
	const struct status_row *first = standing->rows;
	return !standing->count || first->state == STATUS_ABSENT ||
	       (commit && first->commit && *first->commit && strcmp(commit, first->commit));
}

static enum urgency
step_of(const struct status_standing *standing, const char *commit, struct arena *arena, const char **ret)
{
	const struct status_row *rows = standing->rows;
	if ((*ret = step_of_unwell(standing, arena)) != NULL)
		return TROUBLE;
	if ((*ret = step_of_rolling(standing, arena)) != NULL)
		return ROLLING;
	*ret = "paas deploy";
	if (is_to_deploy(standing, commit))
		return DEPLOY;
	for (size_t i = 1; i < standing->count; i++)
		if (is_another_release(&rows[i], &rows[i - 1])) {
			*ret = step_of_progress(standing->name, &rows[i - 1], &rows[i], arena);
			return PROGRESS;
		}
	*ret = arena_printf(arena, "paas logs %s --follow", standing->name);
	return NOTHING;
}

const char *
status_next_command(const struct status_standing *standings, size_t n_standings, const char *commit, struct arena *arena)
{
	const char *next = "paas deploy", *step;
	enum urgency most = NOTHING + 1;
	for (size_t i = 0; i < n_standings; i++) {
		enum urgency urgency = step_of(&standings[i], commit, arena, &step);
		if (urgency >= most)
			continue;
		most = urgency;
		next = step;
	}
	return most == DEPLOY && n_standings > 1 ? "paas deploy --all" : next;
}

void
status_next(struct session *session, const struct status_standing *standings, size_t n_standings)
{
	const struct repository *repository;
	struct error ignored;
	const char *commit = session->project->root && project_repository(session->project, &repository, &ignored)
	                     ? repository->commit : NULL;
	const char *next = status_next_command(standings, n_standings, commit, session->arena);
	output_note(session->out, "next: %s\n", next);
	next_step_record(next);
}

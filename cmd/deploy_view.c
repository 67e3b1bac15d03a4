#include "cmd/deploy_view.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/findings.h"
#include "ui/output.h"
#include "ui/progress.h"

bool
deploy_view_json(struct output *out, const char *type, json_t *object, struct error *err)
{
	char time[CLOCK_TEXT_BYTES];
	json_t *line = json_pack("{s:s, s:s}", "type", type, "time", clock_format(clock_wall_ms(), time));
	json_object_update_missing(line, object);
	json_decref(object);
	return output_json_line(out, line, err);
}

void
deploy_view_begin(struct deploy_view *view, const char *name, struct output *out, struct loop *loop,
                  struct arena *arena)
{
	*view = (struct deploy_view){.name = name, .out = out, .progress = progress_new(out, loop, arena)};
}

void
deploy_view_end(struct deploy_view *view)
{
	progress_end(view->progress);
}

static bool
is_told(struct deploy_view *view, const struct finding *finding)
{
	for (size_t i = 0; i < view->n_told; i++)
		if (!strcmp(view->told[i], finding->key))
			return true;
	if (view->n_told < VIEW_TOLD_MAX)
		error_copy_text(view->told[view->n_told++], sizeof(view->told[0]), finding->key);
	return false;
}

/* Each problem once, the moment it is known, so that a person can stop early. */
static void
tell_findings(struct deploy_view *view, const struct deployment *deployment, struct arena *arena)
{
	for (size_t i = 0; i < deployment->findings.count; i++) {
		const struct finding *finding = &deployment->findings.items[i];
		const char *pods = findings_pods(finding, arena);
		if (!is_told(view, finding))
			progress_say(view->progress, STYLE_CAUTION, "%s%s%s%s", finding->sentence, *pods ? " (" : "", pods,
			             *pods ? ")" : "");
	}
}

static void
tell_notes(struct deploy_view *view, const struct deployment *deployment)
{
	for (; view->n_notes < deployment->n_notes; view->n_notes++)
		progress_say(view->progress, STYLE_FAINT, "%s", deployment->notes[view->n_notes]);
}

static void
draw(struct deploy_view *view, const struct deployment *deployment, struct arena *arena)
{
	const struct rollout_progress *progress = &deployment->progress;
	if (deployment->rollout == ROLLOUT_OLD)
		progress_step(view->progress, "%s", deployment->phase);
	else
		progress_step(view->progress, "%s: %lld of %lld pods ready%s", deployment->phase,
		              (long long)progress->available, (long long)progress->desired,
		              progress->old > 0 ? ", old ones still there" : "");
	progress_clear_rows(view->progress);
	if (*progress->waiting_for)
		progress_add_row(view->progress, STYLE_FAINT, "%s", progress->waiting_for);
	for (size_t i = 0; i < deployment->findings.count; i++)
		progress_add_row(view->progress, STYLE_CAUTION, "%s  %s", deployment->findings.items[i].cause->code,
		                 findings_pods(&deployment->findings.items[i], arena));
}

/* A line a change: what goes by itself (ages, seconds) is no change. */
static void
write_progress(struct deploy_view *view, const struct deployment *deployment)
{
	char line[sizeof(view->last)];
	const struct rollout_progress *progress = &deployment->progress;
	struct error ignored;
	snprintf(line, sizeof(line), "%s %s %lld %lld %lld %lld %zu %s", deployment->phase,
	         operator_word_name(deployment->operator), (long long)progress->updated,
	         (long long)progress->available, (long long)progress->old, (long long)progress->restarts,
	         deployment->n_notes, deployment->findings.count ? deployment->findings.items[0].key : "");
	if (!strcmp(line, view->last) || deployment->outcome != OUTCOME_NONE)
		return;
	memcpy(view->last, line, sizeof(line));
	json_t *now = deployment_to_json(deployment);
	json_object_set_new(now, "name", json_string(view->name));
	if (!deploy_view_json(view->out, "progress", now, &ignored))
		return; /* told once more, and noticed, with the result */
}

void
deploy_view_tick(void *data, const struct deployment *deployment)
{
	struct deploy_view *view = data;
	struct arena arena = {0};
	draw(view, deployment, &arena);
	tell_notes(view, deployment);
	tell_findings(view, deployment, &arena);
	if (output_is_json(view->out))
		write_progress(view, deployment);
	arena_release(&arena);
}

#include "cmd/deploy_pipeline.h"

#include <stdio.h>
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/deploy_view.h"
#include "core/deploy/pipeline.h"
#include "data/json.h"
#include "data/platform.h"
#include "role/cluster.h"
#include "ui/ci.h"
#include "ui/output.h"
#include "ui/progress.h"

enum { RUNS_MAX = 20, LIMIT_MS = 30 * 60 * 1000, WORDS_MAX = 120 };

struct deploy_pipeline {
	struct cd *cd;
	struct cd_pipeline pipeline;
	const char *correlation_id, *run_id; /* run_id NULL: nothing was started */
	enum pipeline_end end;
	struct cd_run run;                   /* as looked at last; id NULL: never */
	const char *author;
};

/* ---- before ---- */

static const char *
author_of(const struct deploy_job *job)
{
	const char *author = NULL;
	struct error ignored;
	return kubernetes_who_am_i(job->cluster->kubernetes, job->session->arena, &author, &ignored) ? author : NULL;
}

static json_t *
parameters_of(const struct deploy_job *job)
{
	return pipeline_parameters(&job->release, job->submission.deployment_id, job->pipeline->author);
}

/* Who asks nobody must not be used where somebody has to be asked. */
static bool
check_approval(const struct deploy_job *job, struct error *err)
{
	const struct platform_environment *environment = job->release.environment;
	if (environment->needs == NULL || job->pipeline->pipeline.needs_approval || job->session->assume_yes || job->choice->dry_run)
		return true;
	error_put(err, ERROR_CONFLICT, "environment %s needs %s, and the pipeline %s asks nobody", environment->name,
	          environment->needs, job->pipeline->pipeline.name);
	return error_next(err, "have a manual judgment put into it, or have it approved and say so with --yes");
}

static bool
check(struct deploy_job *job, struct error *err)
{
	struct deploy_pipeline *pipeline = job->pipeline;
	struct arena *arena = job->session->arena;
	scoped(json_release) json_t *parameters = parameters_of(job);
	if (!cd_find_pipeline(pipeline->cd, job->release.name, job->release.environment, arena, &pipeline->pipeline, err) ||
	    !cd_check_pipeline(pipeline->cd, &pipeline->pipeline, parameters, pipeline_needed, arena, err) ||
	    !check_approval(job, err))
		return false;
	if (!cd_reads_parameter(pipeline->cd, &pipeline->pipeline, "config", arena))
		output_warn(job->session->out, "pipeline %s takes its settings from elsewhere: %s is checked, but not what is deployed",
		            pipeline->pipeline.name, job->release.spec_file);
	return true;
}

bool
deploy_pipeline_prepare(struct deploy_job *job, struct error *err)
{
	struct session *session = job->session;
	struct cd *cd;
	if (!cd_open(session->http, session->platform, session->arena, &cd, err))
		return false;
	if (!cd_has_pipelines(cd)) {
		cd_close(&cd);
		return true;
	}
	job->pipeline = arena_new(session->arena, struct deploy_pipeline);
	job->pipeline->cd = cd;
	job->pipeline->author = author_of(job);
	job->submission.started_ms = kubernetes_server_time_ms(job->cluster->kubernetes);
	job->submission.deployment_id = submit_new_id(job->submission.started_ms, session->arena);
	const char *salt = job->choice->force ? job->submission.deployment_id : "";
	job->pipeline->correlation_id = pipeline_correlation(&job->release, salt, session->arena);
	return check(job, err);
}

/* ---- starting ---- */

static bool
refuse_other(const struct deploy_job *job, const struct cd_run *run, struct error *err)
{
	char age[CLOCK_TEXT_BYTES];
	clock_format_age(clock_wall_ms() - run->built_ms, age);
	error_put(err, ERROR_CONFLICT, "pipeline %s already runs for %s, started%s%s %s ago (%s)", run->pipeline,
	          *run->image != '\0' ? run->image : "another release", *run->user != '\0' ? " by " : "", run->user, age,
	          cd_state_name(run->state));
	return error_next(err, "look at it with paas status %s --env %s, end it with paas cancel %s, or queue behind it with --force",
	                  job->release.name, job->release.environment->name, run->id);
}

bool
deploy_pipeline_join(struct deploy_job *job, bool *ret_joined, struct error *err)
{
	struct deploy_pipeline *pipeline = job->pipeline;
	const struct cd_query query = {.application = job->release.name, .pipeline = pipeline->pipeline.name, .is_running = true,
	                               .limit = RUNS_MAX};
	struct cd_run *runs;
	size_t count;
	bool is_fine = true;
	*ret_joined = false;
	if (job->choice->force)
		return true;
	if (!cd_list(pipeline->cd, &query, job->session->arena, &runs, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		bool is_ours = pipeline_is_same_release(pipeline->correlation_id, runs[i].correlation_id);
		if (is_ours && !*ret_joined) {
			*ret_joined = true;
			pipeline->run_id = arena_strdup(job->session->arena, runs[i].id);
			if (*runs[i].deployment_id != '\0')
				job->submission.deployment_id = arena_strdup(job->session->arena, runs[i].deployment_id);
			if (runs[i].built_ms > 0)
				job->submission.started_ms = runs[i].built_ms;
		} else if (!is_ours && is_fine) {
			is_fine = refuse_other(job, &runs[i], err);
		}
	}
	for (size_t i = 0; i < count; i++)
		cd_run_release(&runs[i]);
	return is_fine || *ret_joined;
}

bool
deploy_pipeline_runs(const struct deploy_job *job)
{
	return job->pipeline != NULL && job->pipeline->run_id != NULL;
}

bool
deploy_pipeline_start(struct deploy_job *job, struct error *err)
{
	struct deploy_pipeline *pipeline = job->pipeline;
	scoped(json_release) json_t *parameters = parameters_of(job);
	return job->choice->dry_run || cd_start(pipeline->cd, &pipeline->pipeline, parameters, pipeline->correlation_id,
	                                        job->session->arena, &pipeline->run_id, err);
}

/* ---- following ---- */

struct view {
	const struct deploy_job *job;
	struct progress *progress;
	char last[WORDS_MAX * 2]; /* told last: what is the same is no news */
	bool is_lost, has_told_url;
	size_t n_cautions;        /* steps that failed without an end, said */
};

static const struct cd_step *
current_step(const struct cd_run *run)
{
	const struct cd_step *current = NULL;
	for (size_t i = 0; i < run->n_steps; i++) {
		bool is_active = run->steps[i].state == CD_RUNNING || run->steps[i].state == CD_NEEDS_APPROVAL ||
		                 run->steps[i].state == CD_PAUSED || run->steps[i].state == CD_OTHER;
		if (is_active && (current == NULL || run->steps[i].depth > current->depth))
			current = &run->steps[i];
	}
	return current;
}

static const char *
headline(const struct view *view, const struct cd_run *run, struct arena *arena)
{
	const struct release *release = &view->job->release;
	const struct cd_step *step = current_step(run);
	const char *judges = step != NULL ? cd_step_judges(step, arena) : "";
	if (run->state == CD_QUEUED)
		return arena_printf(arena, "pipeline %s is queued", run->pipeline);
	if (run->state == CD_NEEDS_APPROVAL && step != NULL)
		return arena_printf(arena, "waiting for approval%s%s (paas approve %s --env %s): %s", *judges != '\0' ? " by " : "", judges,
		                    release->name, release->environment->name,
		                    *step->instructions != '\0' ? step->instructions : step->name);
	if (step == NULL)
		return arena_printf(arena, "pipeline %s: %s", run->pipeline, cd_state_name(run->state));
	return arena_printf(arena, "pipeline %s: %s%s%s", run->pipeline, step->name, *step->doing != '\0' ? ", " : "", step->doing);
}

static void
add_row(struct view *view, const struct cd_step *step)
{
	char took[CLOCK_TEXT_BYTES] = "";
	int64_t end_ms = step->ended_ms > 0 ? step->ended_ms : clock_wall_ms();
	if (step->started_ms > 0)
		clock_format_duration(end_ms > step->started_ms ? end_ms - step->started_ms : 0, took);
	enum style style = cd_is_bad(step->state) ? STYLE_BAD : step->state == CD_SUCCEEDED ? STYLE_GOOD : STYLE_FAINT;
	progress_add_row(view->progress, style, "%*s%s  %s%s%s", 2 * (int)step->depth, "", step->name,
	                 cd_state_name(step->state), *took != '\0' ? "  " : "", took);
}

static void
draw(struct view *view, const struct cd_run *run)
{
	scoped(arena_release) struct arena arena = {0};
	progress_step(view->progress, "%s", headline(view, run, &arena));
	progress_clear_rows(view->progress);
	for (size_t i = 0; i < run->n_steps; i++)
		if (run->steps[i].depth == 0 || *run->steps[i].run_id != '\0')
			add_row(view, &run->steps[i]);
}

/* A step that failed and ends nothing: told when it is seen, as it may be all that is wrong. */
static void
say_failed_on(struct view *view, const struct cd_run *run)
{
	size_t count = 0;
	for (size_t i = 0; i < run->n_steps; i++) {
		if (run->steps[i].depth > 0 || (run->steps[i].state != CD_FAILED_ON && run->steps[i].state != CD_STOPPED))
			continue;
		if (count++ >= view->n_cautions)
			progress_say(view->progress, STYLE_CAUTION, "%s %s (%s)", run->steps[i].name,
			             run->steps[i].state == CD_STOPPED ? "stopped its branch" : "failed, and the pipeline goes on",
			             run->steps[i].word);
	}
	view->n_cautions = count;
}

static void
write_news(struct view *view, const struct cd_run *run)
{
	const struct cd_step *step = current_step(run);
	char words[sizeof view->last];
	struct error ignored;
	snprintf(words, sizeof words, "%s %.*s %.*s", cd_state_name(run->state), WORDS_MAX - 20, step != NULL ? step->id : "",
	         WORDS_MAX - 20, step != NULL ? step->doing : "");
	if (strcmp(words, view->last) == 0)
		return;
	memcpy(view->last, words, sizeof words);
	json_t *line = pipeline_run_to_json(run);
	json_object_set_new(line, "name", json_string(view->job->release.name));
	(void)!deploy_view_json(view->job->session->out, "pipeline", line, &ignored);
}

static void
told(void *data, const struct cd_run *run, const struct error *trouble)
{
	struct view *view = data;
	if (run == NULL) {
		if (!view->is_lost)
			progress_say(view->progress, STYLE_CAUTION, "the pipeline cannot be looked at: %s; trying on", trouble->why);
		view->is_lost = true;
		return;
	}
	view->is_lost = false;
	if (!view->has_told_url)
		progress_say(view->progress, STYLE_FAINT, "pipeline %s runs: %s", run->pipeline, run->url);
	view->has_told_url = true;
	say_failed_on(view, run);
	if (output_is_json(view->job->session->out))
		write_news(view, run);
	else
		draw(view, run);
}

static bool
follow(struct deploy_job *job, bool is_deployed, struct error *err)
{
	struct session *session = job->session;
	struct deploy_pipeline *pipeline = job->pipeline;
	struct view view = {.job = job, .progress = progress_new(session->out, session->loop, session->arena),
	                    .has_told_url = is_deployed};
	const struct pipeline_watch watch = {
		.loop = session->loop, .cd = pipeline->cd, .run_id = pipeline->run_id, .name = job->release.name,
		.namespace = job->release.namespace, .is_deployed = is_deployed,
		.waits_for_person = job->choice->waits || (session->can_prompt && !session->in_ci),
		.limit_ms = job->choice->timeout_ms > 0 ? job->choice->timeout_ms : LIMIT_MS, .told = told, .data = &view};
	cd_run_release(&pipeline->run);
	bool is_fine = pipeline_follow(&watch, session->arena, &pipeline->end, &pipeline->run, err);
	progress_end(view.progress);
	return is_fine;
}

bool
deploy_pipeline_follow(struct deploy_job *job, bool *ret_deployed, struct error *err)
{
	struct deploy_pipeline *pipeline = job->pipeline;
	ci_group_begin(job->session->out, arena_printf(job->session->arena, "pipeline %s of %s", pipeline->pipeline.name,
	                                               job->release.name));
	bool is_fine = follow(job, false, err);
	ci_group_end(job->session->out);
	if (!is_fine) {
		if (err->code == ERROR_INTERRUPTED)
			error_put(err, ERROR_INTERRUPTED, "the pipeline %s goes on", pipeline->pipeline.name);
		return error_next(err, "paas status %s --env %s", job->release.name, job->release.environment->name);
	}
	*ret_deployed = pipeline->end == PIPELINE_DEPLOYED;
	const struct cd_step *step = cd_run_deployed(&pipeline->run, job->release.name, job->release.namespace);
	if (step != NULL && *step->deployed.deployment_id != '\0')
		job->submission.deployment_id = arena_strdup(job->session->arena, step->deployed.deployment_id);
	return true;
}

bool
deploy_pipeline_finish(struct deploy_job *job, struct error *err)
{
	return cd_is_over(job->pipeline->run.state) || follow(job, true, err);
}

/* ---- the outcome ---- */

static bool
put_waits(const struct deploy_job *job, struct error *failure)
{
	const struct cd_run *run = &job->pipeline->run;
	const struct cd_step *step = cd_run_approval(run);
	const char *judges = step != NULL ? cd_step_judges(step, job->session->arena) : "";
	error_put(failure, ERROR_CONFLICT, "it waits for approval in %s%s%s; pipeline %s asks: %s", job->release.environment->name,
	          *judges != '\0' ? " by " : "", judges, run->pipeline,
	          step == NULL ? "" : *step->instructions != '\0' ? step->instructions : step->name);
	return error_next(failure, "paas approve %s --env %s", job->release.name, job->release.environment->name);
}

bool
deploy_pipeline_judge(const struct deploy_job *job, struct error *failure)
{
	const struct deploy_pipeline *pipeline = job->pipeline;
	if (pipeline->run.id == NULL)
		return true;
	if (pipeline_put_failure(pipeline->cd, &pipeline->run, job->release.name, job->release.namespace, job->session->arena, failure))
		return false;
	if (job->follow != NULL)
		return true;
	if (pipeline->end == PIPELINE_WAITS)
		return put_waits(job, failure);
	if (pipeline->end == PIPELINE_OVER)
		return true;
	error_put(failure, ERROR_TIMED_OUT, "pipeline %s has not come to %s within the time", pipeline->run.pipeline,
	          job->release.environment->name);
	return error_next(failure, "paas status %s --env %s", job->release.name, job->release.environment->name);
}

void
deploy_pipeline_say_cautions(const struct deploy_job *job)
{
	struct output *out = job->session->out;
	const struct cd_run *run = &job->pipeline->run;
	const char *caution = run->id != NULL ? pipeline_caution(run, job->session->arena) : NULL;
	const struct cd_step *step = run->id != NULL ? cd_run_approval(run) : NULL;
	if (caution != NULL)
		output_warn(out, "%s", caution);
	if (step != NULL)
		output_note(out, "pipeline %s goes on when a person has decided: paas approve %s\n", run->pipeline, run->id);
}

bool
deploy_pipeline_waits(const struct deploy_job *job)
{
	return job->pipeline != NULL && job->follow == NULL && job->pipeline->end == PIPELINE_WAITS;
}

const char *
deploy_pipeline_url(const struct deploy_job *job)
{
	return job->pipeline != NULL && job->pipeline->run.id != NULL ? job->pipeline->run.url : NULL;
}

json_t *
deploy_pipeline_to_json(const struct deploy_job *job)
{
	bool is_known = job->pipeline != NULL && job->pipeline->run.id != NULL;
	return is_known ? pipeline_run_to_json(&job->pipeline->run) : NULL;
}

void
deploy_pipeline_release(struct deploy_job *job)
{
	if (job->pipeline == NULL)
		return;
	cd_run_release(&job->pipeline->run);
	cd_close(&job->pipeline->cd);
}

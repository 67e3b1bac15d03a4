#include "cmd/deploy_all.h"

#include "cmd/command.h"
#include "cmd/deploy_ci.h"
#include "cmd/deploy_view.h"
#include "cmd/gravest.h"
#include "data/error_json.h"
#include "data/platform.h"
#include "data/project.h"
#include "ui/output.h"

struct several {
	struct session *session;
	struct deploy_job *jobs;
	struct error *failures; /* one a job; code ERROR_NONE: none */
	size_t count;
};

static bool
fail(struct several *several, size_t i, const struct error *failure)
{
	several->failures[i] = *failure;
	output_failure(several->session->out, failure);
	return false;
}

static size_t
count_failures(const struct several *several)
{
	return error_count(several->failures, several->count);
}

static bool
is_stopped(const struct several *several)
{
	const struct error *worst = error_gravest(several->failures, several->count);
	return worst && (worst->code == ERROR_INTERRUPTED || worst->code == ERROR_TERMINATED);
}

/* ---- the three steps ---- */

static bool
prepare_all(struct several *several)
{
	for (size_t i = 0; i < several->count && !is_stopped(several); i++) {
		struct error failure;
		if (deploy_job_prepare(&several->jobs[i], &failure))
			continue;
		deploy_job_tell_refusal(&several->jobs[i], &failure);
		fail(several, i, &failure);
	}
	return count_failures(several) == 0;
}

static void
hand_over_all(struct several *several)
{
	for (size_t i = 0; i < several->count && !is_stopped(several); i++) {
		struct error failure;
		if (deploy_job_hand_over(&several->jobs[i], &failure)) {
			deploy_job_announce(&several->jobs[i]);
			continue;
		}
		deploy_job_tell_refusal(&several->jobs[i], &failure);
		fail(several, i, &failure);
	}
}

static void
end_all(struct several *several)
{
	for (size_t i = 0; i < several->count && !is_stopped(several); i++) {
		struct deploy_job *job = &several->jobs[i];
		struct error failure;
		if (several->failures[i].code)
			continue;
		bool is_followed = !job->choice->detach && !job->choice->dry_run;
		bool is_fine = is_followed ? deploy_job_follow(job, &failure) && deploy_job_conclude(job, &failure)
		                           : deploy_job_say_started(job, &failure);
		if (!is_fine)
			fail(several, i, &failure);
	}
}

/* ---- the outcome of all ---- */

static json_t *
jobs_to_json(const struct several *several)
{
	json_t *list = json_array();
	for (size_t i = 0; i < several->count; i++) {
		const struct deploy_job *job = &several->jobs[i];
		json_array_append_new(list, json_pack("{s:s, s:s?, s:s?, s:o}", "name", job->application, "outcome", job->outcome,
		                                      "deployment_id", job->submission.deployment_id, "error",
		                                      error_to_json(&several->failures[i])));
	}
	return list;
}

static bool
tell_all(const struct several *several, const char *outcome, const struct error *failure, struct error *err)
{
	struct output *out = several->session->out;
	deploy_ci_several(out, outcome, failure ? error_kind(failure->code)->name : NULL);
	if (!output_is_json(out))
		return true;
	json_t *result = json_pack("{s:s, s:o}", "outcome", outcome, "applications", jobs_to_json(several));
	if (failure)
		json_object_set_new(result, "error", error_to_json(failure));
	return deploy_view_json(out, "result", result, err);
}

static bool
conclude_all(const struct several *several, struct error *err)
{
	const struct error *worst = error_gravest(several->failures, several->count);
	const struct deploy_choice *choice = several->jobs[0].choice;
	struct error failure, late;
	if (!worst)
		return tell_all(several, choice->dry_run ? "dry-run" : choice->detach ? "started" : "succeeded", NULL, err);
	error_put(&failure, worst->code, "%zu of %zu applications failed", count_failures(several), several->count);
	error_put_doing(&failure, "deploying all of %s", several->session->project->file);
	error_put_next(&failure, "%s", worst->next);
	(void)!tell_all(several, "failed", &failure, &late);
	*err = failure;
	return false;
}

static bool
find_apps(struct session *session, const struct deploy_choice *choice, struct several *ret, struct error *err)
{
	const struct project *project = session->project;
	*ret = (struct several){.session = session, .count = project->n_apps};
	if (!project_has_apps(project, err))
		return false;
	ret->jobs = arena_array(session->arena, struct deploy_job, ret->count);
	ret->failures = arena_array(session->arena, struct error, ret->count);
	for (size_t i = 0; i < ret->count; i++) {
		ret->jobs[i] = (struct deploy_job){.session = session, .choice = choice,
		                                   .application = project->apps[i].name};
		ret->failures[i].code = ERROR_NONE;
	}
	return true;
}

bool
deploy_all(struct session *session, struct deploy_choice *choice, struct error *err)
{
	struct several several;
	choice->is_one_of_several = true;
	if (!find_apps(session, choice, &several, err))
		return false;
	if (prepare_all(&several)) {
		hand_over_all(&several);
		end_all(&several);
	}
	bool is_fine = conclude_all(&several, err);
	for (size_t i = 0; i < several.count; i++)
		deploy_job_release(&several.jobs[i]);
	return is_fine;
}

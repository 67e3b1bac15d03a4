#include "cmd/deploy_direct.h"

#include "api/kubernetes/client.h"
#include "cmd/command.h"
#include "role/cluster.h"
#include "ui/output.h"

bool
deploy_direct_look(struct deploy_job *job, struct standing *ret, struct error *err)
{
	struct direct direct;
	if (!direct_look(job->cluster->kubernetes, &job->release, job->session->arena, &direct, err))
		return false;
	if (job->direct)
		direct_release(job->direct);
	else
		job->direct = arena_new(job->session->arena, struct direct);
	*job->direct = direct;
	*ret = direct.standing;
	json_incref(ret->application);
	return true;
}

bool
deploy_direct_hand_over(struct deploy_job *job, enum submit_plan plan, bool *ret_overtaken, struct error *err)
{
	const struct deploy_choice *choice = job->choice;
	struct submission submission = {0};
	bool is_fine = direct_rehearse(job->direct, plan, choice->force, err);
	if (is_fine && choice->dry_run)
		submission = (struct submission){.deployment_id = job->direct->deployment_id,
		                                 .started_ms = job->direct->started_ms};
	else if (is_fine)
		is_fine = direct_apply(job->direct, choice->force, &submission, err);
	job->submission = submission;
	*ret_overtaken = submission.is_overtaken;
	return is_fine;
}

/* "  created   Service shop", in accessible mode "created: Service shop"; of the job. */
static const char *
row_text(const struct deploy_job *job, int width, const char *word, const struct direct_object *object)
{
	struct arena *arena = job->session->arena;
	const char *kind = object->resource->kind;
	return output_is_accessible(job->session->out) ? arena_printf(arena, "%s: %s %s", word, kind, object->name)
	                                               : arena_printf(arena, "  %-*s %s %s", width, word, kind, object->name);
}

void
deploy_direct_say(const struct deploy_job *job)
{
	static const char *const wanted[] = {"create", "change", "keep", "prune"};
	struct output *out = job->session->out;
	bool is_dry_run = job->choice->dry_run;
	for (size_t i = 0; i < job->direct->count; i++) {
		const struct direct_object *object = &job->direct->objects[i];
		if (is_dry_run)
			output_print(out, "%s\n", row_text(job, 7, wanted[object->change], object));
		else if (object->intent)
			output_note(out, "%s\n", row_text(job, 9, direct_change_name(object->change), object));
	}
}

bool
deploy_direct_prune(struct deploy_job *job, struct error *err)
{
	struct output *out = job->session->out;
	if (!direct_prune(job->direct, err))
		return false;
	for (size_t i = 0; i < job->direct->count; i++)
		if (!job->direct->objects[i].intent)
			output_note(out, "%s\n", row_text(job, 9, direct_change_name(DIRECT_PRUNED), &job->direct->objects[i]));
	return true;
}

void
deploy_direct_say_left(const struct deploy_job *job)
{
	size_t count = direct_count_pruned(job->direct);
	if (count)
		output_note(job->session->out, "%zu object%s that the release has no more stay%s until a deploy is followed to its "
		            "end", count, count == 1 ? "" : "s", count == 1 ? "s" : "");
}

#include "cmd/deploy_job.h"

#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "base/fiber.h"
#include "cmd/command.h"
#include "cmd/deploy_direct.h"
#include "cmd/deploy_view.h"
#include "core/deploy/watch.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/repository.h"
#include "data/settings.h"
#include "role/cluster.h"
#include "ui/ci.h"
#include "ui/output.h"
#include "ui/progress.h"

enum { COMMITS_MAX = 20 };

/* ---- before ---- */

static bool
check_platform(const struct deploy_job *job, struct error *err)
{
	const struct session *session = job->session;
	const struct release *release = &job->release;
	const char *provider = session->platform->cd.provider;
	if (provider && strcmp(provider, "fiaas"))
		return error_set(err, ERROR_INVALID_FILE, "%s: cd.provider is %s; this version deploys with fiaas only",
		                 session->platform->path, provider);
	if (release->environment->needs && !session->assume_yes && !job->choice->dry_run) {
		error_put(err, ERROR_CONFLICT, "environment %s needs %s", release->environment->name,
		          release->environment->needs);
		return error_next(err, "have it approved, then say so with --yes");
	}
	return true;
}

static void
say_tree(const struct deploy_job *job)
{
	const struct release *release = &job->release;
	struct output *out = job->session->out;
	if (release->n_changed)
		output_warn(out, "%zu changed file%s not committed: the image cannot have %s", release->n_changed,
		            release->n_changed == 1 ? " is" : "s are", release->n_changed == 1 ? "it" : "them");
	if (release->n_unpushed)
		output_warn(out, "%zu commit%s not pushed: no build can have %s", release->n_unpushed,
		            release->n_unpushed == 1 ? " is" : "s are", release->n_unpushed == 1 ? "it" : "them");
}

/* Without the digest one can still deploy; without the image one cannot. */
static bool
resolve(struct deploy_job *job, struct error *err)
{
	struct session *session = job->session;
	struct error failure;
	if (release_resolve(&job->release, session->http, session->platform, session->arena, &failure))
		return true;
	if (failure.code == ERROR_NOT_FOUND || failure.code == ERROR_USAGE || failure.code == ERROR_INTERRUPTED) {
		*err = failure;
		return false;
	}
	output_warn(session->out, "the registry does not tell the digest of %s, so nobody can tell whether the tag moves: %s",
	            job->release.image, failure.why);
	return true;
}

static void
say_problem(const struct deploy_job *job, const struct problem *problem)
{
	struct output *out = job->session->out;
	const char *text = problem_format(problem, job->session->arena);
	const char *fix = problem->fix ? problem->fix : "";
	if (problem->severity == PROBLEM_ERROR)
		output_note(out, *fix ? "%s\n  fix: %s\n" : "%s%s\n", text, fix);
	else if (problem->severity == PROBLEM_WARNING)
		output_warn(out, "%s:%u:%u: %s%s%s", problem->file, problem->line, problem->column, problem->message,
		            *fix ? "; fix: " : "", fix);
}

/* Of the file.  Errors stop the deploy: JSON tells all of them in a line of their own. */
static bool
say_problems(const struct deploy_job *job, struct error *err)
{
	const struct problems *problems = &job->release.problems;
	for (size_t i = 0; i < problems->count; i++)
		say_problem(job, &problems->items[i]);
	if (!problems->n_errors || !output_is_json(job->session->out))
		return true;
	json_t *list = json_array();
	for (size_t i = 0; i < problems->count; i++)
		json_array_append_new(list, problem_to_json(&problems->items[i]));
	return deploy_view_json(job->session->out, "problems", json_pack("{s:s, s:o}", "name", job->release.name, "problems",
	                                                          list), err);
}

static bool
find_release(struct deploy_job *job, const struct release_request *request, struct error *err)
{
	struct error late;
	bool is_found = release_find(request, job->session->arena, &job->release, err);
	return say_problems(job, is_found ? err : &late) && is_found;
}

static bool
read_standing(struct deploy_job *job, struct standing *ret, struct error *err)
{
	const struct release *release = &job->release;
	if (job->choice->direct)
		return deploy_direct_look(job, ret, err);
	if (standing_read(job->cluster->kubernetes, release->namespace, release->name, job->session->arena, ret, err))
		return true;
	if (err->code == ERROR_NOT_FOUND)
		error_put_next(err, "paas deploy --env %s --direct", release->environment->name);
	return false;
}

bool
deploy_job_prepare(struct deploy_job *job, struct error *err)
{
	struct session *session = job->session;
	struct release_request request = {.platform = session->platform, .project = session->project,
	                                  .settings = session->settings, .file = job->choice->file,
	                                  .application = job->application};
	if (!find_release(job, &request, err) || !check_platform(job, err))
		return false;
	say_tree(job);
	return resolve(job, err) &&
	       cluster_open(session->http, job->release.environment->cluster, session->arena, &job->cluster, err) &&
	       read_standing(job, &job->standing, err);
}

/* ---- what ships ---- */

/* What ships, when the commit that runs there and ours are both known here. */
static void
find_commits(struct deploy_job *job)
{
	struct error ignored;
	const char *from = job->standing.commit, *to = job->release.commit;
	if (!job->session->project->root || !*from || !to ||
	    !repository_commits(job->session->project->root, from, to, COMMITS_MAX, job->session->arena, &job->commits,
	                        &job->n_commits, &ignored))
		job->n_commits = 0;
}

static void
say_commits(const struct deploy_job *job)
{
	struct output *out = job->session->out;
	for (size_t i = 0; i < job->n_commits; i++)
		output_note(out, "  %.8s %s\n", job->commits[i].commit, job->commits[i].title ? job->commits[i].title : "");
	if (job->n_commits == COMMITS_MAX)
		output_note(out, "  … and older ones\n");
}

static json_t *
commits_to_json(const struct deploy_job *job)
{
	json_t *list = json_array();
	for (size_t i = 0; i < job->n_commits; i++)
		json_array_append_new(list, json_pack("{s:s, s:s?}", "commit", job->commits[i].commit, "title",
		                                      job->commits[i].title));
	return list;
}

bool
deploy_job_runs_already(const struct deploy_job *job)
{
	return job->is_joined && !job->standing.is_under_way && !(job->direct && direct_count_changes(job->direct));
}

static bool
say_release(const struct deploy_job *job, struct error *err)
{
	const struct release *release = &job->release;
	struct output *out = job->session->out;
	if (output_is_json(out))
		return deploy_view_json(
			out, "release",
			json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:s, s:b, s:b, s:s?, s:o, s:o*}", "name", release->name,
		                  "environment", release->environment->name, "namespace", release->namespace, "image",
		                  release->image, "digest", release->digest, "commit", release->commit, "deployment_id",
		                  job->submission.deployment_id, "joined", job->is_joined, "dry_run", job->choice->dry_run,
		                  "previous_image", *job->standing.image ? job->standing.image : NULL,
		                  "commits", commits_to_json(job), "objects",
		                  job->direct ? direct_to_json(job->direct) : NULL), err);
	if (!job->choice->dry_run && !deploy_job_runs_already(job))
		output_note(out, "%s %s to %s (namespace %s): deployment %s\n", job->is_joined ? "following" : "deploying",
		            release->image, release->environment->name, release->namespace, job->submission.deployment_id);
	if (job->direct && !job->choice->dry_run && !deploy_job_runs_already(job))
		deploy_direct_say(job);
	say_commits(job);
	return true;
}

/* ---- after somebody else ---- */

enum { LOOK_AGAIN_MS = 2000, WAIT_LIMIT_MS = 30 * 60 * 1000, OVERTAKEN_MAX = 5 };

/* Whether somebody wrote the Application since we looked. */
static bool
look_again(struct deploy_job *job, bool *ret_moved, struct error *err)
{
	struct standing now;
	if (!read_standing(job, &now, err))
		return false;
	*ret_moved = strcmp(standing_version(&now), standing_version(&job->standing)) != 0;
	standing_release(&job->standing);
	job->standing = now;
	return true;
}

static bool
has_waited_enough(const struct deploy_job *job, int64_t since_ms, struct error *err)
{
	char limit[CLOCK_TEXT_BYTES];
	int64_t limit_ms = job->choice->timeout_ms > 0 ? job->choice->timeout_ms : WAIT_LIMIT_MS;
	if (clock_monotonic_ms() - since_ms < limit_ms)
		return false;
	error_put(err, ERROR_TIMED_OUT, "deployment %s is still under way after %s; ours has not begun",
	          job->standing.deployment_id, clock_format_duration(limit_ms, limit));
	error_put_next(err, "paas status %s --env %s", job->release.name, job->release.environment->name);
	return true;
}

/* A cluster that is out of reach for a moment ends no wait. */
static bool
wait_a_turn(struct deploy_job *job, struct error *err)
{
	struct error failure;
	bool has_moved;
	if (!fiber_sleep(job->session->loop, LOOK_AGAIN_MS))
		return error_set(err, ERROR_INTERRUPTED, "nothing was changed");
	if (look_again(job, &has_moved, &failure) || failure.retryable)
		return true;
	*err = failure;
	return false;
}

static bool
wait_for_others(struct deploy_job *job, struct error *err)
{
	struct session *session = job->session;
	int64_t since_ms = clock_monotonic_ms();
	struct progress *progress = progress_new(session->out, session->loop, session->arena);
	bool goes_on = true;
	while (goes_on && job->standing.is_under_way) {
		progress_step(progress, "waiting for deployment %s of %s%s%s", job->standing.deployment_id,
		              job->standing.image, *job->standing.author ? " by " : "", job->standing.author);
		goes_on = !has_waited_enough(job, since_ms, err) && wait_a_turn(job, err);
	}
	progress_end(progress);
	return goes_on;
}

/* ---- handing it over ---- */

static bool
decide(struct deploy_job *job, enum submit_plan *ret, struct error *err)
{
	struct kubernetes *kubernetes = job->cluster->kubernetes;
	const struct deploy_choice *choice = job->choice;
	for (;;) {
		bool is_under_way = job->standing.is_under_way;
		int64_t now_ms = kubernetes_server_time_ms(kubernetes);
		if (job->direct ? direct_decide(job->direct, now_ms, choice->force, ret, err)
		                : submit_decide(&job->release, &job->standing, now_ms, choice->force, ret, err))
			return true;
		if (!choice->waits || !is_under_way || choice->dry_run || !wait_for_others(job, err))
			return false;
	}
}

/* The Application is the lock: what was decided holds for the one that was looked at. */
static bool
submit_once(struct deploy_job *job, bool *ret_overtaken, struct error *err)
{
	const struct deploy_choice *choice = job->choice;
	struct error failure;
	bool has_moved = false;
	if (submit(job->cluster->kubernetes, &job->release, &job->standing, choice->force, choice->dry_run,
	           job->session->arena, &job->submission, &failure))
		return true;
	if (job->submission.is_overtaken && !look_again(job, &has_moved, err))
		return false;
	if (has_moved && !strcmp(job->standing.deployment_id, job->submission.deployment_id))
		return true; /* our own, and its answer was lost */
	*ret_overtaken = has_moved;
	*err = failure;
	return false;
}

static bool
try_to_hand_over(struct deploy_job *job, bool *ret_overtaken, struct error *err)
{
	enum submit_plan plan;
	*ret_overtaken = false;
	if (!decide(job, &plan, err))
		return false;
	job->is_joined = plan == SUBMIT_JOIN;
	if (job->is_joined && job->direct)
		return deploy_direct_hand_over(job, plan, ret_overtaken, err);
	if (job->is_joined) {
		job->submission = (struct submission){.deployment_id = job->standing.deployment_id,
		                                      .started_ms = job->standing.deployed_ms};
		return true;
	}
	find_commits(job);
	job->previous_id = *job->standing.deployment_id ? arena_strdup(job->session->arena, job->standing.deployment_id)
	                                                : NULL;
	return job->direct ? deploy_direct_hand_over(job, plan, ret_overtaken, err) : submit_once(job, ret_overtaken, err);
}

bool
deploy_job_hand_over(struct deploy_job *job, struct error *err)
{
	bool is_overtaken = true;
	for (int attempt = 0; attempt < OVERTAKEN_MAX && is_overtaken; attempt++) {
		bool has_moved;
		if (try_to_hand_over(job, &is_overtaken, err))
			return say_release(job, err);
		if (is_overtaken && job->direct && !look_again(job, &has_moved, err))
			return false;
	}
	return false;
}

/* ---- following ---- */

bool
deploy_job_follow(struct deploy_job *job, struct error *err)
{
	struct session *session = job->session;
	int64_t server_ms = kubernetes_server_time_ms(job->cluster->kubernetes);
	struct deploy_view view;
	struct follow_plan plan = {
		.name = job->release.name,
		.environment = job->release.environment->name,
		.deployment_id = job->submission.deployment_id,
		.previous_id = job->previous_id,
		.system = arena_printf(session->arena, "kubernetes %s", job->cluster->name),
		.image_is_resolved = job->release.digest != NULL,
		.started_ms = job->submission.started_ms >= 0 ? job->submission.started_ms : server_ms,
		.watched_ms = server_ms,
		.limit_ms = job->choice->timeout_ms,
		.operator_limit_ms = job->direct ? 0 : job->release.operator_limit_ms,
		.is_direct = job->direct != NULL,
		.settle_ms = job->choice->settle_ms,
	};
	struct watch_request request = {.loop = session->loop, .kubernetes = job->cluster->kubernetes,
	                                .namespace = job->release.namespace, .name = job->release.name,
	                                .is_direct = job->direct != NULL, .server_ms = server_ms, .told = deploy_view_tick, .data = &view};
	job->follow = follow_new(&plan);
	ci_group_begin(session->out, arena_printf(session->arena, "following %s in %s", job->release.name,
	                                          job->release.environment->name));
	deploy_view_begin(&view, job->release.name, session->out, session->loop, session->arena);
	bool is_fine = watch_deployment(&request, job->follow, err);
	deploy_view_end(&view);
	ci_group_end(session->out);
	if (!is_fine) {
		error_put(err, ERROR_INTERRUPTED, "the deployment of %s to %s goes on", job->release.name,
		          job->release.environment->name);
		error_put_next(err, "paas status %s --env %s --watch", job->release.name, job->release.environment->name);
	}
	return is_fine;
}

void
deploy_job_release(struct deploy_job *job)
{
	follow_free(job->follow);
	standing_release(&job->standing);
	if (job->direct)
		direct_release(job->direct);
	cluster_close(&job->cluster);
	release_release(&job->release);
}

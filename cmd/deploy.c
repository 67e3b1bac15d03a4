/* `paas deploy`: ship a release and follow it to its outcome. */
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/deploy_ci.h"
#include "cmd/deploy_view.h"
#include "cmd/findings.h"
#include "core/deploy/routes.h"
#include "core/deploy/submit.h"
#include "core/deploy/watch.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/repository.h"
#include "data/settings.h"
#include "role/cluster.h"
#include "ui/ci.h"
#include "ui/output.h"

static const char *environment, *image, *file, *name;
static bool detach, force, dry_run;
static int64_t timeout_ms, settle_ms = -1;

static const struct option_spec options[] = {
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment,
	 .complete = "environment", .fallback = "the first of the platform file", .help = "environment to deploy to"},
	{.kind = OPTION_TEXT, .letter = 'i', .name = "image", .value = "IMAGE:TAG", .text = &image,
	 .complete = "release", .fallback = "the platform's template with the current commit", .help = "image to deploy"},
	{.kind = OPTION_TEXT, .letter = 'f', .name = "file", .value = "FILE", .text = &file, .complete = "file",
	 .fallback = "fiaas.yml", .help = "description of the application"},
	{.kind = OPTION_TEXT, .letter = 'n', .name = "name", .value = "NAME", .text = &name, .complete = "application",
	 .fallback = ".paas.yml, the origin remote, the folder", .help = "application name"},
	{.kind = OPTION_FLAG, .letter = 'd', .name = "detach", .flag = &detach,
	 .help = "do not wait for the outcome"},
	{.kind = OPTION_DURATION, .name = "timeout", .value = "DURATION", .duration_ms = &timeout_ms,
	 .fallback = "30m, or longer when the operator waits longer", .help = "stop following after this time"},
	{.kind = OPTION_DURATION, .name = "settle", .value = "DURATION", .duration_ms = &settle_ms,
	 .fallback = "15s without readiness probe or after restarts",
	 .help = "how long pods must stay ready before it counts; 0 = not at all"},
	{.kind = OPTION_FLAG, .name = "force", .flag = &force,
	 .help = "deploy although it runs already, another deploy is under way, or others hold its settings"},
	{.kind = OPTION_FLAG, .name = "dry-run", .flag = &dry_run, .help = "check everything, change nothing"},
	{.kind = OPTION_END},
};

enum { COMMITS_MAX = 20 };

struct job {
	struct session *session;
	struct release release;
	struct cluster *cluster;
	struct standing standing;
	struct submission submission;
	struct follow *follow;
	bool is_joined;
	const char *previous_id;
	struct repository_commit *commits; /* that ship, newest first */
	size_t n_commits;
};

/* ---- before ---- */

static bool
take_flags(struct session *session, struct error *err)
{
	const struct { enum setting setting; const char *text, *flag; } flags[] = {
		{SETTING_ENVIRONMENT_NAME, environment, "--env"}, {SETTING_IMAGE, image, "--image"},
		{SETTING_NAME, name, "--name"}};
	for (size_t i = 0; i < array_length(flags); i++)
		if (flags[i].text && !settings_set(session->settings, flags[i].setting, SETTING_FLAG, flags[i].text,
		                                   flags[i].flag, err))
			return false;
	if (!timeout_ms && settings_duration_ms(session->settings, SETTING_TIMEOUT) > 0)
		timeout_ms = settings_duration_ms(session->settings, SETTING_TIMEOUT);
	return true;
}

static bool
check_platform(const struct session *session, const struct release *release, struct error *err)
{
	const char *provider = session->platform->cd.provider;
	if (provider && strcmp(provider, "fiaas"))
		return error_set(err, ERROR_INVALID_FILE, "%s: cd.provider is %s; this version deploys with fiaas only",
		                 session->platform->path, provider);
	if (release->environment->needs && !session->assume_yes && !dry_run) {
		error_put(err, ERROR_CONFLICT, "environment %s needs %s", release->environment->name,
		          release->environment->needs);
		return error_next(err, "have it approved, then say so with --yes");
	}
	return true;
}

static void
say_tree(const struct job *job)
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
resolve(struct job *job, struct error *err)
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
say_problem(const struct job *job, const struct problem *problem)
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
say_problems(const struct job *job, struct error *err)
{
	const struct problems *problems = &job->release.problems;
	for (size_t i = 0; i < problems->count; i++)
		say_problem(job, &problems->items[i]);
	if (!problems->n_errors || !output_is_json(job->session->out))
		return true;
	json_t *list = json_array();
	for (size_t i = 0; i < problems->count; i++)
		json_array_append_new(list, problem_to_json(&problems->items[i]));
	return deploy_view_json(job->session->out, "problems", json_pack("{s:o}", "problems", list), err);
}

static bool
find_release(struct job *job, const struct release_request *request, struct error *err)
{
	struct error late;
	bool is_found = release_find(request, job->session->arena, &job->release, err);
	return say_problems(job, is_found ? err : &late) && is_found;
}

static bool
prepare(struct job *job, struct error *err)
{
	struct session *session = job->session;
	struct release_request request = {.platform = session->platform, .project = session->project,
	                                  .settings = session->settings, .file = file};
	if (!take_flags(session, err) || !find_release(job, &request, err) ||
	    !check_platform(session, &job->release, err))
		return false;
	say_tree(job);
	return resolve(job, err) &&
	       cluster_open(session->http, job->release.environment->cluster, session->arena, &job->cluster, err) &&
	       standing_read(job->cluster->kubernetes, job->release.namespace, job->release.name, session->arena,
	                     &job->standing, err);
}

/* ---- handing it over ---- */

/* What ships, when the commit that runs there and ours are both known here. */
static void
find_commits(struct job *job)
{
	struct error ignored;
	const char *from = job->standing.commit, *to = job->release.commit;
	if (!job->session->project->root || !*from || !to ||
	    !repository_commits(job->session->project->root, from, to, COMMITS_MAX, job->session->arena, &job->commits,
	                        &job->n_commits, &ignored))
		job->n_commits = 0;
}

static void
say_commits(const struct job *job)
{
	struct output *out = job->session->out;
	for (size_t i = 0; i < job->n_commits; i++)
		output_note(out, "  %.8s %s\n", job->commits[i].commit, job->commits[i].title ? job->commits[i].title : "");
	if (job->n_commits == COMMITS_MAX)
		output_note(out, "  … and older ones\n");
}

static json_t *
commits_to_json(const struct job *job)
{
	json_t *list = json_array();
	for (size_t i = 0; i < job->n_commits; i++)
		json_array_append_new(list, json_pack("{s:s, s:s?}", "commit", job->commits[i].commit, "title",
		                                      job->commits[i].title));
	return list;
}

static bool
runs_already(const struct job *job)
{
	return job->is_joined && !job->standing.is_under_way;
}

static bool
say_release(const struct job *job, struct error *err)
{
	const struct release *release = &job->release;
	struct output *out = job->session->out;
	if (output_is_json(out))
		return deploy_view_json(
			out, "release",
			json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:s, s:b, s:b, s:s?, s:o}", "name", release->name,
		                  "environment", release->environment->name, "namespace", release->namespace, "image",
		                  release->image, "digest", release->digest, "commit", release->commit, "deployment_id",
		                  job->submission.deployment_id, "joined", job->is_joined, "dry_run", dry_run,
		                  "previous_image", *job->standing.image ? job->standing.image : NULL,
		                  "commits", commits_to_json(job)), err);
	if (!dry_run && !runs_already(job))
		output_note(out, "%s %s to %s (namespace %s): deployment %s\n", job->is_joined ? "following" : "deploying",
		            release->image, release->environment->name, release->namespace, job->submission.deployment_id);
	say_commits(job);
	return true;
}

static bool
hand_over(struct job *job, struct error *err)
{
	struct kubernetes *kubernetes = job->cluster->kubernetes;
	enum submit_plan plan;
	if (!submit_decide(&job->release, &job->standing, kubernetes_server_time_ms(kubernetes), force, &plan, err))
		return false;
	job->is_joined = plan == SUBMIT_JOIN;
	if (job->is_joined) {
		job->submission = (struct submission){job->standing.deployment_id, job->standing.deployed_ms};
		return say_release(job, err);
	}
	find_commits(job);
	job->previous_id = *job->standing.deployment_id ? job->standing.deployment_id : NULL;
	return submit(kubernetes, &job->release, &job->standing, force, dry_run, job->session->arena,
	              &job->submission, err) &&
	       say_release(job, err);
}

static struct deploy_report
report_of(const struct job *job)
{
	const struct release *release = &job->release;
	return (struct deploy_report){
		.name = release->name,
		.environment = release->environment->name,
		.image = release->image,
		.digest = release->digest,
		.deployment_id = job->submission.deployment_id,
		.outcome = dry_run ? "dry-run" : "started",
	};
}

/* ---- following ---- */

static bool
follow_it(struct job *job, struct error *err)
{
	struct session *session = job->session;
	int64_t server_ms = kubernetes_server_time_ms(job->cluster->kubernetes);
	struct deploy_view view;
	struct follow_plan plan = {
		.name = job->release.name,
		.deployment_id = job->submission.deployment_id,
		.previous_id = job->previous_id,
		.system = arena_printf(session->arena, "kubernetes %s", job->cluster->name),
		.image_is_resolved = job->release.digest != NULL,
		.started_ms = job->submission.started_ms >= 0 ? job->submission.started_ms : server_ms,
		.watched_ms = server_ms,
		.limit_ms = timeout_ms,
		.operator_limit_ms = job->release.operator_limit_ms,
		.settle_ms = settle_ms,
	};
	struct watch_request request = {.loop = session->loop, .kubernetes = job->cluster->kubernetes,
	                                .namespace = job->release.namespace, .name = job->release.name,
	                                .server_ms = server_ms, .told = deploy_view_tick, .data = &view};
	job->follow = follow_new(&plan);
	ci_group_begin(session->out, arena_printf(session->arena, "following %s in %s", job->release.name,
	                                          job->release.environment->name));
	deploy_view_begin(&view, session->out, session->loop, session->arena);
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

/* ---- the outcome ---- */

static bool
check_images(const struct job *job, struct error *err)
{
	const char *pod, *running;
	const struct release *release = &job->release;
	if (!release->digest ||
	    !watch_finds_foreign_image(job->follow, release->platform_digests, release->n_platform_digests, &pod, &running))
		return true;
	error_put(err, ERROR_DEPLOY_UNHEALTHY, "pod %s runs %s, but %s is %s", pod, running, release->image,
	          release->digest);
	return error_next(err, "deploy under a tag of its own: nodes keep an image they have under the old one");
}

static bool
judge(const struct job *job, struct error *err)
{
	const struct deployment *deployment = follow_deployment(job->follow);
	if (deployment->outcome == OUTCOME_SUCCEEDED)
		return check_images(job, err);
	error_put(err, deployment->error, "%s", deployment->reason);
	if (deployment->next)
		error_put_next(err, "%s", deployment->next);
	return false;
}

/* Healthy pods of another image are no success. */
static const char *
outcome_name(const struct job *job, const struct error *failure)
{
	enum follow_outcome outcome = follow_deployment(job->follow)->outcome;
	return follow_outcome_name(failure && outcome == OUTCOME_SUCCEEDED ? OUTCOME_FAILED : outcome);
}

static json_t *
error_object(const struct error *err)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:b}", "code", error_kind(err->code)->name, "what", err->what, "why",
	                 err->why, "next", err->next, "retryable", err->retryable);
}

static bool
write_result(const struct job *job, const struct error *failure, struct error *err)
{
	json_t *result = deployment_to_json(follow_deployment(job->follow));
	json_object_set_new(result, "outcome", json_string(outcome_name(job, failure)));
	json_object_set_new(result, "name", json_string(job->release.name));
	json_object_set_new(result, "environment", json_string(job->release.environment->name));
	json_object_set_new(result, "image", json_string(job->release.image));
	json_object_set_new(result, "deployment_id", json_string(job->submission.deployment_id));
	if (failure)
		json_object_set_new(result, "error", error_object(failure));
	return deploy_view_json(job->session->out, "result", result, err);
}

static void
print_success(const struct job *job)
{
	const struct deployment *deployment = follow_deployment(job->follow);
	struct output *out = job->session->out;
	char took[CLOCK_TEXT_BYTES];
	clock_format_duration(deployment->now_ms - deployment->started_ms, took);
	if (runs_already(job))
		output_print(out, "nothing to do: %s in %s runs %s already (%lld pods ready)\n", job->release.name,
		             job->release.environment->name, job->release.image, (long long)deployment->progress.available);
	else
		output_print(out, "%s%s is healthy in %s%s: %lld pods run %s, after %s\n", output_style(out, STYLE_GOOD),
		             job->release.name, job->release.environment->name, output_style(out, STYLE_PLAIN),
		             (long long)deployment->progress.available, job->release.image, took);
}

static void
print_failure(const struct job *job, const struct error *failure)
{
	const struct deployment *deployment = follow_deployment(job->follow);
	struct output *out = job->session->out;
	char token[CI_TOKEN_BYTES];
	ci_stop_commands(out, token);
	for (size_t i = 0; i < deployment->findings.count; i++)
		findings_print_beside(out, &deployment->findings.items[i], failure);
	for (size_t i = 0; i < deployment->n_operator_lines; i++)
		output_print(out, "operator: %s\n", deployment->operator_lines[i]);
	if (deployment->old_serves)
		output_print(out, "the previous release still serves\n");
	ci_resume_commands(out, token);
}

static void
say_routes(const struct job *job)
{
	const struct release *release = &job->release;
	bool runs = follow_deployment(job->follow)->progress.desired > 0;
	const char *trouble = runs ? routes_look(job->cluster->kubernetes, release->namespace, release->name,
	                                         job->session->arena) : NULL;
	if (trouble)
		output_warn(job->session->out, "%s", trouble);
}

static bool
conclude(struct job *job, struct error *err)
{
	struct error failure, late;
	struct deploy_report report = report_of(job);
	bool is_fine = judge(job, &failure);
	if (is_fine)
		say_routes(job);
	else
		error_put_doing(&failure, "deploying %s to %s", job->release.name, job->release.environment->name);
	report.deployment = follow_deployment(job->follow);
	report.failure = is_fine ? NULL : &failure;
	report.outcome = outcome_name(job, report.failure);
	deploy_ci_end(job->session->out, &report);
	if (output_is_json(job->session->out)) {
		if (!write_result(job, is_fine ? NULL : &failure, is_fine ? err : &late))
			return false;
	} else if (is_fine) {
		print_success(job);
	} else {
		print_failure(job, &failure);
	}
	if (!is_fine)
		*err = failure;
	return is_fine;
}

static bool
say_started(const struct job *job, struct error *err)
{
	struct output *out = job->session->out;
	const struct release *release = &job->release;
	if (output_is_json(out))
		return deploy_view_json(out, "result",
		                        json_pack("{s:s, s:s}", "outcome", dry_run ? "dry-run" : "started",
		                                  "deployment_id", job->submission.deployment_id), err);
	if (!dry_run)
		output_print(out, "not waiting for the outcome; follow it with: paas status %s --env %s --watch\n",
		             release->name, release->environment->name);
	else if (runs_already(job))
		output_print(out, "nothing was changed, and nothing would be: %s runs %s already\n",
		             release->environment->name, release->image);
	else
		output_print(out, "nothing was changed; it would %s %s to %s (namespace %s)\n",
		             job->is_joined ? "follow the deployment under way of" : "deploy", release->image,
		             release->environment->name, release->namespace);
	return true;
}

/* It ends before the cluster has it. */
static void
tell_refusal(const struct job *job, struct error *err)
{
	struct deploy_report report = report_of(job);
	error_put_doing(err, "deploying %s to %s", job->release.name, job->release.environment->name);
	report.outcome = "refused";
	report.failure = err;
	deploy_ci_end(job->session->out, &report);
}

/* With what was handed over. */
static bool
go_on(struct job *job, struct error *err)
{
	struct deploy_report report = report_of(job);
	deploy_ci_begin(job->session->out, &report);
	if (!detach && !dry_run)
		return follow_it(job, err) && conclude(job, err);
	deploy_ci_end(job->session->out, &report);
	return say_started(job, err);
}

static bool
run(struct session *session, struct error *err)
{
	struct job job = {.session = session};
	bool is_handed_over = prepare(&job, err) && hand_over(&job, err);
	bool is_fine = is_handed_over;
	if (!is_handed_over && job.release.name && job.release.environment && err->code != ERROR_INTERRUPTED)
		tell_refusal(&job, err);
	else if (is_handed_over)
		is_fine = go_on(&job, err);
	follow_free(job.follow);
	standing_release(&job.standing);
	cluster_close(&job.cluster);
	release_release(&job.release);
	return is_fine;
}

static const struct command_example examples[] = {
	{"paas deploy", "deploy what is checked out to the first environment"},
	{"paas deploy --env pro --image registry.acme.example/shop:1.4", "deploy that image to pro"},
	{"paas deploy --detach", "start it, and follow it later with paas status --watch"},
	{"paas deploy --dry-run", "check everything, change nothing"},
	{NULL, NULL},
};
static const char *const topics[] = {"following", NULL};
static const char *const see_also[] = {"paas-status(1)", "paas-validate(1)", "fiaas.yml(5)", "platform.yml(5)", NULL};

const struct command command_deploy = {
	.name = "deploy",
	.group = GROUP_SHIP,
	.summary = "Ship a release and follow it to its outcome",
	.description =
		"Hands the application described by fiaas.yml to the FIAAS operator of the environment's cluster and follows "
		"it until the new pods are healthy, or until it is clear that they never will be. Then it names the cause, "
		"the evidence and the next step. The exit status is the outcome: 0 healthy, 1 unhealthy, 6 superseded, paused "
		"or refused because another deploy is under way, 7 nobody acts, 8 time is up and the cluster still tries.\n"
		"\n"
		"The file is checked first, as paas validate does for that environment: errors stop the deploy (exit status 9; in "
		"JSON a line of type \"problems\" names them all), warnings are told.\n"
		"\n"
		"Nothing counts until the Deployment carries this deployment's id, so a healthy old release never reads as "
		"success. Deploying the release that runs already is nothing to do; a deploy of the same release that is under "
		"way is joined.\n"
		"\n"
		"Ctrl-C stops following, not the deployment.\n"
		"\n"
		"In CI ($CI is set) progress comes as lines that stand alone, and at least every 30 s. GitHub Actions folds "
		"them, shows what failed as an annotation, gets a summary of the step, and for later steps the outputs "
		"deployment_id, environment, image, digest, outcome (succeeded, failed, refused, stopped, timed-out, started, dry-run) "
		"and, of what failed, error: its code.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.topics = topics,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.streams = true,
	.run = run,
};

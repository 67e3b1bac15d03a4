/* `paas deploy`: ship a release and follow it to its outcome. */
#include "cmd/command.h"
#include "cmd/deploy_all.h"
#include "cmd/deploy_run.h"
#include "data/settings.h"
#include "ui/notice.h"

static const char *environment, *image, *name;
static bool all;
static struct deploy_choice choice = {.settle_ms = -1};

static const struct option_spec options[] = {
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment,
	 .complete = "environment", .fallback = "the first of the platform file", .help = "environment to deploy to"},
	{.kind = OPTION_TEXT, .letter = 'i', .name = "image", .value = "IMAGE:TAG", .text = &image,
	 .complete = "release", .fallback = "the platform's template with the current commit", .help = "image to deploy"},
	{.kind = OPTION_TEXT, .letter = 'f', .name = "file", .value = "FILE", .text = &choice.file, .complete = "file",
	 .fallback = "fiaas.yml", .help = "description of the application"},
	{.kind = OPTION_TEXT, .letter = 'n', .name = "name", .value = "NAME", .text = &name, .complete = "application",
	 .fallback = ".paas.yml, the origin remote, the folder", .help = "application name"},
	{.kind = OPTION_FLAG, .letter = 'a', .name = "all", .flag = &all,
	 .help = "every application that .paas.yml lists under apps"},
	{.kind = OPTION_FLAG, .letter = 'd', .name = "detach", .flag = &choice.detach,
	 .help = "do not wait for the outcome"},
	{.kind = OPTION_FLAG, .letter = 'w', .name = "wait", .flag = &choice.waits,
	 .help = "when another deploy is under way, wait for its end, then deploy"},
	{.kind = OPTION_FLAG, .name = "wait-for-build", .flag = &choice.waits_for_build,
	 .help = "when the image is not there yet, wait for the CI's build of the commit, then deploy"},
	{.kind = OPTION_DURATION, .name = "timeout", .value = "DURATION", .duration_ms = &choice.timeout_ms,
	 .fallback = "30m, or longer when the operator waits longer", .help = "stop following after this time"},
	{.kind = OPTION_DURATION, .name = "settle", .value = "DURATION", .duration_ms = &choice.settle_ms,
	 .fallback = "15s without readiness probe or after restarts",
	 .help = "how long pods must stay ready before it counts; 0 = not at all"},
	{.kind = OPTION_NUMBER, .name = "tolerate-restarts", .value = "N", .number = &choice.tolerated_restarts, .min = 0,
	 .max = DEPLOY_RESTARTS_MAX, .fallback = "2", .help = "containers may crash that often, as one does that waits for its database"},
	{.kind = OPTION_FLAG, .name = "rollback-on-failure", .flag = &choice.rolls_back,
	 .help = "when it fails, deploy the last release that was healthy there again"},
	{.kind = OPTION_FLAG, .name = "force", .flag = &choice.force,
	 .help = "deploy although it runs already, another deploy is under way, or others hold its settings"},
	{.kind = OPTION_FLAG, .name = "direct", .flag = &choice.direct,
	 .help = "without the FIAAS operator: apply the objects that paas render prints"},
	{.kind = OPTION_FLAG, .name = "dry-run", .flag = &choice.dry_run, .help = "check everything, change nothing"},
	{.kind = OPTION_END},
};

static bool
take_flags(struct session *session, struct error *err)
{
	struct settings *settings = session->settings;
	deploy_take_timeout(session, &choice);
	return settings_set_flag(settings, SETTING_ENVIRONMENT_NAME, environment, err) &&
	       settings_set_flag(settings, SETTING_IMAGE, image, err) && settings_set_flag(settings, SETTING_NAME, name, err);
}

static bool
run_one(struct session *session, struct error *err)
{
	struct deploy_job job = {.session = session, .choice = &choice};
	return deploy_run(&job, "deploy", err);
}

static bool
run_all(struct session *session, struct error *err)
{
	struct notice notice;
	notice_begin(&notice, session->out, session->loop, settings_text(session->settings, SETTING_NOTIFY),
	             "deploy of all applications");
	bool is_fine = deploy_all(session, &choice, err);
	notice_end(&notice, is_fine ? NULL : err);
	return is_fine;
}

static bool
run(struct session *session, struct error *err)
{
	if (all && (name || image || choice.file))
		return error_set(err, ERROR_USAGE, "--all deploys what .paas.yml lists; --name, --image and --file are of one");
	if (choice.rolls_back && (all || choice.direct || choice.detach))
		return error_set(err, ERROR_USAGE, "--rollback-on-failure waits for one application of the operator: not with --all, "
		                 "--direct or --detach");
	return take_flags(session, err) && (all ? run_all(session, err) : run_one(session, err));
}

static const struct command_example examples[] = {
	{"paas deploy", "deploy what is checked out to the first environment"},
	{"paas deploy --env pro --image registry.acme.example/shop:1.4", "deploy that image to pro"},
	{"paas deploy --wait-for-build", "after a push: as soon as the CI has made the image"},
	{"paas deploy --rollback-on-failure", "go back to what was healthy when it fails"},
	{"paas deploy --detach", "start it, and follow it later with paas status --watch"},
	{"paas deploy --all", "every application of the repository"},
	{"paas deploy --direct --dry-run", "what would be created, changed and pruned without the operator"},
	{"paas deploy --dry-run", "check everything, change nothing"},
	{NULL, NULL},
};
static const char *const topics[] = {"following", "direct", NULL};
static const char *const see_also[] = {"paas-status(1)", "paas-diff(1)", "paas-validate(1)", "fiaas.yml(5)", NULL};

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
		"With --wait-for-build an image that is not in the registry yet is waited for: the CI's build of the commit that is "
		"checked out is followed, for at most --timeout (30m), and then it is deployed. A build that fails ends the deploy "
		"(exit status 1) with the last 20 lines of the job that failed. Of GitHub Actions all workflows of the commit "
		"count. In JSON each change is a line of type \"build\", those lines one of type \"build-log\". Without the option "
		"the error says what the build is doing.\n"
		"\n"
		"With --rollback-on-failure the last release that was healthy there is deployed again when this one turns out unhealthy "
		"or time is up (not when it is superseded or cannot be seen), after all that was found was told; the exit status is 1, "
		"or what it was when there is nothing to go back to. In JSON a line of type \"attempt\" and one of type \"rollback\" "
		"come before the result, which has rollback; CI gets the output rollback (succeeded, failed, none).\n"
		"\n"
		"Ctrl-C stops following, not the deployment. At a terminal the setting notify (none, bell, title, desktop) "
		"tells the end of a wait of more than 30 s.\n"
		"\n"
		"With --direct, for a cluster without the operator, paas applies the objects itself (paas help direct).\n"
		"\n"
		"Where announce of the environment says so (platform.yml(5)), GitHub gets a deployment of the commit with its states, pending while it waits for approval, and a status of the commit (paas/deploy/ENV), "
		"and the channel of the team one message of the outcome: once for each deployment. Whoever cannot be told is a note "
		"on standard error and changes no exit status; a dry run tells nobody.\n"
		"\n"
		"In CI ($CI is set) progress comes as lines that stand alone, and at least every 30 s. GitHub Actions, Travis, "
		"GitLab, Buildkite and Azure Pipelines fold them. GitHub Actions shows what failed as an annotation, gets a "
		"summary of the step, and for later steps the outputs deployment_id, environment, image, digest, outcome "
		"(succeeded, failed, refused, rolled-back, stopped, timed-out, started, dry-run) and, of what failed, error: its code. With "
		"--all there is a summary of each, and outcome and error are of all of them.\n"
		"\n"
		"With --all nothing is changed when one of the applications cannot be deployed; otherwise all are handed over, "
		"then followed. In JSON each ends in a line of type \"application\", and applications of the result lists them.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.topics = topics,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.streams = true,
	.run = run,
};

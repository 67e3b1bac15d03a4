/* `paas rollback`: back to a release that was good. */
#include "cmd/command.h"
#include "cmd/deploy_go_back.h"
#include "cmd/deploy_run.h"
#include "cmd/releases_view.h"
#include "data/platform.h"
#include "data/settings.h"

enum { RELEASES_MAX = 100 };

static const char *app, *environment, *to;
static struct deploy_choice choice = {.settle_ms = -1};

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "APP", .text = &app, .complete = "application", .fallback = "that of this folder",
	 .help = "application"},
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment, .complete = "environment",
	 .fallback = "the first of the platform file", .help = "environment"},
	{.kind = OPTION_TEXT, .name = "to", .value = "RELEASE", .text = &to, .complete = "reference",
	 .fallback = "the last that was healthy", .help = "release number, deployment id, image or tag"},
	{.kind = OPTION_FLAG, .letter = 'd', .name = "detach", .flag = &choice.detach, .help = "do not wait for the outcome"},
	{.kind = OPTION_DURATION, .name = "timeout", .value = "DURATION", .duration_ms = &choice.timeout_ms,
	 .fallback = "30m, or longer when the operator waits longer", .help = "stop following after this time"},
	{.kind = OPTION_FLAG, .name = "force", .flag = &choice.force,
	 .help = "although another deploy is under way, or the tag names another image now"},
	{.kind = OPTION_FLAG, .name = "dry-run", .flag = &choice.dry_run, .help = "check everything, change nothing"},
	{.kind = OPTION_END},
};

static bool
find_target(const struct releases_view *view, const struct past_release **ret, struct error *err)
{
	if (to != NULL ? history_find(&view->history, to, ret, err) : history_last_good(&view->history, ret, err))
		return true;
	return error_doing(err, "rolling %s back in %s", view->located.name, view->located.environment->name);
}

static bool
run(struct session *session, struct error *err)
{
	scoped(releases_close) struct releases_view view = {0};
	const struct past_release *target;
	if (!settings_set_flag(session->settings, SETTING_ENVIRONMENT_NAME, environment, err))
		return false;
	deploy_take_timeout(session, &choice);
	return releases_open(session, app, RELEASES_MAX, &view, err) && find_target(&view, &target, err) &&
	       deploy_go_back_to(session, &view, app, target, &choice, err);
}

static const struct command_example examples[] = {
	{"paas rollback --env pro", "to the last release that was healthy in pro"},
	{"paas rollback checkout --to r41", "to that one"},
	{"paas rollback --to 1.4 --dry-run", "what would happen"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-releases(1)", "paas-deploy(1)", "paas-promote(1)", NULL};

const struct command command_rollback = {
	.name = "rollback",
	.group = GROUP_SHIP,
	.summary = "Deploy an earlier release again and follow it",
	.description =
		"Deploys a release that an environment had: its image and its settings, under a new deployment id, in the way of any "
		"other deploy (by the operator, or by the environment's pipeline with its approvals), and follows it to its outcome. "
		"Without --to it is the last one before the present that was healthy there; paas releases lists them. What runs after a "
		"rollback counts from when it was there first: a second rollback goes further back, not to what the first one left.\n\n"
		"The tag of the release must still name the image that ran; when it was moved the rollback is refused (exit status 6). "
		"Settings are known of the last 20 releases that paas deployed, and of those that a pipeline was given them for; of an "
		"older one only the image is, which paas deploy --image takes.\n\n"
		"Undoing the Deployment in the cluster would not last: the operator writes it again.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.streams = true,
	.run = run,
};

/* `paas diff`: what a deploy would change. */
#include <string.h>

#include "cmd/command.h"
#include "cmd/diff_all.h"
#include "cmd/diff_live.h"
#include "cmd/diff_releases.h"
#include "data/settings.h"
#include "ui/output.h"
#include "ui/pager.h"

enum { EXIT_DIFFERENT = 3 };

static const char *environment, *image, *name, *file;
static struct text_list releases;
static bool no_pager, all, direct;

static const struct option_spec options[] = {
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment,
	 .complete = "environment", .fallback = "the first of the platform file", .help = "environment to compare with"},
	{.kind = OPTION_TEXT, .letter = 'i', .name = "image", .value = "IMAGE:TAG", .text = &image,
	 .complete = "release", .fallback = "the platform's template with the current commit", .help = "image to deploy"},
	{.kind = OPTION_TEXT, .letter = 'f', .name = "file", .value = "FILE", .text = &file, .complete = "file",
	 .fallback = "fiaas.yml", .help = "description of the application"},
	{.kind = OPTION_TEXT, .letter = 'n', .name = "name", .value = "NAME", .text = &name, .complete = "application",
	 .fallback = ".paas.yml, the origin remote, the folder", .help = "application name"},
	{.kind = OPTION_FLAG, .letter = 'a', .name = "all", .flag = &all,
	 .help = "every application that .paas.yml lists under apps"},
	{.kind = OPTION_FLAG, .name = "direct", .flag = &direct,
	 .help = "as paas deploy --direct would write, where there is no operator"},
	{.kind = OPTION_ARGS, .name = "RELEASE", .list = &releases, .complete = "reference",
	 .help = "two releases to compare: environments, numbers (r41), deployment ids, images or tags, or . for the file"},
	{.kind = OPTION_FLAG, .name = "no-pager", .flag = &no_pager, .help = "print long answers without a pager"},
	{.kind = OPTION_END},
};

static bool
take_flags(struct session *session, struct error *err)
{
	struct settings *settings = session->settings;
	return settings_set_flag(settings, SETTING_ENVIRONMENT_NAME, environment, err) &&
	       settings_set_flag(settings, SETTING_IMAGE, image, err) && settings_set_flag(settings, SETTING_NAME, name, err);
}

static bool
answer(struct session *session, const struct diff_subject *subject, const struct differences *differences,
       bool is_direct, struct error *err)
{
	struct pager pager;
	if (!differences_are_none(differences))
		session->exit_status = EXIT_DIFFERENT;
	diff_view_warn(session->out, differences);
	if (output_is_json(session->out))
		return output_json(session->out, diff_live_to_json(subject, differences, is_direct), err);
	pager_begin(&pager, session->out, settings_text(session->settings, SETTING_PAGER), no_pager);
	diff_view_print(session->out, subject, differences, session->arena);
	pager_end(&pager);
	return true;
}

static bool
compare_with_live(struct session *session, struct release_request *request, struct error *err)
{
	struct differences differences = {.arena = session->arena};
	struct diff_subject subject;
	struct diff_live choice = {.request = request, .is_direct = direct};
	bool is_fine = diff_live_find(session, &choice, &subject, &differences, err) &&
	               answer(session, &subject, &differences, choice.is_direct, err);
	differences_release(&differences);
	return is_fine;
}

/* ---- two releases ---- */

static bool
compare_two(struct session *session, struct release_request *request, struct error *err)
{
	struct differences differences = {.arena = session->arena};
	struct diff_subject subject;
	struct diff_releases choice = {.before = releases.items[0], .after = releases.items[1], .environment = environment,
	                               .request = request};
	bool is_fine = diff_releases_find(session, &choice, &subject, &differences, err) &&
	               answer(session, &subject, &differences, false, err);
	differences_release(&differences);
	return is_fine;
}

static bool
compare_all(struct session *session, struct release_request *request, struct error *err)
{
	struct diff_all several;
	struct pager pager;
	if (!diff_all_find(session, request, direct, &several, err))
		return false;
	if (several.is_different)
		session->exit_status = EXIT_DIFFERENT;
	bool is_json = output_is_json(session->out);
	if (!is_json) {
		pager_begin(&pager, session->out, settings_text(session->settings, SETTING_PAGER), no_pager);
		diff_all_print(session->out, &several, session->arena);
		pager_end(&pager);
	}
	bool is_fine = !is_json || output_json(session->out, diff_all_to_json(&several), err);
	return diff_all_conclude(session, &several, err) && is_fine;
}

static bool
check_arguments(struct error *err)
{
	if (all && (releases.count > 0 || name || image || file))
		return error_set(err, ERROR_USAGE, "--all compares what .paas.yml lists; RELEASE, --name, --image and --file are "
		                 "of one");
	if (direct && releases.count > 0)
		return error_set(err, ERROR_USAGE, "--direct is of what a deploy would change, not of two releases");
	if (releases.count == 1) {
		error_put(err, ERROR_USAGE, "one release is compared with nothing");
		return error_next(err, "paas diff %s . for the file, or paas diff --env ENV for what a deploy would change",
		                  releases.items[0]);
	}
	return releases.count <= 2 || error_set(err, ERROR_USAGE, "two releases can be compared, not %zu", releases.count);
}

static bool
run(struct session *session, struct error *err)
{
	struct release_request request = {.platform = session->platform, .project = session->project,
	                                  .settings = session->settings, .file = file};
	if (!check_arguments(err) || !take_flags(session, err))
		return false;
	if (releases.count > 0)
		return compare_two(session, &request, err);
	return all ? compare_all(session, &request, err) : compare_with_live(session, &request, err);
}

static const struct command_example examples[] = {
	{"paas diff", "what a deploy to the first environment would change"},
	{"paas diff --env pro --image registry.acme.example/shop:1.4", "that image, in pro"},
	{"paas diff --all --env pro", "every application of the repository"},
	{"paas diff pro dev", "what promoting what runs in dev would change in pro"},
	{"paas diff dev .", "what changed in the file since the last deploy to dev"},
	{"paas diff -q", "only the names of the objects that would change"},
	{"paas diff --jq '.objects[] | select(.action == \"delete\") | .name'", "what would be deleted"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-deploy(1)", "paas-render(1)", "paas-validate(1)", "fiaas.yml(5)", NULL};

const struct command command_diff = {
	.name = "diff",
	.group = GROUP_SHIP,
	.summary = "Show what a deploy would change",
	.description =
		"Compares what would be deployed with what is there: the Application resource, and each object that the FIAAS "
		"operator would write, replace or delete. Nothing is written. The exit status is 0 when all is the same and 3 when "
		"something differs.\n"
		"\n"
		"Each object is put to the API server as a dry run, the way the operator writes it, so that defaults and webhooks "
		"are in the answer. Where the account may not do that, or the server cannot, the object is compared locally "
		"with the known defaults, and the answer says so, and why.\n"
		"\n"
		"Where the cluster has no FIAAS operator, or with --direct, it compares with what paas deploy --direct would "
		"write: there is no Application then, and objects that the release has no more go once it is healthy. What "
		"would stop the deploy, such as an object or a field of somebody else, is a warning and the refusal of its "
		"object. With --all it compares each application of .paas.yml; the JSON has applications[], each as of one "
		"application or with name and error, and is_same of all.\n"
		"\n"
		"What changes with every deploy, what the server or a controller writes by itself, and other words for the same "
		"amount (1000m is 1) count as no difference, and neither does the number of replicas that an autoscaler chose. "
		"Labels and annotations that others put on these objects do: the operator takes them away.\n"
		"\n"
		"With two RELEASES it compares these, the first as it was and the second as it would be, both as the operator of "
		"the cluster of --env, else of the first release, makes them. A release is an environment (what runs there), its number as "
		"paas releases prints it (r41, in the environment of --env), the id of a deployment, an image or a tag (the "
		"newest of it), or . for fiaas.yml with the image a deploy would take. A release is known with its "
		"settings while they are kept (of the last 20). Of others that no longer run a cluster keeps the pod templates of "
		"some: then nothing else is compared. A release that is not known ends with exit status 5 and a list of those that are.\n"
		"\n"
		"Values of Secrets, of variables with telling names, and credentials in URLs are never shown, only that they "
		"changed.\n"
		"\n"
		"The labels and variables into which the operator writes image and version are counted only; -v and --json show "
		"each.\n"
		"\n"
		"On a terminal, what is longer than the screen goes through $PAAS_PAGER, else $PAGER, else less.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.run = run,
};

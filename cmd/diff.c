/* `paas diff`: what a deploy would change. */
#include <string.h>

#include "api/kubernetes/client.h"
#include "cmd/command.h"
#include "cmd/diff_releases.h"
#include "cmd/diff_view.h"
#include "core/deploy/submit.h"
#include "core/difference/preview.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/settings.h"
#include "role/cluster.h"
#include "ui/output.h"
#include "ui/pager.h"

enum { EXIT_DIFFERENT = 3 };

static const char *environment, *image, *name, *file;
static struct text_list releases;
static bool no_pager;

static const struct option_spec options[] = {
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment,
	 .complete = "environment", .fallback = "the first of the platform file", .help = "environment to compare with"},
	{.kind = OPTION_TEXT, .letter = 'i', .name = "image", .value = "IMAGE:TAG", .text = &image,
	 .complete = "release", .fallback = "the platform's template with the current commit", .help = "image to deploy"},
	{.kind = OPTION_TEXT, .letter = 'f', .name = "file", .value = "FILE", .text = &file, .complete = "file",
	 .fallback = "fiaas.yml", .help = "description of the application"},
	{.kind = OPTION_TEXT, .letter = 'n', .name = "name", .value = "NAME", .text = &name, .complete = "application",
	 .fallback = ".paas.yml, the origin remote, the folder", .help = "application name"},
	{.kind = OPTION_ARGS, .name = "RELEASE", .list = &releases, .complete = "reference",
	 .help = "two releases to compare: environments, deployment ids, images or tags, or . for the file"},
	{.kind = OPTION_FLAG, .name = "no-pager", .flag = &no_pager, .help = "print long answers without a pager"},
	{.kind = OPTION_END},
};

static bool
take_flags(struct session *session, struct error *err)
{
	const struct { enum setting setting; const char *text, *flag; } flags[] = {
		{SETTING_ENVIRONMENT_NAME, environment, "--env"}, {SETTING_IMAGE, image, "--image"},
		{SETTING_NAME, name, "--name"}};
	for (size_t i = 0; i < array_length(flags); i++)
		if (flags[i].text != NULL &&
		    !settings_set(session->settings, flags[i].setting, SETTING_FLAG, flags[i].text, flags[i].flag, err))
			return false;
	return true;
}

static bool
answer(struct session *session, const struct diff_subject *subject, const struct differences *differences,
       struct error *err)
{
	struct pager pager;
	if (!differences_are_none(differences))
		session->exit_status = EXIT_DIFFERENT;
	diff_view_warn(session->out, differences);
	if (output_is_json(session->out))
		return output_json(session->out, diff_view_to_json(subject, differences), err);
	pager_begin(&pager, session->out, settings_text(session->settings, SETTING_PAGER), no_pager);
	diff_view_print(session->out, subject, differences, session->arena);
	pager_end(&pager);
	return true;
}

/* ---- what runs against the file ---- */

/* Only when the tag is that of before may it have moved; without an answer nothing is said. */
static void
resolve(struct session *session, struct release *release, const struct standing *standing)
{
	struct error failure;
	if (*standing->digest == '\0' || strcmp(standing->image, release->image) != 0 ||
	    release_resolve(release, session->http, session->platform, session->arena, &failure))
		return;
	output_warn(session->out, "the registry does not tell the digest of %s, so nobody can tell whether the tag moves: %s",
	            release->image, failure.why);
}

static bool
compare_file(struct session *session, struct release *release, struct cluster *cluster, struct error *err)
{
	struct differences differences = {.arena = session->arena};
	scoped(standing_release) struct standing standing = {0};
	struct preview_request request = {.loop = session->loop, .kubernetes = cluster->kubernetes, .release = release,
	                                  .standing = &standing};
	if (!standing_read(cluster->kubernetes, release->namespace, release->name, session->arena, &standing, err)) {
		if (err->code == ERROR_NOT_FOUND)
			error_put_next(err, "paas deploy --env %s --direct --dry-run", release->environment->name);
		return false;
	}
	resolve(session, release, &standing);
	struct diff_subject subject = {
		.application = release->name, .environment = release->environment->name, .namespace = release->namespace,
		.before = standing.application != NULL ? standing.image : "nothing",
		.after = release->image,
	};
	bool is_fine = preview(&request, &differences, err) && answer(session, &subject, &differences, err);
	differences_release(&differences);
	return is_fine;
}

static bool
compare_with_live(struct session *session, struct release_request *request, struct error *err)
{
	scoped(cluster_close) struct cluster *cluster = NULL;
	scoped(release_release) struct release release = {0};
	if (!release_find(request, session->arena, &release, err) ||
	    !cluster_open(session->http, release.environment->cluster, session->arena, &cluster, err))
		return false;
	return compare_file(session, &release, cluster, err) ||
	       error_doing(err, "comparing %s with %s", release.name, release.environment->name);
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
	               answer(session, &subject, &differences, err);
	differences_release(&differences);
	return is_fine;
}

static bool
check_arguments(struct error *err)
{
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
	return releases.count > 0 ? compare_two(session, &request, err) : compare_with_live(session, &request, err);
}

static const struct command_example examples[] = {
	{"paas diff", "what a deploy to the first environment would change"},
	{"paas diff --env pro --image registry.acme.example/shop:1.4", "that image, in pro"},
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
		"What changes with every deploy, what the server or a controller writes by itself, and other words for the same "
		"amount (1000m is 1) count as no difference, and neither does the number of replicas that an autoscaler chose. "
		"Labels and annotations that others put on these objects do: the operator takes them away.\n"
		"\n"
		"With two RELEASES it compares these, the first as it was and the second as it would be, both as the operator of "
		"the cluster of --env, else of the first release, makes them. A release is an environment (what runs there), the id of a "
		"deployment, an image or a tag (the newest of it), or . for fiaas.yml with the image a deploy would take. Of "
		"what no longer runs a cluster keeps the pod templates of some earlier deployments only: then nothing else is "
		"compared. A release that is not known ends with exit status 5 and a list of those that are.\n"
		"\n"
		"Values of Secrets, of variables with telling names, and credentials in URLs are never shown, only that they "
		"changed.\n"
		"\n"
		"On a terminal, what is longer than the screen goes through $PAAS_PAGER, else $PAGER, else less.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.run = run,
};

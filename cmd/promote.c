/* `paas promote`: what runs well in one environment, in the next one. */
#include <string.h>

#include "api/kubernetes/client.h"
#include "cmd/command.h"
#include "cmd/deploy_run.h"
#include "cmd/settings_changes.h"
#include "core/deploy/status.h"
#include "data/json.h"
#include "data/platform.h"
#include "data/settings.h"
#include "role/cluster.h"
#include "ui/output.h"

static const char *app, *from, *to;
static struct deploy_choice choice = {.settle_ms = -1};

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "APP", .text = &app, .complete = "application", .fallback = "that of this folder",
	 .help = "application"},
	{.kind = OPTION_TEXT, .name = "from", .value = "ENV", .text = &from, .complete = "environment",
	 .fallback = "the environment before --to, else the first", .help = "where the release runs"},
	{.kind = OPTION_TEXT, .name = "to", .value = "ENV", .text = &to, .complete = "environment",
	 .fallback = "the environment after --from", .help = "where it should run"},
	{.kind = OPTION_FLAG, .letter = 'd', .name = "detach", .flag = &choice.detach, .help = "do not wait for the outcome"},
	{.kind = OPTION_FLAG, .letter = 'w', .name = "wait", .flag = &choice.waits,
	 .help = "for another deploy that is under way, and for an approval"},
	{.kind = OPTION_DURATION, .name = "timeout", .value = "DURATION", .duration_ms = &choice.timeout_ms,
	 .fallback = "30m, or longer when the operator waits longer", .help = "stop following after this time"},
	{.kind = OPTION_NUMBER, .name = "tolerate-restarts", .value = "N", .number = &choice.tolerated_restarts, .min = 0,
	 .max = DEPLOY_RESTARTS_MAX, .fallback = "2", .help = "containers may crash that often, as one does that waits for its database"},
	{.kind = OPTION_FLAG, .name = "rollback-on-failure", .flag = &choice.rolls_back,
	 .help = "when it fails, deploy the last release that was healthy there again"},
	{.kind = OPTION_FLAG, .name = "force", .flag = &choice.force,
	 .help = "although it is unhealthy there, another deploy is under way, or the tag names another image now"},
	{.kind = OPTION_FLAG, .name = "dry-run", .flag = &choice.dry_run, .help = "check everything, change nothing"},
	{.kind = OPTION_END},
};

/* ---- from where to where ---- */

struct way {
	const struct platform_environment *from, *to;
};

static bool
find_way(const struct platform *platform, struct way *ret, struct error *err)
{
	const struct platform_environment *source, *target = NULL, *all = platform->environments;
	if (to != NULL && !platform_environment(platform, to, &target, err))
		return false;
	source = target != NULL && target > all ? target - 1 : all;
	if (from != NULL && !platform_environment(platform, from, &source, err))
		return false;
	if (target == NULL && source + 1 < all + platform->n_environments)
		target = source + 1;
	if (from != NULL && to != NULL && target == source) {
		error_put(err, ERROR_USAGE, "--from and --to are both %s", to);
		return error_next(err, "what runs in %s is deployed there anew with paas deploy --env %s --force", to, to);
	}
	if (target == NULL || target == source) {
		error_put(err, ERROR_USAGE, "there is no environment after that one");
		return error_next(err, "say both: paas promote --from ENV --to ENV");
	}
	*ret = (struct way){source, target};
	return true;
}

/* ---- what runs there ---- */

static bool
check_health(const struct status_row *row, const char *name, struct error *err)
{
	const struct deployment *deployment = row->deployment;
	if (row->state == STATUS_UNKNOWN) {
		*err = row->trouble;
		return false;
	}
	if (row->state == STATUS_ABSENT) {
		error_put(err, ERROR_NOT_FOUND, "%s was never deployed to %s", name, row->environment->name);
		return error_next(err, "paas deploy --env %s", row->environment->name);
	}
	if (row->state == STATUS_HEALTHY || choice.force)
		return true;
	error_put(err, ERROR_CONFLICT, "%s is %s in %s%s%s", name, status_state_name(row->state), row->environment->name,
	          deployment != NULL && deployment->findings.count > 0 ? ": " : "",
	          deployment != NULL && deployment->findings.count > 0 ? deployment->findings.items[0].sentence : "");
	return error_next(err, "paas status %s --env %s, or promote it all the same with --force", name, row->environment->name);
}

static bool
check_source(struct session *session, const struct release *located, struct error *err)
{
	const struct status_request request = {.loop = session->loop, .http = session->http, .platform = session->platform,
	                                       .name = located->name, .team = located->team,
	                                       .environment = located->environment->name};
	struct status_row *rows;
	size_t count;
	if (!status_read(&request, session->arena, &rows, &count, err))
		return false;
	bool is_fine = count > 0 && check_health(&rows[0], located->name, err);
	status_release(rows, count);
	return is_fine;
}

static bool
read_standing(struct session *session, const struct platform_environment *environment, const struct release *located,
              struct standing *ret, struct error *err)
{
	scoped(cluster_close) struct cluster *cluster = NULL;
	const char *namespace;
	return release_namespace(environment, located->team, located->name, session->arena, &namespace, err) &&
	       cluster_open(session->http, environment->cluster, session->arena, &cluster, err) &&
	       standing_read(cluster->kubernetes, namespace, located->name, session->arena, ret, err);
}

/* ---- on its way ---- */

static bool
ship(struct session *session, const struct way *way, const struct standing *there, struct error *err)
{
	const struct release_given given = {.label = way->from->name, .image = there->image, .digest = there->digest,
	                                    .commit = there->commit, .config = json_at(there->application, "spec.config")};
	struct deploy_job job = {.session = session, .choice = &choice, .application = app, .given = &given};
	return settings_set(session->settings, SETTING_ENVIRONMENT_NAME, SETTING_FLAG, way->to->name, "--to", err) &&
	       deploy_run(&job, "promotion", err);
}

static bool
promote(struct session *session, const struct way *way, const struct release *located, struct error *err)
{
	scoped(standing_release) struct standing there = {0}, here = {0};
	if (!check_source(session, located, err) || !read_standing(session, way->from, located, &there, err) ||
	    !read_standing(session, way->to, located, &here, err))
		return error_doing(err, "promoting %s from %s to %s", located->name, way->from->name, way->to->name);
	if (!json_is_object(json_at(there.application, "spec.config"))) {
		error_put(err, ERROR_NOT_FOUND, "%s has no Application of %s with settings", way->from->name, located->name);
		return error_doing(err, "promoting %s from %s to %s", located->name, way->from->name, way->to->name);
	}
	if (!output_is_json(session->out)) {
		output_note(session->out, "promoting %s of %s from %s to %s\n", there.image, located->name, way->from->name, way->to->name);
		settings_changes_say(session->out, json_at(here.application, "spec.config"), json_at(there.application, "spec.config"),
		                     session->arena);
	}
	return ship(session, way, &there, err);
}

static bool
run(struct session *session, struct error *err)
{
	struct way way;
	struct release located;
	struct release_request request = {.platform = session->platform, .project = session->project,
	                                  .settings = session->settings, .application = app};
	if (choice.rolls_back && choice.detach)
		return error_set(err, ERROR_USAGE, "--rollback-on-failure waits for the outcome: not with --detach");
	deploy_take_timeout(session, &choice);
	return find_way(session->platform, &way, err) &&
	       settings_set(session->settings, SETTING_ENVIRONMENT_NAME, SETTING_FLAG, way.from->name, "--from", err) &&
	       release_locate(&request, session->arena, &located, err) && promote(session, &way, &located, err);
}

static const struct command_example examples[] = {
	{"paas promote", "what runs in the first environment, to the second"},
	{"paas promote checkout --from dev --to pro", "say both"},
	{"paas promote --to pro --dry-run", "what would happen"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-deploy(1)", "paas-rollback(1)", "paas-releases(1)", "paas-diff(1)", NULL};

const struct command command_promote = {
	.name = "promote",
	.group = GROUP_SHIP,
	.summary = "Deploy what runs well in one environment to the next",
	.description =
		"Takes the very release that runs in one environment (image, digest and settings, as the cluster has them, not as the "
		"work tree does), shows which settings and commits are new in the other one, deploys it there and follows it to its "
		"outcome. Environments have the order of the platform file.\n\n"
		"It is refused (exit status 6) when the release is not healthy where it runs, and when its tag names another image by "
		"now. An environment that needs approval asks for it as in paas deploy.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.streams = true,
	.run = run,
};

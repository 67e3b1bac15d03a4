/* `paas cancel`: end what is on its way. */
#include <string.h>

#include "api/kubernetes/client.h"
#include "cmd/command.h"
#include "core/deploy/approval.h"
#include "core/deploy/pipeline.h"
#include "core/deploy/submit.h"
#include "data/platform.h"
#include "data/settings.h"
#include "role/cluster.h"
#include "ui/output.h"

enum { RUNS_MAX = 20 };

static const char *word, *environment, *message;

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "APP", .text = &word, .complete = "application", .fallback = "that of this folder",
	 .help = "application, or the run of a pipeline"},
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment, .complete = "environment",
	 .fallback = "the first of the platform file", .help = "environment"},
	{.kind = OPTION_TEXT, .letter = 'm', .name = "message", .value = "TEXT", .text = &message, .help = "why"},
	{.kind = OPTION_END},
};

struct subject {
	struct session *session;
	struct release located;
	struct cd *cd;
};

static bool
answer(const struct subject *subject, const char *what, const char *id, const char *state, struct error *err)
{
	struct output *out = subject->session->out;
	if (output_is_json(out))
		return output_json(out, json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", subject->located.name, "environment",
		                                  subject->located.environment->name, "cancelled", what, "id", id, "state", state), err);
	output_print(out, "cancelled: %s %s\n", what, id);
	return true;
}

/* ---- a pipeline ---- */

static bool
find_run(const struct subject *subject, const char **ret_id, struct error *err)
{
	const struct cd_query query = {
		.application = subject->located.name, .is_running = true, .limit = RUNS_MAX,
		.pipeline = cd_pipeline_name(subject->located.environment, subject->session->arena)};
	struct cd_run *runs;
	size_t count;
	if (!cd_list(subject->cd, &query, subject->session->arena, &runs, &count, err))
		return error_doing(err, "looking for what is under way");
	if (count == 1)
		*ret_id = arena_strdup(subject->session->arena, runs[0].id);
	else if (count > 1) {
		error_put(err, ERROR_CONFLICT, "%zu runs of pipeline %s are under way", count, query.pipeline);
		error_put_next(err, "say which: paas cancel %s, or paas cancel %s", runs[0].id, runs[1].id);
	} else {
		error_put(err, ERROR_NOT_FOUND, "no run of pipeline %s of %s is under way", query.pipeline, subject->located.name);
		error_put_next(err, "paas status %s --env %s", subject->located.name, subject->located.environment->name);
	}
	for (size_t i = 0; i < count; i++)
		cd_run_release(&runs[i]);
	return count == 1;
}

static bool
cancel_run(const struct subject *subject, struct error *err)
{
	const char *id = word;
	enum cd_state state;
	if (!cd_looks_like_run(subject->cd, word) && !find_run(subject, &id, err))
		return false;
	if (!cd_cancel(subject->cd, id, message != NULL ? message : "paas cancel", subject->session->arena, &state, err)) {
		if (err->code == ERROR_NOT_FOUND)
			error_put_next(err, "paas releases %s lists the runs that there were", subject->located.name);
		return error_doing(err, "cancelling run %s", id);
	}
	if (state == CD_CANCELLED)
		return answer(subject, "run", id, cd_state_name(state), err);
	return error_set(err, ERROR_CONFLICT, "run %s ended before it could be cancelled: it %s", id, cd_state_name(state));
}

/* ---- the operator alone ---- */

static bool
refuse(const struct subject *subject, struct cluster *cluster, struct error *err)
{
	scoped(standing_release) struct standing standing = {0};
	const struct release *located = &subject->located;
	if (!standing_read(cluster->kubernetes, located->namespace, located->name, subject->session->arena, &standing, err))
		return false;
	if (!standing.is_under_way) {
		error_put(err, ERROR_NOT_FOUND, "nothing of %s is on its way to %s", located->name, located->environment->name);
		return error_next(err, "paas status %s --env %s", located->name, located->environment->name);
	}
	error_put(err, ERROR_CONFLICT, "the operator has deployment %s in hand, and nothing stops it", standing.deployment_id);
	return error_next(err, "paas rollback %s --env %s --force", located->name, located->environment->name);
}

static bool
withdraw(const struct subject *subject, struct error *err)
{
	const struct release *located = &subject->located;
	struct arena *arena = subject->session->arena;
	scoped(cluster_close) struct cluster *cluster = NULL;
	scoped(approval_release) struct approval approval = {0};
	struct error ignored;
	const char *by = NULL;
	if (!cluster_open(subject->session->http, located->environment->cluster, arena, &cluster, err) ||
	    !approval_read(cluster->kubernetes, located->namespace, located->name, arena, &approval, err))
		return false;
	if (approval.state != APPROVAL_PENDING)
		return refuse(subject, cluster, err);
	if (!kubernetes_who_am_i(cluster->kubernetes, arena, &by, &ignored))
		by = NULL;
	const struct approval_decision decision = {.by = by, .message = message != NULL ? message : "withdrawn"};
	return approval_decide(cluster->kubernetes, &approval, &decision, kubernetes_server_time_ms(cluster->kubernetes), err) &&
	       answer(subject, "request", approval.deployment_id, "withdrawn", err);
}

static bool
run(struct session *session, struct error *err)
{
	struct subject subject = {.session = session};
	scoped(cd_close) struct cd *cd = NULL;
	if (!settings_set_flag(session->settings, SETTING_ENVIRONMENT_NAME, environment, err))
		return false;
	if (!cd_open(session->http, session->platform, session->arena, &cd, err))
		return false;
	struct release_request request = {.platform = session->platform, .project = session->project, .settings = session->settings,
	                                  .application = cd_looks_like_run(cd, word) ? NULL : word};
	subject.cd = cd;
	if (!release_locate(&request, session->arena, &subject.located, err))
		return false;
	return cd_has_pipelines(cd) ? cancel_run(&subject, err) : withdraw(&subject, err);
}

static const struct command_example examples[] = {
	{"paas cancel", "what is on its way to the first environment"},
	{"paas cancel checkout --env pro --message 'wrong release'", "in pro, and why"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-deploy(1)", "paas-approve(1)", "paas-rollback(1)", NULL};

const struct command command_cancel = {
	.name = "cancel",
	.group = GROUP_SHIP,
	.summary = "End a deployment that is on its way",
	.description =
		"Ends the run of the environment's pipeline and waits until it has ended. Where the operator alone deploys it "
		"withdraws a request that waits for approval; what the operator has in hand cannot be stopped, only followed by "
		"another release (paas rollback).\n\n"
		"What a pipeline has handed to the cluster before goes on there. A run that ended by itself before it could be "
		"cancelled is told so (exit status 6).",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.run = run,
};

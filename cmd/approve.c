/* `paas approve`: say yes or no to a release that waits for a person. */
#include <string.h>

#include "api/kubernetes/client.h"
#include "base/clock.h"
#include "cmd/approve_view.h"
#include "cmd/command.h"
#include "cmd/deploy_announce.h"
#include "cmd/deploy_job.h"
#include "core/deploy/pending.h"
#include "data/platform.h"
#include "data/settings.h"
#include "role/cluster.h"
#include "ui/output.h"
#include "ui/prompt.h"

static const char *word, *environment, *input, *message;
static bool reject;

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "APP", .text = &word, .complete = "application", .fallback = "that of this folder",
	 .help = "application, or the run of a pipeline"},
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment, .complete = "environment",
	 .fallback = "where one waits", .help = "environment"},
	{.kind = OPTION_FLAG, .name = "reject", .flag = &reject, .help = "say no"},
	{.kind = OPTION_TEXT, .name = "input", .value = "TEXT", .text = &input, .help = "the answer, where the pipeline offers some"},
	{.kind = OPTION_TEXT, .letter = 'm', .name = "message", .value = "TEXT", .text = &message, .help = "why"},
	{.kind = OPTION_END},
};

/* ---- which one ---- */

struct subject {
	struct session *session;
	struct release located;
	struct cd *cd;
	struct pending_request request;
	struct pending pending;   /* that is decided */
};

static bool
locate(struct subject *subject, struct error *err)
{
	struct session *session = subject->session;
	struct release_request request = {.platform = session->platform, .project = session->project,
	                                  .settings = session->settings};
	if (!settings_set_flag(session->settings, SETTING_ENVIRONMENT_NAME, environment, err))
		return false;
	if (!cd_open(session->http, session->platform, session->arena, &subject->cd, err))
		return false;
	request.application = cd_looks_like_run(subject->cd, word) ? NULL : word;
	if (!release_locate(&request, session->arena, &subject->located, err))
		return false;
	subject->request = (struct pending_request){
		.http = session->http, .platform = session->platform, .cd = subject->cd, .name = subject->located.name,
		.team = subject->located.team, .environment = environment != NULL ? subject->located.environment : NULL};
	return true;
}

static bool
refuse_none(const struct subject *subject, struct error *err)
{
	error_put(err, ERROR_NOT_FOUND, "no release of %s waits for approval%s%s", subject->located.name,
	          environment != NULL ? " in " : "", environment != NULL ? environment : "");
	return error_next(err, "paas status %s", subject->located.name);
}

static bool
refuse_several(const struct subject *subject, const struct pending *list, size_t count, struct error *err)
{
	error_put(err, ERROR_CONFLICT, "%zu releases of %s wait for approval", count, subject->located.name);
	if (list[0].run.id != NULL)
		return error_next(err, "say which: paas approve %s (%s), or paas approve %s (%s)", list[0].run.id, list[0].run.pipeline,
		                  list[1].run.id, list[1].run.pipeline);
	return error_next(err, "say where: --env %s, or --env %s", list[0].environment->name, list[1].environment->name);
}

static bool
find(struct subject *subject, struct error *err)
{
	struct pending *list;
	size_t count;
	if (cd_looks_like_run(subject->cd, word)) {
		if (pending_of_run(&subject->request, word, subject->session->arena, &subject->pending, err))
			return true;
		if (err->code == ERROR_NOT_FOUND)
			error_put_next(err, "paas status %s names the run that waits", subject->located.name);
		return false;
	}
	if (!pending_find(&subject->request, subject->session->arena, &list, &count, err))
		return error_doing(err, "looking for what waits for approval");
	if (count == 1) {
		subject->pending = list[0];
		return true;
	}
	bool is_fine = count == 0 ? refuse_none(subject, err) : refuse_several(subject, list, count, err);
	pending_release(list, count);
	return is_fine;
}

static bool
check_input(const struct subject *subject, struct error *err)
{
	const char *const *inputs = subject->pending.inputs;
	bool is_one = inputs == NULL;
	for (size_t i = 0; inputs != NULL && inputs[i] != NULL; i++)
		is_one |= input != NULL && strcmp(inputs[i], input) == 0;
	if (is_one)
		return true;
	error_put(err, ERROR_USAGE, "the pipeline wants one of its answers");
	return error_next(err, inputs[1] != NULL ? "--input \"%s\", or --input \"%s\"" : "--input \"%s\"", inputs[0], inputs[1]);
}

static bool
confirm(const struct approve_view *view, bool *ret, struct error *err)
{
	const struct session *session = view->session;
	const struct prompt prompt = {session->out, session->can_prompt, session->assume_yes};
	const char *doubt = view->has_checks && view->checks.n_failed > 0
	                    ? arena_printf(session->arena, " although %zu of its checks failed", view->checks.n_failed) : "";
	const struct prompt_question question = {
		.text = reject ? "Reject it?" : arena_printf(session->arena, "Approve it%s?", doubt), .flag = "--yes"};
	return prompt_confirm(&prompt, &question, ret, err);
}

/* ---- deciding ---- */

static bool
decide_run(const struct subject *subject, const char **ret_by, struct error *err)
{
	const struct pending *pending = &subject->pending;
	const char *text = input != NULL ? input : message;
	bool is_approved;
	if (!cd_judge(subject->cd, &pending->run, pending->step, &(struct cd_judgment){!reject, text}, subject->session->arena,
	              &is_approved, ret_by, err))
		return false;
	if (is_approved == !reject)
		return true;
	error_put(err, ERROR_CONFLICT, "%s was faster and %s it", **ret_by != '\0' ? *ret_by : "somebody",
	          is_approved ? "approved" : "rejected");
	return error_next(err, "look at %s", pending->run.url);
}

/* Whoever approves hands it over: nobody else may be there to do it. */
static bool
hand_over(const struct subject *subject, const char *by, struct error *err)
{
	struct session *session = subject->session;
	const struct approval *approval = &subject->pending.approval;
	const struct deploy_choice choice = {.detach = true, .settle_ms = -1};
	const struct release_given given = {.label = "the approved release", .image = approval->image, .digest = approval->digest,
	                                    .commit = approval->commit, .config = approval->config};
	struct deploy_job job = {.session = session, .choice = &choice, .application = word, .given = &given, .is_quiet = true};
	bool is_fine = settings_set_flag(session->settings, SETTING_ENVIRONMENT_NAME, subject->pending.environment->name, err) &&
	               deploy_job_prepare(&job, err);
	if (is_fine) {
		job.release.deployment_id = approval->deployment_id;
		job.release.author = approval->author;
		job.release.approver = by;
		is_fine = deploy_job_hand_over(&job, err);
	}
	deploy_job_release(&job);
	return is_fine;
}

static bool
decide_request(const struct subject *subject, const char **ret_by, struct error *err)
{
	struct session *session = subject->session;
	const struct pending *pending = &subject->pending;
	scoped(cluster_close) struct cluster *cluster = NULL;
	struct error ignored;
	const char *by = "";
	if (!cluster_open(session->http, pending->environment->cluster, session->arena, &cluster, err))
		return false;
	if (!kubernetes_who_am_i(cluster->kubernetes, session->arena, &by, &ignored))
		by = "";
	*ret_by = by;
	const struct approval_decision decision = {.is_approved = !reject, .by = by, .message = message};
	if (!approval_decide(cluster->kubernetes, &pending->approval, &decision, kubernetes_server_time_ms(cluster->kubernetes), err)) {
		if (err->code == ERROR_CONFLICT)
			error_put_next(err, "somebody was faster, or it was asked anew: paas approve %s --env %s", subject->located.name,
			               pending->environment->name);
		return false;
	}
	return reject || hand_over(subject, by, err);
}

static bool
answer(const struct subject *subject, const struct approve_view *view, const char *by, struct error *err)
{
	const struct pending *pending = &subject->pending;
	struct output *out = subject->session->out;
	const char *where = pending->environment != NULL ? pending->environment->name : pending->run.pipeline;
	if (output_is_json(out)) {
		json_t *object = pending_to_json(pending);
		json_object_set_new(object, "name", json_string(subject->located.name));
		json_object_set_new(object, "decision", json_string(reject ? "rejected" : "approved"));
		json_object_set_new(object, "checks", approve_view_checks_to_json(view));
		json_object_set_new(object, "by", *by != '\0' ? json_string(by) : json_null());
		return output_json(out, object, err);
	}
	output_print(out, "%s: %s %s %s\n", reject ? "rejected" : "approved",
	             *pending->image != '\0' ? pending->image : subject->located.name, reject ? "does not go to" : "goes to", where);
	if (!reject && pending->environment != NULL)
		output_note(out, "follow it with: paas status %s --env %s --watch\n", subject->located.name, where);
	return true;
}

static bool
approve(struct subject *subject, struct error *err)
{
	bool is_sure;
	const char *by = "";
	struct approve_view view = {.session = subject->session, .name = subject->located.name, .pending = &subject->pending};
	if (!check_input(subject, err))
		return false;
	approve_view_read(&view);
	approve_view_show(&view);
	if (!confirm(&view, &is_sure, err))
		return false;
	if (!is_sure)
		return error_set(err, ERROR_CANCELLED, "nothing was decided");
	bool is_decided = subject->pending.run.id != NULL ? decide_run(subject, &by, err) : decide_request(subject, &by, err);
	if (!is_decided)
		return false;
	deploy_announce_decision(subject->session, &(struct deploy_decision){
		.pending = &subject->pending, .name = subject->located.name, .team = subject->located.team, .by = by, .message = message,
		.is_approved = !reject});
	return answer(subject, &view, by, err);
}

static bool
run(struct session *session, struct error *err)
{
	struct subject subject = {.session = session};
	bool is_fine = locate(&subject, err) && find(&subject, err) && approve(&subject, err);
	pending_release(&subject.pending, 1);
	cd_close(&subject.cd);
	return is_fine;
}

static const struct command_example examples[] = {
	{"paas approve", "the release of the application of this folder that waits"},
	{"paas approve checkout --env pro --yes", "without a question, as a script does"},
	{"paas approve --reject --message 'not on a Friday'", "say no, and why"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-deploy(1)", "paas-cancel(1)", "paas-status(1)", "platform.yml(5)", NULL};

const struct command command_approve = {
	.name = "approve",
	.group = GROUP_SHIP,
	.summary = "Approve or reject a release that waits for a person",
	.description =
		"Shows the release that waits (image, who asked, what runs now, the commits in between, the build and the checks of its "
		"commit, the settings that differ) and, after a confirmation, tells the decision to whoever asks: the pipeline, or where the operator alone deploys and the environment needs "
		"approval the request that paas deploy left in the ConfigMap paas-approval-NAME. It is done when the decision was "
		"read back; somebody who was faster and decided otherwise is named (exit status 6).\n\n"
		"Without a pipeline whoever approves hands the release over to the operator, with the annotation paas/approved-by on "
		"the Application.\n\n"
		"Where announce of the environment says so (platform.yml(5)), GitHub is told of the decision; of a no the team's channel "
		"is told too, by the machine that asked.\n\n"
		"When several wait, --env or the run of the pipeline says which. Some pipelines offer answers, of which --input has to "
		"be one. Without a terminal --yes is needed.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.run = run,
};

/* `paas status`: where an application stands in every environment; cmd/status_list.c for many. */
#include "cmd/command.h"
#include "cmd/status_list.h"
#include "cmd/status_table.h"
#include "cmd/status_view.h"
#include "core/deploy/overview.h"
#include "core/deploy/status.h"
#include "data/project.h"

static const char *app, *environment, *namespace, *team;
static bool watch, exit_code, show_all, all_namespaces;

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "APP", .text = &app, .complete = "application",
	 .fallback = "that of this folder", .help = "application to look at"},
	{.kind = OPTION_TEXT, .letter = 'e', .name = "env", .value = "ENV", .text = &environment,
	 .complete = "environment", .fallback = "all", .help = "only this environment"},
	{.kind = OPTION_TEXT, .letter = 'n', .name = "namespace", .value = "NS", .text = &namespace,
	 .help = "every application of this namespace"},
	{.kind = OPTION_TEXT, .name = "team", .value = "NAME", .text = &team, .complete = "team",
	 .help = "every application of this team's namespaces"},
	{.kind = OPTION_FLAG, .letter = 'A', .name = "all-namespaces", .flag = &all_namespaces,
	 .help = "every application of every team of the platform file"},
	{.kind = OPTION_FLAG, .letter = 'a', .name = "all", .flag = &show_all,
	 .help = "the well ones too, however many; alone: of every team"},
	{.kind = OPTION_FLAG, .letter = 'w', .name = "watch", .flag = &watch, .help = "go on looking until Ctrl-C"},
	{.kind = OPTION_FLAG, .name = "exit-code", .flag = &exit_code,
	 .help = "exit with 3 when something is wrong, with 4 or 7 when a cluster cannot be asked"},
	{.kind = OPTION_END},
};

static bool
check_usage(struct error *err)
{
	const char *scope = namespace ? "--namespace" : team ? "--team" : all_namespaces ? "--all-namespaces" : NULL;
	if ((namespace != NULL) + (team != NULL) + all_namespaces > 1)
		return error_set(err, ERROR_USAGE, "--namespace, --team and --all-namespaces exclude each other");
	if (scope && app)
		return error_set(err, ERROR_USAGE, "%s lists every application; APP is about one", scope);
	if (show_all && app)
		return error_set(err, ERROR_USAGE, "--all is for lists; APP is about one");
	all_namespaces |= show_all && !scope;
	return true;
}

static bool
run(struct session *session, struct error *err)
{
	struct project_identity identity;
	if (!check_usage(err))
		return false;
	if (namespace || team || all_namespaces) {
		struct overview_request list = {.loop = session->loop, .http = session->http, .platform = session->platform,
		                                .namespace = namespace, .team = team, .is_everywhere = all_namespaces,
		                                .environment = environment};
		return watch ? status_list_follow(session, &list, show_all, err)
		             : status_list(session, &list, show_all, exit_code, err);
	}
	if (!app && project_is_of_several(session->project, session->settings))
		return !watch ? status_of_apps(session, environment, exit_code, err)
		              : error_set(err, ERROR_USAGE, "--watch looks at one application: say which");
	if (!project_identify(session->project, session->settings, app, &identity, err))
		return false;
	struct status_request request = {.loop = session->loop, .http = session->http, .platform = session->platform,
	                                 .name = identity.name, .team = identity.team, .environment = environment};
	return watch ? status_follow(session, &request, err) : status_of_one(session, &request, exit_code, err);
}

static const struct command_example examples[] = {
	{"paas status", "the application of this folder, in every environment"},
	{"paas status checkout --env pro --watch", "go on looking at one environment"},
	{"paas status --team payments", "every application of a team, what is unwell first"},
	{"paas status --team payments --watch", "and go on looking, by what the clusters tell"},
	{"paas status --all-namespaces --env dev", "what is unwell in any team's namespace"},
	{"paas status --namespace payments-dev --env dev --json", "all that is known of a namespace"},
	{"paas status --exit-code", "for scripts: 3 when something is wrong"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-deploy(1)", "platform.yml(5)", NULL};

const struct command command_status = {
	.name = "status",
	.group = GROUP_LOOK,
	.summary = "Show where each environment stands",
	.description = "Asks the cluster of every environment at once: which release runs, how many pods are ready, how the "
		       "rollout goes, restarts, the last deployment and what the operator says of it, and what is wrong now, "
		       "with evidence and next step. A cluster that does not answer within 15 s is a row that says so.\n\n"
		       "Where the platform file names a CI or a source control and origin is there, two rows come first, asked at "
		       "the same time: the last build of what is checked out (else of its branch), and the branch's open pull "
		       "request with its required checks. One that does not answer within 10 s, or for which there is no "
		       "credential, is a row that says so; it changes no exit status. In JSON they are build (state, word, number, "
		       "url, commit, branch, of_current_commit, started_at, ended_at, error) and pull_request (state, number, title, "
		       "url, checks with required, passed, failed and pending, error); null when nothing was asked. State of a build: "
		       "queued, running, passed, failed, cancelled, none, or unknown, with the CI's own word; of a pull request: open, "
		       "draft, none, unknown.\n\n"
		       "Where releases go through pipelines, the last run of one is a row too, and wherever a release waits for a person "
		       "an approval row counts them and a line says how to approve each. In JSON they are pipeline (id, pipeline, state, "
		       "word, url, user, started_at, ended_at, steps) and approvals, a list (environment, image, digest, commit, author, judges, "
		       "question, inputs, since, run, url); null when not asked.\n\n"
		       "In a repository of several applications (apps in .paas.yml), outside of their folders, it shows all of them: in JSON "
		       "applications, each with its pipeline and approvals, beside build and pull_request, which they share.\n\n"
		       "With --watch the clusters tell what changes, and rows are kept up to date until Ctrl-C: drawn anew on a "
		       "terminal, printed again elsewhere, in accessible mode each fact that changed, with --json as an object a line whose type is \"status\". A cluster that "
		       "is out of reach for 5 s is unknown until it is back. Of one application the rows before the environments are asked "
		       "again too: build and pull request every 30 s, pipeline and approvals every 5 s while one is on its way, else every "
		       "30 s; one that does not answer holds up no other. With --namespace or --team it is a line an application "
		       "that changed (well ones show with --all), and one for the totals of a namespace; in JSON objects of the types "
		       "\"application\", \"namespace\" and \"approvals\".\n\n"
		       "With --namespace or --team it lists the FIAAS applications and other Deployments of a namespace, in every "
		       "environment; with --all-namespaces those of every team of the platform file, what is unwell anywhere "
		       "first: how many pods are ready and how many unwell, restarts, and why; what is unwell comes first, "
		       "and of more than 20 the well ones show with --all only. The API server is asked for table rows, so ten "
		       "thousand pods take little time and memory. Whole objects are read of at most 10 applications a namespace, "
		       "to say why: those that are unwell, and those that roll out or whose Deployment is not of the last release. "
		       "A pod that waits, or runs without being ready, is starting for its first five minutes and unwell after "
		       "them. A cluster has 30 s for its list. Totals and what was left out go to standard error.\n\n"
		       "With --team the releases that wait for approval come first, a row each with the command that decides it: of "
		       "the environment's pipeline, or without pipelines where it has needs: approval. One list a namespace more, of "
		       "at most 50, with 10 s to answer; under --watch as often as above. A line says when it cannot be read.\n\n"
		       "The JSON of a list is namespaces[], each with environment, namespace, counts (null when it could not be "
		       "read), error and applications[]: all of them, each with name, state, has_application, has_deployment, "
		       "deployment_id, desired, ready, pods, pods_starting, pods_unwell, restarts, pod_status (what an unwell pod "
		       "says of itself) and last_deployment (null when it was not looked into). Where approvals were asked for, approvals[] has "
		       "name, image, author and since of each; null when they could not be read.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.stops_unread = true,
	.run = run,
};

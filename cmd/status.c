/* `paas status`: where an application stands in every environment; cmd/status_list.c for many. */
#include <string.h>

#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/findings.h"
#include "cmd/status_list.h"
#include "cmd/status_view.h"
#include "core/deploy/overview.h"
#include "core/deploy/status.h"
#include "data/json.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/settings.h"
#include "ui/output.h"
#include "ui/table.h"

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

static const struct table_column columns[] = {
	{.title = "ENV"},
	{.title = "STATE"},
	{.title = "READY", .align_right = true},
	{.title = "RELEASE", .may_cut = true, .priority = 1},
	{.title = "RESTARTS", .align_right = true, .priority = 4},
	{.title = "DEPLOYED", .priority = 2},
	{.title = "BY", .may_cut = true, .priority = 5},
	{.title = "OPERATOR", .priority = 3},
};
enum { ENV, STATE, READY, RELEASE, RESTARTS, DEPLOYED, BY, OPERATOR };

/* "2026-11-24T10:00:00Z" piped, "3 min ago" for people. */
static const char *
deployed_text(const struct status_row *row, struct output *out, struct arena *arena)
{
	char text[CLOCK_TEXT_BYTES];
	if (row->deployed_ms < 0)
		return "";
	int64_t now_ms = row->deployment ? row->deployment->now_ms : clock_wall_ms();
	if (!output_is_terminal(out))
		return arena_strdup(arena, clock_format(row->deployed_ms, text));
	return arena_printf(arena, "%s ago", clock_format_duration(now_ms - row->deployed_ms, text));
}

static void
add_row(struct table *table, const struct status_row *row, struct output *out, struct arena *arena)
{
	table_add_row(table);
	table_set(table, ENV, STYLE_STRONG, "%s", row->environment->name);
	table_set(table, STATE, status_style(row->state), "%s", status_state_name(row->state));
	table_set(table, RELEASE, STYLE_PLAIN, "%s", output_is_terminal(out) ? status_short_image(row->image) : row->image);
	table_set(table, DEPLOYED, STYLE_PLAIN, "%s", deployed_text(row, out, arena));
	table_set(table, BY, STYLE_PLAIN, "%s", row->author);
	if (row->state == STATUS_UNKNOWN)
		table_add_note(table, STYLE_BAD, "%s", row->trouble.why);
	if (row->state == STATUS_UNKNOWN && *row->trouble.next)
		table_add_note(table, STYLE_PLAIN, "next: %s", row->trouble.next);
	if (!row->deployment)
		return;
	const struct rollout_progress *progress = &row->deployment->progress;
	table_set(table, READY, STYLE_PLAIN, "%lld/%lld", (long long)progress->available, (long long)progress->desired);
	table_set(table, RESTARTS, progress->restarts ? STYLE_CAUTION : STYLE_PLAIN, "%lld", (long long)progress->restarts);
	table_set(table, OPERATOR, STYLE_PLAIN, "%s", operator_word_name(row->deployment->operator));
}

/* What is wrong, below the table: piped too, so that `paas status | cat` tells as much. */
static void
print_troubles(struct output *out, const struct status_row *row)
{
	const struct deployment *deployment = row->deployment;
	if (row->state == STATUS_UNKNOWN && !output_is_terminal(out))
		output_print(out, "\n%s: %s\n", row->environment->name, row->trouble.why);
	if (row->state == STATUS_UNKNOWN && *row->trouble.next && !output_is_terminal(out))
		output_print(out, "  next: %s\n", row->trouble.next);
	if (!deployment || (!deployment->findings.count && !deployment->n_operator_lines))
		return;
	output_print(out, "\n%s:%s\n", row->environment->name,
	             deployment->old_serves ? " the previous release still serves" : "");
	for (size_t i = 0; i < deployment->findings.count; i++)
		findings_print(out, &deployment->findings.items[i]);
	for (size_t i = 0; i < deployment->n_operator_lines; i++)
		output_print(out, "operator: %s\n", deployment->operator_lines[i]);
}

static bool
print_rows(struct output *out, const char *name, const struct status_row *rows, size_t count, struct error *err)
{
	struct arena arena = {0};
	if (output_is_json(out))
		return output_json(out, status_rows_to_json(name, rows, count), err);
	struct table *table = table_new(&arena, columns, array_length(columns));
	for (size_t i = 0; i < count; i++)
		add_row(table, &rows[i], out, &arena);
	table_print(table, out);
	for (size_t i = 0; i < count; i++)
		print_troubles(out, &rows[i]);
	arena_release(&arena);
	return true;
}

/* Several at once: the first of 4, 7, 3. */
static int
exit_status(const struct status_row *rows, size_t count)
{
	static const int order[] = {4, 7, 3};
	for (size_t i = 0; i < array_length(order); i++)
		for (size_t row = 0; row < count; row++) {
			int status = rows[row].state == STATUS_UNKNOWN ? error_kind(rows[row].trouble.code)->exit_status
			             : status_is_unwell(rows[row].state) ? 3 : 0;
			bool is_other = status && status != 4 && status != 7;
			if (status == order[i] || (is_other && order[i] == 3))
				return order[i];
		}
	return 0;
}

/* Nobody answered: then the question itself was not. */
static bool
is_nothing_known(const struct status_row *rows, size_t count)
{
	for (size_t row = 0; row < count; row++)
		if (rows[row].state != STATUS_UNKNOWN)
			return false;
	return count > 0;
}

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
	struct status_row *rows;
	size_t count;
	if (!check_usage(err))
		return false;
	if (namespace || team || all_namespaces) {
		struct overview_request list = {.loop = session->loop, .http = session->http, .platform = session->platform,
		                                .namespace = namespace, .team = team, .is_everywhere = all_namespaces,
		                                .environment = environment};
		return watch ? status_list_follow(session, &list, show_all, err)
		             : status_list(session, &list, show_all, exit_code, err);
	}
	if (!project_identify(session->project, session->settings, app, &identity, err))
		return false;
	struct status_request request = {.loop = session->loop, .http = session->http, .platform = session->platform,
	                                 .name = identity.name, .team = identity.team, .environment = environment};
	if (watch)
		return status_follow(session, &request, err);
	if (!status_read(&request, session->arena, &rows, &count, err))
		return false;
	bool is_fine = print_rows(session->out, identity.name, rows, count, err);
	if (exit_code || is_nothing_known(rows, count))
		session->exit_status = exit_status(rows, count);
	status_release(rows, count);
	return is_fine;
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
		       "With --watch the clusters tell what changes, and each row is kept up to date until Ctrl-C: drawn anew on a "
		       "terminal, printed again elsewhere, with --json as an object a line whose type is \"status\". A cluster that "
		       "is out of reach for 5 s is unknown until it is back. With --namespace or --team it is a line an application "
		       "that changed (well ones show with --all), and one for the totals of a namespace; in JSON objects of the types "
		       "\"application\" and \"namespace\".\n\n"
		       "With --namespace or --team it lists the FIAAS applications and other Deployments of a namespace, in every "
		       "environment; with --all-namespaces those of every team of the platform file, what is unwell anywhere "
		       "first: how many pods are ready and how many unwell, restarts, and why; what is unwell comes first, "
		       "and of more than 20 the well ones show with --all only. The API server is asked for table rows, so ten "
		       "thousand pods take little time and memory. Whole objects are read of at most 10 applications a namespace, "
		       "to say why: those that are unwell, and those that roll out or whose Deployment is not of the last release. "
		       "A pod that waits, or runs without being ready, is starting for its first five minutes and unwell after "
		       "them. A cluster has 30 s for its list. Totals and what was left out go to standard error.\n\n"
		       "The JSON of a list is namespaces[], each with environment, namespace, counts (null when it could not be "
		       "read), error and applications[]: all of them, each with name, state, has_application, has_deployment, "
		       "deployment_id, desired, ready, pods, pods_starting, pods_unwell, restarts, pod_status (what an unwell pod "
		       "says of itself) and last_deployment (null when it was not looked into).",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM | NEEDS_PROJECT,
	.answers_json = true,
	.stops_unread = true,
	.run = run,
};

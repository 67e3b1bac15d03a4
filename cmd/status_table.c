#include "cmd/status_table.h"

#include <string.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "cmd/command.h"
#include "cmd/findings.h"
#include "cmd/status_next.h"
#include "cmd/status_upstream.h"
#include "cmd/status_view.h"
#include "data/platform.h"
#include "data/project.h"
#include "ui/output.h"
#include "ui/table.h"

static const struct table_column columns[] = {
	{.title = "APP"},
	{.title = "ENV"},
	{.title = "STATE"},
	{.title = "READY", .align_right = true},
	{.title = "RELEASE", .may_cut = true, .priority = 1},
	{.title = "RESTARTS", .align_right = true, .priority = 4},
	{.title = "DEPLOYED", .priority = 2},
	{.title = "BY", .may_cut = true, .priority = 5},
	{.title = "OPERATOR", .priority = 3},
};
enum { APP, ENV, STATE, READY, RELEASE, RESTARTS, DEPLOYED, BY, OPERATOR };

/* The rows of one application, and how they were come by. */
struct standing_app {
	struct session *session;
	struct status_request request;
	struct status_row *rows;
	size_t count;
	bool is_read;
	struct error failure; /* when it is not */
};

struct view {
	struct output *out;
	struct table *table;
	size_t shift; /* 1: without the first column */
	struct arena *arena;
};

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
	return arena_printf(arena, "%s ago", clock_format_age(now_ms - row->deployed_ms, text));
}

static void
add_row(const struct view *view, const char *name, const struct status_row *row)
{
	table_add_row(view->table);
	if (!view->shift)
		table_set(view->table, APP - view->shift, STYLE_STRONG, "%s", name);
	table_set(view->table, ENV - view->shift, STYLE_STRONG, "%s", row->environment->name);
	table_set(view->table, STATE - view->shift, status_style(row->state), "%s", status_state_name(row->state));
	table_set(view->table, RELEASE - view->shift, STYLE_PLAIN, "%s", output_is_terminal(view->out) ? status_short_image(row->image) : row->image);
	table_set(view->table, DEPLOYED - view->shift, STYLE_PLAIN, "%s", deployed_text(row, view->out, view->arena));
	table_set(view->table, BY - view->shift, STYLE_PLAIN, "%s", row->author);
	if (row->state == STATUS_UNKNOWN)
		table_add_note(view->table, STYLE_BAD, "%s", row->trouble.why);
	if (row->state == STATUS_UNKNOWN && *row->trouble.next)
		table_add_note(view->table, STYLE_PLAIN, "next: %s", row->trouble.next);
	if (!row->deployment)
		return;
	const struct rollout_progress *progress = &row->deployment->progress;
	table_set(view->table, READY - view->shift, STYLE_PLAIN, "%lld%s%lld", (long long)progress->available,
	          output_is_accessible(view->out) ? " of " : "/", (long long)progress->desired);
	table_set(view->table, RESTARTS - view->shift, progress->restarts ? STYLE_CAUTION : STYLE_PLAIN, "%lld", (long long)progress->restarts);
	table_set(view->table, OPERATOR - view->shift, STYLE_PLAIN, "%s", operator_word_name(row->deployment->operator));
}

/* What is wrong, below the table: piped too, so that `paas status | cat` tells as much. */
static void
print_troubles(const struct view *view, const char *name, const struct status_row *row)
{
	struct output *out = view->out;
	const char *app = view->shift ? "" : name, *in = view->shift ? "" : " in ";
	const struct deployment *deployment = row->deployment;
	if (row->state == STATUS_UNKNOWN && !output_is_terminal(out))
		output_print(out, "\n%s%s%s: %s\n", app, in, row->environment->name, row->trouble.why);
	if (row->state == STATUS_UNKNOWN && *row->trouble.next && !output_is_terminal(out))
		output_print(out, "  next: %s\n", row->trouble.next);
	if (!deployment || (!deployment->findings.count && !deployment->n_operator_lines))
		return;
	output_print(out, "\n%s%s%s:%s\n", app, in, row->environment->name,
	             deployment->old_serves ? " the previous release still serves" : "");
	for (size_t i = 0; i < deployment->findings.count; i++)
		findings_print(out, &deployment->findings.items[i]);
	for (size_t i = 0; i < deployment->n_operator_lines; i++)
		output_print(out, "operator: %s\n", deployment->operator_lines[i]);
}

/* ---- together ---- */

/* The worst thing of a row in one line, for a short answer. */
static void
print_worst(struct output *out, const struct status_row *row)
{
	const struct deployment *deployment = row->deployment;
	if (row->state == STATUS_UNKNOWN && !output_is_terminal(out))
		output_print(out, "%s: %s\n", row->environment->name, row->trouble.why);
	else if (deployment && deployment->findings.count)
		output_print(out, "%s: %s\n", row->environment->name, deployment->findings.items[0].sentence);
}

static void
print_apps(struct output *out, const struct standing_app *apps, size_t n_apps)
{
	scoped(arena_release) struct arena arena = {0};
	struct view view = {.out = out, .shift = n_apps == 1, .arena = &arena};
	view.table = table_new(&arena, columns + view.shift, array_length(columns) - view.shift);
	for (size_t i = 0; i < n_apps; i++)
		for (size_t row = 0; row < apps[i].count; row++)
			add_row(&view, apps[i].request.name, &apps[i].rows[row]);
	table_print(view.table, out);
	for (size_t i = 0; i < n_apps; i++)
		for (size_t row = 0; row < apps[i].count; row++) {
			if (apps[i].session->is_bare)
				print_worst(out, &apps[i].rows[row]);
			else
				print_troubles(&view, apps[i].request.name, &apps[i].rows[row]);
		}
}

static int
status_of_row(const struct status_row *row)
{
	if (row->state == STATUS_UNKNOWN)
		return error_kind(row->trouble.code)->exit_status;
	return status_is_unwell(row->state) ? error_kind(ERROR_PROBLEM_FOUND)->exit_status : 0;
}

/* Several at once: the first of 4, 7, 3. */
static int
exit_status(const struct standing_app *apps, size_t n_apps)
{
	bool is_denied = false, is_unreachable = false, is_unwell = false;
	for (size_t i = 0; i < n_apps; i++)
		for (size_t row = 0; row < apps[i].count; row++) {
			int status = status_of_row(&apps[i].rows[row]);
			is_denied |= status == 4;
			is_unreachable |= status == 7;
			is_unwell |= status != 0;
		}
	return is_denied ? 4 : is_unreachable ? 7 : is_unwell ? 3 : 0;
}

/* Nobody answered: then the question itself was not. */
static bool
is_nothing_known(const struct standing_app *apps, size_t n_apps)
{
	size_t count = 0;
	for (size_t i = 0; i < n_apps; i++)
		for (size_t row = 0; row < apps[i].count; row++, count++)
			if (apps[i].rows[row].state != STATUS_UNKNOWN)
				return false;
	return count > 0;
}

static void
read_app(void *data)
{
	struct standing_app *app = data;
	app->is_read = status_read(&app->request, app->session->arena, &app->rows, &app->count, &app->failure);
}

static json_t *
one_to_json(const struct standing_app *app, const struct upstream *upstream)
{
	json_t *object = status_rows_to_json(app->request.name, app->rows, app->count);
	status_upstream_add_json(upstream, object);
	return object;
}

bool
status_of_one(struct session *session, const struct status_request *request, bool exit_code, struct error *err)
{
	struct standing_app app = {.session = session, .request = *request};
	scoped(status_upstream_release) struct status_upstream upstream = {0};
	bool is_fine = true;
	status_upstream_begin(session, request, UPSTREAM_ALL, &upstream);
	read_app(&app);
	status_upstream_end(&upstream);
	if (!app.is_read) {
		*err = app.failure;
		return false;
	}
	if (output_is_json(session->out)) {
		is_fine = output_json(session->out, one_to_json(&app, &upstream.upstream), err);
	} else {
		status_upstream_print(&upstream, 1, session->out);
		print_apps(session->out, &app, 1);
	}
	if (session->is_bare)
		status_next(session, &(struct status_standing){request->name, app.rows, app.count}, 1);
	if (exit_code || is_nothing_known(&app, 1))
		session->exit_status = exit_status(&app, 1);
	status_release(app.rows, app.count);
	return is_fine;
}

/* ---- each of a repository ---- */

static bool
locate_apps(struct session *session, const char *environment, struct standing_app *apps, struct error *err)
{
	for (size_t i = 0; i < session->project->n_apps; i++) {
		struct project_identity identity;
		if (!project_identify(session->project, session->settings, session->project->apps[i].name, &identity, err))
			return false;
		apps[i] = (struct standing_app){
			.session = session,
			.request = {.loop = session->loop, .http = session->http, .platform = session->platform,
			            .name = identity.name, .team = identity.team, .environment = environment},
		};
	}
	return true;
}

/* They share the build and the pull request, of which the first asks. */
static void
read_apps(struct session *session, struct standing_app *apps, struct status_upstream *upstreams, size_t n_apps)
{
	struct fiber **fibers = arena_array(session->arena, struct fiber *, n_apps);
	for (size_t i = 0; i < n_apps; i++) {
		status_upstream_begin(session, &apps[i].request, i == 0 ? UPSTREAM_ALL : UPSTREAM_RUN | UPSTREAM_PENDING, &upstreams[i]);
		fibers[i] = fiber_start(session->loop, read_app, &apps[i]);
	}
	for (size_t i = 0; i < n_apps; i++) {
		fiber_join(fibers[i]);
		status_upstream_end(&upstreams[i]);
	}
}

static json_t *
apps_to_json(const struct standing_app *apps, const struct status_upstream *upstreams, size_t n_apps)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n_apps; i++) {
		json_t *object = status_rows_to_json(apps[i].request.name, apps[i].rows, apps[i].count);
		json_object_set_new(object, "pipeline", upstream_run_to_json(&upstreams[i].upstream));
		json_object_set_new(object, "approvals", upstream_pending_to_json(&upstreams[i].upstream));
		json_array_append_new(list, object);
	}
	return json_pack("{s:o, s:o, s:o}", "applications", list, "build", upstream_build_to_json(&upstreams[0].upstream),
	                 "pull_request", upstream_pull_to_json(&upstreams[0].upstream));
}

static bool
tell_apps(struct session *session, const struct standing_app *apps, const struct status_upstream *upstreams, size_t n_apps,
          struct error *err)
{
	for (size_t i = 0; i < n_apps; i++)
		if (!apps[i].is_read) {
			*err = apps[i].failure;
			return false;
		}
	if (output_is_json(session->out))
		return output_json(session->out, apps_to_json(apps, upstreams, n_apps), err);
	status_upstream_print(upstreams, n_apps, session->out);
	print_apps(session->out, apps, n_apps);
	return true;
}

static void
tell_next(struct session *session, const struct standing_app *apps, size_t n_apps)
{
	struct status_standing *standings = arena_array(session->arena, struct status_standing, n_apps);
	for (size_t i = 0; i < n_apps; i++)
		standings[i] = (struct status_standing){apps[i].request.name, apps[i].rows, apps[i].count};
	status_next(session, standings, n_apps);
}

bool
status_of_apps(struct session *session, const char *environment, bool exit_code, struct error *err)
{
	size_t n_apps = session->project->n_apps;
	struct standing_app *apps = arena_array(session->arena, struct standing_app, n_apps);
	struct status_upstream *upstreams = arena_array(session->arena, struct status_upstream, n_apps);
	if (!locate_apps(session, environment, apps, err))
		return false;
	read_apps(session, apps, upstreams, n_apps);
	bool is_fine = tell_apps(session, apps, upstreams, n_apps, err);
	if (is_fine && session->is_bare)
		tell_next(session, apps, n_apps);
	if (is_fine && (exit_code || is_nothing_known(apps, n_apps)))
		session->exit_status = exit_status(apps, n_apps);
	for (size_t i = 0; i < n_apps; i++)
		if (apps[i].is_read)
			status_release(apps[i].rows, apps[i].count);
	for (size_t i = 0; i < n_apps; i++)
		status_upstream_release(&upstreams[i]);
	return is_fine;
}

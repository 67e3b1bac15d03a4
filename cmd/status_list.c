#include "cmd/status_list.h"
#include "cmd/status_view.h"

#include <malloc.h>

#include "cmd/command.h"
#include "core/deploy/overview.h"
#include "core/deploy/overview_approvals.h"
#include "data/platform.h"
#include "ui/output.h"
#include "ui/table.h"

static const struct table_column columns[] = {
	{.title = "ENV"},
	{.title = "NAMESPACE", .priority = 5},
	{.title = "APP", .may_cut = true},
	{.title = "STATE"},
	{.title = "READY", .align_right = true},
	{.title = "UNWELL", .align_right = true, .priority = 3},
	{.title = "RESTARTS", .align_right = true, .priority = 4},
	{.title = "WHY"},
};
enum { ENV, NAMESPACE, APP, STATE, READY, UNWELL, RESTARTS, WHY };

bool
status_is_well(enum status_state state)
{
	return !status_is_unwell(state) && state != STATUS_ROLLING;
}

const char *
status_list_why(const struct overview_app *app)
{
	const struct deployment *deployment = app->examined ? app->examined->deployment : NULL;
	if (deployment && deployment->findings.count)
		return deployment->findings.items[0].sentence;
	if (!app->has_deployment)
		return "no Deployment was made for it";
	return app->word;
}

static void
begin_row(struct table *table, const struct overview *overview)
{
	table_add_row(table);
	table_set(table, ENV, STYLE_STRONG, "%s", overview->environment->name);
	table_set(table, NAMESPACE, STYLE_PLAIN, "%s", overview->namespace ? overview->namespace : "");
}

static void
add_app(struct table *table, const struct overview *overview, const struct overview_app *app,
        const struct output *out)
{
	bool is_unwell = status_is_unwell(app->state);
	begin_row(table, overview);
	table_set(table, APP, STYLE_STRONG, "%s", app->name);
	table_set(table, STATE, is_unwell ? STYLE_BAD : status_is_well(app->state) ? STYLE_GOOD : STYLE_CAUTION, "%s",
	          status_state_name(app->state));
	table_set(table, READY, STYLE_PLAIN, "%lld%s%lld", (long long)app->ready, output_is_accessible(out) ? " of " : "/",
	          (long long)app->desired);
	table_set(table, UNWELL, app->pods_unwell ? STYLE_BAD : STYLE_PLAIN, "%lld", (long long)app->pods_unwell);
	table_set(table, RESTARTS, app->restarts ? STYLE_CAUTION : STYLE_PLAIN, "%lld", (long long)app->restarts);
	if (!status_is_well(app->state))
		table_set(table, WHY, STYLE_PLAIN, "%s", status_list_why(app));
}

/* Before the applications: one that waits may not be there yet. */
static void
add_approvals(struct table *table, const struct overview *overview)
{
	const struct overview_approvals *approvals = overview->approvals;
	for (size_t i = 0; approvals != NULL && i < approvals->count; i++) {
		const struct overview_approval *approval = &approvals->items[i];
		begin_row(table, overview);
		table_set(table, APP, STYLE_STRONG, "%s", approval->name);
		table_set(table, STATE, STYLE_CAUTION, "waits for approval");
		table_set(table, WHY, STYLE_PLAIN, "%s%snext: paas approve %s --env %s", status_short_image(approval->image),
		          *approval->image != '\0' ? "; " : "", approval->name, overview->environment->name);
	}
}

/* Which rows of a namespace come now: of many namespaces what is unwell anywhere comes first. */
enum turn { TURN_ALL, TURN_UNWELL, TURN_WELL };

/* Returns how many well applications were left out. */
static size_t
add_overview(struct table *table, const struct overview *overview, enum turn turn, bool are_well_shown,
             const struct output *out)
{
	size_t n_hidden = 0;
	if (overview->trouble.code != ERROR_NONE && turn != TURN_WELL) {
		begin_row(table, overview);
		table_set(table, STATE, STYLE_BAD, "%s", status_state_name(STATUS_UNKNOWN));
		table_set(table, WHY, STYLE_PLAIN, "%s", overview->trouble.why);
	}
	if (turn != TURN_WELL)
		add_approvals(table, overview);
	for (size_t i = 0; i < overview->n_apps; i++) {
		bool is_well = status_is_well(overview->apps[i].state);
		if (turn != TURN_ALL && is_well != (turn == TURN_WELL))
			continue;
		n_hidden += is_well && !are_well_shown;
		if (!is_well || are_well_shown)
			add_app(table, overview, &overview->apps[i], out);
	}
	return n_hidden;
}

/* What the table does not say: totals, and what was left out. */
static void
note_totals(struct output *out, const struct overview *overview, size_t n_hidden)
{
	if (n_hidden)
		output_note(out, "%s in %s: %zu well applications are not shown; --all shows them", overview->namespace,
		            overview->environment->name, n_hidden);
	if (overview->trouble.code == ERROR_NONE)
		output_note(out, "%s in %s: applications: %zu, unwell %zu, rolling out %zu; pods: %lld, ready %lld, unwell %lld",
		            overview->namespace, overview->environment->name, overview->n_apps, overview->n_unwell,
		            overview->n_under_way, (long long)overview->pods, (long long)overview->pods_ready,
		            (long long)overview->pods_unwell);
}

static void
note_approvals(struct output *out, const struct overview *overview)
{
	const struct overview_approvals *approvals = overview->approvals;
	if (approvals == NULL || overview->trouble.code != ERROR_NONE)
		return;
	if (approvals->trouble.code != ERROR_NONE)
		output_note(out, "%s in %s: whether a release waits for approval is not known: %s", overview->namespace,
		            overview->environment->name, approvals->trouble.why);
	if (approvals->n_dropped > 0)
		output_note(out, "%s in %s: %zu more wait for approval", overview->namespace, overview->environment->name,
		            approvals->n_dropped);
}

static void
note_limits(struct output *out, const struct overview *overview)
{
	if (overview->trouble.code != ERROR_NONE && *overview->trouble.next)
		output_note(out, "%s: next: %s", overview->environment->name, overview->trouble.next);
	if (overview->n_examined < overview->n_worth)
		output_note(out, "%s in %s: only %zu of the %zu applications that are unwell or rolling out were looked into",
		            overview->namespace, overview->environment->name, overview->n_examined, overview->n_worth);
	if (overview->n_dropped)
		output_note(out, "%s in %s: %zu more applications and Deployments are not shown", overview->namespace,
		            overview->environment->name, overview->n_dropped);
}

static void
note_sums(struct output *out, const struct overview *overviews, size_t count, size_t n_hidden)
{
	struct overview sum = {0};
	for (size_t i = 0; i < count; i++) {
		sum.n_apps += overviews[i].n_apps;
		sum.n_unwell += overviews[i].n_unwell;
		sum.n_under_way += overviews[i].n_under_way;
		sum.pods += overviews[i].pods;
		sum.pods_ready += overviews[i].pods_ready;
		sum.pods_unwell += overviews[i].pods_unwell;
	}
	if (n_hidden)
		output_note(out, "%zu well applications are not shown; --all shows them", n_hidden);
	output_note(out, "namespaces: %zu; applications: %zu, unwell %zu, rolling out %zu; pods: %lld, ready %lld, unwell %lld",
	            count, sum.n_apps, sum.n_unwell, sum.n_under_way, (long long)sum.pods, (long long)sum.pods_ready,
	            (long long)sum.pods_unwell);
}

static bool
print_json(struct output *out, const struct overview *overviews, size_t count, struct error *err)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, overview_to_json(&overviews[i]));
	return output_json(out, json_pack("{s:o}", "namespaces", list), err);
}

/* A namespace or a team: one after the other, each with its totals. */
static void
print_each(struct output *out, const struct overview *overviews, size_t count, bool all, struct table *table,
           struct arena *arena)
{
	size_t *n_hidden = arena_array(arena, size_t, count + 1);
	for (size_t i = 0; i < count; i++)
		n_hidden[i] = add_overview(table, &overviews[i], TURN_ALL, all || overviews[i].n_apps <= STATUS_LIST_ROWS, out);
	table_print(table, out);
	for (size_t i = 0; i < count; i++) {
		note_limits(out, &overviews[i]);
		note_approvals(out, &overviews[i]);
		note_totals(out, &overviews[i], n_hidden[i]);
	}
}

static void
print_everywhere(struct output *out, const struct overview *overviews, size_t count, bool all, struct table *table)
{
	size_t n_apps = 0, n_hidden = 0;
	for (size_t i = 0; i < count; i++)
		n_apps += overviews[i].n_apps;
	for (enum turn turn = TURN_UNWELL; turn <= TURN_WELL; turn++)
		for (size_t i = 0; i < count; i++)
			n_hidden += add_overview(table, &overviews[i], turn, all || n_apps <= STATUS_LIST_ROWS, out);
	table_print(table, out);
	for (size_t i = 0; i < count; i++)
		note_limits(out, &overviews[i]);
	note_sums(out, overviews, count, n_hidden);
}

static void
print_text(struct output *out, const struct overview *overviews, size_t count, bool is_everywhere, bool all)
{
	struct arena arena = {0};
	struct table *table = table_new(&arena, columns, array_length(columns));
	if (is_everywhere)
		print_everywhere(out, overviews, count, all, table);
	else
		print_each(out, overviews, count, all, table, &arena);
	arena_release(&arena);
}

/* Several at once: the first of 4, 7, 3.  When no namespace could be read, of 4, 7 and the first. */
static int
exit_status(const struct overview *overviews, size_t count, bool is_nothing_known)
{
	int status = 0;
	for (size_t i = 0; i < count; i++) {
		int one = overviews[i].trouble.code == ERROR_NONE ? (overviews[i].n_unwell ? 3 : 0)
		                                                  : error_kind(overviews[i].trouble.code)->exit_status;
		if (one == 4 || (one == 7 && status != 4))
			status = one;
		else if (one && !status)
			status = is_nothing_known ? one : 3;
	}
	return status;
}

/* Pages of thousands of rows are read into a few large buffers, and names are resolved in threads of their own: what is done with goes
 * back to the system at once, and one heap is enough.  A quarter of a megabyte. */
void
status_list_keep_small(void)
{
	mallopt(M_MMAP_THRESHOLD, 64 * 1024);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024);
	mallopt(M_TOP_PAD, 16 * 1024);
	mallopt(M_ARENA_MAX, 1);
}

bool
status_list(struct session *session, const struct overview_request *request, bool all, bool exit_code,
            struct error *err)
{
	status_list_keep_small();
	struct overview *overviews;
	size_t count, n_known = 0;
	if (!overview_read(request, session->arena, &overviews, &count, err))
		return false;
	bool is_fine = true;
	if (output_is_json(session->out))
		is_fine = print_json(session->out, overviews, count, err);
	else
		print_text(session->out, overviews, count, request->is_everywhere, all);
	for (size_t i = 0; i < count; i++)
		n_known += overviews[i].trouble.code == ERROR_NONE;
	if (exit_code || n_known == 0)
		session->exit_status = exit_status(overviews, count, n_known == 0);
	overview_release(overviews, count);
	return is_fine;
}

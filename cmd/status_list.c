#include "cmd/status_list.h"

#include "cmd/command.h"
#include "core/deploy/overview.h"
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
add_app(struct table *table, const struct overview *overview, const struct overview_app *app)
{
	bool is_unwell = status_is_unwell(app->state);
	begin_row(table, overview);
	table_set(table, APP, STYLE_STRONG, "%s", app->name);
	table_set(table, STATE, is_unwell ? STYLE_BAD : status_is_well(app->state) ? STYLE_GOOD : STYLE_CAUTION, "%s",
	          status_state_name(app->state));
	table_set(table, READY, STYLE_PLAIN, "%lld/%lld", (long long)app->ready, (long long)app->desired);
	table_set(table, UNWELL, app->pods_unwell ? STYLE_BAD : STYLE_PLAIN, "%lld", (long long)app->pods_unwell);
	table_set(table, RESTARTS, app->restarts ? STYLE_CAUTION : STYLE_PLAIN, "%lld", (long long)app->restarts);
	if (!status_is_well(app->state))
		table_set(table, WHY, STYLE_PLAIN, "%s", status_list_why(app));
}

/* Returns how many well applications were left out. */
static size_t
add_overview(struct table *table, const struct overview *overview, bool all)
{
	size_t n_hidden = 0;
	if (overview->trouble.code != ERROR_NONE) {
		begin_row(table, overview);
		table_set(table, STATE, STYLE_BAD, "%s", status_state_name(STATUS_UNKNOWN));
		table_set(table, WHY, STYLE_PLAIN, "%s", overview->trouble.why);
	}
	for (size_t i = 0; i < overview->n_apps; i++) {
		bool is_hidden = !all && overview->n_apps > STATUS_LIST_ROWS && status_is_well(overview->apps[i].state);
		n_hidden += is_hidden;
		if (!is_hidden)
			add_app(table, overview, &overview->apps[i]);
	}
	return n_hidden;
}

/* What the table does not say: totals, and what was left out. */
static void
note_totals(struct output *out, const struct overview *overview, size_t n_hidden)
{
	if (overview->trouble.code != ERROR_NONE) {
		if (*overview->trouble.next)
			output_note(out, "%s: next: %s", overview->environment->name, overview->trouble.next);
		return;
	}
	if (overview->n_examined < overview->n_worth)
		output_note(out, "%s in %s: only %zu of the %zu applications that are unwell or rolling out were looked into",
		            overview->namespace, overview->environment->name, overview->n_examined, overview->n_worth);
	if (overview->n_dropped)
		output_note(out, "%s in %s: %zu more applications and Deployments are not shown", overview->namespace,
		            overview->environment->name, overview->n_dropped);
	if (n_hidden)
		output_note(out, "%s in %s: %zu well applications are not shown; --all shows them", overview->namespace,
		            overview->environment->name, n_hidden);
	output_note(out, "%s in %s: applications: %zu, unwell %zu, rolling out %zu; pods: %lld, ready %lld, unwell %lld",
	            overview->namespace, overview->environment->name, overview->n_apps, overview->n_unwell,
	            overview->n_under_way, (long long)overview->pods, (long long)overview->pods_ready,
	            (long long)overview->pods_unwell);
}

static bool
print_all(struct output *out, const struct overview *overviews, size_t count, bool all, struct error *err)
{
	struct arena arena = {0};
	if (output_is_json(out)) {
		json_t *list = json_array();
		for (size_t i = 0; i < count; i++)
			json_array_append_new(list, overview_to_json(&overviews[i]));
		return output_json(out, json_pack("{s:o}", "namespaces", list), err);
	}
	size_t *n_hidden = arena_array(&arena, size_t, count + 1);
	struct table *table = table_new(&arena, columns, array_length(columns));
	for (size_t i = 0; i < count; i++)
		n_hidden[i] = add_overview(table, &overviews[i], all);
	table_print(table, out);
	for (size_t i = 0; i < count; i++)
		note_totals(out, &overviews[i], n_hidden[i]);
	arena_release(&arena);
	return true;
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

bool
status_list(struct session *session, const struct overview_request *request, bool all, bool exit_code,
            struct error *err)
{
	struct overview *overviews;
	size_t count, n_known = 0;
	if (!overview_read(request, session->arena, &overviews, &count, err))
		return false;
	bool is_fine = print_all(session->out, overviews, count, all, err);
	for (size_t i = 0; i < count; i++)
		n_known += overviews[i].trouble.code == ERROR_NONE;
	if (exit_code || n_known == 0)
		session->exit_status = exit_status(overviews, count, n_known == 0);
	overview_release(overviews, count);
	return is_fine;
}

#include "cmd/status_upstream.h"

#include <string.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "cmd/command.h"
#include "cmd/status_view.h"
#include "data/platform.h"
#include "data/project.h"
#include "data/repository.h"
#include "ui/output.h"
#include "ui/table.h"

/* ---- asking ---- */

/* The folder is of that application, so that its repository says something about it. */
static bool
is_at_hand(struct session *session, const char *name)
{
	struct project *project = session->project;
	struct project_identity identity;
	struct error ignored;
	if (project->root == NULL)
		return false;
	if (project_identify(project, session->settings, NULL, &identity, &ignored) && strcmp(identity.name, name) == 0)
		return true;
	for (size_t i = 0; i < project->n_apps; i++)
		if (strcmp(project->apps[i].name, name) == 0)
			return true;
	return false;
}

static void
read_upstream(void *data)
{
	struct status_upstream *upstream = data;
	upstream_read(&upstream->request, upstream->session->arena, &upstream->upstream);
}

void
status_upstream_put_request(struct session *session, const struct status_request *request, struct upstream_request *ret)
{
	struct error ignored;
	bool has_builds = ci_knows(session->platform) || scm_knows(session->platform);
	*ret = (struct upstream_request){
		.kinds = UPSTREAM_ALL, .loop = session->loop, .http = session->http, .platform = session->platform, .name = request->name,
		.team = request->team, .environment = platform_environment_named(session->platform, request->environment)};
	if (!has_builds || !is_at_hand(session, request->name) ||
	    !repository_read_head(session->project->root, session->arena, &ret->repository, &ignored))
		ret->repository = NULL;
}

void
status_upstream_begin(struct session *session, const struct status_request *request, unsigned kinds, struct status_upstream *ret)
{
	*ret = (struct status_upstream){.session = session};
	status_upstream_put_request(session, request, &ret->request);
	ret->request.kinds = kinds;
	ret->fiber = fiber_start(session->loop, read_upstream, ret);
}

void
status_upstream_release(struct status_upstream *upstream)
{
	upstream_release(&upstream->upstream);
}

void
status_upstream_end(struct status_upstream *upstream)
{
	if (upstream->fiber == NULL)
		return;
	if (fiber_is_cancelled())
		fiber_cancel(upstream->fiber);
	fiber_join(upstream->fiber);
	upstream->fiber = NULL;
}

/* ---- printing ---- */

static const struct table_column columns[] = {
	{.title = "BEFORE"},
	{.title = "STATE"},
	{.title = "NUMBER", .align_right = true},
	{.title = "CHECKS", .priority = 1},
	{.title = "AGE", .priority = 2},
	{.title = "OF", .may_cut = true},
	{.title = "PAGE", .priority = 3},
};
enum { BEFORE, STATE, NUMBER, CHECKS, AGE, OF, PAGE };

static enum style
build_style(enum ci_state state)
{
	static const enum style styles[] = {
		[CI_QUEUED] = STYLE_CAUTION, [CI_RUNNING] = STYLE_CAUTION, [CI_PASSED] = STYLE_GOOD,
		[CI_FAILED] = STYLE_BAD,     [CI_CANCELLED] = STYLE_BAD,   [CI_UNKNOWN] = STYLE_CAUTION,
	};
	return styles[state];
}

/* As the DEPLOYED column: "3 min ago" for people, a time piped. */
static void
set_age(struct table *table, struct output *out, int64_t time_ms)
{
	char text[CLOCK_TEXT_BYTES];
	int64_t age_ms = clock_wall_ms() - time_ms;
	if (time_ms < 0)
		return;
	if (output_is_terminal(out))
		table_set(table, AGE, STYLE_PLAIN, "%s ago", clock_format_age(age_ms, text));
	else
		table_set(table, AGE, STYLE_PLAIN, "%s", clock_format(time_ms, text));
}

static void
fill_build(struct table *table, const struct upstream *upstream, struct output *out)
{
	const struct ci_build *build = &upstream->build;
	table_set(table, STATE, build_style(build->state), "%s",
	          build->state == CI_UNKNOWN && *build->word != '\0' ? build->word : ci_state_name(build->state));
	table_set(table, NUMBER, STYLE_PLAIN, "%s", build->number);
	set_age(table, out, build->ended_ms >= 0 ? build->ended_ms : build->started_ms);
	table_set(table, OF, STYLE_PLAIN, "%.8s%s%s%s", build->commit, *build->branch != '\0' ? " of " : "", build->branch,
	          upstream->is_of_commit ? "" : ", not what is checked out");
	table_set(table, PAGE, STYLE_PLAIN, "%s", build->url);
}

static void
fill_pull(struct table *table, const struct upstream *upstream, struct output *out)
{
	const struct scm_pull *pull = &upstream->pull;
	(void)out;
	table_set(table, STATE, STYLE_PLAIN, "%s", pull->is_draft ? "draft" : "open");
	table_set(table, NUMBER, STYLE_PLAIN, "%s", pull->number);
	table_set(table, CHECKS, pull->n_failed > 0 ? STYLE_BAD : pull->n_pending > 0 ? STYLE_CAUTION : STYLE_GOOD,
	          "%zu passed, %zu failed, %zu pending%s", pull->n_passed, pull->n_failed, pull->n_pending,
	          pull->are_required ? "" : ", none required");
	table_set(table, OF, STYLE_PLAIN, "%s", pull->title);
	table_set(table, PAGE, STYLE_PLAIN, "%s", pull->url);
}

static enum style
run_style(enum cd_state state)
{
	return cd_is_bad(state) ? STYLE_BAD : state == CD_SUCCEEDED ? STYLE_GOOD : STYLE_CAUTION;
}

static void
fill_run(struct table *table, const struct upstream *upstream, struct output *out)
{
	const struct cd_run *run = &upstream->run;
	int64_t time_ms = run->ended_ms > 0 ? run->ended_ms : run->started_ms > 0 ? run->started_ms : run->built_ms;
	table_set(table, STATE, run_style(run->state), "%s", run->state == CD_OTHER ? run->word : cd_state_name(run->state));
	set_age(table, out, time_ms > 0 ? time_ms : -1);
	table_set(table, OF, STYLE_PLAIN, "%s%s%s", run->pipeline, *run->image != '\0' ? ", " : "", status_short_image(run->image));
	table_set(table, PAGE, STYLE_PLAIN, "%s", run->url);
}

/* The first; each has a line of its own below. */
static void
fill_pending(struct table *table, const struct upstream *upstream, struct output *out)
{
	const struct pending *pending = &upstream->pending[0];
	table_set(table, STATE, STYLE_CAUTION, "%s", "waiting");
	table_set(table, NUMBER, STYLE_PLAIN, "%zu", upstream->n_pending);
	set_age(table, out, pending->since_ms > 0 ? pending->since_ms : -1);
	table_set(table, OF, STYLE_PLAIN, "%s%s%s", status_short_image(pending->image), pending->environment != NULL ? " for " : "",
	          pending->environment != NULL ? pending->environment->name : "");
}

/* ---- in a line ---- */

static const char *
say_build(const struct upstream *upstream, const char *name, struct arena *arena, enum style *ret_style)
{
	const struct ci_build *build = &upstream->build;
	(void)name;
	*ret_style = build_style(build->state);
	return arena_printf(arena, "%s, number %s, %.8s%s%s%s",
	                    build->state == CI_UNKNOWN && *build->word != '\0' ? build->word : ci_state_name(build->state),
	                    build->number, build->commit, *build->branch != '\0' ? " of " : "", build->branch,
	                    upstream->is_of_commit ? "" : ", not what is checked out");
}

static const char *
say_pull(const struct upstream *upstream, const char *name, struct arena *arena, enum style *ret_style)
{
	const struct scm_pull *pull = &upstream->pull;
	(void)name;
	*ret_style = pull->n_failed > 0 ? STYLE_BAD : pull->n_pending > 0 ? STYLE_CAUTION : STYLE_GOOD;
	return arena_printf(arena, "%s, number %s, checks: %zu passed, %zu failed, %zu pending%s: %s",
	                    pull->is_draft ? "draft" : "open", pull->number, pull->n_passed, pull->n_failed, pull->n_pending,
	                    pull->are_required ? "" : ", none required", pull->title);
}

static const char *
say_run(const struct upstream *upstream, const char *name, struct arena *arena, enum style *ret_style)
{
	const struct cd_run *run = &upstream->run;
	(void)name;
	*ret_style = run_style(run->state);
	return arena_printf(arena, "%s, %s%s%s", run->state == CD_OTHER ? run->word : cd_state_name(run->state), run->pipeline,
	                    *run->image != '\0' ? ", " : "", status_short_image(run->image));
}

/* The first, and the command that decides it. */
static const char *
say_pending(const struct upstream *upstream, const char *name, struct arena *arena, enum style *ret_style)
{
	const struct pending *pending = &upstream->pending[0];
	const char *more = upstream->n_pending > 1 ? arena_printf(arena, " (and %zu more)", upstream->n_pending - 1) : "";
	*ret_style = STYLE_CAUTION;
	if (pending->environment == NULL)
		return arena_printf(arena, "pipeline %s waits for a person%s: paas approve %s", pending->run.pipeline, more,
		                    pending->run.id);
	return arena_printf(arena, "%s waits in %s%s: paas approve %s --env %s", status_short_image(pending->image),
	                    pending->environment->name, more, name, pending->environment->name);
}

struct row {
	const char *name;
	enum upstream_state state;
	const struct error *trouble;
	void (*fill)(struct table *table, const struct upstream *upstream, struct output *out);
	const char *(*say)(const struct upstream *upstream, const char *name, struct arena *arena, enum style *ret_style);
};

static void
put_rows(const struct upstream *upstream, struct row ret[static STATUS_UPSTREAM_LINES])
{
	const struct row rows[STATUS_UPSTREAM_LINES] = {
		{"build", upstream->build_state, &upstream->build_trouble, fill_build, say_build},
		{"pull request", upstream->pull_state, &upstream->pull_trouble, fill_pull, say_pull},
		{"pipeline", upstream->run_state, &upstream->run_trouble, fill_run, say_run},
		{"approval", upstream->pending_state, &upstream->pending_trouble, fill_pending, say_pending},
	};
	memcpy(ret, rows, sizeof rows);
}

static bool
is_awaited(const struct row *row)
{
	return row->state == UPSTREAM_UNKNOWN && row->trouble->code == ERROR_NONE;
}

/* That nothing waits is no news; and who cannot ask for runs cannot ask which of them wait. */
static bool
is_shown(const struct row *row, const struct upstream *upstream)
{
	if (row->fill == fill_pending && (row->state == UPSTREAM_NONE || upstream->run_state == UPSTREAM_UNKNOWN))
		return false;
	return row->state != UPSTREAM_UNASKED;
}

/* `subject` has the application, where there are several. */
static void
add_row(struct table *table, const struct row *row, const struct upstream *upstream, const char *subject, struct output *out)
{
	table_add_row(table);
	table_set(table, BEFORE, STYLE_STRONG, "%s", subject);
	if (row->state == UPSTREAM_FOUND)
		row->fill(table, upstream, out);
	else
		table_set(table, STATE, row->state == UPSTREAM_NONE ? STYLE_FAINT : STYLE_BAD, "%s",
		          row->state == UPSTREAM_NONE ? "none" : "unknown");
	if (row->state != UPSTREAM_UNKNOWN)
		return;
	table_add_note(table, STYLE_BAD, "%s", row->trouble->why);
	if (*row->trouble->next != '\0')
		table_add_note(table, STYLE_PLAIN, "next: %s", row->trouble->next);
	if (!output_is_terminal(out))
		output_note(out, "%s: %s%s%s\n", subject, row->trouble->why, *row->trouble->next != '\0' ? "; next: " : "",
		            row->trouble->next);
}

static void
add_rows(struct table *table, const struct status_upstream *one, bool is_lone, struct output *out)
{
	struct row rows[STATUS_UPSTREAM_LINES];
	put_rows(&one->upstream, rows);
	for (size_t i = 0; i < array_length(rows); i++) {
		bool is_of_application = rows[i].fill == fill_run || rows[i].fill == fill_pending;
		if (is_shown(&rows[i], &one->upstream))
			add_row(table, &rows[i], &one->upstream,
			        is_lone || !is_of_application ? rows[i].name
			                                      : arena_printf(one->session->arena, "%s of %s", rows[i].name, one->request.name),
			        out);
	}
}

static void
say_how_to_approve(const struct pending *pending, const char *name, struct output *out)
{
	if (pending->environment != NULL)
		output_note(out, "%s waits for approval in %s: paas approve %s --env %s\n", status_short_image(pending->image),
		            pending->environment->name, name, pending->environment->name);
	else
		output_note(out, "pipeline %s waits for a person: paas approve %s\n", pending->run.pipeline, pending->run.id);
}

void
status_upstream_print(const struct status_upstream *list, size_t count, struct output *out)
{
	scoped(arena_release) struct arena arena = {0};
	struct table *table = table_new(&arena, columns, array_length(columns));
	for (size_t i = 0; i < count; i++)
		add_rows(table, &list[i], count == 1, out);
	table_print(table, out);
	for (size_t i = 0; i < count; i++)
		for (size_t at = 0; at < list[i].upstream.n_pending; at++)
			say_how_to_approve(&list[i].upstream.pending[at], list[i].request.name, out);
	if (table_rows(table) > 0 && output_is_terminal(out))
		output_print(out, "\n");
}

bool
status_upstream_is_awaited(const struct upstream *upstream)
{
	struct row rows[STATUS_UPSTREAM_LINES];
	bool is_any = false;
	put_rows(upstream, rows);
	for (size_t i = 0; i < array_length(rows); i++)
		is_any |= is_awaited(&rows[i]);
	return is_any;
}

static void
put_line(const struct row *row, const struct upstream *upstream, const char *name, struct arena *arena, struct status_line *ret)
{
	*ret = (struct status_line){.subject = row->name, .style = row->state == UPSTREAM_NONE ? STYLE_FAINT : STYLE_BAD};
	if (!is_shown(row, upstream) || is_awaited(row))
		return;
	if (row->state == UPSTREAM_FOUND)
		ret->text = row->say(upstream, name, arena, &ret->style);
	else if (row->state == UPSTREAM_NONE)
		ret->text = "none";
	else
		ret->text = arena_printf(arena, "unknown, %s%s%s", row->trouble->why, *row->trouble->next != '\0' ? "; next: " : "",
		                         row->trouble->next);
}

void
status_upstream_put_lines(const struct upstream *upstream, const char *name, struct arena *arena,
                          struct status_line ret[static STATUS_UPSTREAM_LINES])
{
	struct row rows[STATUS_UPSTREAM_LINES];
	put_rows(upstream, rows);
	for (size_t i = 0; i < array_length(rows); i++)
		put_line(&rows[i], upstream, name, arena, &ret[i]);
}

void
status_upstream_add_json(const struct upstream *upstream, json_t *object)
{
	json_object_set_new(object, "build", upstream_build_to_json(upstream));
	json_object_set_new(object, "pull_request", upstream_pull_to_json(upstream));
	json_object_set_new(object, "pipeline", upstream_run_to_json(upstream));
	json_object_set_new(object, "approvals", upstream_pending_to_json(upstream));
}

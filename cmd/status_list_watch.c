/* `paas status --namespace NS --watch`: what changes among many. */
#include <string.h>

#include "cmd/command.h"
#include "cmd/status_list.h"
#include "cmd/status_view.h"
#include "core/deploy/overview_approvals.h"
#include "core/deploy/overview_watch.h"
#include "data/error_json.h"
#include "data/json.h"
#include "data/platform.h"
#include "ui/progress.h"

enum { DRAWN_ROWS = 20 };

struct view {
	struct output *out;
	struct progress *progress; /* NULL where nothing is redrawn */
	bool all;
	json_t *known; /* a list: of each namespace its totals as told, and name to text of its applications */
	struct arena arena; /* of one telling */
};

static const char *
app_text(const struct view *view, const struct overview_app *app, struct arena *arena)
{
	const char *reason = status_is_well(app->state) ? "" : status_list_why(app);
	const char *unwell = app->pods_unwell > 0 ? arena_printf(arena, ", %lld unwell", (long long)app->pods_unwell) : "";
	return arena_printf(arena, "%s, %lld%s%lld ready%s, %lld restarts%s%s", status_state_name(app->state),
	                    (long long)app->ready, output_is_accessible(view->out) ? " of " : "/", (long long)app->desired,
	                    unwell, (long long)app->restarts, *reason ? ": " : "", reason);
}

static const char *
place_text(const struct overview *overview, struct arena *arena)
{
	return arena_printf(arena, "%s in %s", overview->namespace ? overview->namespace : "?", overview->environment->name);
}

static const char *
totals_text(const struct overview *overview, struct arena *arena)
{
	if (overview->trouble.code != ERROR_NONE)
		return arena_printf(arena, "unknown, %s", overview->trouble.why);
	return arena_printf(arena, "%zu applications, %zu unwell, %zu rolling out; %lld pods, %lld ready, %lld unwell",
	                    overview->n_apps, overview->n_unwell, overview->n_under_way, (long long)overview->pods,
	                    (long long)overview->pods_ready, (long long)overview->pods_unwell);
}

static const char *
approval_text(const struct overview *overview, const struct overview_approval *approval, struct arena *arena)
{
	return arena_printf(arena, "waits for approval%s%s; next: paas approve %s --env %s", *approval->image != '\0' ? ": " : "",
	                    status_short_image(approval->image), approval->name, overview->environment->name);
}

static size_t
approvals_count(const struct overview *overview)
{
	return overview->approvals != NULL ? overview->approvals->count : 0;
}

/* What else there is to say of them; "" = nothing. */
static const char *
approvals_limits(const struct overview_approvals *approvals, struct arena *arena)
{
	if (approvals == NULL)
		return "";
	if (approvals->trouble.code != ERROR_NONE)
		return arena_printf(arena, "whether a release waits for approval is not known: %s", approvals->trouble.why);
	return approvals->n_dropped > 0 ? arena_printf(arena, "%zu more wait for approval", approvals->n_dropped) : "";
}

/* ---- on a terminal ---- */

static enum style
style_of(enum status_state state)
{
	return status_is_unwell(state) ? STYLE_BAD : status_is_well(state) ? STYLE_GOOD : STYLE_CAUTION;
}

static bool
is_worth_rows(const struct overview *overview)
{
	return overview->trouble.code != ERROR_NONE || overview->n_unwell + overview->n_under_way + approvals_count(overview) > 0;
}

static void
draw_approvals(struct view *view, const struct overview *overview, size_t room)
{
	const char *limits = approvals_limits(overview->approvals, &view->arena);
	for (size_t i = 0; i < approvals_count(overview) && i < room; i++)
		progress_add_row(view->progress, STYLE_CAUTION, "  %s: %s", overview->approvals->items[i].name,
		                 approval_text(overview, &overview->approvals->items[i], &view->arena));
	if (*limits != '\0')
		progress_add_row(view->progress, STYLE_CAUTION, "  %s", limits);
}

/* What waits for a person comes first in each, then what is unwell. */
static void
draw_one(struct view *view, const struct overview *overview, size_t room)
{
	bool is_unknown = overview->trouble.code != ERROR_NONE;
	progress_add_row(view->progress, is_unknown ? STYLE_BAD : STYLE_STRONG, "%s: %s", place_text(overview, &view->arena),
	                 totals_text(overview, &view->arena));
	draw_approvals(view, overview, room);
	room -= approvals_count(overview) < room ? approvals_count(overview) : room;
	for (size_t i = 0; i < overview->n_apps && i < room; i++)
		progress_add_row(view->progress, style_of(overview->apps[i].state), "  %s: %s", overview->apps[i].name,
		                 app_text(view, &overview->apps[i], &view->arena));
}

/* Namespaces where something is unwell come first: what does not fit is what matters least. */
static void
draw(struct view *view, const struct overview *overviews, size_t count)
{
	size_t n_unwell = 0, n_waiting = 0, n_worth = 0;
	progress_clear_rows(view->progress);
	for (size_t i = 0; i < count; i++) {
		n_unwell += overviews[i].n_unwell + (overviews[i].trouble.code != ERROR_NONE);
		n_waiting += approvals_count(&overviews[i]);
		n_worth += is_worth_rows(&overviews[i]);
	}
	const char *waiting = n_waiting > 0 ? arena_printf(&view->arena, ", %zu waiting for approval", n_waiting) : "";
	if (n_unwell > 0)
		progress_step(view->progress, "%zu unwell%s", n_unwell, waiting);
	else
		progress_step(view->progress, "all is well%s", waiting);
	size_t shared = n_worth > 0 ? n_worth : count, room = shared > 0 && shared < DRAWN_ROWS ? DRAWN_ROWS / shared - 1 : 0;
	for (size_t i = 0; i < count; i++)
		if (is_worth_rows(&overviews[i]))
			draw_one(view, &overviews[i], room);
	for (size_t i = 0; i < count; i++)
		if (!is_worth_rows(&overviews[i]))
			draw_one(view, &overviews[i], room);
}

/* ---- elsewhere: what changed ---- */

static bool
print_object(struct view *view, const char *type, json_t *object, const struct overview *overview, struct error *err)
{
	json_object_set_new(object, "type", json_string(type));
	json_object_set_new(object, "environment", json_string(overview->environment->name));
	json_object_set_new(object, "namespace", overview->namespace ? json_string(overview->namespace) : json_null());
	return output_json_line(view->out, object, err);
}

static bool
tell_totals(struct view *view, const struct overview *overview, json_t *known, struct error *err)
{
	const char *text = totals_text(overview, &view->arena), *before = json_text_at(known, "totals");
	if (before != NULL && strcmp(before, text) == 0)
		return true;
	json_object_set_new(known, "totals", json_string(text));
	if (output_is_json(view->out))
		return print_object(view, "namespace", overview_totals_to_json(overview), overview, err);
	output_print(view->out, "%s: %s\n", place_text(overview, &view->arena), text);
	return true;
}

static bool
tell_app(struct view *view, const struct overview *overview, const struct overview_app *app, const char *before,
         const char *text, struct error *err)
{
	bool is_said = before != NULL || view->all || !status_is_well(app->state);
	if (before != NULL && strcmp(before, text) == 0)
		return true;
	if (output_is_json(view->out))
		return print_object(view, "application", overview_app_to_json(app), overview, err);
	if (is_said)
		output_print(view->out, "%s, %s: %s\n", place_text(overview, &view->arena), app->name, text);
	return true;
}

static bool
tell_gone(struct view *view, const struct overview *overview, const char *name, struct error *err)
{
	if (output_is_json(view->out))
		return print_object(view, "application", json_pack("{s:s, s:s}", "name", name, "state", "gone"), overview, err);
	output_print(view->out, "%s, %s: gone\n", place_text(overview, &view->arena), name);
	return true;
}

static bool
tell_apps(struct view *view, const struct overview *overview, json_t *known, struct error *err)
{
	json_t *before = json_object_get(known, "applications"), *now = json_object();
	const char *name;
	json_t *text;
	bool is_fine = true;
	for (size_t i = 0; i < overview->n_apps && is_fine; i++) {
		const struct overview_app *app = &overview->apps[i];
		bool is_brief = status_is_well(app->state) && !view->all && !output_is_json(view->out);
		const char *said = is_brief ? status_state_name(app->state) : app_text(view, app, &view->arena);
		is_fine = tell_app(view, overview, app, json_string_value(json_object_get(before, app->name)), said, err);
		json_object_set_new(now, app->name, json_string(said));
	}
	json_object_foreach(before, name, text)
		if (is_fine && json_object_get(now, name) == NULL)
			is_fine = tell_gone(view, overview, name, err);
	json_object_set_new(known, "applications", now);
	return is_fine;
}

/* Each line that was not there before, then what became of those that are gone. */
static void
print_approvals(struct view *view, const struct overview *overview, json_t *known)
{
	json_t *before = json_object_get(known, "approvals"), *now = json_object(), *gone;
	const char *line;
	for (size_t i = 0; i < approvals_count(overview); i++) {
		const struct overview_approval *approval = &overview->approvals->items[i];
		line = arena_printf(&view->arena, "%s: %s", approval->name, approval_text(overview, approval, &view->arena));
		json_object_set_new(now, line, json_string(approval->name));
		if (json_object_get(before, line) == NULL)
			output_print(view->out, "%s, %s\n", place_text(overview, &view->arena), line);
	}
	json_object_foreach (before, line, gone)
		if (json_object_get(now, line) == NULL)
			output_print(view->out, "%s, %s: no longer waits for approval\n", place_text(overview, &view->arena),
			             json_string_value(gone));
	json_object_set_new(known, "approvals", now);
}

/* That the question failed says nothing of what waits. */
static bool
tell_approvals(struct view *view, const struct overview *overview, json_t *known, struct error *err)
{
	if (overview->approvals == NULL)
		return true;
	scoped(json_release) json_t *now = overview_approvals_to_json(overview->approvals);
	const char *limits = approvals_limits(overview->approvals, &view->arena);
	bool is_same = json_equal(json_object_get(known, "waiting"), now) && strcmp(json_text_or(known, "limits", ""), limits) == 0;
	if (is_same)
		return true;
	json_object_set(known, "waiting", now);
	json_object_set_new(known, "limits", json_string(limits));
	if (output_is_json(view->out))
		return print_object(view, "approvals",
		                    json_pack("{s:O, s:o}", "approvals", now, "error", error_to_json(&overview->approvals->trouble)),
		                    overview, err);
	if (*limits != '\0')
		output_print(view->out, "%s: %s\n", place_text(overview, &view->arena), limits);
	if (overview->approvals->trouble.code == ERROR_NONE)
		print_approvals(view, overview, known);
	return true;
}

static bool
print_changes(struct view *view, const struct overview *overviews, size_t count, struct error *err)
{
	bool is_fine = true;
	for (size_t i = 0; i < count && is_fine; i++) {
		if (json_array_size(view->known) == i)
			json_array_append_new(view->known, json_object());
		json_t *known = json_array_get(view->known, i);
		is_fine = tell_totals(view, &overviews[i], known, err) && tell_approvals(view, &overviews[i], known, err);
		if (is_fine && overviews[i].trouble.code == ERROR_NONE)
			is_fine = tell_apps(view, &overviews[i], known, err);
	}
	output_flush(view->out);
	return is_fine;
}

static bool
tell(void *data, const struct overview *overviews, size_t count, struct error *err)
{
	struct view *view = data;
	bool is_fine = !output_is_closed(view->out);
	if (is_fine && view->progress != NULL)
		draw(view, overviews, count);
	else if (is_fine)
		is_fine = print_changes(view, overviews, count, err);
	arena_reset(&view->arena);
	return is_fine;
}

bool
status_list_follow(struct session *session, const struct overview_request *request, bool all, struct error *err)
{
	struct view view = {.out = session->out, .all = all, .known = json_array()};
	bool is_said = output_is_accessible(session->out) && !output_is_json(session->out);
	const char *scope = request->namespace ? "namespace " : request->team ? "team " : "every team";
	const char *name = request->namespace ? request->namespace : request->team ? request->team : "";
	if (status_is_drawn(session->out))
		view.progress = progress_new(session->out, session->loop, session->arena);
	if (is_said)
		output_note(session->out, "watching the applications of %s%s, until Ctrl-C", scope, name);
	bool is_fine = overview_watch(request, tell, &view, err);
	if (view.progress != NULL)
		progress_end(view.progress);
	if (is_said)
		output_note(session->out, "no longer watching %s%s", scope, name);
	json_decref(view.known);
	arena_release(&view.arena);
	return is_fine || output_is_closed(session->out);
}

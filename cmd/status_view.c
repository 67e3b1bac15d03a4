#include "cmd/status_view.h"

#include <string.h>

#include "base/buf.h"
#include "cmd/command.h"
#include "cmd/status_upstream.h"
#include "core/deploy/status_watch.h"
#include "data/json.h"
#include "data/platform.h"
#include "ui/progress.h"

enum style
status_style(enum status_state state)
{
	if (state == STATUS_HEALTHY)
		return STYLE_GOOD;
	return status_is_unwell(state) ? STYLE_BAD : state == STATUS_ROLLING ? STYLE_CAUTION : STYLE_FAINT;
}

const char *
status_short_image(const char *image)
{
	const char *slash = strrchr(image, '/');
	return slash ? slash + 1 : image;
}

json_t *
status_rows_to_json(const char *name, const struct status_row *rows, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, status_row_to_json(&rows[i]));
	return json_pack("{s:s, s:o}", "name", name, "environments", list);
}

/* ---- one that goes on ---- */

enum { TEXT_MAX = 256 * 1024, NAME_MAX_BYTES = 300 };

bool
status_is_drawn(const struct output *out)
{
	return output_is_terminal(out) && !output_is_json(out) && progress_is_redrawn(out);
}

struct view {
	struct output *out;
	const char *name;
	struct progress *progress; /* NULL where nothing is redrawn */
	struct buf before;         /* what was printed last */
	json_t *told;              /* in accessible mode: "dev state" to what was said of it last */
};

static const char *
row_text(const struct status_row *row, struct arena *arena)
{
	const struct deployment *deployment = row->deployment;
	const char *wrong = deployment && deployment->findings.count ? deployment->findings.items[0].sentence : "";
	if (!deployment)
		return arena_printf(arena, "%s: %s%s%s", row->environment->name, status_state_name(row->state),
		                    *row->trouble.why ? ", " : "", row->trouble.why);
	return arena_printf(arena, "%s: %s, %lld/%lld ready, %lld restarts, %s%s%s", row->environment->name,
	                    status_state_name(row->state), (long long)deployment->progress.available,
	                    (long long)deployment->progress.desired, (long long)deployment->progress.restarts,
	                    status_short_image(row->image), *wrong ? ": " : "", wrong);
}

/* What stands before the environments, then each of them. */
static size_t
put_lines(const struct view *view, const struct status_news *news, struct arena *arena, struct status_line **ret)
{
	struct status_line *lines = arena_array(arena, struct status_line, STATUS_UPSTREAM_LINES + news->count);
	status_upstream_put_lines(news->upstream, view->name, arena, lines);
	for (size_t i = 0; i < news->count; i++)
		lines[STATUS_UPSTREAM_LINES + i] = (struct status_line){.style = status_style(news->rows[i].state),
		                                                        .text = row_text(&news->rows[i], arena)};
	*ret = lines;
	return STATUS_UPSTREAM_LINES + news->count;
}

static const char *
line_text(const struct status_line *line, struct arena *arena)
{
	return line->subject == NULL ? line->text : arena_printf(arena, "%s: %s", line->subject, line->text);
}

static void
draw(const struct view *view, const struct status_news *news, struct arena *arena)
{
	struct status_line *lines;
	size_t count = put_lines(view, news, arena, &lines);
	progress_step(view->progress, "%s", view->name);
	progress_clear_rows(view->progress);
	for (size_t i = 0; i < count; i++)
		if (lines[i].text != NULL)
			progress_add_row(view->progress, lines[i].style, "%s", line_text(&lines[i], arena));
}

/* ---- in accessible mode: each fact that changed, in words ---- */

static void
say_of(struct view *view, const char *subject, const char *fact, const char *text)
{
	char key[NAME_MAX_BYTES];
	snprintf(key, sizeof key, "%s %s", fact, subject);
	const char *before = json_text_at(view->told, key);
	if (strcmp(before != NULL ? before : "", text) == 0)
		return;
	json_object_set_new(view->told, key, json_string(text));
	if (*text != '\0')
		output_print(view->out, "%s: %s\n", subject, text);
}

static void
say(struct view *view, const struct status_row *row, const char *fact, const char *text)
{
	say_of(view, row->environment->name, fact, text);
}

/* One that had something to tell and has no more says so. */
static void
say_upstream(struct view *view, const struct upstream *upstream, struct arena *arena)
{
	struct status_line lines[STATUS_UPSTREAM_LINES];
	status_upstream_put_lines(upstream, view->name, arena, lines);
	for (size_t i = 0; i < array_length(lines); i++) {
		bool is_known = json_object_get(view->told, arena_printf(arena, "system %s", lines[i].subject)) != NULL;
		if (lines[i].text != NULL || is_known)
			say_of(view, lines[i].subject, "system", lines[i].text != NULL ? lines[i].text : "none");
	}
}

static void
say_row(struct view *view, const struct status_row *row, struct arena *arena)
{
	const struct deployment *deployment = row->deployment;
	say(view, row, "state", status_state_name(row->state));
	say(view, row, "trouble", deployment == NULL ? row->trouble.why : "");
	if (deployment == NULL)
		return;
	const struct rollout_progress *progress = &deployment->progress;
	say(view, row, "release", *row->image ? arena_printf(arena, "release %s", status_short_image(row->image)) : "");
	say(view, row, "ready", arena_printf(arena, "%lld of %lld pods ready", (long long)progress->available,
	                                     (long long)progress->desired));
	say(view, row, "restarts", progress->restarts ? arena_printf(arena, "%lld restarts", (long long)progress->restarts) : "");
	say(view, row, "finding", deployment->findings.count ? deployment->findings.items[0].sentence : "");
}

static bool
say_rows(struct view *view, const struct status_news *news, struct arena *arena)
{
	say_upstream(view, news->upstream, arena);
	for (size_t i = 0; i < news->count; i++)
		say_row(view, &news->rows[i], arena);
	output_flush(view->out);
	return true;
}

/* ---- elsewhere ---- */

/* The rows again when one of them changed. */
static bool
print_changes(struct view *view, const struct status_news *news, struct arena *arena, struct error *err)
{
	scoped(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	struct status_line *lines;
	size_t count = put_lines(view, news, arena, &lines);
	for (size_t i = 0; i < count; i++)
		if (lines[i].text != NULL)
			buf_printf(&text, "%s\n", line_text(&lines[i], arena));
	if (strcmp(view->before.bytes, text.bytes) == 0)
		return true;
	buf_clear(&view->before);
	buf_add(&view->before, text.bytes, text.length);
	for (size_t i = 0; i < count && !output_is_json(view->out); i++)
		if (lines[i].text != NULL)
			output_print(view->out, "%s\n", line_text(&lines[i], arena));
	output_flush(view->out);
	if (!output_is_json(view->out))
		return true;
	json_t *line = status_rows_to_json(view->name, news->rows, news->count);
	status_upstream_add_json(news->upstream, line);
	json_object_set_new(line, "type", json_string("status"));
	return output_json_line(view->out, line, err);
}

static bool
is_waited_for(const struct status_row *row)
{
	return row->state == STATUS_UNKNOWN && row->trouble.code == ERROR_NONE;
}

static bool
tell(void *data, const struct status_news *news, struct error *err)
{
	struct view *view = data;
	scoped(arena_release) struct arena arena = {0};
	bool is_complete = !status_upstream_is_awaited(news->upstream);
	if (output_is_closed(view->out))
		return false;
	for (size_t i = 0; i < news->count; i++)
		is_complete &= !is_waited_for(&news->rows[i]);
	if (view->progress != NULL)
		draw(view, news, &arena);
	if (view->progress != NULL || !is_complete)
		return true;
	return view->told != NULL ? say_rows(view, news, &arena) : print_changes(view, news, &arena, err);
}

bool
status_follow(struct session *session, const struct status_request *request, struct error *err)
{
	struct view view = {.out = session->out, .name = request->name, .before = BUF_INIT(TEXT_MAX)};
	bool is_said = output_is_accessible(session->out) && !output_is_json(session->out);
	if (status_is_drawn(session->out))
		view.progress = progress_new(session->out, session->loop, session->arena);
	else if (is_said)
		view.told = json_object();
	if (is_said)
		output_note(session->out, "watching %s in %s, until Ctrl-C", request->name,
		            request->environment ? request->environment : "every environment");
	struct upstream_request upstream;
	status_upstream_put_request(session, request, &upstream);
	bool is_fine = status_watch(request, &upstream, tell, &view, err);
	if (view.progress != NULL)
		progress_end(view.progress);
	if (is_said)
		output_note(session->out, "no longer watching %s", request->name);
	json_decref(view.told);
	buf_release(&view.before);
	return is_fine || output_is_closed(session->out);
}

#include "cmd/status_view.h"

#include <string.h>

#include "base/buf.h"
#include "cmd/command.h"
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

enum { TEXT_MAX = 256 * 1024 };

struct view {
	struct output *out;
	const char *name;
	struct progress *progress; /* NULL off a terminal */
	struct buf before;         /* what was printed last */
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

static void
draw(const struct view *view, const struct status_row *rows, size_t count, struct arena *arena)
{
	progress_step(view->progress, "%s", view->name);
	progress_clear_rows(view->progress);
	for (size_t i = 0; i < count; i++)
		progress_add_row(view->progress, status_style(rows[i].state), "%s", row_text(&rows[i], arena));
}

/* Off a terminal: the rows again when one of them changed. */
static bool
print_changes(struct view *view, const struct status_row *rows, size_t count, struct arena *arena, struct error *err)
{
	scoped(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	for (size_t i = 0; i < count; i++)
		buf_printf(&text, "%s\n", row_text(&rows[i], arena));
	if (strcmp(view->before.bytes, text.bytes) == 0)
		return true;
	buf_clear(&view->before);
	buf_add(&view->before, text.bytes, text.length);
	for (size_t i = 0; i < count && !output_is_json(view->out); i++)
		output_print(view->out, "%s\n", row_text(&rows[i], arena));
	output_flush(view->out);
	if (!output_is_json(view->out))
		return true;
	json_t *line = status_rows_to_json(view->name, rows, count);
	json_object_set_new(line, "type", json_string("status"));
	return output_json_line(view->out, line, err);
}

static bool
is_waited_for(const struct status_row *row)
{
	return row->state == STATUS_UNKNOWN && row->trouble.code == ERROR_NONE;
}

static bool
tell(void *data, const struct status_row *rows, size_t count, struct error *err)
{
	struct view *view = data;
	scoped(arena_release) struct arena arena = {0};
	bool is_complete = true;
	if (output_is_closed(view->out))
		return false;
	for (size_t i = 0; i < count; i++)
		is_complete &= !is_waited_for(&rows[i]);
	if (view->progress != NULL)
		draw(view, rows, count, &arena);
	return view->progress != NULL || !is_complete || print_changes(view, rows, count, &arena, err);
}

bool
status_follow(struct session *session, const struct status_request *request, struct error *err)
{
	struct view view = {.out = session->out, .name = request->name, .before = BUF_INIT(TEXT_MAX)};
	if (output_is_terminal(session->out) && !output_is_json(session->out))
		view.progress = progress_new(session->out, session->loop, session->arena);
	bool is_fine = status_watch(request, tell, &view, err);
	if (view.progress != NULL)
		progress_end(view.progress);
	buf_release(&view.before);
	return is_fine || output_is_closed(session->out);
}

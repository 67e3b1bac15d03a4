#include "ui/notice.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ui/neutral.h"
#include "ui/terminal.h"
#include "ui/text.h"

static const char *const names[] = {
	[NOTICE_NONE] = "none", [NOTICE_BELL] = "bell", [NOTICE_TITLE] = "title", [NOTICE_DESKTOP] = "desktop",
};
/* XTWINOPS: the title on and off the terminal's own stack. */
static const char push_title[] = "\033[22;2t", pop_title[] = "\033[23;2t";

static volatile sig_atomic_t title_is_pushed;

enum notice_kind
notice_choose(const char *how, const struct terminal *terminal, bool in_ci, bool is_quiet)
{
	if (how == NULL || in_ci || is_quiet || !terminal->has_cursor)
		return NOTICE_NONE;
	for (size_t i = 0; i < array_length(names); i++)
		if (strcmp(how, names[i]) == 0)
			return (enum notice_kind)i;
	return NOTICE_NONE;
}

/* ---- bytes ---- */

/* Harmless, one line, short enough for a title bar. */
static void
add_text(struct buf *buf, const char *text)
{
	scoped(buf_release) struct buf safe = BUF_INIT(NOTICE_MAX_BYTES);
	neutral_add(&safe, NEUTRAL_LINE, text, strlen(text));
	text_add_cut(buf, safe.bytes, NOTICE_MAX_COLUMNS, "...");
}

/* Terminals that know one of the two; more than one know both and would tell everything twice. */
static bool
takes_osc_777(void)
{
	const char *term = terminal_variable("TERM");
	return terminal_variable("VTE_VERSION") != NULL ||
	       (term != NULL && (strncmp(term, "rxvt", 4) == 0 || strncmp(term, "foot", 4) == 0));
}

void
notice_add_end(struct buf *buf, enum notice_kind kind, int64_t waited_ms, const char *text)
{
	if (waited_ms < NOTICE_AFTER_MS)
		return;
	if (kind == NOTICE_BELL)
		buf_add_char(buf, '\a');
	if (kind != NOTICE_DESKTOP)
		return;
	buf_add_text(buf, takes_osc_777() ? "\033]777;notify;paas;" : "\033]9;paas: ");
	add_text(buf, text);
	buf_add_text(buf, "\033\\");
}

static void
add_title(struct buf *buf, const char *text)
{
	buf_printf(buf, "%s\033]2;paas: ", push_title);
	add_text(buf, text);
	buf_add_text(buf, "\033\\");
}

static void
put(const struct buf *buf)
{
	fwrite(buf->bytes, 1, buf->length, stderr);
	fflush(stderr);
}

/* ---- the wait ---- */

static void
show_title(struct loop_timer *timer)
{
	struct notice *notice = timer->data;
	scoped(buf_release) struct buf buf = BUF_INIT(2 * NOTICE_MAX_BYTES);
	add_title(&buf, notice->what);
	notice->has_title = true;
	title_is_pushed = 1;
	put(&buf);
}

void
notice_begin(struct notice *notice, const struct output *out, struct loop *loop, const char *how,
             const char *format, ...)
{
	va_list args;
	scoped(buf_release) struct buf what = BUF_INIT(sizeof notice->what - 1);
	*notice = (struct notice){
		.kind = notice_choose(how, output_note_terminal(out), terminal_is_ci(), output_is_quiet(out)),
		.began_ms = clock_monotonic_ms(),
		.loop = loop,
		.timer = {.fire = show_title},
	};
	notice->timer.data = notice;
	va_start(args, format);
	text_add_format(&what, NULL, format, args);
	va_end(args);
	memcpy(notice->what, what.bytes, what.length + 1);
	if (notice->kind == NOTICE_TITLE)
		loop_timer_set(loop, &notice->timer, NOTICE_AFTER_MS);
}

/* NULL: nothing need be told. */
static const char *
ending(const struct error *err)
{
	if (err == NULL)
		return "is done";
	if (err->code == ERROR_INTERRUPTED || err->code == ERROR_TERMINATED)
		return NULL;
	return err->code == ERROR_TIMED_OUT ? "has no outcome yet" : "failed";
}

void
notice_end(struct notice *notice, const struct error *err)
{
	const char *how_it_ended = ending(err);
	scoped(buf_release) struct buf text = BUF_INIT(NOTICE_MAX_BYTES), buf = BUF_INIT(2 * NOTICE_MAX_BYTES);
	loop_timer_cancel(notice->loop, &notice->timer);
	if (notice->has_title)
		buf_add_text(&buf, pop_title);
	buf_printf(&text, "%s %s", notice->what, how_it_ended != NULL ? how_it_ended : "");
	if (how_it_ended != NULL)
		notice_add_end(&buf, notice->kind, clock_monotonic_ms() - notice->began_ms, text.bytes);
	put(&buf);
	notice->kind = NOTICE_NONE;
	notice->has_title = false;
	title_is_pushed = 0;
}

void
notice_abandon(void)
{
	if (!title_is_pushed)
		return;
	ssize_t written = write(STDERR_FILENO, pop_title, sizeof pop_title - 1);
	(void)written;
}

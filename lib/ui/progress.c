#include "ui/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/loop.h"
#include "ui/runner.h"
#include "ui/text.h"

enum {
	FRAME_MS = 100,
	FIRST_FRAME_MS = 300,
	HEARTBEAT_MS = 30 * 1000,
	ROWS_MAX = 20,
	LINE_MAX_BYTES = 1000,
	REGION_MAX_BYTES = 64 * 1024,
};

struct line {
	enum style style;
	char text[LINE_MAX_BYTES]; /* neutralised */
};

struct progress {
	struct output *out;
	struct loop *loop;
	struct loop_timer timer;  /* the next frame, or the next heartbeat */
	int64_t started_ms, step_ms;
	bool is_redrawn;          /* a region, not lines */
	bool is_silent;           /* --json, -q: heartbeats only */
	bool is_ended;
	size_t drawn_lines;       /* of the region on screen now */
	unsigned frame;
	char step[LINE_MAX_BYTES];
	struct line rows[ROWS_MAX];
	size_t n_rows;
};

/* Timers run on the command's clock, which a rehearsal may speed up; eyes do not. */
static void
set_timer(struct progress *progress, int64_t real_ms)
{
	loop_timer_set(progress->loop, &progress->timer, real_ms * clock_rate());
}

__attribute__((format(printf, 2, 0))) static void
format_line(char ret[static LINE_MAX_BYTES], const char *format, va_list args)
{
	scoped(buf_release) struct buf text = BUF_INIT(LINE_MAX_BYTES - 1);
	text_add_format(&text, NULL, format, args);
	memcpy(ret, text.bytes, text.length + 1);
}

/* In whole seconds: "0 s", "12 s", "1 min 30 s". */
static const char *
format_age(int64_t age_ms, char ret[static CLOCK_TEXT_BYTES])
{
	if (age_ms < 1000)
		return memcpy(ret, "0 s", sizeof "0 s");
	return clock_format_duration(age_ms / 1000 * 1000, ret);
}

/* ---- a region that is redrawn ---- */

static void
add_erasure(struct progress *progress, struct buf *buf)
{
	if (progress->drawn_lines == 0)
		return;
	/* To the first line of the region, then clear to the end of the screen (ECMA-48 CPL, ED). */
	buf_printf(buf, "\033[%zuF\033[J", progress->drawn_lines);
	progress->drawn_lines = 0;
}

static void
hide(void *data)
{
	struct progress *progress = data;
	scoped(buf_release) struct buf buf = BUF_INIT(REGION_MAX_BYTES);
	add_erasure(progress, &buf);
	fwrite(buf.bytes, 1, buf.length, stderr);
}

static void
add_cut_line(struct progress *progress, struct buf *buf, enum style style, const char *text)
{
	const struct terminal *terminal = output_note_terminal(progress->out);
	const char *on = style == STYLE_PLAIN ? "" : output_note_style(progress->out, style);
	const char *off = on[0] != '\0' ? output_note_style(progress->out, STYLE_PLAIN) : "";
	buf_add_text(buf, on);
	/* One column is left free: a full line would wrap on some terminals. */
	unsigned columns = terminal_columns(STDERR_FILENO); /* windows change while one waits */
	text_add_cut(buf, text, columns > 1 ? columns - 1 : 1, terminal->has_unicode ? "…" : "...");
	buf_printf(buf, "%s\n", off);
	progress->drawn_lines++;
}

static void
draw(struct progress *progress)
{
	static const char *const braille[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
	static const char *const ascii[] = {"|", "/", "-", "\\"};
	const struct terminal *terminal = output_note_terminal(progress->out);
	scoped(buf_release) struct buf buf = BUF_INIT(REGION_MAX_BYTES);
	char line[LINE_MAX_BYTES + 80], age[CLOCK_TEXT_BYTES];
	const char *sign = terminal->has_unicode ? braille[progress->frame % array_length(braille)]
	                                         : ascii[progress->frame % array_length(ascii)];
	progress->frame++;
	format_age(clock_monotonic_ms() - progress->step_ms, age);
	snprintf(line, sizeof line, "%s %s (%s)", sign, progress->step, age);
	add_erasure(progress, &buf);
	add_cut_line(progress, &buf, STYLE_PLAIN, line);
	unsigned rows = terminal_rows(STDERR_FILENO);
	size_t room = rows > 4 ? rows - 3 : 1;
	for (size_t i = 0; i < progress->n_rows && i < room; i++) {
		snprintf(line, sizeof line, "  %s", progress->rows[i].text);
		add_cut_line(progress, &buf, progress->rows[i].style, line);
	}
	fwrite(buf.bytes, 1, buf.length, stderr);
}

/* ---- lines ---- */

static void
print_line(struct progress *progress, enum style style, const char *text, bool has_time)
{
	char age[CLOCK_TEXT_BYTES];
	scoped(buf_release) struct buf line = BUF_INIT(2 * LINE_MAX_BYTES);
	const char *on = style == STYLE_PLAIN ? "" : output_note_style(progress->out, style);
	const char *off = on[0] != '\0' ? output_note_style(progress->out, STYLE_PLAIN) : "";
	format_age(clock_monotonic_ms() - progress->started_ms, age);
	hide(progress);
	if (!has_time)
		buf_printf(&line, "%s%s%s\n", on, text, off);
	else if (output_is_accessible(progress->out))
		buf_printf(&line, "%s%s%s, after %s\n", on, text, off, age);
	else
		buf_printf(&line, "[%s] %s%s%s\n", age, on, text, off);
	runner_write(stderr, line.bytes, line.length);
}

static void
tick(struct loop_timer *timer)
{
	struct progress *progress = timer->data;
	if (progress->step[0] != '\0' && progress->is_redrawn) {
		draw(progress);
	} else if (progress->step[0] != '\0') {
		char line[LINE_MAX_BYTES + 20];
		snprintf(line, sizeof line, "still %s", progress->step);
		print_line(progress, STYLE_PLAIN, line, true);
	}
	set_timer(progress, progress->is_redrawn ? FRAME_MS : HEARTBEAT_MS);
}

/* ---- life ---- */

bool
progress_is_redrawn(const struct output *out)
{
	return output_note_terminal(out)->has_cursor && !terminal_is_ci() && !output_is_accessible(out);
}

struct progress *
progress_new(struct output *out, struct loop *loop, struct arena *arena)
{
	struct progress *progress = arena_new(arena, struct progress);
	bool is_silent = output_is_json(out) || output_is_quiet(out);
	*progress = (struct progress){
		.out = out,
		.loop = loop,
		.timer = {.fire = tick, .data = progress},
		.started_ms = clock_monotonic_ms(),
		.step_ms = clock_monotonic_ms(),
		.is_silent = is_silent,
		.is_redrawn = !is_silent && progress_is_redrawn(out),
	};
	if (progress->is_redrawn)
		output_set_region(out, hide, progress);
	if (!is_silent || terminal_is_ci())
		set_timer(progress, progress->is_redrawn ? FIRST_FRAME_MS : HEARTBEAT_MS);
	return progress;
}

void
progress_step(struct progress *progress, const char *format, ...)
{
	char text[LINE_MAX_BYTES];
	va_list args;
	va_start(args, format);
	format_line(text, format, args);
	va_end(args);
	if (progress->is_ended || strcmp(text, progress->step) == 0)
		return;
	memcpy(progress->step, text, sizeof text);
	progress->step_ms = clock_monotonic_ms();
	if (progress->is_redrawn || progress->is_silent)
		return;
	print_line(progress, STYLE_PLAIN, text, true);
	set_timer(progress, HEARTBEAT_MS);
}

void
progress_say(struct progress *progress, enum style style, const char *format, ...)
{
	char text[LINE_MAX_BYTES];
	va_list args;
	if (progress->is_silent)
		return;
	va_start(args, format);
	format_line(text, format, args);
	va_end(args);
	print_line(progress, style, text, !progress->is_redrawn);
}

void
progress_clear_rows(struct progress *progress)
{
	progress->n_rows = 0;
}

void
progress_add_row(struct progress *progress, enum style style, const char *format, ...)
{
	va_list args;
	if (progress->n_rows == ROWS_MAX)
		return;
	struct line *line = &progress->rows[progress->n_rows++];
	line->style = style;
	va_start(args, format);
	format_line(line->text, format, args);
	va_end(args);
}

void
progress_end(struct progress *progress)
{
	if (progress->is_ended)
		return;
	progress->is_ended = true;
	loop_timer_cancel(progress->loop, &progress->timer);
	hide(progress);
	output_set_region(progress->out, NULL, NULL);
}

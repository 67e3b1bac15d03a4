#include "ui/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/error_json.h"
#include "ui/error_text.h"
#include "ui/filter.h"
#include "ui/neutral.h"
#include "ui/runner.h"
#include "ui/selection.h"
#include "ui/text.h"

enum { TEXT_MAX_BYTES = 256 * 1024 * 1024, NOTE_MAX_BYTES = 1024 * 1024 };

static const char schema_version[] = "1.0";

struct output {
	struct output_settings settings;
	struct terminal terminal, note_terminal; /* standard output, standard error */
	struct arena *arena;
	struct filter *filter;
	json_t *warnings;  /* texts so far */
	bool has_answered; /* a JSON object or a result line is out */
	bool is_held;      /* output_hold */
	bool is_read_by_runner; /* one that takes commands from what is printed */
	bool is_closed;    /* the reader went away */
	int failure;       /* errno of the first write that failed */
	struct buf *diverted; /* where results go instead; NULL: out */
	void (*hide_region)(void *data);
	void *region_data;
};

/* ---- dress ---- */

static const char *const sgr[] = {
	[STYLE_PLAIN] = "\033[0m", [STYLE_GOOD] = "\033[32m",  [STYLE_BAD] = "\033[31m",
	[STYLE_CAUTION] = "\033[33m", [STYLE_FAINT] = "\033[2m", [STYLE_STRONG] = "\033[1m",
};
static const struct text_trusted trusted_sgr = {sgr, array_length(sgr)};

static const char *
style_of(const struct terminal *terminal, enum style style)
{
	bool is_weight = style == STYLE_FAINT || style == STYLE_STRONG || style == STYLE_PLAIN;
	return (is_weight ? terminal->has_weight : terminal->has_color) ? sgr[style] : "";
}

const char *
output_style(const struct output *out, enum style style)
{
	return style_of(&out->terminal, style);
}

const char *
output_tint(const struct output *out, unsigned number)
{
	static const char *const tints[] = {"\033[36m", "\033[35m", "\033[34m", "\033[33m", "\033[32m", "\033[96m"};
	return out->terminal.has_color ? tints[number % array_length(tints)] : "";
}

const char *
output_note_style(const struct output *out, enum style style)
{
	return style_of(&out->note_terminal, style);
}

bool
output_is_json(const struct output *out)
{
	return out->settings.is_json;
}

bool
output_is_quiet(const struct output *out)
{
	return out->settings.is_quiet;
}

bool
output_is_terminal(const struct output *out)
{
	return out->terminal.is_terminal;
}

unsigned
output_width(const struct output *out)
{
	return out->terminal.columns;
}

bool
output_is_accessible(const struct output *out)
{
	return out->settings.is_accessible;
}

bool
output_is_closed(const struct output *out)
{
	return out->is_closed;
}

const struct terminal *
output_terminal(const struct output *out)
{
	return &out->terminal;
}

const struct terminal *
output_note_terminal(const struct output *out)
{
	return &out->note_terminal;
}

void
output_set_region(struct output *out, void (*hide)(void *data), void *data)
{
	out->hide_region = hide;
	out->region_data = data;
}

static void
hide_region(struct output *out)
{
	if (out->hide_region != NULL)
		out->hide_region(out->region_data);
}

/* ---- results ---- */

static void
note_write_failure(struct output *out)
{
	if (errno == EPIPE)
		out->is_closed = true;
	else if (out->failure == 0)
		out->failure = errno != 0 ? errno : EIO;
	clearerr(stdout);
}

static void
write_bytes(struct output *out, const char *bytes, size_t length)
{
	if (out->is_closed || out->failure != 0)
		return;
	if (out->diverted != NULL) {
		buf_add(out->diverted, bytes, length);
		return;
	}
	if (out->terminal.is_terminal)
		hide_region(out);
	errno = 0;
	if (fwrite(bytes, 1, length, stdout) != length)
		note_write_failure(out);
	if (out->settings.is_stream && !out->is_held)
		output_flush(out);
}

void
output_divert(struct output *out, struct buf *buf)
{
	out->diverted = buf;
}

void
output_pass(struct output *out, const char *bytes, size_t length)
{
	write_bytes(out, bytes, length);
}

void
output_hold(struct output *out)
{
	static char held[32 * 1024]; /* stdio's to the very end: glibc takes a size only with a buffer */
	out->is_held = true;
	setvbuf(stdout, held, _IOFBF, sizeof held);
}

void
output_flush(struct output *out)
{
	if (out->is_closed || out->failure != 0)
		return;
	errno = 0;
	if (fflush(stdout) != 0)
		note_write_failure(out);
}

/* Commands of our own come from ui/ci, with a format that begins so; whatever else looks like one is data. */
static size_t
own_command(const char *format)
{
	return strncmp(format, "::", 2) == 0 ? 2 : strncmp(format, "##[", 3) == 0 ? 3 : 0;
}

static void
write_text(struct output *out, const char *text, size_t length)
{
	if (!out->is_read_by_runner) {
		write_bytes(out, text, length);
		return;
	}
	scoped(buf_release) struct buf safe = BUF_INIT(TEXT_MAX_BYTES);
	runner_add_text(&safe, text, length);
	write_bytes(out, safe.bytes, safe.length);
}

void
output_print(struct output *out, const char *format, ...)
{
	va_list args;
	scoped(buf_release) struct buf text = BUF_INIT(TEXT_MAX_BYTES);
	size_t own = own_command(format);
	va_start(args, format);
	text_add_format(&text, &trusted_sgr, format, args);
	va_end(args);
	write_bytes(out, text.bytes, own);
	write_text(out, text.bytes + own, text.length - own);
}

/* "label: text", without the blanks that line it up. */
static void
print_labelled(struct output *out, const struct buf *text, size_t indent)
{
	const char *head = text->bytes + strspn(text->bytes, " ");
	size_t length = text->length < indent ? text->length : indent;
	const char *end = text->bytes + length;
	while (end > head && end[-1] == ' ')
		end--;
	output_print(out, "%.*s %s\n", (int)(end - head), head, text->bytes + length);
}

void
output_print_hanging(struct output *out, size_t indent, const char *format, ...)
{
	va_list args;
	scoped(buf_release) struct buf text = BUF_INIT(TEXT_MAX_BYTES), lines = BUF_INIT(TEXT_MAX_BYTES);
	va_start(args, format);
	text_add_format(&text, NULL, format, args);
	va_end(args);
	if (out->settings.is_accessible) {
		print_labelled(out, &text, indent);
		return;
	}
	/* The label and its blanks stay as they are; what follows them breaks between words. */
	size_t head = text.length < indent ? text.length : indent, columns = output_width(out);
	buf_add(&lines, text.bytes, head);
	if (columns > 2 * indent)
		text_add_wrapped(&lines, text.bytes + head, columns, indent);
	else
		buf_add_text(&lines, text.bytes + head);
	write_text(out, lines.bytes, lines.length);
	write_bytes(out, "\n", 1);
}

void
output_print_text(struct output *out, const char *text, size_t length)
{
	scoped(buf_release) struct buf safe = BUF_INIT(TEXT_MAX_BYTES);
	neutral_add(&safe, NEUTRAL_TEXT, text, length);
	write_text(out, safe.bytes, safe.length);
}

void
output_print_document(struct output *out, const char *bytes, size_t length)
{
	if (out->terminal.is_terminal)
		output_print_text(out, bytes, length);
	else
		write_bytes(out, bytes, length);
}

/* Byte for byte: a million lines pass here, so the unlocked calls (nobody else writes). */
static void
write_line(struct output *out, const char *prefix, const char *bytes, size_t length)
{
	size_t before = strlen(prefix);
	if (out->is_closed || out->failure != 0)
		return;
	errno = 0;
	if ((before > 0 && fwrite_unlocked(prefix, 1, before, stdout) != before) ||
	    fwrite_unlocked(bytes, 1, length, stdout) != length || putc_unlocked('\n', stdout) == EOF)
		note_write_failure(out);
	if (out->settings.is_stream && !out->is_held)
		output_flush(out);
}

static void
write_safe_line(struct output *out, const char *prefix, const char *bytes, size_t length)
{
	scoped(buf_release) struct buf shown = BUF_INIT(TEXT_MAX_BYTES);
	buf_add_text(&shown, prefix);
	if (out->terminal.is_terminal)
		neutral_add(&shown, NEUTRAL_TEXT, bytes, length);
	else
		buf_add(&shown, bytes, length);
	buf_add_char(&shown, '\n');
	write_text(out, shown.bytes, shown.length);
}

void
output_print_line(struct output *out, const char *prefix, const char *bytes, size_t length)
{
	if (out->terminal.is_terminal || out->is_read_by_runner)
		write_safe_line(out, prefix, bytes, length);
	else
		write_line(out, prefix, bytes, length);
}

void
output_print_link(struct output *out, const char *url, const char *text)
{
	bool is_web = strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0;
	if (!out->terminal.has_hyperlinks || !is_web) {
		output_print(out, "%s", text);
		return;
	}
	scoped(buf_release) struct buf link = BUF_INIT(TEXT_MAX_BYTES);
	buf_add_text(&link, "\033]8;;");
	neutral_add(&link, NEUTRAL_URL, url, strlen(url));
	buf_add_text(&link, "\033\\");
	neutral_add(&link, NEUTRAL_LINE, text, strlen(text));
	buf_add_text(&link, "\033]8;;\033\\");
	write_bytes(out, link.bytes, link.length);
}

/* ---- JSON ---- */

/* Takes the reference. */
static bool
print_value(struct output *out, json_t *value, size_t flags, struct error *err)
{
	char *text = json_dumps(value, flags);
	json_decref(value);
	if (text == NULL)
		return error_set(err, ERROR_FAILED, "the answer cannot be written as JSON");
	if (out->filter != NULL) {
		filter_feed(out->filter, text, strlen(text));
	} else if (out->terminal.is_terminal) {
		/* The same JSON, with what a terminal must not see as \u escapes. */
		scoped(buf_release) struct buf safe = BUF_INIT(TEXT_MAX_BYTES);
		selection_escape(&safe, text);
		buf_add_char(&safe, '\n');
		write_bytes(out, safe.bytes, safe.length);
	} else if (out->is_read_by_runner) {
		scoped(buf_release) struct buf safe = BUF_INIT(TEXT_MAX_BYTES);
		runner_add_json(&safe, text, strlen(text));
		buf_add_char(&safe, '\n');
		write_bytes(out, safe.bytes, safe.length);
	} else {
		write_bytes(out, text, strlen(text));
		write_bytes(out, "\n", 1);
	}
	free(text);
	return true;
}

static void
add_warnings(struct output *out, json_t *object)
{
	if (json_array_size(out->warnings) > 0 && json_object_get(object, "warnings") == NULL)
		json_object_set(object, "warnings", out->warnings);
}

/* schema_version first, then the object's own keys in their order. Steals and gives a reference. */
static json_t *
with_version(json_t *object)
{
	json_t *whole = json_object();
	json_object_set_new(whole, "schema_version", json_string(schema_version));
	json_object_update(whole, object);
	json_decref(object);
	return whole;
}

bool
output_json(struct output *out, json_t *object, struct error *err)
{
	json_t *whole = with_version(object);
	add_warnings(out, whole);
	if (!selection_apply(&whole, out->settings.fields, err))
		return false;
	out->has_answered = true;
	bool is_indented = out->terminal.is_terminal && out->filter == NULL;
	return print_value(out, whole, is_indented ? JSON_INDENT(2) : JSON_COMPACT, err);
}

bool
output_json_line(struct output *out, json_t *object, struct error *err)
{
	const char *type = json_string_value(json_object_get(object, "type"));
	bool is_result = type != NULL && strcmp(type, "result") == 0;
	bool is_selecting = out->settings.fields != NULL && out->settings.fields[0] != '\0';
	char now[CLOCK_TEXT_BYTES];
	if (is_selecting && !is_result) {
		json_decref(object); /* who names fields asks for the result */
		return true;
	}
	if (json_object_get(object, "time") == NULL)
		json_object_set_new(object, "time", json_string(clock_format(clock_wall_ms(), now)));
	if (is_result) {
		object = with_version(object);
		add_warnings(out, object);
		if (!selection_apply(&object, out->settings.fields, err))
			return false;
		out->has_answered = true;
	}
	bool is_fine = print_value(out, object, JSON_COMPACT, err);
	if (!out->is_held || is_result)
		output_flush(out);
	return is_fine;
}

/* ---- standard error ---- */

static void
write_note(struct output *out, const char *bytes, size_t length)
{
	if (out->note_terminal.is_terminal)
		output_flush(out); /* in the order of saying, where both are one screen */
	hide_region(out);
	runner_write(stderr, bytes, length);
}

__attribute__((format(printf, 3, 0))) static void
print_note(struct output *out, const char *before, const char *format, va_list args)
{
	scoped(buf_release) struct buf text = BUF_INIT(NOTE_MAX_BYTES);
	buf_add_text(&text, before);
	text_add_format(&text, &trusted_sgr, format, args);
	if (text.length > 0 && text.bytes[text.length - 1] != '\n')
		buf_add_char(&text, '\n');
	write_note(out, text.bytes, text.length);
}

void
output_note(struct output *out, const char *format, ...)
{
	va_list args;
	if (out->settings.is_quiet)
		return;
	va_start(args, format);
	print_note(out, "", format, args);
	va_end(args);
}

void
output_ask(struct output *out, const char *format, ...)
{
	va_list args;
	scoped(buf_release) struct buf text = BUF_INIT(NOTE_MAX_BYTES);
	va_start(args, format);
	text_add_format(&text, &trusted_sgr, format, args);
	va_end(args);
	write_note(out, text.bytes, text.length);
}

/* True when it is said for the first time. */
static bool
remember_warning(struct output *out, const char *text)
{
	size_t i;
	json_t *said;
	json_array_foreach(out->warnings, i, said)
		if (strcmp(json_string_value(said), text) == 0)
			return false;
	return json_array_append_new(out->warnings, json_string(text)) == 0;
}

void
output_warn(struct output *out, const char *format, ...)
{
	va_list args;
	scoped(buf_release) struct buf text = BUF_INIT(NOTE_MAX_BYTES);
	va_start(args, format);
	text_add_format(&text, NULL, format, args);
	va_end(args);
	if (!remember_warning(out, text.bytes) || out->settings.is_quiet)
		return;
	scoped(buf_release) struct buf line = BUF_INIT(NOTE_MAX_BYTES);
	buf_printf(&line, "%swarning:%s %s\n", output_note_style(out, STYLE_CAUTION),
	           output_note_style(out, STYLE_CAUTION)[0] != '\0' ? sgr[STYLE_PLAIN] : "", text.bytes);
	write_note(out, line.bytes, line.length);
}

static void
print_json_error(struct output *out, const struct error *error)
{
	struct error ignored;
	char now[CLOCK_TEXT_BYTES];
	json_t *whole = with_version(json_pack("{s:o}", "error", error_to_json(error)));
	if (out->settings.is_stream) {
		json_object_set_new(whole, "type", json_string("result"));
		json_object_set_new(whole, "time", json_string(clock_format(clock_wall_ms(), now)));
	}
	add_warnings(out, whole);
	out->has_answered = true;
	(void)!print_value(out, whole, JSON_COMPACT, &ignored);
}

static void
add_failure(struct output *out, const struct error *error, struct buf *text)
{
	const char *bad = output_note_style(out, STYLE_BAD);
	buf_printf(text, "%spaas:%s ", bad, bad[0] != '\0' ? sgr[STYLE_PLAIN] : "");
	error_text_add(text, error);
}

void
output_failure(struct output *out, const struct error *error)
{
	scoped(buf_release) struct buf text = BUF_INIT(NOTE_MAX_BYTES);
	add_failure(out, error, &text);
	write_note(out, text.bytes, text.length);
}

/* Which page tells more, for a person: a slip on the command line or Ctrl-C needs no page. */
static void
add_page(const struct output *out, enum error_code code, struct buf *text)
{
	const char *faint = output_note_style(out, STYLE_FAINT);
	if (!out->note_terminal.is_terminal || terminal_is_ci() || code == ERROR_USAGE || code == ERROR_INTERRUPTED ||
	    code == ERROR_TERMINATED)
		return;
	buf_printf(text, "%s  more: paas help %s%s\n", faint, error_kind(code)->name,
	           faint[0] != '\0' ? sgr[STYLE_PLAIN] : "");
}

void
output_error(struct output *out, const struct error *error)
{
	if (out->settings.is_json && out->filter == NULL && !out->has_answered)
		print_json_error(out, error);
	scoped(buf_release) struct buf text = BUF_INIT(NOTE_MAX_BYTES);
	add_failure(out, error, &text);
	add_page(out, error->code, &text);
	write_note(out, text.bytes, text.length);
}

/* ---- life ---- */

bool
output_open(const struct output_settings *settings, struct arena *arena, struct output **ret,
            struct error *err)
{
	struct output *out = arena_new(arena, struct output);
	*out = (struct output){
		.settings = *settings,
		.terminal = terminal_examine(STDOUT_FILENO, settings->color, settings->is_plain),
		.note_terminal = terminal_examine(STDERR_FILENO, settings->color, settings->is_plain),
		.is_read_by_runner = runner_takes_commands(),
		.arena = arena,
		.warnings = json_array(),
	};
	if (settings->filter != NULL) {
		out->settings.is_json = true;
		if (!filter_start(settings->filter, out->terminal.is_terminal, arena, &out->filter, err)) {
			json_decref(out->warnings);
			return false;
		}
	}
	*ret = out;
	return true;
}

bool
output_finish(struct output *out, struct error *err)
{
	hide_region(out);
	json_decref(out->warnings);
	out->warnings = NULL;
	out->settings.is_json = false; /* an error after this is told to people only */
	bool is_filtered = out->filter == NULL || filter_finish(take(out->filter), err);
	output_flush(out);
	/* close(2) may report what the disk did not take (NFS, quota). */
	errno = 0;
	if (close(dup(STDOUT_FILENO)) != 0 && out->failure == 0)
		out->failure = errno;
	if (!is_filtered)
		return false;
	if (out->failure != 0 && !out->is_closed)
		return error_set(err, ERROR_OUTPUT, "writing standard output: %s", strerror(out->failure));
	return true;
}

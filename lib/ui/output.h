/* Where results go.  Standard output carries the answer and nothing else; progress, notes and
 * warnings go to standard error.  Every text that reaches a terminal or a line-based reader is
 * neutralised here (ui/neutral.h); JSON carries it intact.
 *
 *	if (output_is_json(out))
 *		return output_json(out, take(answer), err);
 *	output_print(out, "%s runs %s\n", name, release);
 */
#ifndef PAAS_UI_OUTPUT_H
#define PAAS_UI_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "ui/terminal.h"

struct output;

struct output_settings {
	bool is_json;         /* --json */
	const char *fields;   /* of --json=FIELD,…; NULL or "": all */
	const char *filter;   /* --jq; NULL: none */
	bool is_stream;       /* results come as they happen: each line is flushed */
	bool is_quiet;        /* -q: no notes, no warnings */
	bool is_plain;        /* --plain */
	bool is_accessible;   /* --accessible: nothing is redrawn */
	enum color_choice color;
};
/* Fails: ERROR_USAGE when the filter does not compile, ERROR_FAILED without libjq. */
bool output_open(const struct output_settings *settings, struct arena *arena, struct output **ret,
                 struct error *err) must_use;

/* ---- results, on standard output ---- */

/* Text for people.  Arguments are neutralised (one line each), the format is ours. */
void output_print(struct output *out, const char *format, ...) printf_like(2, 3);
/* One line that begins with a label of `indent` ASCII characters ("  files:       "): on a terminal the
 * rest breaks between words and goes on below itself; in accessible mode one blank follows the label.  The
 * newline is added. */
void output_print_hanging(struct output *out, size_t indent, const char *format, ...) printf_like(3, 4);
/* Many lines from outside: newlines and tabs pass, the rest is neutralised. */
void output_print_text(struct output *out, const char *text, size_t length);
/* A document (YAML, a raw answer): byte for byte into a file or pipe, neutralised on a terminal. */
void output_print_document(struct output *out, const char *bytes, size_t length);
/* One line from outside behind a prefix of ours (dress included; names in it neutralised by whoever
 * made it).  `bytes` as output_print_document, newline too; a CI runner takes no command from it. */
void output_print_line(struct output *out, const char *prefix, const char *bytes, size_t length);
bool output_is_json(const struct output *out);
/* One object (steals the reference): adds schema_version, applies --json=FIELDS and --jq. */
bool output_json(struct output *out, json_t *object, struct error *err) must_use;
/* One line of a stream (steals): {"type": …, "time": …}; the last is {"type":"result", …}. */
bool output_json_line(struct output *out, json_t *object, struct error *err) must_use;
/* What is printed as text goes into `buf` instead (ui/pager); NULL: out again. */
void output_divert(struct output *out, struct buf *buf);
/* What was diverted before: harmless already, with its dress. */
void output_pass(struct output *out, const char *bytes, size_t length);
/* From now on only output_flush lets go, and full buffers: for a command that prints much and knows
 * when nothing more is at hand.  Before anything is printed. */
void output_hold(struct output *out);
/* What was printed so far leaves now. */
void output_flush(struct output *out);
/* The reader went away (a closed pipe): nothing more need be printed.  Not an error. */
bool output_is_closed(const struct output *out);

/* ---- everything else, on standard error ---- */

void output_note(struct output *out, const char *format, ...) printf_like(2, 3);
/* Part of a question (ui/prompt): said with -q too, no newline is added. */
void output_ask(struct output *out, const char *format, ...) printf_like(2, 3);
/* "warning: …", each distinct text once a run; in JSON under "warnings". */
void output_warn(struct output *out, const char *format, ...) printf_like(2, 3);
/* What, why and next as text, of one of several things that failed: the command goes on. */
void output_failure(struct output *out, const struct error *error);
/* The same of the command itself, on a terminal with the page of `paas help` that tells more; with --json also
 * as {"error": {…}} on standard output. main's. */
void output_error(struct output *out, const struct error *error);
bool output_is_quiet(const struct output *out);

/* ---- dress ---- */

enum style { STYLE_PLAIN, STYLE_GOOD, STYLE_BAD, STYLE_CAUTION, STYLE_FAINT, STYLE_STRONG };
/* SGR codes for standard output (`style_on`) or the empty string.  As arguments of output_print
 * they pass as they are:
 *	output_print(out, "%sFAILED%s\n", output_style(out, STYLE_BAD), output_style(out, STYLE_PLAIN)); */
const char *output_style(const struct output *out, enum style style);
/* The same for standard error: output_note, progress. */
const char *output_note_style(const struct output *out, enum style style);
/* One of six colours by a number, to tell many of a kind apart. */
const char *output_tint(const struct output *out, unsigned number);
bool output_is_terminal(const struct output *out); /* standard output */
unsigned output_width(const struct output *out);   /* columns; 0 = no limit (piped) */
bool output_is_accessible(const struct output *out);
/* All of it, for ui's own modules. */
const struct terminal *output_terminal(const struct output *out);
const struct terminal *output_note_terminal(const struct output *out);
/* Prints `text` linked to `url` where the terminal can (OSC 8); elsewhere the text alone, so it
 * must make sense without the link. */
void output_print_link(struct output *out, const char *url, const char *text);

/* Something redrawn on standard error (ui/progress): hidden before anything is printed. */
void output_set_region(struct output *out, void (*hide)(void *data), void *data);

/* Flushes standard output; false when something could not be written.  Only output_error may follow. */
bool output_finish(struct output *out, struct error *err) must_use;

#endif

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
#include "base/error.h"

struct output;

/* ---- results, on standard output ---- */

/* Text for people.  Arguments are neutralised, the format is ours. */
void output_print(struct output *out, const char *format, ...) printf_like(2, 3);
bool output_is_json(const struct output *out);
/* One object (steals the reference): adds schema_version, applies --json=FIELDS and --jq. */
bool output_json(struct output *out, json_t *object, struct error *err) must_use;
/* One line of a stream (steals): {"type": …, "time": …}; the last is {"type":"result", …}. */
bool output_json_line(struct output *out, json_t *object, struct error *err) must_use;

/* ---- everything else, on standard error ---- */

void output_note(struct output *out, const char *format, ...) printf_like(2, 3);
/* "warning: …", each distinct text once a run; in JSON under "warnings". */
void output_warn(struct output *out, const char *format, ...) printf_like(2, 3);

/* ---- dress ---- */

enum style { STYLE_PLAIN, STYLE_GOOD, STYLE_BAD, STYLE_CAUTION, STYLE_FAINT, STYLE_STRONG };
/* SGR codes for standard output (`style_on`) or the empty string. */
const char *output_style(const struct output *out, enum style style);
bool output_is_terminal(const struct output *out); /* standard output */
unsigned output_width(const struct output *out);   /* columns; 0 = no limit (piped) */

/* Flushes and closes standard output; false when something could not be written. */
bool output_finish(struct output *out, struct error *err) must_use;

#endif

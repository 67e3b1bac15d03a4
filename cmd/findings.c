#include "cmd/findings.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "ui/output.h"
#include "ui/text.h"

enum { FACT_INDENT = 6, FACT_MAX_BYTES = 64 * 1024 };

const char *
findings_pods(const struct finding *finding, struct arena *arena)
{
	if (!finding->n_pods)
		return "";
	if (finding->n_pods > finding->n_live)
		return arena_printf(arena, "%u pods", finding->n_pods);
	return arena_printf(arena, "%u of %u pod%s", finding->n_pods, finding->n_live,
	                    finding->n_live == 1 ? "" : "s");
}

/* A log, line by line: indented, in accessible mode with a word in front. */
static void
print_lines(struct output *out, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		output_print(out, output_is_accessible(out) ? "line: %.*s\n" : "      %.*s\n", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

/* Broken between words on a terminal; what goes on stands deeper. */
static void
print_fact(struct output *out, const struct observation *fact, const char *time)
{
	size_t columns = output_width(out) > FACT_INDENT ? output_width(out) - FACT_INDENT : FACT_MAX_BYTES;
	scoped(buf_release) struct buf fact_text = BUF_INIT(FACT_MAX_BYTES), lines = BUF_INIT(FACT_MAX_BYTES);
	buf_printf(&fact_text, "%s%s%s  %s", fact->source.object, *time ? " " : "", time, fact->text);
	text_add_wrapped(&lines, fact_text.bytes, columns, 0);
	size_t indent = FACT_INDENT - 2;
	for (char *line = lines.bytes, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		output_print(out, "%*s%s\n", (int)indent, "", line);
		indent = FACT_INDENT;
	}
}

static void
print_evidence(struct output *out, const struct observation *fact)
{
	char time[CLOCK_TEXT_BYTES] = "";
	if (fact->at_ms >= 0)
		clock_format(fact->at_ms, time);
	bool is_text = strchr(fact->text, '\n') || strstr(fact->source.object, "/log/");
	if (output_is_accessible(out))
		output_print(out, "evidence: %s%s%s%s%s\n", fact->source.object, *time ? ", " : "", time, is_text ? "" : ": ",
		             is_text ? "" : fact->text);
	else if (is_text)
		output_print(out, "    %s%s%s\n", fact->source.object, *time ? " " : "", time);
	else
		print_fact(out, fact, time);
	if (is_text)
		print_lines(out, fact->text);
}

/* `error`: what its `why` and `next` say is left to it; NULL: all is said here. */
static void
print_finding(struct output *out, const struct finding *finding, const struct error *error)
{
	struct arena arena = {0};
	bool is_told = error && strstr(error->why, finding->sentence);
	const char *bad = output_style(out, finding->cause->severity == SEVERITY_ERROR ? STYLE_BAD : STYLE_CAUTION);
	const char *plain = output_style(out, STYLE_PLAIN), *pods = findings_pods(finding, &arena);
	output_print(out, "%s%s%s%s%s%s%s%s\n", bad, finding->cause->code, plain, is_told ? "" : ": ",
	             is_told ? "" : finding->sentence, *pods ? " (" : "", pods, *pods ? ")" : "");
	for (size_t i = 0; i < finding->n_evidence; i++)
		print_evidence(out, &finding->evidence[i]);
	if (!error || strcmp(error->next, finding->next))
		output_print(out, output_is_accessible(out) ? "next: %s\n" : "  next: %s\n", finding->next);
	arena_release(&arena);
}

void
findings_print(struct output *out, const struct finding *finding)
{
	print_finding(out, finding, NULL);
}

void
findings_print_beside(struct output *out, const struct finding *finding, const struct error *error)
{
	print_finding(out, finding, error);
}

#include "cmd/findings.h"

#include <string.h>

#include "base/clock.h"
#include "ui/output.h"

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

/* A log is indented line by line. */
static void
print_lines(struct output *out, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		output_print(out, "      %.*s\n", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static void
print_evidence(struct output *out, const struct observation *fact)
{
	char time[CLOCK_TEXT_BYTES] = "";
	if (fact->at_ms >= 0)
		clock_format(fact->at_ms, time);
	if (!strchr(fact->text, '\n') && !strstr(fact->source.object, "/log/")) {
		output_print(out, "    %s%s%s  %s\n", fact->source.object, *time ? " " : "", time, fact->text);
		return;
	}
	output_print(out, "    %s%s%s\n", fact->source.object, *time ? " " : "", time);
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
		output_print(out, "  next: %s\n", finding->next);
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

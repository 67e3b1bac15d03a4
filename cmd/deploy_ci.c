#include "cmd/deploy_ci.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cmd/findings.h"
#include "ui/ci.h"
#include "ui/neutral.h"
#include "ui/output.h"

enum { SUMMARY_MAX_BYTES = 256 * 1024 }; /* GitHub takes 1 MiB a step */

struct output_value {
	const char *name, *value; /* NULL: left out */
};

static void
set_outputs(struct output *out, const struct output_value *values, size_t count)
{
	struct error err;
	for (size_t i = 0; i < count; i++) {
		if (values[i].value && !ci_set_output(values[i].name, values[i].value, &err)) {
			output_warn(out, "%s", err.why);
			return;
		}
	}
}

void
deploy_ci_begin(struct output *out, const struct deploy_report *report)
{
	const struct output_value values[] = {
		{"deployment_id", report->deployment_id},
		{"environment", report->environment},
		{"image", report->image},
		{"digest", report->digest},
	};
	if (!report->is_one_of_several)
		set_outputs(out, values, array_length(values));
}

/* ---- the summary ---- */

/* Foreign text in a cell or list: its lines stay apart, nothing in it is Markdown or HTML. */
static void
add_text(struct buf *buf, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		neutral_add(buf, NEUTRAL_MARKDOWN, text, length);
		text += length + (text[length] == '\n');
		if (*text)
			buf_add_text(buf, "<br>");
	}
}

static void
add_fact(struct buf *buf, const char *label, const char *text)
{
	if (!text)
		return;
	buf_printf(buf, "| %s | ", label);
	add_text(buf, text);
	buf_add_text(buf, " |\n");
}

static void
add_facts(struct buf *buf, const struct deploy_report *report, struct arena *arena)
{
	const struct deployment *deployment = report->deployment;
	char took[CLOCK_TEXT_BYTES];
	buf_add_text(buf, "| | |\n|---|---|\n");
	add_fact(buf, "image", report->image);
	add_fact(buf, "digest", report->digest);
	add_fact(buf, "deployment", report->deployment_id);
	if (!deployment)
		return;
	add_fact(buf, "pods ready", arena_printf(arena, "%lld of %lld", (long long)deployment->progress.available,
	                                         (long long)deployment->progress.desired));
	add_fact(buf, "took", clock_format_duration(deployment->now_ms - deployment->started_ms, took));
}

static void
add_finding(struct buf *buf, const struct finding *finding, struct arena *arena)
{
	const char *pods = findings_pods(finding, arena);
	buf_printf(buf, "\n**%s**: ", finding->cause->code);
	add_text(buf, finding->sentence);
	buf_printf(buf, "%s%s%s\n\n", *pods ? " (" : "", pods, *pods ? ")" : "");
	for (size_t i = 0; i < finding->n_evidence; i++) {
		buf_add_text(buf, "- ");
		add_text(buf, finding->evidence[i].source.object);
		buf_add_text(buf, ": ");
		add_text(buf, finding->evidence[i].text);
		buf_add_text(buf, "\n");
	}
}

static void
add_failure(struct buf *buf, const struct deploy_report *report, struct arena *arena)
{
	buf_add_text(buf, "\n");
	add_text(buf, report->failure->why);
	buf_add_text(buf, "\n");
	for (size_t i = 0; report->deployment && i < report->deployment->findings.count; i++)
		add_finding(buf, &report->deployment->findings.items[i], arena);
	if (report->deployment && report->deployment->old_serves)
		buf_add_text(buf, "\nThe previous release still serves.\n");
	if (!*report->failure->next)
		return;
	buf_add_text(buf, "\n**next**: ");
	add_text(buf, report->failure->next);
	buf_add_text(buf, "\n");
}

static void
write_summary(struct output *out, const struct deploy_report *report)
{
	struct error err;
	struct arena arena = {0};
	scoped(buf_release) struct buf buf = BUF_INIT(SUMMARY_MAX_BYTES);
	buf_add_text(&buf, "### ");
	add_text(&buf, report->name);
	buf_add_text(&buf, " in ");
	add_text(&buf, report->environment);
	buf_printf(&buf, ": %s\n\n", report->outcome);
	add_facts(&buf, report, &arena);
	if (report->failure)
		add_failure(&buf, report, &arena);
	buf_add_text(&buf, "\n");
	if (!ci_add_summary(buf.bytes, &err))
		output_warn(out, "%s", err.why);
	arena_release(&arena);
}

void
deploy_ci_several(struct output *out, const char *outcome, const char *failure)
{
	const struct output_value values[] = {{"outcome", outcome}, {"error", failure}};
	set_outputs(out, values, array_length(values));
}

void
deploy_ci_rollback(struct output *out, const char *rollback, const struct deploy_report *report)
{
	const struct output_value values[] = {{"rollback", rollback}};
	set_outputs(out, values, array_length(values));
	deploy_ci_several(out, report->outcome, error_kind(report->failure->code)->name);
}

void
deploy_ci_end(struct output *out, const struct deploy_report *report)
{
	if (!report->is_one_of_several)
		deploy_ci_several(out, report->outcome, report->failure ? error_kind(report->failure->code)->name : NULL);
	write_summary(out, report);
}

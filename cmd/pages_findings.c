/* One page a finding code of the diagnosis, and the topic `following`: how a deployment is judged. */
#include <string.h>

#include "base/clock.h"
#include "cmd/help_text.h"
#include "cmd/pages.h"
#include "core/deploy/rules.h"
#include "core/diagnose/cause.h"
#include "ui/text.h"

enum { LINE_MAX_BYTES = 400 };

/* ---- findings ---- */

static const char *
finding_at(size_t i)
{
	return i < n_cause_table ? cause_table[i].code : NULL;
}

static void
add_patience(struct buf *line, int64_t after_ms)
{
	char duration[CLOCK_TEXT_BYTES];
	if (after_ms > 0)
		buf_printf(line, " after %s", clock_format_duration(after_ms, duration));
}

static void
add_class(struct buf *line, const struct cause *cause)
{
	const struct follow_signal *signal = follow_signal(cause->signal, cause->class);
	if (cause->class == CAUSE_FIXED)
		buf_add_text(line, "Trying again gives the same answer: a deploy is called failed");
	else if (signal->act_after_ms > 0)
		buf_add_text(line, "Trying again may cure it: a deploy is called failed when it lasts,");
	else if (signal->act_after_ms == 0)
		buf_add_text(line, "Trying again may cure it: a deploy is called failed once it was seen often enough");
	else
		buf_add_text(line, "It may pass by itself: a deploy waits for it until its deadline");
	if (signal->act_after_ms >= 0)
		add_patience(line, signal->act_after_ms);
	buf_add_text(line, ".");
}

static bool
write_finding(const char *name, size_t columns, struct buf *buf)
{
	const struct cause *cause = cause_find(name);
	scoped(buf_release) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	if (cause == NULL)
		return false;
	buf_printf(buf, "%s: a finding of a rollout\n\n", cause->code);
	text_add_wrapped(buf, cause->explanation, columns, 0);
	buf_add_text(buf, "\n\nIt reads: ");
	text_add_wrapped(buf, cause->sentence, columns, 10);
	buf_add_text(buf, "\nNext:     ");
	text_add_wrapped(buf, cause->next, columns, 10);
	buf_add_text(buf, "\n\n");
	add_class(&line, cause);
	text_add_wrapped(buf, line.bytes, columns, 0);
	buf_add_char(buf, '\n');
	return true;
}

const struct page_source page_source_findings = {"finding", write_finding, finding_at};

/* ---- how a deployment is judged ---- */

static void
add_verdict(struct buf *buf, const struct verdict *verdict, size_t columns)
{
	scoped(buf_release) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	buf_printf(buf, columns == HELP_LISTED ? "%s, %s: " : "  %-18s %-9s ", operator_word_name(verdict->operator), rollout_word_name(verdict->rollout));
	buf_add_text(&line, follow_action_name(verdict->action));
	add_patience(&line, verdict->act_after_ms);
	if (verdict->error != ERROR_NONE)
		buf_printf(&line, " (%s)", error_kind(verdict->error)->name);
	if (verdict->sentence != NULL)
		buf_printf(&line, ": %s", verdict->sentence);
	text_add_wrapped(buf, line.bytes, columns, 31);
	buf_add_char(buf, '\n');
}

static void
add_signal(struct buf *buf, const struct follow_signal *signal, size_t columns)
{
	scoped(buf_release) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	buf_printf(buf, columns == HELP_LISTED ? "%u, %s, " : "  %2u  %-7s ", signal->number, cause_class_name(signal->class));
	buf_printf(&line, "%s: %s", signal->what, follow_action_name(signal->action));
	add_patience(&line, signal->act_after_ms);
	if (signal->error != ERROR_NONE)
		buf_printf(&line, " (%s)", error_kind(signal->error)->name);
	text_add_wrapped(buf, line.bytes, columns, 14);
	buf_add_char(buf, '\n');
}

void
page_write_following(struct buf *buf, size_t columns)
{
	text_add_wrapped(buf,
	                 "Nothing about a Deployment counts until its pod template carries the id of this deployment. Then "
	                 "the word of the operator (the ApplicationStatus of that id) and what the cluster shows of the "
	                 "rollout are read together:\n\n",
	                 columns, 0);
	for (size_t i = 0; i < n_verdict_table; i++)
		add_verdict(buf, &verdict_table[i], columns);
	buf_add_char(buf, '\n');
	text_add_wrapped(buf,
	                 "A rollout is doomed when one of these signals has lasted: fixed ones give the same answer on every "
	                 "try, those of chance may pass.\n\n",
	                 columns, 0);
	for (size_t i = 0; i < n_follow_signals; i++)
		add_signal(buf, &follow_signals[i], columns);
}

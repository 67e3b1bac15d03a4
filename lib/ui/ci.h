/* What a CI runner understands beyond text: groups, annotations, outputs, a summary.
 *
 * Only GitHub Actions (GITHUB_ACTIONS=true) has all of it; elsewhere, and with --json, groups are
 * plain headings or nothing and annotations are left to the text.  Everything is escaped for the
 * place it goes to.  Source: "Workflow commands for GitHub Actions".
 */
#ifndef PAAS_UI_CI_H
#define PAAS_UI_CI_H

#include <stdbool.h>

#include "base/error.h"
#include "ui/output.h"

/* GITHUB_ACTIONS=true and the output is text: annotations and groups will be read. */
bool ci_is_github(const struct output *out);

/* Folds what is printed up to ci_group_end under a title. */
void ci_group_begin(struct output *out, const char *title);
void ci_group_end(struct output *out);

enum ci_level { CI_NOTICE, CI_WARNING, CI_ERROR };
struct ci_annotation {
	enum ci_level level;
	const char *title;     /* NULL: none */
	const char *file;      /* NULL: none; relative to the repository */
	unsigned line, column; /* 1-based; 0: none */
	const char *message;
};
void ci_annotate(struct output *out, const struct ci_annotation *annotation);

/* Text from outside that follows may hold "::" lines; until ci_resume they command nothing.
 * `ret_token` is handed to ci_resume. */
enum { CI_TOKEN_BYTES = 33 };
void ci_stop_commands(struct output *out, char ret_token[static CI_TOKEN_BYTES]);
void ci_resume_commands(struct output *out, const char *token);

/* NAME=value in $GITHUB_OUTPUT, any value; nothing when the variable is unset.  Fails: ERROR_FILE. */
bool ci_set_output(const char *name, const char *value, struct error *err) must_use;
/* Markdown, appended to $GITHUB_STEP_SUMMARY; nothing when the variable is unset.  The caller
 * neutralises what is not its own (NEUTRAL_MARKDOWN).  Fails: ERROR_FILE. */
bool ci_add_summary(const char *markdown, struct error *err) must_use;

#endif

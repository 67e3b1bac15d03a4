/* What a CI runner understands beyond text: groups, annotations, outputs, a summary, masks.
 *
 * Only GitHub Actions (GITHUB_ACTIONS=true) has all of it.  Travis, GitLab, Buildkite and Azure
 * Pipelines fold groups, each in its own words; elsewhere, and with --json, there are none, and
 * annotations are left to the text.  Everything is escaped for the place it goes to.
 * Sources: "Workflow commands for GitHub Actions"; travis_fold and travis_time of travis-build;
 * "Custom collapsible sections" of GitLab; "Managing log output" of Buildkite; "Logging commands"
 * of Azure Pipelines.
 */
#ifndef PAAS_UI_CI_H
#define PAAS_UI_CI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "ui/output.h"

struct secret;

/* GITHUB_ACTIONS=true and the output is text: annotations and groups will be read. */
bool ci_is_github(const struct output *out);

/* Folds what is printed up to ci_group_end under a title.  Groups do not nest. */
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

/* The runner shows "***" wherever this text stands from now on: for values that others may print
 * later, ours are never printed.  Each line of it is masked; goes to standard error, unless that is
 * a file, which a runner does not read. */
void ci_add_mask(const struct secret *secret);

/* NAME=value in $GITHUB_OUTPUT, any value; nothing when the variable is unset.  Fails: ERROR_FILE. */
bool ci_set_output(const char *name, const char *value, struct error *err) must_use;
/* Markdown, appended to $GITHUB_STEP_SUMMARY; nothing when the variable is unset.  The caller
 * neutralises what is not its own (NEUTRAL_MARKDOWN).  Fails: ERROR_FILE. */
bool ci_add_summary(const char *markdown, struct error *err) must_use;

#endif

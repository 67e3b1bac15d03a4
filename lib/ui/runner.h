/* Text that a CI runner reads for commands: GitHub Actions and Azure Pipelines take them from either stream.
 *
 * A command is a line that begins with "::", after blanks of any kind, or "##[", "##vso[" anywhere in a line; a line
 * ends at a carriage return too.  A backslash stands where it breaks the word: one before "##[" would not.
 * Sources: ActionCommand.cs and ProcessInvoker.cs of actions/runner; Command.cs of microsoft/azure-pipelines-agent.
 */
#ifndef PAAS_UI_RUNNER_H
#define PAAS_UI_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"

/* GITHUB_ACTIONS or TF_BUILD is true. */
bool runner_takes_commands(void);
/* Appends `text`, which commands nothing; it begins a line.  Harmless elsewhere too, but not the same bytes. */
void runner_add_text(struct buf *buf, const char *text, size_t length);
/* The same of one line of JSON, which still says the same. */
void runner_add_json(struct buf *buf, const char *json, size_t length);
/* Writes `text`, at most 4 MiB of it, made harmless where a runner takes commands. */
void runner_write(FILE *stream, const char *text, size_t length);

#endif

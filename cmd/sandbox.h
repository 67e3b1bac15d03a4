/* What the files of `paas sandbox` share. */
#ifndef PAAS_CMD_SANDBOX_H
#define PAAS_CMD_SANDBOX_H

#include <jansson.h>
#include <stdbool.h>

#include "cmd/command.h"

/* The folder: --dir, $PAAS_SANDBOX_DIR, or below XDG_STATE_HOME. */
extern const char *sandbox_folder_option;
#define SANDBOX_FOLDER_OPTION                                                                          \
	{.kind = OPTION_TEXT, .name = "dir", .value = "FOLDER", .text = &sandbox_folder_option,        \
	 .environment = "PAAS_SANDBOX_DIR", .complete = "file", .help = "where its files and state are"}
bool sandbox_folder(struct session *session, const char **ret, struct error *err) must_use;

/* Asks the running sandbox; `body` is stolen, may be NULL.  *ret: new reference; may be NULL.
 * Fails: ERROR_NOT_FOUND when none runs, else what it answered. */
bool sandbox_ask(struct session *session, const char *method, const char *name, json_t *body,
                 json_t **ret, struct error *err) must_use;

/* False; says that none runs there and how to start one. */
bool sandbox_not_running(const char *folder, struct error *err);

extern const struct command command_sandbox_start, command_sandbox_break, command_sandbox_heal, command_sandbox_approve, command_sandbox_build;

#endif

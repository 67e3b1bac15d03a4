/* The command table as JSON: `paas help --json`. */
#ifndef PAAS_CMD_HELP_JSON_H
#define PAAS_CMD_HELP_JSON_H

#include <jansson.h>

#include "cmd/command.h"

/* Every command, hidden ones too (is_hidden), the flags of all of them, and the error codes with
 * their exit statuses. */
json_t *help_table_to_json(void);
/* The command alone, with its subcommands. */
json_t *help_command_to_json(const struct command *parent, const struct command *command);

#endif

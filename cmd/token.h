/* The subcommands of `paas token`, one file each. */
#ifndef PAAS_CMD_TOKEN_H
#define PAAS_CMD_TOKEN_H

#include "cmd/command.h"

extern const struct command command_token_list, command_token_verify, command_token_rekey, command_token_export,
	command_token_import, command_token_kubernetes, command_token_git, command_token_docker;

#endif

/* The subcommands of `paas config`, a file each (cmd/config_NAME.c). */
#ifndef PAAS_CMD_CONFIG_H
#define PAAS_CMD_CONFIG_H

#include "cmd/command.h"
#include "data/settings.h"

extern const struct command config_get, config_set, config_unset, config_list, config_check, config_use, config_trust,
	config_alias;

/* The setting of that name.  Fails: ERROR_USAGE with did-you-mean. */
bool config_find_setting(const char *name, enum setting *ret, struct error *err) must_use;

#endif

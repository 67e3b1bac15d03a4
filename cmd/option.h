/* One option or positional of a command: what it takes, and giving it a value. */
#ifndef PAAS_CMD_OPTION_H
#define PAAS_CMD_OPTION_H

#include "cmd/command.h"

bool option_takes_value(const struct option_spec *option);
bool option_is_positional(const struct option_spec *option);

/* Parses `value` into the variable of the option; a mistake names its origin ("--timeout",
 * "$PAAS_TIMEOUT").  Fails: ERROR_USAGE. */
bool option_set(const struct option_spec *option, const char *origin, const char *value,
                struct arena *arena, struct error *err) must_use;
/* Gives each option of the table (ended by OPTION_END) the value of its variable, where that is set
 * and not empty. What the line says comes later and wins.  Fails: ERROR_USAGE. */
bool option_set_defaults(const struct option_spec *options, struct arena *arena, struct error *err) must_use;

#endif

#include "cmd/table.h"

#include "cmd/command.h"

#define _(name) extern const struct command command_##name;
COMMANDS(_)
#undef _

#define _(name) &command_##name,
const struct command *const commands[] = {COMMANDS(_) NULL};
#undef _

const size_t n_commands = array_length(commands) - 1;

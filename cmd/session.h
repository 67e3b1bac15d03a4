/* What a command finds when it starts: everything it `needs`, and an orderly way to stop. */
#ifndef PAAS_CMD_SESSION_H
#define PAAS_CMD_SESSION_H

#include "cmd/command.h"

struct problems;

/* Reads the settings into session->settings when the command needs any; what is wrong with the
 * files goes to `problems`.  Before there is an output: colour is a setting. */
bool session_load_settings(struct session *session, const struct command *command,
                           struct problems *problems, struct error *err) must_use;

/* For a command that can do without: session->platform, NULL when nobody chose a platform file and
 * the system has none.  The command needs its settings. */
bool session_try_platform(struct session *session, struct error *err) must_use;

/* Tells of `problems`, prepares what else the command needs, runs it (in a fiber when it needs the
 * loop) and takes all of it down again.  The first SIGINT or SIGTERM cancels the fiber, the second
 * ends the process.  *ret_signal: the one that arrived, else 0. */
bool session_run(struct session *session, const struct command *command, struct problems *problems,
                 int *ret_signal, struct error *err);

#endif

/* Lets kubectl, git and docker ask paas for credentials, by their own configuration; and back. */
#ifndef PAAS_CMD_LOGIN_CONFIGURE_H
#define PAAS_CMD_LOGIN_CONFIGURE_H

#include "cmd/command.h"

/* `tools`: "kubectl,git,docker", any of them.  Shows every command and change first and asks; what is so already is left alone.
 * `undo` takes away what an earlier call put there, and nothing else.  From a fiber.  Fails: ERROR_USAGE (another tool),
 * ERROR_NOT_FOUND (a program, a system the tool could be used with), ERROR_CANCELLED, ERROR_FAILED (a program says no). */
bool login_configure(struct session *session, const char *tools, bool undo, struct error *err) must_use;

#endif

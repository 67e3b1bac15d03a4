/* What the helpers for other programs share: they speak a protocol on standard output, and keep quiet else. */
#ifndef PAAS_CMD_TOKEN_HELPER_H
#define PAAS_CMD_TOKEN_HELPER_H

#include "cmd/command.h"
#include "role/systems.h"

/* "paas token docker get" in place of "docker-credential-paas get"; `words` as they are when nobody calls it so. */
size_t token_helper_words(const char *program, size_t count, const char *const *words, struct arena *arena,
                          const char *const **ret);

/* Refuses a terminal: a token is for the program that asked.  Fails: ERROR_USAGE. */
bool token_helper_check_output(const char *program, struct error *err) must_use;

/* The answer, on standard output and past its buffer.  A program that went away is no error.  Fails: ERROR_OUTPUT. */
bool token_helper_write(const struct secret *answer, struct error *err) must_use;

/* The system that people meet at `origin`, in `role` where that is not NULL (several roles may share a host); NULL: it is
 * none of the platform file's.  `systems` has room for SYSTEMS_MAX. */
const struct system *token_helper_find(const struct session *session, const char *role, const char *origin, struct system *systems);

#endif

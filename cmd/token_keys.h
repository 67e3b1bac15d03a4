/* How a command gets at the key of the token store: settings, and a person to ask. */
#ifndef PAAS_CMD_TOKEN_KEYS_H
#define PAAS_CMD_TOKEN_KEYS_H

#include "cmd/command.h"
#include "store/token_store.h"

struct settings;

/* Lives as long as the session. */
const struct token_keys *token_keys_of(struct session *session);

/* The same for a process behind that nobody sees. */
const struct token_keys *token_keys_unattended(const struct settings *settings, struct arena *arena);

/* A passphrase of `path`, "-" being standard input; NULL: asked for, twice when it `is_new`.  Fails as prompts, and
 * file_read_secret. */
bool token_keys_passphrase(struct session *session, const char *path, bool is_new, struct secret **ret,
                           struct error *err) must_use;

#endif

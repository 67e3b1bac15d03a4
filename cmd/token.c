/* `paas token`: what the token store holds, and its care. */
#include "cmd/token.h"

static const struct command *const subcommands[] = {
	&command_token_list, &command_token_verify, &command_token_rekey, &command_token_export, &command_token_import,
	&command_token_kubernetes, &command_token_git, &command_token_docker, NULL,
};

static const char *const see_also[] = {"paas-login(1)", "paas-whoami(1)", NULL};

const struct command command_token = {
	.name = "token",
	.group = GROUP_START,
	.summary = "Look after the encrypted token store",
	.description =
		"The tokens that paas login gets are kept in one encrypted file, $XDG_DATA_HOME/paas/tokens. Its key is wrapped by what the "
		"settings allow: a key file (key_file), the desktop's keyring (keyring), else a passphrase; an unlocked key is remembered "
		"by the session for the time of key_cache. No subcommand prints a token, but for token export --show.",
	.subcommands = subcommands,
	.see_also = see_also,
};

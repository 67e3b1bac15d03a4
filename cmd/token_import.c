/* `paas token import`: what another machine exported. */
#include "auth/credential.h"
#include "cmd/token.h"
#include "cmd/token_keys.h"
#include "ui/output.h"

static const char *path, *passphrase_file;
static bool force;

enum { LOCK_MS = 25 * 1000 };

/* All of them, or none when one is there already and nobody said --force. */
static bool
merge(struct token_store *store, const struct token_list *imported, struct error *err)
{
	scoped(token_list_release) struct token_list *list = NULL;
	if (!token_store_read(store, &list, err))
		return false;
	for (size_t i = 0; i < token_list_count(imported); i++) {
		const struct token_entry *entry = token_list_get(imported, i);
		if (!force && token_list_find(list, entry->system, entry->origin) != NULL) {
			error_put(err, ERROR_CONFLICT, "the token store has a token of %s already", entry->system);
			return error_next(err, "paas token import --force FILE to replace it");
		}
		if (!token_list_put(list, entry, err))
			return false;
	}
	return token_store_write(store, list, err);
}

static bool
run(struct session *session, struct error *err)
{
	scoped(token_list_release) struct token_list *imported = NULL;
	scoped(secret_release) struct secret *passphrase = NULL;
	struct token_store *store;
	if (!token_keys_passphrase(session, passphrase_file, false, &passphrase, err) ||
	    !token_store_import(path, passphrase, &imported, err) || !credential_store(&store, err) ||
	    !token_store_lock(store, LOCK_MS, err))
		return error_doing(err, "importing tokens");
	bool is_fine = merge(store, imported, err);
	token_store_unlock(store);
	if (!is_fine)
		return error_doing(err, "importing tokens");
	if (output_is_json(session->out))
		return output_json(session->out, json_pack("{s:s, s:i}", "path", path, "tokens", (int)token_list_count(imported)), err);
	output_print(session->out, "%zu tokens read from %s\n", token_list_count(imported), path);
	return true;
}

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "FILE", .text = &path, .is_required = true, .complete = "file", .help = "what paas token export wrote"},
	{.kind = OPTION_FLAG, .name = "force", .flag = &force, .help = "replace tokens that are there already"},
	{.kind = OPTION_TEXT, .name = "passphrase-file", .value = "FILE", .text = &passphrase_file, .complete = "file",
	 .help = "the passphrase of the file, - for standard input; without it: asked for"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas token import tokens.paas --passphrase-file word", "what another machine exported"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-token(1)", NULL};

const struct command command_token_import = {
	.name = "import",
	.group = GROUP_START,
	.summary = "Read the tokens of an exported file",
	.description = "All tokens of the file are taken, or none when the store holds one for the same system and origin (exit status 6).",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_SETTINGS,
	.answers_json = true,
	.run = run,
};

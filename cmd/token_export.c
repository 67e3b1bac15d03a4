/* `paas token export`: to another machine as an encrypted file, or one token to the screen. */
#include <string.h>
#include <unistd.h>

#include "auth/credential.h"
#include "cmd/token.h"
#include "cmd/token_keys.h"
#include "ui/output.h"
#include "ui/prompt.h"

static const char *path, *shown, *passphrase_file;

static const struct token_entry *
find(const struct token_list *list, const char *system)
{
	for (size_t i = 0; i < token_list_count(list); i++)
		if (strcmp(token_list_get(list, i)->system, system) == 0)
			return token_list_get(list, i);
	return NULL;
}

/* Only where a person sees it, and nothing keeps it. */
static bool
show(struct session *session, const struct token_list *list, struct error *err)
{
	struct prompt prompt = {session->out, session->can_prompt, session->assume_yes};
	const struct token_entry *entry = find(list, shown);
	struct prompt_question question = {.text = arena_printf(session->arena, "Show the token of %s on this screen", shown), .flag = "a terminal"};
	bool is_sure = false;
	if (entry == NULL)
		return error_set(err, ERROR_NOT_FOUND, "the token store has no token of %s", shown);
	if (!isatty(STDOUT_FILENO)) {
		error_put(err, ERROR_USAGE, "a token is shown on a terminal only, not into a pipe or file");
		return error_next(err, "paas token export FILE, which is encrypted");
	}
	prompt.assume_yes = false;
	if (!prompt_confirm(&prompt, &question, &is_sure, err))
		return false;
	if (!is_sure)
		return error_set(err, ERROR_CANCELLED, "nothing was shown");
	output_flush(session->out);
	if (!secret_write(entry->token, STDOUT_FILENO) || write(STDOUT_FILENO, "\n", 1) != 1)
		return error_set(err, ERROR_OUTPUT, "the token could not be written");
	return true;
}

static bool
carry(struct session *session, const struct token_list *list, struct error *err)
{
	scoped(secret_release) struct secret *passphrase = NULL;
	if (token_list_count(list) == 0)
		return error_set(err, ERROR_NOT_FOUND, "the token store is empty");
	if (passphrase_file == NULL)
		output_note(session->out, "The file opens with a passphrase of its own.\n");
	if (!token_keys_passphrase(session, passphrase_file, true, &passphrase, err) || !token_store_export(list, passphrase, path, err))
		return false;
	if (output_is_json(session->out))
		return output_json(session->out, json_pack("{s:s, s:i}", "path", path, "tokens", (int)token_list_count(list)), err);
	output_print(session->out, "%zu tokens written to %s, encrypted\n", token_list_count(list), path);
	return true;
}

static bool
run(struct session *session, struct error *err)
{
	scoped(token_list_release) struct token_list *list = NULL;
	struct token_store *store;
	if ((path == NULL) == (shown == NULL)) {
		error_put(err, ERROR_USAGE, "name the file to write, or --show SYSTEM");
		return error_next(err, "paas token export FILE");
	}
	if (!credential_store(&store, err) || !token_store_read(store, &list, err))
		return error_doing(err, "exporting tokens");
	return (shown != NULL ? show(session, list, err) : carry(session, list, err)) || error_doing(err, "exporting tokens");
}

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "FILE", .text = &path, .complete = "file", .help = "the file to write; it must not exist"},
	{.kind = OPTION_TEXT, .name = "show", .value = "SYSTEM", .text = &shown, .complete = "system",
	 .help = "instead print one token, on a terminal only, after a question"},
	{.kind = OPTION_TEXT, .name = "passphrase-file", .value = "FILE", .text = &passphrase_file, .complete = "file",
	 .help = "the passphrase, - for standard input; without it: asked for twice"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas token export tokens.paas", "all of them, encrypted, for another machine"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-token(1)", NULL};

const struct command command_token_export = {
	.name = "export",
	.group = GROUP_START,
	.summary = "Write the tokens to an encrypted file to carry away",
	.description =
		"The file has the format of the token store and opens with a passphrase that is asked for twice; paas token import reads it. "
		"A sign-on that two machines renew breaks for one of them, as a refresh token serves once: log in on the other machine "
		"instead where that can be done.\n\n"
		"--show prints one token as it is: only to a terminal, and only after a question that --yes does not answer.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_SETTINGS,
	.answers_json = true,
	.run = run,
};

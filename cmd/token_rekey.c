/* `paas token rekey`: another key, the same tokens. */
#include "auth/credential.h"
#include "cmd/token.h"
#include "cmd/token_keys.h"
#include "data/settings.h"
#include "ui/output.h"

static const char *key_file;
static bool passphrase;

static bool
run(struct session *session, struct error *err)
{
	struct token_store *store;
	struct token_keys keys = *token_keys_of(session);
	struct token_store_info info;
	if (key_file != NULL)
		keys.key_file = key_file;
	if (passphrase)
		keys.key_file = NULL;
	keys.without_keyring |= passphrase;
	if (!credential_store(&store, err) || !token_store_rekey(store, &keys, err) ||
	    !token_store_inspect(store, session->arena, &info, err))
		return error_doing(err, "changing the key of the token store");
	if (output_is_json(session->out)) {
		json_t *slots = json_array();
		for (size_t i = 0; i < info.n_slots; i++)
			json_array_append_new(slots, json_string(info.slots[i].type));
		return output_json(session->out, json_pack("{s:s, s:o}", "path", token_store_path(store), "opens_with", slots), err);
	}
	for (size_t i = 0; i < info.n_slots; i++)
		output_print(session->out, "the token store opens with: %s\n", info.slots[i].type);
	return true;
}

static const struct option_spec options[] = {
	{.kind = OPTION_TEXT, .name = "key-file", .value = "FILE", .text = &key_file, .complete = "file",
	 .help = "the new key is the bytes of this file"},
	{.kind = OPTION_FLAG, .name = "passphrase", .flag = &passphrase, .help = "the new key is a passphrase alone, asked for twice"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas token rekey --passphrase", "another passphrase"},
	{"paas token rekey --key-file ~/.paas-key", "from a passphrase to a key file"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-token(1)", "config.yml(5)", NULL};

const struct command command_token_rekey = {
	.name = "rekey",
	.group = GROUP_START,
	.summary = "Give the token store another key",
	.description =
		"The store is opened with the key it has, sealed under a new master key, and that is wrapped by what the settings give now: "
		"a key file, the desktop's keyring, else a passphrase. Copies of the old file stay readable with the old key: where one may "
		"have leaked, log out and in again as well. Remember --key-file with paas config set key_file FILE.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_SETTINGS,
	.answers_json = true,
	.run = run,
};

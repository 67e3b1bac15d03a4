#include "cmd/token_keys.h"

#include "base/file.h"
#include "data/settings.h"
#include "ui/output.h"
#include "ui/prompt.h"

enum { PASSPHRASE_MAX = 4096 };

static bool
ask(const struct session *session, const char *text, const char *flag, struct secret **ret, struct error *err)
{
	struct prompt prompt = {session->out, session->can_prompt, session->assume_yes};
	struct prompt_question question = {.text = text, .flag = flag};
	return prompt_secret(&prompt, &question, ret, err);
}

/* Twice, as nobody sees what is typed. */
static bool
ask_twice(const struct session *session, const char *flag, struct secret **ret, struct error *err)
{
	scoped(secret_release) struct secret *first = NULL, *second = NULL;
	for (;;) {
		if (!ask(session, "New passphrase", flag, &first, err) || !ask(session, "The same again", flag, &second, err))
			return false;
		if (secret_equals(first, second))
			break;
		output_note(session->out, "these were two different ones\n");
		secret_release(&first);
		secret_release(&second);
	}
	*ret = take(first);
	return true;
}

static bool
ask_passphrase(void *data, bool is_new, struct secret **ret, struct error *err)
{
	static const char flag[] = "a key file: paas config set key_file FILE";
	static bool was_asked;
	const struct session *session = data;
	if (!is_new && was_asked)
		output_note(session->out, "that one does not open it\n");
	was_asked |= !is_new;
	if (!is_new)
		return ask(session, "Passphrase of the token store", flag, ret, err);
	output_note(session->out, "Tokens are kept in an encrypted file. It opens with a passphrase of yours, from now on.\n");
	return ask_twice(session, flag, ret, err);
}

bool
token_keys_passphrase(struct session *session, const char *path, bool is_new, struct secret **ret, struct error *err)
{
	static const char flag[] = "--passphrase-file FILE";
	scoped(secret_release) struct secret *whole = NULL;
	if (path == NULL)
		return is_new ? ask_twice(session, flag, ret, err) : ask(session, "Passphrase of the file", flag, ret, err);
	if (!file_read_secret(path, PASSPHRASE_MAX, &whole, err))
		return error_doing(err, "reading the passphrase");
	if (secret_length(whole) == secret_newline(whole))
		return error_set(err, ERROR_USAGE, "the passphrase in %s is empty", path);
	*ret = secret_slice(whole, 0, secret_length(whole) - secret_newline(whole));
	return true;
}

static void
take_settings(const struct settings *settings, struct token_keys *keys)
{
	keys->key_file = settings_text(settings, SETTING_KEY_FILE);
	keys->without_keyring = !settings_bool(settings, SETTING_KEYRING);
	keys->cache_ms = settings_duration_ms(settings, SETTING_KEY_CACHE);
	keys->without_cache = keys->cache_ms == 0;
}

const struct token_keys *
token_keys_of(struct session *session)
{
	struct token_keys *keys = arena_new(session->arena, struct token_keys);
	*keys = (struct token_keys){.ask_passphrase = session->can_prompt ? ask_passphrase : NULL, .data = session};
	if (session->settings != NULL)
		take_settings(session->settings, keys);
	return keys;
}

const struct token_keys *
token_keys_unattended(const struct settings *settings, struct arena *arena)
{
	struct token_keys *keys = arena_new(arena, struct token_keys);
	keys->unattended = true;
	take_settings(settings, keys);
	return keys;
}

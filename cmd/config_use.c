/* `paas config use` and `trust`: the platform file from an address, and who may sign it. */
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cmd/config.h"
#include "core/platform/use.h"
#include "data/platform_trust.h"
#include "ui/output.h"
#include "ui/table.h"

static const char *url, *key_text, *removed;
static bool allow_older;

/* ---- keys ---- */

/* A key as it is, or the .pub file that holds it. */
static bool
read_key(const char *text, struct arena *arena, struct minisign_key *ret, struct error *err)
{
	char *bytes;
	size_t length;
	bool is_file = strlen(text) != MINISIGN_KEY_TEXT || file_exists(text);
	if (!is_file)
		return minisign_read_key(text, strlen(text), ret, err);
	if (file_read(text, MINISIGN_FILE_MAX, arena, &bytes, &length, err))
		return minisign_read_key(bytes, length, ret, err);
	return error_next(err, "give the key itself, %d letters that begin with RW, or its .pub file", MINISIGN_KEY_TEXT);
}

static json_t *
keys_to_json(const struct trust *trust)
{
	char id[MINISIGN_ID_BYTES];
	json_t *keys = json_array();
	for (size_t i = 0; i < trust->n_keys; i++)
		json_array_append_new(keys, json_pack("{s:s, s:s}", "id", minisign_key_id(&trust->keys[i], id), "key",
		                                      trust->keys[i].text));
	return keys;
}

static bool
show_keys(struct session *session, const struct trust *trust, struct error *err)
{
	static const struct table_column columns[] = {{.title = "ID"}, {.title = "KEY", .may_cut = true}};
	struct table *table = table_new(session->arena, columns, array_length(columns));
	if (output_is_json(session->out))
		return output_json(session->out, json_pack("{s:o}", "keys", keys_to_json(trust)), err);
	for (size_t i = 0; i < trust->n_keys; i++) {
		char id[MINISIGN_ID_BYTES];
		table_add_row(table);
		table_set(table, 0, STYLE_STRONG, "%s", minisign_key_id(&trust->keys[i], id));
		table_set(table, 1, STYLE_PLAIN, "%s", trust->keys[i].text);
	}
	if (trust->n_keys)
		table_print(table, session->out);
	else
		output_note(session->out, "no key is pinned; pin your platform team's: paas config trust KEY\n");
	return true;
}

static bool
add_key(struct session *session, struct trust *trust, struct error *err)
{
	char id[MINISIGN_ID_BYTES];
	struct minisign_key key;
	bool is_new;
	if (!read_key(key_text, session->arena, &key, err) || !trust_add_key(trust, &key, &is_new, err) ||
	    (is_new && !trust_save(trust, err)))
		return false;
	if (output_is_json(session->out))
		return show_keys(session, trust, err);
	output_print(session->out, "key %s is pinned%s: platform files may be signed by it\n", minisign_key_id(&key, id),
	             is_new ? "" : " already");
	if (is_new)
		output_note(session->out, "undo: paas config trust --remove %s\n", id);
	return true;
}

static bool
remove_key(struct session *session, struct trust *trust, struct error *err)
{
	if (!trust_remove_key(trust, removed, err) || !trust_save(trust, err))
		return false;
	if (output_is_json(session->out))
		return show_keys(session, trust, err);
	output_print(session->out, "key %s is no longer pinned\n", removed);
	return true;
}

static bool
run_trust(struct session *session, struct error *err)
{
	struct trust trust;
	if (key_text && removed)
		return error_set(err, ERROR_USAGE, "--remove takes a key away; KEY adds one");
	if (!trust_load(session->arena, &trust, err))
		return false;
	return key_text ? add_key(session, &trust, err) : removed ? remove_key(session, &trust, err)
	                                                          : show_keys(session, &trust, err);
}

static const struct option_spec trust_options[] = {
	{.kind = OPTION_TEXT, .name = "remove", .value = "ID", .text = &removed, .help = "no longer trust this key"},
	{.kind = OPTION_ARG, .name = "KEY", .text = &key_text, .complete = "file",
	 .help = "minisign public key (begins with RW), or the .pub file that holds it"},
	{.kind = OPTION_END},
};
static const struct command_example trust_examples[] = {
	{"paas config trust", "the keys that are pinned"},
	{"paas config trust RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3", "pin your platform team's"},
	{NULL, NULL},
};

const struct command config_trust = {
	.name = "trust",
	.group = GROUP_CONFIGURE,
	.summary = "Show, pin or remove the keys that sign platform files",
	.description = "A platform file decides where tokens go, so one that comes from an address must be signed by a key that "
	               "was pinned here: minisign's, which your platform team tells you on a way you trust. Two may be pinned, "
	               "so that one can follow the other.",
	.options = trust_options,
	.examples = trust_examples,
	.answers_json = true,
	.run = run_trust,
};

/* ---- use ---- */

static bool
tell(struct session *session, const struct platform_used *used, struct error *err)
{
	struct output *out = session->out;
	const char *company = used->company ? used->company : "a company without a name";
	if (output_is_json(out)) {
		json_t *previous = used->previous_serial < 0 ? json_null() : json_integer(used->previous_serial);
		return output_json(out, json_pack("{s:s, s:s?, s:I, s:o, s:b, s:s, s:s, s:s}", "url", used->url, "company",
		                                  used->company, "serial", (json_int_t)used->serial, "previous_serial", previous,
		                                  "changed", used->is_new, "key", used->key_id, "platform", used->path, "file",
		                                  used->settings_file), err);
	}
	if (used->is_new)
		output_print(out, "the platform file of %s is in use: serial %lld, signed by key %s\n", company,
		             (long long)used->serial, used->key_id);
	else
		output_print(out, "the platform file of %s has not changed: serial %lld, signed by key %s\n", company,
		             (long long)used->serial, used->key_id);
	if (used->previous_serial < 0)
		output_note(out, "undo: paas config unset platform\n");
	return true;
}

static void
warn_of_shadow(struct session *session)
{
	const struct setting_value *winner = &session->settings->values[SETTING_PLATFORM];
	if (winner->text && winner->level > SETTING_USER)
		output_warn(session->out, "%s says %s, and that wins", winner->origin, winner->text);
}

static bool
run_use(struct session *session, struct error *err)
{
	struct problems problems = {.arena = session->arena};
	struct platform_used used;
	struct platform_use use = {.http = session->http, .arena = session->arena, .url = url, .allow_older = allow_older};
	if (!platform_use(&use, &problems, &used, err) || !tell(session, &used, err))
		return false;
	for (size_t i = 0; i < problems.count; i++)
		output_warn(session->out, "%s", problem_format(&problems.items[i], session->arena));
	warn_of_shadow(session);
	return true;
}

static const struct option_spec use_options[] = {
	{.kind = OPTION_FLAG, .name = "allow-older", .flag = &allow_older,
	 .help = "take a serial below the last one, or other bytes of the same serial"},
	{.kind = OPTION_ARG, .name = "URL", .text = &url, .fallback = "the one in use", .help = "https address of the file"},
	{.kind = OPTION_END},
};
static const struct command_example use_examples[] = {
	{"paas config use https://platform.acme.example/platform.yml", "fetch it, verify it, use it from now on"},
	{"paas config use", "look whether there is a newer one at the same address"},
	{NULL, NULL},
};
static const char *const use_see_also[] = {"platform.yml(5)", "minisign(1)", NULL};

const struct command config_use = {
	.name = "use",
	.group = GROUP_CONFIGURE,
	.summary = "Take the platform file from an address",
	.description = "Fetches URL and URL.minisig, and takes the file into use when it is signed by a pinned key (paas config "
	               "trust), is usable, and its serial is not below the last one of that address. It is fetched once: later "
	               "commands read the copy, and verify its signature each time, until config use is run again. Redirects "
	               "are not followed. Files that it names (ca_file) are not fetched: their paths are absolute.\n\n"
	               "A platform team signs its file with minisign -Sm platform.yml, and puts platform.yml.minisig beside it.",
	.options = use_options,
	.examples = use_examples,
	.see_also = use_see_also,
	.needs = NEEDS_LOOP | NEEDS_SETTINGS,
	.answers_json = true,
	.run = run_use,
};

/* `paas token verify`: is the store whole, and does it open? */
#include "auth/credential.h"
#include "cmd/token.h"
#include "ui/output.h"

enum { OTHERS = 0077 };

struct findings {
	struct token_store_info info;
	bool opens;
	size_t n_tokens;
	struct error failure; /* of opening it */
};

static json_t *
to_json(const struct findings *found, const char *path)
{
	const struct token_store_info *info = &found->info;
	json_t *slots = json_array();
	for (size_t i = 0; i < info->n_slots; i++)
		json_array_append_new(slots, json_pack("{s:s, s:s}", "type", info->slots[i].type, "label", info->slots[i].label));
	return json_pack("{s:b, s:s, s:i, s:I, s:s, s:I, s:o, s:b, s:b, s:i, s:s?}", "ok", info->is_whole && found->opens, "path", path,
	                 "format", (int)info->format, "generation", (json_int_t)info->generation, "id", info->id, "bytes",
	                 (json_int_t)info->bytes, "slots", slots, "whole", info->is_whole, "opens", found->opens, "tokens",
	                 (int)found->n_tokens, "why", found->opens ? NULL : found->failure.why);
}

static void
print(struct session *session, const struct findings *found, const char *path)
{
	const struct token_store_info *info = &found->info;
	struct output *out = session->out;
	output_print(out, "%s: format %u, generation %llu, %lld bytes, mode %04o\n", path, info->format,
	             (unsigned long long)info->generation, (long long)info->bytes, info->mode & 07777);
	for (size_t i = 0; i < info->n_slots; i++)
		output_print(out, "key %zu: %s%s%s\n", i + 1, info->slots[i].type, info->slots[i].label[0] != '\0' ? ", " : "",
		             info->slots[i].label);
	output_print(out, "checksum: %s\n", info->is_whole ? "right" : info->why);
	if (found->opens)
		output_print(out, "seal: right, %zu tokens inside\n", found->n_tokens);
	else
		output_print(out, "seal: %s\n", found->failure.why);
	if ((info->mode & OTHERS) != 0)
		output_print(out, "others may reach it: chmod 600 %s\n", path);
	if (info->is_remote)
		output_print(out, "it is on a network file system, where locks may not hold between machines\n");
}

static bool
look(struct session *session, struct token_store *store, struct findings *found, struct error *err)
{
	scoped(token_list_release) struct token_list *list = NULL;
	if (!token_store_inspect(store, session->arena, &found->info, err))
		return false;
	found->opens = token_store_read(store, &list, &found->failure);
	found->n_tokens = found->opens ? token_list_count(list) : 0;
	if (!found->opens && (found->failure.code == ERROR_INTERRUPTED || found->failure.code == ERROR_CANCELLED)) {
		*err = found->failure;
		return false;
	}
	return true;
}

static bool
run(struct session *session, struct error *err)
{
	struct findings found = {0};
	struct token_store *store;
	if (!credential_store(&store, err) || !look(session, store, &found, err))
		return error_doing(err, "looking at the token store");
	if (!found.info.is_whole || !found.opens)
		session->exit_status = error_kind(ERROR_PROBLEM_FOUND)->exit_status;
	if (output_is_json(session->out))
		return output_json(session->out, to_json(&found, token_store_path(store)), err);
	print(session, &found, token_store_path(store));
	if (!found.opens && found.failure.next[0] != '\0')
		output_note(session->out, "next: %s\n", found.failure.next);
	return true;
}

static const struct option_spec options[] = {{.kind = OPTION_END}};

static const struct command_example examples[] = {
	{"paas token verify", "is the file whole, and does it open?"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-doctor(1)", NULL};

const struct command command_token_verify = {
	.name = "verify",
	.group = GROUP_START,
	.summary = "Check that the token store is whole and opens",
	.description =
		"Reads the header, compares the checksum, opens the store with the key at hand and decrypts it. A damaged file, one that "
		"was altered and a wrong passphrase are told apart. Exit status 3 when something is wrong.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_SETTINGS,
	.answers_json = true,
	.run = run,
};

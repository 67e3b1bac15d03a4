/* `paas token list`: what is in the store, without a token. */
#include "auth/client_certificate.h"
#include "auth/credential.h"
#include "base/clock.h"
#include "cmd/token.h"
#include "ui/output.h"
#include "ui/table.h"

static const char *
time_or_none(int64_t wall_ms, char text[static CLOCK_TEXT_BYTES])
{
	return wall_ms > 0 ? clock_format(wall_ms, text) : NULL;
}

/* Of a client certificate; NULL: it is none. */
static const char *
subject_of(const struct token_entry *entry, struct arena *arena)
{
	struct client_certificate certificate;
	return client_certificate_describe(entry, arena, &certificate) ? certificate.subject : NULL;
}

static json_t *
entry_to_json(const struct token_entry *entry, struct arena *arena)
{
	char expires[CLOCK_TEXT_BYTES], obtained[CLOCK_TEXT_BYTES];
	return json_pack("{s:s, s:s, s:s?, s:s, s:s?, s:b, s:s?, s:s?, s:s?}", "system", entry->system, "origin", entry->origin, "account",
	                 entry->account, "kind", token_kind_names[entry->kind], "scopes", entry->scopes, "renewable",
	                 entry->refresh_token != NULL, "expires_at", time_or_none(entry->expires_at_ms, expires), "obtained_at",
	                 time_or_none(entry->obtained_at_ms, obtained), "subject", subject_of(entry, arena));
}

static void
print_rows(struct session *session, const struct token_list *list)
{
	static const struct table_column columns[] = {
		{.title = "SYSTEM"}, {.title = "ACCOUNT"}, {.title = "KIND", .priority = 1}, {.title = "ORIGIN", .priority = 2},
		{.title = "OBTAINED", .priority = 3}, {.title = "EXPIRES"},
	};
	struct table *table = table_new(session->arena, columns, array_length(columns));
	char expires[CLOCK_TEXT_BYTES], obtained[CLOCK_TEXT_BYTES];
	for (size_t i = 0; i < token_list_count(list); i++) {
		const struct token_entry *entry = token_list_get(list, i);
		const char *until = time_or_none(entry->expires_at_ms, expires), *since = time_or_none(entry->obtained_at_ms, obtained);
		table_add_row(table);
		table_set(table, 0, STYLE_PLAIN, "%s", entry->system);
		table_set(table, 1, STYLE_PLAIN, "%s", entry->account != NULL ? entry->account : "-");
		const char *subject = subject_of(entry, session->arena);
		table_set(table, 2, STYLE_PLAIN, "%s%s%s", token_kind_names[entry->kind], subject != NULL ? " " : "",
		          subject != NULL ? subject : "");
		table_set(table, 3, STYLE_PLAIN, "%s", entry->origin);
		table_set(table, 4, STYLE_PLAIN, "%s", since != NULL ? since : "-");
		table_set(table, 5, STYLE_PLAIN, "%s", entry->refresh_token != NULL ? "renewed by itself" : until != NULL ? until : "-");
	}
	table_print(table, session->out);
}

static bool
run(struct session *session, struct error *err)
{
	scoped(token_list_release) struct token_list *list = NULL;
	struct token_store *store;
	if (!credential_store(&store, err) || !token_store_read(store, &list, err))
		return error_doing(err, "listing the tokens");
	if (output_is_json(session->out)) {
		json_t *entries = json_array();
		for (size_t i = 0; i < token_list_count(list); i++)
			json_array_append_new(entries, entry_to_json(token_list_get(list, i), session->arena));
		return output_json(session->out, json_pack("{s:s, s:o}", "path", token_store_path(store), "tokens", entries), err);
	}
	print_rows(session, list);
	if (token_list_count(list) == 0)
		output_note(session->out, "the token store is empty\nnext: paas login\n");
	return true;
}

static const struct option_spec options[] = {{.kind = OPTION_END}};

static const struct command_example examples[] = {
	{"paas token list", "which credentials are kept on this machine"},
	{NULL, NULL},
};
static const char *const see_also[] = {"paas-whoami(1)", NULL};

const struct command command_token_list = {
	.name = "list",
	.group = GROUP_START,
	.summary = "List what the token store holds, without the tokens",
	.description = "Systems, accounts, origins and times. Nothing is asked over the network: paas whoami does that.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_SETTINGS,
	.answers_json = true,
	.run = run,
};

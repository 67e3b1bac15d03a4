/* `paas whoami`: which credential counts at each system, and whether it is taken. */
#include "base/clock.h"
#include "cmd/command.h"
#include "core/identity/identity.h"
#include "data/error_json.h"
#include "ui/output.h"
#include "ui/table.h"

static const char *system_name;

static const struct {
	const char *word;
	enum style style;
} states[] = {
	[IDENTITY_OK] = {"ok", STYLE_GOOD},
	[IDENTITY_OPEN] = {"ok, wants no credential", STYLE_GOOD},
	[IDENTITY_MISSING] = {"not logged in", STYLE_BAD},
	[IDENTITY_REFUSED] = {"not taken", STYLE_BAD},
	[IDENTITY_UNKNOWN] = {"did not answer", STYLE_CAUTION},
};

/* ---- for people ---- */

static const char *
source_of(const struct identity *identity, struct arena *arena)
{
	if (identity->source == CREDENTIAL_VARIABLE)
		return arena_printf(arena, "$%s", identity->detail);
	if (identity->detail != NULL)
		return identity->detail;
	return identity->source == CREDENTIAL_NONE ? "-" : credential_source_name(identity->source);
}

static const char *
expiry_of(const struct identity *identity, struct arena *arena)
{
	char left[CLOCK_TEXT_BYTES];
	int64_t left_ms = identity->expires_at_ms - clock_wall_ms();
	if (identity->can_renew)
		return "renewed by itself";
	if (identity->expires_at_ms == 0)
		return "-";
	return left_ms > 0 ? arena_printf(arena, "in %s", clock_format_duration(left_ms, left)) : "expired";
}

static void
print_rows(struct session *session, const struct identities *all)
{
	static const struct table_column columns[] = {
		{.title = "SYSTEM"}, {.title = "ACCOUNT"}, {.title = "FROM", .priority = 2}, {.title = "SCOPES", .may_cut = true, .priority = 3},
		{.title = "EXPIRES", .priority = 1}, {.title = "STATE"},
	};
	struct table *table = table_new(session->arena, columns, array_length(columns));
	for (size_t i = 0; i < all->count; i++) {
		const struct identity *identity = &all->items[i];
		table_add_row(table);
		table_set(table, 0, STYLE_PLAIN, "%s", identity->system);
		table_set(table, 1, STYLE_PLAIN, "%s", identity->account != NULL ? identity->account : "-");
		table_set(table, 2, STYLE_PLAIN, "%s", source_of(identity, session->arena));
		table_set(table, 3, STYLE_PLAIN, "%s", identity->scopes != NULL ? identity->scopes : "-");
		table_set(table, 4, STYLE_PLAIN, "%s", expiry_of(identity, session->arena));
		table_set(table, 5, states[identity->state].style, "%s", states[identity->state].word);
	}
	table_print(table, session->out);
}

static void
print_failures(struct session *session, const struct identities *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct error *failure = &all->items[i].failure;
		if (failure->code == ERROR_NONE)
			continue;
		output_print(session->out, "%s: %s%s%s\n", all->items[i].system, failure->why, failure->next[0] != '\0' ? "; next: " : "",
		             failure->next);
	}
}

static void
print_teams(struct session *session, const struct identities *all)
{
	for (size_t i = 0; i < all->n_teams; i++)
		output_print(session->out, "%s%s", i == 0 ? "teams: " : ", ", all->teams[i]);
	if (all->n_teams > 0)
		output_print(session->out, "\n");
}

/* ---- for scripts ---- */

static json_t *
identity_to_json(const struct identity *identity)
{
	char expiry[CLOCK_TEXT_BYTES];
	return json_pack("{s:s, s:s?, s:s, s:s?, s:s?, s:s?, s:b, s:b, s:s, s:o}", "system", identity->system, "account",
	                 identity->account, "source", credential_source_name(identity->source), "source_detail", identity->detail,
	                 "scopes", identity->scopes, "expires_at",
	                 identity->expires_at_ms > 0 ? clock_format(identity->expires_at_ms, expiry) : NULL, "renewable",
	                 identity->can_renew, "shadows_stored", identity->shadows_stored, "state",
	                 identity_state_name(identity->state), "error", error_to_json(&identity->failure));
}

static json_t *
to_json(const struct identities *all)
{
	json_t *systems = json_array(), *teams = json_array();
	for (size_t i = 0; i < all->count; i++)
		json_array_append_new(systems, identity_to_json(&all->items[i]));
	for (size_t i = 0; i < all->n_teams; i++)
		json_array_append_new(teams, json_string(all->teams[i]));
	return json_pack("{s:b, s:o, s:o}", "ok", identity_lacking(all) == NULL, "systems", systems, "teams", teams);
}

static bool
run(struct session *session, struct error *err)
{
	struct identities all;
	if (!identity_ask(session->loop, session->http, session->platform, system_name, session->arena, &all, err))
		return error_doing(err, "asking who you are");
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].shadows_stored)
			output_warn(session->out, "%s: $%s counts, and hides what the token store holds", all.items[i].system,
			            all.items[i].source == CREDENTIAL_FILE ? "PAAS_TOKEN_FILE" : all.items[i].detail);
	if (identity_lacking(&all) != NULL)
		session->exit_status = error_kind(ERROR_NOT_LOGGED_IN)->exit_status;
	if (output_is_json(session->out))
		return output_json(session->out, to_json(&all), err);
	print_rows(session, &all);
	print_teams(session, &all);
	print_failures(session, &all);
	return true;
}

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "SYSTEM", .text = &system_name, .complete = "system", .fallback = "all of them",
	 .help = "only this system of the platform file; sso is the sign-on"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas whoami", "every system of the platform file"},
	{"paas whoami github --json", "one of them, for a script"},
	{NULL, NULL},
};

static const char *const see_also[] = {"paas-login(1)", "paas-logout(1)", "paas-doctor(1)", NULL};

const struct command command_whoami = {
	.name = "whoami",
	.group = GROUP_START,
	.summary = "Show who you are for each system, and why",
	.description =
		"For each system of the platform file: the account, where its credential comes from (a variable, a file, the job's "
		"identity, the token store), its scopes and expiry, and whether the system takes it. All are asked at once, by the "
		"cheapest question each has, for at most 20 s. Tokens are never shown.\n\n"
		"A variable counts before the token store; that it hides something there is said. Exit status 4 when a system wants a "
		"credential and has none that it takes.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM,
	.answers_json = true,
	.run = run,
};

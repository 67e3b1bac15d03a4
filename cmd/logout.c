/* `paas logout`: revoked at the server, then forgotten here. */
#include <string.h>

#include "auth/credential.h"
#include "auth/sign_on.h"
#include "cmd/command.h"
#include "cmd/login_configure.h"
#include "data/platform.h"
#include "net/http.h"
#include "role/account.h"
#include "ui/output.h"
#include "ui/prompt.h"

static const char *system_name;
static bool all;
static const char *tools;

struct forgotten {
	const char *system;
	bool was_there;
	const char *kept; /* why the token may live on elsewhere; NULL: it does not */
};

/* ---- one ---- */

static bool
forget_sign_on(struct session *session, struct forgotten *ret, struct error *err)
{
	bool is_told;
	struct error why = {0};
	*ret = (struct forgotten){.system = "sso"};
	if (!sign_off(session->arena, &ret->was_there, &is_told, &why)) {
		*err = why;
		return false;
	}
	if (ret->was_there && !is_told)
		ret->kept = arena_printf(session->arena, "the sign-on server could not be told: %s", why.why);
	return true;
}

/* What a person made, a person ends, unless the system takes our word for it. */
static const char *
end_at_system(struct session *session, const struct system *system, const struct credential *credential)
{
	struct arena *arena = session->arena;
	enum account_ending ending;
	struct error why = {0};
	if (!account_end(session->http, system, credential, arena, &ending, &why))
		return arena_printf(arena, "the token itself may live on: %s", why.why);
	if (ending == ACCOUNT_ENDED)
		return NULL;
	if (ending == ACCOUNT_SHARED)
		return arena_printf(arena, "the token itself lives on at %s: it is that of a program, which others may use", system->label);
	if (system->account_page == NULL)
		return arena_printf(arena, "the token itself lives on at %s", system->label);
	return arena_printf(arena, "the token itself lives on: delete it at %s, %s", system->label, system->account_page);
}

static bool
forget_system(struct session *session, const struct system *system, struct forgotten *ret, struct error *err)
{
	struct token_store *store;
	scoped(credential_release) struct credential credential = {0};
	*ret = (struct forgotten){.system = system->name};
	if (!credential_find_stored(&system->credential, session->arena, &credential, err))
		return false;
	if (credential.token == NULL)
		return true;
	if (credential.kind != TOKEN_KIND_CERTIFICATE)
		ret->kept = end_at_system(session, system, &credential);
	return credential_store(&store, err) &&
	       token_store_remove(store, system->credential.provider, credential.origin, &ret->was_there, err);
}

/* ---- which ---- */

enum { FORGOTTEN_MAX = SYSTEMS_MAX + 1 + TOKEN_ENTRIES_MAX };

/* Of a system, or of an address of it, that the platform file names no more: nobody knows how to end it there. */
static bool
forget_rest(struct session *session, struct forgotten *ret, size_t *ret_count, struct error *err)
{
	scoped(token_list_release) struct token_list *list = NULL;
	struct token_store *store;
	if (!credential_store(&store, err) || !token_store_read(store, &list, err))
		return false;
	for (size_t i = 0; i < token_list_count(list); i++) {
		const struct token_entry *entry = token_list_get(list, i);
		struct forgotten *item = &ret[(*ret_count)++];
		*item = (struct forgotten){.system = arena_strdup(session->arena, entry->system)};
		item->kept = arena_printf(session->arena, "the token itself may live on at %s, which the platform file does not name",
		                          entry->origin);
		if (!token_store_remove(store, entry->system, entry->origin, &item->was_there, err))
			return false;
	}
	return true;
}

/* A store that is damaged, or that no key opens any more, can only be forgotten as a whole. */
static bool
discard_store(struct session *session, struct token_store *store, const struct error *why, struct forgotten *ret,
              struct error *err)
{
	struct prompt prompt = {session->out, session->can_prompt, session->assume_yes};
	struct prompt_question question = {
		.text = arena_printf(session->arena, "%s. Delete the token store", why->why), .flag = "--yes"};
	bool is_sure = false;
	if (!prompt_confirm(&prompt, &question, &is_sure, err))
		return false;
	if (!is_sure) {
		*err = *why;
		return false;
	}
	*ret = (struct forgotten){.system = "the token store", .was_there = true,
	                          .kept = "what it held could not be revoked, and lives on where it was made until it expires"};
	return token_store_discard(store, err);
}

static bool
forget_all(struct session *session, const struct system *systems, size_t n_systems, struct forgotten *ret, size_t *ret_count,
           struct error *err)
{
	scoped(token_list_release) struct token_list *list = NULL;
	struct token_store *store;
	struct error why = {0};
	if (!credential_store(&store, err))
		return false;
	bool is_open = token_store_read(store, &list, &why);
	if (!is_open && (why.code == ERROR_INVALID_FILE || why.code == ERROR_NOT_LOGGED_IN))
		return discard_store(session, store, &why, &ret[(*ret_count)++], err);
	if (!is_open) {
		*err = why;
		return false;
	}
	if (!forget_sign_on(session, &ret[(*ret_count)++], err))
		return false;
	for (size_t i = 0; i < n_systems; i++)
		if (!systems[i].credential.takes_sign_on && !forget_system(session, &systems[i], &ret[(*ret_count)++], err))
			return false;
	return forget_rest(session, ret, ret_count, err);
}

static bool
forget(struct session *session, struct forgotten *ret, size_t *ret_count, struct error *err)
{
	struct system *systems = arena_array(session->arena, struct system, SYSTEMS_MAX);
	size_t n_systems = systems_of_platform(session->platform, session->arena, systems);
	const struct system *system;
	if (all && system_name != NULL)
		return error_set(err, ERROR_USAGE, "--all is every system: leave %s out", system_name);
	if (all)
		return forget_all(session, systems, n_systems, ret, ret_count, err);
	if (system_name == NULL || strcmp(system_name, "sso") == 0)
		return forget_sign_on(session, &ret[(*ret_count)++], err);
	return systems_find(systems, n_systems, system_name, &system, err) &&
	       forget_system(session, system, &ret[(*ret_count)++], err);
}

/* ---- how it is told ---- */

static json_t *
to_json(const struct forgotten *items, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{s:s, s:b, s:s?}", "system", items[i].system, "was_logged_in", items[i].was_there,
		                                      "warning", items[i].kept));
	return json_pack("{s:o}", "systems", list);
}

static bool
run(struct session *session, struct error *err)
{
	if (tools != NULL)
		return login_configure(session, tools, true, err);
	struct forgotten *items = arena_array(session->arena, struct forgotten, FORGOTTEN_MAX);
	size_t count = 0, n_forgotten = 0;
	if (!forget(session, items, &count, err))
		return error_doing(err, "logging out");
	for (size_t i = 0; i < count; i++) {
		n_forgotten += items[i].was_there;
		if (items[i].kept != NULL)
			output_warn(session->out, "%s: %s", items[i].system, items[i].kept);
	}
	if (output_is_json(session->out))
		return output_json(session->out, to_json(items, count), err);
	for (size_t i = 0; i < count; i++)
		if (items[i].was_there)
			output_print(session->out, "logged out of %s\n", items[i].system);
	if (n_forgotten == 0)
		output_print(session->out, "nobody was logged in\n");
	return true;
}

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "SYSTEM", .text = &system_name, .complete = "system", .fallback = "the company's sign-on",
	 .help = "whose credential to forget"},
	{.kind = OPTION_FLAG, .name = "all", .flag = &all, .help = "every credential of the token store"},
	{.kind = OPTION_TEXT, .name = "configure", .value = "TOOL,...", .text = &tools,
	 .help = "log nobody out: undo paas login --configure of these tools"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas logout", "end the sign-on, here and at the server"},
	{"paas logout github", "forget a personal token"},
	{"paas logout --all", "forget everything"},
	{NULL, NULL},
};

static const char *const see_also[] = {"paas-login(1)", "paas-whoami(1)", NULL};

const struct command command_logout = {
	.name = "logout",
	.group = GROUP_START,
	.summary = "Revoke the sign-on at the server, and forget it here",
	.description =
		"The tokens of the sign-on are revoked at the server (RFC 7009), then taken out of the token store; when the server cannot "
		"be told they are forgotten all the same, and a warning says so. The browser stays signed on at the company's page: "
		"paas login --force asks again who it is.\n\n"
		"A token that was made by hand for one system is forgotten here; it ends where it was made, and that place is named. Slack is "
		"asked to revoke the token of a person (auth.revoke), not that of a bot, which others may use. GitHub ends a token only for "
		"the application that made it, with a secret that paas does not have.\n\n"
		"--all forgets what the platform file names no more, too. It is also the way out of a token store that is damaged, or whose "
		"key is lost: after a question, which --yes answers, the file is deleted; what it held cannot be revoked then.\n\n"
		"--configure undoes what paas login --configure did: what stood there before comes back, what paas did not write stays.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM,
	.answers_json = true,
	.run = run,
};

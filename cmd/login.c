/* `paas login`: sign on with the company's account, or hand over the credential of a system. */
#include "cmd/login.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/credential.h"
#include "auth/sign_on.h"
#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/login_configure.h"
#include "data/platform.h"
#include "ui/browser.h"
#include "ui/output.h"

static struct login_words words;
static bool force;
static const char *tools;

/* ---- the person ---- */

static const char *
company(const struct session *session)
{
	return session->platform->company != NULL ? session->platform->company : "the company";
}

static void
show_code(struct session *session, const struct sign_on_prompt *prompt)
{
	struct output *out = session->out;
	char until[CLOCK_TEXT_BYTES];
	output_ask(out, "Sign in to %s at %s, in any browser:\n", company(session), prompt->issuer_host);
	output_ask(out, "  page: %s\n  code: %s%s%s\n", prompt->url, output_note_style(out, STYLE_STRONG), prompt->code,
	           output_note_style(out, STYLE_PLAIN));
	output_ask(out, "The page must show this very code. It lets paas act for you (name, groups, tokens of the platform's systems) until "
	                "you log out; the code holds for %s.\n", clock_format_duration(prompt->expires_in_ms, until));
}

static void
show_page(struct session *session, const struct sign_on_prompt *prompt)
{
	struct error failure;
	bool is_open = !words.no_browser && browser_open(prompt->url, &failure);
	if (is_open)
		output_ask(session->out, "Sign in to %s in the browser that opens; or open this page yourself:\n  %s\n", company(session),
		           prompt->url);
	else
		output_ask(session->out, "Sign in to %s: open this page in a browser on this machine:\n  %s\n", company(session),
		           prompt->url);
}

static void
show(void *data, const struct sign_on_prompt *prompt)
{
	struct session *session = data;
	if (prompt->way == SIGN_ON_DEVICE)
		show_code(session, prompt);
	else
		show_page(session, prompt);
}

/* A code that nobody reads would only run out: somebody must be there, or have said so. */
bool
login_check_person(const struct session *session, const struct login_words *said, struct error *err)
{
	if (said->device || said->no_browser || (isatty(STDERR_FILENO) && !session->in_ci))
		return true;
	error_put(err, ERROR_NOT_LOGGED_IN, "%s", session->in_ci ? "in CI there is nobody to sign on" : "there is no terminal to sign on at");
	return error_next(err, "set PAAS_TOKEN or PAAS_TOKEN_FILE; or paas login --device, if somebody reads what it prints");
}

/* First of all: nobody should sign on for tokens that cannot be kept. */
bool
login_check_store(struct error *err)
{
	struct token_store *store;
	return credential_store(&store, err) && token_store_prepare(store, err);
}

static enum sign_on_way
choose_way(void)
{
	return words.device || words.no_browser || !browser_is_there() ? SIGN_ON_DEVICE : SIGN_ON_BROWSER;
}

/* Without a grant for devices, the page in a browser is the only way, opened by hand if need be. */
static bool
sign_on_somehow(struct session *session, struct signed_on *who, struct error *err)
{
	struct sign_on_choice choice = {.way = choose_way(), .ask_again = force, .show = show, .data = session};
	if (sign_on(&choice, session->arena, who, err))
		return true;
	if (err->code != ERROR_NOT_FOUND || choice.way != SIGN_ON_DEVICE || words.device)
		return false;
	choice.way = SIGN_ON_BROWSER;
	return sign_on(&choice, session->arena, who, err);
}

/* ---- what it came to ---- */

static bool
is_member(const struct token_claims *claims, const struct platform_team *team)
{
	for (size_t i = 0; i < claims->n_groups; i++)
		if (platform_team_has_group(team, claims->groups[i]))
			return true;
	return false;
}

static json_t *
teams_of(const struct session *session, const struct token_claims *claims)
{
	const struct platform *platform = session->platform;
	json_t *teams = json_array();
	for (size_t i = 0; i < platform->n_teams; i++)
		if (is_member(claims, &platform->teams[i]))
			json_array_append_new(teams, json_string(platform->teams[i].name));
	return teams;
}

static void
print_teams(struct session *session, const struct token_claims *claims, const json_t *teams)
{
	size_t n_teams = json_array_size(teams);
	if (claims->groups_left_out)
		output_warn(session->out, "%s has more groups than a token holds: the team has to be named by --team", claims->name);
	for (size_t i = 0; i < n_teams; i++)
		output_print(session->out, "%s%s", i == 0 ? "teams: " : ", ", json_string_value(json_array_get(teams, i)));
	if (n_teams > 0)
		output_print(session->out, "\n");
}

static void
warn_of_variables(struct session *session)
{
	static const char *const variables[] = {"PAAS_TOKEN", "PAAS_TOKEN_FILE"};
	for (size_t i = 0; i < array_length(variables); i++) {
		const char *value = getenv(variables[i]);
		if (value != NULL && value[0] != '\0')
			output_warn(session->out, "$%s is set, and counts before this login", variables[i]);
	}
}

static bool
conclude(struct session *session, const struct signed_on *who, struct error *err)
{
	char expiry[CLOCK_TEXT_BYTES];
	json_t *teams = teams_of(session, &who->claims);
	warn_of_variables(session);
	if (output_is_json(session->out))
		return output_json(session->out,
		                   json_pack("{s:s, s:s, s:s, s:o, s:s?, s:b, s:s}", "system", "sso", "issuer", who->issuer, "account",
		                             who->claims.name, "teams", teams, "scopes", who->scopes, "renewable", who->can_renew,
		                             "id_token_expires_at", clock_format(who->claims.expires_at_ms, expiry)),
		                   err);
	output_print(session->out, "logged in to %s as %s\n", company(session), who->claims.name);
	print_teams(session, &who->claims, teams);
	if (!who->can_renew)
		output_note(session->out, "%s gave no token to renew this with: it holds until %s\n", who->issuer,
		            clock_format(who->claims.expires_at_ms, expiry));
	json_decref(teams);
	return true;
}

static bool
log_in_to_company(struct session *session, struct error *err)
{
	struct signed_on who;
	if (words.file != NULL || words.account != NULL || words.certificate != NULL || words.key != NULL) {
		error_put(err, ERROR_USAGE, "--from-file, --account, --certificate and --key are of one system's credential");
		return error_next(err, "paas login SYSTEM --from-file FILE");
	}
	return login_check_person(session, &words, err) && login_check_store(err) && sign_on_somehow(session, &who, err) &&
	       conclude(session, &who, err);
}

static bool
is_logged_in(const struct session *session)
{
	const struct platform_role *sso = &session->platform->sso;
	return sso->issuer != NULL &&
	       credential_is_stored(&(struct credential_system){.role = "sso", .provider = "sso", .url = sso->issuer});
}

/* kubectl would ask for what is not there; git and docker have credentials of their own systems. */
static bool
configure(struct session *session, struct error *err)
{
	bool wants_login = strstr(tools, "kubectl") != NULL && session->platform->sso.issuer != NULL && !is_logged_in(session);
	if (wants_login && !log_in_to_company(session, err))
		return error_doing(err, "logging in to %s", company(session));
	return login_configure(session, tools, false, err);
}

static bool
run(struct session *session, struct error *err)
{
	if (tools != NULL)
		return configure(session, err);
	bool is_company = words.system == NULL || strcmp(words.system, "sso") == 0;
	if (is_company)
		return log_in_to_company(session, err) || error_doing(err, "logging in to %s", company(session));
	return login_to_system(session, &words, err) || error_doing(err, "logging in to %s", words.system);
}

/* ---- how it is called ---- */

static const struct option_spec options[] = {
	{.kind = OPTION_ARG, .name = "SYSTEM", .text = &words.system, .complete = "system",
	 .fallback = "the company's sign-on", .help = "a system of the platform file that sign-on does not reach"},
	{.kind = OPTION_FLAG, .name = "device", .flag = &words.device,
	 .help = "show a code to type in a browser anywhere; open none"},
	{.kind = OPTION_FLAG, .name = "no-browser", .flag = &words.no_browser, .help = "open no browser: say the page, and a code where the server has codes"},
	{.kind = OPTION_FLAG, .name = "force", .flag = &force, .help = "ask who it is although the browser is still signed on"},
	{.kind = OPTION_TEXT, .name = "from-file", .value = "FILE", .text = &words.file, .complete = "file",
	 .help = "take the token from a file, - for standard input"},
	{.kind = OPTION_TEXT, .name = "account", .value = "NAME", .text = &words.account,
	 .help = "the user name that goes with it, where the system takes a pair"},
	{.kind = OPTION_TEXT, .name = "certificate", .value = "FILE", .text = &words.certificate, .complete = "file",
	 .help = "keep a client certificate (PEM), where the system takes one"},
	{.kind = OPTION_TEXT, .name = "key", .value = "FILE", .text = &words.key, .complete = "file",
	 .help = "its private key (PEM, not encrypted), unless it is in the same file"},
	{.kind = OPTION_TEXT, .name = "configure", .value = "TOOL,...", .text = &tools,
	 .help = "let kubectl, git, docker ask paas for credentials: shows the change first"},
	{.kind = OPTION_END},
};

static const struct command_example examples[] = {
	{"paas login", "sign on once, for everything that the company's account opens"},
	{"paas login --device", "from a machine without a browser"},
	{"paas login github", "a personal token, asked for without showing it"},
	{"paas login jira --account ada --from-file token.txt", "a user name and the token that goes with it"},
	{"paas login spinnaker --certificate ada.pem --key ada.key", "a client certificate, kept encrypted with its key"},
	{"paas login --configure git,docker", "let them ask paas for their credentials"},
	{NULL, NULL},
};

static const char *const see_also[] = {"paas-logout(1)", "paas-whoami(1)", "platform.yml(5)", NULL};

const struct command command_login = {
	.name = "login",
	.group = GROUP_START,
	.summary = "Sign on once, for paas, kubectl, git and docker",
	.description =
		"Signs on with the company's account, at the issuer that the platform file names (OpenID Connect). On a terminal with a "
		"browser that opens (authorization code with PKCE, answered on a loopback port); elsewhere, and with --device or "
		"--no-browser, a page and a code are shown, for a browser anywhere. In CI and without a terminal nothing is begun: there "
		"PAAS_TOKEN, PAAS_TOKEN_FILE or the job's own identity count.\n\n"
		"The ID token is verified (issuer, audience, expiry, nonce, a signature by one of the issuer's keys) before anything is "
		"kept. Tokens are kept in the encrypted token store, go to the origin they were issued for and nowhere else, and are "
		"renewed before they expire. Groups become the teams of the platform file.\n\n"
		"With SYSTEM: the credential of a system that sign-on does not reach. It is asked for without showing it, or taken from "
		"standard input or a file, never from the command line; the system is asked whom it belongs to, and only then it is kept. "
		"Spinnaker takes a bearer token, a name and password, or a client certificate with its key (--certificate, --key: files in PEM, "
		"which can be deleted afterwards).\n\n"
		"--configure lets other tools ask paas: git a credential helper for the forge (and the authority of its certificate "
		"where the platform file names one), docker one for the registry (credHelpers), kubectl a cluster, user and context "
		"paas-NAME for each server of the platform file. Every command and change is shown before "
		"anything is done; a second time changes nothing. What stood there before is kept in $XDG_STATE_HOME/paas/configured.json, and "
		"comes back with paas logout --configure, which takes nothing away that paas did not write.",
	.options = options,
	.examples = examples,
	.see_also = see_also,
	.needs = NEEDS_LOOP | NEEDS_PLATFORM,
	.answers_json = true,
	.run = run,
};

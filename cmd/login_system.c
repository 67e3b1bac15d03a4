/* The credential of one system: asked for or read, tried at the system, then kept. */
#include <string.h>
#include <unistd.h>

#include "auth/client_certificate.h"
#include "auth/credential.h"
#include "auth/grant.h"
#include "base/clock.h"
#include "base/file.h"
#include "cmd/login.h"
#include "data/platform.h"
#include "net/http.h"
#include "role/account.h"
#include "role/systems.h"
#include "ui/output.h"
#include "ui/prompt.h"

/* ---- a code in the browser (GitHub's device flow) ---- */

static const char scopes[] = "repo read:org workflow";

static void
show_code(struct session *session, const struct system *system, const struct device_code *code)
{
	struct output *out = session->out;
	char until[CLOCK_TEXT_BYTES];
	output_ask(out, "Sign in to %s, in any browser:\n  page: %s\n  code: %s%s%s\n", system->label, code->verification_uri,
	           output_note_style(out, STYLE_STRONG), code->user_code, output_note_style(out, STYLE_PLAIN));
	output_ask(out, "It lets paas act for you with the scopes %s; the code holds for %s.\n", scopes,
	           clock_format_duration(code->expires_in_ms, until));
}

static bool
use_device_flow(struct session *session, const struct system *system, struct credential *ret, struct error *err)
{
	scoped(device_code_release) struct device_code code = {0};
	scoped(granted_release) struct granted granted = {0};
	struct http_endpoint endpoint;
	const char *web = systems_web_origin(system, session->arena);
	if (!systems_endpoint(system, &(struct credential){0}, session->arena, &endpoint, err))
		return false;
	struct issuer issuer = {
		.issuer = web, .client_id = system->client_id, .ca_pem = endpoint.ca_pem,
		.device_authorization_endpoint = arena_printf(session->arena, "%s/login/device/code", web),
		.token_endpoint = arena_printf(session->arena, "%s/login/oauth/access_token", web),
	};
	if (!grant_device_begin(session->http, &issuer, scopes, session->arena, &code, err))
		return false;
	show_code(session, system, &code);
	if (!grant_device_wait(session->http, session->loop, &issuer, &code, session->arena, &granted, err))
		return false;
	ret->kind = TOKEN_KIND_BEARER;
	ret->token = take(granted.access_token);
	return true;
}

/* ---- reading it ---- */

static bool
read_file(const char *path, struct secret **ret, struct error *err)
{
	scoped(secret_release) struct secret *whole = NULL;
	if (strcmp(path, "-") == 0 && isatty(STDIN_FILENO)) {
		error_put(err, ERROR_USAGE, "standard input is a terminal, which would show what is typed");
		return error_next(err, "pipe it in; or leave --from-file out, and it is asked for without showing it");
	}
	if (!file_read_secret(path, TOKEN_BYTES_MAX, &whole, err))
		return false;
	*ret = secret_slice(whole, 0, secret_length(whole) - secret_newline(whole));
	return true;
}

static void
say_where(struct session *session, const struct system *system)
{
	if (system->account_page != NULL)
		output_note(session->out, "Such tokens are made at %s%s\n", systems_web_origin(system, session->arena),
		            system->account_page);
}

static bool
ask_account(struct session *session, const struct system *system, const char **ret, struct error *err)
{
	struct prompt prompt = {session->out, session->can_prompt, session->assume_yes};
	struct prompt_question question = {
		.text = arena_printf(session->arena, "User name at %s (- for none: a token alone)", system->label), .flag = "--account NAME",
		.fallback = "-"};
	return prompt_text(&prompt, &question, session->arena, ret, err);
}

static bool
ask_token(struct session *session, const struct system *system, const char *what, struct secret **ret, struct error *err)
{
	struct prompt prompt = {session->out, session->can_prompt, session->assume_yes};
	struct prompt_question question = {.text = arena_printf(session->arena, "%s of %s", what, system->label),
	                                   .flag = "--from-file FILE, or a pipe into --from-file -"};
	return prompt_secret(&prompt, &question, ret, err);
}

static bool
ask(struct session *session, const struct system *system, struct credential *ret, struct error *err)
{
	bool is_pair = system->credential.takes_pair && ret->account == NULL;
	say_where(session, system);
	if (is_pair && !ask_account(session, system, &ret->account, err))
		return false;
	if (ret->account != NULL && strcmp(ret->account, "-") == 0)
		ret->account = NULL;
	if (!ask_token(session, system, ret->account != NULL ? "Password or token" : "Token", &ret->token, err))
		return false;
	return system->second_header == NULL || ask_token(session, system, "Application key", &ret->second, err);
}

static bool
read_certificate(struct session *session, const struct login_words *words, const struct system *system, struct credential *ret,
                 struct error *err)
{
	scoped(client_certificate_release) struct client_certificate certificate = {0};
	if (!system->takes_certificate)
		return error_set(err, ERROR_USAGE, "%s takes no client certificate: leave --certificate and --key out", system->label);
	if (words->certificate == NULL)
		return error_set(err, ERROR_USAGE, "--key goes with --certificate FILE");
	if (words->file != NULL || words->account != NULL)
		return error_set(err, ERROR_USAGE, "a client certificate is all of the credential: leave --from-file and --account out");
	if (!client_certificate_read(words->certificate, words->key, session->arena, &certificate, err))
		return false;
	ret->source = CREDENTIAL_STORE;
	ret->kind = TOKEN_KIND_CERTIFICATE;
	ret->certificate = certificate.pem;
	ret->subject = certificate.subject;
	ret->expires_at_ms = certificate.expires_at_ms;
	ret->token = take(certificate.key);
	return true;
}

static bool
read_credential(struct session *session, const struct login_words *words, const struct system *system,
                struct credential *ret, struct error *err)
{
	if (words->certificate != NULL || words->key != NULL)
		return read_certificate(session, words, system, ret, err);
	ret->account = words->account;
	ret->source = CREDENTIAL_STORE;
	if (words->account != NULL && !system->credential.takes_pair)
		return error_set(err, ERROR_USAGE, "%s takes a token alone: leave --account out", system->label);
	if (words->file == NULL && system->client_id != NULL)
		return login_check_person(session, words, err) && use_device_flow(session, system, ret, err);
	bool is_read = words->file != NULL ? read_file(words->file, &ret->token, err) : ask(session, system, ret, err);
	if (!is_read)
		return false;
	ret->kind = ret->account != NULL ? TOKEN_KIND_BASIC : system->token_header != NULL ? TOKEN_KIND_API_KEY : TOKEN_KIND_BEARER;
	if (secret_length(ret->token) == 0 || !secret_is_text(ret->token))
		return error_set(err, ERROR_USAGE, "that is no token: it is empty or not text");
	return secret_is_line(ret->token) ||
	       error_set(err, ERROR_USAGE, "that is no token: it holds a line break or another control character");
}

/* ---- keeping it ---- */

static int64_t
expiry_of(const struct credential *credential, const struct account *account)
{
	return account->expires_at_ms > 0 ? account->expires_at_ms : credential->expires_at_ms;
}

static bool
keep(const struct system *system, const struct credential *credential, const struct account *account, struct arena *arena,
     struct error *err)
{
	struct token_store *store;
	scoped(secret_release) struct secret *certificate = NULL;
	struct token_entry entry = {
		.system = system->credential.provider, .kind = credential->kind, .token = credential->token,
		.account = credential->account != NULL ? credential->account : account->name, .scopes = account->scopes,
		.expires_at_ms = expiry_of(credential, account), .obtained_at_ms = clock_wall_ms(),
	};
	if (credential->certificate != NULL) {
		certificate = secret_new(credential->certificate, strlen(credential->certificate));
		entry.extra[entry.n_extra++] = (struct token_extra){CLIENT_CERTIFICATE_EXTRA, certificate};
	}
	if (credential->second != NULL)
		entry.extra[entry.n_extra++] = (struct token_extra){"second", credential->second};
	return http_origin_of(system->credential.url, arena, &entry.origin, err) && credential_store(&store, err) &&
	       token_store_put(store, &entry, err);
}

static bool
conclude(struct session *session, const struct system *system, const struct credential *credential,
         const struct account *account, struct error *err)
{
	char expiry[CLOCK_TEXT_BYTES];
	const char *name = account->name != NULL ? account->name : credential->account;
	int64_t expires_at_ms = expiry_of(credential, account);
	const char *until = expires_at_ms > 0 ? clock_format(expires_at_ms, expiry) : NULL;
	if (credential_is_in_variable(&system->credential))
		output_warn(session->out, "a variable holds a credential for %s too, and counts before the one just kept: paas whoami %s",
		            system->name, system->name);
	if (output_is_json(session->out))
		return output_json(session->out, json_pack("{s:s, s:s?, s:s?, s:s?}", "system", system->name, "account", name, "scopes",
		                                           account->scopes, "expires_at", until), err);
	if (credential->subject != NULL)
		output_note(session->out, "with the client certificate %s, which holds until %s\n", credential->subject, until);
	output_print(session->out, "logged in to %s%s%s%s%s\n", system->name, name != NULL ? " as " : "", name != NULL ? name : "",
	             account->scopes != NULL ? ", scopes " : "", account->scopes != NULL ? account->scopes : "");
	return true;
}

bool
login_to_system(struct session *session, const struct login_words *words, struct error *err)
{
	struct system *systems = arena_array(session->arena, struct system, SYSTEMS_MAX);
	size_t n_systems = systems_of_platform(session->platform, session->arena, systems);
	const struct system *system;
	scoped(credential_release) struct credential credential = {0};
	struct account account;
	if (!systems_find(systems, n_systems, words->system, &system, err))
		return false;
	if (system->credential.takes_sign_on) {
		error_put(err, ERROR_USAGE, "%s is reached with the company's sign-on", system->name);
		return error_next(err, "paas login");
	}
	return login_check_store(err) && read_credential(session, words, system, &credential, err) &&
	       account_ask(session->http, system, &credential, session->arena, &account, err) &&
	       keep(system, &credential, &account, session->arena, err) && conclude(session, system, &credential, &account, err);
}

#include "auth/credential.h"

#include <stdlib.h>
#include <string.h>

#include "auth/client_certificate.h"
#include "auth/credential_parts.h"
#include "auth/grant.h"
#include "auth/token_verify.h"
#include "auth/workload.h"
#include "base/clock.h"
#include "base/file.h"
#include "data/platform.h"
#include "net/http.h"

enum { CA_MAX = 1024 * 1024 };

/* ---- the process ---- */

static struct {
	struct credential_options options;
	struct token_store *store; /* NULL until somebody asks */
} process;

void
credential_begin(const struct credential_options *options)
{
	process.options = *options;
}

void
credential_end(void)
{
	token_store_close(&process.store);
	process.options = (struct credential_options){0};
}

bool
credential_has_begun(void)
{
	return process.options.http != NULL;
}

const struct credential_options *
credential_options(void)
{
	return &process.options;
}

bool
credential_store(struct token_store **ret, struct error *err)
{
	struct token_store_options options = {.keys = process.options.keys};
	if (process.store == NULL && !token_store_open(&options, &process.store, err))
		return false;
	*ret = process.store;
	return true;
}

const char *
credential_store_warning(void)
{
	return process.store != NULL ? token_store_warning(process.store) : NULL;
}

static bool
has_sign_on(void)
{
	return process.options.sso != NULL && process.options.sso->provider != NULL && process.options.sso->issuer != NULL;
}

bool
credential_issuer(struct arena *arena, struct issuer_choice *ret, struct error *err)
{
	const struct platform_role *sso = process.options.sso;
	char *pem = NULL;
	size_t length;
	if (!has_sign_on() || sso->client_id == NULL) {
		error_put(err, ERROR_NOT_FOUND, "the platform file names no sign-on");
		return error_next(err, "add sso with provider, issuer and client_id to the platform file: platform.yml(5)");
	}
	if (sso->ca_file != NULL && !file_read(sso->ca_file, CA_MAX, arena, &pem, &length, err))
		return error_doing(err, "reading the authority of the sign-on server");
	*ret = (struct issuer_choice){.issuer = sso->issuer, .client_id = sso->client_id, .ca_pem = pem};
	return true;
}

/* ---- one credential ---- */

static const char *const source_names[] = {
	[CREDENTIAL_NONE] = "none", [CREDENTIAL_VARIABLE] = "variable", [CREDENTIAL_FILE] = "file",
	[CREDENTIAL_WORKLOAD] = "workload-identity", [CREDENTIAL_STORE] = "store",
};

const char *
credential_source_name(enum credential_source source)
{
	return source_names[source];
}

void
credential_release(struct credential *credential)
{
	secret_release(&credential->token);
	secret_release(&credential->second);
}

static struct secret *
copy_secret(const struct secret *secret)
{
	return secret != NULL ? secret_slice(secret, 0, secret_length(secret)) : NULL;
}

static const char *
copy_text(const char *text, struct arena *arena)
{
	return text != NULL ? arena_strdup(arena, text) : NULL;
}

/* What the entry holds for this system: its own token, or the ID token of the sign-on. */
static void
take_entry(const struct token_entry *entry, bool is_sign_on, struct arena *arena, struct credential *ret)
{
	const struct secret *id_token = token_entry_extra(entry, "id_token"), *token = entry->token;
	int64_t expires_at_ms = entry->expires_at_ms;
	if (is_sign_on && id_token != NULL) {
		token = id_token;
		if (!token_peek_expiry(id_token, &expires_at_ms))
			expires_at_ms = entry->expires_at_ms;
	}
	*ret = (struct credential){
		.source = CREDENTIAL_STORE, .kind = entry->kind, .token = copy_secret(token), .expires_at_ms = expires_at_ms,
		.second = copy_secret(token_entry_extra(entry, "second")), .origin = ret->origin,
		.account = copy_text(entry->account, arena), .scopes = copy_text(entry->scopes, arena),
	};
	struct client_certificate certificate;
	if (entry->kind == TOKEN_KIND_CERTIFICATE && client_certificate_describe(entry, arena, &certificate)) {
		ret->certificate = certificate.pem;
		ret->subject = certificate.subject;
	}
}

static bool
store_exists(struct token_store **ret, bool *ret_exists, struct error *err)
{
	if (!credential_store(ret, err))
		return false;
	*ret_exists = token_store_exists(*ret);
	return true;
}

/* The key of the sign-on's entry. */
static bool
sign_on_origin(struct arena *arena, const char **ret, struct error *err)
{
	return http_origin_of(process.options.sso->issuer, arena, ret, err);
}

/* Whether both of what a sign-on gave still hold. */
static bool
holds(const struct token_entry *entry, const struct credential *found)
{
	struct token_entry as_shown = *entry;
	as_shown.expires_at_ms = found->expires_at_ms;
	return credential_is_fresh(&as_shown);
}

static bool
is_good_for_now(const struct credential *found)
{
	return found->expires_at_ms == 0 || found->expires_at_ms > clock_wall_ms();
}

static bool
take_sign_on(struct token_list *list, struct arena *arena, struct credential *ret, struct error *err)
{
	scoped(token_list_release) struct token_list *fresh = NULL;
	const char *origin;
	if (!has_sign_on())
		return true;
	if (!sign_on_origin(arena, &origin, err))
		return false;
	const struct token_entry *entry = token_list_find(list, "sso", origin);
	if (entry == NULL)
		return true;
	take_entry(entry, true, arena, ret);
	bool is_good = process.options.without_renewal ? is_good_for_now(ret) : holds(entry, ret);
	if (is_good)
		return true;
	credential_release(ret);
	if (process.options.without_renewal)
		return error_set(err, ERROR_NOT_LOGGED_IN, "the token has expired, and is not renewed from here");
	if (!credential_refresh(origin, entry->token, arena, &fresh, err))
		return false;
	take_entry(token_list_find(fresh, "sso", origin), true, arena, ret);
	return true;
}

static bool
find_in_store(const struct credential_system *system, struct arena *arena, struct credential *ret, struct error *err)
{
	scoped(token_list_release) struct token_list *list = NULL;
	struct token_store *store;
	bool exists;
	if (!store_exists(&store, &exists, err))
		return false;
	if (!exists)
		return true;
	if (!token_store_read(store, &list, err))
		return false;
	const struct token_entry *entry = token_list_find(list, system->provider, ret->origin);
	if (entry != NULL) {
		take_entry(entry, false, arena, ret);
		return true;
	}
	return !system->takes_sign_on || take_sign_on(list, arena, ret, err);
}

/* ---- the job's identity ---- */

static bool
find_in_job(const struct credential_system *system, struct arena *arena, struct credential *ret, struct error *err)
{
	enum workload_kind kind = system->takes_sign_on && has_sign_on() ? workload_find() : WORKLOAD_NONE;
	const char *audience = kind != WORKLOAD_NONE ? process.options.sso->workload_audience : NULL;
	scoped(secret_release) struct secret *identity = NULL;
	scoped(granted_release) struct granted granted = {0};
	struct issuer_choice choice;
	struct issuer issuer;
	if (audience == NULL)
		return true;
	if (!workload_token(process.options.http, kind, audience, arena, &identity, err) || !credential_issuer(arena, &choice, err) ||
	    !issuer_discover(process.options.http, &choice, arena, &issuer, err) ||
	    !grant_exchange(process.options.http, &issuer, identity, "urn:ietf:params:oauth:token-type:jwt", choice.client_id, arena,
	                    &granted, err))
		return error_doing(err, "exchanging the identity of this %s", workload_name(kind));
	ret->source = CREDENTIAL_WORKLOAD;
	ret->detail = workload_name(kind);
	ret->scopes = granted.scopes;
	ret->expires_at_ms = granted.expires_at_ms;
	ret->token = granted.id_token != NULL ? take(granted.id_token) : take(granted.access_token);
	if (process.options.obtained != NULL)
		process.options.obtained(process.options.data, ret->token);
	return true;
}

/* ---- finding ---- */

bool
credential_find(const struct credential_system *system, struct arena *arena, struct credential *ret, struct error *err)
{
	bool is_broken;
	struct credential found = {0};
	const char *origin;
	if (!http_origin_of(system->url, arena, &origin, err))
		return false;
	found.origin = origin;
	if (!credential_from_variables(system, arena, &found, &is_broken, err) &&
	    (is_broken || !find_in_job(system, arena, &found, err) ||
	     (found.token == NULL && !find_in_store(system, arena, &found, err)))) {
		credential_release(&found);
		return false;
	}
	found.origin = origin;
	*ret = found;
	return true;
}

bool
credential_find_stored(const struct credential_system *system, struct arena *arena, struct credential *ret, struct error *err)
{
	struct credential_system alone = {.role = system->role, .provider = system->provider, .url = system->url};
	struct credential found = {0};
	const char *origin;
	if (!http_origin_of(system->url, arena, &origin, err))
		return false;
	found.origin = origin;
	if (!find_in_store(&alone, arena, &found, err))
		return false;
	found.origin = origin;
	*ret = found;
	return true;
}

bool
credential_renew(const struct credential_system *system, const struct secret *refused, struct arena *arena,
                 struct credential *ret, struct error *err)
{
	scoped(token_list_release) struct token_list *fresh = NULL;
	scoped(credential_release) struct credential now = {0};
	const char *origin;
	if (!credential_find(system, arena, &now, err))
		return false;
	bool is_other = now.token != NULL && !secret_equals(now.token, refused);
	if (!is_other && now.source == CREDENTIAL_STORE && system->takes_sign_on && !process.options.without_renewal) {
		if (!sign_on_origin(arena, &origin, err) || !credential_refresh(origin, refused, arena, &fresh, err))
			return false;
		credential_release(&now);
		take_entry(token_list_find(fresh, "sso", origin), true, arena, &now);
		is_other = true;
	}
	if (!is_other)
		return error_set(err, ERROR_NOT_LOGGED_IN, "the credential is not taken any more");
	*ret = now;
	now.token = now.second = NULL;
	return true;
}

bool
credential_is_stood_in(void)
{
	const char *file = getenv("PAAS_TOKEN_FILE");
	bool has_identity = has_sign_on() && process.options.sso->workload_audience != NULL && workload_find() != WORKLOAD_NONE;
	return has_identity || (file != NULL && file[0] != '\0') ||
	       credential_is_in_variable(&(struct credential_system){.role = "sso", .takes_sign_on = true});
}

bool
credential_is_in_variable(const struct credential_system *system)
{
	scoped(arena_release) struct arena scratch = {0};
	return credential_variable_of(system, &scratch) != NULL;
}

bool
credential_is_stored(const struct credential_system *system)
{
	scoped(arena_release) struct arena scratch = {0};
	scoped(token_list_release) struct token_list *list = NULL;
	struct token_store *store;
	struct error ignored;
	const char *origin, *sign_on;
	if (!http_origin_of(system->url, &scratch, &origin, &ignored) || !credential_store(&store, &ignored) ||
	    !token_store_exists(store) || !token_store_read(store, &list, &ignored))
		return false;
	if (token_list_find(list, system->provider, origin) != NULL)
		return true;
	return system->takes_sign_on && has_sign_on() && sign_on_origin(&scratch, &sign_on, &ignored) &&
	       token_list_find(list, "sso", sign_on) != NULL;
}

#include "auth/sign_on.h"

#include <jansson.h>
#include <string.h>

#include "auth/credential.h"
#include "auth/credential_parts.h"
#include "auth/grant.h"
#include "auth/id_token.h"
#include "auth/issuer.h"
#include "base/clock.h"
#include "data/platform.h"
#include "net/http.h"

enum { BROWSER_MS = 5 * 60 * 1000, USERINFO_MAX = 256 * 1024, GROUPS_MAX = 256 };

static const char scopes_asked[] = "openid profile email groups";

/* "sso.acme.example" of "https://sso.acme.example/realms/x". */
static const char *
host_of(const char *url, struct arena *arena)
{
	const char *host = strstr(url, "://");
	host = host != NULL ? host + 3 : url;
	return arena_strndup(arena, host, strcspn(host, "/?#"));
}

static const char *
scopes_for(const struct issuer *issuer)
{
	return issuer->supports_offline ? "openid profile email groups offline_access" : scopes_asked;
}

/* ---- the two ways ---- */

static bool
use_device(const struct sign_on_choice *choice, const struct issuer *issuer, struct arena *arena, struct granted *ret,
           struct error *err)
{
	const struct credential_options *process = credential_options();
	scoped(device_code_release) struct device_code code = {0};
	if (issuer->device_authorization_endpoint == NULL) {
		error_put(err, ERROR_NOT_FOUND, "%s has no device authorization", issuer->issuer);
		return error_next(err, "paas login in a terminal with a browser");
	}
	if (!grant_device_begin(process->http, issuer, scopes_for(issuer), arena, &code, err))
		return false;
	choice->show(choice->data, &(struct sign_on_prompt){
		.way = SIGN_ON_DEVICE, .issuer_host = host_of(issuer->issuer, arena), .url = code.verification_uri,
		.full_url = code.verification_uri_complete, .code = code.user_code, .expires_in_ms = code.expires_in_ms});
	return grant_device_wait(process->http, process->loop, issuer, &code, arena, ret, err);
}

static bool
use_browser(const struct sign_on_choice *choice, const struct issuer *issuer, struct arena *arena, struct granted *ret,
            const char **ret_nonce, struct error *err)
{
	const struct credential_options *process = credential_options();
	scoped(grant_code_close) struct code_flow *flow = NULL;
	int64_t deadline_ms = choice->deadline_ms > 0 ? choice->deadline_ms : BROWSER_MS;
	const char *url;
	if (!grant_code_begin(process->loop, issuer, scopes_for(issuer), choice->ask_again, arena, &flow, &url, ret_nonce, err))
		return false;
	choice->show(choice->data, &(struct sign_on_prompt){.way = SIGN_ON_BROWSER, .issuer_host = host_of(issuer->issuer, arena),
	                                                    .url = url, .expires_in_ms = deadline_ms});
	return grant_code_wait(process->http, flow, deadline_ms, arena, ret, err);
}

/* ---- who it was ---- */

static bool
keep(const struct issuer *issuer, const struct granted *granted, const struct token_claims *claims, struct arena *arena,
     struct error *err)
{
	struct token_store *store;
	const char *origin;
	if (!http_origin_of(issuer->issuer, arena, &origin, err) || !credential_store(&store, err))
		return false;
	struct token_entry entry = credential_entry_of(origin, claims->name, granted, NULL);
	return token_store_put(store, &entry, err);
}

bool
sign_on(const struct sign_on_choice *choice, struct arena *arena, struct signed_on *ret, struct error *err)
{
	scoped(granted_release) struct granted granted = {0};
	struct issuer_choice where;
	struct issuer issuer;
	const char *nonce = NULL;
	if (!credential_issuer(arena, &where, err) ||
	    !issuer_discover(credential_options()->http, &where, arena, &issuer, err))
		return false;
	bool is_granted = choice->way == SIGN_ON_DEVICE ? use_device(choice, &issuer, arena, &granted, err)
	                                                : use_browser(choice, &issuer, arena, &granted, &nonce, err);
	struct signed_on who = {.issuer = issuer.issuer};
	if (!is_granted ||
	    !id_token_check(&issuer, granted.id_token, &(struct id_token_terms){.nonce = nonce}, arena, &who.claims, err) ||
	    !keep(&issuer, &granted, &who.claims, arena, err))
		return false;
	who.scopes = granted.scopes;
	who.can_renew = granted.refresh_token != NULL;
	*ret = who;
	return true;
}

/* ---- who it is now ---- */

static void
take_groups(const json_t *claims, struct arena *arena, struct sign_on_standing *ret)
{
	const char *claim = credential_options()->sso->groups_claim;
	const json_t *groups = claims, *group;
	size_t i, length;
	for (const char *at = claim != NULL ? claim : "groups"; *at != '\0'; at += length + (at[length] == '.')) {
		length = strcspn(at, ".");
		groups = json_object_getn(groups, at, length);
	}
	const char **names = arena_array(arena, const char *, GROUPS_MAX);
	json_array_foreach (groups, i, group)
		if (json_is_string(group) && ret->n_groups < GROUPS_MAX)
			names[ret->n_groups++] = arena_strdup(arena, json_string_value(group));
	ret->groups = names;
}

/* Userinfo (OIDC Core 5.3): the cheapest question that needs a live access token. */
static bool
ask_userinfo(const struct token_entry *entry, struct arena *arena, struct sign_on_standing *ret, int *ret_status, struct error *err)
{
	struct http *http = credential_options()->http;
	struct issuer_choice where;
	struct issuer issuer;
	struct http_endpoint endpoint = {.system = "sso", .bearer = entry->token};
	struct http_response answer;
	if (!credential_issuer(arena, &where, err) || !issuer_discover(http, &where, arena, &issuer, err))
		return false;
	*ret_status = 200;
	if (issuer.userinfo_endpoint == NULL)
		return true;
	endpoint.ca_pem = issuer.ca_pem;
	struct http_request request = {.url = issuer.userinfo_endpoint, .endpoint = &endpoint, .is_private = true,
	                               .max_bytes = USERINFO_MAX};
	if (!http_origin_of(issuer.userinfo_endpoint, arena, &endpoint.origin, err) ||
	    !http_send(http, &request, arena, &answer, err))
		return false;
	*ret_status = answer.status;
	scoped(json_decrefp) json_t *claims = json_loadb(answer.body, answer.length, JSON_REJECT_DUPLICATES, NULL);
	if (answer.status == 200 && !json_is_object(claims))
		return error_set(err, ERROR_BAD_ANSWER, "GET %s: not a JSON object", issuer.userinfo_endpoint);
	take_groups(claims, arena, ret);
	return answer.status == 200 || answer.status == 401 ||
	       error_set(err, ERROR_BAD_ANSWER, "GET %s: HTTP %d", issuer.userinfo_endpoint, answer.status);
}

static void
describe(const struct token_entry *entry, struct arena *arena, struct sign_on_standing *ret)
{
	ret->account = arena_strdup(arena, entry->account != NULL ? entry->account : "?");
	ret->scopes = entry->scopes != NULL ? arena_strdup(arena, entry->scopes) : NULL;
	ret->expires_at_ms = entry->expires_at_ms;
	ret->can_renew = entry->refresh_token != NULL;
}

static bool
renew(struct token_list **list, const char *origin, struct arena *arena, const struct token_entry **entry, struct error *err)
{
	struct token_list *fresh = NULL;
	if (!credential_refresh(origin, (*entry)->token, arena, &fresh, err))
		return false;
	token_list_free(*list);
	*list = fresh;
	*entry = token_list_find(fresh, "sso", origin);
	return true;
}

/* Tokens that the server does not take, though they should hold, are renewed once. */
static bool
ask_entry(struct token_list **list, const char *origin, struct arena *arena, struct sign_on_standing *ret, struct error *err)
{
	const struct token_entry *entry = token_list_find(*list, "sso", origin);
	int status;
	if (!credential_is_fresh(entry) && !renew(list, origin, arena, &entry, err))
		return false;
	if (!ask_userinfo(entry, arena, ret, &status, err))
		return false;
	if (status == 401 && (!renew(list, origin, arena, &entry, err) || !ask_userinfo(entry, arena, ret, &status, err)))
		return false;
	if (status == 401)
		return error_set(err, ERROR_NOT_LOGGED_IN, "the sign-on server does not take the token that it just gave");
	describe(entry, arena, ret);
	return true;
}

bool
sign_on_ask(struct arena *arena, struct sign_on_standing *ret, struct error *err)
{
	scoped(token_list_release) struct token_list *list = NULL;
	const struct platform_role *sso = credential_options()->sso;
	struct sign_on_standing standing = {0};
	struct token_store *store;
	const char *origin;
	bool is_on = sso != NULL && sso->issuer != NULL;
	if (is_on && (!http_origin_of(sso->issuer, arena, &origin, err) || !credential_store(&store, err) ||
	              !token_store_read(store, &list, err)))
		return false;
	is_on = is_on && token_list_find(list, "sso", origin) != NULL;
	if (is_on && !ask_entry(&list, origin, arena, &standing, err))
		return error_next(err, "paas login");
	*ret = standing;
	return true;
}

/* ---- out again ---- */

/* The refresh token first: the server ends what came of it. */
static bool
revoke(const struct token_entry *entry, struct arena *arena, struct error *err)
{
	struct http *http = credential_options()->http;
	struct issuer_choice where;
	struct issuer issuer;
	if (!credential_issuer(arena, &where, err) || !issuer_discover(http, &where, arena, &issuer, err))
		return false;
	if (issuer.revocation_endpoint == NULL)
		return error_set(err, ERROR_NOT_FOUND, "%s takes no revocations: the tokens end by themselves", issuer.issuer);
	return (entry->refresh_token == NULL || grant_revoke(http, &issuer, entry->refresh_token, "refresh_token", arena, err)) &&
	       grant_revoke(http, &issuer, entry->token, "access_token", arena, err);
}

/* The lock is held: a renewal meanwhile would make tokens that nobody ends. */
static bool
sign_off_locked(struct token_store *store, const char *origin, struct arena *arena, bool *ret_was_on, struct error *untold,
                struct error *err)
{
	scoped(token_list_release) struct token_list *list = NULL;
	if (!token_store_read(store, &list, err))
		return false;
	const struct token_entry *entry = token_list_find(list, "sso", origin);
	if (entry == NULL)
		return true;
	(void)!revoke(entry, arena, untold);
	*ret_was_on = token_list_remove(list, "sso", origin);
	return token_store_write(store, list, err);
}

bool
sign_off(struct arena *arena, bool *ret_was_on, bool *ret_told, struct error *err)
{
	enum { LOCK_MS = 25 * 1000 };
	const struct platform_role *sso = credential_options()->sso;
	struct token_store *store;
	struct error untold = {0};
	const char *origin;
	*ret_was_on = *ret_told = false;
	if (sso == NULL || sso->issuer == NULL)
		return true;
	if (!http_origin_of(sso->issuer, arena, &origin, err) || !credential_store(&store, err))
		return false;
	if (!token_store_exists(store))
		return true;
	if (!token_store_lock(store, LOCK_MS, err))
		return false;
	bool is_done = sign_off_locked(store, origin, arena, ret_was_on, &untold, err);
	token_store_unlock(store);
	*ret_told = *ret_was_on && untold.code == ERROR_NONE;
	if (is_done && untold.code != ERROR_NONE)
		*err = untold;
	return is_done;
}

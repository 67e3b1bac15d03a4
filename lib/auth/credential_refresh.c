/* Fresh tokens for those in the store: one process asks, the others read what it wrote. */
#include <string.h>

#include "auth/credential_parts.h"
#include "auth/grant.h"
#include "auth/id_token.h"
#include "base/clock.h"

enum { FRESH_MS = 60 * 1000, LOCK_MS = 25 * 1000 };

/* A refresh token that was sent, and whose answer nobody wrote down: never to be sent again, as the
 * server would take that for a theft and end everything it issued (RFC 9700 4.14). */
static const char spent[] = "spent_refresh_token";

bool
credential_is_fresh(const struct token_entry *entry)
{
	return entry->expires_at_ms == 0 || entry->expires_at_ms - clock_wall_ms() > FRESH_MS;
}

static bool
is_refused(const struct token_entry *entry, const struct secret *refused)
{
	const struct secret *id_token = token_entry_extra(entry, "id_token");
	return refused != NULL && (secret_equals(entry->token, refused) ||
	                           (id_token != NULL && secret_equals(id_token, refused)));
}

struct token_entry
credential_entry_of(const char *origin, const char *account, const struct granted *granted, const struct token_entry *old)
{
	const struct secret *old_refresh = old != NULL ? old->refresh_token : NULL;
	const struct secret *id_token = granted->id_token != NULL ? granted->id_token
	                                : old != NULL             ? token_entry_extra(old, "id_token")
	                                                          : NULL;
	struct token_entry entry = {
		.system = "sso", .origin = origin, .account = account, .kind = TOKEN_KIND_BEARER,
		.scopes = granted->scopes != NULL ? granted->scopes : old != NULL ? old->scopes : NULL,
		.token = granted->access_token,
		.refresh_token = granted->refresh_token != NULL ? granted->refresh_token : old_refresh,
		.expires_at_ms = granted->expires_at_ms, .obtained_at_ms = clock_wall_ms(),
	};
	if (id_token != NULL)
		entry.extra[entry.n_extra++] = (struct token_extra){"id_token", id_token};
	return entry;
}

static bool
write_entry(struct token_store *store, struct token_list *list, const struct token_entry *entry, struct error *err)
{
	return token_list_put(list, entry, err) && token_store_write(store, list, err);
}

/* Before it is sent. */
static bool
write_spent(struct token_store *store, struct token_list *list, const struct token_entry *entry, struct error *err)
{
	struct token_entry marked = *entry;
	marked.refresh_token = NULL;
	if (marked.n_extra < TOKEN_EXTRA_MAX)
		marked.extra[marked.n_extra++] = (struct token_extra){spent, entry->refresh_token};
	return write_entry(store, list, &marked, err);
}

/* The refresh token first, as the one before is dead: whatever happens next, it is not lost.  The rest once the ID token is
 * known to be of the same person (OpenID Connect Core 12.2). */
static bool
write_granted(struct token_store *store, struct token_list *list, const struct issuer *issuer, const struct token_entry *old,
              const struct granted *granted, struct arena *arena, struct error *err)
{
	const struct secret *old_id_token = token_entry_extra(old, "id_token");
	struct token_claims claims;
	if (granted->id_token != NULL) {
		struct id_token_terms terms = {.subject = old_id_token != NULL ? token_peek_subject(old_id_token, arena) : NULL};
		struct token_entry kept = *old;
		kept.refresh_token = granted->refresh_token != NULL ? granted->refresh_token : old->refresh_token;
		if (!write_entry(store, list, &kept, err) ||
		    !id_token_check(issuer, granted->id_token, &terms, arena, &claims, err))
			return false;
	}
	struct token_entry fresh = credential_entry_of(old->origin, old->account, granted, old);
	return write_entry(store, list, &fresh, err);
}

/* The lock is held, and `old` was read under it; `list` becomes what is in the store. */
static bool
ask_issuer(struct token_store *store, const struct token_entry *old, struct arena *arena, struct token_list *list,
           struct error *err)
{
	struct http *http = credential_options()->http;
	scoped(granted_release) struct granted granted = {0};
	struct issuer_choice choice;
	struct issuer issuer;
	struct error ignored;
	if (!credential_issuer(arena, &choice, err) || !issuer_discover(http, &choice, arena, &issuer, err) ||
	    !write_spent(store, list, old, err))
		return false;
	if (!grant_refresh(http, &issuer, old->refresh_token, arena, &granted, err)) {
		bool was_sent = err->code != ERROR_UNREACHABLE || !err->retryable;
		if (!was_sent)
			(void)!write_entry(store, list, old, &ignored);
		else if (err->code == ERROR_UNREACHABLE)
			err->code = ERROR_NOT_LOGGED_IN; /* there is nothing left to renew with */
		return false;
	}
	return write_granted(store, list, &issuer, old, &granted, arena, err);
}

/* NULL: it is to be had. */
static const char *
why_not(const struct token_entry *entry)
{
	if (entry == NULL)
		return "nobody is logged in any more";
	if (entry->refresh_token != NULL)
		return NULL;
	return token_entry_extra(entry, spent) != NULL ? "the last renewal of the sign-on was cut off, and may not be repeated"
	                                               : "the sign-on has expired";
}

static bool
refresh_locked(struct token_store *store, const char *origin, const struct secret *refused, struct arena *arena,
               struct token_list **ret, struct error *err)
{
	scoped(token_list_release) struct token_list *before = NULL, *list = NULL;
	if (!token_store_read(store, &before, err) || !token_store_read(store, &list, err))
		return false;
	const struct token_entry *entry = token_list_find(before, "sso", origin);
	bool is_good = entry != NULL && credential_is_fresh(entry) && !is_refused(entry, refused);
	if (!is_good && why_not(entry) != NULL) {
		error_put(err, ERROR_NOT_LOGGED_IN, "%s", why_not(entry));
		return error_next(err, "paas login");
	}
	if (!is_good && !ask_issuer(store, entry, arena, list, err))
		return error_doing(err, "renewing the sign-on");
	*ret = take(list);
	return true;
}

bool
credential_refresh(const char *origin, const struct secret *refused, struct arena *arena, struct token_list **ret,
                   struct error *err)
{
	struct token_store *store;
	if (!credential_store(&store, err) || !token_store_lock(store, LOCK_MS, err))
		return false;
	bool is_fine = refresh_locked(store, origin, refused, arena, ret, err);
	token_store_unlock(store);
	return is_fine;
}

#include "store/token_entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

const char *const token_kind_names[TOKEN_KIND_COUNT] = {
#define _(constant, name) [TOKEN_KIND_##constant] = name,
	TOKEN_KINDS(_)
#undef _
};

enum { SECRETS_MAX = 2 + TOKEN_EXTRA_MAX };

/* An entry with what it owns. */
struct owned {
	struct token_entry entry;
	struct arena texts;
	struct secret *secrets[SECRETS_MAX];
	size_t n_secrets;
};

struct token_list {
	struct owned *entries[TOKEN_ENTRIES_MAX];
	size_t count;
};

struct token_list *
token_list_new(void)
{
	struct token_list *list = calloc(1, sizeof *list);
	if (list == NULL)
		abort();
	return list;
}

static void
owned_free(struct owned *owned)
{
	for (size_t i = 0; i < owned->n_secrets; i++)
		secret_free(owned->secrets[i]);
	arena_release(&owned->texts);
	free(owned);
}

void
token_list_free(struct token_list *list)
{
	if (list == NULL)
		return;
	for (size_t i = 0; i < list->count; i++)
		owned_free(list->entries[i]);
	free(list);
}

void
token_list_release(struct token_list **list)
{
	token_list_free(*list);
	*list = NULL;
}

/* ---- looking ---- */

size_t
token_list_count(const struct token_list *list)
{
	return list->count;
}

const struct token_entry *
token_list_get(const struct token_list *list, size_t index)
{
	return &list->entries[index]->entry;
}

/* The place of the entry, or `count`. */
static size_t
find(const struct token_list *list, const char *system, const char *origin)
{
	size_t at = 0;
	while (at < list->count && (strcmp(list->entries[at]->entry.system, system) != 0 ||
	                            strcmp(list->entries[at]->entry.origin, origin) != 0))
		at++;
	return at;
}

const struct token_entry *
token_list_find(const struct token_list *list, const char *system, const char *origin)
{
	size_t at = find(list, system, origin);
	return at < list->count ? &list->entries[at]->entry : NULL;
}

const struct secret *
token_entry_extra(const struct token_entry *entry, const char *name)
{
	for (size_t i = 0; i < entry->n_extra; i++)
		if (strcmp(entry->extra[i].name, name) == 0)
			return entry->extra[i].value;
	return NULL;
}

/* ---- what an entry may be ---- */

enum { NAME_BYTES_MAX = 64, TEXT_BYTES_MAX = 512, SCOPES_BYTES_MAX = 4096 };

static bool
check_text(const char *member, const char *text, size_t max, struct error *err)
{
	if (text == NULL || text[0] == '\0')
		return error_set(err, ERROR_USAGE, "a credential needs a text as its %s", member);
	size_t length = strlen(text);
	if (length > max)
		return error_set(err, ERROR_USAGE, "the %s of a credential has more than %zu bytes", member, max);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return error_set(err, ERROR_USAGE, "the %s of a credential has a control character", member);
	return secret_bytes_are_text(text, length) ||
	       error_set(err, ERROR_USAGE, "the %s of a credential is not UTF-8", member);
}

static bool
check_secret(const char *member, const struct secret *secret, struct error *err)
{
	if (secret == NULL || secret_length(secret) == 0)
		return error_set(err, ERROR_USAGE, "a credential has an empty %s", member);
	if (secret_length(secret) > TOKEN_BYTES_MAX)
		return error_set(err, ERROR_USAGE, "the %s of a credential has more than %d bytes", member, TOKEN_BYTES_MAX);
	return secret_is_text(secret) || error_set(err, ERROR_USAGE, "the %s of a credential is not text", member);
}

static bool
check_extra(const struct token_entry *entry, struct error *err)
{
	if (entry->n_extra > TOKEN_EXTRA_MAX)
		return error_set(err, ERROR_USAGE, "a credential has more than %d further secrets", TOKEN_EXTRA_MAX);
	for (size_t i = 0; i < entry->n_extra; i++) {
		if (!check_text("further secret's name", entry->extra[i].name, NAME_BYTES_MAX, err) ||
		    !check_secret(entry->extra[i].name, entry->extra[i].value, err))
			return false;
		for (size_t j = 0; j < i; j++)
			if (strcmp(entry->extra[i].name, entry->extra[j].name) == 0)
				return error_set(err, ERROR_USAGE, "a credential has %s twice", entry->extra[i].name);
	}
	return true;
}

static bool
check_entry(const struct token_entry *entry, struct error *err)
{
	if ((unsigned)entry->kind >= TOKEN_KIND_COUNT || entry->expires_at_ms < 0 || entry->obtained_at_ms < 0)
		return error_set(err, ERROR_USAGE, "a credential of no known kind or time");
	return check_text("system", entry->system, NAME_BYTES_MAX, err) &&
	       check_text("origin", entry->origin, TEXT_BYTES_MAX, err) &&
	       (entry->account == NULL || check_text("account", entry->account, TEXT_BYTES_MAX, err)) &&
	       (entry->scopes == NULL || check_text("scopes", entry->scopes, SCOPES_BYTES_MAX, err)) &&
	       check_secret("token", entry->token, err) &&
	       (entry->refresh_token == NULL || check_secret("refresh token", entry->refresh_token, err)) &&
	       check_extra(entry, err);
}

/* ---- changing ---- */

static const struct secret *
keep_secret(struct owned *owned, const struct secret *secret)
{
	if (secret == NULL)
		return NULL;
	struct secret *copy = secret_slice(secret, 0, secret_length(secret));
	owned->secrets[owned->n_secrets++] = copy;
	return copy;
}

static struct owned *
copy_entry(const struct token_entry *entry)
{
	struct owned *owned = calloc(1, sizeof *owned);
	if (owned == NULL)
		abort();
	struct token_entry *copy = &owned->entry;
	*copy = *entry;
	copy->system = arena_strdup(&owned->texts, entry->system);
	copy->origin = arena_strdup(&owned->texts, entry->origin);
	copy->account = arena_strdup(&owned->texts, entry->account);
	copy->scopes = arena_strdup(&owned->texts, entry->scopes);
	copy->token = keep_secret(owned, entry->token);
	copy->refresh_token = keep_secret(owned, entry->refresh_token);
	for (size_t i = 0; i < entry->n_extra; i++)
		copy->extra[i] = (struct token_extra){arena_strdup(&owned->texts, entry->extra[i].name),
		                                      keep_secret(owned, entry->extra[i].value)};
	return owned;
}

bool
token_list_put(struct token_list *list, const struct token_entry *entry, struct error *err)
{
	if (!check_entry(entry, err))
		return false;
	size_t at = find(list, entry->system, entry->origin);
	if (at == TOKEN_ENTRIES_MAX)
		return error_set(err, ERROR_USAGE, "there are %d credentials already", TOKEN_ENTRIES_MAX);
	struct owned *copy = copy_entry(entry); /* first: it may be of the entry it replaces */
	if (at < list->count)
		owned_free(list->entries[at]);
	else
		list->count++;
	list->entries[at] = copy;
	return true;
}

bool
token_list_remove(struct token_list *list, const char *system, const char *origin)
{
	size_t at = find(list, system, origin);
	if (at == list->count)
		return false;
	owned_free(list->entries[at]);
	list->count--;
	memmove(&list->entries[at], &list->entries[at + 1], (list->count - at) * sizeof *list->entries);
	return true;
}

/* One credential in the token store, and the list of them as it is sealed.
 *
 * An entry stands for one account of one system at one origin: (system, origin) is its key.
 * Texts and secrets of a list belong to the list.
 */
#ifndef PAAS_STORE_TOKEN_ENTRY_H
#define PAAS_STORE_TOKEN_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"

enum { TOKEN_BYTES_MAX = 64 * 1024, TOKEN_ENTRIES_MAX = 1000, TOKEN_EXTRA_MAX = 4 };

/* How a credential is shown to its system. */
#define TOKEN_KINDS(_)                                                        \
	_(BEARER, "bearer") /* Authorization: Bearer */                       \
	_(BASIC, "basic")   /* account and token as user name and password */ \
	_(TOKEN, "token")   /* Authorization: token (Travis) */               \
	_(API_KEY, "api-key") /* headers of the system's own, e.g. DD-API-KEY */ \
	_(COOKIE, "cookie") /* of a session */                                \
	_(CERTIFICATE, "certificate") /* PEM certificate and key */
enum token_kind {
#define _(constant, name) TOKEN_KIND_##constant,
	TOKEN_KINDS(_)
#undef _
	TOKEN_KIND_COUNT,
};
extern const char *const token_kind_names[TOKEN_KIND_COUNT];

/* A further secret of an entry: "id_token", "application_key". */
struct token_extra {
	const char *name;
	const struct secret *value;
};

struct token_entry {
	const char *system;  /* "sso", "github": the provider, as in the platform file */
	const char *origin;  /* "https://host:port": the only place it goes to */
	const char *account; /* NULL: not known */
	enum token_kind kind;
	const char *scopes;  /* separated by blanks; NULL: not known */
	const struct secret *token;
	const struct secret *refresh_token; /* NULL: none */
	int64_t expires_at_ms;  /* wall; 0: does not say */
	int64_t obtained_at_ms; /* wall */
	struct token_extra extra[TOKEN_EXTRA_MAX];
	size_t n_extra;
};

struct token_list; /* opaque: owns its entries */

struct token_list *token_list_new(void) __attribute__((returns_nonnull));
void token_list_free(struct token_list *list);
/* For scoped(). */
void token_list_release(struct token_list **list);

size_t token_list_count(const struct token_list *list);
const struct token_entry *token_list_get(const struct token_list *list, size_t index);
/* NULL: none of them. */
const struct token_entry *token_list_find(const struct token_list *list, const char *system, const char *origin);
const struct secret *token_entry_extra(const struct token_entry *entry, const char *name); /* or NULL */
/* Copies `entry` in; one with the same system and origin is replaced.  Fails: ERROR_USAGE (a member is too long, or holds
 * control characters; too many entries). */
bool token_list_put(struct token_list *list, const struct token_entry *entry, struct error *err) must_use;
/* Whether there was one. */
bool token_list_remove(struct token_list *list, const char *system, const char *origin);

/* The list as JSON in guarded memory (never through a DOM), and back.  Unknown members are kept out;
 * fails: ERROR_INVALID_FILE. */
struct secret *token_list_write(const struct token_list *list) __attribute__((returns_nonnull));
bool token_list_read(const struct secret *json, struct token_list **ret, struct error *err) must_use;

#endif

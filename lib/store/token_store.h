/* The encrypted token store: one file in $XDG_DATA_HOME/paas, changed under a lock and as a whole.
 *
 *	scoped(token_store_close) struct token_store *store = NULL;
 *	if (!token_store_open(&(struct token_store_options){.keys = &keys}, &store, err) ||
 *	    !token_store_read(store, &list, err))
 *		return false;
 *	const struct token_entry *entry = token_list_find(list, "sso", origin);
 *
 * A crash at any instruction leaves the old or the new file.  Readers take no lock.  From a fiber
 * waits give way to others; deriving a key from a passphrase does not (about half a second).
 * Format, locking and threats: the token store page, paas-tokens(5).
 */
#ifndef PAAS_STORE_TOKEN_STORE_H
#define PAAS_STORE_TOKEN_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"
#include "store/token_entry.h"

/* What argon2id costs to derive a key from a passphrase. */
struct token_cost {
	uint32_t passes, memory_kib;
};

/* Where the key that opens the store comes from, tried in this order: the session's cache, the key
 * file, the desktop's keyring, the passphrase. */
struct token_keys {
	const char *key_file; /* NULL: none */
	bool without_keyring, without_cache;
	bool unattended;      /* nobody is disturbed: a locked keyring stays locked, and no passphrase is asked for */
	int64_t cache_ms;     /* how long an unlocked key stays in the session; 0: 15 minutes */
	struct token_cost cost; /* of new passphrases; zero: about half a second on this machine */
	/* Asks the person for the passphrase; `is_new`: for one to be made, asked twice, and *ret stays NULL when the person
	 * wants none.  A wrong one is asked for again, three times in all.  NULL: nobody can be asked.  Fails as prompts do. */
	bool (*ask_passphrase)(void *data, bool is_new, struct secret **ret, struct error *err);
	void *data;
};

struct token_store_options {
	const char *folder; /* NULL: $XDG_DATA_HOME/paas, whose way to $HOME may have links */
	const struct token_keys *keys; /* outlives the store */
};

struct token_store;

/* Checks the folder (ours, nobody else may write, no symbolic link on the way) and removes left-over temporaries.  A missing one
 * is made when the lock is taken (0700): reading writes nothing.  Fails: ERROR_FILE. */
bool token_store_open(const struct token_store_options *options, struct token_store **ret, struct error *err) must_use;
/* For scoped(); lets go of the lock. */
void token_store_close(struct token_store **store);
/* "/home/u/.local/share/paas/tokens". */
const char *token_store_path(const struct token_store *store);
/* What is to be said once beside the result, after a read or a write: the store is older than the one used last, or its
 * key file lies beside it.  NULL: nothing. */
const char *token_store_warning(const struct token_store *store);
/* Whether there is a file at all; looks at nothing else. */
bool token_store_exists(const struct token_store *store);

/* What is in it now; an absent file is an empty list, and asks for no key.  *ret belongs to the caller.
 * Fails: ERROR_INVALID_FILE (damaged, altered, newer format), ERROR_NOT_LOGGED_IN (no key opens it),
 * ERROR_FILE, and as ask_passphrase. */
bool token_store_read(struct token_store *store, struct token_list **ret, struct error *err) must_use;

/* Takes the lock that every change needs; the holder may read, ask the network, and write.
 * Not taken twice: it waits for its other holder, whoever that is.  Fails: ERROR_CONFLICT after `deadline_ms`, ERROR_INTERRUPTED,
 * ERROR_FILE. */
bool token_store_lock(struct token_store *store, int64_t deadline_ms, struct error *err) must_use;
void token_store_unlock(struct token_store *store);
/* Replaces the content; the lock is held.  The first write makes the file, with a slot for each key that `keys`
 * can give without being asked (key file, desktop keyring) and one for a new passphrase where no key file is named.
 * Fails: ERROR_FILE (disk full, read-only: the old file is as it was), as token_store_read. */
bool token_store_write(struct token_store *store, const struct token_list *list, struct error *err) must_use;

/* Lock, read, change one entry, write, unlock. */
bool token_store_put(struct token_store *store, const struct token_entry *entry, struct error *err) must_use;
/* *ret_removed: whether there was one. */
bool token_store_remove(struct token_store *store, const char *system, const char *origin, bool *ret_removed,
                        struct error *err) must_use;

/* Whether a write would find a key, by what can be told before it: opens the file there is, or looks for a key of a new one; makes the
 * folder.  Nobody should sign on for tokens that cannot be kept.  Fails: as token_store_lock, token_store_read and token_store_write. */
bool token_store_prepare(struct token_store *store, struct error *err) must_use;
/* Takes the file away unread, and what else holds its key: the way out where it is damaged, or no key opens it.  Fails: as
 * token_store_lock, ERROR_FILE. */
bool token_store_discard(struct token_store *store, struct error *err) must_use;

/* ---- care ---- */

struct token_slot_info {
	const char *type;  /* "passphrase", "key file", "keyring" */
	const char *label; /* "laptop keyring", neutral text */
};
struct token_store_info {
	unsigned format;
	uint64_t generation;
	char id[33];          /* hexadecimal */
	int64_t bytes;
	unsigned mode;        /* of the file */
	size_t n_slots;
	struct token_slot_info slots[8];
	bool is_remote;       /* on a network file system: locks may not hold between hosts */
	bool is_whole;        /* the checksum holds; `why` says else */
	const char *why;
};
/* Without a key.  Fails: ERROR_NOT_FOUND (no store), ERROR_FILE. */
bool token_store_inspect(struct token_store *store, struct arena *arena, struct token_store_info *ret, struct error *err) must_use;

/* A new master key, with a slot for each key that `keys` can give now; the content stays. */
bool token_store_rekey(struct token_store *store, const struct token_keys *keys, struct error *err) must_use;

/* ---- files to carry away ---- */

/* A store file of its own under a passphrase, at `path` (not over an existing file), and back. */
bool token_store_export(const struct token_list *list, const struct secret *passphrase, const char *path, struct error *err) must_use;
bool token_store_import(const char *path, const struct secret *passphrase, struct token_list **ret, struct error *err) must_use;

#endif

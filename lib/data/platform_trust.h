/* Whose platform files are trusted, and which one was fetched last.
 *
 * $XDG_DATA_HOME/paas/platform/ holds trust.json (pinned keys; of each address the last serial) and
 * a folder for the file in use, beside its signature.  A file in there is verified whenever it is
 * loaded, so that whoever can write to the folder cannot lead tokens to other hosts; a file that
 * the engineer names elsewhere is their own and is not.
 */
#ifndef PAAS_DATA_PLATFORM_TRUST_H
#define PAAS_DATA_PLATFORM_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/minisign.h"

enum { TRUST_KEYS_MAX = 2 }; /* the second while the first is replaced */

struct trust_origin {
	const char *url;
	int64_t serial;
	const char *hash;      /* BLAKE2b-256 of the file, in hexadecimal */
	int64_t fetched_at_ms; /* wall */
	const char *key_id;    /* that had signed it */
};

struct trust {
	struct arena *arena;
	const char *folder;
	struct minisign_key keys[TRUST_KEYS_MAX];
	size_t n_keys;
	struct trust_origin *origins;
	size_t n_origins;
	const char *current; /* the URL of the file in use; NULL: none was fetched */
};

/* Nothing is trusted when nothing is stored.  Fails: ERROR_FILE (no folder), ERROR_INVALID_FILE. */
bool trust_load(struct arena *arena, struct trust *ret, struct error *err) must_use;
bool trust_save(const struct trust *trust, struct error *err) must_use;

/* Fails: ERROR_CONFLICT, when two are pinned already.  *ret_is_new: it was not there. */
bool trust_add_key(struct trust *trust, const struct minisign_key *key, bool *ret_is_new, struct error *err) must_use;
/* By its id.  Fails: ERROR_NOT_FOUND. */
bool trust_remove_key(struct trust *trust, const char *id, struct error *err) must_use;

/* What is known of that address, or NULL. */
const struct trust_origin *trust_find_origin(const struct trust *trust, const char *url);
/* Adds or replaces it. */
void trust_set_origin(struct trust *trust, const struct trust_origin *origin);

/* What was fetched, before it is used. */
struct trust_candidate {
	const char *url;
	const char *bytes, *signature;
	size_t length, signature_length;
};
/* Verified against the pinned keys and put beside its signature; *ret_path is the file.  Fails:
 * ERROR_INVALID_FILE, ERROR_FILE. */
bool trust_store(const struct trust *trust, const struct trust_candidate *candidate, struct arena *arena,
                 const char **ret_path, const char **ret_key_id, struct error *err) must_use;
/* "a3f0…" of the bytes. */
const char *trust_hash(const char *bytes, size_t length, struct arena *arena);
/* Takes away what was stored and is not `path`; NULL: all of it. */
void trust_forget_others(const struct trust *trust, const char *path);

/* True of a path in our folder. */
bool trust_is_stored(const char *path);
/* Fails: ERROR_INVALID_FILE, when a stored file is not what was signed. */
bool trust_check_stored(const char *path, struct error *err) must_use;

#endif

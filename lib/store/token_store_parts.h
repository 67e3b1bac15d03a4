/* What the files of the token store know of each other; for them only. */
#ifndef PAAS_STORE_TOKEN_STORE_PARTS_H
#define PAAS_STORE_TOKEN_STORE_PARTS_H

#include "store/token_file.h"
#include "store/token_folder.h"
#include "store/token_store.h"

enum { TOKEN_ID_TEXT_BYTES = 2 * TOKEN_ID_BYTES + 1, TOKEN_WARNING_BYTES = 240 };

struct token_store {
	struct token_folder folder;
	const struct token_keys *keys;
	char *path;
	int lock_fd;           /* -1: not held */
	struct secret *master; /* of the file read last; NULL: not known */
	char warning[TOKEN_WARNING_BYTES];
};

/* A file as it is on the disk. */
struct token_image {
	struct buf bytes;
	struct stat info;
	struct token_file file; /* points into `bytes` */
	bool exists;
};
void token_image_release(struct token_image *image);
/* Reads and parses it; an absent file is fine.  *ret is released on failure too. */
bool token_store_load(struct token_store *store, struct token_image *ret, struct error *err) must_use;
/* Seals with the master key and replaces; the lock is held.  Makes the next generation of it. */
bool token_store_save(struct token_store *store, struct token_header *header, const struct secret *content,
                      struct error *err) must_use;

void token_id_text(const unsigned char id[static TOKEN_ID_BYTES], char ret[static TOKEN_ID_TEXT_BYTES]);

/* ---- token_unlock.c: by what it opens ---- */

/* The content, and the master key into store->master.  Fails: ERROR_INVALID_FILE (altered), ERROR_NOT_LOGGED_IN, as ask_passphrase. */
bool token_store_unlock_file(struct token_store *store, const struct token_file *file, struct secret **ret, struct error *err) must_use;
/* Fills the slots of `header`, whose id is set: one for each key that `keys` can give.  Fails: ERROR_NOT_LOGGED_IN (none
 * can), as ask_passphrase. */
bool token_slots_make(const struct token_keys *keys, const struct secret *master, struct token_header *header, struct error *err) must_use;
/* Takes the keys of keyring slots of `header` out of the keyring. */
void token_slots_forget(const struct token_header *header);
/* Whether token_slots_make could make one.  Fails: ERROR_NOT_LOGGED_IN, as token_key_file_read. */
bool token_slots_check(const struct token_keys *keys, struct error *err) must_use;
struct secret *token_master_new(void) __attribute__((returns_nonnull));

/* ---- token_generation.c: which generation was seen last, outside of the store ---- */

/* 0: not known. */
uint64_t token_generation_seen(const char *id);
/* Remembers it when it is higher; a failure only means that a rollback is not noticed. */
void token_generation_note(const char *id, uint64_t generation);

#endif

/* A key slot of a token store: the master key, wrapped by something that a person or a machine has.
 * The fields: token_format.c.
 *
 * The costs are capped before anything is derived: a hostile header must not eat the machine.
 */
#ifndef PAAS_STORE_TOKEN_SLOT_H
#define PAAS_STORE_TOKEN_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"
#include "store/token_file.h"
#include "store/token_store.h"

enum token_slot_type { TOKEN_SLOT_PASSPHRASE = 1, TOKEN_SLOT_KEY_FILE, TOKEN_SLOT_KEYRING, TOKEN_SLOT_HARDWARE };
/* "passphrase", "key file", "keyring", "hardware". */
const char *token_slot_type_name(const unsigned char slot[static TOKEN_SLOT_BYTES]);
enum token_slot_type token_slot_type(const unsigned char slot[static TOKEN_SLOT_BYTES]);
const char *token_slot_label(const unsigned char slot[static TOKEN_SLOT_BYTES], struct arena *arena);
enum { TOKEN_SALT_BYTES = 16, TOKEN_LABEL_BYTES = 56 };
const unsigned char *token_slot_salt(const unsigned char slot[static TOKEN_SLOT_BYTES]);

enum {
	TOKEN_PASSES_MAX = 16,
	TOKEN_MEMORY_MIN_KIB = 8,
	TOKEN_MEMORY_MAX_KIB = 1024 * 1024,
	TOKEN_WORK_MAX_KIB = 4 * 1024 * 1024, /* passes times memory */
};
/* What takes about half a second on this machine, from 64 MiB to 1 GiB, at most an eighth of its memory. */
struct token_cost token_cost_calibrate(void);

/* What it is to be. */
struct token_slot_plan {
	enum token_slot_type type;
	struct token_cost cost;     /* of a passphrase */
	const struct secret *with;  /* the passphrase, or a key of TOKEN_KEY_BYTES */
	const char *label;          /* at most 55 bytes */
	const unsigned char *salt, *nonce; /* NULL: random */
};

/* Fails with ERROR_INVALID_FILE: costs above the caps, bytes that no version writes. */
bool token_slot_check(const unsigned char slot[static TOKEN_SLOT_BYTES], struct error *err) must_use;
/* Fails with ERROR_FAILED: not enough memory to derive the key. */
bool token_slot_wrap(const struct token_slot_plan *plan, const unsigned char id[static TOKEN_ID_BYTES],
                     const struct secret *master, unsigned char ret[static TOKEN_SLOT_BYTES], struct error *err) must_use;
/* Fails: ERROR_NOT_LOGGED_IN (it is another key), ERROR_FAILED as above. */
bool token_slot_unwrap(const unsigned char slot[static TOKEN_SLOT_BYTES], const unsigned char id[static TOKEN_ID_BYTES],
                       const struct secret *with, struct secret **ret, struct error *err) must_use;

/* The key that a key file stands for: BLAKE2b-256 of its bytes.  The file is ours, regular, nobody else may read it, 1 byte to
 * 1 MiB.  Fails: ERROR_NOT_FOUND, ERROR_INVALID_FILE. */
bool token_key_file_read(const char *path, struct secret **ret, struct error *err) must_use;

#endif

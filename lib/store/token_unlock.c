/* The keys that open a token store: found in turn, and put into slots. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/desktop_keyring.h"
#include "store/guarded.h"
#include "store/session_cache.h"
#include "store/token_slot.h"
#include "store/token_store_parts.h"

struct secret *
token_master_new(void)
{
	scoped(guarded_free) unsigned char *bytes = guarded_new(TOKEN_KEY_BYTES);
	randombytes_buf(bytes, TOKEN_KEY_BYTES);
	return secret_new(bytes, TOKEN_KEY_BYTES);
}

/* ---- opening ---- */

struct attempt {
	struct token_store *store;
	const struct token_file *file;
	struct secret *content; /* once it is open */
	struct error *err;      /* why not, of the last way that could be tried */
};

enum outcome {
	OPENED,
	CLOSED, /* try the next way */
	FAILED, /* no other way will do */
};

/* A master key that somebody kept: of an older rekeying it may be. */
static enum outcome
try_master(struct attempt *attempt, struct secret *master)
{
	struct error ignored;
	if (master == NULL)
		return CLOSED;
	if (!token_file_open(attempt->file, master, &attempt->content, &ignored)) {
		secret_free(master);
		return CLOSED;
	}
	secret_free(attempt->store->master);
	attempt->store->master = master;
	return OPENED;
}

/* One key for each slot of that type. */
static enum outcome
try_slots(struct attempt *attempt, enum token_slot_type type, const struct secret *with)
{
	const struct token_header *header = &attempt->file->header;
	for (size_t i = 0; i < header->n_slots; i++) {
		scoped(secret_release) struct secret *master = NULL;
		if (token_slot_type(header->slots[i]) != type)
			continue;
		if (!token_slot_unwrap(header->slots[i], header->id, with, &master, attempt->err)) {
			if (attempt->err->code != ERROR_NOT_LOGGED_IN)
				return FAILED;
			continue;
		}
		if (!token_file_open(attempt->file, master, &attempt->content, attempt->err))
			return FAILED;
		secret_free(attempt->store->master);
		attempt->store->master = take(master);
		return OPENED;
	}
	return CLOSED;
}

static bool
has_slot(const struct token_file *file, enum token_slot_type type)
{
	for (size_t i = 0; i < file->header.n_slots; i++)
		if (token_slot_type(file->header.slots[i]) == type)
			return true;
	return false;
}

static enum outcome
try_memory(struct attempt *attempt)
{
	struct secret *master = take(attempt->store->master);
	return try_master(attempt, master);
}

static enum outcome
try_cache(struct attempt *attempt)
{
	char id[TOKEN_ID_TEXT_BYTES];
	token_id_text(attempt->file->header.id, id);
	return attempt->store->keys->without_cache ? CLOSED : try_master(attempt, session_cache_get(id));
}

static void
keep_in_cache(struct attempt *attempt)
{
	enum { CACHE_MS = 15 * 60 * 1000 };
	char id[TOKEN_ID_TEXT_BYTES];
	const struct token_keys *keys = attempt->store->keys;
	token_id_text(attempt->file->header.id, id);
	if (!keys->without_cache)
		session_cache_put(id, attempt->store->master, keys->cache_ms > 0 ? keys->cache_ms : CACHE_MS);
}

static enum outcome
try_key_file(struct attempt *attempt)
{
	scoped(secret_release) struct secret *key = NULL;
	if (attempt->store->keys->key_file == NULL || !has_slot(attempt->file, TOKEN_SLOT_KEY_FILE))
		return CLOSED;
	if (!token_key_file_read(attempt->store->keys->key_file, &key, attempt->err)) {
		attempt->err->code = ERROR_NOT_LOGGED_IN;
		return CLOSED;
	}
	return try_slots(attempt, TOKEN_SLOT_KEY_FILE, key);
}

static enum outcome
try_keyring_slot(struct attempt *attempt, const unsigned char *slot)
{
	char id[TOKEN_ID_TEXT_BYTES], name[TOKEN_ID_TEXT_BYTES];
	scoped(secret_release) struct secret *key = NULL;
	token_id_text(attempt->file->header.id, id);
	token_id_text(token_slot_salt(slot), name);
	if (desktop_keyring_get(&(struct keyring_item){id, name}, !attempt->store->keys->unattended, &key, attempt->err))
		return try_slots(attempt, TOKEN_SLOT_KEYRING, key);
	attempt->err->code = ERROR_NOT_LOGGED_IN;
	return CLOSED;
}

static enum outcome
try_keyring(struct attempt *attempt)
{
	const struct token_header *header = &attempt->file->header;
	enum outcome outcome = CLOSED;
	if (attempt->store->keys->without_keyring)
		return CLOSED;
	for (size_t i = 0; i < header->n_slots && outcome == CLOSED; i++)
		if (token_slot_type(header->slots[i]) == TOKEN_SLOT_KEYRING)
			outcome = try_keyring_slot(attempt, header->slots[i]);
	if (outcome == OPENED)
		keep_in_cache(attempt);
	return outcome;
}

static enum outcome
try_passphrase(struct attempt *attempt)
{
	enum { TRIES = 3 }; /* nobody sees what is typed */
	const struct token_keys *keys = attempt->store->keys;
	enum outcome outcome = CLOSED;
	if (!has_slot(attempt->file, TOKEN_SLOT_PASSPHRASE) || keys->ask_passphrase == NULL || keys->unattended)
		return CLOSED;
	for (int i = 0; i < TRIES && outcome == CLOSED; i++) {
		scoped(secret_release) struct secret *passphrase = NULL;
		if (!keys->ask_passphrase(keys->data, false, &passphrase, attempt->err))
			return FAILED;
		outcome = try_slots(attempt, TOKEN_SLOT_PASSPHRASE, passphrase);
	}
	if (outcome == CLOSED) {
		error_put(attempt->err, ERROR_NOT_LOGGED_IN, "the passphrase does not open the store, which is whole");
		error_put_next(attempt->err, "try again; what else opens it: paas token verify; when all is lost: paas logout --all, then paas login");
	} else if (outcome == OPENED) {
		keep_in_cache(attempt);
	}
	return outcome;
}

bool
token_store_unlock_file(struct token_store *store, const struct token_file *file, struct secret **ret, struct error *err)
{
	enum outcome (*const ways[])(struct attempt *) = {try_memory, try_cache, try_key_file, try_keyring, try_passphrase};
	struct error reason = {0};
	struct attempt attempt = {.store = store, .file = file, .err = &reason};
	enum outcome outcome = CLOSED;
	error_put(&reason, ERROR_NOT_LOGGED_IN, "none of the keys at hand opens the token store%s",
	          has_slot(file, TOKEN_SLOT_PASSPHRASE) ? ", and nobody can be asked for its passphrase" : "");
	error_put_next(&reason, "run paas at a terminal; what opens it: paas token verify; when that is lost: paas logout --all, then paas login");
	for (size_t i = 0; i < array_length(ways) && outcome == CLOSED; i++)
		outcome = ways[i](&attempt);
	if (outcome != OPENED) {
		*err = reason;
		return error_from(err, "file", store->path, "");
	}
	*ret = attempt.content;
	return true;
}

/* ---- slots ---- */

static unsigned char *
next_slot(struct token_header *header)
{
	return header->slots[header->n_slots];
}

static bool
add_slot(struct token_header *header, const struct token_slot_plan *plan, const struct secret *master, struct error *err)
{
	if (!token_slot_wrap(plan, header->id, master, next_slot(header), err))
		return false;
	header->n_slots++;
	return true;
}

static bool
add_key_file_slot(const struct token_keys *keys, const struct secret *master, struct token_header *header, struct error *err)
{
	scoped(secret_release) struct secret *key = NULL;
	const char *slash = strrchr(keys->key_file, '/'), *name = slash != NULL ? slash + 1 : keys->key_file;
	char label[TOKEN_LABEL_BYTES];
	error_copy_text(label, sizeof label, secret_bytes_are_text(name, strlen(name)) ? name : "key file");
	return token_key_file_read(keys->key_file, &key, err) &&
	       add_slot(header, &(struct token_slot_plan){.type = TOKEN_SLOT_KEY_FILE, .with = key, .label = label}, master, err);
}

/* A keyring that is away is no failure: there are other keys. */
static void
add_keyring_slot(const struct secret *master, struct token_header *header)
{
	unsigned char salt[TOKEN_SALT_BYTES];
	char id[TOKEN_ID_TEXT_BYTES], name[TOKEN_ID_TEXT_BYTES], host[64] = "", label[TOKEN_LABEL_BYTES];
	struct error ignored;
	scoped(secret_release) struct secret *key = token_master_new();
	randombytes_buf(salt, sizeof salt);
	token_id_text(header->id, id);
	token_id_text(salt, name);
	gethostname(host, sizeof host - 1);
	snprintf(label, sizeof label, "%.40s keyring", secret_bytes_are_text(host, strlen(host)) ? host : "");
	if (desktop_keyring_put(&(struct keyring_item){id, name}, key, &ignored))
		(void)!add_slot(header, &(struct token_slot_plan){.type = TOKEN_SLOT_KEYRING, .with = key, .label = label, .salt = salt},
		                master, &ignored);
}

static bool
add_passphrase_slot(const struct token_keys *keys, const struct secret *master, struct token_header *header, struct error *err)
{
	scoped(secret_release) struct secret *passphrase = NULL;
	if (!keys->ask_passphrase(keys->data, true, &passphrase, err))
		return false;
	if (passphrase == NULL || secret_length(passphrase) == 0)
		return true; /* none is wanted */
	struct token_slot_plan plan = {
		.type = TOKEN_SLOT_PASSPHRASE,
		.cost = keys->cost.passes > 0 ? keys->cost : token_cost_calibrate(),
		.with = passphrase,
		.label = header->n_slots > 0 ? "recovery" : "passphrase",
	};
	return add_slot(header, &plan, master, err);
}

static bool
put_no_key(struct error *err)
{
	error_put(err, ERROR_NOT_LOGGED_IN, "there is no key to close the token store with: no key file, no desktop keyring, nobody to ask for a passphrase");
	return error_next(err, "run paas at a terminal, or name a key file: PAAS_KEY_FILE=FILE");
}

bool
token_slots_check(const struct token_keys *keys, struct error *err)
{
	scoped(secret_release) struct secret *key = NULL;
	if (keys->key_file != NULL)
		return token_key_file_read(keys->key_file, &key, err);
	return keys->ask_passphrase != NULL || (!keys->without_keyring && desktop_keyring_is_near()) || put_no_key(err);
}

bool
token_slots_make(const struct token_keys *keys, const struct secret *master, struct token_header *header, struct error *err)
{
	header->n_slots = 0;
	if (keys->key_file != NULL && !add_key_file_slot(keys, master, header, err))
		return false;
	if (!keys->without_keyring)
		add_keyring_slot(master, header);
	if (keys->key_file == NULL && keys->ask_passphrase != NULL && !add_passphrase_slot(keys, master, header, err)) {
		token_slots_forget(header);
		return false;
	}
	return header->n_slots > 0 || put_no_key(err);
}

void
token_slots_forget(const struct token_header *header)
{
	char id[TOKEN_ID_TEXT_BYTES], name[TOKEN_ID_TEXT_BYTES];
	struct error ignored;
	token_id_text(header->id, id);
	for (size_t i = 0; i < header->n_slots; i++) {
		if (token_slot_type(header->slots[i]) != TOKEN_SLOT_KEYRING)
			continue;
		token_id_text(token_slot_salt(header->slots[i]), name);
		(void)!desktop_keyring_remove(&(struct keyring_item){id, name}, &ignored);
	}
}

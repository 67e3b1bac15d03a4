#include "store/token_slot.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "store/guarded.h"

enum {
	TYPE_AT = 0,
	DERIVATION_AT = 1,
	ZERO_AT = 2,
	PASSES_AT = 4,
	MEMORY_AT = 8,
	SALT_AT = 12,
	NONCE_AT = 28,
	SEALED_AT = 52,
	LABEL_AT = 100,
	REST_AT = 156,
	SEALED_BYTES = TOKEN_KEY_BYTES + TOKEN_TAG_BYTES,
	KEY_FILE_MAX_BYTES = 1024 * 1024,
};
enum { DERIVATION_NONE, DERIVATION_ARGON2ID };

static uint32_t
read_u32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void
write_u32(unsigned char *at, uint32_t value)
{
	for (int i = 3; i >= 0; i--, value >>= 8)
		at[i] = (unsigned char)value;
}

/* ---- what it says ---- */

static const char *const type_names[] = {
	[TOKEN_SLOT_PASSPHRASE] = "passphrase",
	[TOKEN_SLOT_KEY_FILE] = "key file",
	[TOKEN_SLOT_KEYRING] = "keyring",
	[TOKEN_SLOT_HARDWARE] = "hardware",
};

enum token_slot_type
token_slot_type(const unsigned char slot[static TOKEN_SLOT_BYTES])
{
	return (enum token_slot_type)slot[TYPE_AT];
}

const char *
token_slot_type_name(const unsigned char slot[static TOKEN_SLOT_BYTES])
{
	return type_names[slot[TYPE_AT]]; /* token_slot_check saw it */
}

const char *
token_slot_label(const unsigned char slot[static TOKEN_SLOT_BYTES], struct arena *arena)
{
	return arena_strndup(arena, (const char *)slot + LABEL_AT, strnlen((const char *)slot + LABEL_AT, TOKEN_LABEL_BYTES));
}

const unsigned char *
token_slot_salt(const unsigned char slot[static TOKEN_SLOT_BYTES])
{
	return slot + SALT_AT;
}

static bool
cost_is_sane(uint32_t passes, uint32_t memory)
{
	return passes >= 1 && passes <= TOKEN_PASSES_MAX && memory >= TOKEN_MEMORY_MIN_KIB && memory <= TOKEN_MEMORY_MAX_KIB &&
	       (uint64_t)passes * memory <= TOKEN_WORK_MAX_KIB;
}

/* Text, then zeros only. */
static bool
label_is_sane(const char *label)
{
	size_t length = strnlen(label, TOKEN_LABEL_BYTES);
	for (size_t i = length; i < TOKEN_LABEL_BYTES; i++)
		if (label[i] != '\0')
			return false;
	return length < TOKEN_LABEL_BYTES && secret_bytes_are_text(label, length);
}

bool
token_slot_check(const unsigned char slot[static TOKEN_SLOT_BYTES], struct error *err)
{
	bool is_derived = slot[TYPE_AT] == TOKEN_SLOT_PASSPHRASE;
	uint32_t passes = read_u32(slot + PASSES_AT), memory = read_u32(slot + MEMORY_AT);
	if (slot[TYPE_AT] < TOKEN_SLOT_PASSPHRASE || slot[TYPE_AT] > TOKEN_SLOT_HARDWARE ||
	    slot[DERIVATION_AT] != (is_derived ? DERIVATION_ARGON2ID : DERIVATION_NONE))
		return error_set(err, ERROR_INVALID_FILE, "the token store has a key slot of an unknown kind");
	if (is_derived ? !cost_is_sane(passes, memory) : passes != 0 || memory != 0)
		return error_set(err, ERROR_INVALID_FILE,
		                 "the token store asks for %u passes over %u KiB of memory to derive a key: refused", passes, memory);
	if (!sodium_is_zero(slot + ZERO_AT, PASSES_AT - ZERO_AT) || !sodium_is_zero(slot + REST_AT, TOKEN_SLOT_BYTES - REST_AT) ||
	    !label_is_sane((const char *)slot + LABEL_AT))
		return error_set(err, ERROR_INVALID_FILE, "the token store has a key slot with bytes that no version writes");
	return true;
}

/* ---- wrapping ---- */

/* The key that wraps, into `ret`. */
static bool
derive(const unsigned char *slot, const struct secret *with, unsigned char *ret, struct error *err)
{
	if (slot[DERIVATION_AT] == DERIVATION_NONE) {
		if (secret_length(with) != TOKEN_KEY_BYTES)
			return error_set(err, ERROR_NOT_LOGGED_IN, "a key of another length");
		memcpy(ret, secret_reveal(with), TOKEN_KEY_BYTES);
		return true;
	}
	uint32_t memory = read_u32(slot + MEMORY_AT);
	if (crypto_pwhash(ret, TOKEN_KEY_BYTES, secret_reveal(with), secret_length(with), slot + SALT_AT, read_u32(slot + PASSES_AT),
	                  (size_t)memory * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0)
		return true;
	return error_set(err, ERROR_FAILED, "deriving the key needs %u MiB of memory, which this machine does not give", memory / 1024);
}

enum { BOUND_BYTES = NONCE_AT + TOKEN_ID_BYTES };

/* What the wrapped key is bound to. */
static void
bind(const unsigned char *slot, const unsigned char *id, unsigned char ret[static BOUND_BYTES])
{
	memcpy(ret, slot, NONCE_AT);
	memcpy(ret + NONCE_AT, id, TOKEN_ID_BYTES);
}

static void
fill(unsigned char *at, const unsigned char *bytes, size_t size)
{
	if (bytes != NULL)
		memcpy(at, bytes, size);
	else
		randombytes_buf(at, size);
}

bool
token_slot_wrap(const struct token_slot_plan *plan, const unsigned char id[static TOKEN_ID_BYTES], const struct secret *master,
                unsigned char ret[static TOKEN_SLOT_BYTES], struct error *err)
{
	unsigned char slot[TOKEN_SLOT_BYTES] = {0}, bound[BOUND_BYTES];
	scoped(guarded_free) unsigned char *key = guarded_new(TOKEN_KEY_BYTES);
	slot[TYPE_AT] = (unsigned char)plan->type;
	if (plan->type == TOKEN_SLOT_PASSPHRASE) {
		slot[DERIVATION_AT] = DERIVATION_ARGON2ID;
		write_u32(slot + PASSES_AT, plan->cost.passes);
		write_u32(slot + MEMORY_AT, plan->cost.memory_kib);
	}
	fill(slot + SALT_AT, plan->salt, TOKEN_SALT_BYTES);
	fill(slot + NONCE_AT, plan->nonce, TOKEN_NONCE_BYTES);
	memcpy(slot + LABEL_AT, plan->label, strnlen(plan->label, TOKEN_LABEL_BYTES - 1));
	if (!derive(slot, plan->with, key, err))
		return false;
	bind(slot, id, bound);
	crypto_aead_xchacha20poly1305_ietf_encrypt(slot + SEALED_AT, NULL, (const unsigned char *)secret_reveal(master), TOKEN_KEY_BYTES,
	                                           bound, sizeof bound, NULL, slot + NONCE_AT, key);
	memcpy(ret, slot, sizeof slot);
	return true;
}

static bool
put_wrong_key(const unsigned char *slot, struct error *err)
{
	error_put(err, ERROR_NOT_LOGGED_IN, "the %s does not open the store", token_slot_type_name(slot));
	return error_next(err, "what opens it: paas token verify; when that is lost: paas logout --all, then paas login");
}

bool
token_slot_unwrap(const unsigned char slot[static TOKEN_SLOT_BYTES], const unsigned char id[static TOKEN_ID_BYTES],
                  const struct secret *with, struct secret **ret, struct error *err)
{
	unsigned char bound[BOUND_BYTES];
	scoped(guarded_free) unsigned char *key = guarded_new(TOKEN_KEY_BYTES);
	scoped(guarded_free) unsigned char *master = guarded_new(TOKEN_KEY_BYTES);
	if (!derive(slot, with, key, err))
		return false;
	bind(slot, id, bound);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(master, NULL, NULL, slot + SEALED_AT, SEALED_BYTES, bound, sizeof bound,
	                                               slot + NONCE_AT, key) != 0)
		return put_wrong_key(slot, err);
	*ret = secret_new(master, TOKEN_KEY_BYTES);
	return true;
}

/* ---- what a passphrase costs ---- */

static int64_t
measure_us(struct token_cost cost)
{
	static const unsigned char salt[crypto_pwhash_SALTBYTES];
	unsigned char key[TOKEN_KEY_BYTES];
	struct timespec from, to;
	clock_gettime(CLOCK_MONOTONIC, &from);
	if (crypto_pwhash(key, sizeof key, "measure", 7, salt, cost.passes, (size_t)cost.memory_kib * 1024,
	                  crypto_pwhash_ALG_ARGON2ID13) != 0)
		return INT64_MAX;
	clock_gettime(CLOCK_MONOTONIC, &to);
	int64_t us = (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
	return us > 0 ? us : 1;
}

struct token_cost
token_cost_calibrate(void)
{
	enum { AIM_US = 500000, LEAST_KIB = 64 * 1024, MEMORY_SHARE = 8 };
	struct token_cost cost = {.passes = 2, .memory_kib = LEAST_KIB}; /* libsodium's INTERACTIVE */
	int64_t us = measure_us(cost);
	uint64_t pages = (uint64_t)sysconf(_SC_PHYS_PAGES), page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t work = (uint64_t)AIM_US * cost.passes * LEAST_KIB / (uint64_t)us; /* KiB times passes */
	work = work < TOKEN_WORK_MAX_KIB ? work : TOKEN_WORK_MAX_KIB;
	while (cost.memory_kib * 2 <= TOKEN_MEMORY_MAX_KIB && cost.memory_kib * 2 <= work / 2 &&
	       cost.memory_kib * 2 <= pages * page / 1024 / MEMORY_SHARE)
		cost.memory_kib *= 2;
	uint64_t passes = work / cost.memory_kib;
	cost.passes = (uint32_t)(passes < 2 ? 2 : passes > TOKEN_PASSES_MAX ? TOKEN_PASSES_MAX : passes);
	return cost;
}

/* ---- key files ---- */

static bool
refuse_key_file(const char *path, const char *why, const char *next, struct error *err)
{
	error_put(err, ERROR_INVALID_FILE, "the key file %s %s", path, why);
	return next == NULL ? false : error_next(err, "%s %s", next, path);
}

static bool
check_key_file(int fd, const char *path, struct error *err)
{
	struct stat info;
	if (fstat(fd, &info) != 0)
		return refuse_key_file(path, strerror(errno), NULL, err);
	if (!S_ISREG(info.st_mode))
		return refuse_key_file(path, "is not a regular file", NULL, err);
	if (info.st_uid != geteuid())
		return refuse_key_file(path, "is another user's", NULL, err);
	if ((info.st_mode & 077) != 0)
		return refuse_key_file(path, "can be read or written by others", "chmod 600", err);
	return true;
}

bool
token_key_file_read(const char *path, struct secret **ret, struct error *err)
{
	scoped(secret_release) struct secret *bytes = NULL;
	scoped(guarded_free) unsigned char *key = guarded_new(TOKEN_KEY_BYTES);
	scoped(file_close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	if (fd < 0) {
		enum error_code code = errno == ENOENT ? ERROR_NOT_FOUND : ERROR_INVALID_FILE;
		error_put(err, code, "the key file %s: %s", path, errno == ELOOP ? "is a symbolic link" : strerror(errno));
		return error_next(err, "for a new one: (umask 077; head -c 32 /dev/urandom >FILE)");
	}
	if (!check_key_file(fd, path, err) || !file_read_secret_fd(fd, path, KEY_FILE_MAX_BYTES, &bytes, err))
		return false;
	if (secret_length(bytes) == 0)
		return refuse_key_file(path, "is empty", NULL, err);
	crypto_generichash(key, TOKEN_KEY_BYTES, (const unsigned char *)secret_reveal(bytes), secret_length(bytes), NULL, 0);
	*ret = secret_new(key, TOKEN_KEY_BYTES);
	return true;
}

#include "store/desktop_keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/library.h"
#include "store/guarded.h"
#include "store/token_folder.h"

enum { KEY_BYTES = 32, KEY_TEXT_BYTES = 2 * KEY_BYTES + 1, DEADLINE_MS = 1000 };

enum verb { GET, GET_UNLOCKED, PUT, REMOVE };

/* How the child ends; what it got comes before, through the pipe. */
enum ending { DONE, ABSENT, REFUSED, LOCKED, NO_LIBRARY };

/* ---- libsecret, as much of it as is used; its headers would bring all of GLib (secret-schema.h, secret-password.h) ---- */

struct schema {
	const char *name;
	int flags;
	struct {
		const char *name;
		int type;
	} attributes[32];
	int reserved;
	void *reserved_pointers[7];
};
enum { SCHEMA_DONT_MATCH_NAME = 2, ATTRIBUTE_STRING = 0, SEARCH_ONE_AS_IT_IS = 0 };

/* The beginning of a GList. */
struct found {
	void *item;
};

static const struct schema schema = {
	.name = "paas.TokenStore",
	.flags = SCHEMA_DONT_MATCH_NAME,
	.attributes = {{"application", ATTRIBUTE_STRING}, {"store", ATTRIBUTE_STRING}, {"key", ATTRIBUTE_STRING}, {NULL, 0}},
};

static struct {
	char *(*lookup)(const struct schema *, void *cancellable, void **error, ...);
	int (*store)(const struct schema *, const char *collection, const char *label, const char *password, void *cancellable,
	             void **error, ...);
	int (*clear)(const struct schema *, void *cancellable, void **error, ...);
	/* These two since libsecret 0.19; NULL before. */
	struct found *(*search)(const struct schema *, int flags, void *cancellable, void **error, ...);
	int (*is_locked)(void *item);
} lib;

static const struct library_symbol symbols[] = {
	LIBRARY_SHARED_SYMBOL(secret_password_lookup_nonpageable_sync, lib.lookup),
	LIBRARY_SHARED_SYMBOL(secret_password_store_sync, lib.store),
	LIBRARY_SHARED_SYMBOL(secret_password_clear_sync, lib.clear),
};
static const struct library_symbol newer_symbols[] = {
	LIBRARY_SHARED_SYMBOL(secret_password_search_sync, lib.search),
	LIBRARY_SHARED_SYMBOL(secret_item_get_locked, lib.is_locked),
};

/* ---- the child ---- */

#define ATTRIBUTES(item) "application", "paas", "store", (item)->store, "key", (item)->key, NULL

/* Comes before the key when the keyring will ask the person to unlock it, which may take longer than we wait. */
static const char locked_mark = 'L';

enum lock { UNLOCKED, IS_LOCKED, UNKNOWN };

static enum lock
look_at_lock(const struct keyring_item *item)
{
	struct error ignored;
	void *error = NULL;
	if (!library_load(LIBRARY_SECRET, newer_symbols, array_length(newer_symbols), &ignored))
		return UNKNOWN;
	const struct found *found = lib.search(&schema, SEARCH_ONE_AS_IT_IS, NULL, &error, ATTRIBUTES(item));
	return found != NULL && lib.is_locked(found->item) ? IS_LOCKED : UNLOCKED;
}

static enum ending
look_up(const struct keyring_item *item, bool may_ask, int answer)
{
	void *error = NULL;
	enum lock lock = look_at_lock(item);
	if (lock != UNLOCKED && !may_ask)
		return LOCKED;
	if (lock == IS_LOCKED && write(answer, &locked_mark, 1) != 1)
		return REFUSED;
	char *text = lib.lookup(&schema, NULL, &error, ATTRIBUTES(item));
	if (text == NULL)
		return error != NULL ? REFUSED : ABSENT;
	return write(answer, text, strnlen(text, KEY_TEXT_BYTES)) < 0 ? REFUSED : DONE;
}

static enum ending
serve(enum verb verb, const struct keyring_item *item, const unsigned char *key, int answer)
{
	struct error ignored;
	void *error = NULL;
	if (!library_load(LIBRARY_SECRET, symbols, array_length(symbols), &ignored))
		return NO_LIBRARY;
	if (verb == GET || verb == GET_UNLOCKED)
		return look_up(item, verb == GET, answer);
	if (verb == REMOVE)
		return lib.clear(&schema, NULL, &error, ATTRIBUTES(item)) ? DONE : error != NULL ? REFUSED : ABSENT;
	return lib.store(&schema, NULL, "Key of the paas token store", (const char *)key, NULL, &error, ATTRIBUTES(item)) ? DONE : REFUSED;
}

/* What it says on its own account is of no interest: GLib warns of this and that. */
static void
be_quiet(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
}

static pid_t
start(enum verb verb, const struct keyring_item *item, const unsigned char *key, int answer)
{
	pid_t parent = getpid(), child = fork();
	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(REFUSED);
	be_quiet();
	_exit((int)serve(verb, item, key, answer));
}

/* ---- waiting for it ---- */

/* Reads what comes, up to its end; false when that takes too long, or we were cancelled. */
static bool
collect(int answer, unsigned char *text, size_t *length, bool *ret_is_locked)
{
	enum { PAUSE_MS = 2 };
	for (int64_t until = clock_monotonic_ms() + DEADLINE_MS; clock_monotonic_ms() < until;) {
		struct pollfd wait = {.fd = answer, .events = POLLIN};
		ssize_t got = poll(&wait, 1, 0) > 0 ? read(answer, text + *length, KEY_TEXT_BYTES - *length) : -1;
		if (got == 0)
			return true;
		if (got > 0 && *length == 0 && text[0] == locked_mark) {
			*ret_is_locked = true;
			memmove(text, text + 1, (size_t)--got);
		}
		if (got >= 0)
			*length += (size_t)got;
		else if (!token_folder_pause(PAUSE_MS))
			return false;
		if (*length == KEY_TEXT_BYTES)
			return false;
	}
	return false;
}

static bool
away(const char *why, struct error *err)
{
	error_put(err, ERROR_UNREACHABLE, "the desktop keyring does not answer: %s", why);
	return error_next(err, "use the passphrase; to do without the keyring from now on: paas token rekey --passphrase");
}

/* The person is asked to unlock it, at the desktop; the next command may find it open. */
static bool
locked(struct error *err)
{
	error_put(err, ERROR_UNREACHABLE, "the desktop keyring is locked");
	return error_next(err, "unlock it and try again, or use the passphrase; to do without the keyring from now on: paas token rekey --passphrase");
}

/* `key`: what to put, as text, or where to leave what was got; guarded, KEY_TEXT_BYTES. */
static bool
ask(enum verb verb, const struct keyring_item *item, unsigned char *key, struct error *err)
{
	int ends[2], status = 0;
	size_t length = 0;
	bool was_locked = false;
	if (!desktop_keyring_is_near())
		return away("there is no session bus", err);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return away(strerror(errno), err);
	pid_t child = start(verb, item, key, ends[1]);
	close(ends[1]);
	bool has_ended = child > 0 && collect(ends[0], key, &length, &was_locked);
	close(ends[0]);
	if (child > 0 && !has_ended)
		kill(child, SIGKILL);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (was_locked && (!has_ended || !WIFEXITED(status) || WEXITSTATUS(status) != DONE))
		return locked(err);
	if (!has_ended || !WIFEXITED(status))
		return away("a second passed", err);
	if (WEXITSTATUS(status) == LOCKED)
		return locked(err);
	if (WEXITSTATUS(status) == ABSENT)
		return error_set(err, ERROR_NOT_FOUND, "the desktop keyring has no key for this store");
	if (WEXITSTATUS(status) == NO_LIBRARY)
		return away("the package libsecret-1-0 is not installed", err);
	return WEXITSTATUS(status) == DONE || away("it refuses, or is locked", err);
}

/* ---- for others ---- */

bool
desktop_keyring_is_near(void)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
	/* "autolaunch:" would start a bus of our own. */
	return address != NULL && address[0] != '\0' && strstr(address, "autolaunch:") == NULL;
}

bool
desktop_keyring_get(const struct keyring_item *item, bool may_ask, struct secret **ret, struct error *err)
{
	scoped(guarded_free) unsigned char *text = guarded_new(KEY_TEXT_BYTES), *bytes = guarded_new(KEY_BYTES);
	size_t length;
	memset(text, 0, KEY_TEXT_BYTES);
	if (!ask(may_ask ? GET : GET_UNLOCKED, item, text, err))
		return false;
	if (sodium_hex2bin(bytes, KEY_BYTES, (const char *)text, KEY_TEXT_BYTES - 1, NULL, &length, NULL) != 0 || length != KEY_BYTES)
		return error_set(err, ERROR_NOT_FOUND, "what the desktop keyring has for this store is no key");
	*ret = secret_new(bytes, KEY_BYTES);
	return true;
}

bool
desktop_keyring_put(const struct keyring_item *item, const struct secret *key, struct error *err)
{
	scoped(guarded_free) unsigned char *text = guarded_new(KEY_TEXT_BYTES);
	if (secret_length(key) != KEY_BYTES)
		return error_set(err, ERROR_FAILED, "a key of another length");
	sodium_bin2hex((char *)text, KEY_TEXT_BYTES, (const unsigned char *)secret_reveal(key), KEY_BYTES);
	return ask(PUT, item, text, err);
}

bool
desktop_keyring_remove(const struct keyring_item *item, struct error *err)
{
	scoped(guarded_free) unsigned char *text = guarded_new(KEY_TEXT_BYTES);
	return ask(REMOVE, item, text, err);
}

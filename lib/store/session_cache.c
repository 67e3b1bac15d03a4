#include "store/session_cache.h"

#include <linux/keyctl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "store/guarded.h"

enum { NAME_BYTES = 80, KEY_BYTES_MAX = 64 };
/* From keyutils.h: the possessor may look, read, write, search and change; nobody else anything. */
enum { POSSESSOR_ONLY = 0x3f000000 & ~0x10000000 };

/* By number: naming the special keyring itself would make a new one for this process where the session
 * has none of its own (keyctl(2), request_key(2)). */
static long
session_keyring(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
}

static long
find(const char *name)
{
	char description[NAME_BYTES];
	long keyring = session_keyring();
	snprintf(description, sizeof description, "paas:%s", name);
	return keyring < 0 ? -1 : syscall(SYS_keyctl, KEYCTL_SEARCH, keyring, "user", description, 0);
}

struct secret *
session_cache_get(const char *name)
{
	scoped(guarded_free) unsigned char *bytes = guarded_new(KEY_BYTES_MAX);
	long key = find(name);
	long length = key < 0 ? -1 : syscall(SYS_keyctl, KEYCTL_READ, key, bytes, KEY_BYTES_MAX);
	return length > 0 && length <= KEY_BYTES_MAX ? secret_new(bytes, (size_t)length) : NULL;
}

void
session_cache_put(const char *name, const struct secret *key, int64_t for_ms)
{
	char description[NAME_BYTES];
	long keyring = session_keyring();
	snprintf(description, sizeof description, "paas:%s", name);
	if (keyring < 0)
		return;
	long id = syscall(SYS_add_key, "user", description, secret_reveal(key), secret_length(key), keyring);
	if (id < 0)
		return;
	/* A key that would stay for ever, or that others could read, is worse than none. */
	if (syscall(SYS_keyctl, KEYCTL_SETPERM, id, POSSESSOR_ONLY) != 0 ||
	    syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, id, (for_ms + 999) / 1000) != 0)
		syscall(SYS_keyctl, KEYCTL_UNLINK, id, keyring);
}

void
session_cache_forget(const char *name)
{
	long key = find(name);
	if (key >= 0)
		syscall(SYS_keyctl, KEYCTL_UNLINK, key, session_keyring());
}

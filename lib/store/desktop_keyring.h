/* A key kept by the desktop's keyring (the Secret Service of GNOME, KDE, KeePassXC), through libsecret.
 *
 * Only where a session bus has an address; nothing is started for it.  A child process talks to it and is ended
 * after a second: a bus that says nothing, or a person who does not unlock it, costs that, and no more.  The key goes through a pipe, never through
 * arguments or the environment.
 */
#ifndef PAAS_STORE_DESKTOP_KEYRING_H
#define PAAS_STORE_DESKTOP_KEYRING_H

#include <stdbool.h>

#include "base/error.h"
#include "base/secret.h"

/* An item: application "paas", store, key; both hexadecimal. */
struct keyring_item {
	const char *store, *key;
};

/* Whether a session bus has an address at all. */
bool desktop_keyring_is_near(void);

/* 32 bytes.  `may_ask`: the person, to unlock it; without that, one that may be locked counts as locked.
 * Fails: ERROR_NOT_FOUND (it answers, and has no such item), ERROR_UNREACHABLE (away, or locked). */
bool desktop_keyring_get(const struct keyring_item *item, bool may_ask, struct secret **ret, struct error *err) must_use;
bool desktop_keyring_put(const struct keyring_item *item, const struct secret *key, struct error *err) must_use;
bool desktop_keyring_remove(const struct keyring_item *item, struct error *err) must_use;

#endif

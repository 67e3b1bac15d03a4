/* The unlocked key of a token store, kept for a while by the kernel (keyrings(7)) for this login session.
 *
 * A convenience only: any error means "not kept", silently.  Where keyrings are refused (containers,
 * sandboxes) or belong to another session (sudo -i), the passphrase is asked again.
 */
#ifndef PAAS_STORE_SESSION_CACHE_H
#define PAAS_STORE_SESSION_CACHE_H

#include <stdint.h>

#include "base/secret.h"

/* `name`: the store's id.  NULL: not kept. */
struct secret *session_cache_get(const char *name);
void session_cache_put(const char *name, const struct secret *key, int64_t for_ms);
void session_cache_forget(const char *name);

#endif

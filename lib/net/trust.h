/* Whom to trust when an endpoint names no authority of its own. */
#ifndef PAAS_NET_TRUST_H
#define PAAS_NET_TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

/* NULL where there is none. */
struct trust {
	const char *folder; /* certificates under their hashes: the fast way (8 ms against 77 a process) */
	const char *bundle; /* a file of all of them, where there is no such folder */
	const char *pem;    /* texts to trust as well, or instead of `bundle` */
};
/* From $SSL_CERT_FILE, $SSL_CERT_DIR, the distribution's usual places and $PAAS_CA_FILE, which
 * adds to the others.  Fails when a file named by a variable cannot be read: ERROR_INVALID_FILE. */
bool trust_find(struct arena *arena, struct trust *ret, struct error *err) must_use;

#endif

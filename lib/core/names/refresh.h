/* Asks the clusters for names and writes the caches: the work behind a completion.
 *
 * Never asks a person and never runs a program: a cluster whose credential comes from an exec plugin
 * is not asked.  The sign-on is used as it stands in the token store, where that opens by itself (a key
 * file, the keyring, the kernel's cache) and its token has not expired: nothing is renewed.
 */
#ifndef PAAS_CORE_NAMES_REFRESH_H
#define PAAS_CORE_NAMES_REFRESH_H

#include <stddef.h>

#include "core/names/target.h"

struct platform_role;
struct token_keys;

/* A list that we refresh. */
struct names_refresh {
	const struct names_target *target;
	int lock;   /* held until its cache is written; -1: none */
	int answer; /* a file that gets what the cache gets, for who waits; -1: nobody does */
};

/* Whose names they are. */
struct names_person {
	const struct platform_role *sso; /* NULL: no sign-on */
	const struct token_keys *keys;   /* unattended */
};

/* All at once, each until it answers or fails, in a process that does nothing else.  Writes the
 * number of each that was answered as a byte to `told` when it is there (-1: to nobody). */
void names_refresh(const struct names_person *person, struct names_refresh *lists, size_t count, int told);

#endif

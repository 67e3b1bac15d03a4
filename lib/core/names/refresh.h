/* Asks the clusters for names and writes the caches: the work behind a completion.
 *
 * Never asks a person and never runs a program: a cluster whose credential comes from an exec plugin
 * is not asked.
 */
#ifndef PAAS_CORE_NAMES_REFRESH_H
#define PAAS_CORE_NAMES_REFRESH_H

#include <stddef.h>

#include "core/names/target.h"

/* A list that we refresh. */
struct names_refresh {
	const struct names_target *target;
	int lock;   /* held until its cache is written; -1: none */
	int answer; /* a file that gets what the cache gets, for who waits; -1: nobody does */
};

/* All at once, each until it answers or fails, in a process that does nothing else.  Writes the
 * number of each that was answered as a byte to `told` when it is there (-1: to nobody). */
void names_refresh(struct names_refresh *lists, size_t count, int told);

#endif

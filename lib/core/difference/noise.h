/* What two objects may differ in without any difference that a deploy makes: one table.
 *
 * Server-side values, labels that change with every deploy, annotations of controllers.  Against a
 * server's dry run that is all; compared locally, the defaults that a server fills in are noise too,
 * and what it chooses itself (addresses, node ports).
 */
#ifndef PAAS_CORE_DIFFERENCE_NOISE_H
#define PAAS_CORE_DIFFERENCE_NOISE_H

#include <jansson.h>
#include <stdbool.h>

#include "core/difference/difference.h"

enum noise_rule {
	NOISE_ALWAYS,   /* is left out */
	NOISE_LOCALLY,  /* is left out when no server was asked: it chooses the value */
	NOISE_DEFAULT,  /* is left out when no server was asked and it has this value */
	NOISE_QUANTITY, /* is compared as a quantity */
};

struct noise {
	enum noise_rule rule;
	const char *kinds; /* "Deployment|ReplicaSet"; NULL: every kind */
	const char *path;  /* keys separated by blanks; `*`: every key or element */
	const char *value; /* of NOISE_DEFAULT, as JSON */
};
extern const struct noise noise_table[];
extern const size_t n_noise_table;

/* A copy without what is noise in it.  `is_local`: no server filled in its defaults. */
json_t *noise_remove(const json_t *object, bool is_local);

/* The changes between two objects of one kind that went through noise_remove. */
struct changes noise_compare(const char *kind, const json_t *before, const json_t *after, struct arena *arena);

#endif

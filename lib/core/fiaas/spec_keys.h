/* Every key of fiaas.yml, once: what it takes, its default, what it is for.
 *
 * FDD has no schema; this table is ours.  It drives `paas validate` (unknown keys, types, ranges)
 * and the manual page fiaas.yml(5).
 */
#ifndef PAAS_CORE_FIAAS_SPEC_KEYS_H
#define PAAS_CORE_FIAAS_SPEC_KEYS_H

#include <stdbool.h>

enum spec_type {
	SPEC_MAP,         /* of .keys */
	SPEC_LIST,        /* of maps of .keys */
	SPEC_NUMBER,      /* whole, min..max */
	SPEC_BOOL,
	SPEC_TEXT,
	SPEC_PORT,        /* the name or number of a port */
	SPEC_CPU,         /* Kubernetes quantities */
	SPEC_MEMORY,
	SPEC_TEXTS,       /* a list of texts */
	SPEC_VALUES,      /* a map of texts that the API server takes as texts only */
	SPEC_LABELS,      /* … as labels */
	SPEC_ANNOTATIONS,
	SPEC_TAGS,        /* a map of texts and numbers */
	SPEC_TLS,         /* a map of .keys, or true */
	SPEC_SECRETS,     /* a map of names to maps of .keys */
	SPEC_ANY,         /* checked elsewhere, or read by nobody */
};

struct spec_key {
	const char *name; /* NULL ends a table */
	enum spec_type type;
	const struct spec_key *keys;
	long min, max;       /* SPEC_NUMBER; both 0: any that is not negative */
	const char *initial; /* the default as it would be written; NULL: none */
	bool is_dropped;     /* version 2: read by nobody any more */
	const char *sentence;
};

extern const struct spec_key spec_keys_v3[], spec_keys_v2[];

#endif

/* Candidates of a completion from several places: sorted, each once. */
#ifndef PAAS_CMD_CHOICES_H
#define PAAS_CMD_CHOICES_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/complete.h"

struct choice {
	const char *value, *description;
	size_t order; /* of coming */
};

/* Lives in the arena of `candidates`; all zero but for it is an empty one. */
struct choices {
	struct candidates *candidates;
	bool are_versions; /* "1.9" comes before "1.10" */
	struct choice *items;
	size_t count, capacity;
};

/* Texts are borrowed; one that does not begin as the current word is left out. */
void choices_add(struct choices *choices, const char *value, const char *description);
/* Adds them to the candidates in order; those of equal values as one, with each description:
 * "dev, pro". */
void choices_write(struct choices *choices);

#endif

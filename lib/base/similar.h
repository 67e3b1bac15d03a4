/* "Did you mean": the nearest known words. */
#ifndef PAAS_BASE_SIMILAR_H
#define PAAS_BASE_SIMILAR_H

#include <stddef.h>

/* Damerau-Levenshtein distance (optimal string alignment); anything past 64 bytes counts as far. */
unsigned similar_distance(const char *a, const char *b);

/* The up to three names nearest to `word`, nearest first, at most 2 edits or a third of its
 * length away.  Returns how many; ret[i] points into `names`. */
enum { SIMILAR_MAX = 3 };
size_t similar_find(const char *word, const char *const *names, size_t n_names,
                    const char *ret[SIMILAR_MAX]);

#endif

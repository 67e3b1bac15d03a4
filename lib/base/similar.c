#include "base/similar.h"

#include <string.h>

enum { WORD_MAX = 64 };

static unsigned
smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;
	return least < c ? least : c;
}

unsigned
similar_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned rows[3][WORD_MAX + 1]; /* of the row i, i-1 and i-2, in turn */
	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (unsigned j = 0; j <= m; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= n; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
		row[0] = i;
		for (unsigned j = 1; j <= m; j++) {
			unsigned change = a[i - 1] == b[j - 1] ? 0 : 1;
			row[j] = smallest(above[j] + 1, row[j - 1] + 1, above[j - 1] + change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    two_above[j - 2] + 1 < row[j])
				row[j] = two_above[j - 2] + 1;
		}
	}
	return rows[n % 3][m];
}

size_t
similar_find(const char *word, const char *const *names, size_t n_names, const char *ret[SIMILAR_MAX])
{
	unsigned distances[SIMILAR_MAX];
	size_t found = 0;
	size_t limit = strlen(word) / 3 > 2 ? strlen(word) / 3 : 2;
	if (limit >= strlen(word))
		limit = strlen(word) - (strlen(word) > 0);
	for (size_t i = 0; i < n_names; i++) {
		unsigned distance = similar_distance(word, names[i]);
		if (distance > limit)
			continue;
		size_t place = found;
		while (place > 0 && distances[place - 1] > distance)
			place--;
		if (place >= SIMILAR_MAX)
			continue;
		size_t last = found < SIMILAR_MAX ? found++ : SIMILAR_MAX - 1;
		for (; last > place; last--) {
			distances[last] = distances[last - 1];
			ret[last] = ret[last - 1];
		}
		distances[place] = distance;
		ret[place] = names[i];
	}
	return found;
}

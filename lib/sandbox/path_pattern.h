/* Paths of an API against patterns: "/jobs/{}/log" has one segment where {} stands, and in
 * "/commits/{+}/status" {+} is one or more, as the name of a branch has them.
 */
#ifndef PAAS_SANDBOX_PATH_PATTERN_H
#define PAAS_SANDBOX_PATH_PATTERN_H

#include <stdbool.h>

#include "base/arena.h"

enum { PATH_PARAMS_MAX = 4 };

/* ret[i]: what stood at the i-th mark, in `arena`; a pattern has one {+} at most, and no more than PATH_PARAMS_MAX marks. */
bool path_matches(const char *pattern, const char *path, struct arena *arena, const char *ret[PATH_PARAMS_MAX]);

#endif

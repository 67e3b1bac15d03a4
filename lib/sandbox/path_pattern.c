#include "sandbox/path_pattern.h"

#include <string.h>

/* How many bytes of `path` the {+} before `rest` takes: all but as many segments as `rest` has. */
static size_t
greedy_length(const char *rest, const char *path)
{
	const char *end = path + strlen(path);
	for (const char *at = rest; *at != '\0'; at++)
		if (*at == '/') {
			while (end > path && *--end != '/')
				;
			if (end == path)
				return 0;
		}
	return (size_t)(end - path);
}

bool
path_matches(const char *pattern, const char *path, struct arena *arena, const char *ret[PATH_PARAMS_MAX])
{
	size_t n = 0;
	while (*pattern != '\0') {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		bool is_greedy = pattern[1] == '+';
		pattern += is_greedy ? 3 : 2;
		size_t length = is_greedy ? greedy_length(pattern, path) : strcspn(path, "/");
		if (length == 0 || n == PATH_PARAMS_MAX)
			return false;
		ret[n++] = arena_strndup(arena, path, length);
		path += length;
	}
	return *path == '\0';
}

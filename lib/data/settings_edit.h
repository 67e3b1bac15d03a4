/* Changes one value of a settings file and leaves every other byte as it is: comments, order, keys
 * of other versions.
 *
 * By lines, which YAML positions tell; the result is parsed again and must say what was wanted and
 * nothing else, otherwise the file is left to its owner (flow maps, anchors, several documents).
 */
#ifndef PAAS_DATA_SETTINGS_EDIT_H
#define PAAS_DATA_SETTINGS_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum { SETTINGS_FILE_MAX = 256 * 1024 };

struct settings_edit {
	const char *section; /* "aliases", or NULL: at the top */
	const char *key;
	const char *value;   /* NULL: the key is taken out, and its section when nothing is left in it */
};
/* `bytes` of `file` (for messages; none is an empty file) with one edit, in `arena`.  Fails:
 * ERROR_INVALID_FILE (with its place when it is no YAML), ERROR_NOT_FOUND (nothing to take out). */
bool settings_edit(const char *bytes, size_t length, const char *file, const struct settings_edit *edit,
                   struct arena *arena, const char **ret, size_t *ret_length, struct error *err) must_use;

/* The same with the user's file, one at a time: who comes meanwhile waits, up to 5 s (ERROR_CONFLICT).
 * A link is followed.  *ret_file: the file that was written. */
bool settings_edit_file(const struct settings_edit *edit, struct arena *arena, const char **ret_file,
                        struct error *err) must_use;

#endif

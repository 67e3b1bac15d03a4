/* The files of a repository, listed and read with limits.
 *
 * A repository is hostile: links out of it, loops, pipes, devices, a file of a gigabyte, names with
 * control characters.  So links are not followed at all, only regular files are opened (and looked
 * at again once they are open), names that are no clean UTF-8 do not exist for us, and folders, depth,
 * names, bytes of a file and of all files have limits.  What was left out is told in `notes`.
 */
#ifndef PAAS_CORE_ONBOARD_LISTING_H
#define PAAS_CORE_ONBOARD_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct listing_file {
	const char *path; /* relative to the tree: "src/main.go" */
	const char *text; /* once read; NULL: not yet, or not readable */
	size_t length;
	bool was_tried;
	const char *owner; /* nearest folder above it that has a manifest; NULL: none, or not asked yet */
};

struct listing {
	struct arena *arena;
	int fd;
	struct listing_file *files; /* by path, bytewise */
	size_t count, capacity;
	size_t n_read, n_bytes;
	bool is_exhausted; /* the limits on reading were met */
	bool has_owners;   /* listing_own was called */
	const char **notes; /* "package.json: larger than 1 MiB, not read" */
	size_t n_notes;
};

/* Lists `folder`, folders of dependencies, builds and version control apart.  The caller closes it.
 * Fails: ERROR_NOT_FOUND, ERROR_FILE. */
bool listing_open(const char *folder, struct arena *arena, struct listing *ret, struct error *err) must_use;
/* For scoped(). */
void listing_close(struct listing *tree);

/* The file `name` in `folder` ("" is the root), or NULL. */
struct listing_file *listing_find(struct listing *tree, const char *folder, const char *name);
/* The text of a file without NUL bytes; NULL when there is none (`file` may be NULL). */
const char *listing_text(struct listing *tree, struct listing_file *file);
const char *listing_read(struct listing *tree, const char *folder, const char *name);

/* Tells each file which folder with one of `names` is nearest above it. Once. */
void listing_own(struct listing *tree, const char *const *names, size_t n_names);

/* "folder/name", or "name" when the folder is "". */
const char *listing_join(struct arena *arena, const char *folder, const char *name);
/* `file` lies in `folder` or below it. */
bool listing_is_below(const struct listing_file *file, const char *folder);
/* The folder of a path: "" for one at the root. */
const char *listing_folder(const char *path, struct arena *arena) returns_text;
/* The last part of a path. */
const char *listing_base_name(const char *path) returns_text;

#endif

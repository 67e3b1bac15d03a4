/* The cache of names: one small text file a list, below file_cache_path, disposable.
 *
 *	paas names 1
 *	KEY                    what the list is of; another key is another list
 *	checkout               a name a line; a release or deployment with its application: "1.0<TAB>checkout"
 *	end 1                  how many: a file that was cut has no such line
 *
 * A file is believed only when all of it is as it should be, name by name: what is read back goes to
 * a shell.  Beside it a lock file tells who refreshes it, and by its time when that was last tried.
 */
#ifndef PAAS_CORE_NAMES_CACHE_H
#define PAAS_CORE_NAMES_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum {
	NAMES_MAX = 10000,                /* of a list; what is past it is left out */
	NAMES_FILE_MAX = 2 * 1024 * 1024, /* bytes */
	NAMES_FRESH_MS = 5000,            /* so long after the last try there is none */
};

struct names_entry {
	const char *name;
	const char *application; /* of a release or deployment; "" elsewhere */
};

struct names {
	struct names_entry *entries; /* room for NAMES_MAX */
	size_t count;
};

/* No entry yet. */
struct names names_new(struct arena *arena);
/* Copies it into `arena`, unless it is there already, there is no room, or it is no name: a name
 * has letters, digits and ".-_/:", begins with a letter or digit and has at most 384 bytes. */
void names_add(struct names *names, const char *name, const char *application, struct arena *arena);

/* The whole file; `buf` holds NAMES_FILE_MAX. False when it does not fit. */
bool names_format(const struct names *names, const char *key, struct buf *buf) must_use;
/* False when it is not exactly such a file of that key. */
bool names_parse(const char *bytes, size_t length, const char *key, struct arena *arena,
                 struct names *ret) must_use;

/* Where the list of that key is kept; NULL when there is no home to keep it in. */
const char *names_path(const char *key, struct arena *arena);
/* False when there is none, or none that can be believed. */
bool names_load(const char *path, const char *key, struct arena *arena, struct names *ret) must_use;

/* Who refreshes the list at `path`. */
enum names_claim {
	NAMES_MINE,   /* we: *ret_lock is held until it is closed by whoever has it */
	NAMES_OTHERS, /* somebody is at it */
	NAMES_TRIED,  /* nobody: the last try is younger than NAMES_FRESH_MS */
	NAMES_ALONE,  /* nobody can keep it: the folder cannot be written */
};
enum names_claim names_claim(const char *path, int *ret_lock) must_use;
/* Real milliseconds since the last try began; INT64_MAX when there was none. */
int64_t names_tried_ms(const char *path);

#endif

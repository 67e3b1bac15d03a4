/* Files: read whole with a maximum, written whole or not at all. */
#ifndef PAAS_BASE_FILE_H
#define PAAS_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"

struct secret;

/* The bytes of `path` ("-" is standard input), NUL-terminated, in `arena`.  Absent:
 * ERROR_NOT_FOUND.  Larger than `max`, a folder, not readable, a pipe that says nothing for 10 s:
 * ERROR_INVALID_FILE. */
bool file_read(const char *path, size_t max, struct arena *arena, char **ret, size_t *ret_length,
               struct error *err) must_use;
/* The same into guarded memory, byte for byte; the caller frees it.  One more read than `max` is
 * ERROR_INVALID_FILE. */
bool file_read_secret(const char *path, size_t max, struct secret **ret, struct error *err) must_use;
/* The same of a descriptor that the caller has looked at; `path` is for the messages. */
bool file_read_secret_fd(int fd, const char *path, size_t max, struct secret **ret, struct error *err) must_use;
/* Writes a sibling, syncs it and renames it over `path`: readers see the old or the new file,
 * never a part.  Makes missing folders with mode 0700. */
bool file_write(const char *path, const void *bytes, size_t length, mode_t mode,
                struct error *err) must_use;
bool file_exists(const char *path);
/* mkdir -p with 0700. */
bool file_make_folder(const char *path, struct error *err) must_use;

/* "$variable/paas/name", else "$HOME/fallback/paas/name"; NULL when neither is set.  A relative
 * value counts as unset (XDG Base Directory specification). */
char *file_xdg_path(struct arena *arena, const char *variable, const char *fallback, const char *name);
char *file_config_path(struct arena *arena, const char *name);
char *file_state_path(struct arena *arena, const char *name);
char *file_cache_path(struct arena *arena, const char *name);

/* "dir/name", where dir is the folder that holds `file`. */
char *file_beside(struct arena *arena, const char *file, const char *name);

/* The program of that name on $PATH, in `ret`; relative folders do not count: what stands where we
 * happen to be is not ours.  A name with a slash is a path. */
enum { FILE_PROGRAM_BYTES = 4096 };
bool file_find_program(const char *name, char ret[static FILE_PROGRAM_BYTES]);

/* For scoped(): both accept what was never opened. */
void file_close(FILE **file);
void file_close_fd(int *fd);

#endif

/* The folder of the token store: opened once and looked at, then only used through its descriptor.
 *
 * A file in it is replaced as a whole (a sibling, synced, renamed) and never changed in place; what a killed
 * process left behind is removed by the next one that holds the lock.
 */
#ifndef PAAS_STORE_TOKEN_FOLDER_H
#define PAAS_STORE_TOKEN_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"

struct token_folder {
	int fd;         /* -1: not there */
	char *path;
	bool is_remote; /* of a network file system */
};

/* A missing one is fine: it is empty.  Fails with ERROR_FILE: a symbolic link on the way, not ours, others may write. */
bool token_folder_open(const char *path, struct token_folder *ret, struct error *err) must_use;
/* Makes it (0700) when it was not there. */
bool token_folder_make(struct token_folder *folder, struct error *err) must_use;
void token_folder_close(struct token_folder *folder);

/* The file's bytes; absent: *ret_exists false, and success.  It is ours, regular and for nobody else.
 * Fails: ERROR_FILE, ERROR_INVALID_FILE (larger than ret->max). */
bool token_folder_read(const struct token_folder *folder, const char *name, struct buf *ret, struct stat *ret_info,
                       bool *ret_exists, struct error *err) must_use;
/* Writes and syncs all of it.  False: errno says why. */
bool token_folder_write_all(int fd, const struct buf *bytes) must_use;
/* Fails with ERROR_FILE; the old file is as it was. */
bool token_folder_replace(const struct token_folder *folder, const char *name, const struct buf *bytes, struct error *err) must_use;
/* Takes the file away; an absent one is fine.  Fails: ERROR_FILE. */
bool token_folder_remove(const struct token_folder *folder, const char *name, struct error *err) must_use;

/* An exclusive lock on the file `name`, made when missing; closing *ret lets go.  In a fiber, others go on.
 * Fails: ERROR_CONFLICT after `deadline_ms`, ERROR_INTERRUPTED, ERROR_FILE. */
bool token_folder_lock(const struct token_folder *folder, const char *name, int64_t deadline_ms, int *ret, struct error *err) must_use;
/* Removes siblings that a killed process left: all when we hold the lock, else those older than an hour. */
void token_folder_clean(const struct token_folder *folder, bool is_locked);

/* Sleeps; in a fiber, others go on.  False: cancelled. */
bool token_folder_pause(int64_t ms);

#endif

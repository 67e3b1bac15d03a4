#include "store/token_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "base/file.h"

static const char temporary_prefix[] = ".tokens.";

static bool
fail(const struct token_folder *folder, const char *doing, const char *name, struct error *err)
{
	int reason = errno;
	error_put(err, ERROR_FILE, "%s %s%s%s: %s", doing, folder->path, name[0] != '\0' ? "/" : "", name,
	          reason == ELOOP ? "a symbolic link is in the way" : strerror(reason));
	if (reason == ENOSPC || reason == EDQUOT)
		return error_next(err, "make room there; what was stored before is still there");
	return error_from(err, "file", folder->path, "");
}

/* ---- opening ---- */

enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

/* Kernels before 5.6, and sandboxes that refuse the call: each step by itself. */
static int
open_stepwise(const char *path)
{
	int at = open(path[0] == '/' ? "/" : ".", FOLDER_FLAGS | O_PATH);
	while (at >= 0 && *(path += strspn(path, "/")) != '\0') {
		char step[NAME_MAX + 1];
		size_t length = strcspn(path, "/");
		snprintf(step, sizeof step, "%.*s", (int)(length <= NAME_MAX ? length : NAME_MAX), path);
		path += length;
		bool is_last = path[strspn(path, "/")] == '\0';
		int next = openat(at, step, FOLDER_FLAGS | O_NOFOLLOW | (is_last ? 0 : O_PATH));
		int reason = errno == ENOTDIR ? ELOOP : errno; /* what O_DIRECTORY says of a link */
		close(at);
		at = next;
		errno = reason;
	}
	return at;
}

static int
open_plainly(const char *path)
{
	struct open_how how = {.flags = FOLDER_FLAGS, .resolve = RESOLVE_NO_SYMLINKS};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return open_stepwise(path);
	return fd;
}

static bool
check_folder(struct token_folder *folder, struct error *err)
{
	static const uint32_t remote[] = {0x6969 /* NFS */, 0x517b /* SMB */, 0xfe534d42 /* SMB2 */, 0xff534d42 /* CIFS */,
	                                  0x5346414f /* AFS */, 0x00c36400 /* Ceph */, 0x01021997 /* 9P */, 0x73757245 /* Coda */};
	struct stat info;
	struct statfs system;
	if (fstat(folder->fd, &info) != 0 || fstatfs(folder->fd, &system) != 0)
		return fail(folder, "look at", "", err);
	for (size_t i = 0; i < array_length(remote); i++)
		folder->is_remote = folder->is_remote || (uint32_t)system.f_type == remote[i];
	if (info.st_uid != geteuid())
		return error_set(err, ERROR_FILE, "the folder %s is another user's", folder->path);
	if ((info.st_mode & 022) == 0)
		return true;
	error_put(err, ERROR_FILE, "others may write to the folder %s", folder->path);
	return error_next(err, "chmod 700 %s", folder->path);
}

static bool
open_existing(struct token_folder *folder, struct error *err)
{
	folder->fd = open_plainly(folder->path);
	if (folder->fd >= 0)
		return check_folder(folder, err);
	if (errno == ENOENT)
		return true;
	bool is_link = errno == ELOOP;
	fail(folder, "open the folder", "", err);
	if (is_link)
		error_put_next(err, "set XDG_DATA_HOME to the real path of the folder that holds it");
	return false;
}

bool
token_folder_open(const char *path, struct token_folder *ret, struct error *err)
{
	struct token_folder folder = {.path = strdup(path)};
	if (folder.path == NULL)
		abort();
	if (!open_existing(&folder, err)) {
		token_folder_close(&folder);
		return false;
	}
	*ret = folder;
	return true;
}

bool
token_folder_make(struct token_folder *folder, struct error *err)
{
	if (folder->fd >= 0)
		return true;
	if (!file_make_folder(folder->path, err) || !open_existing(folder, err))
		return false;
	return folder->fd >= 0 || error_set(err, ERROR_FILE, "the folder %s went away", folder->path);
}

void
token_folder_close(struct token_folder *folder)
{
	file_close_fd(&folder->fd);
	free(folder->path);
	folder->path = NULL;
}

/* ---- reading ---- */

static bool
read_whole(const struct token_folder *folder, int fd, const char *name, struct buf *ret, struct error *err)
{
	char chunk[16 * 1024];
	buf_clear(ret);
	for (;;) {
		ssize_t got = read(fd, chunk, sizeof chunk);
		if (got == 0)
			return true;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(folder, "read", name, err);
		if (!buf_add(ret, chunk, (size_t)got))
			return error_set(err, ERROR_INVALID_FILE, "%s/%s is larger than any token store", folder->path, name);
	}
}

bool
token_folder_read(const struct token_folder *folder, const char *name, struct buf *ret, struct stat *ret_info,
                  bool *ret_exists, struct error *err)
{
	*ret_exists = false;
	if (folder->fd < 0)
		return true;
	scoped(file_close_fd) int fd = openat(folder->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	*ret_exists = fd >= 0;
	if (fd < 0)
		return errno == ENOENT || fail(folder, "open", name, err);
	if (fstat(fd, ret_info) != 0)
		return fail(folder, "look at", name, err);
	if (!S_ISREG(ret_info->st_mode))
		return error_set(err, ERROR_FILE, "%s/%s is not a regular file", folder->path, name);
	if (ret_info->st_uid != geteuid())
		return error_set(err, ERROR_FILE, "%s/%s is another user's", folder->path, name);
	if ((ret_info->st_mode & 077) != 0) {
		error_put(err, ERROR_FILE, "others may read or write %s/%s", folder->path, name);
		return error_next(err, "chmod 600 %s/%s", folder->path, name);
	}
	return read_whole(folder, fd, name, ret, err);
}

/* ---- replacing ---- */

enum { TEMPORARY_BYTES = 32 };

static void
name_temporary(char ret[static TEMPORARY_BYTES])
{
	unsigned char random[8];
	char hex[2 * sizeof random + 1];
	randombytes_buf(random, sizeof random);
	sodium_bin2hex(hex, sizeof hex, random, sizeof random);
	snprintf(ret, TEMPORARY_BYTES, "%s%s", temporary_prefix, hex);
}

bool
token_folder_write_all(int fd, const struct buf *bytes)
{
	for (size_t done = 0; done < bytes->length;) {
		ssize_t written = write(fd, bytes->bytes + done, bytes->length - done);
		if (written < 0 && errno != EINTR)
			return false;
		done += written > 0 ? (size_t)written : 0;
	}
	return fsync(fd) == 0;
}

/* Without a name until it is whole; a killed process then leaves nothing. */
static bool
write_nameless(const struct token_folder *folder, const char *temporary, const struct buf *bytes)
{
	char link[64];
	int fd = openat(folder->fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	bool is_linked = fchmod(fd, 0600) == 0 && token_folder_write_all(fd, bytes) &&
	                 linkat(AT_FDCWD, link, folder->fd, temporary, AT_SYMLINK_FOLLOW) == 0;
	int reason = errno;
	bool is_closed = close(fd) == 0;
	errno = is_linked ? errno : reason;
	return is_linked && is_closed;
}

static bool
write_named(const struct token_folder *folder, const char *temporary, const struct buf *bytes)
{
	int fd = openat(folder->fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	bool is_written = fchmod(fd, 0600) == 0 && token_folder_write_all(fd, bytes);
	int reason = errno;
	bool is_closed = close(fd) == 0;
	errno = is_written ? errno : reason;
	return is_written && is_closed;
}

/* What only the first way may have met: no such thing on this file system, or no /proc. */
static bool
wants_other_way(int reason)
{
	return reason == EOPNOTSUPP || reason == EISDIR || reason == ENOENT || reason == EINVAL || reason == EPERM || reason == EACCES ||
	       reason == EXDEV;
}

static bool
write_temporary(const struct token_folder *folder, const char *temporary, const struct buf *bytes)
{
	return write_nameless(folder, temporary, bytes) || (wants_other_way(errno) && write_named(folder, temporary, bytes));
}

/* EINVAL: a file system that cannot sync folders. */
static bool
sync_folder(const struct token_folder *folder, struct error *err)
{
	return fsync(folder->fd) == 0 || errno == EINVAL || fail(folder, "sync", "", err);
}

bool
token_folder_remove(const struct token_folder *folder, const char *name, struct error *err)
{
	if (unlinkat(folder->fd, name, 0) != 0 && errno != ENOENT)
		return fail(folder, "delete", name, err);
	return sync_folder(folder, err);
}

bool
token_folder_replace(const struct token_folder *folder, const char *name, const struct buf *bytes, struct error *err)
{
	char temporary[TEMPORARY_BYTES];
	name_temporary(temporary);
	if (write_temporary(folder, temporary, bytes) && renameat(folder->fd, temporary, folder->fd, name) == 0)
		return sync_folder(folder, err);
	fail(folder, "write", name, err);
	unlinkat(folder->fd, temporary, 0);
	return false;
}

/* ---- the lock ---- */

bool
token_folder_pause(int64_t ms)
{
	if (fiber_current() != NULL)
		return fiber_sleep(fiber_loop(fiber_current()), ms);
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
	return true;
}

static bool
is_held(int reason)
{
	return reason == EAGAIN || reason == EACCES || reason == EINTR;
}

static bool
wait_for_lock(const struct token_folder *folder, const char *name, int fd, int64_t deadline_ms, struct error *err)
{
	enum { PAUSE_MIN_MS = 2, PAUSE_MAX_MS = 50 };
	int64_t until = clock_monotonic_ms() + deadline_ms;
	for (int64_t pause = PAUSE_MIN_MS;; pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS) {
		struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
		if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
			return true;
		if (!is_held(errno))
			return fail(folder, "lock", name, err);
		if (clock_monotonic_ms() >= until) {
			error_put(err, ERROR_CONFLICT, "another paas has held the token store for %lld ms", (long long)deadline_ms);
			err->retryable = true;
			return error_next(err, "try again");
		}
		if (!token_folder_pause(pause))
			return error_set(err, ERROR_INTERRUPTED, "waiting for the token store");
	}
}

bool
token_folder_lock(const struct token_folder *folder, const char *name, int64_t deadline_ms, int *ret, struct error *err)
{
	int fd = openat(folder->fd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	if (fd < 0)
		return fail(folder, "open", name, err);
	if (!wait_for_lock(folder, name, fd, deadline_ms, err)) {
		close(fd);
		return false;
	}
	*ret = fd;
	return true;
}

/* ---- what was left behind ---- */

enum { STALE_SECONDS = 3600 };

static bool
is_stale(const struct token_folder *folder, const char *name, bool is_locked)
{
	struct stat info;
	if (strncmp(name, temporary_prefix, strlen(temporary_prefix)) != 0 ||
	    fstatat(folder->fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode))
		return false;
	return (is_locked && !folder->is_remote) || info.st_mtime + STALE_SECONDS < time(NULL);
}

void
token_folder_clean(const struct token_folder *folder, bool is_locked)
{
	int fd = openat(folder->fd, ".", FOLDER_FLAGS);
	DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
	if (entries == NULL) {
		file_close_fd(&fd);
		return;
	}
	for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
		if (is_stale(folder, entry->d_name, is_locked))
			unlinkat(folder->fd, entry->d_name, 0);
	closedir(entries);
}

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/buf.h"
#include "base/secret.h"

enum { SILENCE_MAX_SECONDS = 10 };

void
file_close(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
	*file = NULL;
}

void
file_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static bool
fail_errno(struct error *err, enum error_code code, const char *doing, const char *path)
{
	int reason = errno;
	error_put(err, reason == ENOENT ? ERROR_NOT_FOUND : code, "%s %s: %s", doing, path, strerror(reason));
	return error_from(err, "file", path, "");
}

/* A pipe may have a writer that says nothing.  Signals that a loop keeps for itself end this wait
 * as they would end any program: nothing has been done yet. */
static bool
wait_for_bytes(int fd, const char *path, struct error *err)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	struct timespec limit = {.tv_sec = SILENCE_MAX_SECONDS};
	sigset_t none;
	sigemptyset(&none);
	int ready = ppoll(&wait, 1, fd == STDIN_FILENO ? NULL : &limit, &none); /* people may think */
	if (ready != 0)
		return true; /* or what is wrong shows when it is read */
	error_put(err, ERROR_INVALID_FILE, "read %s: nothing came for %d s", path, SILENCE_MAX_SECONDS);
	return error_from(err, "file", path, "");
}

static bool
read_all(int fd, const char *path, size_t max, struct arena *arena, char **ret, size_t *ret_length,
         struct error *err)
{
	scoped(buf_release) struct buf bytes = BUF_INIT(max);
	char chunk[16 * 1024];
	for (;;) {
		if (!wait_for_bytes(fd, path, err))
			return false;
		ssize_t got = read(fd, chunk, sizeof chunk);
		if (got == 0)
			break;
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0)
			return fail_errno(err, ERROR_INVALID_FILE, "read", path);
		if (!buf_add(&bytes, chunk, (size_t)got)) {
			error_put(err, ERROR_INVALID_FILE, "read %s: larger than %zu bytes", path, max);
			return error_from(err, "file", path, "");
		}
	}
	*ret = arena_strndup(arena, bytes.bytes, bytes.length);
	*ret_length = bytes.length;
	return true;
}

/* O_NONBLOCK: a FIFO without a writer would hold up open() for ever. */
static int
open_to_read(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

bool
file_read(const char *path, size_t max, struct arena *arena, char **ret, size_t *ret_length,
          struct error *err)
{
	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, "standard input", max, arena, ret, ret_length, err);
	scoped(file_close_fd) int fd = open_to_read(path);
	if (fd < 0)
		return fail_errno(err, ERROR_INVALID_FILE, "open", path);
	return read_all(fd, path, max, arena, ret, ret_length, err);
}

/* For scoped(): guarded memory is zeroed when it is given back. */
static void
free_guarded(char **bytes)
{
	sodium_free(*bytes);
}

static bool
read_guarded(int fd, const char *path, size_t max, struct secret **ret, struct error *err)
{
	size_t length = 0;
	if (sodium_init() < 0)
		abort();
	scoped(free_guarded) char *bytes = sodium_malloc(max + 1);
	if (bytes == NULL)
		abort();
	for (;;) {
		if (!wait_for_bytes(fd, path, err))
			return false;
		ssize_t got = read(fd, bytes + length, max + 1 - length);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0)
			return fail_errno(err, ERROR_INVALID_FILE, "read", path);
		length += (size_t)got;
		if (length > max)
			return error_set(err, ERROR_INVALID_FILE, "read %s: larger than %zu bytes", path, max);
		if (got == 0)
			break;
	}
	*ret = secret_new(bytes, length);
	return true;
}

bool
file_read_secret_fd(int fd, const char *path, size_t max, struct secret **ret, struct error *err)
{
	return read_guarded(fd, path, max, ret, err);
}

bool
file_read_secret(const char *path, size_t max, struct secret **ret, struct error *err)
{
	if (strcmp(path, "-") == 0)
		return read_guarded(STDIN_FILENO, "standard input", max, ret, err);
	scoped(file_close_fd) int fd = open_to_read(path);
	if (fd < 0)
		return fail_errno(err, ERROR_INVALID_FILE, "open", path);
	return read_guarded(fd, path, max, ret, err);
}

bool
file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool
file_make_folder(const char *path, struct error *err)
{
	scoped(buf_release) struct buf partial = BUF_INIT(4096);
	for (const char *at = path;; at++) {
		if ((*at == '/' && at != path) || *at == '\0') {
			if (mkdir(partial.bytes, 0700) != 0 && errno != EEXIST && !file_exists(partial.bytes))
				return fail_errno(err, ERROR_FILE, "create", partial.bytes);
			if (*at == '\0')
				return true;
		}
		if (!buf_add_char(&partial, *at))
			return error_set(err, ERROR_FILE, "the path is too long");
	}
}

static bool
write_and_sync(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		length -= (size_t)written;
	}
	return fsync(fd) == 0;
}

bool
file_write(const char *path, const void *bytes, size_t length, mode_t mode, struct error *err)
{
	struct arena arena __attribute__((cleanup(arena_release))) = {0};
	char *folder = file_beside(&arena, path, "");
	if (folder[0] != '\0') {
		folder[strlen(folder) - 1] = '\0';
		if (folder[0] != '\0' && !file_make_folder(folder, err))
			return false;
	}
	char *sibling = arena_printf(&arena, "%s.XXXXXX", path);
	scoped(file_close_fd) int fd = mkostemp(sibling, O_CLOEXEC);
	if (fd < 0)
		return fail_errno(err, ERROR_FILE, "create", sibling);
	if (fchmod(fd, mode) == 0 && write_and_sync(fd, bytes, length) && rename(sibling, path) == 0)
		return true;
	fail_errno(err, ERROR_FILE, "write", path);
	unlink(sibling);
	return false;
}

char *
file_xdg_path(struct arena *arena, const char *variable, const char *fallback, const char *name)
{
	const char *base = getenv(variable);
	if (base != NULL && base[0] == '/')
		return arena_printf(arena, "%s/paas/%s", base, name);
	const char *home = getenv("HOME");
	if (home == NULL || home[0] != '/')
		return NULL;
	return arena_printf(arena, "%s/%s/paas/%s", home, fallback, name);
}

char *
file_config_path(struct arena *arena, const char *name)
{
	return file_xdg_path(arena, "XDG_CONFIG_HOME", ".config", name);
}

char *
file_state_path(struct arena *arena, const char *name)
{
	return file_xdg_path(arena, "XDG_STATE_HOME", ".local/state", name);
}

char *
file_cache_path(struct arena *arena, const char *name)
{
	return file_xdg_path(arena, "XDG_CACHE_HOME", ".cache", name);
}

char *
file_beside(struct arena *arena, const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');
	return arena_printf(arena, "%.*s%s", slash == NULL ? 0 : (int)(slash - file + 1), file, name);
}

bool
file_find_program(const char *name, char ret[static FILE_PROGRAM_BYTES])
{
	const char *path = getenv("PATH");
	int written = snprintf(ret, FILE_PROGRAM_BYTES, "%s", name);
	if (strchr(name, '/') != NULL)
		return written < FILE_PROGRAM_BYTES && access(ret, X_OK) == 0;
	while (path != NULL && *path != '\0') {
		size_t length = strcspn(path, ":");
		written = snprintf(ret, FILE_PROGRAM_BYTES, "%.*s/%s", (int)length, path, name);
		if (path[0] == '/' && written > 0 && written < FILE_PROGRAM_BYTES && access(ret, X_OK) == 0)
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

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
fail_errno(struct error *err, const char *doing, const char *path)
{
	int reason = errno;
	error_put(err, reason == ENOENT ? ERROR_NOT_FOUND : ERROR_FILE, "%s %s: %s", doing, path,
	          strerror(reason));
	return error_from(err, "file", path, "");
}

static bool
read_all(int fd, const char *path, size_t max, struct arena *arena, char **ret, size_t *ret_length,
         struct error *err)
{
	scoped(buf_release) struct buf bytes = BUF_INIT(max);
	char chunk[16 * 1024];
	for (ssize_t got; (got = read(fd, chunk, sizeof chunk)) != 0;) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_errno(err, "read", path);
		if (!buf_add(&bytes, chunk, (size_t)got)) {
			error_put(err, ERROR_INVALID_FILE, "%s is larger than %zu bytes", path, max);
			return error_from(err, "file", path, "");
		}
	}
	*ret = arena_strndup(arena, bytes.bytes, bytes.length);
	*ret_length = bytes.length;
	return true;
}

bool
file_read(const char *path, size_t max, struct arena *arena, char **ret, size_t *ret_length,
          struct error *err)
{
	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, "standard input", max, arena, ret, ret_length, err);
	scoped(file_close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail_errno(err, "open", path);
	return read_all(fd, path, max, arena, ret, ret_length, err);
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
				return fail_errno(err, "create", partial.bytes);
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
		return fail_errno(err, "create", sibling);
	if (fchmod(fd, mode) == 0 && write_and_sync(fd, bytes, length) && rename(sibling, path) == 0)
		return true;
	fail_errno(err, "write", path);
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

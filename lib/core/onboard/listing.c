#include "core/onboard/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"

enum {
	DEPTH_MAX = 10,
	FILES_MAX = 20000,
	FOLDER_ENTRIES_MAX = 50000, /* looked at in one folder, whatever they are */
	FILE_MAX_BYTES = 1024 * 1024,
	READ_MAX_FILES = 2000,
	READ_MAX_BYTES = 32 * 1024 * 1024,
	NOTES_MAX = 20,
	NAME_MAX_BYTES = 255,
};

/* Dependencies, results of builds, version control: nothing that says what the application is. */
static const char *const left_out[] = {
	".git", ".hg", ".svn", "node_modules", "bower_components", "vendor", "target", ".venv", "venv", "__pycache__",
	".gradle", ".idea", ".vscode", ".tox", ".mypy_cache", ".pytest_cache", ".next", ".nuxt", ".terraform",
	".bundle", "obj", ".bloop", ".metals", ".cache", ".devcontainer",
};

static void
note(struct listing *tree, const char *path, const char *what)
{
	if (tree->notes == NULL)
		tree->notes = arena_array(tree->arena, const char *, NOTES_MAX);
	if (tree->n_notes < NOTES_MAX)
		tree->notes[tree->n_notes++] = arena_printf(tree->arena, "%s: %s", path, what);
}

/* ---- names ---- */

/* One sequence of UTF-8 at `at`, overlong forms and surrogates apart; 0 when it is none. */
static size_t
sequence_length(const unsigned char *at)
{
	size_t length = at[0] < 0x80 ? 1 : at[0] >= 0xc2 && at[0] < 0xe0 ? 2 : (at[0] & 0xf0) == 0xe0 ? 3 : 4;
	if ((at[0] >= 0x80 && at[0] < 0xc2) || at[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) || (at[0] == 0xf0 && at[1] < 0x90) ||
	    (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

static bool
is_clean_name(const char *name)
{
	size_t length;
	if (strlen(name) > NAME_MAX_BYTES)
		return false;
	for (const unsigned char *at = (const unsigned char *)name; *at != '\0'; at += length) {
		length = sequence_length(at);
		bool is_control = *at < 0x20 || *at == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0);
		if (length == 0 || is_control)
			return false;
	}
	return true;
}

static bool
is_left_out(const char *name)
{
	for (size_t i = 0; i < array_length(left_out); i++)
		if (strcmp(name, left_out[i]) == 0)
			return true;
	return false;
}

const char *
listing_join(struct arena *arena, const char *folder, const char *name)
{
	return folder[0] == '\0' ? name : arena_printf(arena, "%s/%s", folder, name);
}

const char *
listing_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

const char *
listing_folder(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');
	return slash == NULL ? "" : arena_printf(arena, "%.*s", (int)(slash - path), path);
}

bool
listing_is_below(const struct listing_file *file, const char *folder)
{
	size_t length = strlen(folder);
	return length == 0 || (strncmp(file->path, folder, length) == 0 && file->path[length] == '/');
}

/* ---- listing ---- */

static bool
add_file(struct listing *tree, const char *path)
{
	if (tree->count == FILES_MAX)
		return false;
	if (tree->count == tree->capacity) {
		size_t capacity = tree->capacity != 0 ? tree->capacity * 2 : 256;
		struct listing_file *files = arena_array(tree->arena, struct listing_file, capacity);
		if (tree->count > 0)
			memcpy(files, tree->files, tree->count * sizeof *files);
		tree->files = files;
		tree->capacity = capacity;
	}
	tree->files[tree->count++] = (struct listing_file){.path = path};
	return true;
}

static void
close_folder(DIR **folder)
{
	if (*folder != NULL)
		closedir(*folder);
}

static bool list(struct listing *tree, int fd, const char *path, unsigned depth);

static bool
list_entry(struct listing *tree, int folder_fd, const char *path, const char *name, unsigned depth)
{
	struct stat status;
	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || !is_clean_name(name) ||
	    fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return true;
	if (S_ISREG(status.st_mode))
		return add_file(tree, arena_strdup(tree->arena, listing_join(tree->arena, path, name)));
	if (!S_ISDIR(status.st_mode) || is_left_out(name))
		return true;
	const char *below = listing_join(tree->arena, path, name);
	if (depth == DEPTH_MAX) {
		note(tree, below, "too deep, not looked at");
		return true;
	}
	int fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 || list(tree, fd, arena_strdup(tree->arena, below), depth + 1);
}

/* Takes `fd`. False when there are too many files. */
static bool
list(struct listing *tree, int fd, const char *path, unsigned depth)
{
	scoped(close_folder) DIR *folder = fdopendir(fd);
	struct dirent *entry;
	size_t n_entries = 0;
	if (folder == NULL) {
		close(fd);
		return true;
	}
	while ((entry = readdir(folder)) != NULL && n_entries++ < FOLDER_ENTRIES_MAX)
		if (!list_entry(tree, dirfd(folder), path, entry->d_name, depth))
			return false;
	return true;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct listing_file *)a)->path, ((const struct listing_file *)b)->path);
}

bool
listing_open(const char *folder, struct arena *arena, struct listing *ret, struct error *err)
{
	*ret = (struct listing){.arena = arena, .fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	if (ret->fd < 0)
		return error_set(err, errno == ENOENT || errno == ENOTDIR ? ERROR_NOT_FOUND : ERROR_FILE, "%s: %s",
		                 folder,
		                 strerror(errno));
	int fd = openat(ret->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && !list(ret, fd, "", 0))
		note(ret, folder, "more than 20,000 files: the rest was not looked at");
	if (ret->count > 0)
		qsort(ret->files, ret->count, sizeof *ret->files, compare);
	return true;
}

void
listing_close(struct listing *tree)
{
	file_close_fd(&tree->fd);
}

struct listing_file *
listing_find(struct listing *tree, const char *folder, const char *name)
{
	struct listing_file wanted = {.path = listing_join(tree->arena, folder, name)};
	return tree->count == 0 ? NULL : bsearch(&wanted, tree->files, tree->count, sizeof *tree->files, compare);
}

/* ---- owners ---- */

static bool
has_manifest(struct listing *tree, const char *folder, const char *const *names, size_t n_names)
{
	for (size_t i = 0; i < n_names; i++)
		if (listing_find(tree, folder, names[i]) != NULL)
			return true;
	return false;
}

/* Files are in the order of their paths, so those of one folder mostly follow each other. */
void
listing_own(struct listing *tree, const char *const *names, size_t n_names)
{
	const char *last_folder = NULL, *last_owner = NULL;
	tree->has_owners = true;
	for (size_t i = 0; i < tree->count; i++) {
		const char *folder = listing_folder(tree->files[i].path, tree->arena), *owner = folder;
		if (last_folder == NULL || strcmp(last_folder, folder) != 0) {
			while (!has_manifest(tree, owner, names, n_names) && owner[0] != '\0')
				owner = listing_folder(owner, tree->arena);
			last_folder = folder;
			last_owner = owner;
		}
		tree->files[i].owner = last_owner;
	}
}

/* ---- reading ---- */

/* Opens `path` part by part, so that no part of it is a link. */
static int
open_below(int root, const char *path)
{
	char part[NAME_MAX_BYTES + 1];
	int fd = dup(root);
	for (const char *at = path; fd >= 0;) {
		size_t length = strcspn(at, "/");
		if (length > NAME_MAX_BYTES) {
			close(fd);
			return -1;
		}
		memcpy(part, at, length);
		part[length] = '\0';
		bool is_last = at[length] == '\0';
		int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | (is_last ? O_NONBLOCK : O_DIRECTORY);
		int next = openat(fd, part, flags);
		close(fd);
		if (is_last)
			return next;
		fd = next;
		at += length + 1;
	}
	return fd;
}

static bool
read_text(struct listing *tree, struct listing_file *file, int fd)
{
	scoped(buf_release) struct buf bytes = BUF_INIT(FILE_MAX_BYTES);
	char chunk[16 * 1024];
	ssize_t got;
	while ((got = read(fd, chunk, sizeof chunk)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (!buf_add(&bytes, chunk, (size_t)got)) {
			note(tree, file->path, "larger than 1 MiB, not read");
			return false;
		}
	}
	if (memchr(bytes.bytes, '\0', bytes.length) != NULL) {
		note(tree, file->path, "holds NUL bytes, not read");
		return false;
	}
	file->text = arena_strndup(tree->arena, bytes.bytes, bytes.length);
	file->length = bytes.length;
	return true;
}

const char *
listing_text(struct listing *tree, struct listing_file *file)
{
	struct stat status;
	if (file == NULL || file->was_tried)
		return file != NULL ? file->text : NULL;
	file->was_tried = true;
	if (tree->n_read == READ_MAX_FILES || tree->n_bytes > READ_MAX_BYTES) {
		if (!tree->is_exhausted)
			note(tree, file->path, "2,000 files or 32 MiB were read before it: neither it nor others were");
		tree->is_exhausted = true;
		return NULL;
	}
	tree->n_read++;
	scoped(file_close_fd) int fd = open_below(tree->fd, file->path);
	if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		return NULL;
	if (status.st_size > FILE_MAX_BYTES)
		note(tree, file->path, "larger than 1 MiB, not read");
	else if (read_text(tree, file, fd))
		tree->n_bytes += file->length;
	return file->text;
}

const char *
listing_read(struct listing *tree, const char *folder, const char *name)
{
	return listing_text(tree, listing_find(tree, folder, name));
}

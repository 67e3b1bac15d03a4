#include "core/names/prune.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

static const char prefix[] = "names-", lock_suffix[] = ".lock";
enum { HASH_LENGTH = 16, STEM_LENGTH = sizeof prefix - 1 + HASH_LENGTH, SIBLING_LENGTH = 7 };

enum file_kind { FILE_FOREIGN, FILE_LIST, FILE_LOCK, FILE_PART };

/* "names-0123456789abcdef", that with ".lock", or with the ".XXXXXX" of file_write. */
static enum file_kind
kind_of(const char *name)
{
	static const char hexadecimal[] = "0123456789abcdef";
	if (strncmp(name, prefix, sizeof prefix - 1) != 0 || strspn(name + sizeof prefix - 1, hexadecimal) != HASH_LENGTH)
		return FILE_FOREIGN;
	const char *suffix = name + STEM_LENGTH;
	if (suffix[0] == '\0')
		return FILE_LIST;
	if (strcmp(suffix, lock_suffix) == 0)
		return FILE_LOCK;
	return suffix[0] == '.' && strlen(suffix) == SIBLING_LENGTH ? FILE_PART : FILE_FOREIGN;
}

/* Not one of a time to come, when a clock was set back. */
static bool
is_unused(const struct stat *status)
{
	return time(NULL) - status->st_mtim.tv_sec > NAMES_UNUSED_S;
}

/* A list is used when its refresh is tried, whether somebody answers or not. */
static bool
is_lock_unused(int folder, const char *list)
{
	char name[STEM_LENGTH + sizeof lock_suffix];
	struct stat status;
	memcpy(name, list, STEM_LENGTH);
	memcpy(name + STEM_LENGTH, lock_suffix, sizeof lock_suffix);
	return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || is_unused(&status);
}

/* Who has opened it and is about to lock it would refresh alone: that is no harm. */
static bool
is_held(int folder, const char *lock)
{
	scoped(file_close_fd) int fd = openat(folder, lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;
}

static void
prune_entry(int folder, const char *name)
{
	struct stat status;
	enum file_kind kind = kind_of(name);
	if (kind == FILE_FOREIGN || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || !is_unused(&status))
		return;
	if ((kind == FILE_LIST && !is_lock_unused(folder, name)) || (kind == FILE_LOCK && is_held(folder, name)))
		return;
	unlinkat(folder, name, 0);
}

static void
close_folder(DIR **folder)
{
	if (*folder != NULL)
		closedir(*folder);
}

void
names_prune(const char *path)
{
	scoped(arena_release) struct arena scratch = {0};
	char *name = file_beside(&scratch, path, "");
	size_t length = strlen(name);
	if (length < 2)
		return;
	name[length - 1] = '\0'; /* a link that ends in "/" would be followed */
	int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	scoped(close_folder) DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	if (folder == NULL) {
		file_close_fd(&fd);
		return;
	}
	for (int i = 0; i < NAMES_PRUNE_MAX && (entry = readdir(folder)) != NULL; i++)
		prune_entry(dirfd(folder), entry->d_name);
}

#include "core/names/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

/* An image: 255 of its repository and 128 of the tag (OCI distribution specification). */
enum { NAME_MAX_BYTES = 384, LOCK_MODE = 0600 };

static const char first_line[] = "paas names 1\n";

/* ---- names ---- */

static bool
is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* DNS names and images; neither a shell nor a terminal sees more than a word in them. */
static bool
is_name(const char *text, size_t length)
{
	if (length == 0 || length > NAME_MAX_BYTES || !is_alphanumeric(text[0]))
		return false;
	for (size_t i = 1; i < length; i++)
		if (!is_alphanumeric(text[i]) && (text[i] == '\0' || strchr(".-_/:", text[i]) == NULL))
			return false;
	return true;
}

struct names
names_new(struct arena *arena)
{
	return (struct names){.entries = arena_array(arena, struct names_entry, NAMES_MAX)};
}

/* A release comes once a replica set; equal ones are near each other, other names come once. */
static bool
is_repeated(const struct names *names, const char *name, const char *application)
{
	enum { NEAR = 64 };
	for (size_t i = names->count; i > 0 && names->count - i < NEAR; i--)
		if (strcmp(names->entries[i - 1].name, name) == 0 &&
		    strcmp(names->entries[i - 1].application, application) == 0)
			return true;
	return false;
}

void
names_add(struct names *names, const char *name, const char *application, struct arena *arena)
{
	if (names->count == NAMES_MAX || !is_name(name, strlen(name)) || is_repeated(names, name, application) ||
	    (application[0] != '\0' && !is_name(application, strlen(application))))
		return;
	names->entries[names->count++] = (struct names_entry){arena_strdup(arena, name), arena_strdup(arena, application)};
}

/* ---- the file ---- */

bool
names_format(const struct names *names, const char *key, struct buf *buf)
{
	buf_printf(buf, "%s%s\n", first_line, key);
	for (size_t i = 0; i < names->count; i++) {
		const struct names_entry *entry = &names->entries[i];
		buf_printf(buf, "%s%s%s\n", entry->name, entry->application[0] != '\0' ? "\t" : "", entry->application);
	}
	buf_printf(buf, "end %zu\n", names->count);
	return !buf->overflow;
}

/* Takes `text` off the beginning of what is left. */
static bool
skip(const char **at, const char *end, const char *text)
{
	size_t length = strlen(text);
	if ((size_t)(end - *at) < length || memcmp(*at, text, length) != 0)
		return false;
	*at += length;
	return true;
}

static bool
read_entry(const char *line, size_t length, struct arena *arena, struct names *names)
{
	const char *tab = memchr(line, '\t', length);
	size_t name_length = tab != NULL ? (size_t)(tab - line) : length;
	if (names->count == NAMES_MAX || !is_name(line, name_length))
		return false;
	if (tab != NULL && !is_name(tab + 1, length - name_length - 1))
		return false;
	names->entries[names->count++] = (struct names_entry){
		.name = arena_strndup(arena, line, name_length),
		.application = tab != NULL ? arena_strndup(arena, tab + 1, length - name_length - 1) : "",
	};
	return true;
}

/* "end N" and nothing after it. */
static bool
is_end(const char *at, const char *end, size_t count)
{
	char expected[32];
	snprintf(expected, sizeof expected, "end %zu\n", count);
	return skip(&at, end, expected) && at == end;
}

bool
names_parse(const char *bytes, size_t length, const char *key, struct arena *arena, struct names *ret)
{
	const char *at = bytes, *end = bytes + length, *newline;
	if (!skip(&at, end, first_line) || !skip(&at, end, key) || !skip(&at, end, "\n"))
		return false;
	struct names names = names_new(arena);
	while ((newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		if (newline - at >= 4 && memcmp(at, "end ", 4) == 0) {
			if (!is_end(at, end, names.count))
				return false;
			*ret = names;
			return true;
		}
		if (!read_entry(at, (size_t)(newline - at), arena, &names))
			return false;
		at = newline + 1;
	}
	return false;
}

/* ---- where it is ---- */

/* FNV-1a: names a file; that it is the right one is checked in it. */
static uint64_t
hash_text(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325;
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return hash;
}

const char *
names_path(const char *key, struct arena *arena)
{
	return file_cache_path(arena, arena_printf(arena, "names-%016llx", (unsigned long long)hash_text(key)));
}

bool
names_load(const char *path, const char *key, struct arena *arena, struct names *ret)
{
	struct error ignored;
	char *bytes;
	size_t length;
	return file_read(path, NAMES_FILE_MAX, arena, &bytes, &length, &ignored) &&
	       names_parse(bytes, length, key, arena, ret);
}

/* ---- whose turn it is ---- */

/* Real time, as that of files, whatever rate our clock runs at. */
static int64_t
age_ms(const struct stat *status)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t age = (now.tv_sec - status->st_mtim.tv_sec) * 1000 + (now.tv_nsec - status->st_mtim.tv_nsec) / 1000000;
	return age >= 0 ? age : INT64_MAX; /* a clock that was set back */
}

static const char *
lock_path(const char *path, struct arena *arena)
{
	return arena_printf(arena, "%s.lock", path);
}

/* A lock file is empty until the first try: who made it and who locks it first may be two. */
static int64_t
tried_ms(const struct stat *status)
{
	return status->st_size > 0 ? age_ms(status) : INT64_MAX;
}

int64_t
names_tried_ms(const char *path)
{
	scoped(arena_release) struct arena scratch = {0};
	struct stat status;
	return stat(lock_path(path, &scratch), &status) == 0 ? tried_ms(&status) : INT64_MAX;
}

static int
open_lock(const char *path)
{
	scoped(arena_release) struct arena scratch = {0};
	struct error ignored;
	char *folder = file_beside(&scratch, path, "");
	folder[strlen(folder) - 1] = '\0';
	if (!file_make_folder(folder, &ignored))
		return -1;
	return open(lock_path(path, &scratch), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, LOCK_MODE);
}

static enum names_claim
try_lock(int lock)
{
	struct stat status;
	if (flock(lock, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? NAMES_OTHERS : NAMES_ALONE;
	if (fstat(lock, &status) != 0)
		return NAMES_ALONE;
	if (tried_ms(&status) < NAMES_FRESH_MS)
		return NAMES_TRIED;
	return pwrite(lock, "1", 1, 0) == 1 ? NAMES_MINE : NAMES_ALONE;
}

enum names_claim
names_claim(const char *path, int *ret_lock)
{
	int lock = open_lock(path);
	enum names_claim claim = lock >= 0 ? try_lock(lock) : NAMES_ALONE;
	if (claim == NAMES_MINE)
		*ret_lock = lock;
	else
		file_close_fd(&lock);
	return claim;
}

#include "store/token_store.h"

#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/session_cache.h"
#include "store/token_store_parts.h"

static const char file_name[] = "tokens", lock_name[] = "tokens.lock";

/* ---- life ---- */

/* Links on the way to the home folder are the machine's (/home on another disk); below it there shall be none. */
static const char *
default_folder(struct arena *arena)
{
	char real[PATH_MAX];
	const char *home = getenv("HOME"), *path = file_xdg_path(arena, "XDG_DATA_HOME", ".local/share", "");
	size_t length = home != NULL ? strlen(home) : 0;
	if (path == NULL || length == 0 || strncmp(path, home, length) != 0 || path[length] != '/' || realpath(home, real) == NULL)
		return path;
	return arena_printf(arena, "%s%s", real, path + length);
}

bool
token_store_open(const struct token_store_options *options, struct token_store **ret, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	struct token_folder folder;
	const char *path = options->folder != NULL ? options->folder : default_folder(&arena);
	if (path == NULL) {
		error_put(err, ERROR_FILE, "there is no home folder to keep tokens in: neither XDG_DATA_HOME nor HOME is set");
		return error_next(err, "set HOME, or give the token in PAAS_TOKEN");
	}
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/')
		length--;
	path = arena_strndup(&arena, path, length);
	if (!token_folder_open(path, &folder, err))
		return error_doing(err, "opening the token store");
	token_folder_clean(&folder, false);
	struct token_store *store = calloc(1, sizeof *store);
	if (store == NULL)
		abort();
	*store = (struct token_store){.folder = folder, .keys = options->keys, .lock_fd = -1,
	                              .path = strdup(arena_printf(&arena, "%s/%s", path, file_name))};
	if (store->path == NULL)
		abort();
	*ret = store;
	return true;
}

void
token_store_close(struct token_store **store)
{
	if (*store == NULL)
		return;
	token_store_unlock(*store);
	token_folder_close(&(*store)->folder);
	secret_free((*store)->master);
	free((*store)->path);
	free(*store);
	*store = NULL;
}

const char *
token_store_path(const struct token_store *store)
{
	return store->path;
}

bool
token_store_exists(const struct token_store *store)
{
	return faccessat(store->folder.fd, file_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

const char *
token_store_warning(const struct token_store *store)
{
	return store->warning[0] != '\0' ? store->warning : NULL;
}

void
token_id_text(const unsigned char id[static TOKEN_ID_BYTES], char ret[static TOKEN_ID_TEXT_BYTES])
{
	sodium_bin2hex(ret, TOKEN_ID_TEXT_BYTES, id, TOKEN_ID_BYTES);
}

/* ---- reading ---- */

void
token_image_release(struct token_image *image)
{
	buf_release(&image->bytes);
}

bool
token_store_load(struct token_store *store, struct token_image *ret, struct error *err)
{
	ret->bytes = (struct buf)BUF_INIT(TOKEN_FILE_MAX);
	if (!token_folder_read(&store->folder, file_name, &ret->bytes, &ret->info, &ret->exists, err))
		return false;
	return !ret->exists || token_file_parse(ret->bytes.bytes, ret->bytes.length, &ret->file, err) ||
	       error_from(err, "file", store->path, "");
}

/* Another process wrote a newer one after we read ours. */
static bool
was_overtaken(struct token_store *store, uint64_t seen)
{
	scoped(token_image_release) struct token_image now = {.bytes = BUF_INIT(0)};
	struct error ignored;
	return token_store_load(store, &now, &ignored) && now.exists && now.file.header.generation >= seen;
}

/* An old copy that was put back: worked with, but said. */
static void
notice_generation(struct token_store *store, const struct token_header *header)
{
	char id[TOKEN_ID_TEXT_BYTES];
	token_id_text(header->id, id);
	uint64_t seen = token_generation_seen(id);
	if (seen > header->generation && !was_overtaken(store, seen))
		snprintf(store->warning, sizeof store->warning,
		         "the store is older than the one used last (generation %llu, was %llu); paas login if a system refuses",
		         (unsigned long long)header->generation, (unsigned long long)seen);
	else if (seen < header->generation)
		token_generation_note(id, header->generation);
}

bool
token_store_read(struct token_store *store, struct token_list **ret, struct error *err)
{
	scoped(token_image_release) struct token_image image = {.bytes = BUF_INIT(0)};
	scoped(secret_release) struct secret *content = NULL;
	if (!token_store_load(store, &image, err))
		return error_doing(err, "reading the token store");
	if (!image.exists) {
		*ret = token_list_new();
		return true;
	}
	if (!token_store_unlock_file(store, &image.file, &content, err) || !token_list_read(content, ret, err))
		return error_doing(err, "reading the token store");
	notice_generation(store, &image.file.header);
	return true;
}

/* ---- changing ---- */

bool
token_store_lock(struct token_store *store, int64_t deadline_ms, struct error *err)
{
	/* Another descriptor of our own waits like that of another process. */
	int fd;
	if (!token_folder_make(&store->folder, err) || !token_folder_lock(&store->folder, lock_name, deadline_ms, &fd, err))
		return error_doing(err, "locking the token store");
	store->lock_fd = fd;
	token_folder_clean(&store->folder, true);
	return true;
}

void
token_store_unlock(struct token_store *store)
{
	file_close_fd(&store->lock_fd);
}

/* One more than this file and than any seen before: an old copy that was put back is overtaken. */
bool
token_store_save(struct token_store *store, struct token_header *header, const struct secret *content, struct error *err)
{
	char id[TOKEN_ID_TEXT_BYTES];
	scoped(buf_release) struct buf bytes = BUF_INIT(TOKEN_FILE_MAX);
	token_id_text(header->id, id);
	uint64_t seen = token_generation_seen(id);
	header->generation = (seen > header->generation ? seen : header->generation) + 1;
	if (!token_file_seal(header, store->master, content, NULL, &bytes, err) ||
	    !token_folder_replace(&store->folder, file_name, &bytes, err))
		return false;
	token_generation_note(id, header->generation);
	return true;
}

/* Whoever copies a folder copies both. */
static bool
is_beside(const struct token_store *store, const char *key_file)
{
	size_t length = strlen(store->folder.path);
	return key_file != NULL && strncmp(key_file, store->folder.path, length) == 0 && key_file[length] == '/' &&
	       strchr(key_file + length + 1, '/') == NULL;
}

/* With the keys there are; the file is made when it is written. */
static bool
begin(struct token_store *store, struct token_header *header, struct error *err)
{
	*header = (struct token_header){.format = TOKEN_FILE_FORMAT};
	randombytes_buf(header->id, sizeof header->id);
	secret_free(store->master);
	store->master = token_master_new();
	if (is_beside(store, store->keys->key_file))
		snprintf(store->warning, sizeof store->warning, "the key file lies beside the store: who copies one copies both");
	return token_slots_make(store->keys, store->master, header, err);
}

bool
token_store_write(struct token_store *store, const struct token_list *list, struct error *err)
{
	scoped(token_image_release) struct token_image image = {.bytes = BUF_INIT(0)};
	scoped(secret_release) struct secret *before = NULL;
	scoped(secret_release) struct secret *content = token_list_write(list);
	if (!token_store_load(store, &image, err))
		return error_doing(err, "writing the token store");
	struct token_header header = image.file.header;
	if (!(image.exists ? token_store_unlock_file(store, &image.file, &before, err) : begin(store, &header, err)))
		return error_doing(err, "writing the token store");
	if (token_store_save(store, &header, content, err))
		return true;
	if (!image.exists)
		token_slots_forget(&header);
	return error_doing(err, "writing the token store");
}

enum { PATIENCE_MS = 20000 };

bool
token_store_prepare(struct token_store *store, struct error *err)
{
	scoped(token_list_release) struct token_list *list = NULL;
	bool is_ready = token_store_exists(store) ? token_store_read(store, &list, err) : token_slots_check(store->keys, err);
	if (!is_ready || !token_store_lock(store, PATIENCE_MS, err)) /* not held while somebody looks for a passphrase */
		return false;
	token_store_unlock(store);
	return true;
}

/* The lock is held. */
static bool
discard_locked(struct token_store *store, struct error *err)
{
	scoped(token_image_release) struct token_image image = {.bytes = BUF_INIT(0)};
	struct error ignored;
	char id[TOKEN_ID_TEXT_BYTES];
	bool is_whole = token_store_load(store, &image, &ignored) && image.exists;
	if (!token_folder_remove(&store->folder, file_name, err))
		return false;
	if (!is_whole)
		return true;
	token_slots_forget(&image.file.header);
	token_id_text(image.file.header.id, id);
	session_cache_forget(id);
	return true;
}

bool
token_store_discard(struct token_store *store, struct error *err)
{
	if (!token_store_lock(store, PATIENCE_MS, err))
		return false;
	bool is_gone = discard_locked(store, err);
	token_store_unlock(store);
	return is_gone || error_doing(err, "deleting the token store");
}

bool
token_store_put(struct token_store *store, const struct token_entry *entry, struct error *err)
{
	scoped(token_list_release) struct token_list *list = NULL;
	if (!token_store_lock(store, PATIENCE_MS, err))
		return false;
	bool is_done = token_store_read(store, &list, err) && token_list_put(list, entry, err) && token_store_write(store, list, err);
	token_store_unlock(store);
	return is_done;
}

bool
token_store_remove(struct token_store *store, const char *system, const char *origin, bool *ret_removed, struct error *err)
{
	scoped(token_list_release) struct token_list *list = NULL;
	if (!token_store_lock(store, PATIENCE_MS, err))
		return false;
	bool is_done = token_store_read(store, &list, err);
	bool is_removed = is_done && token_list_remove(list, system, origin);
	if (is_removed)
		is_done = token_store_write(store, list, err);
	token_store_unlock(store);
	if (is_done)
		*ret_removed = is_removed;
	return is_done;
}

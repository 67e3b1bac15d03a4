/* The token store looked at from outside, with new keys, and carried away. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/session_cache.h"
#include "store/token_slot.h"
#include "store/token_store_parts.h"

/* ---- inspecting ---- */

static void
describe(const struct token_header *header, struct arena *arena, struct token_store_info *info)
{
	info->format = header->format;
	info->generation = header->generation;
	info->n_slots = header->n_slots;
	token_id_text(header->id, info->id);
	for (size_t i = 0; i < header->n_slots; i++)
		info->slots[i] = (struct token_slot_info){token_slot_type_name(header->slots[i]), token_slot_label(header->slots[i], arena)};
}

bool
token_store_inspect(struct token_store *store, struct arena *arena, struct token_store_info *ret, struct error *err)
{
	scoped(token_image_release) struct token_image image = {.bytes = BUF_INIT(0)};
	struct error problem;
	bool is_whole = token_store_load(store, &image, &problem);
	if (!is_whole && problem.code != ERROR_INVALID_FILE) {
		*err = problem;
		return error_doing(err, "looking at the token store");
	}
	if (!image.exists) {
		error_put(err, ERROR_NOT_FOUND, "there is no token store at %s", store->path);
		return error_next(err, "paas login makes one");
	}
	*ret = (struct token_store_info){
		.bytes = (int64_t)image.info.st_size,
		.mode = image.info.st_mode & 07777,
		.is_remote = store->folder.is_remote,
		.is_whole = is_whole,
		.why = is_whole ? NULL : arena_strdup(arena, problem.why),
	};
	if (is_whole)
		describe(&image.file.header, arena, ret);
	return true;
}

/* ---- new keys ---- */

/* The lock is held.  Keys of the old slots are forgotten only when the new file is there. */
static bool
rekey_locked(struct token_store *store, const struct token_keys *keys, struct error *err)
{
	scoped(token_image_release) struct token_image image = {.bytes = BUF_INIT(0)};
	scoped(secret_release) struct secret *content = NULL;
	char id[TOKEN_ID_TEXT_BYTES];
	if (!token_store_load(store, &image, err))
		return false;
	if (!image.exists)
		return error_set(err, ERROR_NOT_FOUND, "there is no token store at %s", store->path);
	if (!token_store_unlock_file(store, &image.file, &content, err))
		return false;
	struct token_header header = image.file.header;
	secret_free(store->master);
	store->master = token_master_new();
	if (!token_slots_make(keys, store->master, &header, err))
		return false;
	if (!token_store_save(store, &header, content, err)) {
		token_slots_forget(&header);
		return false;
	}
	token_slots_forget(&image.file.header);
	token_id_text(header.id, id);
	session_cache_forget(id);
	return true;
}

bool
token_store_rekey(struct token_store *store, const struct token_keys *keys, struct error *err)
{
	enum { PATIENCE_MS = 20000 };
	if (!token_store_lock(store, PATIENCE_MS, err))
		return false;
	bool is_done = rekey_locked(store, keys, err);
	token_store_unlock(store);
	return is_done || error_doing(err, "changing the keys of the token store");
}

/* ---- carrying away ---- */

static bool
write_new(const char *path, const struct buf *bytes, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(err, ERROR_FILE, "create %s: %s", path, strerror(errno));
	bool is_written = token_folder_write_all(fd, bytes);
	int reason = errno;
	if (close(fd) != 0 && is_written) {
		is_written = false;
		reason = errno;
	}
	if (is_written)
		return true;
	unlink(path);
	return error_set(err, ERROR_FILE, "write %s: %s", path, strerror(reason));
}

bool
token_store_export(const struct token_list *list, const struct secret *passphrase, const char *path, struct error *err)
{
	struct token_header header = {.format = TOKEN_FILE_FORMAT, .n_slots = 1, .generation = 1};
	struct token_slot_plan plan = {
		.type = TOKEN_SLOT_PASSPHRASE, .cost = token_cost_calibrate(), .with = passphrase, .label = "export"};
	scoped(secret_release) struct secret *master = token_master_new(), *content = token_list_write(list);
	scoped(buf_release) struct buf bytes = BUF_INIT(TOKEN_FILE_MAX);
	randombytes_buf(header.id, sizeof header.id);
	return (token_slot_wrap(&plan, header.id, master, header.slots[0], err) &&
	        token_file_seal(&header, master, content, NULL, &bytes, err) && write_new(path, &bytes, err)) ||
	       error_doing(err, "exporting the tokens");
}

static bool
open_with_passphrase(const struct token_file *file, const struct secret *passphrase, struct secret **ret, struct error *err)
{
	for (size_t i = 0; i < file->header.n_slots; i++) {
		scoped(secret_release) struct secret *master = NULL;
		const unsigned char *slot = file->header.slots[i];
		if (token_slot_type(slot) != TOKEN_SLOT_PASSPHRASE)
			continue;
		if (token_slot_unwrap(slot, file->header.id, passphrase, &master, err))
			return token_file_open(file, master, ret, err);
		if (err->code != ERROR_NOT_LOGGED_IN)
			return false;
	}
	return error_set(err, ERROR_NOT_LOGGED_IN, "the passphrase does not open the file, which is whole");
}

bool
token_store_import(const char *path, const struct secret *passphrase, struct token_list **ret, struct error *err)
{
	scoped(arena_release) struct arena arena = {0};
	scoped(secret_release) struct secret *content = NULL;
	struct token_file file;
	char *bytes;
	size_t length;
	return (file_read(path, TOKEN_FILE_MAX, &arena, &bytes, &length, err) && token_file_parse(bytes, length, &file, err) &&
	        open_with_passphrase(&file, passphrase, &content, err) && token_list_read(content, ret, err)) ||
	       error_doing(err, "importing tokens");
}

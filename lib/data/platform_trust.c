#include "data/platform_trust.h"

#include <dirent.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "data/json.h"

enum { STATE_MAX = 64 * 1024, FILE_MAX = 1024 * 1024, HASH_BYTES = 32, ORIGINS_MAX = 16 };
#define STATE "trust.json"
#define FILE_NAME "platform.yml"
#define SIGNATURE_SUFFIX ".minisig"

static const char *
folder_of_trust(struct arena *arena)
{
	return file_xdg_path(arena, "XDG_DATA_HOME", ".local/share", "platform");
}

/* ---- keys ---- */

bool
trust_add_key(struct trust *trust, const struct minisign_key *key, bool *ret_is_new, struct error *err)
{
	char id[MINISIGN_ID_BYTES];
	*ret_is_new = false;
	for (size_t i = 0; i < trust->n_keys; i++)
		if (!memcmp(trust->keys[i].key, key->key, sizeof(key->key)))
			return true;
	if (trust->n_keys == TRUST_KEYS_MAX) {
		error_put(err, ERROR_CONFLICT, "%d keys are pinned already", TRUST_KEYS_MAX);
		return error_next(err, "paas config trust --remove %s", minisign_key_id(&trust->keys[0], id));
	}
	trust->keys[trust->n_keys++] = *key;
	*ret_is_new = true;
	return true;
}

bool
trust_remove_key(struct trust *trust, const char *id, struct error *err)
{
	for (size_t i = 0; i < trust->n_keys; i++) {
		char own[MINISIGN_ID_BYTES];
		if (strcasecmp(minisign_key_id(&trust->keys[i], own), id + strspn(id, "0")))
			continue;
		trust->keys[i] = trust->keys[--trust->n_keys];
		return true;
	}
	error_put(err, ERROR_NOT_FOUND, "no key %s is pinned", id);
	return error_next(err, "paas config trust");
}

/* ---- the state ---- */

static void
read_keys(const json_t *state, struct trust *trust)
{
	const json_t *key;
	size_t i;
	json_array_foreach(json_object_get(state, "keys"), i, key) {
		const char *text = json_string_value(key);
		struct error ignored;
		if (text && trust->n_keys < TRUST_KEYS_MAX &&
		    minisign_read_key(text, strlen(text), &trust->keys[trust->n_keys], &ignored))
			trust->n_keys++;
	}
}

static void
read_origins(json_t *state, struct trust *trust)
{
	const char *url;
	json_t *origin;
	trust->origins = arena_array(trust->arena, struct trust_origin, ORIGINS_MAX + 1);
	json_object_foreach(json_object_get(state, "origins"), url, origin) {
		if (trust->n_origins == ORIGINS_MAX)
			break;
		trust->origins[trust->n_origins++] = (struct trust_origin){
			.url = arena_strdup(trust->arena, url),
			.serial = json_int_at(origin, "serial", 0),
			.hash = arena_strdup(trust->arena, json_text_or(origin, "hash", "")),
			.fetched_at_ms = clock_parse_ms(json_text_or(origin, "fetched_at", "")),
			.key_id = arena_strdup(trust->arena, json_text_or(origin, "key", "")),
		};
	}
	const char *current = json_text_at(state, "current");
	trust->current = current ? arena_strdup(trust->arena, current) : NULL;
}

bool
trust_load(struct arena *arena, struct trust *ret, struct error *err)
{
	struct trust trust = {.arena = arena, .folder = folder_of_trust(arena)};
	char *bytes;
	size_t length;
	struct error absent;
	if (!trust.folder)
		return error_set(err, ERROR_FILE, "there is no folder for data: neither $XDG_DATA_HOME nor $HOME is set");
	const char *path = arena_printf(arena, "%s/" STATE, trust.folder);
	if (!file_read(path, STATE_MAX, arena, &bytes, &length, &absent)) {
		if (absent.code != ERROR_NOT_FOUND) {
			*err = absent;
			return false;
		}
		trust.origins = arena_array(arena, struct trust_origin, ORIGINS_MAX + 1);
		*ret = trust;
		return true;
	}
	scoped(json_release) json_t *state = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(state)) {
		error_put(err, ERROR_INVALID_FILE, "%s is not what paas wrote", path);
		return error_next(err, "remove it, then pin your platform team's key again: paas config trust KEY");
	}
	read_keys(state, &trust);
	read_origins(state, &trust);
	*ret = trust;
	return true;
}

bool
trust_save(const struct trust *trust, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	json_t *keys = json_array(), *origins = json_object();
	for (size_t i = 0; i < trust->n_keys; i++)
		json_array_append_new(keys, json_string(trust->keys[i].text));
	for (size_t i = 0; i < trust->n_origins; i++) {
		const struct trust_origin *origin = &trust->origins[i];
		char time[CLOCK_TEXT_BYTES];
		json_object_set_new(origins, origin->url,
		                    json_pack("{s:I, s:s, s:s, s:s}", "serial", (json_int_t)origin->serial, "hash", origin->hash,
		                              "fetched_at", clock_format(origin->fetched_at_ms, time), "key", origin->key_id));
	}
	scoped(json_release) json_t *state = json_pack("{s:o, s:o, s:s?}", "keys", keys, "origins", origins, "current",
	                                               trust->current);
	const char *text = json_write(state, &scratch);
	return file_write(arena_printf(&scratch, "%s/" STATE, trust->folder), text, strlen(text), 0600, err);
}

const struct trust_origin *
trust_find_origin(const struct trust *trust, const char *url)
{
	for (size_t i = 0; i < trust->n_origins; i++)
		if (!strcmp(trust->origins[i].url, url))
			return &trust->origins[i];
	return NULL;
}

void
trust_set_origin(struct trust *trust, const struct trust_origin *origin)
{
	size_t i = 0;
	while (i < trust->n_origins && strcmp(trust->origins[i].url, origin->url))
		i++;
	if (i == ORIGINS_MAX) /* the one looked at first is forgotten */
		memmove(trust->origins, trust->origins + 1, --i * sizeof(*trust->origins));
	trust->origins[i] = *origin;
	trust->n_origins = i < trust->n_origins ? trust->n_origins : i + 1;
}

/* ---- stored files ---- */

const char *
trust_hash(const char *bytes, size_t length, struct arena *arena)
{
	unsigned char hash[HASH_BYTES];
	char text[2 * HASH_BYTES + 1];
	crypto_generichash(hash, sizeof(hash), (const unsigned char *)bytes, length, NULL, 0);
	return arena_strdup(arena, sodium_bin2hex(text, sizeof(text), hash, sizeof(hash)));
}

static bool
verify(const struct trust *trust, const struct trust_candidate *candidate, const char **ret_key_id, struct error *err)
{
	struct minisign_signature signature;
	if (!minisign_read_signature(candidate->signature, candidate->signature_length, &signature, err) ||
	    !minisign_verify(&signature, trust->keys, trust->n_keys, candidate->bytes, candidate->length, err))
		return false;
	for (size_t i = 0; i < trust->n_keys; i++) {
		char id[MINISIGN_ID_BYTES];
		if (!memcmp(trust->keys[i].id, signature.id, sizeof(signature.id)))
			*ret_key_id = arena_strdup(trust->arena, minisign_key_id(&trust->keys[i], id));
	}
	return true;
}

/* A folder a content: what is in use is never overwritten. */
bool
trust_store(const struct trust *trust, const struct trust_candidate *candidate, struct arena *arena,
            const char **ret_path, const char **ret_key_id, struct error *err)
{
	if (!verify(trust, candidate, ret_key_id, err))
		return false;
	const char *hash = trust_hash(candidate->bytes, candidate->length, arena);
	const char *path = arena_printf(arena, "%s/%.16s/" FILE_NAME, trust->folder, hash);
	const char *beside = arena_printf(arena, "%s" SIGNATURE_SUFFIX, path);
	*ret_path = path;
	return file_write(beside, candidate->signature, candidate->signature_length, 0600, err) &&
	       file_write(path, candidate->bytes, candidate->length, 0600, err);
}

static int
is_store(const struct dirent *entry)
{
	return strlen(entry->d_name) == 16 && strspn(entry->d_name, "0123456789abcdef") == 16;
}

void
trust_forget_others(const struct trust *trust, const char *path)
{
	static const char *const names[] = {FILE_NAME, FILE_NAME SIGNATURE_SUFFIX};
	scoped(arena_release) struct arena scratch = {0};
	struct dirent **entries;
	int n = scandir(trust->folder, &entries, is_store, alphasort);
	for (int i = 0; i < n; i++) {
		const char *folder = arena_printf(&scratch, "%s/%s", trust->folder, entries[i]->d_name);
		bool is_kept = path && !strncmp(path, folder, strlen(folder));
		for (size_t name = 0; name < array_length(names) && !is_kept; name++)
			(void)unlink(arena_printf(&scratch, "%s/%s", folder, names[name]));
		if (!is_kept)
			(void)rmdir(folder);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

bool
trust_is_stored(const char *path)
{
	scoped(arena_release) struct arena scratch = {0};
	const char *folder = folder_of_trust(&scratch);
	size_t length = folder ? strlen(folder) : 0;
	return length && !strncmp(path, folder, length) && path[length] == '/';
}

bool
trust_check_stored(const char *path, struct error *err)
{
	scoped(arena_release) struct arena scratch = {0};
	struct trust trust;
	struct trust_candidate candidate = {0};
	char *bytes, *signature;
	const char *key_id;
	if (!trust_is_stored(path))
		return true;
	bool is_fine = trust_load(&scratch, &trust, err) &&
	               file_read(path, FILE_MAX, &scratch, &bytes, &candidate.length, err) &&
	               file_read(arena_printf(&scratch, "%s" SIGNATURE_SUFFIX, path), MINISIGN_FILE_MAX, &scratch, &signature,
	                         &candidate.signature_length, err);
	candidate.bytes = is_fine ? bytes : NULL;
	candidate.signature = is_fine ? signature : NULL;
	if (is_fine && verify(&trust, &candidate, &key_id, err))
		return true;
	err->code = ERROR_INVALID_FILE;
	error_put_next(err, "fetch it again: paas config use");
	return error_doing(err, "verifying the platform file %s", path);
}

/* A folder of its own, keys that cost nothing, and entries to keep. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "store/token_slot.h"
#include "store/token_store.h"

static struct arena arena;
static char folder[64], key_path[80];
static const char *answer = "correct horse"; /* of whoever is asked; NULL: wants none */
static int times_asked;
static struct token_keys by_file __attribute__((unused)) = {.key_file = key_path, .without_keyring = true, .without_cache = true};

static inline bool
answer_passphrase(void *data, bool is_new, struct secret **ret, struct error *err)
{
	(void)data;
	(void)is_new;
	(void)err;
	times_asked++;
	if (answer != NULL)
		*ret = secret_new(answer, strlen(answer));
	return true;
}
static struct token_keys by_passphrase __attribute__((unused)) = {
	.without_keyring = true, .without_cache = true, .cost = {1, 8}, .ask_passphrase = answer_passphrase};

static inline char *
in_folder(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder, name);
}

static inline int
set_up_store(void **state)
{
	struct error err;
	(void)state;
	umask(022);
	unsetenv("DBUS_SESSION_BUS_ADDRESS");
	snprintf(folder, sizeof folder, "/tmp/paas-store-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	setenv("HOME", folder, 1);
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_STATE_HOME");
	snprintf(key_path, sizeof key_path, "%s/key", folder);
	answer = "correct horse";
	times_asked = 0;
	return file_write(key_path, "0123456789abcdef0123456789abcdef", 32, 0600, &err) ? 0 : -1;
}

static inline int
tear_down_store(void **state)
{
	char command[200];
	(void)state;
	arena_release(&arena);
	snprintf(command, sizeof command, "chmod -R u+rwx '%s'; rm -rf '%s'", folder, folder);
	return system(command);
}

static inline struct token_store *
open_store(const struct token_keys *keys)
{
	struct token_store *store = NULL;
	struct error err = {0};
	if (!token_store_open(&(struct token_store_options){.folder = in_folder("store"), .keys = keys}, &store, &err))
		fail_msg("%s: %s", err.what, err.why);
	return store;
}

static inline struct secret *
secret_of(const char *text)
{
	return secret_new(text, strlen(text));
}

/* Puts "token-N" for https://N.example. */
static inline bool
put_numbered(struct token_store *store, int number, struct error *err)
{
	scoped(arena_release) struct arena texts = {0};
	scoped(secret_release) struct secret *token = secret_of(arena_printf(&texts, "token-%d", number));
	return token_store_put(store, &(struct token_entry){.system = "github", .origin = arena_printf(&texts, "https://%d.example", number),
	                                                    .token = token, .kind = TOKEN_KIND_BEARER}, err);
}

/* The token, as text; NULL: none. */
static inline const char *
numbered(const struct token_list *list, int number)
{
	const struct token_entry *entry = token_list_find(list, "github", arena_printf(&arena, "https://%d.example", number));
	return entry != NULL ? secret_reveal(entry->token) : NULL;
}

/* What the store holds now, read by another reader. */
static inline struct token_list *
list_now(const struct token_keys *keys)
{
	struct token_store *store = open_store(keys);
	struct token_list *list = NULL;
	struct error err = {0};
	if (!token_store_read(store, &list, &err))
		fail_msg("%s: %s", err.what, err.why);
	token_store_close(&store);
	return list;
}

#endif

/* The store as a whole: what is put is there again, by each key, and nothing is lost. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "store/guarded.h"
#include "store_fixture.h"

static void
test_store__an_absent_file_is_an_empty_list(void **state)
{
	struct error err;
	scoped(token_store_close) struct token_store *store = open_store(&by_passphrase);
	scoped(token_list_release) struct token_list *list = NULL;
	(void)state;
	assert_false(token_store_exists(store));
	assert_true(token_store_read(store, &list, &err));
	assert_int_equal(token_list_count(list), 0);
	assert_int_equal(times_asked, 0);
	assert_false(file_exists(in_folder("store"))); /* reading writes nothing */
	bool is_removed;
	assert_true(token_store_remove(store, "github", "https://1.example", &is_removed, &err));
	assert_false(is_removed || token_store_exists(store));
}

static void
test_store__gives_back_what_was_put(void **state)
{
	struct error err = {0};
	const struct token_keys *const keys[] = {&by_file, &by_passphrase};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		scoped(token_store_close) struct token_store *store = open_store(keys[i]);
		scoped(secret_release) struct secret *token = secret_of("t\"\\\n\xc3\xa4"), *refresh = secret_of("r"), *id = secret_of("i");
		struct token_entry entry = {.system = "sso", .origin = "https://sso.example:8443", .account = "maria \"m\"", .kind = TOKEN_KIND_COOKIE,
		                            .scopes = "openid groups", .token = token, .refresh_token = refresh, .expires_at_ms = 1790000000123,
		                            .obtained_at_ms = 7, .extra = {{"id_token", id}}, .n_extra = 1};
		assert_true(token_store_put(store, &entry, &err));
		assert_true(put_numbered(store, 1, &err));
		scoped(token_list_release) struct token_list *list = list_now(keys[i]);
		assert_int_equal(token_list_count(list), 2);
		const struct token_entry *got = token_list_find(list, "sso", "https://sso.example:8443");
		assert_non_null(got);
		assert_string_equal(got->account, entry.account);
		assert_string_equal(got->scopes, entry.scopes);
		assert_int_equal(got->kind, TOKEN_KIND_COOKIE);
		assert_true(secret_equals(got->token, token));
		assert_true(secret_equals(got->refresh_token, refresh));
		assert_true(secret_equals(token_entry_extra(got, "id_token"), id));
		assert_null(token_entry_extra(got, "other"));
		assert_true(got->expires_at_ms == 1790000000123 && got->obtained_at_ms == 7);
		assert_string_equal(numbered(list, 1), "token-1");
		assert_null(token_list_find(list, "github", "https://sso.example:8443"));
		assert_int_equal(system(arena_printf(&arena, "rm -rf %s/store", folder)), 0);
	}
}

static void
test_store__removes_one(void **state)
{
	struct error err;
	bool is_removed = false;
	scoped(token_store_close) struct token_store *store = open_store(&by_file);
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(put_numbered(store, i, &err));
	assert_true(token_store_remove(store, "github", "https://1.example", &is_removed, &err));
	assert_true(is_removed);
	assert_true(token_store_remove(store, "github", "https://1.example", &is_removed, &err));
	assert_false(is_removed);
	scoped(token_list_release) struct token_list *list = list_now(&by_file);
	assert_int_equal(token_list_count(list), 2);
	assert_null(numbered(list, 1));
	assert_string_equal(numbered(list, 2), "token-2");
}

static bool
answer_at_last(void *data, bool is_new, struct secret **ret, struct error *err)
{
	answer = is_new || times_asked >= 2 ? "correct horse" : "corect hrose";
	return answer_passphrase(data, is_new, ret, err);
}

static void
test_store__a_slip_of_the_finger_is_no_failure(void **state)
{
	struct error err;
	struct token_keys keys = by_passphrase;
	(void)state;
	keys.ask_passphrase = answer_at_last;
	scoped(token_store_close) struct token_store *store = open_store(&keys);
	assert_true(put_numbered(store, 1, &err));
	times_asked = 0;
	scoped(token_list_release) struct token_list *list = list_now(&keys);
	assert_int_equal(times_asked, 3);
	assert_string_equal(numbered(list, 1), "token-1");
}

static void
test_store__wrong_passphrase_is_told_apart_from_damage(void **state)
{
	struct error err;
	struct token_list *list;
	scoped(token_store_close) struct token_store *store = open_store(&by_passphrase);
	(void)state;
	assert_true(put_numbered(store, 1, &err));
	scoped(token_store_close) struct token_store *other = open_store(&by_passphrase);
	answer = "wrong";
	times_asked = 0;
	assert_false(token_store_read(other, &list, &err));
	assert_int_equal(times_asked, 3);
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_non_null(strstr(err.why, "the passphrase does not open the store"));
	assert_true(token_store_read(store, &list, &err)); /* who knows the key is not asked again */
	token_list_free(list);
	struct token_keys nobody = {.without_keyring = true, .without_cache = true};
	scoped(token_store_close) struct token_store *mute = open_store(&nobody);
	assert_false(token_store_read(mute, &list, &err));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_non_null(strstr(err.why, "nobody can be asked"));
	char *bytes;
	size_t length;
	assert_true(file_read(in_folder("store/tokens"), TOKEN_FILE_MAX, &arena, &bytes, &length, &err));
	bytes[30] ^= 1;
	assert_true(file_write(in_folder("store/tokens"), bytes, length, 0600, &err));
	assert_false(token_store_read(other, &list, &err));
	assert_int_equal(err.code, ERROR_INVALID_FILE);
	assert_non_null(strstr(err.why, "damaged"));
}

static void
test_store__says_that_the_key_file_lies_beside_it(void **state)
{
	struct error err;
	(void)state;
	struct token_keys beside = by_file;
	beside.key_file = in_folder("store/key");
	assert_int_equal(system(arena_printf(&arena, "cd %s && mkdir -m 700 store && cp -p key store/key", folder)), 0);
	scoped(token_store_close) struct token_store *store = open_store(&beside);
	assert_true(put_numbered(store, 1, &err));
	assert_non_null(strstr(token_store_warning(store), "beside the store"));
}

static void
test_store__needs_some_key(void **state)
{
	struct error err;
	(void)state;
	struct token_keys none = {.without_keyring = true, .without_cache = true};
	scoped(token_store_close) struct token_store *store = open_store(&none);
	assert_false(put_numbered(store, 1, &err));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_false(token_store_exists(store));
}

static void
test_store__the_way_to_the_home_folder_may_have_links_but_not_from_there_on(void **state)
{
	struct error err;
	struct token_store *store;
	const struct token_store_options options = {.keys = &by_file};
	(void)state;
	assert_int_equal(system(arena_printf(&arena, "cd %s && mkdir -p disk/ann && ln -s disk home", folder)), 0);
	setenv("HOME", in_folder("home/ann"), 1);
	assert_true(token_store_open(&options, &store, &err));
	assert_string_equal(token_store_path(store), in_folder("disk/ann/.local/share/paas/tokens"));
	assert_true(put_numbered(store, 1, &err));
	token_store_close(&store);
	assert_int_equal(system(arena_printf(&arena, "cd %s/disk/ann && mv .local real && ln -s real .local", folder)), 0);
	assert_false(token_store_open(&options, &store, &err));
	assert_non_null(strstr(err.why, "symbolic link"));
	setenv("XDG_DATA_HOME", in_folder("disk/ann/real/share"), 1);
	assert_true(token_store_open(&options, &store, &err));
	assert_true(token_store_exists(store));
	token_store_close(&store);
}

/* ---- what stays in memory ---- */

enum { SOUGHT_BYTES = 40 };

/* Never written down as a whole but in guarded memory. */
static char
sought(size_t i)
{
	return (char)('a' + (i * i + 3 * i) % 23);
}

static bool
is_sought(const char *at)
{
	for (size_t i = 0; i < SOUGHT_BYTES; i++)
		if (at[i] != sought(i))
			return false;
	return true;
}

/* Whether it stands anywhere in what this process may write to. */
static bool
is_in_memory(void)
{
	enum { MAPPING_MAX = 64 << 20 };
	char line[512], *bytes = mmap(NULL, MAPPING_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool is_found = false;
	FILE *maps = fopen("/proc/self/maps", "r");
	int memory = open("/proc/self/mem", O_RDONLY);
	while (fgets(line, sizeof line, maps) != NULL) {
		unsigned long from, to;
		char rights[8];
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || rights[1] != 'w' || to - from >= MAPPING_MAX || (char *)from == bytes)
			continue;
		ssize_t got = pread(memory, bytes, to - from, (off_t)from);
		for (ssize_t i = 0; i + SOUGHT_BYTES <= got && !is_found; i++)
			is_found = bytes[i] == sought(0) && is_sought(bytes + i);
	}
	fclose(maps);
	close(memory);
	munmap(bytes, MAPPING_MAX);
	return is_found;
}

static void
test_store__leaves_no_token_in_memory(void **state)
{
	struct error err;
	(void)state;
	unsigned char *token = guarded_new(SOUGHT_BYTES);
	for (size_t i = 0; i < SOUGHT_BYTES; i++)
		token[i] = (unsigned char)sought(i);
	assert_true(is_in_memory());
	{
		scoped(secret_release) struct secret *secret = secret_new(token, SOUGHT_BYTES);
		scoped(token_store_close) struct token_store *store = open_store(&by_file);
		scoped(token_list_release) struct token_list *list = NULL;
		assert_true(put_numbered(store, 1, &err)); /* so that the one sought is read last */
		assert_true(token_store_put(store, &(struct token_entry){.system = "sso", .origin = "https://sso.example", .token = secret,
		                                                         .refresh_token = secret, .extra = {{"id_token", secret}}, .n_extra = 1}, &err));
		assert_true(token_store_read(store, &list, &err));
		assert_true(secret_equals(token_list_find(list, "sso", "https://sso.example")->token, secret));
	}
	guarded_free(&token);
	assert_false(is_in_memory());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_store__an_absent_file_is_an_empty_list, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_store__gives_back_what_was_put, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_store__removes_one, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_store__a_slip_of_the_finger_is_no_failure, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_store__wrong_passphrase_is_told_apart_from_damage, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_store__says_that_the_key_file_lies_beside_it, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_store__the_way_to_the_home_folder_may_have_links_but_not_from_there_on, set_up_store,
		                                tear_down_store),
		cmocka_unit_test_setup_teardown(test_store__leaves_no_token_in_memory, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_store__needs_some_key, set_up_store, tear_down_store),
	};
	return cmocka_run_group_tests_name("store/token_store", tests, NULL, NULL);
}

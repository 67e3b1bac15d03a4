/* The store looked at, rolled back, with new keys, and carried away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store_fixture.h"

static void
test_care__inspect_needs_no_key(void **state)
{
	struct error err = {0};
	struct token_store_info info;
	(void)state;
	scoped(token_store_close) struct token_store *store = open_store(&by_passphrase);
	assert_false(token_store_inspect(store, &arena, &info, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	for (int i = 0; i < 3; i++)
		assert_true(put_numbered(store, i, &err));
	assert_true(token_store_inspect(store, &arena, &info, &err));
	assert_int_equal(info.format, 1);
	assert_int_equal(info.generation, 3);
	assert_int_equal(info.mode, 0600);
	assert_int_equal(info.bytes, 44 + 160 + 32 + 24 + 4096 + 16);
	assert_int_equal(info.n_slots, 1);
	assert_string_equal(info.slots[0].type, "passphrase");
	assert_string_equal(info.slots[0].label, "passphrase");
	assert_int_equal(strlen(info.id), 32);
	assert_true(info.is_whole);
	assert_int_equal(truncate(in_folder("store/tokens"), 4000), 0);
	assert_true(token_store_inspect(store, &arena, &info, &err));
	assert_false(info.is_whole);
	assert_non_null(strstr(info.why, "of the 4372 bytes of generation 3 it has 4000"));
}

static void
test_care__an_old_copy_is_worked_with_and_said(void **state)
{
	struct error err = {0};
	(void)state;
	scoped(token_store_close) struct token_store *store = open_store(&by_file);
	scoped(token_list_release) struct token_list *list = NULL;
	assert_true(put_numbered(store, 1, &err));
	assert_int_equal(system(arena_printf(&arena, "cp -p %s/store/tokens %s/old", folder, folder)), 0);
	for (int i = 2; i < 5; i++)
		assert_true(put_numbered(store, i, &err));
	assert_null(token_store_warning(store));
	assert_int_equal(rename(in_folder("old"), in_folder("store/tokens")), 0);
	scoped(token_store_close) struct token_store *later = open_store(&by_file);
	assert_true(token_store_read(later, &list, &err));
	assert_int_equal(token_list_count(list), 1);
	assert_string_equal(token_store_warning(later),
	                    "the store is older than the one used last (generation 1, was 4); paas login if a system refuses");
	/* Writing overtakes what was seen. */
	assert_true(put_numbered(later, 9, &err));
	scoped(token_store_close) struct token_store *last = open_store(&by_file);
	token_list_release(&list);
	assert_true(token_store_read(last, &list, &err));
	assert_null(token_store_warning(last));
	struct token_store_info info;
	assert_true(token_store_inspect(last, &arena, &info, &err));
	assert_int_equal(info.generation, 5);
}

static void
test_care__new_keys_keep_the_content_and_close_out_the_old(void **state)
{
	struct error err = {0};
	struct token_list *list;
	struct token_store_info before, after;
	(void)state;
	scoped(token_store_close) struct token_store *store = open_store(&by_passphrase);
	assert_true(put_numbered(store, 1, &err));
	assert_true(token_store_inspect(store, &arena, &before, &err));
	assert_true(token_store_rekey(store, &by_file, &err));
	assert_true(token_store_inspect(store, &arena, &after, &err));
	assert_string_equal(before.id, after.id);
	assert_int_equal(after.generation, before.generation + 1);
	assert_string_equal(after.slots[0].type, "key file");
	assert_string_equal(after.slots[0].label, "key");
	list = list_now(&by_file);
	assert_string_equal(numbered(list, 1), "token-1");
	token_list_free(list);
	scoped(token_store_close) struct token_store *late = open_store(&by_passphrase);
	assert_false(token_store_read(late, &list, &err));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	/* A passphrase that cannot be had leaves all as it is. */
	answer = NULL;
	assert_false(token_store_rekey(store, &by_passphrase, &err));
	token_list_free(list_now(&by_file));
}

static void
test_care__what_is_exported_is_imported(void **state)
{
	struct error err = {0};
	struct token_list *list = NULL;
	(void)state;
	scoped(token_store_close) struct token_store *store = open_store(&by_file);
	scoped(secret_release) struct secret *passphrase = secret_of("to carry"), *wrong = secret_of("wrong");
	assert_true(put_numbered(store, 1, &err));
	list = list_now(&by_file);
	assert_true(token_store_export(list, passphrase, in_folder("away"), &err));
	assert_false(token_store_export(list, passphrase, in_folder("away"), &err));
	assert_int_equal(err.code, ERROR_FILE);
	assert_false(token_store_export(list, passphrase, in_folder("none/away"), &err));
	token_list_release(&list);
	struct stat info;
	assert_int_equal(stat(in_folder("away"), &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_true(token_store_import(in_folder("away"), passphrase, &list, &err));
	assert_string_equal(numbered(list, 1), "token-1");
	token_list_release(&list);
	assert_false(token_store_import(in_folder("away"), wrong, &list, &err));
	assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	assert_false(token_store_import(in_folder("store/tokens"), passphrase, &list, &err));
	assert_false(token_store_import(key_path, passphrase, &list, &err));
	assert_int_equal(err.code, ERROR_INVALID_FILE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_care__inspect_needs_no_key, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_care__an_old_copy_is_worked_with_and_said, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_care__new_keys_keep_the_content_and_close_out_the_old, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_care__what_is_exported_is_imported, set_up_store, tear_down_store),
	};
	return cmocka_run_group_tests_name("store/token_care", tests, NULL, NULL);
}

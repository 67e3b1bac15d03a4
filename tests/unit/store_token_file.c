/* The bytes of a store: made and read as an independent program does, and nothing else is taken for one. */
#include "store/token_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>

#include "store_fixture.h"
#include "store_vector.h"

static struct secret *
secret_from(const unsigned char *bytes, size_t length)
{
	return secret_new(bytes, length);
}
#define SECRET(array) secret_from(array, sizeof(array))

/* ---- against an independent program ---- */

static void
test_file__opens_what_another_program_made(void **state)
{
	struct token_file file;
	struct error err;
	scoped(secret_release) struct secret *passphrase = SECRET(vector_passphrase), *keyring_key = SECRET(vector_keyring_key), *key = NULL;
	(void)state;
	assert_true(file_write(key_path, vector_key_file, sizeof vector_key_file, 0600, &err));
	assert_true(token_key_file_read(key_path, &key, &err));
	const struct secret *const with[] = {passphrase, key, keyring_key};
	static const char *const labels[] = {"recovery", "key", "b\xc3\xbcro keyring"}, *const types[] = {"passphrase", "key file", "keyring"};
	assert_true(token_file_parse(vector_store, sizeof vector_store, &file, &err));
	assert_int_equal(file.header.generation, 41);
	assert_int_equal(file.header.n_slots, 3);
	for (size_t i = 0; i < 3; i++) {
		scoped(secret_release) struct secret *master = NULL, *content = NULL;
		const unsigned char *slot = file.header.slots[i];
		assert_string_equal(token_slot_label(slot, &arena), labels[i]);
		assert_string_equal(token_slot_type_name(slot), types[i]);
		assert_true(token_slot_unwrap(slot, file.header.id, with[i], &master, &err));
		assert_true(token_file_open(&file, master, &content, &err));
		assert_int_equal(secret_length(content), sizeof vector_content);
		assert_memory_equal(secret_reveal(content), vector_content, sizeof vector_content);
		assert_false(token_slot_unwrap(slot, file.header.id, with[(i + 1) % 3], &key, &err));
		assert_int_equal(err.code, ERROR_NOT_LOGGED_IN);
	}
}

static void
test_file__makes_what_another_program_made(void **state)
{
	struct error err;
	struct token_list *list;
	struct token_header header = {.n_slots = 3, .generation = 41};
	scoped(secret_release) struct secret *passphrase = SECRET(vector_passphrase), *keyring_key = SECRET(vector_keyring_key), *key = NULL,
		*master = SECRET(vector_master), *content = SECRET(vector_content), *again = NULL;
	scoped(buf_release) struct buf bytes = BUF_INIT(TOKEN_FILE_MAX);
	unsigned char fill[6][24];
	(void)state;
	for (unsigned i = 0; i < 6; i++)
		memset(fill[i], (int)i + 1, sizeof fill[i]);
	for (unsigned i = 0; i < TOKEN_ID_BYTES; i++)
		header.id[i] = (unsigned char)(0x10 + i);
	assert_true(file_write(key_path, vector_key_file, sizeof vector_key_file, 0600, &err));
	assert_true(token_key_file_read(key_path, &key, &err));
	const struct token_slot_plan plans[] = {
		{TOKEN_SLOT_PASSPHRASE, {2, 64}, passphrase, "recovery", fill[0], fill[1]},
		{TOKEN_SLOT_KEY_FILE, {0, 0}, key, "key", fill[2], fill[3]},
		{TOKEN_SLOT_KEYRING, {0, 0}, keyring_key, "b\xc3\xbcro keyring", fill[4], fill[5]},
	};
	for (size_t i = 0; i < 3; i++)
		assert_true(token_slot_wrap(&plans[i], header.id, master, header.slots[i], &err));
	assert_true(token_list_read(content, &list, &err));
	again = token_list_write(list);
	token_list_free(list);
	assert_true(token_file_seal(&header, master, again, vector_nonce, &bytes, &err));
	assert_int_equal(bytes.length, sizeof vector_store);
	assert_memory_equal(bytes.bytes, vector_store, sizeof vector_store);
}

/* ---- what is no store ---- */

enum { CHANGED_MAX = sizeof vector_store + 64 };
static unsigned char changed[CHANGED_MAX];

/* A sum over the changed header, as somebody who alters a store would make one. */
static void
sum_again(size_t n_slots)
{
	size_t summed = TOKEN_HEADER_BYTES + n_slots * TOKEN_SLOT_BYTES;
	crypto_generichash(changed + summed, 32, changed, summed, NULL, 0);
}

static bool
refuses(size_t length, const char *word)
{
	struct token_file file;
	struct error err = {0};
	/* Exactly as long as said, so that a read past the end is seen. */
	unsigned char *bytes = malloc(length + (length == 0));
	memcpy(bytes, changed, length);
	bool is_fine = token_file_parse(bytes, length, &file, &err);
	free(bytes);
	if (is_fine || err.code != ERROR_INVALID_FILE || strstr(err.why, word) == NULL) {
		print_error("expected \"%s\", got \"%s\"\n", word, is_fine ? "fine" : err.why);
		return false;
	}
	return true;
}

static void
test_file__refuses_before_any_key_is_derived(void **state)
{
	enum { SLOT = TOKEN_HEADER_BYTES };
	static const struct {
		size_t at;
		unsigned char bytes[8];
		size_t n_bytes;
		const char *word;
	} rows[] = {
		{0, "Paas", 4, "no token store"},
		{8, {0, 2}, 2, "made by a newer paas (format 2"},
		{8, {0, 0}, 2, "format 0"},
		{10, {0, 0}, 2, "no key slot"},
		{10, {0, 9}, 2, "no key slot"},
		{10, {0, 2}, 2, "bytes of generation 41"},
		{36, {0, 0, 0, 0, 1, 0, 0, 17}, 8, "a length that no store has"},
		{36, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0, 0x10}, 8, "a length that no store has"},
		{36, {0, 0, 0, 0, 0, 0, 0x20, 0x10}, 8, "bytes of generation 41"},
		{36, {0, 0, 0, 0, 0, 0, 0, 0x10}, 8, "a length that no store has"},
		{SLOT, {0}, 1, "unknown kind"},
		{SLOT, {5}, 1, "unknown kind"},
		{SLOT + 1, {0}, 1, "unknown kind"},
		{SLOT + 2, {1}, 1, "no version writes"},
		{SLOT + 4, {0, 0, 0, 17}, 4, "17 passes"},
		{SLOT + 4, {0, 0, 0, 0}, 4, "0 passes"},
		{SLOT + 4, {0xff, 0xff, 0xff, 0xff}, 4, "4294967295 passes"},
		{SLOT + 8, {0, 0x10, 0, 1}, 4, "1048577 KiB"},
		{SLOT + 8, {0, 0, 0, 7}, 4, "7 KiB"},
		{SLOT + 4, {0, 0, 0, 8, 0, 0x10, 0, 0}, 8, "8 passes over 1048576 KiB"},
		{SLOT + 100, {0xff}, 1, "no version writes"},
		{SLOT + 155, {'x'}, 1, "no version writes"},
		{SLOT + 159, {1}, 1, "no version writes"},
		{SLOT + 160 + 1, {1}, 1, "unknown kind"},
		{SLOT + 160 + 4, {0, 0, 0, 1}, 4, "1 passes"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		memcpy(changed, vector_store, sizeof vector_store);
		memcpy(changed + rows[i].at, rows[i].bytes, rows[i].n_bytes);
		sum_again(3);
		if (!refuses(sizeof vector_store, rows[i].word))
			fail_msg("row %zu", i);
	}
	memcpy(changed, vector_store, sizeof vector_store);
	assert_true(refuses(sizeof vector_store + 1, "bytes of generation 41"));
	changed[SLOT + 60] ^= 1;
	assert_true(refuses(sizeof vector_store, "its checksum differs"));
}

static void
test_file__the_dearest_slot_that_is_allowed_parses(void **state)
{
	struct token_file file;
	struct error err;
	(void)state;
	memcpy(changed, vector_store, sizeof vector_store);
	memcpy(changed + TOKEN_HEADER_BYTES + 4, (unsigned char[]){0, 0, 0, 4, 0, 0x10, 0, 0}, 8);
	sum_again(3);
	assert_true(token_file_parse(changed, sizeof vector_store, &file, &err));
}

static void
test_file__refuses_every_truncation(void **state)
{
	(void)state;
	memcpy(changed, vector_store, sizeof vector_store);
	for (size_t length = 0; length < sizeof vector_store; length++)
		if (!refuses(length, length < 8 ? "no token store" : "damaged"))
			fail_msg("%zu bytes", length);
}

/* ---- who changes a store notices ---- */

/* Parsed, unwrapped by the key file and opened. */
static bool
opens(const unsigned char *bytes, size_t length, const struct secret *key, struct error *err)
{
	struct token_file file;
	scoped(secret_release) struct secret *master = NULL, *content = NULL;
	return token_file_parse(bytes, length, &file, err) && token_slot_unwrap(file.header.slots[1], file.header.id, key, &master, err) &&
	       token_file_open(&file, master, &content, err);
}

static struct secret *
vector_key(void)
{
	struct error err;
	struct secret *key;
	assert_true(file_write(key_path, vector_key_file, sizeof vector_key_file, 0600, &err));
	assert_true(token_key_file_read(key_path, &key, &err));
	return key;
}

static void
test_file__is_altered_when_the_sum_was_made_again(void **state)
{
	struct error err = {0};
	scoped(secret_release) struct secret *key = vector_key();
	(void)state;
	memcpy(changed, vector_store, sizeof vector_store);
	assert_true(opens(changed, sizeof vector_store, key, &err));
	changed[35] = 42; /* generation */
	sum_again(3);
	assert_false(opens(changed, sizeof vector_store, key, &err));
	assert_int_equal(err.code, ERROR_INVALID_FILE);
	assert_non_null(strstr(err.why, "was altered"));
	memcpy(changed, vector_store, sizeof vector_store);
	memcpy(changed + TOKEN_HEADER_BYTES, vector_store + TOKEN_HEADER_BYTES + 320, 160); /* a slot instead of another */
	sum_again(3);
	assert_false(opens(changed, sizeof vector_store, key, &err));
	assert_non_null(strstr(err.why, "was altered"));
}

/* Two generations of one store: no part of one fits the other. */
static void
test_file__parts_of_two_generations_do_not_mix(void **state)
{
	struct error err = {0};
	struct token_file file;
	scoped(secret_release) struct secret *key = vector_key(), *master = SECRET(vector_master), *content = SECRET(vector_content);
	scoped(buf_release) struct buf later = BUF_INIT(TOKEN_FILE_MAX);
	enum { NONCE_AT = TOKEN_HEADER_BYTES + 3 * 160 + 32, SEALED_AT = NONCE_AT + 24 };
	static const struct {
		size_t from, to;
	} parts[] = {{0, NONCE_AT}, {NONCE_AT, SEALED_AT}, {SEALED_AT, sizeof vector_store}, {SEALED_AT, sizeof vector_store - 16},
	             {sizeof vector_store - 16, sizeof vector_store}, {0, SEALED_AT}, {NONCE_AT, sizeof vector_store}};
	(void)state;
	assert_true(token_file_parse(vector_store, sizeof vector_store, &file, &err));
	file.header.generation = 42;
	assert_true(token_file_seal(&file.header, master, content, NULL, &later, &err));
	assert_true(opens((const unsigned char *)later.bytes, later.length, key, &err));
	for (size_t i = 0; i < array_length(parts); i++) {
		memcpy(changed, vector_store, sizeof vector_store);
		memcpy(changed + parts[i].from, later.bytes + parts[i].from, parts[i].to - parts[i].from);
		if (opens(changed, sizeof vector_store, key, &err))
			fail_msg("part %zu", i);
	}
}

static void
test_file__every_single_bit_of_twenty_entries_counts(void **state)
{
	struct error err = {0};
	scoped(secret_release) struct secret *key = NULL;
	struct token_file file;
	char *bytes;
	size_t length;
	(void)state;
	scoped(token_store_close) struct token_store *store = open_store(&by_file);
	for (int i = 0; i < 20; i++)
		assert_true(put_numbered(store, i, &err));
	assert_true(file_read(in_folder("store/tokens"), TOKEN_FILE_MAX, &arena, &bytes, &length, &err));
	assert_true(token_key_file_read(key_path, &key, &err));
	for (size_t bit = 0; bit < length * 8; bit++) {
		scoped(secret_release) struct secret *master = NULL, *content = NULL;
		bytes[bit / 8] ^= (char)(1 << bit % 8);
		if (token_file_parse(bytes, length, &file, &err) && token_slot_unwrap(file.header.slots[0], file.header.id, key, &master, &err) &&
		    token_file_open(&file, master, &content, &err))
			fail_msg("bit %zu", bit);
		bytes[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_true(token_file_parse(bytes, length, &file, &err));
}

/* ---- key files ---- */

static void
test_file__key_files_of_others_are_refused(void **state)
{
	struct error err;
	struct secret *key;
	(void)state;
	static const struct {
		const char *make, *word;
	} rows[] = {
		{"rm key", "No such file"},          {"chmod 640 key", "by others"},   {"chmod 604 key", "by others"},
		{": >key", "is empty"},              {"rm key; mkdir key", "regular"}, {"mv key real; ln -s real key", "symbolic link"},
		{"rm key; mkfifo -m 600 key", "regular"}, {"head -c 1048577 /dev/zero >key", "larger"},
	};
	for (size_t i = 0; i < array_length(rows); i++) {
		assert_int_equal(system(arena_printf(&arena, "cd %s; rm -rf key real; umask 077; echo x >key; %s", folder, rows[i].make)), 0);
		if (token_key_file_read(key_path, &key, &err) || strstr(err.why, rows[i].word) == NULL)
			fail_msg("row %zu: %s", i, err.why);
	}
	if (geteuid() != 0) /* nobody else may give a file away */
		return;
	assert_int_equal(system(arena_printf(&arena, "cd %s; rm -rf key real; umask 077; echo x >key; chown 65534 key", folder)), 0);
	assert_false(token_key_file_read(key_path, &key, &err));
	assert_non_null(strstr(err.why, "another user's"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_file__opens_what_another_program_made, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_file__makes_what_another_program_made, set_up_store, tear_down_store),
		cmocka_unit_test(test_file__refuses_before_any_key_is_derived),
		cmocka_unit_test(test_file__the_dearest_slot_that_is_allowed_parses),
		cmocka_unit_test(test_file__refuses_every_truncation),
		cmocka_unit_test_setup_teardown(test_file__is_altered_when_the_sum_was_made_again, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_file__parts_of_two_generations_do_not_mix, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_file__every_single_bit_of_twenty_entries_counts, set_up_store, tear_down_store),
		cmocka_unit_test_setup_teardown(test_file__key_files_of_others_are_refused, set_up_store, tear_down_store),
	};
	return cmocka_run_group_tests_name("store/token_file", tests, NULL, NULL);
}

/* What an entry may be, and the content of a store as JSON. */
#include "store/token_entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store_fixture.h"

/* A list from JSON, written again; NULL: refused. */
static const char *
rewritten(const char *json, size_t length)
{
	scoped(secret_release) struct secret *secret = secret_new(json, length), *again = NULL;
	scoped(token_list_release) struct token_list *list = NULL;
	struct error err;
	if (!token_list_read(secret, &list, &err)) {
		assert_int_equal(err.code, ERROR_INVALID_FILE);
		return NULL;
	}
	again = token_list_write(list);
	return arena_strdup(&arena, secret_reveal(again));
}

#define ENTRY(more) "[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"bearer\",\"token\":\"t\"" more "}]"

static void
test_entry__reads_what_it_wrote_in_any_order_and_form(void **state)
{
	static const char *const rows[][2] = {
		{"[]", "[]"},
		{" [ \t\r\n] ", "[]"},
		{ENTRY(""), ENTRY("")},
		{"[{\"token\":\"t\",\"kind\":\"bearer\" , \"origin\" : \"o\",\"system\":\"s\"}]", ENTRY("")},
		{ENTRY(",\"later\":[1,-2.5e+3,{\"a\":null,\"b\":[[]]},true,\"x\",{}]"), ENTRY("")},
		{"[{\"system\":\"\\u0073\",\"origin\":\"o\",\"kind\":\"bearer\",\"token\":\"\\u0074\"}]", ENTRY("")},
		{"[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"api-key\",\"token\":\"\\ud83d\\ude00\\n\\/\\\"\"}]",
		 "[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"api-key\",\"token\":\"\xf0\x9f\x98\x80\\u000a/\\\"\"}]"},
		{ENTRY(",\"refresh_token\":\"r\",\"expires_at\":9223372036854775807,\"obtained_at\":0,\"extra\":{\"a\":\"1\",\"b\":\"2\"}"),
		 ENTRY(",\"refresh_token\":\"r\",\"expires_at\":9223372036854775807,\"extra\":{\"a\":\"1\",\"b\":\"2\"}")},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		const char *got = rewritten(rows[i][0], strlen(rows[i][0]));
		if (got == NULL || strcmp(got, rows[i][1]) != 0)
			fail_msg("row %zu: %s", i, got != NULL ? got : "refused");
	}
}

static void
test_entry__refuses_what_no_version_writes(void **state)
{
	static const char *const rows[] = {
		"", "[", "[]]", "[] x", "{}", "null", "[1]", "[{}]", "[,]",
		"[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"bearer\"}]",
		"[{\"origin\":\"o\",\"kind\":\"bearer\",\"token\":\"t\"}]",
		"[{\"system\":\"\",\"origin\":\"o\",\"kind\":\"bearer\",\"token\":\"t\"}]",
		"[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"other\",\"token\":\"t\"}]",
		"[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"bearer\",\"token\":\"\"}]",
		"[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"bearer\",\"token\":1}]",
		"[{\"system\":\"s\",\"origin\":\"o\\u000a\",\"kind\":\"bearer\",\"token\":\"t\"}]",
		"[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"bearer\",\"token\":\"a\\u0000b\"}]",
		"[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"bearer\",\"token\":\"\\ud83d\"}]",
		"[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"bearer\",\"token\":\"\\ude00\\ud83d\"}]",
		"[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"bearer\",\"token\":\"\\x\"}]",
		"[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"bearer\",\"token\":\"\xff\"}]",
		"[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"bearer\",\"token\":\"a\nb\"}]",
		ENTRY(",\"token\":\"twice\""), ENTRY(",\"expires_at\":-1"), ENTRY(",\"expires_at\":1.5"), ENTRY(",\"expires_at\":\"1\""),
		ENTRY(",\"expires_at\":01"), ENTRY(",\"expires_at\":9223372036854775808"), ENTRY(",\"expires_at\":"), ENTRY(",\"later\":01"),
		ENTRY(",\"later\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]"), ENTRY(",\"later\":nul"), ENTRY(",\"later\":-"), ENTRY(","),
		ENTRY(",\"extra\":{}"), ENTRY(",\"extra\":{\"a\":\"1\",\"a\":\"2\"}"), ENTRY(",\"extra\":{\"a\":1}"),
		ENTRY(",\"extra\":{\"a\":\"1\",\"b\":\"1\",\"c\":\"1\",\"d\":\"1\",\"e\":\"1\"}"),
		"[{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"bearer\",\"token\":\"t\"},{\"system\":\"s\",\"origin\":\"o\",\"kind\":\"basic\",\"token\":\"u\"}]",
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++)
		if (rewritten(rows[i], strlen(rows[i])) != NULL)
			fail_msg("row %zu: %s", i, rows[i]);
	assert_null(rewritten("[\0]", 3));
	static const char whole[] = ENTRY(",\"extra\":{\"a\":\"1\"},\"expires_at\":12");
	for (size_t length = 0; length < sizeof whole - 1; length++)
		assert_null(rewritten(whole, length));
}

static void
test_entry__a_list_refuses_what_it_could_not_give_back(void **state)
{
	struct error err;
	scoped(token_list_release) struct token_list *list = token_list_new();
	char *large = arena_alloc(&arena, TOKEN_BYTES_MAX + 2);
	memset(large, 'x', TOKEN_BYTES_MAX + 1);
	scoped(secret_release) struct secret *token = secret_of("t"), *empty = secret_of(""), *binary = secret_new("a\0b", 3),
		*latin = secret_of("\xe4"), *too_large = secret_new(large, TOKEN_BYTES_MAX + 1), *largest = secret_new(large, TOKEN_BYTES_MAX);
	const struct token_entry good = {.system = "s", .origin = "o", .token = token};
	struct token_entry bad[10];
	(void)state;
	for (size_t i = 0; i < 10; i++)
		bad[i] = good;
	bad[0].system = NULL;
	bad[1].origin = "o\x1b[2J";
	bad[2].account = "\xff";
	bad[3].token = empty;
	bad[4].token = binary;
	bad[5].refresh_token = latin;
	bad[6].token = too_large;
	bad[7].expires_at_ms = -1;
	bad[8].n_extra = 1;
	bad[8].extra[0] = (struct token_extra){"", token};
	bad[9].scopes = large;
	for (size_t i = 0; i < 10; i++)
		if (token_list_put(list, &bad[i], &err) || err.code != ERROR_USAGE)
			fail_msg("entry %zu", i);
	struct token_entry entry = good;
	entry.token = largest;
	assert_true(token_list_put(list, &entry, &err));
	scoped(secret_release) struct secret *json = token_list_write(list);
	scoped(token_list_release) struct token_list *again = NULL;
	assert_true(token_list_read(json, &again, &err));
	assert_int_equal(secret_length(token_list_get(again, 0)->token), TOKEN_BYTES_MAX);
}

static void
test_entry__one_replaces_that_of_the_same_system_and_origin(void **state)
{
	struct error err;
	scoped(token_list_release) struct token_list *list = token_list_new();
	scoped(secret_release) struct secret *token = secret_of("t");
	(void)state;
	for (int i = 0; i < TOKEN_ENTRIES_MAX; i++)
		assert_true(token_list_put(list, &(struct token_entry){.system = "s", .origin = arena_printf(&arena, "%d", i), .token = token}, &err));
	assert_false(token_list_put(list, &(struct token_entry){.system = "t", .origin = "0", .token = token}, &err));
	/* An entry of the list itself, with another kind. */
	struct token_entry entry = *token_list_find(list, "s", "7");
	entry.kind = TOKEN_KIND_BASIC;
	assert_true(token_list_put(list, &entry, &err));
	assert_int_equal(token_list_count(list), TOKEN_ENTRIES_MAX);
	assert_int_equal(token_list_find(list, "s", "7")->kind, TOKEN_KIND_BASIC);
	assert_string_equal(secret_reveal(token_list_find(list, "s", "7")->token), "t");
	assert_true(token_list_remove(list, "s", "0"));
	assert_false(token_list_remove(list, "s", "0"));
	assert_string_equal(token_list_get(list, 0)->origin, "1");
}

static int
forget(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_entry__reads_what_it_wrote_in_any_order_and_form, forget),
		cmocka_unit_test_teardown(test_entry__refuses_what_no_version_writes, forget),
		cmocka_unit_test_teardown(test_entry__a_list_refuses_what_it_could_not_give_back, forget),
		cmocka_unit_test_teardown(test_entry__one_replaces_that_of_the_same_system_and_origin, forget),
	};
	return cmocka_run_group_tests_name("store/token_entry", tests, NULL, NULL);
}

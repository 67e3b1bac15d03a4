/* One value of a settings file changes, every other byte stays; what cannot be edited so is refused. */
#include "data/settings_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/yaml.h"

static const struct row {
	const char *before, *section, *key, *value, *after; /* after NULL: refused */
	enum error_code code;
} rows[] = {
	{"", NULL, "team", "shop", "team: shop\n", 0},
	{"# only this", NULL, "team", "shop", "# only this\nteam: shop\n", 0},
	{"team: a", NULL, "team", "b", "team: b\n", 0},
	{"team: a\n", NULL, "color", "never", "team: a\ncolor: never\n", 0},
	{"team: a # why\ncolor: auto\n", NULL, "team", "b", "team: b # why\ncolor: auto\n", 0},
	{"team: 'a # b'\n", NULL, "team", "c", "team: c\n", 0},
	{"team: >\n  a\n  b\n\n# next\ncolor: auto\n", NULL, "team", "c", "team: c\n\n# next\ncolor: auto\n", 0},
	{"a: 1\nteam: a\n# of b\nb: 2\n", NULL, "team", NULL, "a: 1\n# of b\nb: 2\n", 0},
	{"team: a\n", NULL, "team", NULL, "", 0},
	{"team: a\r\ncolor: auto\r\n", NULL, "color", "never", "team: a\r\ncolor: never\n", 0},
	{"", NULL, "platform", "/a b/c.yml", "platform: /a b/c.yml\n", 0},
	{"", NULL, "platform", "it's: #1", "platform: 'it''s: #1'\n", 0},
	{"", NULL, "timeout", "- x", "timeout: '- x'\n", 0},
	{"", "aliases", "d", "deploy --env dev", "aliases:\n  d: deploy --env dev\n", 0},
	{"aliases:\n    a: b # x\nteam: t\n", "aliases", "d", "e", "aliases:\n    a: b # x\n    d: e\nteam: t\n", 0},
	{"aliases:\n  a: b\n  c: d\n", "aliases", "a", NULL, "aliases:\n  c: d\n", 0},
	{"x: 1\naliases:\n  a: b\n# end\n", "aliases", "a", NULL, "x: 1\n# end\n", 0},
	{"aliases:\nteam: t\n", "aliases", "a", "b", "aliases:\n  a: b\nteam: t\n", 0},
	{"team: a\n", NULL, "color", NULL, NULL, ERROR_NOT_FOUND},
	{"team: a\n", "aliases", "d", NULL, NULL, ERROR_NOT_FOUND},
	{"{team: a}\n", NULL, "color", "auto", NULL, ERROR_INVALID_FILE},
	{"team: a\rb: c\n", NULL, "team", "b", NULL, ERROR_INVALID_FILE},
	{"aliases: {a: b}\n", "aliases", "c", "d", NULL, ERROR_INVALID_FILE},
	{"team: &x a\ncolor: *x\n", NULL, "team", "b", NULL, ERROR_INVALID_FILE},
	{"- a\n", NULL, "team", "b", NULL, ERROR_INVALID_FILE},
	{"team: [\n", NULL, "team", "b", NULL, ERROR_INVALID_FILE},
};

static void
test_settings_edit__changes_one_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		const struct row *row = &rows[i];
		struct arena arena = {0};
		struct error err = {0};
		struct settings_edit edit = {row->section, row->key, row->value};
		const char *after = NULL;
		size_t length = 0;
		bool is_fine = settings_edit(row->before, strlen(row->before), "config.yml", &edit, &arena, &after, &length, &err);
		if (is_fine != (row->after != NULL) || (is_fine && strcmp(after, row->after) != 0) || err.code != row->code)
			fail_msg("row %zu: %s", i, is_fine ? after : err.why);
		arena_release(&arena);
	}
}

/* Whatever the file is and whatever the value: what is read back is what was set. */
static void
test_settings_edit__reads_back_what_it_wrote(void **state)
{
	(void)state;
	static const char letters[] = "ab0 :#'\"-{}[]&*!|>%@`,?\\~/.=";
	srand(7);
	for (int round = 0; round < 2000; round++) {
		struct arena arena = {0};
		struct error err;
		char value[12] = "";
		size_t length = 1 + (size_t)rand() % 10;
		for (size_t i = 0; i < length; i++)
			value[i] = letters[(size_t)rand() % (sizeof(letters) - 1)];
		struct settings_edit edit = {NULL, "platform", value};
		const char *after;
		struct yaml_node *root;
		if (!settings_edit("team: a\n", 8, "config.yml", &edit, &arena, &after, &length, &err) ||
		    !yaml_parse(after, length, "config.yml", &yaml_limits_default, &arena, &root, &err))
			fail_msg("\"%s\": %s", value, err.why);
		assert_string_equal(yaml_get(root, "platform")->text, value);
		arena_release(&arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_edit__changes_one_value),
		cmocka_unit_test(test_settings_edit__reads_back_what_it_wrote),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

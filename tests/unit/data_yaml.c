#include "data/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static struct arena arena;
static struct error err;

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct yaml_node *
parse(const char *text)
{
	struct yaml_node *root = NULL;
	memset(&err, 0, sizeof(err));
	if (!yaml_parse(text, strlen(text), "f.yml", &yaml_limits_default, &arena, &root, &err))
		return NULL;
	assert_non_null(root);
	return root;
}

static void
expect_json(const char *text, const char *expected)
{
	struct yaml_node *root = parse(text);
	if (!root)
		fail_msg("%s: %s", text, err.why);
	json_t *value = yaml_to_json(root);
	char *json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	assert_string_equal(json, expected);
	free(json);
	json_decref(value);
}

static void
expect_refused(const char *text, const char *why)
{
	if (parse(text))
		fail_msg("accepted: %s", text);
	assert_int_equal(err.code, ERROR_INVALID_FILE);
	assert_string_equal(err.why, why);
}

/* Every expectation was compared with PyYAML 6.0's safe_load once. */
static void
test_yaml__types_are_those_of_pyyaml(void **state)
{
	static const char *const rows[][2] = {
		{"yes", "true"}, {"No", "false"}, {"on", "true"}, {"OFF", "false"}, {"y", "\"y\""},
		{"n", "\"n\""}, {"yEs", "\"yEs\""}, {"~", "null"}, {"Null", "null"}, {"nUll", "\"nUll\""},
		{"010", "8"}, {"0o10", "\"0o10\""}, {"08", "\"08\""}, {"0x1F", "31"}, {"0b101", "5"},
		{"1:30", "90"}, {"1:60", "\"1:60\""}, {"190:20:30", "685230"}, {"-1:30", "-90"},
		{"0:30", "\"0:30\""}, {"1_000", "1000"}, {"+12", "12"}, {"-0", "0"}, {"0", "0"},
		{"1e3", "\"1e3\""}, {"1.0e3", "\"1.0e3\""}, {"1.5e+3", "1500.0"}, {"1.", "1.0"}, {".5", "0.5"},
		{"-.5", "\"-.5\""}, {"1_0.5", "10.5"}, {"190:20:30.5", "685230.5"}, {".inf", "\".inf\""},
		{"9007199254740993", "9007199254740993"}, {"99999999999999999999", "1e20"},
		{"2026-11-23", "\"2026-11-23\""}, {"400m", "\"400m\""}, {"1.2.3", "\"1.2.3\""},
		{"'010'", "\"010\""}, {"\"yes\"", "\"yes\""}, {"!!str 010", "\"010\""}, {"!!int '3'", "3"},
		{"no: x", "{\"false\":\"x\"}"}, {"010: x", "{\"8\":\"x\"}"}, {"1_0.e+1", "100.0"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++)
		expect_json(rows[i][0], rows[i][1]);
}

static void
test_yaml__a_date_is_a_timestamp(void **state)
{
	(void)state;
	assert_int_equal(yaml_type_of(parse("2026-11-23")), YAML_TYPE_TIMESTAMP);
	assert_int_equal(yaml_type_of(parse("2026-1-2 3:04:05.6 +1:00")), YAML_TYPE_TIMESTAMP);
	assert_int_equal(yaml_type_of(parse("2026-1-2")), YAML_TYPE_STRING);
	assert_int_equal(yaml_type_of(parse("2026-01-02T3:4:5")), YAML_TYPE_STRING);
}

static void
test_yaml__nodes_know_their_place(void **state)
{
	struct yaml_node *root = parse("a: 1\nlist:\n  - x\n  - {k: v}\n");
	(void)state;
	const struct yaml_node *item = yaml_get(root, "list")->items[1];
	assert_int_equal(item->line, 4);
	assert_int_equal(item->column, 5);
	assert_int_equal(yaml_get(item, "k")->column, 9);
	assert_null(yaml_get(root, "b"));
	assert_null(yaml_get(NULL, "b"));
}

static void
test_yaml__merge_keys_and_aliases_are_applied(void **state)
{
	(void)state;
	expect_json("base: &b {x: 1, y: 2}\nmine: {<<: *b, y: 3}\n",
	            "{\"base\":{\"x\":1,\"y\":2},\"mine\":{\"y\":3,\"x\":1}}");
	expect_json("{<<: [{a: 1}, {a: 2, b: 3}], c: 4}", "{\"c\":4,\"a\":1,\"b\":3}");
	expect_json("{\"<<\": 1}", "{\"<<\":1}");
	expect_refused("<<: 3", "f.yml:1:5: \"<<\" merges maps only");
}

static void
test_yaml__nothing_gives_null(void **state)
{
	struct yaml_node *root = (struct yaml_node *)&arena;
	(void)state;
	assert_true(yaml_parse("# only\n", 7, "f", &yaml_limits_default, &arena, &root, &err));
	assert_null(root);
}

static void
test_yaml__refusals_name_the_place(void **state)
{
	static const char *const rows[][2] = {
		{"a: 1\nb: 2\na: 3\n", "f.yml:3:1: key \"a\" occurs twice (first at line 1)"},
		{"a: 1\n---\nb: 2\n", "f.yml:2:1: a second document begins here: one is allowed"},
		{"a: *b\n", "f.yml:1:4: nothing above is named \"&b\""},
		{"a: &a [*a]\n", "f.yml:1:8: \"*a\" contains itself"},
		{"a: !!python/object:os.system x\n",
		 "f.yml:1:4: unknown tag \"tag:yaml.org,2002:python/object:os.system\""},
		{"a: !!int x\n", "f.yml:1:4: the value is not what its tag says"},
		{"? [a]\n: b\n", "f.yml:1:3: a key must be text, not a map or list"},
		{"a:\n\tb: 1\n", "f.yml:2:1: a tab cannot indent YAML: use spaces"},
		{"a: \"\\0\"\n", "f.yml:1:4: a NUL character is not allowed in text"},
		{"ok: 1\nx: \xff\xfe\n", "f.yml:2:4: not UTF-8 text: invalid leading UTF-8 octet"},
		{"a: [1, 2\nb: 3\n", "f.yml:2:2: did not find expected ',' or ']' (while parsing a flow "
		                     "sequence that began at line 1)"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++)
		expect_refused(rows[i][0], rows[i][1]);
}

static void
test_yaml__an_alias_bomb_is_refused(void **state)
{
	scoped(buf_release) struct buf text = BUF_INIT(100000);
	(void)state;
	buf_add_text(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 20; i++) {
		buf_printf(&text, "a%d: &a%d [", i, i);
		for (int n = 0; n < 10; n++)
			buf_printf(&text, "*a%d,", i - 1);
		buf_add_text(&text, "]\n");
	}
	expect_refused(text.bytes,
	               "f.yml:5:38: more than 100000 values (aliases count each time they are used)");
}

static void
test_yaml__depth_is_capped_through_aliases_too(void **state)
{
	scoped(buf_release) struct buf text = BUF_INIT(100000);
	(void)state;
	buf_add_repeated(&text, '[', 10000);
	expect_refused(text.bytes, "f.yml:1:65: nested more than 64 levels deep");
	buf_clear(&text);
	buf_add_text(&text, "a0: &a0 [x]\n");
	for (int i = 1; i < 70; i++)
		buf_printf(&text, "a%d: &a%d [*a%d]\n", i, i, i - 1);
	expect_refused(text.bytes, "f.yml:64:12: nested more than 64 levels deep");
}

static void
test_yaml__size_is_capped(void **state)
{
	static const struct yaml_limits small = {2048, 10, 3};
	struct yaml_node *root;
	scoped(buf_release) struct buf text = BUF_INIT(4000);
	(void)state;
	buf_add_repeated(&text, 'x', 3000);
	assert_false(yaml_parse(text.bytes, text.length, "f", &small, &arena, &root, &err));
	assert_string_equal(err.why, "f: larger than 2 KiB");
}

/* ---- writing ---- */

static void
expect_written(const char *json, const char *expected)
{
	scoped(buf_release) struct buf out = BUF_INIT(10000);
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
	assert_non_null(value);
	assert_true(yaml_write(value, &out));
	assert_string_equal(out.bytes, expected);
	json_t *again = yaml_to_json(parse(out.bytes));
	assert_true(json_equal(value, again));
	json_decref(again);
	json_decref(value);
}

static void
test_yaml_write__shapes(void **state)
{
	(void)state;
	expect_written("{\"a\":{\"b\":[1,{\"c\":2,\"d\":[]},[3,4]],\"e\":{}},\"f\":null}",
	               "a:\n  b:\n  - 1\n  - c: 2\n    d: []\n  - - 3\n    - 4\n  e: {}\nf: null\n");
	expect_written("[]", "[]\n");
	expect_written("[true,1.5,1e20,-7]", "- true\n- 1.5\n- 1.0e+20\n- -7\n");
	expect_written("{\"cmd\":\"a\\nb \\\"c\\\"\\n\",\"x\":{\"z\":\"p\\n\\n  q\"}}",
	               "cmd: |\n  a\n  b \"c\"\nx:\n  z: |-\n    p\n\n      q\n");
}

static void
test_yaml_write__what_could_be_something_else_is_quoted(void **state)
{
	static const char *const quoted[] = {
		"yes", "No", "y", "N", "null", "~", "", " a", "a ", "010", "0o10", "1e3", "1:30", "1_000",
		"2026-11-23", ".inf", "-", "- a", "a: b", "a #b", "#a", "*a", "&a", "!a", "%a", "@a", "`a",
		"{a", "[a", "a,b", "=", "<<", "?", "key:", "'a'", "---", "...", "0x1f", "+1", "|", ">",
	};
	(void)state;
	for (size_t i = 0; i < array_length(quoted); i++) {
		char *json = arena_printf(&arena, "{\"k\":\"%s\",\"%s\":[\"%s\"]}", quoted[i], quoted[i], quoted[i]);
		char *yaml = arena_printf(&arena, "k: \"%s\"\n\"%s\":\n- \"%s\"\n", quoted[i], quoted[i], quoted[i]);
		expect_written(json, yaml);
	}
}

static void
test_yaml_write__ordinary_text_is_plain(void **state)
{
	static const char *const plain[] = {
		"a", "/_/health", "acme/checkout:abc123", "400m", "512Mi", "25%", "http://x/y?z=1&a=b", "it's",
		"a#b", "say \"hi\"", "blåbær", "$(HOME)", "app.kubernetes.io/name",
	};
	(void)state;
	for (size_t i = 0; i < array_length(plain); i++) {
		scoped(buf_release) struct buf out = BUF_INIT(1000);
		json_t *value = json_string(plain[i]);
		assert_true(yaml_write(value, &out));
		assert_string_equal(out.bytes, arena_printf(&arena, "%s\n", plain[i]));
		json_decref(value);
	}
}

static void
test_yaml_write__hidden_characters_become_escapes(void **state)
{
	(void)state;
	expect_written("\"a\\u001b[31mb\"", "\"a\\x1b[31mb\"\n");
	expect_written("\"\\u202eabc\\u0085\\u2028\"", "\"\\u202eabc\\x85\\u2028\"\n");
	expect_written("\"a\\tb\"", "\"a\\tb\"\n");
	expect_written("\"\\udb40\\udc01\"", "\"\\U000e0001\"\n");
}

static void
test_yaml_write__a_long_key_is_explicit(void **state)
{
	scoped(buf_release) struct buf json = BUF_INIT(4000), yaml = BUF_INIT(4000);
	(void)state;
	buf_add_text(&json, "{\"");
	buf_add_repeated(&json, 'k', 1100);
	buf_add_text(&json, "\":{\"a\":1}}");
	buf_add_text(&yaml, "? ");
	buf_add_repeated(&yaml, 'k', 1100);
	buf_add_text(&yaml, "\n:\n  a: 1\n");
	expect_written(json.bytes, yaml.bytes);
}

static void
test_yaml_write__too_small_a_buffer_is_told(void **state)
{
	scoped(buf_release) struct buf out = BUF_INIT(4);
	json_t *value = json_string("abcdef");
	(void)state;
	assert_false(yaml_write(value, &out));
	json_decref(value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_yaml__types_are_those_of_pyyaml, tear_down),
		cmocka_unit_test_teardown(test_yaml__a_date_is_a_timestamp, tear_down),
		cmocka_unit_test_teardown(test_yaml__nodes_know_their_place, tear_down),
		cmocka_unit_test_teardown(test_yaml__merge_keys_and_aliases_are_applied, tear_down),
		cmocka_unit_test_teardown(test_yaml__nothing_gives_null, tear_down),
		cmocka_unit_test_teardown(test_yaml__refusals_name_the_place, tear_down),
		cmocka_unit_test_teardown(test_yaml__an_alias_bomb_is_refused, tear_down),
		cmocka_unit_test_teardown(test_yaml__depth_is_capped_through_aliases_too, tear_down),
		cmocka_unit_test_teardown(test_yaml__size_is_capped, tear_down),
		cmocka_unit_test_teardown(test_yaml_write__shapes, tear_down),
		cmocka_unit_test_teardown(test_yaml_write__what_could_be_something_else_is_quoted, tear_down),
		cmocka_unit_test_teardown(test_yaml_write__ordinary_text_is_plain, tear_down),
		cmocka_unit_test_teardown(test_yaml_write__hidden_characters_become_escapes, tear_down),
		cmocka_unit_test_teardown(test_yaml_write__a_long_key_is_explicit, tear_down),
		cmocka_unit_test_teardown(test_yaml_write__too_small_a_buffer_is_told, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

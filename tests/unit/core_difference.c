/* The comparer and the table of noise: what counts as a difference, and what of it is shown. */
#include <dirent.h>

#include "fiaas_fixture.h"

#include "core/difference/hide.h"
#include "core/difference/lines.h"
#include "core/difference/noise.h"
#include "core/difference/objects.h"
#include "core/difference/quantity.h"
#include "sandbox/kubernetes/default.h"
#include "sandbox/kubernetes/store.h"

static json_t *
tree(const char *text)
{
	char *json = arena_strdup(&arena, text);
	for (char *at = json; *at != '\0'; at++)
		*at = *at == '\'' ? '"' : *at;
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
	if (value == NULL)
		fail_msg("%s is no JSON", text);
	return value;
}

/* "+path -path ~path", in order. */
static const char *
signs_of(const struct changes *changes)
{
	static const char signs[] = {[CHANGE_ADD] = '+', [CHANGE_REMOVE] = '-', [CHANGE_SET] = '~'};
	const char *text = "";
	for (size_t i = 0; i < changes->count; i++)
		text = arena_printf(&arena, "%s%s%c%s", text, i > 0 ? " " : "", signs[changes->items[i].action],
		                    changes->items[i].path);
	return text;
}

static void
test_difference_find__names_what_changes(void **state)
{
	static const char *const rows[][3] = {
		{"{}", "{}", ""},
		{"{'a': 1}", "{'a': 1.0}", ""},
		{"{'a': null}", "{}", ""},
		{"{'b': 1, 'a': 2}", "{'a': 2, 'b': 1}", ""},
		{"{'b': 1, 'a': 1}", "{'b': 2, 'a': '1'}", "~a ~b"},
		{"{'a': {'b': 1}}", "{'a': {'c': 1}}", "-a.b +a.c"},
		{"{'a': {'x.y/z': 1}}", "{'a': {'x.y/z': 2}}", "~a[x.y/z]"},
		{"{'a': [1, 2]}", "{'a': [2, 1]}", "~a"},
		{"{'a': []}", "{'a': {}}", "~a"},
		{"[]", "{}", "~"},
		{"{'a': [{'name': 'x', 'v': 1}, {'name': 'y'}]}", "{'a': [{'name': 'y'}, {'name': 'z'}]}", "-a[x] +a[z]"},
		{"{'a': [{'name': 'x', 'v': 1}]}", "{'a': [{'name': 'n'}, {'name': 'x', 'v': 2}]}", "~a[x].v +a[n]"},
		{"{'a': [{'name': 'x'}, {'name': 'y'}]}", "{'a': [{'name': 'y'}, {'name': 'x'}]}", "~a[0].name ~a[1].name"},
		{"{'a': [{'name': 'x'}, {'name': 'x'}]}", "{'a': [{'name': 'x'}]}", "-a[1]"},
		{"{'a': [{'v': 1}, {'v': 2}, {'v': 3}]}", "{'a': [{'v': 1}]}", "-a[2] -a[1]"},
		{"{'a': [{'containerPort': 80}]}", "{'a': [{'containerPort': 81}]}", "-a[80] +a[81]"},
		{"{'a': [[1]]}", "{'a': [[1], [2]]}", "+a[1]"},
		{"{'a': [{}, null]}", "{'a': [{}]}", "~a"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		scoped(json_release) json_t *before = tree(rows[i][0]);
		scoped(json_release) json_t *after = tree(rows[i][1]);
		struct changes changes = difference_find(before, after, &arena);
		assert_string_equal(signs_of(&changes), rows[i][2]);
		scoped(json_release) json_t *applied = difference_apply(before, &changes);
		assert_true(difference_is_equal(applied, after));
	}
}

/* A small random tree: maps, lists of named things, plain lists, values. */
static uint32_t seed;

static unsigned
dice(unsigned sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % sides;
}

static json_t *
random_tree(unsigned depth)
{
	static const char *const names[] = {"a", "b.c", "name", "d/e", "value", ""};
	unsigned kind = dice(depth == 0 ? 4 : 7);
	json_t *ret;
	if (kind == 0)
		return json_integer((int)dice(3));
	if (kind == 1)
		return json_string(names[dice(array_length(names))]);
	if (kind == 2)
		return dice(2) ? json_true() : json_real(dice(3));
	if (kind == 3)
		return json_null();
	ret = kind == 4 ? json_object() : json_array();
	for (unsigned count = dice(5), i = 0; i < count; i++) {
		json_t *child = random_tree(depth - 1);
		if (kind == 6 && json_is_object(child)) /* an element with a name of its own */
			json_object_set_new(child, "name", json_sprintf("n%u", dice(6)));
		if (kind == 4)
			json_object_set_new(ret, names[dice(array_length(names))], child);
		else
			json_array_append_new(ret, child);
	}
	return ret;
}

static void
test_difference__applied_to_before_gives_after(void **state)
{
	(void)state;
	for (seed = 1; seed < 400000000; seed += 100000) {
		uint32_t start = seed;
		scoped(json_release) json_t *before = random_tree(4);
		scoped(json_release) json_t *after = random_tree(4);
		struct changes changes = difference_find(before, after, &arena);
		scoped(json_release) json_t *applied = difference_apply(before, &changes);
		if (!difference_is_equal(applied, after) || !difference_is_equal(before, before))
			fail_msg("seed %u: %s", start, signs_of(&changes));
		arena_reset(&arena);
		seed = start;
	}
}

static void
test_quantity_is_equal__compares_exactly(void **state)
{
	static const struct { const char *a, *b; bool is_equal; } rows[] = {
		{"'1000m'", "1", true}, {"'1Gi'", "'1024Mi'", true}, {"'0.1'", "'100m'", true}, {"0.1", "'100m'", true},
		{"'1.5Gi'", "'1536Mi'", true}, {"'1e3'", "'1k'", true}, {"'1E'", "'1000P'", true}, {"'0'", "0", true},
		{"'1'", "'2'", false}, {"'1G'", "'1Gi'", false}, {"'300m'", "'0.30'", true}, {"'+1'", "'1'", true},
		{"'1000000000000000000000000000E'", "'1000000000000000000000000000E'", false}, {"'abc'", "'abc'", false},
		{"''", "0", false}, {"true", "1", false}, {"'1 Gi'", "'1Gi'", false}, {"'-1'", "-1", false}, {"'1n'", "'0.001u'", true},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		scoped(json_release) json_t *a = tree(rows[i].a);
		scoped(json_release) json_t *b = tree(rows[i].b);
		if (quantity_is_equal(a, b) != rows[i].is_equal)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
}

/* ---- noise ---- */

static const char *
compare(const char *before_text, const char *after_text, bool is_local)
{
	scoped(json_release) json_t *before = tree(before_text);
	scoped(json_release) json_t *after = tree(after_text);
	scoped(json_release) json_t *left = noise_remove(before, is_local);
	scoped(json_release) json_t *right = noise_remove(after, is_local);
	struct changes changes = noise_compare(json_text_or(before, "kind", ""), left, right, &arena);
	return signs_of(&changes);
}

#define CONTAINER(text) "{'kind': 'Deployment', 'spec': {'template': {'spec': {'containers': [{'name': 'x', " text "}]}}}}"

static void
test_noise__is_no_difference(void **state)
{
	static const struct { const char *before, *after; bool is_local; const char *signs; } rows[] = {
		{"{'kind': 'Service', 'metadata': {'uid': '1', 'labels': {'fiaas/deployment_id': 'a', 'app': 'x'}}, 'status': {}}",
		 "{'kind': 'Service', 'metadata': {'labels': {'fiaas/deployment_id': 'b', 'app': 'x'}}}", false, ""},
		{"{'kind': 'Service', 'metadata': {'annotations': {'mine': 'y'}}}", "{'kind': 'Service', 'metadata': {}}", false,
		 "-metadata"},
		{"{'kind': 'Service', 'spec': {'clusterIP': '10.0.0.1'}}", "{'kind': 'Service', 'spec': {}}", true, ""},
		{"{'kind': 'Service', 'spec': {'clusterIP': '10.0.0.1'}}", "{'kind': 'Service', 'spec': {}}", false, "-spec"},
		{"{'kind': 'Service', 'spec': {'type': 'ClusterIP', 'ports': [{'name': 'a', 'protocol': 'TCP', 'nodePort': 1}]}}",
		 "{'kind': 'Service', 'spec': {'ports': [{'name': 'a'}]}}", true, ""},
		{"{'kind': 'Service', 'spec': {'type': 'NodePort', 'a': 1}}", "{'kind': 'Service', 'spec': {'a': 1}}", true,
		 "-spec.type"},
		{CONTAINER("'resources': {'limits': {'cpu': '1', 'memory': '1Gi'}}"),
		 CONTAINER("'resources': {'limits': {'cpu': '1000m', 'memory': '1025Mi'}}"), false,
		 "~spec.template.spec.containers[x].resources.limits.memory"},
		{CONTAINER("'livenessProbe': {'timeoutSeconds': 1, 'periodSeconds': 11}"), CONTAINER("'livenessProbe': {}"), true,
		 "-spec.template.spec.containers[x].livenessProbe"},
		{CONTAINER("'command': []"), CONTAINER("'image': null"), false, ""},
		{"{'kind': 'Application', 'spec': {'config': {'ports': []}}}", "{'kind': 'Application', 'spec': {'config': {}}}", false,
		 "-spec.config.ports"},
		{"{'kind': 'Application', 'metadata': {'annotations': {'paas/commit': 'a'}}}",
		 "{'kind': 'Application', 'metadata': {}}", false, ""},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++)
		assert_string_equal(compare(rows[i].before, rows[i].after, rows[i].is_local), rows[i].signs);
}

/* Every path of the table must be able to match something: a typing error would leave noise in. */
static void
test_noise_table__rows_are_well_formed(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_noise_table; i++) {
		const struct noise *noise = &noise_table[i];
		assert_int_equal(noise->value != NULL, noise->rule == NOISE_DEFAULT);
		assert_null(strstr(noise->path, "  "));
		json_decref(noise->value != NULL ? json_loads(noise->value, JSON_DECODE_ANY, NULL) : json_null());
	}
}

/* ---- every fixture, as an API server gives it back ---- */

static void
assert_no_difference(const char *path)
{
	for (size_t i = 0; i < json_array_size(objects); i++) {
		const json_t *object = json_array_get(objects, i);
		const char *kind = json_text_or(object, "kind", "");
		const struct resource *resource = resource_of_kind(json_text_or(object, "apiVersion", ""), kind);
		scoped(json_release) json_t *live = json_deep_copy(object);
		if (resource == NULL)
			fail_msg("%s: no resource for %s", path, kind);
		default_object(resource, live);
		struct object_difference difference = {.kind = kind, .reason = "nobody was asked"};
		object_compare(&difference, live, object, &arena);
		if (difference.action != OBJECT_SAME)
			fail_msg("%s: %s: %s", path, kind, signs_of(&difference.changes));
		json_decref(difference.before);
		json_decref(difference.after);
	}
}

static size_t
compare_folder(const char *folder)
{
	size_t count = 0;
	const char *path = arena_printf(&arena, "tests/fixtures/fiaas/%s", folder);
	DIR *entries = opendir(path);
	assert_non_null(entries);
	for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
		if (strstr(entry->d_name, ".yml") == NULL ||
		    !render_config(read_fixture(arena_printf(&arena, "%s/%s", folder, entry->d_name))))
			continue;
		assert_no_difference(entry->d_name);
		count++;
	}
	closedir(entries);
	return count;
}

static void
test_noise__defaults_of_a_server_are_none(void **state)
{
	(void)state;
	option("ingress-suffix=svc.example");
	option("use-in-memory-emptydirs=true");
	option("use-networkingv1-ingress=true");
	assert_true(compare_folder("examples/v3") + compare_folder("examples/v2") + compare_folder("transformations") > 10);
}

/* ---- what is shown ---- */

static const char *
show(const char *kind, const char *before_text, const char *after_text)
{
	scoped(json_release) json_t *before = tree(before_text);
	scoped(json_release) json_t *after = tree(after_text);
	struct changes changes = difference_find(before, after, &arena);
	const char *text = "";
	for (size_t i = 0; i < changes.count; i++) {
		scoped(shown_release) struct shown shown = change_hide(kind, &changes.items[i]);
		scoped(json_release) json_t *row = json_pack("{s:s, s:O?, s:O?}", "p", changes.items[i].path, "b", shown.before, "a",
		                                            shown.after);
		text = arena_printf(&arena, "%s%s", text, json_write(row, &arena));
	}
	assert_null(strstr(text, "geheim"));
	return text;
}

static void
test_change_hide__shows_no_secret(void **state)
{
	(void)state;
	assert_string_equal(show("Secret", "{'data': {'a': 'geheim'}}", "{'data': {'a': 'geheim2'}}"),
	                    "{\"p\":\"data.a\",\"b\":\"(secret)\",\"a\":\"(secret, changed)\"}");
	assert_string_equal(show("Secret", "{}", "{'stringData': {'a': 'geheim', 'b': 1}}"),
	                    "{\"p\":\"stringData\",\"b\":null,\"a\":{\"a\":\"(secret)\",\"b\":1}}");
	assert_string_equal(show("Deployment", "{'env': [{'name': 'DB_PASSWORD', 'value': 'geheim'}, {'name': 'A', 'value': '1'}]}",
	                         "{'env': [{'name': 'DB_PASSWORD', 'value': 'geheim2'}, {'name': 'A', 'value': '2'}]}"),
	                    "{\"p\":\"env[DB_PASSWORD].value\",\"b\":\"(secret)\",\"a\":\"(secret, changed)\"}"
	                    "{\"p\":\"env[A].value\",\"b\":\"1\",\"a\":\"2\"}");
	assert_string_equal(show("Deployment", "{'env': []}", "{'env': [{'name': 'API_TOKEN', 'value': 'geheim'}]}"),
	                    "{\"p\":\"env[API_TOKEN]\",\"b\":null,\"a\":{\"name\":\"API_TOKEN\",\"value\":\"(secret)\"}}");
	assert_string_equal(show("Ingress", "{'a': {'x': 'https://u:geheim@h/1'}}", "{'a': {'x': 'https://u:geheim3@h/1'}}"),
	                    "{\"p\":\"a.x\",\"b\":\"https://[hidden]@h/1\",\"a\":\"https://[hidden]@h/1 (secret, changed)\"}");
	/* names of secrets are none */
	assert_string_equal(show("Deployment", "{'volumes': [{'name': 'v', 'secret': {'secretName': 'a'}}]}",
	                         "{'volumes': [{'name': 'v', 'secret': {'secretName': 'b'}}]}"),
	                    "{\"p\":\"volumes[v].secret.secretName\",\"b\":\"a\",\"a\":\"b\"}");
}

static void
test_lines_compare__keeps_what_is_common(void **state)
{
	static const char *const rows[][3] = {
		{"a\nb\nc\n", "a\nx\nc\n", " a-b+x c"}, {"", "a\nb", "+a+b"}, {"a\nb", "", "-a-b"}, {"a", "a", "@"},
		{"1\n2\n3\n4\n5\n6\n7", "1\n2\n3\n4\n5\n6\n8", "@ 6-7+8"}, {"a\n\nb", "a\nb", " a- b"}, {"a\nb\na\nb", "b\na", "-a b a-b"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		struct line_changes changes = lines_compare(rows[i][0], rows[i][1], 1, &arena);
		const char *text = "";
		for (size_t k = 0; k < changes.count; k++)
			text = arena_printf(&arena, "%s%c%.*s", text, changes.items[k].sign, (int)changes.items[k].length,
			                    changes.items[k].text);
		assert_string_equal(text, rows[i][2]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_difference_find__names_what_changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_difference__applied_to_before_gives_after, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_quantity_is_equal__compares_exactly, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_noise__is_no_difference, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_noise_table__rows_are_well_formed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_noise__defaults_of_a_server_are_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_change_hide__shows_no_secret, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lines_compare__keeps_what_is_common, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("core/difference", tests, NULL, NULL);
}

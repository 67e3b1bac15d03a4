#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "base/loop.h"
#include "sandbox/kubernetes/api.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/spinnaker/parts.h"

/* JSON in single quotes, to be readable in C; "~" is a quote in it. */
static json_t *
parse(const char *text)
{
	char *copy = strdup(text);
	for (char *at = copy; *at != '\0'; at++)
		*at = (char)(*at == '\'' ? '"' : *at == '~' ? '\'' : *at);
	json_error_t error;
	json_t *tree = json_loads(copy, JSON_DECODE_ANY, &error);
	if (tree == NULL)
		fail_msg("%s in %s", error.text, text);
	free(copy);
	return tree;
}

static void
assert_json(const json_t *tree, const char *expected)
{
	scoped(tree_release) json_t *wanted = parse(expected);
	if (json_equal(tree, wanted))
		return;
	char *text = json_dumps(tree, JSON_ENCODE_ANY | JSON_SORT_KEYS);
	fail_msg("got %s, expected %s", text, expected);
}

/* ---- expressions ---- */

static const struct {
	const char *text, *expected;
	bool fails;
} expressions[] = {
	{"'plain'", "'plain'", false},
	{"'${parameters.image}'", "'r/shop:1'", false},
	{"'${ parameters[~image~] }'", "'r/shop:1'", false},
	{"'of ${trigger.user} by ${execution.id}!'", "'of ada by E1!'", false},
	{"'${trigger[~artifacts~][0][~reference~]}'", "'r/shop:2'", false},
	{"['${parameters.count}', 'n=${parameters.count}', {'a': '${parameters.list}', 'b': '${parameters.list}s'}]",
	 "[3, 'n=3', {'a': [1], 'b': '[1]s'}]", false},
	{"'${#readJson(parameters.config)}'", "{'version': 3}", false},
	{"'${#readJson(parameters.image)}'", "'${#readJson(parameters.image)}'", true},
	{"'${parameters.nothing} and ${parameters.image}'", "'${parameters.nothing} and r/shop:1'", true},
	{"'${trigger[~artifacts~][9]}'", "'${trigger[~artifacts~][9]}'", true},
	{"'${parameters.image.x.y}'", "'${parameters.image.x.y}'", true},
	{"'${T(java.lang.Runtime).exec(~id~)}'", "'${T(java.lang.Runtime).exec(~id~)}'", true},
	{"'${#stage(~Deploy~)}'", "'${#stage(~Deploy~)}'", true},
	{"'${parameters.image == ~a}~}'", "false", false},
	{"['${parameters.count != 4}', '${true == parameters.count}']", "[true, false]", false},
	{"'${parameters.image == }'", "'${parameters.image == }'", true},
	{"'${parameters.image > ~a}~}'", "'${parameters.image > ~a}~}'", true},
	{"'${parameters[~image}'", "'${parameters[~image}'", false}, /* never ends: no expression */
	{"'$${'", "'$${'", false},
	{"'${}'", "'${}'", true},
	{"'${parameters[}'", "'${parameters[}'", true},
	{"'${parameters.}'", "'${parameters.}'", true},
};

static void
test_expression__fills_in_what_it_knows_and_leaves_the_rest(void **state)
{
	(void)state;
	scoped(tree_release) json_t *execution =
		parse("{'id': 'E1', 'trigger': {'user': 'ada', 'artifacts': [{'reference': 'r/shop:2'}], 'parameters': {'image': "
	              "'r/shop:1', 'count': 3, 'list': [1], 'config': '{\\'version\\': 3}'}}}");
	for (size_t i = 0; i < array_length(expressions); i++) {
		scoped(tree_release) json_t *summary = json_object();
		scoped(tree_release) json_t *value = expression_fill_in(execution, parse(expressions[i].text), summary);
		assert_json(value, expressions[i].expected);
		if ((json_object_size(summary) > 0) != expressions[i].fails)
			fail_msg("%s: %zu failures", expressions[i].text, json_object_size(summary));
	}
}

/* ---- applying ---- */

static bool
apply(struct kubernetes_api *api, const char *text, struct arena *arena, const char **ret_why)
{
	scoped(tree_release) json_t *object = parse(text);
	*ret_why = NULL;
	return kubernetes_api_apply(api, "clouddriver", object, arena, ret_why);
}

#define MAP(data) "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'm', 'namespace': 'n'}, 'data': " data "}"

static void
test_apply__changes_what_was_applied_last_and_keeps_what_others_added(void **state)
{
	(void)state;
	scoped(arena_release) struct arena arena = {0};
	const char *why;
	struct store *store = store_new();
	struct kubernetes_api *api = kubernetes_api_new(&(struct kubernetes_api_options){.store = store});
	const struct resource *maps = resource_find("", "v1", "configmaps");
	assert_false(apply(api, MAP("{'a': '1'}"), &arena, &why));
	assert_string_equal(why, "Error from server (NotFound): error when creating \"STDIN\": namespaces \"n\" not found");
	store_put(store, resource_find("", "v1", "namespaces"), parse("{'metadata': {'name': 'n'}}"));
	assert_true(apply(api, MAP("{'a': '1', 'b': '1'}"), &arena, &why));
	json_t *changed = json_deep_copy(store_get(store, maps, "n", "m"));
	tree_set(changed, "data.c", json_string("other"));
	store_put(store, maps, changed);
	assert_true(apply(api, MAP("{'a': '2'}"), &arena, &why));
	assert_json(tree_get(store_get(store, maps, "n", "m"), "data"), "{'a': '2', 'c': 'other'}");
	kubernetes_api_deny(api, "patch:configmaps");
	assert_false(apply(api, MAP("{'a': '3'}"), &arena, &why));
	assert_non_null(strstr(why, "Error from server (Forbidden): error when applying patch to \"STDIN\": "));
	assert_false(apply(api, "{'apiVersion': 'v2', 'kind': 'Whale', 'metadata': {'name': 'w'}}", &arena, &why));
	assert_non_null(strstr(why, "no matches for kind \"Whale\" in version \"v2\""));
	assert_false(apply(api, "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': 7}", &arena, &why));
	assert_false(apply(api, "[]", &arena, &why));
	kubernetes_api_free(api);
	store_free(store);
}

/* ---- bounds ---- */

static void
test_gate__keeps_200_executions_and_forgets_those_that_are_complete_first(void **state)
{
	(void)state;
	struct loop *loop;
	struct error err;
	char first[IDENTIFIER_BYTES] = "";
	assert_true(loop_open(&loop, &err));
	struct gate *gate = gate_new(&(struct gate_options){.loop = loop, .account = "a", .token = "t", .is_empty = true});
	for (int i = 0; i < EXECUTIONS_MAX + 10; i++) {
		json_t *execution = json_pack("{s:o, s:s}", "id", json_sprintf("%d", i), "status", i == 0 ? "RUNNING" : "SUCCEEDED");
		execution_keep(gate, execution);
	}
	assert_int_equal(json_object_size(gate_table(gate, "executions")), EXECUTIONS_MAX);
	assert_non_null(execution_find(gate, "0"));
	assert_null(execution_find(gate, "10"));
	assert_non_null(execution_find(gate, "11"));
	assert_int_equal(strlen(identifier_ulid(first)), 26);
	assert_int_equal(strlen(identifier_uuid(first)), 36);
	json_t *snapshot = gate_snapshot(gate);
	assert_true(gate_restore(gate, snapshot));
	json_object_del(snapshot, "configs");
	assert_false(gate_restore(gate, snapshot));
	json_decref(snapshot);
	gate_free(gate);
	loop_close(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expression__fills_in_what_it_knows_and_leaves_the_rest),
		cmocka_unit_test(test_apply__changes_what_was_applied_last_and_keeps_what_others_added),
		cmocka_unit_test(test_gate__keeps_200_executions_and_forgets_those_that_are_complete_first),
	};
	return cmocka_run_group_tests_name("sandbox/gate", tests, NULL, NULL);
}

#include "sandbox/kubernetes/apply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "sandbox/kubernetes/field_set.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"

/* JSON in single quotes, to be readable in C. */
static json_t *
parse(const char *text)
{
	char *copy = strdup(text);
	for (char *at = copy; *at != '\0'; at++)
		if (*at == '\'')
			*at = '"';
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

static const struct resource *
deployments(void)
{
	return resource_find("apps", "v1", "deployments");
}

static json_t *
apply_as(const char *manager, json_t *live, const char *spec, bool force, json_t **ret_status)
{
	struct apply apply = {.resource = deployments(), .manager = manager, .subresource = "", .force = force};
	scoped(tree_release) json_t *config =
		json_pack("{s:s, s:s, s:{s:s}, s:o}", "apiVersion", "apps/v1", "kind", "Deployment",
	                  "metadata", "name", "d", "spec", parse(spec));
	json_t *result = NULL;
	if (!apply_merge(&apply, live, config, &result, ret_status))
		result = NULL;
	json_decref(live);
	return result;
}

/* ---- one manager applies, perhaps twice; another may own things too ---- */

static const struct sequence {
	const char *name;
	const char *first;   /* applied by "a" */
	const char *other;   /* applied by "b" with force, or NULL */
	const char *update;  /* the spec as "c" then leaves it by other means, or NULL */
	const char *last;    /* applied by "a"; with force */
	const char *spec;    /* as it ends */
} sequences[] = {
	{"the same again", "{'replicas':1}", NULL, NULL, "{'replicas':1}", "{'replicas':1}"},
	{"a value changes", "{'replicas':1}", NULL, NULL, "{'replicas':2}", "{'replicas':2}"},
	{"a dropped field goes", "{'replicas':1,'paused':true}", NULL, NULL, "{'replicas':1}", "{'replicas':1}"},
	{"a dropped field stays when co-owned", "{'replicas':1,'paused':true}", "{'paused':true}", NULL,
	 "{'replicas':1}", "{'replicas':1,'paused':true}"},
	{"what another added stays", "{'replicas':1}", "{'minReadySeconds':5}", NULL, "{'replicas':2}",
	 "{'replicas':2,'minReadySeconds':5}"},
	{"what was updated by hand stays when dropped", "{'replicas':1,'paused':true}", NULL,
	 "{'replicas':3,'paused':true}", "{'paused':true}", "{'replicas':3,'paused':true}"},
	{"force takes back", "{'replicas':1}", NULL, "{'replicas':3}", "{'replicas':1}", "{'replicas':1}"},
	{"list items merge by name",
	 "{'template':{'spec':{'containers':[{'name':'x','image':'1'},{'name':'y','image':'1'}]}}}", NULL, NULL,
	 "{'template':{'spec':{'containers':[{'name':'x','image':'2'},{'name':'y','image':'1'}]}}}",
	 "{'template':{'spec':{'containers':[{'name':'x','image':'2'},{'name':'y','image':'1'}]}}}"},
	{"a dropped item goes",
	 "{'template':{'spec':{'containers':[{'name':'x','image':'1'},{'name':'y','image':'1'}]}}}", NULL, NULL,
	 "{'template':{'spec':{'containers':[{'name':'y','image':'1'}]}}}",
	 "{'template':{'spec':{'containers':[{'name':'y','image':'1'}]}}}"},
	{"a dropped item stays, with what another owns of it",
	 "{'template':{'spec':{'containers':[{'name':'x','image':'1'},{'name':'y','image':'1'}]}}}",
	 "{'template':{'spec':{'containers':[{'name':'x','tty':true}]}}}", NULL,
	 "{'template':{'spec':{'containers':[{'name':'y','image':'1'}]}}}",
	 "{'template':{'spec':{'containers':[{'name':'x','tty':true},{'name':'y','image':'1'}]}}}"},
	{"items take the order of the intent",
	 "{'template':{'spec':{'containers':[{'name':'x'},{'name':'y'}]}}}",
	 "{'template':{'spec':{'containers':[{'name':'sidecar'}]}}}", NULL,
	 "{'template':{'spec':{'containers':[{'name':'y'},{'name':'x'}]}}}",
	 "{'template':{'spec':{'containers':[{'name':'y'},{'name':'x'},{'name':'sidecar'}]}}}"},
	{"ports are told apart by number and protocol",
	 "{'template':{'spec':{'containers':[{'name':'x','ports':[{'containerPort':80}]}]}}}", NULL, NULL,
	 "{'template':{'spec':{'containers':[{'name':'x','ports':[{'containerPort':80,'protocol':'UDP'}]}]}}}",
	 "{'template':{'spec':{'containers':[{'name':'x','ports':[{'containerPort':80,'protocol':'UDP'}]}]}}}"},
	{"args are one value",
	 "{'template':{'spec':{'containers':[{'name':'x','args':['a','b']}]}}}", NULL, NULL,
	 "{'template':{'spec':{'containers':[{'name':'x','args':['c']}]}}}",
	 "{'template':{'spec':{'containers':[{'name':'x','args':['c']}]}}}"},
	{"a map that loses its last field goes", "{'replicas':1,'strategy':{'type':'Recreate'}}", NULL, NULL,
	 "{'replicas':1}", "{'replicas':1}"},
	{"null is nothing", "{'replicas':1,'paused':null}", NULL, NULL, "{'replicas':1,'paused':null}", "{'replicas':1}"},
};

static json_t *
update_as(const char *manager, json_t *live, const char *spec)
{
	struct apply apply = {.resource = deployments(), .manager = manager, .subresource = ""};
	json_t *after = json_deep_copy(live);
	json_object_set_new(after, "spec", parse(spec));
	apply_note_update(&apply, live, after);
	json_decref(live);
	return after;
}

static void
test_apply__ends_as_the_intents_say(void **state)
{
	(void)state;
	json_t *status;
	for (size_t i = 0; i < array_length(sequences); i++) {
		const struct sequence *at = &sequences[i];
		json_t *live = apply_as("a", NULL, at->first, false, &status);
		if (at->other != NULL)
			live = apply_as("b", live, at->other, true, &status);
		if (at->update != NULL)
			live = update_as("c", live, at->update);
		live = apply_as("a", live, at->last, true, &status);
		scoped(tree_release) json_t *wanted = parse(at->spec);
		if (!json_equal(json_object_get(live, "spec"), wanted))
			fail_msg("%s: %s", at->name, json_dumps(json_object_get(live, "spec"), JSON_SORT_KEYS));
		json_decref(live);
	}
}

static void
test_apply__one_conflict_is_worded_as_documented(void **state)
{
	(void)state;
	json_t *status = NULL;
	json_t *live = apply_as("a", NULL, "{'replicas':1}", false, &status);
	live = update_as("kubectl-client-side-apply", live, "{'replicas':3}");
	assert_null(apply_as("a", live, "{'replicas':1}", false, &status));
	assert_string_equal(tree_text(status, "message"),
	                    "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" "
	                    "using apps/v1: .spec.replicas");
	assert_string_equal(tree_text(status, "reason"), "Conflict");
	assert_int_equal(tree_int(status, "code"), 409);
	assert_json(tree_get(status, "details.causes"),
	            "[{'reason':'FieldManagerConflict','field':'.spec.replicas','message':"
	            "'conflict with \\'kubectl-client-side-apply\\' using apps/v1'}]");
	json_decref(status);
}

static void
test_apply__many_conflicts_are_listed_by_manager(void **state)
{
	(void)state;
	json_t *status = NULL;
	json_t *live = apply_as("a", NULL, "{'template':{'spec':{'containers':[{'name':'x','image':'1'}]}}}",
	                        false, &status);
	live = apply_as("b", live, "{'replicas':2}", false, &status);
	assert_null(apply_as("c", live, "{'replicas':3,'template':{'spec':{'containers':[{'name':'x','image':'2'}]}}}",
	                     false, &status));
	assert_string_equal(tree_text(status, "message"),
	                    "Apply failed with 2 conflicts: conflicts with \"a\":\n"
	                    "- .spec.template.spec.containers[name=\"x\"].image\n"
	                    "conflicts with \"b\":\n- .spec.replicas");
	json_decref(status);
}

static void
test_apply__force_makes_the_only_owner(void **state)
{
	(void)state;
	json_t *status = NULL;
	json_t *live = apply_as("a", NULL, "{'replicas':1}", false, &status);
	live = update_as("hand", live, "{'replicas':3}");
	live = apply_as("a", live, "{'replicas':1,'paused':true}", true, &status);
	assert_int_equal(json_array_size(tree_get(live, "metadata.managedFields")), 1);
	live = apply_as("a", live, "{'paused':true}", false, &status);
	assert_null(tree_get(live, "spec.replicas"));
	json_decref(live);
}

static void
test_apply__the_same_value_never_conflicts(void **state)
{
	(void)state;
	json_t *status = NULL;
	json_t *live = apply_as("a", NULL, "{'replicas':2}", false, &status);
	live = apply_as("b", live, "{'replicas':2}", false, &status);
	assert_non_null(live);
	assert_int_equal(json_array_size(tree_get(live, "metadata.managedFields")), 2);
	/* now co-owned: neither may change it alone */
	assert_null(apply_as("a", live, "{'replicas':3}", false, &status));
	json_decref(status);
}

static void
test_apply__nothing_new_leaves_every_byte(void **state)
{
	(void)state;
	json_t *status = NULL;
	json_t *live = apply_as("a", NULL, "{'replicas':2}", false, &status);
	scoped(tree_release) json_t *before = json_deep_copy(live);
	live = apply_as("a", live, "{'replicas':2}", false, &status);
	assert_true(json_equal(before, live));
	json_decref(live);
}

static void
test_apply__an_update_takes_what_it_changes_from_others(void **state)
{
	(void)state;
	json_t *status = NULL;
	json_t *live = apply_as("a", NULL, "{'replicas':2,'paused':true}", false, &status);
	live = update_as("hpa", live, "{'replicas':5}");
	assert_int_equal(json_array_size(tree_get(live, "metadata.managedFields")), 1);
	assert_string_equal(tree_text(live, "metadata.managedFields.0.manager"), "hpa");
	assert_json(tree_get(live, "metadata.managedFields.0.fieldsV1"), "{'f:spec':{'f:replicas':{}}}");
	json_decref(live);
}

static void
test_field_set__leaves_out_identity_and_takes_selectors_whole(void **state)
{
	(void)state;
	scoped(tree_release) json_t *object = parse(
		"{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'x','uid':'1','labels':{'a.b/c':'d'}},"
		"'spec':{'selector':{'matchLabels':{'a':'b'}}}}");
	scoped(tree_release) json_t *set = field_set_of(deployments(), object);
	scoped(tree_release) json_t *fields = field_set_to_v1(set);
	assert_json(fields, "{'f:metadata':{'f:labels':{'f:a.b/c':{}}},'f:spec':{'f:selector':{}}}");
	scoped(tree_release) json_t *back = field_set_from_v1(fields);
	assert_true(json_equal(back, set));
}

static void
test_field_set__custom_resources_have_whole_lists(void **state)
{
	(void)state;
	scoped(tree_release) json_t *object = parse("{'spec':{'config':{'ports':[{'port':80}],'env':[{'name':'a'}]}}}");
	scoped(tree_release) json_t *set =
		field_set_of(resource_find("fiaas.schibsted.io", "v1", "applications"), object);
	scoped(tree_release) json_t *fields = field_set_to_v1(set);
	assert_json(fields, "{'f:spec':{'f:config':{'f:ports':{},'f:env':{}}}}");
}

static void
test_field_set__arithmetic(void **state)
{
	(void)state;
	scoped(tree_release) json_t *a = parse("{'f:x':{'.':{}},'f:y':{'f:z':{'.':{}}}}");
	scoped(tree_release) json_t *b = parse("{'f:x':{'.':{}},'f:w':{'.':{}}}");
	scoped(tree_release) json_t *minus = field_set_minus(a, b), *common = field_set_common(a, b),
	                            *both = field_set_union(a, b);
	assert_json(minus, "{'f:y':{'f:z':{'.':{}}}}");
	assert_json(common, "{'f:x':{'.':{}}}");
	assert_json(both, "{'f:x':{'.':{}},'f:y':{'f:z':{'.':{}}},'f:w':{'.':{}}}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apply__ends_as_the_intents_say),
		cmocka_unit_test(test_apply__one_conflict_is_worded_as_documented),
		cmocka_unit_test(test_apply__many_conflicts_are_listed_by_manager),
		cmocka_unit_test(test_apply__force_makes_the_only_owner),
		cmocka_unit_test(test_apply__the_same_value_never_conflicts),
		cmocka_unit_test(test_apply__nothing_new_leaves_every_byte),
		cmocka_unit_test(test_apply__an_update_takes_what_it_changes_from_others),
		cmocka_unit_test(test_field_set__leaves_out_identity_and_takes_selectors_whole),
		cmocka_unit_test(test_field_set__custom_resources_have_whole_lists),
		cmocka_unit_test(test_field_set__arithmetic),
	};
	return cmocka_run_group_tests_name("sandbox/apply", tests, NULL, NULL);
}

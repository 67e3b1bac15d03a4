#include "sandbox/kubernetes/patch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "sandbox/kubernetes/decode.h"
#include "sandbox/kubernetes/default.h"
#include "sandbox/kubernetes/selector.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/kubernetes/tree.h"
#include "sandbox/kubernetes/validate.h"

/* JSON in single quotes, to be readable in C. */
static json_t *
parse(const char *text)
{
	char *copy = strdup(text);
	for (char *at = copy; *at != '\0'; at++)
		if (*at == '\'')
			*at = '"';
	json_t *tree = json_loads(copy, JSON_DECODE_ANY, NULL);
	if (tree == NULL)
		fail_msg("not JSON: %s", text);
	free(copy);
	return tree;
}

static void
assert_equal_json(const json_t *tree, const char *expected)
{
	scoped(tree_release) json_t *wanted = parse(expected);
	if (!json_equal(tree, wanted))
		fail_msg("got %s, expected %s", json_dumps(tree, JSON_ENCODE_ANY), expected);
}

/* ---- RFC 6902, appendix A and the traps of RFC 6901 ---- */

static const struct {
	const char *object, *patch, *result; /* NULL = refused */
} json_patches[] = {
	{"{'a':1}", "[{'op':'add','path':'/b','value':2}]", "{'a':1,'b':2}"},
	{"{'a':[1,3]}", "[{'op':'add','path':'/a/1','value':2}]", "{'a':[1,2,3]}"},
	{"{'a':[1]}", "[{'op':'add','path':'/a/-','value':2}]", "{'a':[1,2]}"},
	{"{'a':1,'b':2}", "[{'op':'remove','path':'/b'}]", "{'a':1}"},
	{"{'a':1}", "[{'op':'remove','path':'/b'}]", NULL},
	{"{'a':1}", "[{'op':'replace','path':'/a','value':2}]", "{'a':2}"},
	{"{'a':1}", "[{'op':'replace','path':'/b','value':2}]", NULL},
	{"{'a':{'b':1}}", "[{'op':'move','from':'/a/b','path':'/c'}]", "{'a':{},'c':1}"},
	{"{'a':1}", "[{'op':'copy','from':'/a','path':'/b'}]", "{'a':1,'b':1}"},
	{"{'a':1}", "[{'op':'test','path':'/a','value':1}]", "{'a':1}"},
	{"{'a':1}", "[{'op':'test','path':'/a','value':2}]", NULL},
	{"{'a/b':1,'c~d':2}", "[{'op':'replace','path':'/a~1b','value':3},{'op':'remove','path':'/c~0d'}]", "{'a/b':3}"},
	{"{'a':1}", "[{'op':'add','path':'/x/y','value':1}]", NULL},
	{"{'a':1}", "[{'op':'dance','path':'/a'}]", NULL},
	{"{'a':1}", "{'a':2}", NULL},
};

static void
test_patch__json_patch_by_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(json_patches); i++) {
		scoped(tree_release) json_t *object = parse(json_patches[i].object);
		scoped(tree_release) json_t *patch = parse(json_patches[i].patch);
		scoped(tree_release) json_t *result = NULL, *status = NULL;
		bool done = patch_json(object, patch, &result, &status);
		if (done != (json_patches[i].result != NULL))
			fail_msg("%s", json_patches[i].patch);
		if (done)
			assert_equal_json(result, json_patches[i].result);
	}
}

static void
test_patch__merge_patch_deletes_with_null_and_replaces_lists(void **state)
{
	(void)state;
	scoped(tree_release) json_t *object = parse("{'a':{'b':1,'c':2},'l':[1,2]}");
	scoped(tree_release) json_t *patch = parse("{'a':{'b':null,'d':3},'l':[9]}");
	scoped(tree_release) json_t *result = patch_merge(object, patch);
	assert_equal_json(result, "{'a':{'c':2,'d':3},'l':[9]}");
}

static const struct {
	const char *object, *patch, *result; /* of a Deployment's pod spec */
} strategic_patches[] = {
	{"{'containers':[{'name':'a','image':'1'},{'name':'b'}]}", "{'containers':[{'name':'a','image':'2'}]}",
	 "{'containers':[{'name':'a','image':'2'},{'name':'b'}]}"},
	{"{'containers':[{'name':'a'}]}", "{'containers':[{'name':'b'}]}", "{'containers':[{'name':'a'},{'name':'b'}]}"},
	{"{'containers':[{'name':'a'},{'name':'b'}]}", "{'containers':[{'$patch':'delete','name':'a'}]}",
	 "{'containers':[{'name':'b'}]}"},
	{"{'containers':[{'name':'a'}]}", "{'containers':[{'$patch':'replace'},{'name':'c'}]}", "{'containers':[{'name':'c'}]}"},
	{"{'containers':[{'name':'a','ports':[{'containerPort':1,'protocol':'TCP'}]}]}",
	 "{'containers':[{'name':'a','ports':[{'containerPort':1,'hostPort':2}]}]}",
	 "{'containers':[{'name':'a','ports':[{'containerPort':1,'protocol':'TCP','hostPort':2}]}]}"},
	{"{'volumes':[{'name':'v','emptyDir':{}}]}",
	 "{'volumes':[{'$retainKeys':['name','secret'],'name':'v','secret':{'secretName':'s'}}]}",
	 "{'volumes':[{'name':'v','secret':{'secretName':'s'}}]}"},
	{"{'nodeSelector':{'a':'1'}}", "{'nodeSelector':{'$patch':'replace','b':'2'}}", "{'nodeSelector':{'b':'2'}}"},
	{"{'restartPolicy':'Always'}", "{'restartPolicy':null,'$setElementOrder/containers':[{'name':'a'}]}", "{}"},
};

static void
test_patch__strategic_merge_by_key_and_directive(void **state)
{
	(void)state;
	const struct resource *deployments = resource_find("apps", "v1", "deployments");
	for (size_t i = 0; i < array_length(strategic_patches); i++) {
		scoped(tree_release) json_t *object =
			json_pack("{s:{s:o}}", "template", "spec", parse(strategic_patches[i].object));
		scoped(tree_release) json_t *patch =
			json_pack("{s:{s:o}}", "template", "spec", parse(strategic_patches[i].patch));
		scoped(tree_release) json_t *result = patch_strategic(deployments, object, patch);
		assert_equal_json(tree_get(result, "template.spec"), strategic_patches[i].result);
	}
}

/* ---- selectors ---- */

static const struct {
	const char *labels;
	int expected; /* 1 = matches, 0 = does not, -1 = refused */
} label_selectors[] = {
	{"", 1}, {"app=web", 1}, {"app==web", 1}, {"app=db", 0}, {"app!=db", 1}, {"absent!=x", 1},
	{"app", 1}, {"absent", 0}, {"!absent", 1}, {"!app", 0}, {"app in (web,db)", 1},
	{"app in (db)", 0}, {"app notin (db)", 1}, {"absent notin (x)", 1}, {"absent in (x)", 0},
	{"app=web,tier=front", 1}, {"app=web,tier=back", 0}, {" app = web , tier in ( front ) ", 1},
	{"empty=", 1}, {"app=web tier=front", -1}, {"app in web", -1}, {"=x", -1}, {"app in (a", -1},
};

static void
test_selector__labels(void **state)
{
	(void)state;
	const struct resource *pods = resource_find("", "v1", "pods");
	scoped(tree_release) json_t *pod =
		parse("{'metadata':{'labels':{'app':'web','tier':'front','empty':''}}}");
	struct arena arena = {0};
	for (size_t i = 0; i < array_length(label_selectors); i++) {
		struct selector selector;
		scoped(tree_release) json_t *status = NULL;
		int got = !selector_parse(pods, label_selectors[i].labels, NULL, &arena, &selector, &status)
			? -1 : selector_matches(&selector, pod);
		if (got != label_selectors[i].expected)
			fail_msg("\"%s\": %d", label_selectors[i].labels, got);
	}
	arena_release(&arena);
}

static const struct {
	const char *plural, *fields;
	int expected;
} field_selectors[] = {
	{"pods", "metadata.name=p", 1}, {"pods", "metadata.name=q", 0}, {"pods", "status.phase!=Running", 0},
	{"pods", "spec.nodeName=n1,status.phase=Running", 1}, {"pods", "spec.hostNetwork=false", 1},
	{"pods", "spec.image=x", -1}, {"services", "status.phase=Running", -1},
	{"events", "reason=", 1}, {"events", "source=", 1}, {"pods", "metadata.name", -1},
};

static void
test_selector__fields(void **state)
{
	(void)state;
	scoped(tree_release) json_t *pod =
		parse("{'metadata':{'name':'p'},'spec':{'nodeName':'n1'},'status':{'phase':'Running'}}");
	struct arena arena = {0};
	for (size_t i = 0; i < array_length(field_selectors); i++) {
		struct selector selector;
		scoped(tree_release) json_t *status = NULL;
		int got = !selector_parse(resource_find("", "v1", field_selectors[i].plural), NULL,
		                          field_selectors[i].fields, &arena, &selector, &status)
			? -1 : selector_matches(&selector, pod);
		if (got != field_selectors[i].expected)
			fail_msg("\"%s\": %d", field_selectors[i].fields, got);
	}
	arena_release(&arena);
}

/* ---- defaults and validation ---- */

static void
test_default__quantities_are_canonical(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{"1024Mi", "1Gi"}, {"1.5Gi", "1536Mi"}, {"0.5", "500m"}, {"1000m", "1"}, {"100m", "100m"},
		{"2", "2"}, {"1000k", "1M"}, {"0", "0"}, {"128974848000m", "128974848"}, {"nonsense", "nonsense"},
	};
	char text[QUANTITY_BYTES];
	for (size_t i = 0; i < array_length(pairs); i++)
		assert_string_equal(quantity_canonical(pairs[i][0], text), pairs[i][1]);
}

static const struct {
	const char *kind, *api_version, *object, *message; /* NULL = accepted */
} objects[] = {
	{"ConfigMap", "v1", "{'metadata':{'name':'a.b-c'}}", NULL},
	{"ConfigMap", "v1", "{'metadata':{'name':'a..b'}}", "metadata.name: Invalid value"},
	{"ConfigMap", "v1", "{'metadata':{'name':'-a'}}", "metadata.name: Invalid value"},
	{"Service", "v1", "{'metadata':{'name':'1a'},'spec':{'ports':[{'port':1}]}}", "a DNS-1035 label"},
	{"Service", "v1", "{'metadata':{'name':'a'},'spec':{'ports':[]}}", "spec.ports: Required value"},
	{"ConfigMap", "v1", "{'metadata':{'name':'a','labels':{'x':'a b'}}}", "metadata.labels: Invalid value: \"a b\""},
	{"ConfigMap", "v1", "{'metadata':{'name':'a','labels':{'x':"
	 "'1234567890123456789012345678901234567890123456789012345678901234'}}}", "must be no more than 63 characters"},
	{"Pod", "v1", "{'metadata':{'name':'a'},'spec':{'containers':[{'name':'x','image':'i'},{'name':'x','image':'i'}]}}",
	 "spec.containers[1].name: Duplicate value: \"x\""},
	{"Pod", "v1", "{'metadata':{'name':'a'},'spec':{'containers':[{'name':'x','image':'i',"
	 "'volumeMounts':[{'name':'no'}]}]}}", "spec.containers[0].volumeMounts[0].name: Not found: \"no\""},
	{"Application", "fiaas.schibsted.io/v1", "{'metadata':{'name':'a'},'spec':{'image':3}}",
	 "spec.image in body must be of type string: \"integer\""},
};

static void
test_validate__refuses_in_the_servers_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(objects); i++) {
		scoped(tree_release) json_t *object = parse(objects[i].object);
		scoped(tree_release) json_t *status =
			validate_object(resource_of_kind(objects[i].api_version, objects[i].kind), NULL, object);
		const char *message = tree_text(status, "message");
		if (objects[i].message == NULL ? status != NULL : strstr(message, objects[i].message) == NULL)
			fail_msg("%s: %s", objects[i].object, message);
	}
}

static const struct {
	const char *object, *message; /* NULL = can be decoded */
} typed[] = {
	{"{'spec':{'replicas':2,'template':{'metadata':{'labels':{'replicas':'two','name':'x'}}}}}", NULL},
	{"{'spec':{'replicas':'2'}}", "json: cannot unmarshal string into Go struct field Deployment.spec.replicas of type int32"},
	{"{'metadata':{'labels':{'a':1}}}", "cannot unmarshal number into Go struct field Deployment.metadata.labels of type string"},
	{"{'spec':{'template':{'spec':{'containers':[{'env':[{'name':'A','value':1}]}]}}}}",
	 "Deployment.spec.template.spec.containers.env.value of type string"},
	{"{'spec':{'template':{'spec':{'containers':[{'args':['a',true]}]}}}}", "cannot unmarshal bool"},
	{"{'spec':{'template':{'spec':{'containers':{}}}}}", "of type []object"},
	{"{'spec':{'replicas':null}}", NULL},
};

static void
test_decode__refuses_values_of_the_wrong_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(typed); i++) {
		scoped(tree_release) json_t *object = parse(typed[i].object);
		scoped(tree_release) json_t *status = decode_check(resource_find("apps", "v1", "deployments"), object);
		const char *message = tree_text(status, "message");
		if (typed[i].message == NULL ? status != NULL : strstr(message, typed[i].message) == NULL)
			fail_msg("%s: %s", typed[i].object, message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patch__json_patch_by_the_rfc),
		cmocka_unit_test(test_patch__merge_patch_deletes_with_null_and_replaces_lists),
		cmocka_unit_test(test_patch__strategic_merge_by_key_and_directive),
		cmocka_unit_test(test_selector__labels),
		cmocka_unit_test(test_selector__fields),
		cmocka_unit_test(test_default__quantities_are_canonical),
		cmocka_unit_test(test_decode__refuses_values_of_the_wrong_type),
		cmocka_unit_test(test_validate__refuses_in_the_servers_words),
	};
	return cmocka_run_group_tests_name("sandbox/patch", tests, NULL, NULL);
}

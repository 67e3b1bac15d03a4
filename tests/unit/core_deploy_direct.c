#include "core/deploy/direct.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/kubernetes/client.h"
#include "core/diagnose/object.h"
#include "data/json.h"
#include "data/platform.h"

static struct arena arena;
static const struct platform_environment environment = {.name = "dev"};

static json_t *
parse(const char *text)
{
	char json[4096];
	json_error_t error;
	snprintf(json, sizeof(json), "%s", text);
	for (char *at = json; *at; at++)
		if (*at == '\'')
			*at = '"';
	json_t *value = json_loads(json, 0, &error);
	if (!value)
		fail_msg("%s in %s", error.text, json);
	return value;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* ---- whose ---- */

static const struct ownership {
	const char *metadata;
	bool is_ours, is_made_by_us;
	const char *owner, *writer; /* owner NULL: nobody's */
} ownerships[] = {
	{"{}", false, false, NULL, ""},
	{"{'labels': {'paas/direct': 'shop'}, 'managedFields': [{'manager': 'paas-direct', 'operation': 'Apply'}]}", true, true,
	 "paas deploy --direct of another application (label paas/direct: shop)", "paas-direct"},
	{"{'labels': {'paas/direct': 'shop'}, 'managedFields': [{'manager': 'kubectl', 'operation': 'Update'}]}", true, false,
	 "paas deploy --direct of another application (label paas/direct: shop)", "kubectl"},
	{"{'labels': {'paas/direct': 'shop'}, 'managedFields': [{'manager': 'paas-direct', 'operation': 'Update'}]}", true,
	 false, "paas deploy --direct of another application (label paas/direct: shop)", "paas-direct"},
	{"{'labels': {'paas/direct': 'shop-2'}}", false, false,
	 "paas deploy --direct of another application (label paas/direct: shop-2)", ""},
	{"{'labels': {'paas/direct': 7}}", false, false, NULL, ""},
	{"{'ownerReferences': [{'kind': 'Application', 'name': 'shop', 'controller': true}]}", false, false,
	 "Application shop", ""},
	{"{'ownerReferences': [{'kind': 3}]}", false, false, "an object ?", ""},
	{"{'labels': {'app.kubernetes.io/managed-by': 'Helm'}, 'annotations': {'meta.helm.sh/release-name': 'r'}}", false,
	 false, "Helm (annotation meta.helm.sh/release-name: r)", ""},
	{"{'labels': {'app.kubernetes.io/managed-by': 'tofu'}}", false, false,
	 "another tool (label app.kubernetes.io/managed-by: tofu)", ""},
	{"{'labels': {'meta.helm.sh/release-name': 'r'}}", false, false, NULL, ""},
	{"{'annotations': {'argocd.argoproj.io/tracking-id': 'a:b'}}", false, false,
	 "Argo CD (annotation argocd.argoproj.io/tracking-id: a:b)", ""},
	{"{'labels': {'kapp.k14s.io/app': '1'}}", false, false, "kapp (label kapp.k14s.io/app: 1)", ""},
	{"{'managedFields': [{'manager': 'kube-controller-manager', 'subresource': 'status'}, {'manager': 'kubectl-create'}]}",
	 false, false, NULL, "kubectl-create"},
};

static void
test_direct__knows_whose_an_object_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(ownerships); i++) {
		const struct ownership *row = &ownerships[i];
		scoped(json_release) json_t *metadata = parse(row->metadata);
		scoped(json_release) json_t *object = json_pack("{s:O}", "metadata", metadata);
		print_message("%s\n", row->metadata);
		assert_int_equal(direct_is_ours(object, "shop"), row->is_ours);
		assert_int_equal(direct_is_made_by_us(object), row->is_made_by_us);
		const char *owner = direct_owner(object, &arena);
		assert_int_equal(owner == NULL, row->owner == NULL);
		if (owner)
			assert_string_equal(owner, row->owner);
		assert_string_equal(direct_writer(object), row->writer);
	}
}

/* ---- what is rendered ---- */

static struct release
release_of(const char *config)
{
	struct release release = {.name = "shop", .environment = &environment, .namespace = "demo", .image = "r/shop:1",
	                          .config = parse(config), .spec_file = "fiaas.yml"};
	fiaas_options_init(&release.options);
	return release;
}

static json_t *
render(const struct release *release, const char *id)
{
	json_t *objects = NULL;
	struct error err;
	if (!direct_render(release, id, NULL, &arena, &objects, &err))
		fail_msg("%s", err.why);
	return objects;
}

static void
test_direct__renders_in_order_named_and_labelled(void **state)
{
	(void)state;
	static const char *const kinds[] = {"ServiceAccount", "RoleBinding", "RoleBinding", "Service", "Deployment",
	                                    "Ingress", "HorizontalPodAutoscaler", "PodDisruptionBudget"};
	struct error err;
	struct release release = release_of("{'version': 3}");
	scoped(json_release) json_t *options = parse("{'enable_service_account_per_app': true, 'list_of_roles': ['edit'], "
	                                             "'list_of_cluster_roles': ['edit'], 'ingress_suffix': ['x.example']}");
	assert_true(fiaas_options_set_json(&release.options, options, &arena, &err));
	scoped(json_release) json_t *objects = render(&release, "one");
	assert_int_equal(json_array_size(objects), array_length(kinds));
	for (size_t i = 0; i < array_length(kinds); i++) {
		const json_t *object = json_array_get(objects, i);
		assert_string_equal(json_text_at(object, "kind"), kinds[i]);
		assert_string_equal(object_label(object, DIRECT_LABEL), "shop");
		assert_non_null(direct_kind_of(object));
		assert_true(*object_name(object));
		assert_null(json_text_at(object, "metadata.generateName"));
	}
	/* A Role and a ClusterRole of one name are two bindings; the same ones each time. */
	assert_string_equal(object_name(json_array_get(objects, 1)), "shop-ba390ca015");
	assert_string_not_equal(object_name(json_array_get(objects, 1)), object_name(json_array_get(objects, 2)));
	/* The label must not be among those that select pods, as these can never change. */
	assert_null(json_object_get(json_at(json_array_get(objects, 4), "spec.template.metadata.labels"), DIRECT_LABEL));
	json_decref(release.config);
}

static void
test_direct__the_fingerprint_is_of_the_release(void **state)
{
	(void)state;
	struct release release = release_of("{'version': 3, 'labels': {'deployment': {'a': '1', 'b': '2'}}}");
	struct release same = release_of("{'labels': {'deployment': {'b': '2', 'a': '1'}}, 'version': 3}");
	struct release other = release_of("{'version': 3, 'labels': {'deployment': {'a': '1'}}}");
	scoped(json_release) json_t *a = render(&release, "x");
	scoped(json_release) json_t *b = render(&same, "x");
	scoped(json_release) json_t *c = render(&other, "x");
	assert_string_equal(direct_fingerprint(a, &arena), direct_fingerprint(b, &arena));
	assert_string_not_equal(direct_fingerprint(a, &arena), direct_fingerprint(c, &arena));
	assert_int_equal(strlen(direct_fingerprint(a, &arena)), 40);
	json_decref(release.config);
	json_decref(same.config);
	json_decref(other.config);
}

static void
test_direct__whose_deployment_it_is_makes_no_difference(void **state)
{
	(void)state;
	scoped(json_release) json_t *a = parse(
		"{'metadata': {'uid': 'u', 'resourceVersion': '1', 'generation': 1, 'labels': {'fiaas/deployment_id': 'one', 'app': "
		"'shop'}, 'annotations': {'paas/digest': 'sha256:a', 'paas/release': 'x'}}, 'spec': {'template': {'metadata': "
		"{'labels': {'fiaas/deployment_id': 'one'}}}}, 'status': {'replicas': 1}}");
	scoped(json_release) json_t *b = parse(
		"{'metadata': {'uid': 'u', 'resourceVersion': '2', 'generation': 2, 'managedFields': [], 'labels': "
		"{'fiaas/deployment_id': 'two', 'app': 'shop'}}, 'spec': {'template': {'metadata': {'labels': "
		"{'fiaas/deployment_id': 'two'}}}}}");
	scoped(json_release) json_t *c = parse("{'metadata': {'labels': {'app': 'shop'}}, 'spec': {'replicas': 2}}");
	assert_false(direct_differs(a, b));
	assert_true(direct_differs(a, c));
	assert_string_equal(object_annotation(a, "paas/digest"), "sha256:a"); /* untouched */
}

/* ---- what stands there ---- */

static void
test_direct__reads_what_stands_there(void **state)
{
	(void)state;
	struct standing standing;
	scoped(json_release) json_t *deployment = parse(
		"{'metadata': {'name': 'shop', 'resourceVersion': '7', 'labels': {'paas/direct': 'shop', 'fiaas/deployment_id': "
		"'two'}, 'annotations': {'paas/digest': 'sha256:a', 'paas/deployed-by': 'ann', 'paas/deployed-at': "
		"'2026-11-24T10:00:00Z'}}, 'spec': {'template': {'metadata': {'labels': {'fiaas/deployment_id': 'one'}}, 'spec': "
		"{'containers': [{'name': 'side', 'image': 's:1'}, {'name': 'shop', 'image': 'r/shop:1'}]}}}}");
	assert_true(direct_standing_of(deployment, "shop", &standing));
	assert_string_equal(standing.deployment_id, "one"); /* the pods' */
	assert_string_equal(standing.image, "r/shop:1");
	assert_string_equal(standing.digest, "sha256:a");
	assert_string_equal(standing.author, "ann");
	assert_string_equal(standing.commit, "");
	assert_int_equal(standing.deployed_ms, 1795514400000);
	assert_string_equal(standing_version(&standing), "7");
	assert_false(direct_standing_of(deployment, "shop-2", &standing));
	assert_false(direct_standing_of(NULL, "shop", &standing));
}

static void
test_direct__joins_what_was_rendered_alike(void **state)
{
	(void)state;
	struct release release = {.name = "shop", .environment = &environment, .image = "r/shop:1", .digest = "sha256:a"};
	scoped(json_release) json_t *deployment = parse("{'metadata': {'annotations': {'paas/release': 'f00'}}}");
	struct direct direct = {.release = &release, .fingerprint = "f00", .standing = {
		.application = deployment, .deployment_id = "one", .image = "r/shop:1", .digest = "sha256:a", .commit = "",
		.author = "ann", .deployed_ms = 0}};
	enum submit_plan plan;
	struct error err;
	assert_true(direct_decide(&direct, 1000, false, &plan, &err));
	assert_int_equal(plan, SUBMIT_JOIN);
	assert_true(direct_decide(&direct, 1000, true, &plan, &err));
	assert_int_equal(plan, SUBMIT_NEW);
	direct.fingerprint = "f01";
	assert_true(direct_decide(&direct, 1000, false, &plan, &err));
	assert_int_equal(plan, SUBMIT_NEW);
	direct.standing.is_under_way = true;
	assert_false(direct_decide(&direct, 1000, false, &plan, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
	direct.standing = (struct standing){.application = deployment, .deployment_id = "one", .image = "r/shop:1",
	                                    .digest = "sha256:b", .commit = "", .author = "", .deployed_ms = 0};
	assert_false(direct_decide(&direct, 1000, false, &plan, &err));
	assert_non_null(strstr(err.why, "now names sha256:a, but sha256:b was deployed under it"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_direct__knows_whose_an_object_is, tear_down),
		cmocka_unit_test_teardown(test_direct__renders_in_order_named_and_labelled, tear_down),
		cmocka_unit_test_teardown(test_direct__the_fingerprint_is_of_the_release, tear_down),
		cmocka_unit_test_teardown(test_direct__whose_deployment_it_is_makes_no_difference, tear_down),
		cmocka_unit_test_teardown(test_direct__reads_what_stands_there, tear_down),
		cmocka_unit_test_teardown(test_direct__joins_what_was_rendered_alike, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

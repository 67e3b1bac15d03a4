/* The operator's own end-to-end expectations, by the rules of tests/fixtures/fiaas/README.md. */
#include "fiaas_fixture.h"

struct pair {
	const char *name, *spec, *application;
	bool is_bootstrap;
	const char *kinds; /* of the expected files */
	const char *absent_kinds;
};

static const struct pair pairs[] = {
	{"v2minimal", "v2", "data-v2minimal", false, "deployment service ingress",
	 "HorizontalPodAutoscaler ServiceAccount"},
	{"exec_config", "v2", "v2-data-examples-exec-config", false, "deployment service ingress",
	 "HorizontalPodAutoscaler"},
	{"single_tcp_port", "v2", "v2-data-examples-single-tcp-port", false, "deployment service",
	 "Ingress HorizontalPodAutoscaler"},
	{"tcp_ports", "v2", "v2-data-examples-tcp-ports", false, "deployment service",
	 "HorizontalPodAutoscaler"},
	{"v3minimal", "v3", "v3-data-examples-v3minimal", false, "deployment service ingress hpa",
	 "ServiceAccount"},
	{"secrets", "v3", "v3-data-examples-secrets", false, "deployment", ""},
	{"single-replica-singleton", "v3", "v3-data-examples-single-replica-singleton", false, "deployment",
	 "HorizontalPodAutoscaler PodDisruptionBudget"},
	{"tls_enabled", "v3", "v3-data-examples-tls-enabled", false, "deployment service ingress hpa", ""},
	{"multiple_ingress_default_host", "v3", "v3-data-examples-multiple-ingress-default-host", false,
	 "ingress ingress-1", ""},
	{"v2bootstrap", "v2", "specs-v2-data-examples-v2bootstrap", true, "deployment service ingress", ""},
};

/* One run: how the cluster is set up. */
struct variant {
	bool is_networkingv1, has_service_accounts;
	const char *service_type, *image, *id;
};

static const struct variant variants[] = {
	{false, false, "ClusterIP", "finntech/application-name:123", "deployment_id_1"},
	{true, false, "NodePort", "finntech/application-name:321", "deployment_id_2"},
	{true, true, "ClusterIP", "finntech/application-name:123", "deployment_id_1"},
};

/* ---- expected files ---- */

static const char *
placeholder_value(const char *text, const struct variant *variant)
{
	const struct {
		const char *name, *value;
	} placeholders[] = {
		{"VERSION", strrchr(application.image, ':') + 1},
		{"DEPLOYMENT_ID", application.deployment_id},
		{"IMAGE", application.image},
		{"SERVICE_TYPE", variant->service_type},
	};
	for (size_t i = 0; i < array_length(placeholders); i++)
		if (strcmp(placeholders[i].name, text) == 0)
			return placeholders[i].value;
	return text;
}

/* "1024Mi" is "1Gi", 2 is "2". */
static json_t *
canonical_quantity(const json_t *value)
{
	char text[40], *end;
	if (json_is_integer(value))
		snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		snprintf(text, sizeof text, "%s", json_string_value(value));
	long number = strtol(text, &end, 10);
	if (strcmp(end, "Mi") == 0 && number % 1024 == 0)
		snprintf(text, sizeof text, "%ldGi", number / 1024);
	return json_string(text);
}

static bool
is_default(const char *key, const json_t *value)
{
	const char *text = json_is_string(value) ? json_string_value(value) : "";
	return (strcmp(key, "readOnly") == 0 && json_is_false(value)) ||
	       (strcmp(key, "defaultMode") == 0 && json_integer_value(value) == 420) ||
	       (strcmp(key, "apiVersion") == 0 && strcmp(text, "v1") == 0) ||
	       (strcmp(key, "sessionAffinity") == 0 && strcmp(text, "None") == 0) ||
	       json_is_null(value) || (json_is_object(value) && json_object_size(value) == 0) ||
	       (json_is_array(value) && json_array_size(value) == 0);
}

static json_t *normalize(const json_t *value, const char *key, bool is_quantity,
                         const struct variant *variant);

static json_t *
normalize_map(const json_t *map, bool is_quantity, const struct variant *variant)
{
	const char *key;
	json_t *value, *copy = json_object();
	json_object_foreach ((json_t *)(uintptr_t)map, key, value) {
		bool has_quantities = is_quantity || strcmp(key, "resources") == 0;
		json_t *normal = normalize(value, key, has_quantities, variant);
		if (!is_default(key, normal))
			json_object_set(copy, key, normal);
		json_decref(normal);
	}
	return copy;
}

/* A normal form in which equal objects are equal (new reference). */
static json_t *
normalize(const json_t *value, const char *key, bool is_quantity, const struct variant *variant)
{
	static const char *const numbers[] = {"targetPort", "servicePort", "divisor"};
	if (json_is_object(value))
		return normalize_map(value, is_quantity, variant);
	if (json_is_array(value)) {
		json_t *copy = json_array();
		for (size_t i = 0; i < json_array_size(value); i++)
			json_array_append_new(copy, normalize(json_array_get(value, i), "", is_quantity, variant));
		return copy;
	}
	for (size_t i = 0; i < array_length(numbers); i++)
		is_quantity |= strcmp(key, numbers[i]) == 0;
	if (is_quantity)
		return canonical_quantity(value);
	if (json_is_string(value) && strcmp(key, "name") != 0)
		return json_string(placeholder_value(json_string_value(value), variant));
	return json_copy((json_t *)(uintptr_t)value);
}

static void
assert_same(const char *file, json_t *expected, const json_t *actual, const struct variant *variant)
{
	json_t *a = normalize(expected, "", false, variant), *b = normalize(actual, "", false, variant);
	if (!json_equal(a, b)) {
		char *expected_text = json_dumps(a, JSON_INDENT(1) | JSON_SORT_KEYS);
		char *actual_text = json_dumps(b, JSON_INDENT(1) | JSON_SORT_KEYS);
		fprintf(stderr, "--- expected %s\n%s\n--- rendered\n%s\n", file, expected_text, actual_text);
		fail_msg("%s differs", file);
	}
	json_decref(a);
	json_decref(b);
}

static void
assert_file(const struct pair *pair, const char *kind, const struct variant *variant)
{
	static const struct {
		const char *name, *kind;
	} kinds[] = {{"deployment", "Deployment"}, {"service", "Service"}, {"hpa", "HorizontalPodAutoscaler"},
	             {"ingress", "Ingress"}, {"serviceaccount", "ServiceAccount"}};
	bool is_second = strcmp(kind, "ingress-1") == 0, is_ingress = strncmp(kind, "ingress", 7) == 0;
	const char *row = is_ingress ? "ingress" : kind;
	const char *file = arena_printf(&arena, "expected%s/%s-%s%s%s.yml", pair->is_bootstrap ? "-bootstrap" : "",
	                                pair->name, row,
	                                !is_ingress                ? ""
	                                : variant->is_networkingv1 ? "-networkingv1"
	                                                           : "-v1beta1",
	                                is_second ? "-1" : "");
	json_t *expected = read_fixture(file), *actual = NULL;
	for (size_t i = 0; i < array_length(kinds); i++)
		if (strcmp(kinds[i].name, row) == 0)
			actual = find_object(kinds[i].kind, is_second);
	if (actual == NULL)
		fail_msg("%s was not rendered", file);
	json_t *owner = json_at(actual, "metadata.ownerReferences.0");
	assert_string_equal(json_text_or(owner, "uid", ""), "uid1");
	json_object_del(owner, "uid");
	if (variant->has_service_accounts && strcmp(kind, "deployment") == 0)
		json_object_set_new(json_at(expected, "spec.template.spec"), "serviceAccountName",
		                    json_string(application.name));
	assert_same(file, expected, actual, variant);
	json_decref(expected);
}

/* ---- runs ---- */

static void
set_options(const struct pair *pair, const struct variant *variant)
{
	static const char *const common[] = {
		"ingress-suffix=svc.test.example.com",
		"environment=test",
		"datadog-container-image=DATADOG_IMAGE:tag",
		"strongbox-init-container-image=STRONGBOX_IMAGE",
		"secret-init-containers=parameter-store=PARAM_STORE_IMAGE",
		"tls-certificate-issuer-type-overrides=use-issuer.example.com=certmanager.k8s.io/issuer",
		"use-ingress-tls=default_off",
	};
	if (!pair->is_bootstrap)
		options_many(common, array_length(common));
	options.service_type = variant->service_type;
	options.use_networkingv1_ingress = variant->is_networkingv1;
	options.enable_service_account_per_app = variant->has_service_accounts;
}

static const char *const object_kinds[] = {"deployment", "horizontal_pod_autoscaler", "ingress", "service",
                                           "pod", "status"};

static json_t *
additional_labels(void)
{
	json_t *labels = json_pack("{s:{s:s}}", "global", "global/label", "true");
	for (size_t i = 0; i < array_length(object_kinds); i++) {
		char *label = arena_printf(&arena, "%s/label", object_kinds[i]);
		for (char *at = label; *at != '\0'; at++)
			*at = *at == '_' ? '-' : *at;
		json_object_set_new(labels, object_kinds[i], json_pack("{s:s}", label, "true"));
	}
	return labels;
}

static void
run_pair(const struct pair *pair, const struct variant *variant)
{
	static const struct variant bootstrap = {.service_type = "ClusterIP"};
	json_t *labels = strcmp(pair->name, "v3minimal") == 0 ? additional_labels() : NULL;
	application = (struct fiaas_application){
		.name = pair->application,
		.namespace = "default",
		.image = pair->is_bootstrap ? "nginx:1.13.9-alpine" : variant->image,
		.deployment_id = pair->is_bootstrap ? "1" : variant->id,
		.uid = "uid1",
		.additional_labels = labels,
	};
	struct variant used = *variant;
	if (pair->is_bootstrap)
		used = (struct variant){variant->is_networkingv1, false, bootstrap.service_type, NULL, NULL};
	fiaas_options_init(&options);
	set_options(pair, &used);
	if (!render_config(read_fixture(arena_printf(&arena, "examples/%s/%s.yml", pair->spec, pair->name))))
		fail_msg("%s: %s", pair->name, err.why);
	char *kinds = arena_strdup(&arena, pair->kinds), *absent = arena_strdup(&arena, pair->absent_kinds);
	for (char *kind; (kind = strsep(&kinds, " ")) != NULL;)
		assert_file(pair, kind, &used);
	for (char *kind; (kind = strsep(&absent, " ")) != NULL;)
		if (!used.has_service_accounts || strcmp(kind, "ServiceAccount") != 0)
			assert_absent(kind);
	if (used.has_service_accounts && strstr(pair->name, "minimal") != NULL)
		assert_file(pair, "serviceaccount", &used);
	json_decref(labels);
}

static void
test_pairs__are_rendered_as_the_operator_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(pairs); i++)
		for (size_t j = 0; j < array_length(variants); j++)
			run_pair(&pairs[i], &variants[j]);
}

/* ---- examples that are only parsed ---- */

struct effect {
	const char *example, *kind, *path, *value;
};

static const struct effect effects[] = {
	{"v3/autoscaling_max_less_than_min", "Deployment", "spec.replicas", "1"},
	{"v3/exec_check", "Deployment", "spec.template.spec.containers.0.livenessProbe.exec.command",
	 "['/bin/alive']"},
	{"v3/exec_check", "Deployment", "spec.template.spec.containers.0.readinessProbe.exec.command",
	 "['/bin/ready']"},
	{"v3/default_tcp_healthcheck", "Deployment",
	 "spec.template.spec.containers.0.livenessProbe.tcpSocket", "{'port':'liveness-port'}"},
	{"v3/default_tcp_healthcheck", "Deployment",
	 "spec.template.spec.containers.0.readinessProbe.tcpSocket", "{'port':'liveness-port'}"},
	{"v3/multiple_http_ports", "Deployment",
	 "spec.template.spec.containers.0.livenessProbe.httpGet", "{'path':'/a','port':'a','scheme':'HTTP'}"},
	{"v3/multiple_http_ports", "Deployment",
	 "spec.template.spec.containers.0.readinessProbe.httpGet", "{'path':'/b','port':'b','scheme':'HTTP'}"},
	{"v3/multiple_http_ports", "Ingress", "spec.rules.0.http.paths.0.backend.servicePort", "1337"},
	{"v3/multiple_http_ports", "Ingress", "spec.rules.0.http.paths.1.backend.servicePort", "1338"},
	{"v3/ports_empty_list", "Deployment",
	 "spec.template.spec.containers.0.livenessProbe.exec.command", "['sleep','1']"},
	{"v3/ports_empty_list", "Deployment",
	 "spec.template.spec.containers.0.readinessProbe.exec.command", "['sleep','1']"},
	{"v3/single_explicit_http_port_default_health_check", "Deployment",
	 "spec.template.spec.containers.0.livenessProbe.httpGet",
	 "{'path':'/_/health','port':'thing','scheme':'HTTP'}"},
	{"v3/single_explicit_http_port_default_health_check", "Deployment",
	 "spec.template.spec.containers.0.readinessProbe.httpGet",
	 "{'path':'/_/ready','port':'thing','scheme':'HTTP'}"},
	{"v3/liveness_tcp_readiness_http", "Deployment",
	 "spec.template.spec.containers.0.livenessProbe.tcpSocket", "{'port':'liveness-port'}"},
	{"v3/liveness_tcp_readiness_http", "Deployment",
	 "spec.template.spec.containers.0.readinessProbe.httpGet",
	 "{'path':'/ready','port':'http','scheme':'HTTP'}"},
	{"v2/default_health_check", "Deployment", "spec.template.spec.containers.0.livenessProbe.httpGet",
	 "{'path':'/','port':'main_port','scheme':'HTTP'}"},
	{"v2/default_health_check", "Deployment", "spec.template.spec.containers.0.readinessProbe.httpGet",
	 "{'path':'/','port':'main_port','scheme':'HTTP'}"},
};

static void
test_examples__have_the_effect_upstream_expects(void **state)
{
	(void)state;
	option("ingress-suffix=svc.test.example.com");
	for (size_t i = 0; i < array_length(effects); i++) {
		if (!render_config(read_fixture(arena_printf(&arena, "examples/%s.yml", effects[i].example))))
			fail_msg("%s: %s", effects[i].example, err.why);
		assert_at(effects[i].kind, 0, effects[i].path, effects[i].value);
	}
	assert_true(render_config(read_fixture("examples/v3/default_tcp_healthcheck.yml")));
	assert_absent("Ingress");
	assert_true(render_config(read_fixture("examples/v3/autoscaling_max_less_than_min.yml")));
	assert_absent("HorizontalPodAutoscaler");
	assert_true(render_config(read_fixture("examples/v3/ports_empty_list.yml")));
	assert_absent("Service");
}

static void
test_examples__invalid_ones_are_refused(void **state)
{
	static const struct {
		const char *example, *why;
	} invalid[] = {
		{"v3/invalid_ingress_port_name", "gopher is not a valid port name or port number"},
		{"v3/invalid_no_health_check_defined_http",
		 "Must specify liveness check or exactly one port"},
		{"v2/no_health_check_defined",
		 "Must specify health check when more than one ports defined"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(invalid); i++) {
		assert_false(render_config(
			read_fixture(arena_printf(&arena, "examples/invalid/%s.yml", invalid[i].example))));
		assert_string_equal(err.why, invalid[i].why);
		assert_int_equal(outcome, FIAAS_INVALID);
	}
}

static void
test_examples__the_whole_application_resource_is_accepted(void **state)
{
	(void)state;
	assert_true(render_config(read_fixture("examples/fdd-own-fiaas.yml")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pairs__are_rendered_as_the_operator_does, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(test_examples__have_the_effect_upstream_expects, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(test_examples__invalid_ones_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_examples__the_whole_application_resource_is_accepted, set_up,
		                                tear_down),
	};
	return cmocka_run_group_tests_name("core/fiaas/pairs", tests, NULL, NULL);
}

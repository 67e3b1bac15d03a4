/* How config and defaults merge, and what the operator says about what it refuses. */
#include "fiaas_fixture.h"

#include "core/fiaas/defaults.h"
#include "core/fiaas/locate.h"
#include "core/fiaas/python.h"
#include "core/fiaas/spec_keys.h"


/* ---- the defaults are upstream's ---- */

static void
test_defaults__are_those_of_upstream(void **state)
{
	json_t *v3 = read_fixture("defaults.v3.yml"), *v2 = read_fixture("defaults.v2.yml");
	(void)state;
	assert_true(json_equal(v3, fiaas_defaults_v3()));
	assert_true(json_equal(v2, fiaas_defaults_v2()));
	json_decref(v3);
	json_decref(v2);
}

/* Every key of the defaults has its row in the table of `paas validate` and the manual, and the
 * row's default is the operator's. */
static void
assert_rows(const struct spec_key *keys, const json_t *defaults)
{
	const char *name;
	json_t *value;
	json_object_foreach ((json_t *)(uintptr_t)defaults, name, value) {
		const struct spec_key *key = keys;
		while (key->name != NULL && strcmp(key->name, name) != 0)
			key++;
		if (key->name == NULL)
			fail_msg("no row for %s", name);
		if (key->keys != NULL && json_is_array(value))
			assert_rows(key->keys, json_array_get(value, 0));
		else if (key->keys != NULL)
			assert_rows(key->keys, value);
		if (key->initial == NULL)
			continue;
		json_t *initial = yaml(key->initial);
		if (!json_equal(initial, value))
			fail_msg("the default of %s is not %s", name, key->initial);
		json_decref(initial);
	}
}

static void
test_defaults__agree_with_the_table_of_keys(void **state)
{
	(void)state;
	assert_rows(spec_keys_v3, fiaas_defaults_v3());
	assert_rows(spec_keys_v2, fiaas_defaults_v2());
}

/* ---- merging ---- */

static void
test_merge__unknown_keys_are_ignored(void **state)
{
	(void)state;
	render("{version: 3, replica: 3, replicas: {minimun: 4}, ports: [{nmae: a}], labels: {status: {a: b}}}");
	assert_deployment("replicas", "2");
}

static void
test_merge__null_is_absent(void **state)
{
	(void)state;
	render("{version: 3, replicas: null, ports: [null], resources: {limits: {cpu: null}},"
	       " labels: {pod: null}, healthchecks: {liveness: {initial_delay_seconds: null}}, ingress: null}");
	assert_deployment("replicas", "2");
	assert_container("resources.limits", "{'cpu':'400m','memory':'512Mi'}");
	assert_container("ports", "[{'name':'http','containerPort':8080,'protocol':'TCP'}]");
	assert_container("livenessProbe.initialDelaySeconds", "10");
}

static void
test_merge__maps_merge_key_by_key(void **state)
{
	(void)state;
	render("{version: 3, resources: {requests: {memory: 1Gi}}, replicas: {maximum: 7}}");
	assert_container("resources", "{'limits':{'cpu':'400m','memory':'512Mi'},"
	                              "'requests':{'cpu':'200m','memory':'1Gi'}}");
	assert_at("HorizontalPodAutoscaler", 0, "spec.minReplicas", "2");
	assert_at("HorizontalPodAutoscaler", 0, "spec.maxReplicas", "7");
}

static void
test_merge__every_item_merges_with_the_first_default_item(void **state)
{
	(void)state;
	render("{version: 3, ports: [{}, {name: b, port: 81}, null], healthchecks: {liveness: {execute:"
	       " {command: a}}}}");
	assert_container("ports", "[{'name':'http','containerPort':8080,'protocol':'TCP'},"
	                          "{'name':'b','containerPort':8080,'protocol':'TCP'},"
	                          "{'name':'http','containerPort':8080,'protocol':'TCP'}]");
}

static void
test_merge__falsy_values_for_maps_count_as_absent(void **state)
{
	static const char *const falsy[] = {"0", "false", "''", "[]", "{}", "0.0"};
	(void)state;
	for (size_t i = 0; i < array_length(falsy); i++) {
		render(arena_printf(&arena, "{version: 3, metrics: {prometheus: %s}, replicas: %s, extensions: %s,"
		                            " labels: {pod: %s}, ports: [%s]}",
		                    falsy[i], falsy[i], falsy[i], falsy[i], falsy[i]));
		assert_pod_metadata("annotations.prometheus\\.io/scrape", "'true'");
		assert_deployment("replicas", "2");
	}
}

static void
test_merge__falsy_values_for_lists_are_empty_or_refused(void **state)
{
	(void)state;
	option("ingress-suffix=a.example");
	render("{version: 3, ingress: ''}");
	assert_absent("Ingress");
	render("{version: 3, ingress: {}}");
	assert_absent("Ingress");
	render("{version: 3, ingress: []}");
	assert_absent("Ingress");
	assert_invalid("ingress: false",
	               "Failed to parse configuration: object of type 'bool' has no len()");
	assert_invalid("ports: 0", "Failed to parse configuration: object of type 'int' has no len()");
	assert_invalid("ports: 0.0", "Failed to parse configuration: object of type 'float' has no len()");
}

static void
test_merge__truthy_values_of_the_wrong_kind_are_refused(void **state)
{
	(void)state;
	assert_invalid("replicas: 3", "3 is not of the expected type <class 'dict'>");
	assert_invalid("metrics: {prometheus: 'yes'}", "'yes' is not of the expected type <class 'dict'>");
	assert_invalid("healthchecks: {liveness: {http: [1, 2.0, null, \"it's\"]}}",
	               "[1, 2.0, None, \"it's\"] is not of the expected type <class 'dict'>");
	assert_invalid("ports: {a: true}", "{'a': True} is not of the expected type <class 'list'>");
	assert_invalid("ports: ['x']", "'x' is not of the expected type <class 'dict'>");
	assert_invalid("ingress: x", "'x' is not of the expected type <class 'list'>");
	assert_invalid("ingress: [{paths: 1}]", "1 is not of the expected type <class 'list'>");
	assert_invalid("labels: [a]", "['a'] is not of the expected type <class 'dict'>");
	assert_invalid("extensions: {tls: 'yes'}", "'yes' is not of the expected type <class 'dict'>");
	assert_invalid("extensions: {tls: 1}", "1 is not of the expected type <class 'dict'>");
	assert_invalid("extensions: {strongbox: 1.0e+20}", "1e+20 is not of the expected type <class 'dict'>");
}

static void
test_merge__scalars_are_passed_on_as_they_are(void **state)
{
	(void)state;
	render("{version: 3, admin_access: 'maybe', resources: {limits: {cpu: -1.5}},"
	       " healthchecks: {liveness: {period_seconds: '7'}}}");
	assert_pod("automountServiceAccountToken", "'maybe'");
	assert_container("resources.limits.cpu", "-1.5");
	assert_container("livenessProbe.periodSeconds", "'7'");
}

static void
test_merge__there_is_no_templating(void **state)
{
	(void)state;
	render("{version: 3, labels: {pod: {a: '${IMAGE}'}}, _global: {a: b}}");
	assert_pod_metadata("labels.a", "'${IMAGE}'");
}

/* ---- version ---- */

static void
test_version__must_be_2_or_3(void **state)
{
	static const struct {
		const char *config, *shown;
	} refused[] = {
		{"{}", "1"},
		{"{version: null}", "None"},
		{"{version: true}", "True"},
		{"{version: '3'}", "3"},
		{"{version: 1}", "1"},
		{"{version: 4}", "4"},
		{"{version: 2.5}", "2.5"},
		{"{version: [3]}", "[3]"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(refused); i++)
		assert_refused(FIAAS_INVALID, refused[i].config,
		               arena_printf(&arena,
		                            "Requested version %s, but the only supported versions are: [3, 2]",
		                            refused[i].shown));
	assert_refused(FIAAS_INVALID, "",
	               "Requested version 1, but the only supported versions are: [3, 2]");
	render("{version: 3.0}");
	render("{version: 2.0}");
}

static void
test_version__a_config_that_is_no_map_is_refused(void **state)
{
	(void)state;
	assert_refused(FIAAS_INVALID, "[a]",
	               "Failed to parse configuration: 'list' object has no attribute 'get'");
}

/* ---- section 4 ---- */

static void
test_errors__of_replicas(void **state)
{
	(void)state;
	assert_invalid("replicas: {minimum: 1, maximum: '5'}",
	               "Failed to parse configuration: '<' not supported between instances of 'str' and 'int'");
	assert_invalid("replicas: {minimum: '1', maximum: 5}",
	               "Failed to parse configuration: '<' not supported between instances of 'int' and 'str'");
	assert_deploy_error("replicas: {minimum: '1', maximum: '5'}",
	                    "'>' not supported between instances of 'str' and 'int'");
	render("{version: 3, replicas: {minimum: 4, maximum: 2}}");
	assert_deployment("replicas", "2");
	render("{version: 3, replicas: {minimum: 0}}");
	assert_deployment("replicas", "0");
	render("{version: 3, replicas: {minimum: 1.5, maximum: 1.5}}");
	assert_deployment("replicas", "1.5");
}

static void
test_errors__of_health_checks(void **state)
{
	(void)state;
	assert_invalid("ports: [{name: a}, {name: b}]", "Must specify liveness check or exactly one port");
	assert_invalid("ports: []", "Must specify liveness check or exactly one port");
	assert_invalid("ports: [], healthchecks: {liveness: {execute: {command: a}}, readiness:"
	               " {period_seconds: 1}}",
	               "Must specify readiness check or exactly one port");
	assert_invalid("ports: [], healthchecks: {liveness: {http: {path: /a}}}",
	               "Unable to determine port to use for http liveness check");
	assert_invalid("ports: [], healthchecks: {liveness: {execute: {command: a}}, readiness: {tcp:"
	               " {x: y}}}",
	               "Unable to determine port to use for tcp readiness check");
	assert_deploy_error("ports: [{protocol: udp}]",
	                    "AppSpec must have exactly one health check, none was defined.");
	assert_deploy_error("ports: [{protocol: HTTP}]",
	                    "AppSpec must have exactly one health check, none was defined.");
	assert_deploy_error("healthchecks: {liveness: {execute: {command: \"a 'b\"}}}",
	                    "No closing quotation");
	assert_deploy_error("healthchecks: {liveness: {execute: {command: [a]}}}",
	                    "'list' object has no attribute 'read'");
}

static void
test_errors__of_ingress_ports(void **state)
{
	(void)state;
	assert_invalid("ingress: [{paths: [{port: gopher}]}]", "gopher is not a valid port name or port number");
	assert_invalid("ingress: [{paths: [{port: '80'}]}]", "80 is not a valid port name or port number");
	assert_invalid("ingress: [{paths: [{port: 8080}]}]", "8080 is not a valid port name or port number");
	assert_invalid("ports: [{name: a}]", "http is not a valid port name or port number");
	assert_invalid("ports: [{name: a}, {name: http, protocol: tcp}], healthchecks: {liveness: {execute:"
	               " {command: a}}}",
	               "http is not a valid port name or port number");
	render("{version: 3, ports: [{protocol: tcp}], ingress: [{host: a.b, paths: [{port: gopher}]}]}");
	assert_absent("Ingress");
}

static void
test_errors__of_extensions(void **state)
{
	(void)state;
	assert_invalid("metrics: {datadog: {enabled: true}}",
	               "Requested datadog sidecar, but datadog-container-image is undefined");
	assert_invalid("extensions: {secrets: {t: {parameters: {a: b}}}}",
	               "Failed to parse configuration: 'annotations'");
	assert_invalid("extensions: {secrets: {t: {annotations: {a: b}}}}",
	               "Failed to parse configuration: 'parameters'");
	assert_invalid("extensions: {secrets: {t: null}}",
	               "Failed to parse configuration: 'NoneType' object is not subscriptable");
	assert_invalid("extensions: {secrets: {t: a}}",
	               "Failed to parse configuration: string indices must be integers");
	assert_invalid("extensions: {secrets: [a]}",
	               "Failed to parse configuration: 'list' object has no attribute 'items'");
	option("secret-init-containers=t=image");
	assert_deploy_error("extensions: {secrets: {t: {parameters: {}, annotations: null}}}",
	                    "'NoneType' object is not iterable");
	assert_deploy_error("extensions: {secrets: {t: {parameters: null, annotations: {}}}}",
	                    "'NoneType' object has no attribute 'items'");
}

static void
test_errors__of_strongbox_groups(void **state)
{
	(void)state;
	option("strongbox-init-container-image=image");
	assert_deploy_error("extensions: {strongbox: {iam_role: r, groups: [a, 1]}}",
	                    "sequence item 1: expected str instance, int found");
	assert_deploy_error("extensions: {strongbox: {iam_role: r, groups: 1}}", "can only join an iterable");
	render("{version: 3, extensions: {strongbox: {iam_role: r, groups: abc}}}");
	assert_pod("initContainers.0.env.1", "{'name':'SECRET_GROUPS','value':'a,b,c'}");
	render("{version: 3, extensions: {strongbox: {iam_role: r, groups: [x, yz]}}}");
	assert_pod("initContainers.0.env.1", "{'name':'SECRET_GROUPS','value':'x,yz'}");
}

static void
test_errors__of_labels_and_annotations(void **state)
{
	(void)state;
	assert_invalid("labels: {pod: text}",
	               "Failed to parse configuration: 'str' object has no attribute 'get'");
	assert_invalid("annotations: {service: [a]}",
	               "Failed to parse configuration: 'list' object has no attribute 'get'");
}

static void
test_errors__of_the_image(void **state)
{
	(void)state;
	application.image = "registry/shop";
	assert_deploy_error("", "Version must be specified for docker image aka image:version");
}

static void
test_errors__of_a_default_path_without_an_http_port(void **state)
{
	(void)state;
	option("ingress-suffix=a.example");
	assert_deploy_error("ports: [{name: web}], ingress: [{host: h, annotations: {a: b}, paths: [{port:"
	                    " web}]}]",
	                    "Cannot find http port mapping in application spec");
	render("{version: 3, ingress: [{host: h, annotations: {a: b}}]}");
	assert_at("Ingress", 0, "spec.rules.0.http.paths.0.path", "'/'");
}

/* The order of reads decides which of two mistakes is reported. */
static void
test_errors__are_found_in_the_order_of_the_operator(void **state)
{
	static const char *const ordered[] = {
		"replicas: 3", "resources: 4", "metrics: {prometheus: 5}", "metrics: {datadog: 6}",
		"ports: 7", "healthchecks: {liveness: 8}", "labels: 10", "annotations: 11", "ingress: 12",
		"extensions: {strongbox: 13}", "extensions: {tls: 14}",
	};
	(void)state;
	for (size_t i = 0; i + 1 < array_length(ordered); i++)
		for (size_t j = i + 1; j < array_length(ordered); j++) {
			if (strcspn(ordered[i], ":") == strcspn(ordered[j], ":") &&
			    strncmp(ordered[i], ordered[j], strcspn(ordered[i], ":")) == 0)
				continue;
			char *first = arena_printf(&arena, "{version: 3, %s, %s}", ordered[j], ordered[i]);
			assert_false(render_config(yaml(first)));
			const char *number = ordered[i] + strcspn(ordered[i], "0123456789");
			if (strncmp(err.why, number, strspn(number, "0123456789")) != 0)
				fail_msg("%s: %s", first, err.why);
		}
}

static void
test_errors__name_the_path_of_the_value(void **state)
{
	static const struct {
		const char *config, *path;
	} rows[] = {
		{"{version: 1}", "version"},
		{"{version: 3, replicas: x}", "replicas"},
		{"{version: 3, ingress: [{}, {paths: [{}, {port: x}]}]}", "ingress[1].paths[1].port"},
		{"{version: 3, ports: [{}, {}]}", "healthchecks.liveness"},
		{"{version: 3, labels: {pod: x}}", "labels.pod"},
		{"{version: 3, extensions: {secrets: {a.b: {}}}}", "extensions.secrets.a.b"},
		{"{version: 3, metrics: {datadog: {enabled: 1}}}", "metrics.datadog.enabled"},
		{"{version: 2, ports: [3]}", "ports[0]"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		assert_false(render_config(yaml(rows[i].config)));
		assert_string_equal(err.source.object, rows[i].path);
	}
}

static void
test_locate__finds_the_place_in_the_file(void **state)
{
	static const char text[] = "version: 3\n"
	                           "ingress:\n"
	                           "- host: a\n"
	                           "  paths:\n"
	                           "  - port: x\n"
	                           "extensions: {secrets: {a.b: {c: d}}}\n";
	struct yaml_node *root;
	const struct {
		const char *path;
		unsigned line, column;
	} rows[] = {
		{"ingress[0].paths[0].port", 5, 11},   {"ingress[0].paths[3].port", 5, 3},
		{"extensions.secrets.a.b", 6, 29},     {"extensions.secrets.a.b.c", 6, 33},
		{"metrics.datadog", 1, 1},             {"version", 1, 10},
		{"ingress[0].host.more", 3, 9},        {"", 1, 1},
	};
	(void)state;
	assert_true(yaml_parse(text, sizeof text - 1, "f", &yaml_limits_default, &arena, &root, &err));
	for (size_t i = 0; i < array_length(rows); i++) {
		const struct yaml_node *at = fiaas_locate(root, rows[i].path);
		if (at->line != rows[i].line || at->column != rows[i].column)
			fail_msg("%s is at %u:%u", rows[i].path, at->line, at->column);
	}
	assert_null(fiaas_locate(NULL, "a"));
}

/* ---- values as Python sees them ---- */

static void
test_python__repr_is_that_of_python(void **state)
{
	static const struct {
		const char *json, *repr;
	} rows[] = {
		{"\"a\"", "'a'"},
		{"\"it's\"", "\"it's\""},
		{"\"it's \\\"x\\\"\"", "'it\\'s \"x\"'"},
		{"\"a\\n\\t\\\\\\u001b\"", "'a\\n\\t\\\\\\x1b'"},
		{"\"\xc3\xa5\"", "'\xc3\xa5'"},
		{"1.0", "1.0"},
		{"0.1", "0.1"},
		{"-2.5e-7", "-2.5e-07"},
		{"1e15", "1000000000000000.0"},
		{"1e16", "1e+16"},
		{"123456.789", "123456.789"},
		{"0.0001", "0.0001"},
		{"0.00001", "1e-05"},
		{"[]", "[]"},
		{"{\"a\": [true, false, null], \"b\": {}}", "{'a': [True, False, None], 'b': {}}"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		json_t *value = json_loads(rows[i].json, JSON_DECODE_ANY, NULL);
		assert_string_equal(python_repr(value, &arena), rows[i].repr);
		json_decref(value);
	}
}

static void
test_python__numbers_are_equal_across_types(void **state)
{
	json_t *values = json_pack("[i, f, b, i, f, b, s, n]", 1, 1.0, 1, 0, 0.0, 0, "1");
	(void)state;
	static const bool is_one[] = {true, true, true, false, false, false, false, false};
	static const bool is_true[] = {true, true, true, false, false, false, true, false};
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(python_is_equal(json_array_get(values, 0), json_array_get(values, i)), is_one[i]);
		assert_int_equal(python_is_true(json_array_get(values, i)), is_true[i]);
	}
	assert_true(python_is_equal(NULL, json_array_get(values, 7)));
	assert_false(python_is_equal(NULL, json_array_get(values, 3)));
	json_decref(values);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults__are_those_of_upstream),
		TEST(test_defaults__agree_with_the_table_of_keys),
		TEST(test_merge__unknown_keys_are_ignored),
		TEST(test_merge__null_is_absent),
		TEST(test_merge__maps_merge_key_by_key),
		TEST(test_merge__every_item_merges_with_the_first_default_item),
		TEST(test_merge__falsy_values_for_maps_count_as_absent),
		TEST(test_merge__falsy_values_for_lists_are_empty_or_refused),
		TEST(test_merge__truthy_values_of_the_wrong_kind_are_refused),
		TEST(test_merge__scalars_are_passed_on_as_they_are),
		TEST(test_merge__there_is_no_templating),
		TEST(test_version__must_be_2_or_3),
		TEST(test_version__a_config_that_is_no_map_is_refused),
		TEST(test_errors__of_replicas),
		TEST(test_errors__of_health_checks),
		TEST(test_errors__of_ingress_ports),
		TEST(test_errors__of_extensions),
		TEST(test_errors__of_strongbox_groups),
		TEST(test_errors__of_labels_and_annotations),
		TEST(test_errors__of_the_image),
		TEST(test_errors__of_a_default_path_without_an_http_port),
		TEST(test_errors__are_found_in_the_order_of_the_operator),
		TEST(test_errors__name_the_path_of_the_value),
		TEST(test_locate__finds_the_place_in_the_file),
		TEST(test_python__repr_is_that_of_python),
		TEST(test_python__numbers_are_equal_across_types),
	};
	return cmocka_run_group_tests_name("core/fiaas/merge", tests, NULL, NULL);
}

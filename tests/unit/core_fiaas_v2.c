/* Version 2 turned into version 3, and stripped of defaults. */
#include "core/fiaas/v2.h"

#include "fiaas_fixture.h"

static const char *const examples[] = {"v2minimal", "only_liveness", "multiple_ports", "tcp_config"};

static json_t *
transform(json_t *v2)
{
	struct merge merge = {.arena = &arena, .err = &err};
	json_t *v3 = fiaas_v2_transform(&merge, v2);
	if (merge.failed)
		fail_msg("%s", err.why);
	return v3;
}

static json_t *
without_unset(const json_t *value)
{
	const char *key;
	json_t *member, *copy;
	if (fiaas_is_unset(value))
		return json_null();
	if (!json_is_object(value))
		return json_deep_copy(value);
	copy = json_object();
	json_object_foreach ((json_t *)(uintptr_t)value, key, member)
		json_object_set_new(copy, key, without_unset(member));
	return copy;
}

/* Upstream's file leaves out http_headers where they are empty. */
static void
fill_http_headers(json_t *v3)
{
	static const char *const probes[] = {"healthchecks.liveness.http", "healthchecks.readiness.http"};
	for (size_t i = 0; i < array_length(probes); i++) {
		json_t *http = json_at(v3, probes[i]);
		if (http != NULL && json_object_get(http, "http_headers") == NULL)
			json_object_set_new(http, "http_headers", json_object());
	}
}

static void
assert_equal(const char *name, const json_t *actual, const json_t *expected)
{
	if (!json_equal(actual, expected))
		fail_msg("%s: %s", name, json_dumps(actual, JSON_INDENT(1)));
}

static void
test_v2__examples_become_version_3(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(examples); i++) {
		json_t *v2 = read_fixture(arena_printf(&arena, "examples/v2/%s.yml", examples[i]));
		json_t *expected = read_fixture(arena_printf(&arena, "transformations/%s.yml", examples[i]));
		json_t *v3 = transform(v2), *actual = without_unset(v3);
		fill_http_headers(expected);
		fill_http_headers(actual);
		assert_equal(examples[i], actual, expected);
		json_decref(v2);
		json_decref(expected);
		json_decref(v3);
		json_decref(actual);
	}
}

static void
test_v2__examples_are_stripped_of_defaults(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(examples); i++) {
		json_t *v2 = read_fixture(arena_printf(&arena, "examples/v2/%s.yml", examples[i]));
		json_t *expected =
			read_fixture(arena_printf(&arena, "transformations/stripped/%s.yml", examples[i]));
		json_t *v3 = transform(v2), *actual = fiaas_v2_strip(v3);
		assert_equal(examples[i], actual, expected);
		json_decref(v2);
		json_decref(expected);
		json_decref(v3);
		json_decref(actual);
	}
}

static void
assert_transformed(const char *v2_text, bool is_stripped, const char *path, const char *expected)
{
	json_t *v2 = yaml(v2_text), *v3 = transform(v2);
	json_t *shown = is_stripped ? fiaas_v2_strip(v3) : json_incref(v3);
	json_t *value = json_at(shown, path);
	char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	assert_string_equal(text == NULL ? "absent" : text, expected);
	free(text);
	json_decref(v2);
	json_decref(v3);
	json_decref(shown);
}

static void
test_v2__replicas_come_from_two_places(void **state)
{
	(void)state;
	assert_transformed("{version: 2, replicas: 4}", false, "replicas",
	                   "{\"minimum\":4,\"maximum\":4,\"cpu_threshold_percentage\":50}");
	assert_transformed("{version: 2, replicas: 4, autoscaler: {enabled: true, min_replicas: 3,"
	                   " cpu_threshold_percentage: 70}}",
	                   false, "replicas",
	                   "{\"minimum\":3,\"maximum\":4,\"cpu_threshold_percentage\":70}");
}

static void
test_v2__ingress_has_a_path_an_http_port(void **state)
{
	static const char v2[] = "{version: 2, host: h, ports: [{name: a, path: /a}, {name: t, protocol: tcp},"
	                         " {name: b}], healthchecks: {liveness: {tcp: {port: t}}}}";
	(void)state;
	assert_transformed(v2, false, "ingress",
	                   "[{\"host\":\"h\",\"paths\":[{\"path\":\"/a\",\"port\":\"a\"},"
	                   "{\"path\":\"/\",\"port\":\"b\"}]}]");
	assert_transformed(v2, false, "ports.0",
	                   "{\"protocol\":\"http\",\"name\":\"a\",\"port\":80,\"target_port\":80}");
	assert_transformed("{version: 2, ports: [{protocol: tcp}]}", false, "ingress", "[]");
}

static void
test_v2__probes_are_filled_with_the_defaults_of_version_2(void **state)
{
	(void)state;
	assert_transformed("{version: 2, healthchecks: {liveness: {http: {path: /x}, failure_threshold: 9}}}",
	                   false, "healthchecks.readiness",
	                   "{\"initial_delay_seconds\":10,\"period_seconds\":10,\"success_threshold\":1,"
	                   "\"timeout_seconds\":1,\"http\":{\"path\":\"/x\",\"port\":\"http\","
	                   "\"http_headers\":{}}}");
	assert_transformed("{version: 2, healthchecks: {readiness: {execute: {command: r}, http: {path: /x}}}}",
	                   false, "healthchecks.readiness.execute", "{\"command\":\"r\"}");
	assert_transformed("{version: 2, ports: [{name: t, protocol: tcp}]}", false,
	                   "healthchecks.liveness.tcp", "{\"port\":\"t\"}");
}

static void
test_v2__errors_are_those_of_the_operator(void **state)
{
	(void)state;
	assert_refused(FIAAS_INVALID, "{version: 2, ports: [{}, {}]}",
	               "Must specify health check when more than one ports defined");
	assert_refused(FIAAS_INVALID, "{version: 2, ports: []}",
	               "Failed to parse configuration: Index 0 out of bounds for sequence of length 0");
	assert_refused(FIAAS_INVALID, "{version: 2, autoscaler: [1]}",
	               "[1] is not of the expected type <class 'dict'>");
	assert_refused(FIAAS_DEPLOY_ERROR, "{version: 2, ports: [{protocol: udp}]}",
	               "AppSpec must have exactly one health check, none was defined.");
}

static void
test_v2__unset_resources_stay_unset(void **state)
{
	(void)state;
	render("{version: 2}");
	assert_container("resources", "absent");
	render("{version: 2, resources: {limits: {memory: 1Gi}}}");
	assert_container("resources", "{'limits':{'memory':'1Gi'}}");
	render("{version: 2, resources: {requests: {cpu: unset}}}");
	assert_container("resources", "{'requests':{'cpu':'unset'}}");
}

static void
test_v2__what_version_3_always_has_is_there(void **state)
{
	(void)state;
	render("{version: 2, admin_access: true, has_secrets: false, config: {volume: false}}");
	assert_pod("volumes.0.name", "'shop-secret'");
	assert_pod("volumes.1.name", "'shop-config'");
	assert_pod("automountServiceAccountToken", "true");
	assert_container("livenessProbe.failureThreshold", "3");
	assert_container("ports", "[{'name':'http','containerPort':80,'protocol':'TCP'}]");
	assert_deployment("strategy.rollingUpdate.maxUnavailable", "0");
}

static void
test_strip__loses_meaningful_falsy_values(void **state)
{
	(void)state;
	assert_transformed("{version: 2, prometheus: {enabled: false}}", true, "metrics.prometheus.enabled",
	                   "absent");
	assert_transformed("{version: 2, ports: [{protocol: tcp}]}", true, "ingress", "absent");
	assert_transformed("{version: 2, admin_access: true}", true, "admin_access", "true");
	assert_transformed("{version: 2, resources: {limits: {cpu: 1}}}", true, "resources",
	                   "{\"limits\":{\"cpu\":1}}");
	assert_transformed("{version: 2, host: h}", true, "ingress", "[{\"host\":\"h\"}]");
	assert_transformed("{version: 2}", true, "version", "3");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_v2__examples_become_version_3),
		TEST(test_v2__examples_are_stripped_of_defaults),
		TEST(test_v2__replicas_come_from_two_places),
		TEST(test_v2__ingress_has_a_path_an_http_port),
		TEST(test_v2__probes_are_filled_with_the_defaults_of_version_2),
		TEST(test_v2__errors_are_those_of_the_operator),
		TEST(test_v2__unset_resources_stay_unset),
		TEST(test_v2__what_version_3_always_has_is_there),
		TEST(test_strip__loses_meaningful_falsy_values),
	};
	return cmocka_run_group_tests_name("core/fiaas/v2", tests, NULL, NULL);
}

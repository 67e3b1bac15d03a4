#include "core/fiaas/v2.h"

#include <string.h>

#include "base/compiler.h"
#include "core/fiaas/defaults.h"
#include "core/fiaas/python.h"

/* A value of its own identity: YAML and JSON cannot express it. */
static json_t *
unset(void)
{
	static json_t *marker;
	if (marker == NULL)
		marker = json_string("unset");
	return marker;
}

bool
fiaas_is_unset(const json_t *value)
{
	return value == unset();
}

/* A map with the values at `keys` (NULL-terminated) of `from`; unset ones get `absent`. */
static json_t *
pick(const struct merged *from, const char *const *keys, json_t *absent)
{
	json_t *map = json_object();
	for (; *keys != NULL; keys++) {
		const json_t *value = merged_value(from, *keys);
		json_object_set(map, *keys, json_is_null(value) ? absent : json_borrow(value));
	}
	return map;
}

static json_t *
transform_replicas(const struct merged *root)
{
	const struct merged *autoscaler = merged_map(root, "autoscaler");
	const json_t *maximum = merged_value(root, "replicas");
	bool is_scaled = python_is_true(merged_value(autoscaler, "enabled"));
	return json_pack("{s:O, s:O, s:O}", "minimum",
	                 is_scaled ? merged_value(autoscaler, "min_replicas") : maximum, "maximum", maximum,
	                 "cpu_threshold_percentage",
	                 merged_value(autoscaler, "cpu_threshold_percentage"));
}

static json_t *
transform_resources(const struct merged *root)
{
	static const char *const keys[] = {"cpu", "memory", NULL};
	const struct merged *resources = merged_map(root, "resources");
	json_t *limits = pick(merged_map(resources, "limits"), keys, unset());
	json_t *requests = pick(merged_map(resources, "requests"), keys, unset());
	return json_pack("{s:o, s:o}", "limits", limits, "requests", requests);
}

static json_t *
transform_ports(const struct merged *ports)
{
	static const char *const keys[] = {"protocol", "name", "port", "target_port", NULL};
	json_t *list = json_array();
	for (size_t i = 0; i < merged_count(ports); i++)
		json_array_append_new(list, pick(merged_item(ports, i), keys, json_null()));
	return list;
}

static bool
has_protocol(const struct merged *port, const char *protocol)
{
	const char *text = json_string_value(merged_value(port, "protocol"));
	return text != NULL && strcmp(text, protocol) == 0;
}

static json_t *
transform_ingress(const struct merged *root, const struct merged *ports)
{
	json_t *paths = json_array();
	for (size_t i = 0; i < merged_count(ports); i++) {
		const struct merged *port = merged_item(ports, i);
		if (has_protocol(port, "http"))
			json_array_append_new(paths, json_pack("{s:O, s:O}", "path", merged_value(port, "path"),
			                                       "port", merged_value(port, "name")));
	}
	if (json_array_size(paths) > 0)
		return json_pack("[{s:O, s:o}]", "host", merged_value(root, "host"), "paths", paths);
	json_decref(paths);
	return json_array();
}

/* The check for an application that names none, by its only port. */
static void
choose_check(json_t *probe, const struct merged *at, const struct merged *ports)
{
	if (merged_count(ports) > 1) {
		merged_fail(at, NULL, "Must specify health check when more than one ports defined");
		return;
	}
	if (merged_count(ports) == 0) {
		merged_fail(at, NULL,
		            "Failed to parse configuration: Index 0 out of bounds for sequence of length 0");
		return;
	}
	const struct merged *port = merged_item(ports, 0);
	const json_t *name = merged_value(port, "name");
	if (has_protocol(port, "http"))
		json_object_set_new(probe, "http", json_pack("{s:O, s:O}", "path",
		                                             merged_value(port, "path"), "port", name));
	else if (has_protocol(port, "tcp"))
		json_object_set_new(probe, "tcp", json_pack("{s:O}", "port", name));
}

static json_t *
transform_probe(const struct merged *at, const struct merged *ports)
{
	static const char *const timing[] = {"initial_delay_seconds", "period_seconds", "success_threshold",
	                                     "timeout_seconds", NULL};
	static const struct {
		const char *name;
		const char *keys[4];
	} checks[] = {{"execute", {"command"}}, {"http", {"path", "port", "http_headers"}}, {"tcp", {"port"}}};
	json_t *probe = pick(at, timing, json_null());
	for (size_t i = 0; i < array_length(checks); i++)
		if (merged_is_given(at, checks[i].name)) {
			json_object_set_new(probe, checks[i].name,
			                    pick(merged_map(at, checks[i].name), checks[i].keys, json_null()));
			return probe;
		}
	choose_check(probe, at, ports);
	return probe;
}

static json_t *
transform_healthchecks(const struct merged *root, const struct merged *ports)
{
	const struct merged *checks = merged_map(root, "healthchecks");
	json_t *liveness = transform_probe(merged_map(checks, "liveness"), ports);
	json_t *readiness;
	if (merged_is_given(checks, "liveness") && !merged_is_given(checks, "readiness"))
		readiness = json_incref(liveness);
	else
		readiness = transform_probe(merged_map(checks, "readiness"), ports);
	return json_pack("{s:o, s:o}", "liveness", liveness, "readiness", readiness);
}

json_t *
fiaas_v2_transform(struct merge *merge, const json_t *config)
{
	static const char *const prometheus[] = {"enabled", "port", "path", NULL};
	const struct merged *root = merged_root(merge, config, fiaas_defaults_v2());
	const struct merged *ports = merged_list(root, "ports");
	json_t *v3 = json_pack("{s:i}", "version", 3);
	json_object_set_new(v3, "replicas", transform_replicas(root));
	json_object_set_new(v3, "healthchecks", transform_healthchecks(root, ports));
	json_object_set_new(v3, "metrics",
	                    json_pack("{s:o}", "prometheus",
	                              pick(merged_map(root, "prometheus"), prometheus, json_null())));
	json_object_set(v3, "admin_access", json_borrow(merged_value(root, "admin_access")));
	json_object_set_new(v3, "resources", transform_resources(root));
	json_object_set_new(v3, "ingress", transform_ingress(root, ports));
	json_object_set_new(v3, "ports", transform_ports(ports));
	return v3;
}

/* ---- stripping ---- */

static json_t *strip_map(const json_t *map, const json_t *defaults);

/* What remains of a value (new reference), or NULL. */
static json_t *
strip_value(const json_t *value, const json_t *defaults)
{
	if (fiaas_is_unset(value) || python_is_equal(value, defaults))
		return NULL;
	if (json_is_object(value))
		return strip_map(value, defaults);
	const json_t *item = json_array_get(value, 0), *default_item = json_array_get(defaults, 0);
	if (json_array_size(value) == 1 && json_array_size(defaults) == 1 && json_is_object(item) &&
	    json_is_object(default_item)) {
		json_t *rest = strip_map(item, default_item);
		json_t *list = json_array();
		if (json_object_size(rest) > 0)
			json_array_append(list, rest);
		json_decref(rest);
		return list;
	}
	return json_share(value);
}

static json_t *
strip_map(const json_t *map, const json_t *defaults)
{
	const char *key;
	json_t *value, *stripped = json_object();
	json_object_foreach (json_borrow(map), key, value) {
		json_t *rest = strip_value(value, json_object_get(defaults, key));
		if (python_is_true(rest))
			json_object_set(stripped, key, rest);
		json_decref(rest);
	}
	return stripped;
}

json_t *
fiaas_v2_strip(const json_t *transformed)
{
	json_t *stripped = strip_map(transformed, fiaas_defaults_v3());
	json_object_set_new(stripped, "version", json_integer(3));
	return stripped;
}

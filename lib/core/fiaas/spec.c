#include "core/fiaas/spec.h"

#include <string.h>

#include "core/fiaas/defaults.h"
#include "core/fiaas/healthcheck.h"
#include "core/fiaas/merge.h"
#include "core/fiaas/python.h"
#include "core/fiaas/v2.h"

const char *const fiaas_object_names[FIAAS_OBJECT_COUNT] = {
	[FIAAS_OBJECT_DEPLOYMENT] = "deployment",
	[FIAAS_OBJECT_HORIZONTAL_POD_AUTOSCALER] = "horizontal_pod_autoscaler",
	[FIAAS_OBJECT_INGRESS] = "ingress",
	[FIAAS_OBJECT_SERVICE] = "service",
	[FIAAS_OBJECT_SERVICE_ACCOUNT] = "service_account",
	[FIAAS_OBJECT_POD] = "pod",
	[FIAAS_OBJECT_POD_DISRUPTION_BUDGET] = "pod_disruption_budget",
	[FIAAS_OBJECT_ROLE_BINDING] = "role_binding",
};

/* ---- version ---- */

/* The config in version 3 form, or NULL. */
static const json_t *
accept_version(const struct merged *root, struct fiaas_spec *spec)
{
	const json_t *version = json_object_get(root->config, "version");
	if (python_is_number_equal(version, 3))
		return root->config;
	if (python_is_number_equal(version, 2)) {
		spec->transformed = fiaas_v2_transform(root->merge, root->config);
		return spec->transformed;
	}
	merged_fail(root, "version",
	            "Requested version %s, but the only supported versions are: [3, 2]",
	            version == NULL ? "1" : python_text(version, root->merge->arena));
	return NULL;
}

/* ---- replicas, resources, metrics ---- */

static bool
is_less(const struct merged *at, const json_t *a, const json_t *b)
{
	if (python_is_number(a) && python_is_number(b))
		return python_number(a) < python_number(b);
	if (json_is_string(a) && json_is_string(b))
		return strcmp(json_string_value(a), json_string_value(b)) < 0;
	return merged_fail(at, "maximum",
	                   "Failed to parse configuration: "
	                   "'<' not supported between instances of '%s' and '%s'",
	                   python_type_name(a), python_type_name(b));
}

static void
parse_replicas(const struct merged *root, struct fiaas_spec *spec)
{
	const struct merged *replicas = merged_map(root, "replicas");
	spec->minimum = merged_value(replicas, "minimum");
	spec->maximum = merged_value(replicas, "maximum");
	if (is_less(replicas, spec->maximum, spec->minimum))
		spec->minimum = spec->maximum;
	spec->is_autoscaled = !python_is_equal(spec->minimum, spec->maximum);
	spec->cpu_threshold = merged_value(replicas, "cpu_threshold_percentage");
	spec->is_singleton = python_is_true(merged_value(replicas, "singleton"));
}

static const json_t *
parse_quantity(const struct merged *map, const char *key)
{
	const json_t *value = merged_value(map, key);
	return fiaas_is_unset(value) ? NULL : value;
}

static void
parse_resources(const struct merged *resources, const char *key, struct fiaas_resources *ret)
{
	const struct merged *map = merged_map(resources, key);
	ret->cpu = parse_quantity(map, "cpu");
	ret->memory = parse_quantity(map, "memory");
}

static void
parse_metrics(const struct merged *root, struct fiaas_spec *spec)
{
	const struct merged *metrics = merged_map(root, "metrics");
	const struct merged *prometheus = merged_map(metrics, "prometheus");
	const struct merged *datadog = merged_map(metrics, "datadog");
	spec->prometheus_enabled = merged_value(prometheus, "enabled");
	spec->prometheus_port = merged_value(prometheus, "port");
	spec->prometheus_path = merged_value(prometheus, "path");
	spec->has_datadog = python_is_true(merged_value(datadog, "enabled"));
	spec->datadog_tags = merged_value(datadog, "tags");
}

/* ---- ports and what refers to them ---- */

static enum fiaas_protocol
protocol_of(const json_t *value)
{
	const char *text = json_string_value(value);
	if (text != NULL && strcmp(text, "http") == 0)
		return FIAAS_PROTOCOL_HTTP;
	return text != NULL && strcmp(text, "tcp") == 0 ? FIAAS_PROTOCOL_TCP : FIAAS_PROTOCOL_OTHER;
}

static void
parse_ports(const struct merged *root, struct fiaas_spec *spec)
{
	const struct merged *ports = merged_list(root, "ports");
	spec->n_ports = merged_count(ports);
	spec->ports = arena_array(root->merge->arena, struct fiaas_port, spec->n_ports);
	for (size_t i = 0; i < spec->n_ports; i++) {
		const struct merged *port = merged_item(ports, i);
		spec->ports[i] = (struct fiaas_port){
			.protocol = protocol_of(merged_value(port, "protocol")),
			.name = merged_value(port, "name"),
			.port = merged_value(port, "port"),
			.target_port = merged_value(port, "target_port"),
		};
	}
}

/* The number of the http port that an ingress path names: the last one of that name, else any of
 * that number; NULL when there is none. */
static const json_t *
resolve_http_port(const struct fiaas_spec *spec, const json_t *wanted)
{
	for (size_t i = spec->n_ports; i-- > 0;)
		if (spec->ports[i].protocol == FIAAS_PROTOCOL_HTTP &&
		    python_is_equal(spec->ports[i].name, wanted))
			return spec->ports[i].port;
	for (size_t i = 0; i < spec->n_ports; i++)
		if (spec->ports[i].protocol == FIAAS_PROTOCOL_HTTP &&
		    python_is_equal(spec->ports[i].port, wanted))
			return spec->ports[i].port;
	return NULL;
}

static void
parse_ingress_paths(const struct merged *item, const struct fiaas_spec *spec, struct fiaas_ingress *ret)
{
	const struct merged *paths = merged_list(item, "paths");
	ret->n_paths = merged_count(paths);
	ret->paths = arena_array(item->merge->arena, struct fiaas_ingress_path, ret->n_paths);
	for (size_t i = 0; i < ret->n_paths; i++) {
		const struct merged *path = merged_item(paths, i);
		const json_t *wanted = merged_value(path, "port");
		ret->paths[i].path = merged_value(path, "path");
		ret->paths[i].port = resolve_http_port(spec, wanted);
		if (ret->paths[i].port == NULL)
			merged_fail(path, "port", "%s is not a valid port name or port number",
			            python_text(wanted, item->merge->arena));
	}
}

/* Without an http port the whole section is dropped, unread. */
static void
parse_ingresses(const struct merged *root, struct fiaas_spec *spec)
{
	size_t n_http = 0;
	for (size_t i = 0; i < spec->n_ports; i++)
		n_http += spec->ports[i].protocol == FIAAS_PROTOCOL_HTTP;
	if (n_http == 0)
		return;
	const struct merged *ingresses = merged_list(root, "ingress");
	spec->n_ingresses = merged_count(ingresses);
	spec->ingresses = arena_array(root->merge->arena, struct fiaas_ingress, spec->n_ingresses);
	for (size_t i = 0; i < spec->n_ingresses; i++) {
		const struct merged *item = merged_item(ingresses, i);
		const json_t *annotations = merged_value(item, "annotations");
		spec->ingresses[i].host = merged_written(item, "host");
		parse_ingress_paths(item, spec, &spec->ingresses[i]);
		spec->ingresses[i].annotations = python_is_true(annotations) ? annotations : NULL;
	}
}

/* ---- labels, annotations ---- */

static void
parse_object_maps(const struct merged *root, const char *key, const json_t *ret[FIAAS_OBJECT_COUNT])
{
	const struct merged *objects = merged_map(root, key);
	for (size_t i = 0; i < FIAAS_OBJECT_COUNT; i++) {
		const json_t *map = merged_value(objects, fiaas_object_names[i]);
		if (python_is_true(map) && !json_is_object(map))
			merged_fail(objects, fiaas_object_names[i],
			            "Failed to parse configuration: '%s' object has no attribute 'get'",
			            python_type_name(map));
		ret[i] = json_object_size(map) > 0 ? map : NULL;
	}
}

/* ---- extensions ---- */

static void
parse_strongbox(const struct merged *extensions, struct fiaas_spec *spec)
{
	const struct merged *strongbox = merged_map(extensions, "strongbox");
	spec->strongbox_iam_role = merged_written(strongbox, "iam_role");
	spec->strongbox_aws_region = merged_value(strongbox, "aws_region");
	spec->strongbox_groups = merged_written(strongbox, "groups");
	spec->has_strongbox = spec->strongbox_iam_role != NULL && spec->strongbox_groups != NULL;
}

static void
parse_tls(const struct merged *extensions, struct fiaas_spec *spec)
{
	if (json_is_true(merged_written(extensions, "tls"))) {
		spec->tls = FIAAS_TLS_ON;
		return;
	}
	const struct merged *tls = merged_map(extensions, "tls");
	const json_t *enabled = merged_written(tls, "enabled");
	spec->tls = json_is_true(enabled) ? FIAAS_TLS_ON : json_is_false(enabled) ? FIAAS_TLS_OFF
	                                                                          : FIAAS_TLS_UNSET;
	spec->certificate_issuer = merged_written(tls, "certificate_issuer");
}

static bool
parse_secret(const struct merged *extensions, const char *type, const json_t *entry,
             struct fiaas_secrets *ret)
{
	struct merge *merge = extensions->merge;
	const char *key = arena_printf(merge->arena, "secrets.%s", type);
	static const char *const compulsory[] = {"parameters", "annotations"};
	if (json_is_string(entry) || json_is_array(entry))
		return merged_fail(extensions, key, "Failed to parse configuration: %s indices must be integers",
		                   json_is_string(entry) ? "string" : "list");
	if (!json_is_object(entry))
		return merged_fail(extensions, key,
		                   "Failed to parse configuration: '%s' object is not subscriptable",
		                   python_type_name(entry));
	for (size_t i = 0; i < array_length(compulsory); i++)
		if (json_object_get(entry, compulsory[i]) == NULL)
			return merged_fail(extensions, key, "Failed to parse configuration: '%s'", compulsory[i]);
	*ret = (struct fiaas_secrets){
		.type = type,
		.parameters = json_object_get(entry, "parameters"),
		.annotations = json_object_get(entry, "annotations"),
	};
	return true;
}

static void
parse_secrets(const struct merged *extensions, struct fiaas_spec *spec)
{
	const json_t *secrets = merged_written(extensions, "secrets");
	const char *type;
	json_t *entry;
	if (python_is_true(secrets) && !json_is_object(secrets)) {
		merged_fail(extensions, "secrets",
		            "Failed to parse configuration: '%s' object has no attribute 'items'",
		            python_type_name(secrets));
		return;
	}
	spec->secrets =
		arena_array(extensions->merge->arena, struct fiaas_secrets, json_object_size(secrets));
	json_object_foreach (json_borrow(secrets), type, entry)
		if (parse_secret(extensions, type, entry, &spec->secrets[spec->n_secrets]))
			spec->n_secrets++;
}

/* ---- the whole: the order of reads is FDD's order of errors ---- */

static void
parse(const struct merged *root, const struct fiaas_options *options, struct fiaas_spec *spec)
{
	parse_replicas(root, spec);
	const struct merged *resources = merged_map(root, "resources");
	parse_resources(resources, "limits", &spec->limits);
	parse_resources(resources, "requests", &spec->requests);
	spec->admin_access = merged_value(root, "admin_access");
	spec->has_secrets_in_environment = python_is_true(merged_value(root, "secrets_in_environment"));
	parse_metrics(root, spec);
	parse_ports(root, spec);
	fiaas_healthchecks_parse(root, spec);
	parse_object_maps(root, "labels", spec->labels);
	parse_object_maps(root, "annotations", spec->annotations);
	parse_ingresses(root, spec);
	const struct merged *extensions = merged_map(root, "extensions");
	parse_strongbox(extensions, spec);
	parse_tls(extensions, spec);
	parse_secrets(extensions, spec);
	if (spec->has_datadog && options->datadog_container_image == NULL)
		merged_fail(root, "metrics.datadog.enabled",
		            "Requested datadog sidecar, but datadog-container-image is undefined");
}

/* False when there is nothing to read: no map, or another version. */
static bool
read_config(struct merge *merge, const json_t *config, const struct fiaas_options *options,
            struct fiaas_spec *spec)
{
	const struct merged *written = merged_root(merge, config, NULL);
	if (python_is_true(config) && !json_is_object(config))
		return merged_fail(written, NULL,
		                   "Failed to parse configuration: '%s' object has no attribute 'get'",
		                   python_type_name(config));
	const json_t *v3 = accept_version(written, spec);
	if (v3 == NULL || (merge->failed && merge->each == NULL))
		return false;
	parse(merged_root(merge, v3, fiaas_defaults_v3()), options, spec);
	return true;
}

bool
fiaas_spec_parse(const json_t *config, const struct fiaas_options *options, struct arena *arena,
                 struct fiaas_spec *ret, struct error *err)
{
	struct merge merge = {.arena = arena, .err = err};
	struct fiaas_spec spec = {0};
	if (!read_config(&merge, config, options, &spec) || merge.failed) {
		fiaas_spec_release(&spec);
		return false;
	}
	*ret = spec;
	return true;
}

bool
fiaas_spec_parse_all(const json_t *config, const struct fiaas_options *options, struct arena *arena,
                     void (*each)(void *data, const char *path, const char *why), void *data,
                     struct fiaas_spec *ret)
{
	struct error first;
	struct merge merge = {.arena = arena, .err = &first, .each = each, .data = data};
	*ret = (struct fiaas_spec){0};
	return read_config(&merge, config, options, ret);
}

void
fiaas_spec_release(struct fiaas_spec *spec)
{
	json_decref(spec->transformed);
	spec->transformed = NULL;
}

/* Replicas, resources, labels, extensions, version 2, and the Application's name and image. */
#include <string.h>

#include "core/fiaas/checking.h"
#include "core/fiaas/python.h"

enum { NAME_MAX_LENGTH = 63 };

static struct arena *
arena_of(const struct checking *checking)
{
	return checking->problems->arena;
}

/* ---- replicas ---- */

static json_int_t
number_at(const struct checking *checking, const char *section, const char *key, json_int_t fallback)
{
	const json_t *value = json_object_get(json_object_get(checking->config, section), key);
	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

static void
check_both_texts(struct checking *checking)
{
	const json_t *replicas = json_object_get(checking->config, "replicas");
	if (json_is_string(json_object_get(replicas, "minimum")) && json_is_string(json_object_get(replicas, "maximum")))
		check_error(checking, RULE_REFUSED, check_at(checking, "replicas.maximum"), "write numbers",
		            "'>' not supported between instances of 'str' and 'int'");
}

static void
check_replicas(struct checking *checking)
{
	const struct yaml_node *node = check_at(checking, "replicas");
	json_int_t minimum = number_at(checking, "replicas", "minimum", 2);
	json_int_t maximum = number_at(checking, "replicas", "maximum", 5);
	if (!check_is_written(checking, "replicas"))
		return;
	check_both_texts(checking);
	if (maximum < minimum)
		check_warn(checking, RULE_MINIMUM_ABOVE_MAXIMUM, node, NULL,
		           "minimum %lld is above maximum %lld, so both become %lld", (long long)minimum,
		           (long long)maximum, (long long)maximum);
	else if (minimum == 0 && maximum > 1)
		check_warn(checking, RULE_MINIMUM_ZERO, check_at(checking, "replicas.minimum"), NULL,
		           "an autoscaler with a minimum of 0 is usually refused by the API server");
	if (maximum == 1 && checking->spec.is_singleton)
		check_note(checking, RULE_SINGLETON, check_at(checking, "replicas.maximum"), "set singleton: false for a "
		           "pod more while deploying", "each deploy stops the only pod before the new one starts");
	if (maximum != 1 && check_is_written(checking, "replicas.singleton"))
		check_note(checking, RULE_SINGLETON_UNUSED, check_at(checking, "replicas.singleton"), NULL,
		           "singleton counts only with a maximum of 1");
	if (minimum <= 1 && maximum > 1)
		check_note(checking, RULE_NO_DISRUPTION_BUDGET, node, NULL,
		           "a PodDisruptionBudget depends on minimum alone: with %lld there is none", (long long)minimum);
	if (minimum < maximum)
		check_note(checking, RULE_LIVE_REPLICAS_KEPT, node, NULL,
		           "with an autoscaler a deploy keeps the live number of pods; minimum is only its lower bound");
}

/* ---- resources ---- */

static void
check_request(struct checking *checking, const char *what, const json_t *request, const json_t *limit)
{
	double wanted, allowed;
	const char *wanted_text = request ? python_text(request, arena_of(checking)) : NULL;
	const char *allowed_text = limit ? python_text(limit, arena_of(checking)) : NULL;
	if (!wanted_text || !allowed_text || check_quantity(wanted_text, &wanted) || check_quantity(allowed_text, &allowed))
		return;
	if (wanted > allowed)
		check_error(checking, RULE_REQUEST_ABOVE_LIMIT, check_at(checking, "resources.requests.%s", what),
		            arena_printf(arena_of(checking), "raise resources.limits.%s to %s or more", what, wanted_text),
		            "the request for %s, %s, is above its limit, %s", what, wanted_text, allowed_text);
}

static void
check_resources(struct checking *checking)
{
	const struct fiaas_spec *spec = &checking->spec;
	check_request(checking, "cpu", spec->requests.cpu, spec->limits.cpu);
	check_request(checking, "memory", spec->requests.memory, spec->limits.memory);
}

/* ---- labels and annotations ---- */

static bool
is_managed_label(enum fiaas_object object, const char *key)
{
	static const char *const managed[] = {"app", "fiaas/version", "fiaas/deployment_id", "fiaas/deployed_by"};
	for (size_t i = 0; i < array_length(managed); i++)
		if (strcmp(key, managed[i]) == 0)
			return true;
	return object == FIAAS_OBJECT_POD && strcmp(key, "fiaas/status") == 0;
}

static bool
is_managed_annotation(const struct fiaas_spec *spec, enum fiaas_object object, const char *key)
{
	if (object == FIAAS_OBJECT_INGRESS)
		return strcmp(key, "fiaas/expose") == 0;
	if (object == FIAAS_OBJECT_SERVICE)
		return strcmp(key, "fiaas/tcp_port_names") == 0;
	return object == FIAAS_OBJECT_POD && python_is_true(spec->prometheus_enabled) &&
	       strncmp(key, "prometheus.io/", strlen("prometheus.io/")) == 0 && strcmp(key, "prometheus.io/scheme") != 0;
}

static void
check_managed(struct checking *checking, enum fiaas_object object)
{
	const struct fiaas_spec *spec = &checking->spec;
	const char *name = fiaas_object_names[object], *key;
	json_t *value;
	json_object_foreach (json_borrow(spec->labels[object]), key, value)
		if (is_managed_label(object, key))
			check_warn(checking, RULE_MANAGED_LABEL, check_at(checking, "labels.%s.%s", name, key), "remove it",
			           "the operator sets the label %s itself", key);
	json_object_foreach (json_borrow(spec->annotations[object]), key, value)
		if (is_managed_annotation(spec, object, key))
			check_warn(checking, RULE_MANAGED_ANNOTATION, check_at(checking, "annotations.%s.%s", name, key),
			           "remove it", "the operator sets the annotation %s itself", key);
}

/* ---- extensions ---- */

static bool
is_known_type(const struct fiaas_options *options, const char *type)
{
	for (size_t i = 0; i < options->secret_init_containers.count; i++)
		if (strcmp(options->secret_init_containers.items[i].key, type) == 0)
			return true;
	return (options->strongbox_init_container_image && strcmp(type, "strongbox") == 0) ||
	       (options->secrets_init_container_image && strcmp(type, "default") == 0);
}

static void
check_secret(struct checking *checking, const struct fiaas_secrets *secret, size_t *n_known)
{
	const char *path = arena_printf(arena_of(checking), "extensions.secrets.%s", secret->type);
	bool is_known = is_known_type(checking->check->options, secret->type);
	*n_known += is_known;
	if (!is_known && checking->check->knows_cluster)
		check_warn(checking, RULE_UNKNOWN_SECRETS_TYPE, check_at(checking, "%s", path), NULL,
		           "the cluster has no init container of type \"%s\": nothing is fetched, and even the plain "
		           "Secret is not mounted", secret->type);
	if (is_known && *n_known > 1)
		check_error(checking, RULE_SEVERAL_SECRETS, check_at(checking, "%s", path), "keep one type",
		            "two init containers of secrets get the same name, which the API server refuses");
	if (json_is_null(secret->annotations))
		check_error(checking, RULE_REFUSED, check_at(checking, "%s.annotations", path), "write {}",
		            "'NoneType' object is not iterable");
	if (json_object_get(secret->parameters, "K8S_DEPLOYMENT"))
		check_warn(checking, RULE_MANAGED_VARIABLE, check_at(checking, "%s.parameters.K8S_DEPLOYMENT", path), "remove it",
		           "the operator adds K8S_DEPLOYMENT itself, after the parameters, which stay in the file's order");
}

static void
check_strongbox(struct checking *checking)
{
	const struct fiaas_spec *spec = &checking->spec;
	const struct yaml_node *node = check_at(checking, "extensions.strongbox.groups");
	enum problem_severity severity =
		checking->check->options->strongbox_init_container_image ? PROBLEM_ERROR : PROBLEM_WARNING;
	if (!spec->strongbox_iam_role != !spec->strongbox_groups)
		check_warn(checking, RULE_STRONGBOX_OFF, check_at(checking, "extensions.strongbox"), NULL,
		           "Strongbox is off: it takes both iam_role and groups");
	if (json_is_string(spec->strongbox_groups))
		check_warn(checking, RULE_GROUPS_NOT_LIST, node, "write a list",
		           "groups is a text, and is joined character by character");
	for (size_t i = 0; i < json_array_size(spec->strongbox_groups); i++) {
		const json_t *item = json_array_get(spec->strongbox_groups, i);
		if (!json_is_string(item))
			problem_add(checking->problems, severity, RULE_REFUSED,
			            check_at(checking, "extensions.strongbox.groups[%zu]", i), "quote it",
			            "sequence item %zu: expected str instance, %s found", i, python_type_name(item));
	}
}

static void
check_extensions(struct checking *checking)
{
	const struct fiaas_spec *spec = &checking->spec;
	const char *mode = checking->check->options->use_ingress_tls;
	size_t n_known = 0;
	for (size_t i = 0; i < spec->n_secrets; i++)
		check_secret(checking, &spec->secrets[i], &n_known);
	check_strongbox(checking);
	if (spec->tls == FIAAS_TLS_ON && checking->check->knows_cluster && (!mode || strcmp(mode, "disabled") == 0))
		check_warn(checking, RULE_TLS_DISABLED, check_at(checking, "extensions.tls"), NULL,
		           "the cluster has TLS of Ingresses disabled: this has no effect");
}

/* ---- version 2 ---- */

static void
check_ports_v2(struct checking *checking)
{
	const struct yaml_node *ports = yaml_get(checking->check->root, "ports");
	for (size_t i = 0; ports && ports->kind == YAML_KIND_LIST && i < ports->count; i++)
		if (ports->items[i]->kind == YAML_KIND_MAP && !yaml_get(ports->items[i], "target_port"))
			check_note(checking, RULE_VERSION_2_DEFAULT, ports->items[i], NULL,
			           "target_port is 80 in version 2, where version 3 has 8080");
}

static void
check_v2(struct checking *checking)
{
	static const char *const probes[] = {"liveness", "readiness"};
	const json_t *autoscaler = json_object_get(checking->config, "autoscaler");
	check_warn(checking, RULE_VERSION_2, check_at(checking, "version"), "write version 3", "version 2 is deprecated");
	check_ports_v2(checking);
	if (python_is_true(json_object_get(autoscaler, "enabled")) && !checking->spec.requests.cpu)
		check_warn(checking, RULE_NO_AUTOSCALER, check_at(checking, "autoscaler"), "set resources.requests.cpu",
		           "no autoscaler is made without a request for CPU");
	for (size_t i = 0; i < array_length(probes); i++) {
		const char *path = arena_printf(arena_of(checking), "healthchecks.%s.failure_threshold", probes[i]);
		if (check_is_written(checking, path))
			check_warn(checking, RULE_WITHOUT_EFFECT, check_at(checking, "%s", path), NULL,
			           "version 2 has no failure_threshold: 3 is used");
	}
}

/* ---- the Application ---- */

static void
check_application(struct checking *checking)
{
	const char *name = checking->check->name, *image = checking->check->image;
	const char *version = image ? strrchr(image, ':') : NULL;
	if (name && !check_is_dns_label(name, NAME_MAX_LENGTH))
		check_error(checking, RULE_BAD_NAME, NULL, NULL,
		            "\"%s\" cannot name an application: at most %d of a-z, 0-9 and -", name, NAME_MAX_LENGTH);
	if (image && !version) {
		check_error(checking, RULE_REFUSED, NULL, "add a tag",
		            "Version must be specified for docker image aka image:version");
		return;
	}
	const char *wrong = version ? check_label_value(version + 1) : NULL;
	if (wrong)
		check_error(checking, RULE_BAD_VERSION_LABEL, NULL,
		            strchr(image, '@') ? "deploy by tag: the operator makes a label of what follows the last \":\""
		                               : "give the image a tag",
		            "image %s: \"%s\", which becomes the label fiaas/version, %s", image, version + 1, wrong);
}

void
check_runtime(struct checking *checking)
{
	if (checking->is_v2)
		check_v2(checking);
	else
		check_replicas(checking);
	check_resources(checking);
	for (enum fiaas_object object = 0; object < FIAAS_OBJECT_COUNT; object++)
		check_managed(checking, object);
	check_extensions(checking);
	check_application(checking);
}

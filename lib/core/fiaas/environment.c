#include <string.h>

#include "core/fiaas/pod.h"

struct variable {
	const char *name;
	const char *value;  /* or: */
	json_t *value_from; /* owned */
};

struct environment {
	struct variable *variables;
	size_t count;
};

static void
append(struct environment *environment, const char *name, const char *value, json_t *value_from)
{
	environment->variables[environment->count++] = (struct variable){name, value, value_from};
}

/* The last value of a name wins. */
static void
set(struct environment *environment, const char *name, const char *value)
{
	for (size_t i = 0; i < environment->count; i++)
		if (strcmp(environment->variables[i].name, name) == 0) {
			environment->variables[i].value = value;
			return;
		}
	append(environment, name, value, NULL);
}

static void
set_legacy(const struct rendering *rendering, struct environment *environment)
{
	const struct fiaas_options *options = rendering->options;
	const char *name = options->environment;
	set(environment, "FIAAS_INFRASTRUCTURE", options->infrastructure);
	set(environment, "LOG_STDOUT", "true");
	set(environment, "LOG_FORMAT", options->log_format);
	set(environment, "CONSTRETTO_TAGS", "kubernetes");
	if (name == NULL)
		return;
	set(environment, "FINN_ENV", name);
	set(environment, "FIAAS_ENVIRONMENT", name);
	set(environment, "CONSTRETTO_TAGS",
	    arena_printf(rendering->arena, "kubernetes-%s,kubernetes,%s", name, name));
}

static void
set_global(const struct rendering *rendering, struct environment *environment)
{
	const struct fiaas_pairs *pairs = &rendering->options->global_env;
	for (size_t i = 0; i < pairs->count; i++) {
		set(environment, pairs->items[i].key, pairs->items[i].value);
		set(environment, arena_printf(rendering->arena, "FIAAS_%s", pairs->items[i].key),
		    pairs->items[i].value);
	}
}

static void
set_managed(const struct rendering *rendering, struct environment *environment)
{
	const struct {
		const char *name, *deprecated_name, *value;
	} managed[] = {
		{"FIAAS_ARTIFACT_NAME", "ARTIFACT_NAME", rendering->application->name},
		{"FIAAS_IMAGE", "IMAGE", rendering->application->image},
		{"FIAAS_VERSION", "VERSION", rendering->version},
	};
	for (size_t i = 0; i < array_length(managed); i++) {
		set(environment, managed[i].name, managed[i].value);
		if (!rendering->options->disable_deprecated_managed_env_vars)
			set(environment, managed[i].deprecated_name, managed[i].value);
	}
}

static void
append_downward(const struct rendering *rendering, struct environment *environment)
{
	static const struct {
		const char *name, *resource;
	} resources[] = {
		{"FIAAS_REQUESTS_CPU", "requests.cpu"},
		{"FIAAS_REQUESTS_MEMORY", "requests.memory"},
		{"FIAAS_LIMITS_CPU", "limits.cpu"},
		{"FIAAS_LIMITS_MEMORY", "limits.memory"},
	};
	static const struct {
		const char *name, *field;
	} fields[] = {{"FIAAS_NAMESPACE", "metadata.namespace"}, {"FIAAS_POD_NAME", "metadata.name"}};
	for (size_t i = 0; i < array_length(resources); i++)
		append(environment, resources[i].name, NULL,
		       json_pack("{s:{s:s, s:s, s:i}}", "resourceFieldRef", "containerName",
		                 rendering->application->name, "resource", resources[i].resource, "divisor", 1));
	for (size_t i = 0; i < array_length(fields); i++)
		append(environment, fields[i].name, NULL,
		       json_pack("{s:{s:s}}", "fieldRef", "fieldPath", fields[i].field));
}

/* Stable, in byte order; the list is short. */
static void
sort(struct environment *environment)
{
	struct variable *variables = environment->variables;
	for (size_t i = 1; i < environment->count; i++) {
		struct variable moving = variables[i];
		size_t to = i;
		for (; to > 0 && strcmp(variables[to - 1].name, moving.name) > 0; to--)
			variables[to] = variables[to - 1];
		variables[to] = moving;
	}
}

enum { N_FIXED_VARIABLES = 7 + 6 + 6 + 2 };

json_t *
pod_environment(struct rendering *rendering)
{
	size_t max = N_FIXED_VARIABLES + 2 * rendering->options->global_env.count;
	struct environment environment = {arena_array(rendering->arena, struct variable, max), 0};
	json_t *list = json_array();
	set_legacy(rendering, &environment);
	set_global(rendering, &environment);
	set_managed(rendering, &environment);
	append_downward(rendering, &environment);
	if (rendering->spec->has_datadog) {
		append(&environment, "STATSD_HOST", "localhost", NULL);
		append(&environment, "STATSD_PORT", "8125", NULL);
	}
	sort(&environment);
	for (size_t i = 0; i < environment.count; i++) {
		const struct variable *variable = &environment.variables[i];
		json_array_append_new(list, json_pack("{s:s, s:s*, s:o*}", "name", variable->name, "value",
		                                      variable->value, "valueFrom", variable->value_from));
	}
	return list;
}

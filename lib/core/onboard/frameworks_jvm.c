/* Spring Boot, Quarkus, Micronaut, Dropwizard and Play: their configuration files, probes and metrics. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/onboard/inspecting.h"
#include "data/yaml.h"

/* ---- configuration files of the JVM ---- */

struct setting_seen {
	const char *value, *file; /* value NULL: not set */
	unsigned line;
};

static const struct yaml_node *
look_up(const struct yaml_node *map, const char *key)
{
	if (map == NULL || map->kind != YAML_KIND_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++) {
		const char *name = map->pairs[i].key->text;
		size_t length = strlen(name);
		if (strcmp(name, key) == 0)
			return map->pairs[i].value;
		if (strncmp(name, key, length) == 0 && key[length] == '.') {
			const struct yaml_node *below = look_up(map->pairs[i].value, key + length + 1);
			if (below != NULL)
				return below;
		}
	}
	return NULL;
}

/* The first document only: those behind it are of profiles. */
static struct setting_seen
yaml_setting(struct inspecting *in, const char *text, const char *path, const char *key)
{
	struct yaml_node *root = NULL;
	struct error ignored;
	const char *end = strncmp(text, "---", 3) == 0 ? strstr(text + 3, "\n---") : strstr(text, "\n---");
	size_t length = end != NULL ? (size_t)(end - text) : strlen(text);
	if (!yaml_parse(text, length, path, &yaml_limits_default, in->arena, &root, &ignored))
		return (struct setting_seen){0};
	const struct yaml_node *node = look_up(root, key);
	if (node == NULL || node->kind != YAML_KIND_SCALAR)
		return (struct setting_seen){0};
	return (struct setting_seen){node->text, path, node->line};
}

/* `${PORT:8080}` is 8080; a value without a default is not known. */
static const char *
resolve(const char *value, struct arena *arena)
{
	const char *start = value != NULL ? strstr(value, "${") : NULL;
	if (start == NULL)
		return value;
	const char *colon = strchr(start, ':'), *end = strchr(start, '}');
	if (start != value || colon == NULL || end == NULL || colon > end)
		return NULL;
	return arena_strndup(arena, colon + 1, (size_t)(end - colon - 1));
}

static struct setting_seen
jvm_setting(struct inspecting *in, const char *key)
{
	static const char *const files[] = {
		"src/main/resources/application.properties", "src/main/resources/application.yml",
		"src/main/resources/application.yaml",       "config/application.properties",
		"config/application.yml",                    "conf/application.conf",
	};
	for (size_t i = 0; i < array_length(files); i++) {
		const char *path, *text = inspecting_read(in, files[i], &path);
		struct setting_seen seen = {.file = path};
		if (text == NULL)
			continue;
		if (strstr(files[i], ".y") != NULL)
			seen = yaml_setting(in, text, path, key);
		else
			seen.value = scan_property(text, key, in->arena, &seen.line);
		seen.value = resolve(seen.value, in->arena);
		if (seen.value != NULL)
			return seen;
	}
	return (struct setting_seen){0};
}

static void
jvm_port(struct inspecting *in, const char *key)
{
	struct setting_seen seen = jvm_setting(in, key);
	unsigned port = seen.value != NULL ? scan_port(seen.value) : 0;
	if (port != 0)
		inspecting_see_port(in, port, seen.file, seen.line, key, FRAMEWORK_PORT_RANK);
}

/* "/" and "" are no prefix; no slash at the end. */
static const char *
prefix(struct inspecting *in, const char *key)
{
	const char *value = jvm_setting(in, key).value;
	if (value == NULL || *value != '/')
		return "";
	size_t length = strlen(value);
	while (length > 0 && value[length - 1] == '/')
		length--;
	return arena_strndup(in->arena, value, length);
}

/* ---- the frameworks ---- */

static void
spring_metrics(struct inspecting *in, const char *base)
{
	const struct dependency *registry = framework_dependency(in, "micrometer-registry-prometheus");
	struct setting_seen exposed = jvm_setting(in, "management.endpoints.web.exposure.include");
	bool is_exposed = exposed.value != NULL && (strstr(exposed.value, "prometheus") != NULL ||
	                                            strchr(exposed.value, '*') != NULL);
	if (registry != NULL && is_exposed) {
		inspecting_set(in, FACT_METRICS, arena_printf(in->arena, "%s/prometheus", base), exposed.file,
		               exposed.line,
		               "management.endpoints.web.exposure.include", FACT_DERIVED);
		return;
	}
	if (registry != NULL)
		inspecting_advise(in, registry->file, registry->line,
		                  "micrometer-registry-prometheus is there, but management.endpoints.web.exposure.include does not "
		                  "name prometheus, so nothing can be scraped");
	framework_set_off(in, registry == NULL ? "micrometer-registry-prometheus is missing" : "not exposed");
}

/* Since Spring Boot 2.3 the groups liveness and readiness switch on by themselves in Kubernetes. */
static bool
has_probe_groups(const struct inspecting *in)
{
	const struct dependency *parent = framework_dependency(in, "spring-boot-starter-parent");
	const char *version = parent != NULL ? parent->version : NULL;
	if (version == NULL || !isdigit((unsigned char)version[0]))
		return true;
	char *rest;
	long major = strtol(version, &rest, 10), minor = *rest == '.' ? strtol(rest + 1, NULL, 10) : 0;
	return major > 2 || (major == 2 && minor >= 3);
}

void
framework_read_spring(struct inspecting *in)
{
	const struct dependency *actuator = framework_dependency(in, "spring-boot-starter-actuator");
	struct setting_seen management = jvm_setting(in, "management.server.port");
	unsigned port = management.value != NULL ? scan_port(management.value) : 0;
	jvm_port(in, "server.port");
	if (actuator == NULL) {
		inspecting_advise(in, in->manifest->file, 0,
		                  "with spring-boot-starter-actuator the probes could be http checks");
		framework_set_off(in, "spring-boot-starter-actuator is missing");
		return;
	}
	if (port != 0) {
		inspecting_set(in, FACT_MANAGEMENT_PORT, management.value, management.file, management.line,
		               "management.server.port", FACT_STATED);
		in->found->is_probed_at_management = true;
	}
	const char *path = prefix(in, "management.endpoints.web.base-path");
	const char *context = prefix(in, port != 0 ? "management.server.base-path" : "server.servlet.context-path");
	const char *base = arena_printf(in->arena, "%s%s", context, path[0] != '\0' ? path : "/actuator");
	const char *liveness = has_probe_groups(in) ? "/liveness" : "";
	const char *readiness = has_probe_groups(in) ? "/readiness" : "";
	framework_set_from(in, FACT_LIVENESS, arena_printf(in->arena, "%s/health%s", base, liveness), actuator);
	framework_set_from(in, FACT_READINESS, arena_printf(in->arena, "%s/health%s", base, readiness), actuator);
	spring_metrics(in, base);
}

/* The probes of a framework that has them by a dependency, its metrics by another. */
static void
read_by_dependencies(struct inspecting *in, const char *health, const char *liveness, const char *readiness,
                     const char *const *metrics, const char *metrics_path)
{
	const struct dependency *checks = framework_dependency(in, health);
	if (checks != NULL) {
		framework_set_from(in, FACT_LIVENESS, liveness, checks);
		framework_set_from(in, FACT_READINESS, readiness, checks);
	} else {
		inspecting_advise(in, in->manifest->file, 0, "with %s the probes could be http checks", health);
	}
	for (; *metrics != NULL; metrics++)
		if (framework_dependency(in, *metrics) != NULL)
			framework_set_from(in, FACT_METRICS, metrics_path, framework_dependency(in, *metrics));
}

void
framework_read_quarkus(struct inspecting *in)
{
	static const char *const metrics[] = {"quarkus-micrometer-registry-prometheus", "quarkus-smallrye-metrics",
	                                      NULL};
	const char *root = prefix(in, "quarkus.http.root-path");
	jvm_port(in, "quarkus.http.port");
	read_by_dependencies(in, "quarkus-smallrye-health", arena_printf(in->arena, "%s/q/health/live", root),
	                     arena_printf(in->arena, "%s/q/health/ready", root), metrics,
	                     arena_printf(in->arena, "%s/q/metrics", root));
}

void
framework_read_micronaut(struct inspecting *in)
{
	static const char *const metrics[] = {"micronaut-micrometer-registry-prometheus", NULL};
	jvm_port(in, "micronaut.server.port");
	read_by_dependencies(in, "micronaut-management", "/health/liveness", "/health/readiness", metrics,
	                     "/prometheus");
}

void
framework_read_dropwizard(struct inspecting *in)
{
	inspecting_set(in, FACT_MANAGEMENT_PORT, "8081", NULL, 0, "default of Dropwizard", FACT_ASSUMED);
	in->found->is_probed_at_management = true;
	inspecting_set(in, FACT_LIVENESS, "/healthcheck", NULL, 0, "the admin connector of Dropwizard", FACT_ASSUMED);
	inspecting_set(in, FACT_READINESS, "/healthcheck", NULL, 0, "the admin connector of Dropwizard",
	               FACT_ASSUMED);
	framework_set_off(in, "Dropwizard's /metrics is not in Prometheus' format");
}

void
framework_read_play(struct inspecting *in)
{
	jvm_port(in, "http.port");
	jvm_port(in, "play.server.http.port");
	framework_set_off(in, "Play has none");
}

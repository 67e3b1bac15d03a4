#include "core/fiaas/check.h"

#include <string.h>

#include "core/fiaas/checking.h"
#include "core/fiaas/python.h"
#include "core/fiaas/render.h"
#include "data/json.h"

/* ---- places ---- */

const struct yaml_node *
check_at(const struct checking *checking, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *path = arena_vprintf(checking->problems->arena, format, args);
	va_end(args);
	return fiaas_locate(checking->check->root, path);
}

bool
check_is_written(const struct checking *checking, const char *path)
{
	const struct yaml_node *node = checking->check->root;
	while (node && *path) {
		size_t length = strcspn(path, ".");
		node = yaml_get(node, arena_strndup(checking->problems->arena, path, length));
		path += length + (path[length] == '.');
	}
	return node && !(node->kind == YAML_KIND_SCALAR && yaml_type_of(node) == YAML_TYPE_NULL);
}

/* ---- what FDD refuses ---- */

/* Our word on FDD's refusals; %s-free, by how its message begins or ends. */
static const struct advice {
	const char *part, *fix;
} advices[] = {
	{"but the only supported versions", "begin the file with \"version: 3\""},
	{"expected type <class 'dict'>", "write a map: keys, each with a value"},
	{"expected type <class 'list'>", "write a list: items that begin with \"-\""},
	{"check or exactly one port", "add this check under healthchecks: an execute, http or tcp"},
	{"Unable to determine port", "give the check a port, or the application a port"},
	{"is not a valid port name or port number", "use the name or number of one of ports that is http; a number "
	                                            "without quotes"},
	{"datadog-container-image is undefined", "the cluster has no Datadog; set metrics.datadog.enabled: false"},
	{"configuration: 'annotations'", "add \"annotations: {}\" to this secret"},
	{"configuration: 'parameters'", "add \"parameters: {}\" to this secret"},
	{"has no attribute 'get'", "write a map of names to texts"},
	{"not supported between instances", "write both numbers without quotes"},
	{"Must specify health check when", "add healthchecks.liveness and healthchecks.readiness"},
};

static const char *
advice_for(const char *message)
{
	for (size_t i = 0; i < array_length(advices); i++)
		if (strstr(message, advices[i].part))
			return advices[i].fix;
	return NULL;
}

static bool
is_told(const struct problems *problems, const struct yaml_node *node, const char *message)
{
	for (size_t i = 0; i < problems->count; i++)
		if (strcmp(problems->items[i].message, message) == 0 &&
		    problems->items[i].line == (node ? node->line : 0) &&
		    problems->items[i].column == (node ? node->column : 0))
			return true;
	return false;
}

/* Whether a missing check is news: not in version 2, which has said so in its own words, and not
 * when the ports themselves were refused. */
static bool
is_about_ports(const struct checking *checking)
{
	const json_t *ports = json_object_get(checking->config, "ports");
	return !checking->is_v2 && (!ports || json_is_null(ports) || json_is_array(ports));
}

static void
add_refusal(void *data, const char *path, const char *why)
{
	struct checking *checking = data;
	const struct yaml_node *node = fiaas_locate(checking->check->root, path);
	if (strstr(why, "check or exactly one port") && !is_about_ports(checking))
		return;
	if (!is_told(checking->problems, node, why))
		check_error(checking, RULE_REFUSED, node, advice_for(why), "%s", why);
}

/* Whatever stops FDD later, while it makes the objects, if nothing above has said so. */
static void
check_rendering(struct checking *checking)
{
	static const struct fiaas_cluster_state empty_namespace;
	struct fiaas_application application = {
		.name = checking->check->name ? checking->check->name : "name",
		.namespace = "namespace",
		.image = checking->check->image ? checking->check->image : "image:version",
		.deployment_id = "id",
		.config = checking->config,
	};
	scoped(json_release) json_t *objects = NULL;
	enum fiaas_outcome outcome;
	struct error err;
	if (!fiaas_render(&application, checking->check->options, &empty_namespace, checking->problems->arena,
	                  &objects, &outcome, &err))
		check_error(checking, RULE_REFUSED, checking->check->root, advice_for(err.why), "%s", err.why);
}

void
spec_check(const struct spec_check *check, struct problems *problems)
{
	scoped(json_release) json_t *config = yaml_to_json(check->root);
	struct checking checking = {.check = check, .config = config, .problems = problems};
	size_t n_errors = problems->n_errors;
	checking.is_v2 = python_is_number_equal(json_object_get(config, "version"), 2);
	if (!fiaas_spec_parse_all(config, check->options, problems->arena, add_refusal, &checking, &checking.spec)) {
		fiaas_spec_release(&checking.spec);
		return;
	}
	check_keys(&checking, checking.is_v2 ? spec_keys_v2 : spec_keys_v3);
	check_traffic(&checking);
	check_runtime(&checking);
	if (problems->n_errors == n_errors)
		check_rendering(&checking);
	fiaas_spec_release(&checking.spec);
}

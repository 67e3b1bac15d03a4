/* Ports, and everything that refers to them: probes, metrics, ingress. */
#include <string.h>

#include "core/fiaas/checking.h"
#include "core/fiaas/python.h"
#include "core/fiaas/shell_split.h"

enum { PORT_NAME_MAX = 15, COMMON_NAME_MAX = 63 };

static struct arena *
arena_of(const struct checking *checking)
{
	return checking->problems->arena;
}

/* ---- ports ---- */

static void
check_protocol(struct checking *checking, size_t i)
{
	const struct yaml_node *node = check_at(checking, "ports[%zu].protocol", i);
	if (checking->spec.ports[i].protocol != FIAAS_PROTOCOL_OTHER || node->kind != YAML_KIND_SCALAR)
		return;
	static const char *const known[] = {"http", "tcp"};
	const char *lower = arena_strdup(arena_of(checking), node->text);
	for (char *c = (char *)(uintptr_t)lower; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
	bool is_upper = strcmp(lower, known[0]) == 0 || strcmp(lower, known[1]) == 0;
	const char *fix = is_upper ? arena_printf(arena_of(checking), "write %s", lower)
	                           : problem_suggest(lower, known, array_length(known), arena_of(checking));
	check_warn(checking, RULE_UNKNOWN_PROTOCOL, node, fix,
	           "protocol \"%s\" is neither http nor tcp: the port goes to the Service as TCP, never to an "
	           "Ingress, and gets no default health check", node->text);
	if (checking->spec.n_ports == 1 && (checking->spec.liveness.check == FIAAS_CHECK_NONE ||
	                                    checking->spec.readiness.check == FIAAS_CHECK_NONE))
		check_error(checking, RULE_REFUSED, node, "write protocol http or tcp, or add healthchecks",
		            "AppSpec must have exactly one health check, none was defined.");
}

static void
check_port_name(struct checking *checking, size_t i)
{
	const char *name = json_string_value(checking->spec.ports[i].name);
	if (name && (!check_is_dns_label(name, PORT_NAME_MAX) || !name[strspn(name, "0123456789-")]))
		check_error(checking, RULE_BAD_PORT_NAME, check_at(checking, "ports[%zu].name", i), NULL,
		            "port name \"%s\" must be at most %d of a-z, 0-9 and -, with a letter", name, PORT_NAME_MAX);
}

static void
check_same_ports(struct checking *checking, size_t i)
{
	const struct fiaas_port *ports = checking->spec.ports;
	for (size_t other = 0; other < i; other++) {
		if (python_is_equal(ports[i].name, ports[other].name))
			check_error(checking, RULE_DUPLICATE_PORT, check_at(checking, "ports[%zu].name", i), NULL,
			            "a second port is named \"%s\"", python_text(ports[i].name, arena_of(checking)));
		if (python_is_equal(ports[i].port, ports[other].port))
			check_error(checking, RULE_DUPLICATE_PORT, check_at(checking, "ports[%zu].port", i), NULL,
			            "a second port has the number %s", python_text(ports[i].port, arena_of(checking)));
	}
}

static void
check_tcp_range(struct checking *checking, size_t i)
{
	const struct fiaas_port *port = &checking->spec.ports[i];
	json_int_t number = json_integer_value(port->port);
	if (port->protocol == FIAAS_PROTOCOL_TCP && json_is_integer(port->port) && number > 0 &&
	    (number < 1024 || number > 32767))
		check_warn(checking, RULE_TCP_PORT_RANGE, check_at(checking, "ports[%zu].port", i), NULL,
		           "the documented range of tcp ports is 1024 to 32767");
}

/* ---- references to container ports ---- */

static bool
has_port_named(const struct fiaas_spec *spec, const json_t *name)
{
	for (size_t i = 0; i < spec->n_ports; i++)
		if (python_is_equal(spec->ports[i].name, name))
			return true;
	return false;
}

/* The place of a number among the ports, in one of two columns. */
static bool
has_number(const struct fiaas_spec *spec, const json_t *number, bool is_target)
{
	for (size_t i = 0; i < spec->n_ports; i++)
		if (python_is_equal(is_target ? spec->ports[i].target_port : spec->ports[i].port, number))
			return true;
	return false;
}

static bool
is_numeric(const json_t *port)
{
	const char *text = json_string_value(port);
	return json_is_integer(port) || (text && *text && !text[strspn(text, "0123456789")]);
}

/* The service's number where the container's belongs. */
static void
check_number_kind(struct checking *checking, const char *path, const json_t *port, const char *who)
{
	if (!json_is_integer(port) || has_number(&checking->spec, port, true))
		return;
	const char *text = python_text(port, arena_of(checking));
	bool is_service = has_number(&checking->spec, port, false);
	check_warn(checking, RULE_WRONG_PORT, check_at(checking, "%s", path),
	           is_service ? "write the target_port, or the port's name" : NULL,
	           is_service ? "%s uses the number as it is, and %s is a port of the Service, not of the container"
	                      : "%s: no port has the target_port %s", who, text);
}

/* ---- probes ---- */

static void
check_probe_port(struct checking *checking, const char *name, const struct fiaas_probe *probe)
{
	const char *kind = probe->check == FIAAS_CHECK_HTTP ? "http" : "tcp";
	const char *path = arena_printf(arena_of(checking), "healthchecks.%s.%s.port", name, kind);
	if ((probe->check != FIAAS_CHECK_HTTP && probe->check != FIAAS_CHECK_TCP) || !check_is_written(checking, path))
		return;
	if (json_is_string(probe->port) && !has_port_named(&checking->spec, probe->port))
		check_warn(checking, RULE_NO_SUCH_PORT, check_at(checking, "%s", path), NULL,
		           "the %s check asks port \"%s\", and no port is named so", name,
		           json_string_value(probe->port));
	check_number_kind(checking, path, probe->port, arena_printf(arena_of(checking), "the %s check", name));
}

static void
check_kinds(struct checking *checking, const char *name)
{
	static const char *const kinds[] = {"execute", "http", "tcp"};
	const struct yaml_node *map = check_at(checking, "healthchecks.%s", name);
	const char *winner = NULL;
	for (size_t i = 0; i < array_length(kinds); i++) {
		const struct yaml_node *kind = yaml_get(map, kinds[i]);
		if (!kind || kind->kind != YAML_KIND_MAP)
			continue;
		if (!kind->count)
			check_warn(checking, RULE_EMPTY_CHECK, kind, "say its port or path, or remove it",
			           "%s: {} counts as not given", kinds[i]);
		else if (winner)
			check_warn(checking, RULE_SEVERAL_CHECKS, kind, "keep one",
			           "%s has several checks: %s is used, %s is ignored", name, winner, kinds[i]);
		if (kind->count && !winner)
			winner = kinds[i];
	}
}

static void
check_command(struct checking *checking, const char *name, const struct fiaas_probe *probe)
{
	const char *why = NULL;
	if (probe->check != FIAAS_CHECK_EXECUTE || !json_is_string(probe->command))
		return;
	json_t *words = shell_split(json_string_value(probe->command), &why);
	if (!words)
		check_error(checking, RULE_BAD_COMMAND, check_at(checking, "healthchecks.%s.execute.command", name),
		            "close the quote", "%s", why);
	json_decref(words);
}

static void
check_timing(struct checking *checking)
{
	const struct fiaas_spec *spec = &checking->spec;
	if (spec->liveness.success_threshold && json_is_integer(spec->liveness.success_threshold) &&
	    json_integer_value(spec->liveness.success_threshold) != 1)
		check_error(checking, RULE_BAD_THRESHOLD, check_at(checking, "healthchecks.liveness.success_threshold"),
		            "write 1", "the API server refuses a success_threshold other than 1 for liveness");
	if (json_is_integer(spec->readiness.initial_delay) && json_integer_value(spec->readiness.initial_delay) == 0)
		check_warn(checking, RULE_NO_TIME_TO_START,
		           check_at(checking, check_is_written(checking, "healthchecks.readiness")
		                                      ? "healthchecks.readiness.initial_delay_seconds"
		                                      : "healthchecks.liveness.initial_delay_seconds"),
		           "write 1 or more",
		           "the operator waits a multiple of this delay: with 0 a deploy fails unless it is ready at "
		           "the first look");
}

/* Any key of liveness makes readiness a copy of it, path included, unless readiness is given. */
static void
check_readiness_copy(struct checking *checking)
{
	if (check_is_written(checking, "healthchecks.liveness") && !check_is_written(checking, "healthchecks.readiness") &&
	    checking->spec.liveness.check == FIAAS_CHECK_HTTP && !checking->is_v2)
		check_warn(checking, RULE_READINESS_COPIES_LIVENESS, check_at(checking, "healthchecks.liveness"),
		           "add readiness with its own path",
		           "readiness is not given, so it becomes a copy of liveness and asks %s too",
		           python_text(checking->spec.liveness.path, arena_of(checking)));
}

static void
check_probes(struct checking *checking)
{
	static const char *const names[] = {"liveness", "readiness"};
	const struct fiaas_probe *probes[] = {&checking->spec.liveness, &checking->spec.readiness};
	for (size_t i = 0; i < array_length(names); i++) {
		const char *path = arena_printf(arena_of(checking), "healthchecks.%s", names[i]);
		if (!check_is_written(checking, path))
			continue;
		check_kinds(checking, names[i]);
		check_command(checking, names[i], probes[i]);
		check_probe_port(checking, names[i], probes[i]);
	}
	check_timing(checking);
	check_readiness_copy(checking);
}

/* ---- metrics ---- */

static void
check_prometheus(struct checking *checking)
{
	const struct fiaas_spec *spec = &checking->spec;
	const char *path = checking->is_v2 ? "prometheus.port" : "metrics.prometheus.port";
	if (!python_is_true(spec->prometheus_enabled) || !spec->n_ports)
		return;
	if (is_numeric(spec->prometheus_port))
		check_number_kind(checking, path, spec->prometheus_port, "Prometheus");
	else if (!has_port_named(spec, spec->prometheus_port))
		check_warn(checking, RULE_NO_SUCH_PORT,
		           check_is_written(checking, path) ? check_at(checking, "%s", path) : check_at(checking, "ports"),
		           "name the port in metrics.prometheus.port, or set enabled: false",
		           "Prometheus is silently off: no port is named \"%s\"",
		           python_text(spec->prometheus_port, arena_of(checking)));
}

/* ---- ingress ---- */

static bool
is_same_route(const struct fiaas_ingress *a, const struct fiaas_ingress *b, const json_t **ret_path)
{
	if (!python_is_equal(a->host, b->host))
		return false;
	for (size_t i = 0; i < a->n_paths; i++)
		for (size_t n = 0; n < b->n_paths; n++)
			if (python_is_equal(a->paths[i].path, b->paths[n].path)) {
				*ret_path = a->paths[i].path;
				return true;
			}
	return false;
}

static void
check_same_routes(struct checking *checking, size_t i)
{
	const struct fiaas_spec *spec = &checking->spec;
	const json_t *path;
	for (size_t other = 0; other < i; other++)
		if (is_same_route(&spec->ingresses[i], &spec->ingresses[other], &path))
			check_warn(checking, RULE_DUPLICATE_ROUTE, check_at(checking, "ingress[%zu]", i), NULL,
			           "an item above serves %s of the same host", python_text(path, arena_of(checking)));
	const struct fiaas_ingress *ingress = &spec->ingresses[i];
	for (size_t a = 0; a < ingress->n_paths; a++)
		for (size_t b = 0; b < a; b++)
			if (python_is_equal(ingress->paths[a].path, ingress->paths[b].path))
				check_warn(checking, RULE_DUPLICATE_ROUTE, check_at(checking, "ingress[%zu].paths[%zu]", i, a), NULL,
				           "path %s occurs twice", python_text(ingress->paths[a].path, arena_of(checking)));
}

static void
check_host(struct checking *checking, size_t i)
{
	const struct fiaas_ingress *ingress = &checking->spec.ingresses[i];
	const char *host = json_string_value(ingress->host);
	const struct yaml_node *node = check_at(checking, "ingress[%zu].host", i);
	if (host && *host && !strchr(host, '$') && !strchr(host, '{') && !check_is_host(host))
		check_error(checking, RULE_BAD_HOST, node, strstr(host, "://") ? "write the host name alone" : NULL,
		            "\"%s\" is no host name: lower case labels of a-z, 0-9 and -", host);
	if (host && strlen(host) > COMMON_NAME_MAX && checking->spec.tls == FIAAS_TLS_ON && ingress->annotations)
		check_note(checking, RULE_LONG_HOST, node, NULL,
		           "a certificate's common name ends at 64 characters; only the default Ingress gets a short "
		           "host for it");
}

static void
check_annotated(struct checking *checking, size_t i)
{
	const struct fiaas_ingress *ingress = &checking->spec.ingresses[i];
	if (!ingress->annotations)
		return;
	if (!python_is_true(ingress->host))
		check_warn(checking, RULE_ANNOTATED_WITHOUT_HOST, check_at(checking, "ingress[%zu]", i), "give it a host",
		           "an item with annotations and without host vanishes: paths and annotations are dropped");
	if (json_object_get(ingress->annotations, "fiaas/expose"))
		check_warn(checking, RULE_MANAGED_ANNOTATION, check_at(checking, "ingress[%zu].annotations.fiaas/expose", i),
		           "remove it", "the operator sets fiaas/expose itself, as a text and for the object as a whole");
}

/* The default hosts: which paths get there. */
static void
check_default_hosts(struct checking *checking)
{
	const struct fiaas_spec *spec = &checking->spec;
	bool has_suffix = checking->check->options->ingress_suffix.count > 0, has_own_host = false, has_plain = false;
	for (size_t i = 0; i < spec->n_ingresses; i++) {
		bool is_plain = !spec->ingresses[i].annotations, has_host = python_is_true(spec->ingresses[i].host);
		has_plain |= is_plain;
		has_own_host |= is_plain && has_host;
		if (is_plain && has_host)
			check_note(checking, RULE_DEFAULT_HOSTS_TOO, check_at(checking, "ingress[%zu]", i), NULL,
			           "these paths are served on the cluster's default hosts too");
	}
	bool is_written = check_is_written(checking, "ingress");
	if (is_written && spec->n_ingresses && !has_own_host && !has_suffix && checking->check->knows_cluster)
		check_warn(checking, RULE_NO_INGRESS, check_at(checking, "ingress"), "give an item without annotations a host",
		           "no Ingress is made: the cluster has no default hosts, and no item without annotations has a "
		           "host");
	json_t *http = json_string("http");
	if (spec->n_ingresses && !has_plain && !has_port_named(spec, http))
		check_error(checking, RULE_NO_HTTP_PORT, check_at(checking, "ingress"),
		            "name a port http, or add an item without annotations",
		            "Cannot find http port mapping in application spec");
	json_decref(http);
}

static void
check_ingress(struct checking *checking)
{
	const struct fiaas_spec *spec = &checking->spec;
	const char *path = checking->is_v2 ? "host" : "ingress";
	bool has_http = false;
	for (size_t i = 0; i < spec->n_ports; i++)
		has_http |= spec->ports[i].protocol == FIAAS_PROTOCOL_HTTP;
	if (!has_http && check_is_written(checking, path))
		check_warn(checking, RULE_INGRESS_DROPPED, check_at(checking, "%s", path), NULL,
		           "without an http port the whole section is dropped, unread");
	if (checking->is_v2)
		return;
	for (size_t i = 0; i < spec->n_ingresses; i++) {
		check_host(checking, i);
		check_annotated(checking, i);
		check_same_routes(checking, i);
	}
	check_default_hosts(checking);
}

void
check_traffic(struct checking *checking)
{
	for (size_t i = 0; i < checking->spec.n_ports; i++) {
		check_protocol(checking, i);
		check_port_name(checking, i);
		check_same_ports(checking, i);
		check_tcp_range(checking, i);
	}
	check_probes(checking);
	check_prometheus(checking);
	check_ingress(checking);
}
